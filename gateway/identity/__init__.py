"""Who asks: tokens bound to certificates, the registry, papers, cut-offs.

Read :mod:`gateway.identity.authenticator` first.
"""

from gateway.identity.agencies import AgenciesFile, RegistryWords, read_agencies
from gateway.identity.asked import Asked, AskedBefore, AskedRow
from gateway.identity.authenticator import Authenticator
from gateway.identity.binding import (
    ClientAuthorities,
    PeerCertificate,
    peer_certificate,
    server_ssl_context,
)
from gateway.identity.cutoff import CutOff, CutOffs, CutOffStore, Reach
from gateway.identity.instruments import (
    InstrumentsFile,
    PaperState,
    PaperWords,
    read_face,
    read_instruments,
)
from gateway.identity.issuers import IssuerRules, issuer_rules
from gateway.identity.keys import IssuerHealth, Keys
from gateway.identity.limits import Limits
from gateway.identity.papers import (
    PaperAsk,
    PaperConfirmation,
    PaperEntries,
    PaperFile,
    PaperRecord,
    Papers,
    Presented,
    paper_facts,
    subject_digest,
)
from gateway.identity.persons import parts_of
from gateway.identity.reasons import Reason
from gateway.identity.registry import AgencyRegistry, Registry
from gateway.identity.requester import (
    REASKED,
    UNREGISTERED,
    ActingUnder,
    Agreement,
    Registration,
    Requester,
    facts_of,
    person_digest,
)
from gateway.identity.systems import ClientRules
from gateway.identity.verifier import Verifier, bearer_token

__all__ = [
    "REASKED",
    "UNREGISTERED",
    "ActingUnder",
    "AgenciesFile",
    "AgencyRegistry",
    "Agreement",
    "Asked",
    "AskedBefore",
    "AskedRow",
    "Authenticator",
    "ClientAuthorities",
    "ClientRules",
    "CutOff",
    "CutOffStore",
    "CutOffs",
    "InstrumentsFile",
    "IssuerHealth",
    "IssuerRules",
    "Keys",
    "Limits",
    "PaperAsk",
    "PaperConfirmation",
    "PaperEntries",
    "PaperFile",
    "PaperRecord",
    "PaperState",
    "PaperWords",
    "Papers",
    "PeerCertificate",
    "Presented",
    "Reach",
    "Reason",
    "Registration",
    "Registry",
    "RegistryWords",
    "Requester",
    "Verifier",
    "bearer_token",
    "facts_of",
    "issuer_rules",
    "paper_facts",
    "parts_of",
    "peer_certificate",
    "person_digest",
    "read_agencies",
    "read_face",
    "read_instruments",
    "server_ssl_context",
    "subject_digest",
]

"""The log and what its acts come to, opened together and kept in step.

One process at a time holds the log: the running gateway, or a command while none
runs. Both write acts through the same :class:`Registrar`.
"""

from gateway.entries import Basis
from gateway.ledger.changes import changed_names, require_files
from gateway.ledger.ended import Ended, EndedOtherwise, record_end
from gateway.ledger.opening import Ledger, log_keys, open_ledger
from gateway.ledger.place import log_place, log_source
from gateway.ledger.registrar import Registrar
from gateway.ledger.rotating import rotate_keys
from gateway.ledger.witnesses import trust_policy
from gateway.ledger.witnessing import Witnessing

__all__ = [
    "Basis",
    "Ended",
    "EndedOtherwise",
    "Ledger",
    "Registrar",
    "Witnessing",
    "changed_names",
    "log_keys",
    "log_place",
    "log_source",
    "open_ledger",
    "record_end",
    "require_files",
    "rotate_keys",
    "trust_policy",
]

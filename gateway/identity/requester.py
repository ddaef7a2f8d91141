"""Who asks, as a value: what later steps and the policy may know about it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.canonical import canonical, digest
from gateway.identity.claims import Claims

__all__ = [
    "REASKED",
    "UNREGISTERED",
    "ActingUnder",
    "Agreement",
    "Fact",
    "Registration",
    "Requester",
    "facts_of",
    "person_digest",
]

REASKED = "reasked_differently"
"""The fact that the same was asked with another purpose, recipient or channel."""

UNREGISTERED = "unregistered"
"""Agency, family and class of a genuine token that the registry cannot place."""

Fact = str | bool | int
"""A value of the small language that a request fact may have."""


class ActingUnder(StrEnum):
    """Whose powers the person uses."""

    OWN = "own"
    FEDERAL_287G = "federal_287g"
    TASK_FORCE = "task_force"


class Agreement(StrEnum):
    """State of an agreement or certification now."""

    NONE = "none"
    IN_FORCE = "in_force"
    EXPIRED = "expired"


class Registration(StrEnum):
    """Whether the registry could place the requester, or why not."""

    REGISTERED = "registered"
    CLIENT_UNKNOWN = "client_unknown"
    COMPONENT_UNKNOWN = "component_unknown"
    ORI_MISMATCH = "ori_mismatch"
    ASSIGNMENT_UNKNOWN = "assignment_unknown"
    ASSIGNMENT_EXPIRED = "assignment_expired"
    ASSIGNMENT_AMBIGUOUS = "assignment_ambiguous"


@dataclass(frozen=True, kw_only=True, slots=True)
class Requester:
    """The agency, system and person who ask, resolved at one moment.

    ``agency_id`` is the agency whose system asks (the employer), ``assigned_to`` the
    agency it acts for under an assignment, or "". ``family`` is the family of the
    resolved class, ``home_family`` the employer's: limits and cut-offs look at both.
    ``person`` is a digest of issuer and subject, never a name, and "" when no person
    is named. ``facts`` are what the registry states besides. ``ial`` and ``aal`` are 0
    when not known. ``claims`` and ``certificate_sha256`` are what it was resolved from.
    """

    agency_id: str
    assigned_to: str
    family: str
    home_family: str
    requester_class: str
    component: str
    employer_ori: str
    assignment_ori: str
    acting_under: ActingUnder
    person: str
    ial: int
    aal: int
    agreement: Agreement
    certifications: Mapping[str, Agreement] = field(hash=False)
    facts: Mapping[str, bool] = field(hash=False)
    registration: Registration
    client_id: str
    issuer: str
    certificate_sha256: str
    claims: Claims = field(hash=False, repr=False)

    @property
    def person_named(self) -> bool:
        """Whether a person answers for the request, not only a system."""
        return bool(self.person)

    @property
    def system(self) -> tuple[str, str]:
        """The system that asks, for limits; those nobody registered are one."""
        if self.agency_id == UNREGISTERED:
            return UNREGISTERED, ""
        return self.issuer, self.client_id

    @property
    def families(self) -> frozenset[str]:
        """Every family whose limits and cut-offs apply."""
        return frozenset({self.family, self.home_family})

    @property
    def agencies(self) -> frozenset[str]:
        """Every agency whose cut-offs apply."""
        return frozenset({self.agency_id, self.assigned_to} - {""})


def person_digest(issuer: str, subject: str) -> str:
    """Return the hex digest that stands for a person: SHA-256 of issuer and subject."""
    return digest(canonical(["sallyport/person/1", issuer, subject]))


def facts_of(
    requester: Requester,
    known: Collection[str] | None = None,
    *,
    reasked: bool = False,
) -> dict[str, Fact]:
    """Return the request facts that policy sees about a requester.

    What is not known is left out, which policy reads as unknown. ``known`` is the
    vocabulary's list of facts; a fact it does not have is left out, since no rule can
    ask for it. ``reasked`` says that the same was asked in another way before. No id,
    ORI or digest is a fact.
    """
    attributes = requester.claims.attributes
    facts: dict[str, Fact] = {
        **requester.facts,
        "acting_under": requester.acting_under.value,
        "agreement": requester.agreement.value,
        "person_named": requester.person_named,
        "registration": requester.registration.value,
        **{
            f"certification.{code}": state.value
            for code, state in requester.certifications.items()
        },
        **{f"person_{word}": value for word, value in attributes.items()},
    }
    levels = {"ial": requester.ial, "aal": requester.aal}
    facts |= {name: level for name, level in levels.items() if level}
    if reasked:
        facts[REASKED] = True
    if known is None:
        return facts
    return {name: value for name, value in facts.items() if name in known}

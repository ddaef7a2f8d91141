"""From claims to a requester: the registry decides, the token only points.

A token that is genuine but cannot be placed is not an error: it resolves to
:data:`~gateway.identity.requester.UNREGISTERED`, which no rule permits, and says why.
Two ORIs are looked at. The employer's must belong to the system that asks; the
assignment's decides as whom the person acts, so a deputy assigned to a federal agency
asks as what the assignment says, and naming no assignment does not undo one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from gateway.identity.agencies import AgenciesFile, Assignment
from gateway.identity.claims import Claims
from gateway.identity.periods import Period, combined, period
from gateway.identity.requester import (
    UNREGISTERED,
    ActingUnder,
    Agreement,
    Registration,
    Requester,
)
from gateway.identity.systems import ClientRules, System, systems_of

__all__ = ["AgencyRegistry", "Registry"]

MOST_KEPT = 4096
"""Most requesters remembered."""


class Registry(Protocol):
    """Places requesters. Answers from memory: nothing here waits or fails."""

    @property
    def agencies(self) -> Collection[str]:
        """The agencies there are, by id."""

    def client(self, issuer: str, client_id: str) -> ClientRules | None:
        """Return the rules of a system, or None for one that is not registered."""

    def resolve(
        self, claims: Claims, certificate_sha256: str, now_ms: int
    ) -> Requester:
        """Return who asks at this moment; never raises for what a token may say."""


class _Proved(NamedTuple):
    """What a request proved: claims, the certificate they are bound to, the person."""

    claims: Claims
    certificate_sha256: str
    person: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Assignment:
    """An assignment with its period."""

    entry: Assignment
    period: Period


class AgencyRegistry:
    """The registry of one ``agencies.yaml``; immutable, replaced whole.

    Days are days of ``zone``; ``families`` maps requester classes to families.
    """

    def __init__(
        self, file: AgenciesFile, *, zone: ZoneInfo, families: Mapping[str, str]
    ) -> None:
        """Prepare every look-up."""
        self._file = file
        self._families = families
        self._systems = systems_of(file, zone)
        self._assignments = [
            _Assignment(entry=item, period=period(item.start, item.until, zone))
            for item in file.assignments
        ]
        self._moments = self._boundaries()
        self._placed: dict[tuple[Claims, str], tuple[int, Requester]] = {}

    @property
    def agencies(self) -> Collection[str]:
        """The agencies there are, by id."""
        return self._file.agencies.keys()

    def client(self, issuer: str, client_id: str) -> ClientRules | None:
        """Return the rules of a system, or None for one that is not registered."""
        found = self._systems.get((issuer, client_id))
        return None if found is None else found.rules

    def resolve(
        self, claims: Claims, certificate_sha256: str, now_ms: int
    ) -> Requester:
        """Return who asks at this moment.

        Between two moments at which something begins or ends, the same claims come to
        the same requester: it is made once.
        """
        since = bisect_right(self._moments, now_ms)
        kept = self._placed.get((claims, certificate_sha256))
        if kept is not None and kept[0] == since:
            return kept[1]
        requester = self._resolved(claims, certificate_sha256, now_ms)
        if len(self._placed) >= MOST_KEPT:
            self._placed.clear()
        self._placed[claims, certificate_sha256] = since, requester
        return requester

    def _resolved(
        self, claims: Claims, certificate_sha256: str, now_ms: int
    ) -> Requester:
        system = self._systems.get((claims.issuer, claims.client_id))
        if system is None:
            nobody = _Proved(claims, certificate_sha256, "")
            return _unplaced(nobody, Registration.CLIENT_UNKNOWN)
        person = system.person(claims)
        proved = _Proved(claims, certificate_sha256, person)
        part = system.component(claims.employer_ori)
        if isinstance(part, Registration):
            return _unplaced(proved, part)
        assignment = self._assignment(system, person, claims.assignment_ori, now_ms)
        if isinstance(assignment, Registration):
            return _unplaced(proved, assignment)
        return self._place(proved, system, part, assignment, now_ms)

    def _place(
        self,
        proved: _Proved,
        system: System,
        part: str,
        assignment: Assignment | None,
        now_ms: int,
    ) -> Requester:
        """Return the requester acting for its own agency, or for the one assigned."""
        claims, agency = proved.claims, system.agency
        if assignment is None:
            acts_for, requester_class = agency, agency.components[part].requester_class
            acting_under = ActingUnder.OWN
            facts = agency.components[part].facts
        else:
            acts_for = self._file.agencies[assignment.to]
            requester_class = assignment.requester_class
            acting_under = ActingUnder(assignment.acting_under)
            facts = assignment.facts
        return Requester(
            agency_id=system.agency_id,
            assigned_to="" if assignment is None else assignment.to,
            family=self._families.get(requester_class, acts_for.family),
            home_family=agency.family,
            requester_class=requester_class,
            component=part,
            employer_ori=claims.employer_ori,
            assignment_ori=assignment.ori if assignment else claims.assignment_ori,
            acting_under=acting_under,
            person=proved.person,
            ial=claims.ial,
            aal=claims.aal,
            agreement=_state(system.agreements[part], now_ms),
            certifications={
                code: _state(periods, now_ms)
                for code, periods in system.certifications[part].items()
            },
            facts=facts,
            registration=Registration.REGISTERED,
            client_id=claims.client_id,
            issuer=claims.issuer,
            certificate_sha256=proved.certificate_sha256,
            claims=claims,
        )

    def _boundaries(self) -> list[int]:
        """Return every moment at which something begins or ends, in order."""
        periods = [item.period for item in self._assignments]
        for system in self._systems.values():
            periods += [p for found in system.agreements.values() for p in found]
            for certified in system.certifications.values():
                periods += [p for found in certified.values() for p in found]
        moments = {moment for p in periods for moment in (p.start_ms, p.end_ms)}
        return sorted(moment for moment in moments if moment is not None)

    def _assignment(
        self, system: System, person: str, claimed: str, now_ms: int
    ) -> Assignment | Registration | None:
        """Return the assignment under which the person acts, if any.

        Somebody listed is assigned whatever the token says: leaving the ORI out is
        no way round the law of the agency one works for.
        """
        of_agency = [
            item
            for item in self._assignments
            if item.entry.agency == system.agency_id
            and (not item.entry.people or person in item.entry.people)
        ]
        if claimed and not system.owns(claimed):
            named = [item for item in of_agency if item.entry.ori == claimed]
            if not named:
                return Registration.ASSIGNMENT_UNKNOWN
            found = _in_force(named, now_ms)
            if not found:
                return Registration.ASSIGNMENT_EXPIRED
        else:
            listed = [item for item in of_agency if item.entry.people]
            found = _in_force(listed, now_ms)
        if len(found) > 1:
            return Registration.ASSIGNMENT_AMBIGUOUS
        return found[0] if found else None


def _in_force(assignments: Sequence[_Assignment], now_ms: int) -> list[Assignment]:
    """Return those in force at a moment."""
    return [
        item.entry
        for item in assignments
        if item.period.state(now_ms) is Agreement.IN_FORCE
    ]


def _state(periods: Sequence[Period], now_ms: int) -> Agreement:
    """Return the state of several papers of one kind at a moment."""
    return combined([item.state(now_ms) for item in periods])


def _unplaced(proved: _Proved, registration: Registration) -> Requester:
    """Return the requester as the token alone tells it, and why it is nobody."""
    claims = proved.claims
    return Requester(
        agency_id=UNREGISTERED,
        assigned_to="",
        family=UNREGISTERED,
        home_family=UNREGISTERED,
        requester_class=UNREGISTERED,
        component="",
        employer_ori=claims.employer_ori,
        assignment_ori=claims.assignment_ori,
        acting_under=ActingUnder.OWN,
        person=proved.person,
        ial=claims.ial,
        aal=claims.aal,
        agreement=Agreement.NONE,
        certifications={},
        facts={},
        registration=registration,
        client_id=claims.client_id,
        issuer=claims.issuer,
        certificate_sha256=proved.certificate_sha256,
        claims=claims,
    )

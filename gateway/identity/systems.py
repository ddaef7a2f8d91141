"""The systems that may ask, each with everything its requests need, prepared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from gateway.identity.agencies import AgenciesFile, Agency, Client
from gateway.identity.claims import Claims
from gateway.identity.periods import Period, period
from gateway.identity.requester import Registration, person_digest

__all__ = ["ClientRules", "System", "systems_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ClientRules:
    """What a certificate must satisfy to speak for a system."""

    client_ca: str
    revoked_certificates: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class System:
    """A system of an agency.

    ``agreements`` are periods by component, ``certifications`` by component and code.
    """

    agency_id: str
    agency: Agency
    client: Client
    rules: ClientRules
    agreements: Mapping[str, Sequence[Period]]
    certifications: Mapping[str, Mapping[str, Sequence[Period]]]

    def component(self, employer_ori: str) -> str | Registration:
        """Return the component that asks: the system's, confirmed by the ORI."""
        parts = self.agency.components
        if employer_ori:
            named = [
                name for name, entry in parts.items() if employer_ori in entry.oris
            ]
            if not named or self.client.component not in (None, named[0]):
                return Registration.ORI_MISMATCH
            return named[0]
        if self.client.component is not None:
            return self.client.component
        return next(iter(parts)) if len(parts) == 1 else Registration.COMPONENT_UNKNOWN

    def person(self, claims: Claims) -> str:
        """Return the digest of the person, or "" when only a system is named.

        RFC 9068 section 2.2: without a resource owner ``sub`` is the client itself.
        """
        machines = {claims.client_id, *self.client.service_subjects}
        if self.client.people == "none" or claims.subject in machines:
            return ""
        return person_digest(claims.issuer, claims.subject)

    def owns(self, ori: str) -> bool:
        """Whether an ORI is one of the agency's own."""
        return any(ori in entry.oris for entry in self.agency.components.values())


def systems_of(file: AgenciesFile, zone: ZoneInfo) -> dict[tuple[str, str], System]:
    """Return each system by issuer and client id; days are days of the zone."""
    return {
        (client.issuer, client.client_id): _system(agency_id, agency, client, zone)
        for agency_id, agency in file.agencies.items()
        for client in agency.clients
    }


def _system(agency_id: str, agency: Agency, client: Client, zone: ZoneInfo) -> System:
    """Prepare one system."""
    return System(
        agency_id=agency_id,
        agency=agency,
        client=client,
        rules=ClientRules(
            client_ca=agency.client_ca,
            revoked_certificates=frozenset(agency.revoked_certificates),
        ),
        agreements={
            part: _agreements(agency, part, zone) for part in agency.components
        },
        certifications={
            part: _certifications(agency, part, zone) for part in agency.components
        },
    )


def _agreements(agency: Agency, part: str, zone: ZoneInfo) -> list[Period]:
    """Return the periods of the agreements that cover a component."""
    return [
        period(entry.start, entry.until, zone)
        for entry in agency.agreements
        if not entry.components or part in entry.components
    ]


def _certifications(
    agency: Agency, part: str, zone: ZoneInfo
) -> dict[str, list[Period]]:
    """Return the periods of each certification that covers a component."""
    periods: dict[str, list[Period]] = {}
    for entry in agency.certifications:
        if not entry.components or part in entry.components:
            found = period(entry.start, entry.until, zone)
            periods.setdefault(entry.code, []).append(found)
    return periods

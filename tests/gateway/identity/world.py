"""A small world of issuers and agencies, and the parts that stand in it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from gateway.identity import (
    AgencyRegistry,
    Authenticator,
    ClientAuthorities,
    IssuerRules,
    Keys,
    RegistryWords,
    Verifier,
    read_agencies,
)
from tests.gateway.identity.signing import AgencyCA, SigningKey, compact, thumbprint

__all__ = [
    "AGENCIES",
    "AUDIENCE",
    "CHICAGO",
    "FAMILIES",
    "ISSUER",
    "NOW_MS",
    "FixedClock",
    "World",
    "until",
]

ISSUER = "https://issuer.example"
AUDIENCE = "https://gateway.example"
NOW_MS = 1_790_000_000_000
"""2026-09-21T13:33:20Z."""

CHICAGO = ZoneInfo("America/Chicago")

FAMILIES = {
    "ice_ero": "dhs_immigration",
    "ice_hsi": "dhs_immigration",
    "local_le_287g_jem": "dhs_immigration",
    "joint_task_force": "federal_justice",
    "fbi": "federal_justice",
    "local_le": "state_local",
    "commercial_broker": "private",
    "unregistered": "unregistered",
}

AGENCIES = """
schema: sallyport.agencies/1
agencies:
  ice:
    title: Sample immigration agency
    family: dhs_immigration
    client_ca: ice
    components:
      ero: {title: Removal, class: ice_ero, oris: [DCICE00E0]}
      hsi: {title: Investigations, class: ice_hsi, oris: [DCICE00H0]}
    clients:
      - {issuer: "https://issuer.example", client_id: ice-ero-system, component: ero}
      - {issuer: "https://issuer.example", client_id: ice-any-system}
    agreements:
      - {id: ended, components: [hsi], from: 2024-01-01, until: 2026-01-01}
  sheriff:
    title: Sample County Sheriff
    family: state_local
    client_ca: sheriff
    components:
      office: {title: Office, class: local_le, oris: [IL0990000]}
    clients:
      - issuer: "https://issuer.example"
        client_id: sheriff-system
        service_subjects: [nightly-batch]
      - {issuer: "https://issuer.example", client_id: sheriff-batch, people: none}
    agreements:
      - {id: mou, from: 2026-01-01, until: 2027-01-01}
    certifications:
      - {code: part23, from: 2026-01-01}
      - {code: dmv_access, from: 2024-01-01, until: 2025-01-01}
      - {code: no_immigration_use, from: 2027-01-01}
assignments:
  - id: task-force
    agency: sheriff
    to: ice
    ori: DCFBI00T0
    class: joint_task_force
    acting_under: task_force
    from: 2026-01-01
    until: 2027-01-01
"""


async def until(true: Callable[[], bool]) -> None:
    """Wait until something is so, at most twenty seconds."""
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - what is waited for sets no event
            await asyncio.sleep(0.01)


@dataclass(kw_only=True)
class FixedClock:
    """A clock that moves when told."""

    ms: int = NOW_MS
    seconds: float = 1000.0

    def now_ms(self) -> int:
        """Wall clock in milliseconds."""
        return self.ms

    def monotonic(self) -> float:
        """Seconds from a fixed point."""
        return self.seconds

    def pass_s(self, seconds: float) -> None:
        """Let time pass on both."""
        self.ms += int(seconds * 1000)
        self.seconds += seconds


@dataclass(kw_only=True)
class World:
    """Everything that stands round one authenticator."""

    folder: Path
    clock: FixedClock = field(default_factory=FixedClock)
    key: SigningKey = field(default_factory=lambda: SigningKey.es256("key-1"))
    ice: AgencyCA = field(default_factory=lambda: AgencyCA.new("ice"))
    sheriff: AgencyCA = field(default_factory=lambda: AgencyCA.new("sheriff"))

    def __post_init__(self) -> None:
        """Write the files that the parts read, and read what blocks."""
        self.publish(self.key)
        self.cas = {}
        for name, agency in (("ice", self.ice), ("sheriff", self.sheriff)):
            self.cas[name] = self.folder / f"{name}.pem"
            agency.ca.cert_pem.write_to_path(str(self.cas[name]))
        self.authorities = ClientAuthorities(self.cas)
        self.agencies = self.registry()

    @property
    def jwks(self) -> Path:
        """Where the issuer's keys are."""
        return self.folder / "jwks.json"

    def publish(self, *keys: SigningKey, **more: object) -> None:
        """Write these keys as the issuer's."""
        jwks = [key.jwk | more for key in keys]
        self.jwks.write_text(json.dumps({"keys": jwks}))

    def rules(self, **changes: Any) -> IssuerRules:  # noqa: ANN401 - fields of any type
        """The issuer's rules."""
        return IssuerRules(
            **{
                "issuer": ISSUER,
                "audience": AUDIENCE,
                "jwks_file": self.jwks,
                **changes,
            }
        )

    def keys(self, *rules: IssuerRules) -> Keys:
        """The keys of these issuers, or of the one."""
        return Keys(issuers=rules or [self.rules()], clock=self.clock)

    @asynccontextmanager
    async def kept(self, keys: Keys | None = None) -> AsyncIterator[Keys]:
        """Keys for the length of a test, in a group of their own."""
        async with (
            asyncio.TaskGroup() as group,
            (keys or self.keys()).refreshing(group) as kept,
        ):
            yield kept

    def registry(self, text: str = AGENCIES) -> AgencyRegistry:
        """The registry of this text."""
        path = self.folder / "agencies.yaml"
        path.write_text(text)
        file = read_agencies(path, RegistryWords(classes=FAMILIES))
        return AgencyRegistry(file, zone=CHICAGO, families=FAMILIES)

    def authenticator(self, keys: Keys) -> Authenticator:
        """The authenticator of this world."""
        return Authenticator(
            verifier=Verifier(keys=keys, clock=self.clock),
            authorities=self.authorities,
            registry=self.agencies,
            clock=self.clock,
        )

    def claims(self, **changes: object) -> dict[str, Any]:
        """The claims of a good token; a change to ``...`` leaves a claim out."""
        now = self.clock.ms // 1000
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "person-17",
            "client_id": "ice-ero-system",
            "jti": "token-1",
            "iat": now,
            "exp": now + 600,
            "employer_ori": "DCICE00E0",
            "cnf": {"x5t#S256": thumbprint(self.ice.der)},
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not ...}

    def header(self, **changes: object) -> dict[str, Any]:
        """The header of a good token; a change to ``...`` leaves a member out."""
        header = {
            "typ": "at+jwt",
            "alg": self.key.algorithm,
            "kid": "key-1",
            **changes,
        }
        return {name: value for name, value in header.items() if value is not ...}

    def token(self, key: SigningKey | None = None, /, **changes: object) -> str:
        """A good token with these claims changed."""
        sign = (key or self.key).sign
        return compact(self.header(), self.claims(**changes), sign)

"""Systems: which component asks, who is a person, and what covers the component."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.identity import Registration, RegistryWords, read_agencies
from gateway.identity.systems import System, systems_of
from tests.gateway.identity.placed import claims
from tests.gateway.identity.world import AGENCIES, CHICAGO, ISSUER

SHARED = """
      - {id: all, from: 2025-01-01}
      - {id: both, components: [ero, hsi], from: 2026-01-01}
    certifications:
      - {code: part23, components: [ero], from: 2026-01-01}
      - {code: part23, from: 2020-01-01, until: 2021-01-01}
    revoked_certificates: [REVOKED]
"""


@pytest.fixture(scope="module")
def systems(tmp_path_factory: pytest.TempPathFactory) -> dict[str, System]:
    """Every system by its client id."""
    path: Path = tmp_path_factory.mktemp("systems") / "agencies.yaml"
    ended = "\n      - {id: ended, components: [hsi], from: 2024-01-01"
    more = SHARED.rstrip().replace("REVOKED", '"' + "ab" * 32 + '"')
    path.write_text(
        AGENCIES.replace(
            f"{ended}, until: 2026-01-01}}",
            f"{ended}, until: 2026-01-01}}{more}",
        )
    )
    file = read_agencies(path, RegistryWords())
    found = systems_of(file, CHICAGO)
    return {client_id: system for (_, client_id), system in found.items()}


def test_every_system_is_there_once(systems: dict[str, System]) -> None:
    """One entry a client, with its agency's authority and revocations."""
    assert {
        "ice-ero-system",
        "ice-any-system",
        "sheriff-system",
        "sheriff-batch",
    } == set(systems)
    assert systems["ice-any-system"].rules.client_ca == "ice"
    assert systems["ice-any-system"].rules.revoked_certificates == {"ab" * 32}
    assert systems["sheriff-batch"].rules.revoked_certificates == frozenset()


def test_papers_cover_their_components(systems: dict[str, System]) -> None:
    """A paper with components covers those; one without covers all."""
    agreements = systems["ice-ero-system"].agreements
    certifications = systems["ice-ero-system"].certifications

    assert (len(agreements["ero"]), len(agreements["hsi"])) == (2, 3)
    assert tuple(len(certifications[part]["part23"]) for part in ("ero", "hsi")) == (
        2,
        1,
    )


@pytest.mark.parametrize(
    ("client_id", "ori", "component"),
    [
        ("ice-ero-system", "DCICE00E0", "ero"),
        ("ice-ero-system", "", "ero"),
        ("ice-ero-system", "DCICE00H0", Registration.ORI_MISMATCH),
        ("ice-any-system", "DCICE00H0", "hsi"),
        ("ice-any-system", "", Registration.COMPONENT_UNKNOWN),
        ("sheriff-system", "", "office"),
        ("sheriff-system", "DCICE00E0", Registration.ORI_MISMATCH),
    ],
)
def test_the_component_that_asks(
    systems: dict[str, System], client_id: str, ori: str, component: str
) -> None:
    """The system's own, one of its agency's by ORI, the only one, or a word."""
    assert component == systems[client_id].component(ori)


def test_who_is_a_person(systems: dict[str, System]) -> None:
    """A subject that is no machine, where the system names people at all."""
    system, batch = systems["sheriff-system"], systems["sheriff-batch"]

    def person(of: System, subject: str, client_id: str = "sheriff-system") -> bool:
        return bool(of.person(claims(subject=subject, client_id=client_id)))

    assert person(system, "deputy-1")
    assert not person(system, "sheriff-system")
    assert not person(system, "nightly-batch")
    assert not person(batch, "deputy-1", "sheriff-batch")
    assert claims().issuer == ISSUER


def test_an_agencys_own_oris(systems: dict[str, System]) -> None:
    """Any component's ORI is the agency's own; another agency's is not."""
    assert systems["ice-ero-system"].owns("DCICE00H0")
    assert not systems["ice-ero-system"].owns("IL0990000")

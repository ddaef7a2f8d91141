"""`agencies.yaml`: every mistake at once, with its place and what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import InvalidFile
from gateway.identity import RegistryWords, read_agencies
from gateway.identity.claims import MAX_CLIENT_ID
from tests.gateway.identity.world import AGENCIES, FAMILIES, ISSUER

WORDS = RegistryWords(
    classes=FAMILIES,
    certifications={"part23", "dmv_access", "no_immigration_use"},
    facts={"database_user"},
    issuers={ISSUER},
    client_cas={"ice", "sheriff"},
)


def mistakes(folder: Path, text: str, words: RegistryWords = WORDS) -> list[str]:
    """What is wrong with a text: `place: problem; advice`."""
    path = folder / "agencies.yaml"
    path.write_text(text)
    try:
        read_agencies(path, words)
    except InvalidFile as error:
        return [str(item).removeprefix(f"{path}:") for item in error.mistakes]
    return []


def test_a_good_file_is_read(tmp_path: Path) -> None:
    """The control: words that other files define, and references that hold."""
    assert mistakes(tmp_path, AGENCIES) == []


SECOND = """id: task-force
    agency: sheriff
    to: ice
    ori: DCFBI00T1
    class: fbi
    acting_under: task_force
    from: 2026-01-01"""
CHANGES: dict[str, tuple[str, str, list[str]]] = {
    "a client's name that no state holds": (
        "client_id: ice-any",
        f"client_id: {'i' * (MAX_CLIENT_ID + 1)}",
        ["agencies.ice.clients.1.client_id: String should have at most 255 char"],
    ),
    "unknown key": (
        "    client_ca: ice\n",
        "    client_cas: ice\n",
        ["agencies.ice.client_ca: Field required", "did you mean client_ca?"],
    ),
    "unknown class": (
        "class: ice_ero",
        "class: ice_eros",
        ["agencies.ice.components.ero.class: no such requester class", "ice_ero?"],
    ),
    "unknown family": (
        "family: state_local",
        "family: local",
        ["agencies.sheriff.family: no such family: local"],
    ),
    "unknown authority": (
        "client_ca: sheriff",
        "client_ca: sherif",
        ["agencies.sheriff.client_ca: no such client CA", "did you mean sheriff?"],
    ),
    "unknown issuer": (
        'issuer: "https://issuer.example", client_id: ice-any',
        'issuer: "https://isuer.example", client_id: ice-any',
        ["agencies.ice.clients.1.issuer: no such issuer", "issuer.example?"],
    ),
    "unknown certification": (
        "code: part23",
        "code: part-23",
        [
            "agencies.sheriff.certifications.0.code: no such cert",
            "did you mean part23?",
        ],
    ),
    "unknown component": (
        "client_id: ice-ero-system, component: ero",
        "client_id: ice-ero-system, component: eor",
        ["agencies.ice.clients.0.component: no such component: eor", "mean ero?"],
    ),
    "component of a paper": (
        "components: [hsi], from",
        "components: [his], from",
        ["agencies.ice.agreements.0.components: no such component"],
    ),
    "class of an assignment": (
        "class: joint_task_force",
        "class: joint_force",
        ["assignments.0.class: no such requester class", "joint_task_force?"],
    ),
    "agency of an assignment": (
        "agency: sheriff",
        "agency: sherif",
        ["assignments.0.agency: no such agency", "did you mean sheriff?"],
    ),
    "ends before it begins": (
        "id: mou, from: 2026-01-01, until: 2027-01-01",
        "id: mou, from: 2026-01-01, until: 2026-01-01",
        ["agencies.sheriff.agreements.0.until: is not after from"],
    ),
    "a system twice": (
        "client_id: sheriff-batch",
        "client_id: ice-ero-system",
        ["agencies.sheriff.clients: client https://issuer.example ice-ero-system"],
    ),
    "an ORI twice": (
        "oris: [IL0990000]",
        "oris: [DCICE00E0]",
        ["agencies.sheriff.components.office.oris: ORI DCICE00E0 is already at"],
    ),
    "an odd ORI": (
        "oris: [IL0990000]",
        "oris: [IL099]",
        ["office.oris.0: is to be an ORI: 2 capitals"],
    ),
    "no component": (
        "      office: {title: Office, class: local_le, oris: [IL0990000]}",
        "      {}",
        ["agencies.sheriff.components: an agency needs a component"],
    ),
    "the name of nobody": (
        "  sheriff:\n",
        "  unregistered:\n",
        ["agencies.unregistered: this name means", "assignments.0.agency: no such"],
    ),
    "a day that is none": ("until: 2026-01-01}", "until: never}", ["must be a day"]),
    "a fact that is not the registry's": (
        "class: local_le, oris",
        "class: local_le, facts: {database_users: true}, oris",
        [
            "agencies.sheriff.components.office.facts: no such fact of the registry",
            "did you mean database_user?",
        ],
    ),
    "a fact of an assignment": (
        "    until: 2027-01-01\n",
        "    until: 2027-01-01\n    facts: {agreement: true}\n",
        ["assignments.0.facts: no such fact of the registry: agreement"],
    ),
    "a deputy of another family": (
        "class: joint_task_force\n    acting_under: task_force",
        "class: local_le\n    acting_under: federal_287g",
        ["class: local_le is not of the family dhs_immigration; ice delegates its"],
    ),
    "an assignment twice": (
        "  - id: task-force\n",
        f"  - {SECOND}\n  - id: task-force\n",
        ["assignments.1.id: assignment task-force is already at assignments.0.id"],
    ),
    "a person by name": (
        "    until: 2027-01-01\n",
        "    until: 2027-01-01\n    people: [Doe]\n",
        ["assignments.0.people.0: is to be a SHA-256: 64 digits of"],
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_each_mistake_is_named_with_its_place(tmp_path: Path, name: str) -> None:
    """The path in the file, what is wrong, and the nearest right word."""
    old, new, expected = CHANGES[name]
    assert AGENCIES.count(old) >= 1

    found = "\n".join(mistakes(tmp_path, AGENCIES.replace(old, new)))

    assert all(words in found for words in expected), found


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    """Three wrong words are three lines, not one after another."""
    text = AGENCIES
    for name in ("unknown class", "unknown authority", "ends before it begins"):
        old, new, _ = CHANGES[name]
        text = text.replace(old, new)

    assert len(mistakes(tmp_path, text)) == 3


def test_words_that_nobody_gave_are_not_compared(tmp_path: Path) -> None:
    """Without the other files only the file itself is checked."""
    old, new, _ = CHANGES["unknown class"]

    assert mistakes(tmp_path, AGENCIES.replace(old, new), RegistryWords()) == []

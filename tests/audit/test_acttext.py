"""Acts in plain sentences."""

from __future__ import annotations

from typing import Any

import pytest

from audit.acttext import listed, sentence
from audit.actwords import ACTS
from audit.signer import SeedSigner
from tests.audit.builders import PEOPLE, statement
from tests.audit.test_act import EVERY


@pytest.mark.parametrize("act", list(ACTS))
def test_each_act_has_a_sentence(act: str) -> None:
    """It says what the act is about, on one line."""
    given = EVERY[act]
    said = sentence(given)
    assert "\n" not in said
    about = {
        "genesis": "counsel-1",
        "activation": "catalogue, policy",
        "cutoff": "the family dhs_immigration",
        "cutoff-lift": "cut-off 1 is lifted",
        "paper": "issuer confirmed",
        "replay": "past questions since 2026-01-01 are put to the rules"
        " aaaaaaaaaaaa...",
        "roster": "clerk-1, counsel-1 and officer-1",
        "start": "under activation 3",
        "stop": "run 0",
        "key-rotation": "other keys",
        "close": "engines disagreed (closing 0)",
        "reopen": "closing 2",
    }
    assert about[act] in said


@pytest.mark.parametrize(
    ("scope", "name", "said"),
    [
        ("all", "-", "released to anybody ("),
        ("agency", "ice", "the agency ice"),
        ("dataset", "jail", "anybody from the dataset jail"),
    ],
)
def test_a_cut_off_says_whom(scope: str, name: str, said: str) -> None:
    """Each scope is a phrase."""
    assert said in sentence(statement("cutoff", scope=scope, name=name))


def test_an_activation_says_what_was_looked_at() -> None:
    """Whether anybody looked at the rules, and which of them no lawyer has signed."""
    said = sentence(EVERY["activation"])
    assert "the rules were looked at beforehand (111111111111...)" in said
    assert said.endswith("no lawyer has signed us-ca, us-federal")
    given: dict[str, Any] = {
        name: EVERY["activation"][name] for name in ("policy", "bundle", "manifest")
    }
    bare = sentence(statement("activation", **given, changes="first", witness="none"))
    assert bare.endswith("nobody looked at the rules beforehand")


def test_a_replay_of_everything() -> None:
    """Without a day it is everything that was kept."""
    assert sentence(statement("replay", policy="a" * 64, since="all")) == (
        "past questions are put to the rules aaaaaaaaaaaa..."
    )


def test_spare_keys_are_said() -> None:
    """A person with two keys is one person, and the keys are counted."""
    spare = SeedSigner(name="officer-1", kind=1, seed=b"\x31" * 32)
    given = statement("roster", people=[*PEOPLE.values(), spare])
    assert sentence(given).endswith("clerk-1, counsel-1 and officer-1 (4 keys)")


def test_names_are_listed_as_people_do() -> None:
    """One, two, three."""
    assert [listed(each) for each in (["a"], ["a", "b"], ["a", "b", "c"])] == [
        "a",
        "a and b",
        "a, b and c",
    ]

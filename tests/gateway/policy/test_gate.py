"""What has to be so before rules come into force, and that nothing less is taken."""

# ruff: noqa: ANN401 - documents made by hand hold values of any type

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import Mistake
from gateway.policy.gate import (
    FIRST_RULES,
    Gate,
    GateRefused,
    Replay,
    gate_of,
    read_gate,
)
from gateway.policy.lint.finding import Finding, found
from gateway.policy.lint.places import Places
from gateway.policy.pack import Pack, load_library
from tests.gateway.policy.small import library

POLICY, REPLAY = "a" * 64, Replay("b" * 64, "2 past answers: none.")


def packs(tmp_path: Path) -> list[Pack]:
    """Return a draft, and a pack that a lawyer has signed."""
    made = library(tmp_path, rules={"st": [], "tx": []})
    header = tmp_path / "packs/tx/pack.yaml"
    text = json.loads(header.read_text())
    text["verification"]["lawyer"] = "County counsel"
    header.write_text(json.dumps(text))
    again = library_again(tmp_path)
    assert made.packs.keys() == again.keys()
    return [again["st"], again["tx"]]


def library_again(root: Path) -> dict[str, Pack]:
    """Read the packs of a folder once more."""
    return dict(load_library(root).packs)


def finding(code: str) -> Finding:
    """Return a finding."""
    return found(Mistake(path="x.yaml:0", problem="odd", code=code), Places())


def gate(tmp_path: Path, **members: Any) -> Gate:
    """Return a gate that is open, but for what is said."""
    given = {
        "policy": POLICY,
        "packs": packs(tmp_path),
        "findings": [],
        "tried": {"C-1": ()},
        "proofs": ["never.x"],
        "unproved": "",
        "replay": REPLAY,
        **members,
    }
    return gate_of(**given)


def test_open(tmp_path: Path) -> None:
    """All is well: drafts and warnings are listed, and who signs accepts them."""
    made = gate(tmp_path, findings=[finding("expired"), finding("expired")])
    assert made.open
    assert made.document() == {
        "schema": "sallyport.gate/1",
        "policy": POLICY,
        "packs": ["st 0.1.0", "tx 0.1.0"],
        "cases": 1,
        "proofs": ["never.x"],
        "replay": "b" * 64,
        "past": "2 past answers: none.",
        "drafts": ["st"],
        "warnings": ["expired"],
        "refused": [],
    }
    assert read_gate(made.text, policy=POLICY) == made


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"findings": [finding("dates")]}, "lint: x.yaml:1: error: 0: odd [dates]"),
        ({"tried": {"C-1": ("expected x", "y"), "C-0": ()}}, "test: C-1: expected x"),
        ({"tried": {}}, "test: no case was run"),
        ({"unproved": "x is not proved"}, "proof: x is not proved"),
    ],
)
def test_shut(tmp_path: Path, members: dict[str, Any], said: str) -> None:
    """Each thing that is missing shuts it, and is said."""
    made = gate(tmp_path, **members)
    assert (made.open, made.refused) == (False, [said])
    with pytest.raises(GateRefused, match="it is shut"):
        read_gate(made.text, policy=POLICY)


def test_who_signs_is_told(tmp_path: Path) -> None:
    """All of it in lines; what is refused too, should somebody hand that round."""
    odd = gate(tmp_path, findings=[finding("expired")], tried={})
    assert [*odd.lines()] == [
        "packs: st 0.1.0, tx 0.1.0",
        "0 cases come to what they expect",
        "proved for every question: never.x",
        "2 past answers: none.",
        "no lawyer has signed: st",
        "lint warns of: expired",
        "refused: test: no case was run",
    ]
    calm = gate(tmp_path / "b", packs=packs(tmp_path / "b")[1:], proofs=[])
    assert [*calm.lines()][2:4] == [
        "proved for every question: nothing",
        "2 past answers: none.",
    ]


def test_everything_counts(tmp_path: Path) -> None:
    """Whatever differs gives another digest: an act for one is void for another."""
    others = [
        gate(tmp_path / "0"),
        gate(tmp_path / "1", policy="c" * 64),
        gate(tmp_path / "2", replay=Replay("c" * 64, REPLAY.said)),
        gate(tmp_path / "3", replay=FIRST_RULES),
        gate(tmp_path / "4", tried={"C-1": (), "C-2": ()}),
        gate(tmp_path / "5", findings=[finding("spelling")]),
        gate(tmp_path / "6", proofs=["never.y"]),
        gate(tmp_path / "7", packs=packs(tmp_path / "7")[1:]),
    ]
    assert len({made.digest for made in others}) == len(others)


def test_nothing_else_is_taken(tmp_path: Path) -> None:
    """Another form, another policy, more or fewer members: refused with the reason."""
    made = gate(tmp_path)
    with pytest.raises(GateRefused, match="of the rules aaaaaaaaaaaa"):
        read_gate(made.text, policy="d" * 64)
    with pytest.raises(GateRefused, match="only form"):
        read_gate(made.text + b"\n", policy=POLICY)
    with pytest.raises(GateRefused, match="it is no gate"):
        read_gate(b"{}", policy=POLICY)
    more = {**made.document(), "also": 1}
    with pytest.raises(GateRefused, match="it is no gate"):
        read_gate(json.dumps(more).encode(), policy=POLICY)

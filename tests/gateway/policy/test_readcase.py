"""A case is read with every mistake at once: what is wrong hides nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.errors import InvalidFile
from gateway.policy.pack import Library, load_library, read_library
from gateway.policy.readcase import case_mistakes, read_case, same_id
from tests.gateway.policy.small import case_text, rule, write


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Return a folder with two states and a county on one of them."""
    folder = write(
        tmp_path / "policies",
        rules={"st": [rule("st.a")], "tx": [rule("tx.a")]},
        overlay=[],
        overlay_header={"on": ["st"]},
    )
    return load_library(folder)


def wrong(library: Library, text: object) -> dict[str, str]:
    """Return what is wrong with a case by its place."""
    path = library.root / "c.yaml"
    path.write_text(text if isinstance(text, str) else json.dumps(text))
    _, mistakes = case_mistakes(path, library)
    return {
        m.path.removeprefix(f"{path}").removeprefix(":"): m.problem for m in mistakes
    }


def test_a_case_that_reads(library: Library) -> None:
    """Is returned as it is written."""
    path = library.root / "c.yaml"
    path.write_text(json.dumps(case_text()))
    assert read_case(path, library).id == case_text()["id"]


def test_form_words_and_stack_at_once(library: Library) -> None:
    """One reading names all of them, each once, and nothing that was not written."""
    text = case_text(
        packs=["sx", "st"],
        overlay="conty",
        custodian="sherif",
        papers=[{"type": "warant", "signer": "judge"}, 7],
        facts={"convicted": 3.5},
        expect={"effect": "forbid", "reviewer": "councel", "reasons": [1]},
        colour="red",
    )
    del text["dataset"]
    text["request"] = {"kinds": [7], "purpose": "civl", "need": "maybe"}
    text["requester"] = {"clas": "ice"}
    found = wrong(library, text)

    assert [*found] == [
        "dataset",
        "request.kinds.0",
        "requester.class",
        "papers.0.state",
        "papers.1",
        "facts.convicted",
        "expect.effect",
        "expect.reasons.0",
        "colour",
        "packs",
        "overlay",
        "custodian",
        "request.purpose",
        "request.need",
        "requester.clas",
        "papers.0",
        "expect.reviewer",
    ]
    with pytest.raises(InvalidFile, match="sherif"):
        read_case(library.root / "c.yaml", library)


def test_a_value_that_is_of_none_of_its_types(library: Library) -> None:
    """Is left out, and what stands beside it is looked at."""
    found = wrong(
        library, case_text(expect={"effect": {"home": "bad"}, "reasons": ["SEALD"]})
    )
    assert [*found] == ["expect.effect.home", "expect.reasons"]


@pytest.mark.parametrize("text", ["[]", "id: ["])
def test_what_is_no_case(library: Library, text: str) -> None:
    """Is told as far as it reads."""
    assert [*wrong(library, text)] == [""]


def test_what_cannot_be_left_out(library: Library) -> None:
    """Keys that are no words end the look; what is wrong with them is told."""
    assert wrong(library, "1: 2\n")


def test_a_stack_that_is_not_one(library: Library) -> None:
    """An overlay on other packs than it is written on is told of the case."""
    found = wrong(library, case_text(packs=["tx"], overlay="county"))
    assert found == {"packs": "county is written on st, which is not in force"}


def test_packs_that_do_not_read(library: Library) -> None:
    """They are told of themselves, not of each case."""
    (library.root / "packs/st/pack.yaml").write_text("id: [")
    found, _ = read_library(library.root)
    assert wrong(found, case_text(packs=["st"])) == {}


def test_cases_of_one_id(library: Library) -> None:
    """The other is named."""
    path = library.root / "c.yaml"
    path.write_text(json.dumps(case_text(id="C")))
    told = same_id(read_case(path, library), "d.yaml", path)
    assert str(told) == (
        f"d.yaml:id: C is the id of another case too: {path}; call one otherwise"
    )

"""A new overlay: files that read, that name what may be chosen, and that are tried."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import InvalidFile
from gateway.policy.case import load_case
from gateway.policy.newoverlay import starting_point
from gateway.policy.pack import Library, load_library
from gateway.policy.trial import Stacks, run_case
from tests.gateway.policy.small import REVEALS, case_text, rule, write

CASE = case_text(
    facts={"convicted": True},
    expect={"effect": "permit", "outcome": "wait"},
    notes="Of the pack",
)
LAW = rule(
    "st.choice",
    reveals=REVEALS,
    unless=[
        {
            "id": "c",
            "title": "Convicted",
            "when": [{"fact": "convicted", "is": True}],
            "effect": "permit",
            "discretion": True,
            "local_may_restrict": True,
        }
    ],
)
RULES = [
    LAW,
    rule("st.fixed", effect="require", reach={"kinds": ["hold"]}),
    rule("st.free", effect="permit", discretion=True, reach={"kinds": ["notify"]}),
    rule("st.bar", layer="record_bar", effect="review", reach={"kinds": ["notify"]}),
]


def made(tmp_path: Path, *cases: dict[str, Any]) -> Library:
    """Return a library whose pack has these cases."""
    root = write(tmp_path / "policies", rules={"st": RULES, "us-federal": []})
    folder = root / "packs/st/scenarios"
    folder.mkdir()
    for i, case in enumerate(cases):
        (folder / f"{i}.yaml").write_text(json.dumps(case))
    return load_library(root)


def files(
    library: Library, title: str = "Our County", on: Sequence[str] = ("st",)
) -> dict[str, str]:
    """Return the files of a new overlay on the pack."""
    given = {"name": "our-county", "title": title, "day": "2026-11-26"}
    return dict(starting_point(library, on=on, **given))


@pytest.mark.parametrize("on", [("us-federal", "st"), ("st", "us-federal")])
def test_its_days_are_those_of_the_state(tmp_path: Path, on: Sequence[str]) -> None:
    """Where federal law stands first too: the county lies in the state."""
    library = made(tmp_path)
    header = library.packs["us-federal"].folder / "pack.yaml"
    text = header.read_text().replace("America/Chicago", "America/New_York")
    header.write_text(text.replace('"state"', '"federal"'))
    library = load_library(library.root)
    assert library.packs["us-federal"].text.time_zone == "America/New_York"

    assert "time_zone: America/Chicago\n" in files(library, on=on)["pack.yaml"]
    alone = files(library, on=["us-federal"])["pack.yaml"]
    assert "time_zone: America/New_York\n" in alone


def test_its_name_is_no_packs(tmp_path: Path) -> None:
    """An overlay called as a pack would have the ids of the law's own rules."""
    with pytest.raises(InvalidFile, match="st is the id of a pack"):
        starting_point(
            made(tmp_path), name="st", on=("st",), title="A", day="2026-04-30"
        )


def test_the_commands_in_it_are_whole(tmp_path: Path) -> None:
    """What is to be typed names its own overlay, and the key that it needs."""
    header = files(made(tmp_path))["pack.yaml"]

    assert "policy build --pack st --overlay our-county" in header
    assert "--sign KEY.pem" in header


def test_what_may_be_chosen_is_named(tmp_path: Path) -> None:
    """Discretion stands where it is used; beside it what may be narrowed, what not."""
    written = files(made(tmp_path))
    header, rules = written["pack.yaml"], written["rules/local.yaml"]
    assert '#  - {rule: "st.choice#c", decision: review,' in header
    assert '#  - {rule: "st.free", decision: review,' in header
    assert "on: [st]" in header
    stricter, _, rest = rules.partition("The law does not let us be stricter")
    fixed, _, closed = rest.partition("The law does not let us be more open")
    assert "st.choice: Title of st.choice (Law st.choice)" in stricter
    assert "st.fixed" in fixed
    assert "st.free" in fixed
    assert "st.choice" in closed
    assert "st.bar" not in rules


def test_files_read_and_the_case_passes(tmp_path: Path) -> None:
    """What was written is an overlay; the pack's case is its first case, and passes."""
    other = {**CASE, "id": "C-0", "overlay": "county", "packs": ["st"]}
    library = made(tmp_path, {**CASE, "packs": ["st", "us-tx"]}, other, CASE)
    folder = library.root / "overlays/our-county"
    for place, text in files(library, 'Our "County": one\nof two').items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(text)
    again = load_library(library.root)
    assert again.overlays["our-county"].text.title == 'Our "County": one\nof two'
    case = load_case(folder / "scenarios/first.yaml")
    assert (case.id, case.overlay, case.notes) == (
        "our-county-first",
        "our-county",
        None,
    )
    policy = Stacks(again).policy(case.packs, case.overlay)
    assert asyncio.run(run_case(case, policy, "case")).failures == ()


def test_a_case_of_all_its_packs(tmp_path: Path) -> None:
    """On two packs, the case is one that both decide: on fewer it does not build."""
    both = {**CASE, "id": "C-2", "packs": ["us-federal", "st"]}
    library = made(tmp_path, CASE, both)
    found = files(library, on=["us-federal", "st"])["scenarios/first.yaml"]
    assert "taken from C-2" in found
    assert "packs: [us-federal, st]" in found
    alone = made(tmp_path / "b", CASE)
    assert "scenarios/first.yaml" not in files(alone, on=["us-federal", "st"])


def test_without_a_case(tmp_path: Path) -> None:
    """A pack without cases gives none; one that is not there is named."""
    library = made(tmp_path)
    assert sorted(files(library)) == ["pack.yaml", "rules/local.yaml"]
    given = {"name": "our-county", "title": "Ours", "day": "2026-01-01"}
    nothing = starting_point(library, on=["us-federal"], **given)
    assert "The law does not let us" not in nothing["rules/local.yaml"]
    with pytest.raises(InvalidFile, match="sst is not a pack"):
        starting_point(library, name="x", on=["sst"], title="X", day="2026-01-01")

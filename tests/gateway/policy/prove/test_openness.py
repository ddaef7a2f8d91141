"""What opens nothing: an unknown fact, an unconfirmed paper, a record, an overlay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.canonical import canonical
from gateway.policy import Bundle
from gateway.policy.prove import openness
from gateway.policy.prove.openness import inside, overlaid
from gateway.policy.prove.stack import Stack
from tests.gateway.policy.prove.breaches import broken, shown
from tests.gateway.policy.prove.laws import CONVICTED, OPEN, bundle_of, stack_of
from tests.gateway.policy.small import REVEALS, rule


def test_what_is_not_known_opens(tmp_path: Path) -> None:
    """A permit left to discretion stands before one that is not; unless unknown."""
    careful = rule(
        "st.careful",
        effect="permit",
        discretion=True,
        when=[CONVICTED],
        reveals=REVEALS,
    )
    bundle = bundle_of(tmp_path, careful, OPEN)
    (example,) = broken(bundle)["unknown"].broken_by
    less, more = example.cases
    assert shown(bundle, less) == "release"
    assert shown(bundle, more) == "wait"
    assert "facts" not in less
    assert more["facts"] == {"convicted": True}


def test_a_paper_that_nobody_confirmed_opens(tmp_path: Path) -> None:
    """Shown without it and with it."""
    lax = rule(
        "st.lax", effect="permit", when=[{"paper": ["warrant"], "state": "presented"}]
    )
    bundle = bundle_of(tmp_path, lax)
    (example,) = broken(bundle)["unconfirmed"].broken_by
    without, given = example.cases
    assert shown(bundle, without) == "withhold"
    assert shown(bundle, given) == "release"
    assert "papers" not in without
    assert [paper["state"] for paper in given["papers"]] == ["unverified"]


def test_a_screen_that_forgets_what_waits_is_seen(tmp_path: Path) -> None:
    """Where compiled data says that no clause waits for a record.

    The tables are named before that; the claim sees it by itself.
    """
    law = rule("st.open", effect="permit", when=[CONVICTED], reveals=REVEALS)
    made = bundle_of(tmp_path, law)
    data: Any = made.document("compiled/data.json")
    data["pending"] = {}
    bundle = Bundle(files={**made.files, "compiled/data.json": canonical(data)})
    stack = Stack(bundle)
    assert any("does not wait" in problem for problem in stack.law.problems)
    (example,) = inside(stack).broken_by
    assert example.says == "the screen did not say so"
    assert len(example.cases) == 1


def test_an_overlay_that_does_what_it_may_breaks_nothing(tmp_path: Path) -> None:
    """It closes what may be narrowed, opens what may be opened, and that is told."""
    law = (
        rule("st.open", effect="permit", reach={"kinds": ["read"]}),
        rule("st.shut", reach={"kinds": ["notify"]}, local_may_expand=True),
    )
    closes = rule("county.a", layer="overlay", reach={"kinds": ["read"]})
    opens = rule(
        "county.b", layer="overlay", effect="permit", reach={"kinds": ["notify"]}
    )
    stricter = overlaid(stack_of(tmp_path / "1", *law, overlay=[closes]))
    assert (stricter.holds, stricter.notes) == (True, (openness.STRICTER,))
    looser = overlaid(stack_of(tmp_path / "2", *law, overlay=[closes, opens]))
    assert (looser.holds, looser.notes) == (True, (openness.OPENING,))


def test_an_overlay_may_keep_a_person_over_what_a_saving_opens(tmp_path: Path) -> None:
    """A saving leaves discretion, so to review it is no breach."""
    law = (
        rule("st.shut"),
        rule("st.saving", layer="saving", effect="permit"),
    )
    overlay = [rule("county.look", layer="overlay", effect="review")]
    header = {
        "exercise": [{"rule": "st.saving", "decision": "release", "citation": "Law 1"}]
    }
    stack = stack_of(tmp_path, *law, overlay=overlay, overlay_header=header)
    assert overlaid(stack).holds


@pytest.mark.parametrize("way", ["opens", "closes"])
def test_a_fold_in_which_overlays_do_as_they_like_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """The claim does not take the fold's word: it compares with a law without them."""
    effect = "permit" if way == "opens" else "prohibit"
    stack = stack_of(tmp_path, rule("st.law", effect=effect, local_may_restrict=False))
    without = {512: True} if way == "opens" else {542: True}
    monkeypatch.setattr(openness, "folded", lambda _law: without)
    (example,) = overlaid(stack).broken_by
    assert example.says == f"it {way} what is fixed"

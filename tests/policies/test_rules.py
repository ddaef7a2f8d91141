"""What every rule must carry, and that it is in force exactly on its days."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from gateway.errors import InvalidFile
from gateway.policy.duties import DONE_BY_THE_ENTRY
from gateway.policy.law import FIRST, LAST, facts_of
from gateway.policy.pack import Pack
from gateway.policy.rules import RuleText
from gateway.policy.trial import run_case
from tests.policies.casebook import (
    COUNSEL,
    POLICIES,
    cases,
    decided,
    every_rule,
    library,
    policy,
    rules,
)

STATUSES_OF_LAW = {
    "source_read",
    "source_read_partial",
    "digest_only",
    "from_memory",
}
CHANGES = (POLICIES / "CHANGELOG.md").read_text(encoding="utf-8")
PAGES = {
    path.stem: path.read_text(encoding="utf-8")
    for path in (POLICIES.parent / "docs" / "reference" / "packs").glob("*.md")
}
# The first test to ask decides every case under every law once, for all of them.
pytestmark = pytest.mark.timeout(400)
CITATION = re.compile(r"[A-Z].*\d|Order or statute that seals")
"""A code, report, act or order has a name and a number; sealing has many."""
READ_ANEW = "2026-11-28"
"""The day on which some sections were read again, in packs as of earlier days."""
DECLARED = tuple(
    (pack.id, text.id)
    for pack in (*library().packs.values(), *library().overlays.values())
    for _, _, text in pack.rules
)


def pack_of(pack_id: str) -> Pack:
    """Return a pack or an overlay."""
    found = library().packs.get(pack_id) or library().overlays[pack_id]
    assert found is not None
    return found


def text_of(pack_id: str, rule_id: str) -> RuleText:
    """Return a rule as it is written."""
    return next(t for _, _, t in pack_of(pack_id).rules if t.id == rule_id)


@pytest.mark.parametrize(("pack_id", "rule_id"), DECLARED)
def test_a_rule_cites_its_law_and_says_who_checked(pack_id: str, rule_id: str) -> None:
    """Citation, how it was checked, on which day; and that no lawyer has signed.

    What was read anew after the day that the pack is as of has the later day.
    """
    text = text_of(pack_id, rule_id)
    local = pack_of(pack_id).text.kind in {"agency_default", "overlay", "model"}

    assert text.verification.checked_on in {pack_of(pack_id).text.as_of, READ_ANEW}
    assert text.verification.lawyer is None
    if not local:
        assert text.verification.status in STATUSES_OF_LAW
        assert CITATION.search(text.citation)


@pytest.mark.parametrize("pack_id", sorted(library().packs))
def test_a_pack_is_a_draft_with_a_day_and_a_zone(pack_id: str) -> None:
    """A pack says as of when, in which zone, and that counsel has not signed."""
    text = pack_of(pack_id).text

    assert text.verification.lawyer is None
    assert text.time_zone.startswith("America/")
    assert text.notes


def test_what_rests_on_litigation_says_so() -> None:
    """A statute that was challenged names the case and its state."""
    named = {
        "us-ca.7284.6.a1C",
        "us-federal.1373",
        "us-il.805.15.a",
        "us-tx.2A.060",
    }
    said = {r for p, r in DECLARED if text_of(p, r).litigation is not None}
    assert named <= said


def test_rules_of_one_record_share_a_public_name() -> None:
    """A bar that lies on a record has a public name that does not tell which."""
    bars = [
        text_of(pack_id, rule_id)
        for pack_id, rule_id in DECLARED
        if text_of(pack_id, rule_id).layer == "record_bar"
    ]
    telling = [
        bar.id for bar in bars if bar.reveals is not None and bar.public_id is None
    ]
    assert telling == []


def test_a_rule_that_speaks_only_by_a_record_fact_has_a_coarser_name() -> None:
    """That such a rule spoke would tell the fact, so the log names it otherwise."""
    scopes = library().vocabulary.scopes
    telling = [
        rule.id
        for rule in every_rule().values()
        for condition in rule.when
        for fact in facts_of(condition)
        if scopes.get(fact) in {"record", "record_category"}
        and rule.public_id == rule.id
    ]
    assert telling == []


def test_what_the_gateway_must_do_it_can_do() -> None:
    """An obligation that no step of an exchange carries out would refuse them all."""
    vocabulary = library().vocabulary
    due = {
        obligation.code
        for rule in every_rule().values()
        for case in rule.cases
        for obligation in (
            *case.obligations,
            *(one for some in case.obligations_on.values() for one in some),
        )
    }
    by_gateway = {c for c in due if vocabulary.obligations[c].executor == "gateway"}
    assert by_gateway <= DONE_BY_THE_ENTRY


@pytest.mark.parametrize("word", ["sealed", "juvenile", "expunged", "1367_flag"])
def test_no_public_name_tells_a_fact(word: str) -> None:
    """The names in the public log say neither sealed nor juvenile."""
    public = {
        rule.public_id for rule in every_rule().values() if rule.layer == "record_bar"
    }
    assert [name for name in public if word in name] == []


DATED = tuple(
    sorted(
        rule.id
        for rule in every_rule().values()
        if (rule.start, rule.end) != (FIRST, LAST)
    )
)


@pytest.mark.parametrize("rule_id", DATED)
async def test_a_rule_is_in_force_on_its_days_and_on_no_other(rule_id: str) -> None:
    """The day before it begins and the day it ends it is as if not written."""
    rule = every_rule()[rule_id]
    edges = [(rule.start, True), (_earlier(rule.start), False)]
    if rule.end != LAST:
        edges += [(_earlier(rule.end), True), (rule.end, False)]
    names = [
        name
        for (decider, _), found in (await decided()).items()
        if decider == rule_id
        for name in found
    ]
    for day, in_force in edges:
        spoke = [await _speaks(rule_id, name, day) for name in names]
        assert any(spoke) if in_force else not any(spoke)


async def _speaks(rule_id: str, name: str, day: int) -> bool:
    """Tell whether a rule speaks in a case on another day."""
    text = str(day)
    moved = cases()[name].model_copy(
        update={"day": f"{text[:4]}-{text[4:6]}-{text[6:]}"}
    )
    law = policy(tuple(moved.packs), moved.overlay)
    decision = (await run_case(moved, law, name)).decision
    return decision is not None and any(
        said.rule == rule_id for ask in decision.asks.values() for said in ask.layers
    )


def _earlier(day: int) -> int:
    """Return the day before."""
    text = str(day)
    date = dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    return int((date - dt.timedelta(days=1)).strftime("%Y%m%d"))


@pytest.mark.parametrize("pack_id", sorted(library().packs))
def test_a_pack_has_its_page_and_its_changes(pack_id: str) -> None:
    """Each version is in the list of changes; the page is made from the pack."""
    text = pack_of(pack_id).text
    changes = CHANGES.split(f"\n## {pack_id}\n")[1].partition("\n## ")[0]
    assert f"### {text.version}, law as of {text.as_of}" in changes
    assert PAGES[pack_id].startswith(f"# {text.title} ({pack_id})\n")


def test_what_is_off_is_turned_on_by_the_example_alone() -> None:
    """No rule known from a digest speaks in a stack without its counsel."""
    off = {
        rule_id
        for pack_id, rule_id in DECLARED
        if text_of(pack_id, rule_id).verification.status == "digest_only"
    }
    on = {item.rule for item in pack_of(COUNSEL).text.turned_on}
    spoken = {rule.id for pack in library().packs for rule in rules((pack,))}
    assert off == on
    assert not off & spoken


@pytest.mark.parametrize("pack_id", ["us-tx", "us-fl", "us-ga", "us-tn", "us-ia"])
def test_a_state_that_mandates_excludes_the_model_ordinance(pack_id: str) -> None:
    """A law against local limits bars the pack that has them, with its citation."""
    with pytest.raises(InvalidFile, match="may not be in force beside"):
        library().chosen([pack_id, "model-ordinance"], None)

"""What opens and what closes, counted apart; and how it is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.policy import Vector
from gateway.policy.compare.past import Past, past_of
from gateway.policy.compare.report import (
    digest_of,
    document_of,
    exactly,
    lines_of,
    roughly,
)
from gateway.policy.compare.tally import Cell, Tally, tallied
from tests.gateway.policy.compare.two import asked, deciders, law, side
from tests.gateway.policy.small import question, rule, vocabulary, vocabulary_text

YES, NO = {"convicted": True}, {"convicted": False}


def tally(
    tmp_path: Path, old: list[dict[str, Any]], new: list[dict[str, Any]], *past: Past
) -> Tally:
    """Return what a change does to questions; the same whatever is left out."""
    before, after = side(tmp_path / "a", *old), side(tmp_path / "b", *new)
    both = deciders(before, after)
    found = tallied(before, after, both, past)
    every = tallied(before, after, both, past, every=True)
    assert every.decided == every.distinct == found.distinct
    assert (every.opens, every.closes, every.otherwise, every.same, every.cells) == (
        found.opens,
        found.closes,
        found.otherwise,
        found.same,
        found.cells,
    )
    return found


def test_opens_and_closes(tmp_path: Path) -> None:
    """Each answer is counted as often as it was given."""
    past = [*asked(YES, count=3), *asked(NO, count=5), *asked(NO, requester="police")]
    other = law(effect="permit", then="prohibit", reach={"requesters": ["ice"]})
    found = tally(tmp_path, [law()], [other], *past)
    assert (found.total, found.opens, found.closes, found.same) == (9, 5, 3, 1)
    assert found.cells == {
        Cell(
            way="opens",
            family="fed",
            use="release",
            field="date",
            before="st.a",
            after="st.a",
            depends=False,
        ): 5,
        Cell(
            way="closes",
            family="fed",
            use="release",
            field="date",
            before="st.a#c",
            after="st.a#c",
            depends=False,
        ): 3,
    }


def test_neither(tmp_path: Path) -> None:
    """What waits where it was refused releases as little; another rule is no change."""
    past = asked(NO, YES)
    found = tally(tmp_path / "a", [law()], [law(effect="review")], *past)
    assert (found.opens, found.closes, found.otherwise, found.same) == (0, 0, 1, 1)
    same = tally(tmp_path / "b", [law()], [law("st.b")], *past)
    assert (same.same, same.other_rule) == (2, 2)


def two(facts: dict[str, Any]) -> Past:
    """Return a question about two fields."""
    asks = (("read", "release", "date"), ("read", "release", "home"))
    return past_of(question(vocabulary(), *asks), Vector(facts=facts))


def test_both(tmp_path: Path) -> None:
    """One answer may open a field and close another; it is one answer."""
    opens = rule("st.o", effect="permit", reach={"categories": ["date"]})
    other = rule("st.o", effect="permit", reach={"categories": ["home"]})
    found = tally(tmp_path, [opens], [other], two(NO), two(YES))
    assert (found.opens, found.closes, found.both, found.same) == (2, 2, 2, 0)
    assert lines_of(found, vocabulary(), exactly)[1] == (
        "2 of them open one field and close another."
    )


def test_pending(tmp_path: Path) -> None:
    """Where the record was not looked at, what may come of it is said as that."""
    found = tally(tmp_path, [rule("st.a")], [law()], *asked(None))
    (cell,) = found.cells
    assert (cell.way, cell.depends) == ("opens", True)
    assert lines_of(found, vocabulary(), exactly)[-1] == (
        "  opens: date, for fed: 1 (st.a before, st.a#c then) (depends on the record)"
    )


def test_finding_a_record(tmp_path: Path) -> None:
    """A field by which records may now be found is told apart from one released."""
    opens = rule("st.m", effect="permit", reach={"use": ["match"], "kinds": ["read"]})
    past = asked({}, requester="police")
    asks = question(
        vocabulary(), ("read", "match", "home"), ("read", "release", "date")
    )
    found = tally(tmp_path, [], [opens], past_of(asks, Vector()), *past)
    (cell,) = found.cells
    assert (cell.use, cell.before, cell.after) == ("match", "none", "st.m")
    assert (
        "opens: home, to find a record, for fed"
        in lines_of(found, vocabulary(), exactly)[-1]
    )


def test_words_that_are_gone(tmp_path: Path) -> None:
    """A question in words that one side has not releases nothing there."""
    text = vocabulary_text()
    del text["requester_classes"]["fbi"]
    before = side(tmp_path / "a", law())
    after = side(tmp_path / "b", law(), words=text)
    past = [*asked(NO, requester="fbi", count=2), *asked(NO)]
    found = tallied(before, after, deciders(before, after), past)
    assert (found.unasked, found.same, found.total) == (2, 1, 3)
    assert "2 use words that one side does not have: nothing is released for them." in (
        lines_of(found, vocabulary(), exactly)
    )
    gone = tallied(after, before, deciders(after, before), past)
    assert gone.unasked == 2


def test_a_requester_nobody_knows(tmp_path: Path) -> None:
    """A class that is new on the other side has no family yet."""
    text = vocabulary_text()
    text["requester_classes"]["new"] = {"title": "New", "family": "fed"}
    before = side(tmp_path / "a", rule("st.a", effect="permit"))
    after = side(tmp_path / "b", rule("st.a", effect="permit"), words=text)
    past = asked(NO)
    renamed = Past(question=past[0].question.replace(b'"ice"', b'"new"'))
    found = tallied(before, after, deciders(before, after), [renamed])
    assert found.unasked == 1


def test_said(tmp_path: Path) -> None:
    """The report begins with one sentence; small counts of an archive are hidden."""
    past = [*asked(YES, count=1_170), *asked(NO, count=3)]
    found = tally(tmp_path, [law()], [law(effect="permit")], *past)
    assert lines_of(found, vocabulary(), exactly) == [
        (
            "1,173 past answers: 3 would now release something they did not, none would"
            " release less, none would release as little, and wait or be refused"
            " otherwise,"
            " 1,170 the same."
        ),
        "  opens: date, for fed: 3 (st.a before, st.a then)",
    ]
    assert lines_of(found, vocabulary(), roughly) == [
        (
            "1175 past answers: fewer than 5 would now release something they did"
            " not, none"
            " would release less, none would release as little, and wait or be refused"
            " otherwise, 1170 the same."
        ),
        "  opens: date, for fed: fewer than 5 (st.a before, st.a then)",
    ]
    document = document_of(found, roughly, bundle="b" * 64)
    assert (document["opens"], document["same"]) == ("fewer than 5", "1170")
    assert document["groups"] == [
        {
            "way": "opens",
            "family": "fed",
            "use": "release",
            "field": "date",
            "before": "st.a",
            "after": "st.a",
            "depends_on_the_record": False,
            "count": "fewer than 5",
        }
    ]
    assert digest_of(document) == digest_of({**document})
    assert digest_of(document) != digest_of({**document, "bundle": "c" * 64})


def test_no_past_answers(tmp_path: Path) -> None:
    """None that opens is no finding where none was looked at: it is said so."""
    found = tally(tmp_path, [law()], [law(effect="permit")])
    assert lines_of(found, vocabulary(), exactly) == [
        "No past answers: there was nothing to compare."
    ]


def test_moved_is_said(tmp_path: Path) -> None:
    """What stays the same by another rule is counted beside."""
    found = tally(tmp_path, [law()], [law("st.b")], *asked(NO))
    assert lines_of(found, vocabulary(), exactly)[1] == (
        "1 of those that stay the same are decided by another rule."
    )


@pytest.mark.parametrize(
    ("count", "exact", "rough"),
    [(0, "none", "none"), (4, "4", "fewer than 5"), (1204, "1,204", "1205")],
)
def test_counts(count: int, exact: str, rough: str) -> None:
    """None is certain; few are few; others are rounded."""
    assert (exactly(count), roughly(count)) == (exact, rough)

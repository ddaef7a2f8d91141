"""Which questions a change can reach: never one too few."""

# ruff: noqa: ANN401 - documents made by hand hold values of any type

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest

from gateway.policy.compare.affected import Affected
from gateway.policy.compare.batch import grouped, keys_of
from gateway.policy.compare.deciders import EmbeddedDecider
from gateway.policy.compare.past import past_of
from gateway.policy.compare.sides import Side, side_of_stack
from gateway.policy.law import Rule
from gateway.policy.pack import load_library
from tests.gateway.policy.compare.two import asked, law, side
from tests.gateway.policy.generate import question as drawn
from tests.gateway.policy.small import rule, vocabulary_text, write


def read(root: Path, *rules: dict[str, Any], **written: Any) -> Side:
    """Return a side that is only read."""
    made = load_library(write(root, rules={"st": rules}, **written))
    return side_of_stack(made, ["st"], None)


def reached(tmp_path: Path, old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Tell whether the change reaches an ordinary question."""
    affected = Affected(read(tmp_path / "a", old), read(tmp_path / "b", new))
    return affected.reached(orjson.loads(asked({})[0].question)) is not None


def test_nothing_changed(tmp_path: Path) -> None:
    """The same law in another folder reaches nothing."""
    affected = Affected(read(tmp_path / "a", law()), read(tmp_path / "b", law()))
    assert not affected.anything
    assert not reached(tmp_path / "c", law(), law())


@pytest.mark.parametrize(
    "reach",
    [
        {"custodians": ["dmv"]},
        {"requesters": ["fbi"]},
        {"datasets": ["cars"]},
        {"purposes": ["crime"]},
        {"kinds": ["notify"]},
        {"categories": ["home"]},
        {"use": ["match"]},
    ],
)
def test_out_of_reach(tmp_path: Path, reach: dict[str, Any]) -> None:
    """A rule that reaches another question changes nothing for this one."""
    old = rule("st.a", reach=reach)
    assert not reached(tmp_path, old, {**old, "effect": "permit"})


def test_in_reach(tmp_path: Path) -> None:
    """A rule that was there, or is, or is other, reaches what it takes in."""
    assert reached(tmp_path / "a", rule("st.a"), rule("st.a", effect="permit"))
    assert reached(tmp_path / "b", rule("st.a"), rule("st.b"))
    past = rule("st.a", effective={"until": "2020-01-01"})
    assert not reached(tmp_path / "c", past, {**past, "effect": "permit"})
    assert reached(tmp_path / "d", past, rule("st.a"))


def test_an_unknown_purpose_is_reached(tmp_path: Path) -> None:
    """Where the purpose is not known, a rule that names some may hold."""
    old = rule("st.a", reach={"purposes": ["crime"]})
    both = read(tmp_path / "a", old), read(tmp_path / "b", {**old, "effect": "review"})
    question = orjson.loads(asked({})[0].question)
    question["facts"] = {}
    assert Affected(*both).reached(question) == question


def test_a_recipient_is_reached(tmp_path: Path) -> None:
    """A rule about a class reaches what another asks for it."""
    old = rule("st.a", reach={"requesters": ["fbi"]})
    both = read(tmp_path / "a", old), read(tmp_path / "b", {**old, "effect": "review"})
    question = orjson.loads(asked({})[0].question)
    assert Affected(*both).reached(question) is None
    question["recipient"] = "fbi"
    assert Affected(*both).reached(question) == question


def test_other_words_reach_everything(tmp_path: Path) -> None:
    """A new word, or another evaluator, may change any answer."""
    text = vocabulary_text()
    text["families"]["new"] = {"title": "New"}
    old, new = read(tmp_path / "a", law()), read(tmp_path / "b", law(), words=text)
    assert Affected(old, new).anything
    question = orjson.loads(asked({})[0].question)
    assert Affected(old, new).reached(question) is question
    (tmp_path / "a/rego/decide.rego").write_text("package x\n")
    other = read(tmp_path / "c", law())
    changed = side_of_stack(load_library(tmp_path / "a"), ["st"], None)
    assert Affected(other, changed).anything


def altered(rules: list[dict[str, Any]], rng: Random) -> list[dict[str, Any]]:
    """Return rules of which one was changed, taken away, or is new."""
    place = rng.randrange(len(rules))
    effects = ["prohibit", "permit", "review"]
    changed = {**rules[place], "effect": rng.choice(effects)}
    match rng.randrange(3):
        case 0:
            return [*rules[:place], changed, *rules[place + 1 :]]
        case 1:
            return [*rules[:place], *rules[place + 1 :]]
        case _:
            return [*rules, {**changed, "id": "st.new"}]


def test_what_is_not_reached_stays(tmp_path: Path) -> None:
    """Of questions drawn near the rules, none that is left out changes its answer."""
    rng = Random(11)  # noqa: S311 - the same questions each time
    rules = [
        law("st.a", reach={"requesters": ["ice"]}),
        law("st.b", reach={"kinds": ["notify"], "categories": ["home", "date"]}),
        rule("st.c", effect="permit", reach={"purposes": ["crime"]}),
        rule("st.d", effect="permit", reach={"kinds": ["hold"], "custodians": ["dmv"]}),
        rule("st.e", effect="review", effective={"from": "2026-01-01"}),
    ]
    before = side(tmp_path / "0", *rules)
    near: list[Rule] = [*before.rules]
    left = 0
    for number in range(1, 5):
        after = side(tmp_path / str(number), *altered(rules, rng))
        affected = Affected(before, after)
        every = []
        for _ in range(150):
            question, vectors = drawn(rng, before.vocabulary, near)
            every += [past_of(question, vector) for vector in vectors]
        groups = grouped(every, before.vocabulary, [])
        calls = [(g, text) for g in groups for text, _ in g.calls()]
        texts = [text for _, text in calls]
        old, new = (EmbeddedDecider(s.deciding).decide(texts) for s in (before, after))
        for (group, _), was, now in zip(
            calls, named(old, before), named(new, after), strict=True
        ):
            reached_of = affected.reached(group.document)
            kept = set() if reached_of is None else {*keys_of(reached_of)}
            for place, key in enumerate(keys_of(group.document)):
                if key not in kept:
                    assert [r[place] for r in was] == [r[place] for r in now]
                    left += 1
    assert left > 300


def named(said: Any, of: Side) -> list[Any]:
    """Return verdicts with rules and cases instead of numbers."""
    table = of.table
    return [
        [
            [(v[0], table.line(v[1]).rule.id, table.line(v[1]).case, v[2]) for v in row]
            for row in rows or []
        ]
        for rows in said
    ]

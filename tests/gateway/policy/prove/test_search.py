"""What is found is small: to say one thing less would not do."""

from __future__ import annotations

from itertools import permutations

import pytest
import z3

from gateway.policy.prove.logic import so
from gateway.policy.prove.search import FEW, Search

NAMES = ("a", "b", "c", "d", "e")
EDGES = (("a", "b"), ("b", "c"), ("c", "d"), ("d", "e"))


@pytest.mark.parametrize("order", list(permutations(NAMES))[::7])
def test_no_plain_part_is_given_up_that_need_not_be(order: tuple[str, ...]) -> None:
    """Neighbours on a path exclude each other; whatever the order, none is missed."""
    parts = {name: z3.Bool(name) for name in NAMES}
    apart = z3.And([z3.Not(z3.And(parts[a], parts[b])) for a, b in EDGES])
    search = Search(z3.BoolVal(True), {"apart": apart}, [parts[n] for n in order])
    model = search.smallest("apart")
    kept = {name for name, part in parts.items() if so(model, part)}
    assert not any({a, b} <= kept for a, b in EDGES)
    for name in set(NAMES) - kept:
        assert any(name in edge and set(edge) & kept for edge in EDGES)


def test_what_cannot_be_is_not_found() -> None:
    """Nor is a claim that contradicts another."""
    one = z3.Bool("one")
    search = Search(z3.BoolVal(True), {"yes": one, "no": z3.Not(one)})
    assert search.possible("yes")
    assert not search.possible("yes", "no")
    assert search.smallest("yes", "no") is None


@pytest.mark.parametrize("others", [0, FEW])
def test_alone_or_among_many_the_same_is_found(others: int) -> None:
    """Few claims are first tried by another way of solving; it rules out no more."""
    words = [z3.Bool(f"word{i}") for i in range(5)]
    value = z3.BitVec("value", 6)
    one = z3.And(z3.Or(words), z3.AtMost(*words, 1))
    claims = {
        "two": z3.And(words[0], words[1]),
        "first": z3.And(words[0], z3.UGE(value, 9), z3.ULT(value, 10)),
        **{f"other{i}": words[i] for i in range(others)},
    }
    search = Search(one, claims, [z3.Not(word) for word in words])
    assert search.smallest("two") is None
    assert search.smallest("first", "two") is None
    model = search.smallest("first")
    assert model is not None
    assert [so(model, word) for word in words] == [True, False, False, False, False]
    assert so(model, value == 9)


def test_what_is_false_for_certain_is_not_found() -> None:
    """Formulas that Python already knew to be false or true are ones, too."""
    search = Search(z3.BoolVal(True), {"yes": True, "no": False})
    assert search.smallest("no") is None
    assert search.smallest("yes") is not None

"""Whether tables are of the form in which an evaluator looks them up.

What an evaluator finds in a table must be what is read of it here. To it a key that is
no clause's is one all the same, ``true`` is not 1, what is not false is true, and a
test that stands twice is made twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.policy.clauses import SILENT
from gateway.policy.prove.bits import Bits
from gateway.policy.prove.places import older
from gateway.policy.prove.unstated import SCOPES
from gateway.policy.vocabulary import ABSENT, Vocabulary

__all__ = ["misformed"]


def misformed(
    data: Mapping[str, Any], vocabulary: Vocabulary, bits: Bits
) -> Iterator[str]:
    """Yield what is in compiled data that is read otherwise than it is looked up."""
    yield from _no_clauses(data, bits)
    yield from _no_papers(data["papers"], vocabulary)
    for name, tests in data["tests"].items():
        if ("bare" in tests) == older(data):
            yield f"tests {name} are of another form than the categories"
        for problem in _no_tests(tests["compare"], vocabulary):
            yield f"tests {name}: {problem}"
    for year in data["years"]:
        if type(year["era"]) is not int or not all(map(_is_day, year["days"])):
            yield f"a year begins in {year['era']} or changes on {year['days']}"


def _no_clauses(data: Mapping[str, Any], bits: Bits) -> Iterator[str]:
    """Yield each set of clauses that holds what is none; and what is no mark."""
    known = {str(number) for number in bits.numbers}
    heard = {*known, str(SILENT)}
    for what in ("parts", "paperless"):
        for name, part in data.get(what, {}).items():
            if not _holds(part, heard):
                yield f"{what} {name} holds what is no clause"
            elif any(type(mark) is not int for mark in part.values()):
                yield f"{what} {name} holds a mark that is no number"
    for what, some in _sets(data):
        if not _holds(some, known):
            yield f"{what} holds what is no clause"


def _holds(some: object, known: set[str]) -> bool:
    """Tell whether something is a set of clauses as tables write it."""
    return isinstance(some, dict) and some.keys() <= known


def _sets(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield every set of clauses in which none is silent, with where it stands."""
    for what in ("later", "pending", "requiring"):
        yield what, data.get(what, {})
    yield from (("later", some) for some in data["later"].values())
    yield from (("eras", some) for some in data["eras"])
    shared: dict[str, str] = {}
    for name, tests in data["tests"].items():
        for table in (*(tests[s] for s in SCOPES), *tests["compared"].values()):
            yield from ((f"tests {name}", some) for some in table.values())
        yield f"tests {name}", tests.get("bare", {})
        shared |= dict.fromkeys(tests["value"].values(), f"tests {name}")
    for name, papers in data["paper_tests"].items():
        yield from ((f"papers {name}", some) for some in papers["unwanted"].values())
        shared[papers["wanted"]] = f"papers {name}"
    for name, what in shared.items():
        yield from ((what, some) for some in data["shared"].get(name, {}).values())


def _no_papers(papers: Mapping[str, Any], vocabulary: Vocabulary) -> Iterator[str]:
    """Yield each paper that satisfies a test as none does that may be given."""
    states = {*vocabulary.paper_states} - {ABSENT}
    for fact, table in papers.items():
        known = fact in vocabulary.paper_facts and table.keys() <= states
        if not (known and all(isinstance(ids, dict) for ids in table.values())):
            yield f"{fact} satisfies tests in states that are none"


def _no_tests(compare: Mapping[str, Any], vocabulary: Vocabulary) -> Iterator[str]:
    """Yield each comparison that an evaluator makes otherwise than it is read."""
    every = [test for scope in SCOPES for test in compare[scope]]
    names = [test["id"] for test in every]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"test {name} stands there twice"
    for test in every:
        type_, years, bound = (
            vocabulary.facts[test["fact"]].type,
            test["years"],
            test["bound"],
        )
        sound = {
            ("integer", False): type(bound) is int and bound >= 0,
            ("day", False): _is_day(bound),
            ("day", True): type(bound) is int and 0 <= bound <= MOST_YEARS,
        }.get((type_, years), False)
        plain = type(years) is bool and type(test["unstated"]) is not bool
        if not (sound and plain and test["op"] in OPERATORS):
            yield f"test {test['id']} is none of a number"


def _is_day(day: object) -> bool:
    """Tell whether something is a day as YYYYMMDD, of a calendar of long months."""
    if type(day) is not int:
        return False
    year, rest = divmod(day, 10_000)
    month, of_month = divmod(rest, 100)
    return year in range(1, 2201) and month in range(1, 13) and of_month in range(1, 32)


OPERATORS = frozenset({"lt", "gt", "ge", "le", "eq", "ne"})
MOST_YEARS = 1_000
"""Counted back from any day there is a year left: rules count no more than 100."""

"""Ways in which the tables of a bundle can contradict each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

__all__ = ["WAYS", "Data", "no_custodian"]

Data: TypeAlias = dict[str, Any]


def first(table: Data) -> str:
    """Return some name of a table, always the same."""
    names: list[str] = sorted(table)
    return names[0]


def facts_table(data: Data, *, holding: str) -> str:
    """Return a table of facts that looks at a fact."""
    found = (n for n, t in sorted(data["tests"].items()) if holding in t["value"])
    return str(next(found))


def no_custodian(data: Data, _table: Data) -> None:
    """A word of the vocabulary is in no table."""
    del data["custodian"]["dmv"]


def no_dataset(data: Data, _table: Data) -> None:
    """A word of a lower table is missing."""
    del data["dataset"][first(data["dataset"])]["jail"]


def no_kind(data: Data, _table: Data) -> None:
    """A kind is missing."""
    del data["apart"][first(data["apart"])]["hold"]["match"]


def no_star(data: Data, _table: Data) -> None:
    """A node has nothing for what it does not list."""
    del data["category"][first(data["category"])]["*"]


def no_purpose(data: Data, _table: Data) -> None:
    """A purpose has no name."""
    del data["purposes"][first(data["purposes"])]


def no_other_purpose(data: Data, _table: Data) -> None:
    """A table has nothing for a purpose that it does not list."""
    del data["purpose"][first(data["purpose"])]["*"]


def nothing_beside(data: Data, _table: Data) -> None:
    """Beside a table of kinds there is none of kinds without fields."""
    del data["beside"][first(data["beside"])]


def no_silence(data: Data, _table: Data) -> None:
    """A signature in which nobody may be silent has no answer of its own."""
    for part in data["parts"].values():
        part.pop("8130000", None)


def no_part(data: Data, _table: Data) -> None:
    """A signature names a part that is not there: an evaluator would pass over it."""
    data["clauses"][first(data["clauses"])][1] = "nothing"


def third_part(data: Data, _table: Data) -> None:
    """A signature has a part that no evaluator looks at."""
    parts = data["clauses"][first(data["clauses"])]
    parts.append(parts[0])


def one_part(data: Data, _table: Data) -> None:
    """A signature has no part above."""
    data["clauses"][first(data["clauses"])].pop()


def other_mark(data: Data, _table: Data) -> None:
    """A clause is marked as others are: one behind it would speak too."""
    part = data["parts"][first(data["parts"])]
    part[first(part)] += 1


def other_requester(data: Data, _table: Data) -> None:
    """One requester is sent where another belongs, in one table only."""
    tables = data["requester"]
    name = next(n for n, t in sorted(tables.items()) if len(set(t.values())) > 1)
    tables[name]["ice"] = tables[name]["police"]


def other_category(data: Data, _table: Data) -> None:
    """A category finds another signature at one node."""
    tables = data["category"]
    name = next(n for n, t in sorted(tables.items()) if "home" in t)
    tables[name]["home"] = tables[name]["*"]


def other_node(data: Data, _table: Data) -> None:
    """A kind leads to another node in one table."""
    tables = data["kind"]
    names = sorted({t["read"]["release"] for t in tables.values()})
    name = next(
        n for n, t in sorted(tables.items()) if t["read"]["release"] == names[0]
    )
    tables[name]["read"]["release"] = names[-1]


def other_value(data: Data, _table: Data) -> None:
    """A value kills other clauses at one node."""
    named = data["tests"][facts_table(data, holding="sealed")]["value"]
    values = data["shared"][named["sealed"]]
    spoilt = {"true": values["*"], "false": values["true"]}
    data["shared"]["spoilt"] = {**values, **spoilt}
    named["sealed"] = "spoilt"


def no_others(data: Data, _table: Data) -> None:
    """A table of values does not say what all others kill: nothing is found in it."""
    named = data["tests"][facts_table(data, holding="sealed")]["value"]
    spoilt = dict(data["shared"][named["sealed"]])
    del spoilt["*"]
    data["shared"]["spoilt"] = spoilt
    named["sealed"] = "spoilt"


def no_values(data: Data, _table: Data) -> None:
    """A node names a table of values that is not there."""
    data["tests"][facts_table(data, holding="sealed")]["value"]["sealed"] = "nothing"


def other_default(data: Data, _table: Data) -> None:
    """What is unstated kills nothing at one node."""
    data["tests"][facts_table(data, holding="convicted")]["record"]["convicted"] = {}


def default_elsewhere(data: Data, _table: Data) -> None:
    """What a record's fact kills unstated is killed by every request."""
    tests = data["tests"][facts_table(data, holding="convicted")]
    tests["request"]["convicted"] = tests["record"].pop("convicted")


def no_bare_category(data: Data, _table: Data) -> None:
    """A category of which nothing is stated has what needs a fact of it."""
    tables = [tests for _, tests in sorted(data["tests"].items())]
    next(tests for tests in tables if tests["bare"])["bare"] = {}


def unstated_number(data: Data, _table: Data) -> None:
    """A number that nobody states kills nothing at one node."""
    tables = [tests for _, tests in sorted(data["tests"].items())]
    tests = next(tests for tests in tables if tests["compare"]["record"])
    del tests["record"][tests["compare"]["record"][0]["fact"]]


def comparison_elsewhere(data: Data, _table: Data) -> None:
    """A record's number is compared among the request's facts."""
    tables = [tests["compare"] for _, tests in sorted(data["tests"].items())]
    compare = next(compare for compare in tables if compare["record"])
    compare["request"].append(compare["record"].pop())


def other_comparison(data: Data, _table: Data) -> None:
    """A comparison kills other clauses at one node."""
    tables = sorted(data["tests"].items())
    compared = next(t["compared"] for _, t in tables if t["compared"])
    test = compared[first(compared)]
    test["true"], test["false"] = test["false"], test["true"]


def other_bound(data: Data, _table: Data) -> None:
    """A comparison has another bound at one node."""
    tables = [t["compare"]["record"] for _, t in sorted(data["tests"].items())]
    next(tests for tests in tables if tests)[0]["bound"] += 1


def empty(data: Data, name: str) -> None:
    """Point the first table of papers that has such a one to one that is empty."""
    tables = [tests for _, tests in sorted(data["paper_tests"].items())]
    data["shared"]["spoilt"] = {}
    next(t for t in tables if data["shared"][t[name]])[name] = "spoilt"


def other_paper(data: Data, _table: Data) -> None:
    """A paper that is wanted kills nothing at one node."""
    empty(data, "wanted")


def unwanted_paper(data: Data, _table: Data) -> None:
    """A paper that should not be given kills nothing at one node."""
    tables = data["paper_tests"]
    names = next(n for _, n in sorted(data["of"].items()) if tables[n[1]]["unwanted"])
    tables["spoilt"] = {**tables[names[1]], "unwanted": {}}
    names[1] = "spoilt"


def no_paper(data: Data, _table: Data) -> None:
    """Without any paper a signature holds a clause that wants one."""
    parts = data["parts"]
    data["paperless"] = {
        name: parts[under] | parts[over]
        for name, (under, over) in data["clauses"].items()
    }


def less_without_papers(data: Data, _table: Data) -> None:
    """Without any paper a signature lacks a clause that wants none."""
    part = data["paperless"][first(data["paperless"])]
    part.pop(next(key for key in sorted(part) if key != "8130000"))


def no_silence_without_papers(data: Data, _table: Data) -> None:
    """Without any paper nobody may be silent."""
    for part in data["paperless"].values():
        part.pop("8130000", None)


def other_mark_without_papers(data: Data, _table: Data) -> None:
    """Without any paper a clause is marked otherwise than with one."""
    part = data["paperless"][first(data["paperless"])]
    part[first(part)] += 1


def nothing_without_papers(data: Data, _table: Data) -> None:
    """What a signature holds without papers is not there."""
    del data["paperless"][first(data["paperless"])]


def other_year(data: Data, _table: Data) -> None:
    """A year begins in another era."""
    data["years"][126]["era"] += 1


def one_year_less(data: Data, _table: Data) -> None:
    """The last year is missing."""
    data["years"].pop()


def one_era_less(data: Data, _table: Data) -> None:
    """An era is missing."""
    data["eras"].pop()


def half_a_walk(data: Data, _table: Data) -> None:
    """A signature holds a rule's first clause and not its second."""
    for one, behind in sorted(data["later"].items()):
        for clauses in data["parts"].values():
            if one in clauses:
                clauses.pop(first(behind))
                return


def heads(data: Data) -> list[str]:
    """Return the clauses that stand first of several in their rule."""
    behind = {number for walk in data["later"].values() for number in walk}
    return sorted(set(data["later"]) - behind)


def two_walks(data: Data, _table: Data) -> None:
    """A clause stands behind one of another rule too."""
    one, other = heads(data)[:2]
    data["later"][one] |= data["later"][other]


def in_a_circle(data: Data, _table: Data) -> None:
    """Two clauses stand behind each other."""
    one = heads(data)[0]
    data["later"][first(data["later"][one])] = {one: 0}


def out_of_order(data: Data, _table: Data) -> None:
    """A clause in the middle of a walk forgets who is behind it."""
    walk = max(data["later"].values(), key=len)
    middle = max(walk, key=lambda number: len(data["later"].get(number, ())))
    data["later"][middle] = {}


def swapped_parts(data: Data, _table: Data) -> None:
    """What stands below and what may change it are in each other's place."""
    data["clauses"][first(data["clauses"])].reverse()


def nothing_requires(data: Data, _table: Data) -> None:
    """The list of what requires below is empty."""
    assert data["requiring"]
    data["requiring"] = {}


def other_row(_data: Data, table: Data) -> None:
    """A number stands for another effect than it says."""
    rows = table["clauses"]
    rows[first(rows)]["says"] = "permit"


WAYS: list[tuple[Callable[[Data, Data], None], str]] = [
    (no_custodian, "custodian has no dmv"),
    (no_dataset, "dataset a0 has no jail"),
    (no_kind, "has no hold, match"),
    (no_star, "has no answer for"),
    (no_purpose, "has no civil"),
    (no_other_purpose, "purpose c0 has no"),
    (nothing_beside, "has no hold, release"),
    (no_silence, "has no answer for"),
    (no_part, "has no answer for"),
    (third_part, "has no answer for"),
    (one_part, "has no answer for"),
    (other_mark, "has no answer for"),
    (other_requester, "ice finds other clauses"),
    (other_category, "home finds other clauses"),
    (other_node, "read, release finds other clauses"),
    (other_value, "sealed true kills other clauses"),
    (no_values, "kills other clauses"),
    (no_others, "kills other clauses"),
    (other_default, "convicted kills other clauses when unstated"),
    (default_elsewhere, "convicted kills other clauses when unstated"),
    (no_bare_category, "a category of which nothing is stated kills other clauses"),
    (unstated_number, "kills other clauses when unstated"),
    (comparison_elsewhere, "stands among other facts"),
    (other_comparison, "kills other clauses"),
    (other_bound, "is not what it is elsewhere"),
    (other_paper, "paper"),
    (unwanted_paper, "paper"),
    (no_paper, "holds other clauses without papers"),
    (less_without_papers, "holds other clauses without papers"),
    (no_silence_without_papers, "holds other clauses without papers"),
    (other_mark_without_papers, "holds other clauses without papers"),
    (nothing_without_papers, "holds other clauses without papers"),
    (other_year, "year 2026 begins in another era"),
    (one_year_less, "the years are not 1900 to 2199"),
    (one_era_less, "there are more days of change than eras"),
    (half_a_walk, "holds a part of a walk"),
    (two_walks, "stands in 2 walks"),
    (in_a_circle, "stands in 0 walks"),
    (out_of_order, "is not before all that are behind it"),
    (swapped_parts, "stands above and holds clause 8130000"),
    (swapped_parts, "stands below and holds clause"),
    (nothing_requires, "requiring lists other clauses"),
    (other_row, "is another number than"),
]
"""Each way, and what is said of it."""

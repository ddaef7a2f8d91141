"""A bundle whose tables disagree is not proved about: each place is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateway.canonical import canonical
from gateway.policy import Bundle
from gateway.policy.prove import proofs_of
from gateway.policy.prove.law import read_law
from tests.gateway.policy.prove.laws import EVERY_TEST, OVERLAY, bundle_of

Data = dict[str, Any]
TOLD = 10


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A bundle of every kind of test."""
    return bundle_of(tmp_path_factory.mktemp("law"), *EVERY_TEST, overlay=OVERLAY)


def read(bundle: Bundle, path: str) -> Data:
    """Return a document of a bundle, to be spoilt."""
    found = bundle.document(path)
    assert isinstance(found, dict)
    return dict(found)


def problems(bundle: Bundle, spoil: Callable[[Data, Data], None]) -> list[str]:
    """Return what is wrong with the tables once they are spoilt."""
    data, table = read(bundle, "compiled/data.json"), read(bundle, "table/data.json")
    spoil(data, table)
    return list(read_law(data, table, bundle.vocabulary).problems)


def test_the_tables_of_a_compiled_law_agree(bundle: Bundle) -> None:
    """Nothing is wrong with what the compiler makes."""
    assert problems(bundle, lambda _data, _table: None) == []


def first(table: Data) -> str:
    """Return some name of a table, always the same."""
    names: list[str] = sorted(table)
    return names[0]


def node_of(data: Data, *, holding: str) -> str:
    """Return a node whose table of values looks at a fact."""
    found = (n for n, facts in sorted(data["value"].items()) if holding in facts)
    return str(next(found))


def no_custodian(data: Data, _table: Data) -> None:
    """A word of the vocabulary is in no table."""
    del data["custodian"]["dmv"]


def no_dataset(data: Data, _table: Data) -> None:
    """A word of a lower table is missing."""
    del data["dataset"][first(data["dataset"])]["jail"]


def no_kind(data: Data, _table: Data) -> None:
    """A kind is missing."""
    del data["kind"][first(data["kind"])]["hold"]["match"]


def no_category(data: Data, _table: Data) -> None:
    """A category has no answer at a node."""
    for node in data["category"].values():
        node.pop("hold", None)


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


def other_number(data: Data, _table: Data) -> None:
    """A clause is found by another number than it is."""
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
    name = next(n for n, t in sorted(tables.items()) if {"home", "number"} <= set(t))
    tables[name]["home"] = tables[name]["number"]


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
    named = data["value"][node_of(data, holding="sealed")]
    values = data["shared"][named["sealed"]]
    spoilt = {"true": values["*"], "false": values["true"]}
    data["shared"]["spoilt"] = {**values, **spoilt}
    named["sealed"] = "spoilt"


def no_others(data: Data, _table: Data) -> None:
    """A table of values does not say what all others kill: nothing is found in it."""
    named = data["value"][node_of(data, holding="sealed")]
    spoilt = dict(data["shared"][named["sealed"]])
    del spoilt["*"]
    data["shared"]["spoilt"] = spoilt
    named["sealed"] = "spoilt"


def no_values(data: Data, _table: Data) -> None:
    """A node names a table of values that is not there."""
    data["value"][node_of(data, holding="sealed")]["sealed"] = "nothing"


def other_default(data: Data, _table: Data) -> None:
    """What is unstated kills nothing at one node."""
    data["record"][node_of(data, holding="convicted")]["convicted"] = {}


def other_comparison(data: Data, _table: Data) -> None:
    """A comparison kills other clauses at one node."""
    node = next(n for n, tests in sorted(data["compared"].items()) if tests)
    test = data["compared"][node][first(data["compared"][node])]
    test["true"], test["false"] = test["false"], test["true"]


def other_bound(data: Data, _table: Data) -> None:
    """A comparison has another bound at one node."""
    node = next(n for n, tests in sorted(data["compare"]["record"].items()) if tests)
    data["compare"]["record"][node][0]["bound"] += 1


def empty(data: Data, name: str) -> None:
    """Point the first node that has such a table to one that is empty."""
    tables = data[name]
    node = next(n for n, kept in sorted(tables.items()) if data["shared"][kept])
    data["shared"]["spoilt"] = {}
    tables[node] = "spoilt"


def other_paper(data: Data, _table: Data) -> None:
    """A paper that is wanted kills nothing at one node."""
    empty(data, "wanted")


def unwanted_paper(data: Data, _table: Data) -> None:
    """A paper that should not be given kills nothing at one node."""
    node = next(n for n, tests in sorted(data["unwanted"].items()) if tests)
    data["unwanted"][node][first(data["unwanted"][node])] = {}


def no_paper(data: Data, _table: Data) -> None:
    """Without any paper less is killed than without each."""
    empty(data, "paperless")


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


def other_row(_data: Data, table: Data) -> None:
    """A number stands for another effect than it says."""
    rows = table["clauses"]
    rows[first(rows)]["says"] = "permit"


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (no_custodian, "custodian has no dmv"),
        (no_dataset, "dataset a0 has no jail"),
        (no_kind, "has no hold, match"),
        (no_category, "has no answer for hold"),
        (no_silence, "has no answer for"),
        (no_part, "has no answer for"),
        (third_part, "has no answer for"),
        (one_part, "has no answer for"),
        (other_number, "has no answer for"),
        (other_requester, "ice finds other clauses"),
        (other_category, "home finds other clauses"),
        (other_node, "read, release finds other clauses"),
        (other_value, "sealed true kills other clauses"),
        (no_values, "kills other clauses"),
        (no_others, "kills other clauses"),
        (other_default, "convicted kills other clauses when unstated"),
        (other_comparison, "kills other clauses"),
        (other_bound, "is not what it is elsewhere"),
        (other_paper, "paper"),
        (unwanted_paper, "paper"),
        (no_paper, "no paper kills other clauses than none of each"),
        (other_year, "year 2026 begins in another era"),
        (one_year_less, "the years are not 1900 to 2199"),
        (one_era_less, "there are more days of change than eras"),
        (half_a_walk, "holds a part of a walk"),
        (two_walks, "stands in 2 walks"),
        (in_a_circle, "stands in 0 walks"),
        (out_of_order, "is not before all that are behind it"),
        (other_row, "is another number than"),
    ],
)
def test_what_disagrees_is_named(
    bundle: Bundle, spoil: Callable[[Data, Data], None], said: str
) -> None:
    """Each way in which tables can contradict each other is found, and where."""
    found = problems(bundle, spoil)
    assert any(said in problem for problem in found), found


def test_nothing_else_is_proved_of_tables_that_disagree(bundle: Bundle) -> None:
    """The first claim fails with the places, ten of them and the number of the rest."""
    data = read(bundle, "compiled/data.json")
    no_custodian(data, {})
    files = {**bundle.files, "compiled/data.json": canonical(data)}
    (proof,) = proofs_of(Bundle(files=files))
    assert proof.id == "answered"
    assert [one.says for one in proof.broken_by] == ["custodian has no dmv"]
    for table in (*data["requester"].values(), *data["purpose"].values()):
        table.clear()
    files = {**bundle.files, "compiled/data.json": canonical(data)}
    (proof,) = proofs_of(Bundle(files=files))
    assert len(proof.broken_by) == TOLD + 1
    assert proof.broken_by[-1].says.startswith("and ")

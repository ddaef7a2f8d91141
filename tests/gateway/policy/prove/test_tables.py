"""A bundle whose tables disagree is not proved about: each place is named."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.canonical import canonical
from gateway.policy import Bundle
from gateway.policy.prove import proofs_of
from gateway.policy.prove.law import read_law
from tests.gateway.policy.prove.laws import EVERY_TEST, OVERLAY, bundle_of
from tests.gateway.policy.prove.spoilt import WAYS, Data, no_custodian

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


def as_before(data: Data, _table: Data) -> None:
    """Say of nodes, as bundles did, what no paper kills; parts do not say it."""
    for name, tests in data["paper_tests"].items():
        wanted = data["shared"][tests["wanted"]].values()
        data["shared"][f"{name}-before"] = {key: 0 for dead in wanted for key in dead}
        tests["paperless"] = f"{name}-before"
    del data["paperless"]
    del data["requiring"]


def test_the_tables_of_a_bundle_built_before_are_read(bundle: Bundle) -> None:
    """A bundle in force is compared with the next, whatever built it."""
    assert problems(bundle, as_before) == []


def test_what_no_paper_kills_is_looked_at_in_a_bundle_built_before(
    bundle: Bundle,
) -> None:
    """It is what none of each paper would."""

    def spoil(data: Data, table: Data) -> None:
        as_before(data, table)
        for name in data["paper_tests"]:
            data["shared"][f"{name}-before"] = {}

    found = problems(bundle, spoil)
    assert any("no paper kills other clauses than none" in each for each in found)


def both_ways(data: Data, table: Data) -> None:
    """Nodes say what no paper kills, and what parts hold without papers is wrong."""
    requiring = data["requiring"]
    as_before(data, table)
    data.update(paperless=data["parts"], requiring=requiring)


def nothing_without_any(data: Data, _table: Data) -> None:
    """The table of what parts hold without papers is not there."""
    del data["paperless"]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        *WAYS,
        (nothing_without_any, "holds other clauses without papers"),
        (both_ways, "holds other clauses without papers"),
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

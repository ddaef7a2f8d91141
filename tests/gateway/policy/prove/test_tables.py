"""A bundle whose tables disagree is not proved about: each place is named."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.canonical import canonical
from gateway.policy import Bundle
from gateway.policy.prove import proofs_of
from gateway.policy.prove.law import read_law
from gateway.policy.vocabulary import Vocabulary
from tests.gateway.policy.prove.before import as_before, as_long_before
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


def older(
    bundle: Bundle,
    write: Callable[[Data, Vocabulary], None],
    spoil: Callable[[Data], object] = lambda _data: None,
) -> list[str]:
    """Return what is wrong with tables written as before, once they are spoilt."""

    def both(data: Data, _table: Data) -> None:
        write(data, bundle.vocabulary)
        spoil(data)

    return problems(bundle, both)


@pytest.mark.parametrize("write", [as_before, as_long_before])
def test_the_tables_of_a_bundle_built_before_are_read(
    bundle: Bundle, write: Callable[[Data, Vocabulary], None]
) -> None:
    """A bundle in force is compared with the next, whatever built it."""
    assert older(bundle, write) == []


def nothing_killed(data: Data) -> None:
    """What no paper kills is nothing."""
    for name in data["paper_tests"]:
        data["shared"][f"{name}-before"] = {}


def no_category(data: Data) -> None:
    """A category has no name by which a node could answer."""
    del data["asked"]["hold"]["release"]["hold"]


def more_categories(data: Data) -> None:
    """A category that may not be asked has a name, and so an answer."""
    data["asked"]["hold"]["release"]["home"] = "g-hold"


def marked(data: Data) -> None:
    """A clause is found by another number than it is."""
    part = data["parts"]["p0"]
    part[min(part)] = 1


def all_of_it(data: Data) -> None:
    """Parts hold without papers what they hold with some."""
    data["paperless"] = data["parts"]


@pytest.mark.parametrize(
    ("write", "spoil", "said"),
    [
        (as_long_before, nothing_killed, "no paper kills other clauses than none"),
        (as_long_before, all_of_it, "holds other clauses without papers"),
        (as_before, all_of_it, "holds other clauses without papers"),
        (as_before, no_category, "has no answer for hold"),
        (as_before, more_categories, "answers home, which is not asked"),
        (as_before, marked, "has no answer for"),
    ],
)
def test_what_disagrees_is_named_in_a_bundle_built_before(
    bundle: Bundle,
    write: Callable[[Data, Vocabulary], None],
    spoil: Callable[[Data], object],
    said: str,
) -> None:
    """What its rules look at is looked at."""
    found = older(bundle, write, spoil)
    assert any(said in problem for problem in found), found


def nothing_without_any(data: Data, _table: Data) -> None:
    """The table of what signatures hold without papers is not there."""
    del data["paperless"]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        *WAYS,
        (nothing_without_any, "holds other clauses without papers"),
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

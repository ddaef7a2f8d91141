"""What an evaluator would find otherwise than it is read is named before all else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gateway.canonical import canonical
from gateway.policy import Bundle
from gateway.policy.prove.law import law_of, read_law
from gateway.policy.prove.results import Mistranslated
from tests.gateway.policy.prove.before import as_before
from tests.gateway.policy.prove.laws import EVERY_TEST, OVERLAY, bundle_of
from tests.gateway.policy.prove.spoilt import Data

SILENCE = "8130000"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A bundle of every kind of test."""
    return bundle_of(tmp_path_factory.mktemp("law"), *EVERY_TEST, overlay=OVERLAY)


def document(bundle: Bundle) -> Data:
    """Return the compiled tables, to be spoilt."""
    found = bundle.document("compiled/data.json")
    assert isinstance(found, dict)
    return dict(found)


def comparisons(data: Data, scope: str) -> Iterator[list[Data]]:
    """Yield the comparisons of each table that has some of a scope."""
    for _, tests in sorted(data["tests"].items()):
        if tests["compare"][scope]:
            yield tests["compare"][scope]


def everywhere(data: Data, scope: str, **members: object) -> None:
    """Write the comparisons of a scope otherwise, wherever they stand."""
    for tests in comparisons(data, scope):
        for test in tests:
            test.update(members)


def true_marks(data: Data) -> None:
    """A clause with others behind it is marked true: what is behind it speaks too."""
    for part in (*data["parts"].values(), *data["paperless"].values()):
        part |= {key: True for key, mark in part.items() if mark == 1}


def no_clause(data: Data) -> None:
    """A clause that no table kills is one by its number, and by no other's key."""
    for part in (*data["parts"].values(), *data["paperless"].values()):
        if SILENCE in part:
            part["5430001 "] = 0


def nothing_left(data: Data) -> None:
    """Where no paper is given there is a clause that no part has."""
    for left in data["paperless"].values():
        left["5430009"] = None


def silent_ahead(data: Data) -> None:
    """Where nobody else speaks, what stands behind that is not heard."""
    walk: Data = max(data["later"].values(), key=len)
    data["later"][SILENCE] = {max(walk): 0}
    for part in (*data["parts"].values(), *data["paperless"].values()):
        if SILENCE in part:
            part[SILENCE] = 1


def never_silent(data: Data) -> None:
    """Nobody is silent on any day."""
    for dead in data["eras"]:
        dead[SILENCE] = 0


def listed(data: Data) -> None:
    """What is out of force is a list."""
    data["eras"] = [list(dead) for dead in data["eras"]]


def made_twice(data: Data) -> None:
    """Between a comparison and itself there is one of its name."""
    for tests in comparisons(data, "record"):
        tests[:] = [tests[0], {**tests[0], "op": "gt"}, *tests]


def made_elsewhere(data: Data) -> None:
    """A number of the request is compared among facts of the record too."""
    for tests in data["tests"].values():
        tests["compare"]["record"] += tests["compare"]["request"]


def years_of_nothing(data: Data) -> None:
    """What is not false is true."""
    everywhere(data, "request", years=0)


def true_bound(data: Data) -> None:
    """Every number is more than true."""
    everywhere(data, "request", bound=True)


def false_number(data: Data) -> None:
    """No number is less than false."""
    everywhere(data, "request", unstated=False)


def below_nothing(data: Data) -> None:
    """No number is below nothing."""
    everywhere(data, "request", bound=-1)


def before_all_years(data: Data) -> None:
    """Counted back there is no year left."""
    everywhere(data, "record", bound=4_100, years=True)


def on_no_day(data: Data) -> None:
    """A day is compared with what is none."""
    everywhere(data, "record", bound=20260250, years=False)


def otherwise(data: Data) -> None:
    """A number is compared as none is."""
    everywhere(data, "request", op="in")


def a_word(data: Data) -> None:
    """A word is compared with a number."""
    everywhere(data, "request", fact="agreement", unstated="none")


def changed_on_no_day(data: Data) -> None:
    """The law changes on the fiftieth of a month."""
    for year in data["years"]:
        year["days"] = [day // 100 * 100 + 50 for day in year["days"]]


def true_era(data: Data) -> None:
    """An era is no number."""
    for year in data["years"]:
        year["era"] = bool(year["era"]) if year["era"] < 2 else year["era"]


def nothing_awaited(data: Data) -> None:
    """No clause waits for a fact: a screen would say that nothing settles it."""
    data["pending"] = {key: {} for key in data["pending"]}


def waiting_in_vain(data: Data) -> None:
    """A clause waits for what is known before any record is."""
    min(data["pending"].values(), key=len)["bulk"] = 0


def firm(data: Data) -> None:
    """Every clause holds whatever a record says."""
    data["pending"] = {}


def unnamed_signature(data: Data) -> None:
    """A node without a star has its answer under no name, and others by their own."""
    tables = data["category"].values()
    table = next(table for table in tables if len(table) == 1)
    data["clauses"][""] = data["clauses"][table["*"]]
    data["paperless"][""] = data["paperless"][table["*"]]
    table["hold"] = table.pop("*")


def of_both_forms(data: Data) -> None:
    """Categories have names, and nothing else is as it was before."""
    data["asked"] = {"read": {"release": {}}}


def absent_papers(data: Data) -> None:
    """A paper that is not given satisfies what any does."""
    for states in data["papers"].values():
        states["absent"] = {test: "yes" for ids in states.values() for test in ids}


def strange_papers(data: Data) -> None:
    """A paper that nobody can give satisfies a test."""
    data["papers"]["paper.none"] = next(iter(data["papers"].values()))


def listed_papers(data: Data) -> None:
    """The tests that a paper satisfies are a list."""
    for states in data["papers"].values():
        states.update({state: list(ids) for state, ids in states.items()})


def no_requiring(data: Data) -> None:
    """A screen looks for what requires, and there is no list of it."""
    del data["requiring"]


SPOILT: list[tuple[Callable[[Data], None], str]] = [
    (true_marks, "holds a mark that is no number"),
    (no_clause, "holds what is no clause"),
    (nothing_left, "holds what is no clause"),
    (silent_ahead, "later holds what is no clause"),
    (never_silent, "eras holds what is no clause"),
    (listed, "eras holds what is no clause"),
    (made_twice, "stands there twice"),
    (made_elsewhere, "stands there twice"),
    (years_of_nothing, "is none of a number"),
    (true_bound, "is none of a number"),
    (false_number, "is none of a number"),
    (below_nothing, "is none of a number"),
    (before_all_years, "is none of a number"),
    (on_no_day, "is none of a number"),
    (otherwise, "is none of a number"),
    (a_word, "is none of a number"),
    (changed_on_no_day, "changes on"),
    (true_era, "a year begins in"),
    (nothing_awaited, "does not wait for convicted"),
    (waiting_in_vain, "waits for what no record says"),
    (firm, "does not wait for convicted"),
    (unnamed_signature, "has no answer for"),
    (absent_papers, "in states that are none"),
    (strange_papers, "paper.none satisfies tests in states that are none"),
    (listed_papers, "in states that are none"),
    (no_requiring, "requiring lists other clauses"),
    (of_both_forms, "of another form than the categories"),
]


@pytest.mark.parametrize(("spoil", "said"), SPOILT)
def test_what_is_found_otherwise_than_it_is_read_is_named(
    bundle: Bundle, spoil: Callable[[Data], None], said: str
) -> None:
    """What is no clause, no mark, no number and no day to an evaluator."""
    data, table = document(bundle), bundle.document("table/data.json")
    spoil(data)

    found = read_law(data, table, bundle.vocabulary).problems

    assert any(said in problem for problem in found), found


def free(table: Data) -> None:
    """A case that leaves it to a person says that it does not."""
    for rule in table["rules"].values():
        for case in rule["cases"].values():
            case["discretion"] = False


def unsure(table: Data) -> None:
    """What surely holds says that it does by what is unknown."""
    for row in table["clauses"].values():
        row["by_unknown"] = True


def at_once(table: Data) -> None:
    """What waits for a fact says that it does not."""
    for row in table["clauses"].values():
        row["pending"] = False


@pytest.mark.parametrize("spoil", [free, unsure, at_once])
def test_rows_say_what_numbers_say(
    bundle: Bundle, spoil: Callable[[Data], None]
) -> None:
    """A person is told the row, and the number decides."""
    table = bundle.document("table/data.json")
    assert isinstance(table, dict)
    spoil(table)

    found = read_law(document(bundle), table, bundle.vocabulary).problems

    assert found
    assert all("has other flags than" in problem for problem in found), found


def spoilt(bundle: Bundle, path: str, value: Any) -> tuple[str, ...]:  # noqa: ANN401 - JSON
    """Return what is wrong with a bundle with one other file."""
    files = {**bundle.files, path: canonical(value)}
    return law_of(Bundle(files=files)).problems


def test_a_bundle_as_it_is_built_is_read(bundle: Bundle) -> None:
    """Its rules look up the tables that it has."""
    assert law_of(bundle).problems == ()


def test_rules_look_up_tables_of_their_own_form(bundle: Bundle) -> None:
    """Tables as bundles had them before are for the rules of these bundles."""
    data = document(bundle)
    as_before(data, bundle.vocabulary)

    found = spoilt(bundle, "compiled/data.json", data)

    assert found == ("the tables are of another form than the rules look them up in",)


def test_tables_are_written_in_one_way(bundle: Bundle) -> None:
    """Whether a rule looks at a fact is asked of their text."""
    text = bundle.files["compiled/data.json"].replace(b'"sealed":', b'"sealed" :')
    spaced = Bundle(files={**bundle.files, "compiled/data.json": text})

    assert bundle.looks_at("sealed")
    assert not spaced.looks_at("sealed")
    assert law_of(spaced).problems == (
        "the tables are not written as they are looked for",
    )


@pytest.mark.parametrize("name", ["apart", "of", "years"])
def test_what_cannot_be_read_is_said(bundle: Bundle, name: str) -> None:
    """No table, no law: that is no fault of who reads it."""
    data = document(bundle)
    del data[name]

    with pytest.raises(Mistranslated, match=f"cannot be read.*{name}"):
        spoilt(bundle, "compiled/data.json", data)


@pytest.mark.parametrize(
    "path",
    ["compiled/parts/data.json", "data.json", "sallyport/data.yaml", "policy.wasm"],
)
def test_what_opa_alone_would_read_is_named(bundle: Bundle, path: str) -> None:
    """Another evaluator would not see it, nor would a proof."""
    found = spoilt(bundle, path, {"p0": {"5430001": 0}})

    assert found == (f"{path} would be read by OPA and by nothing else",)

"""Invariants are read with every mistake named, and travel with the law."""

# ruff: noqa: ANN401 - documents made by hand hold values of any type

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import InvalidFile
from gateway.policy.law import FIRST
from gateway.policy.never import (
    Invariant,
    Missing,
    invariants_in,
    read_invariants,
    stack_of,
)
from tests.gateway.policy.prove.laws import bundle_of, never
from tests.gateway.policy.small import rule, vocabulary

NOTHING = {"outcomes": ["release"]}


def file(*invariants: Mapping[str, Any]) -> bytes:
    """Return a file of invariants."""
    text = {"schema": "sallyport.must_never/1", "invariants": invariants}
    return json.dumps(text).encode()


def one(**members: Any) -> Invariant:
    """Return an invariant as it is read."""
    (found,) = read_invariants(
        {"must_never.yaml": file(never(never=NOTHING, **members))}, vocabulary()
    )
    return found


def test_what_is_left_out_is_any() -> None:
    """Every word of each dimension, and an unknown purpose; no record's existence."""
    found = one()
    assert found.custodians == {"sheriff", "dmv"}
    assert found.purposes == {"civil", "crime", "none_given", "unknown"}
    assert ("hold", "release", "hold") in found.asks
    assert ("read", "release", "record_exists") not in found.asks
    assert not any(use == "match" for _, use, _ in found.asks)
    assert found.packs == set()


def test_families_and_words_narrow_it() -> None:
    """A family stands for its classes; what is barred is left out."""
    where = {"families": ["fed"], "not_requesters": ["fbi"], "use": ["match"]}
    found = one(where=where)
    assert found.requesters == {"ice"}
    assert {use for _, use, _ in found.asks} == {"match"}


def test_it_may_begin_on_a_day_and_ask_for_what_is_not_known() -> None:
    """Without a day it is of all days; ``is: unknown`` is that a fact is missing."""
    assert (one().since, one().given) == (FIRST, ())
    found = one(
        where={"days": {"from": "2024-07-01"}},
        given=[{"fact": "sealed", "is": "unknown"}],
    )
    assert (found.since, found.given) == (20240701, (Missing(fact="sealed"),))


def test_a_kind_without_fields_is_named_by_its_kind() -> None:
    """Categories narrow fields; and that there is a record is asked by name."""
    where = {"kinds": ["hold", "read"], "categories": ["date", "record_exists"]}
    found = one(where=where)
    assert found.asks == {
        ("hold", "release", "hold"),
        ("hold", "release", "record_exists"),
        ("read", "release", "date"),
        ("read", "release", "record_exists"),
    }
    barred = one(where={"kinds": ["hold"], "not_categories": ["hold"]})
    assert barred.asks == set()


def test_a_file_in_the_folder_of_a_pack_is_about_that_pack() -> None:
    """Beside the packs that it names itself."""
    data = file(never(never=NOTHING, packs=["us-federal"]))
    (found,) = read_invariants({"packs/us-ca/must_never.yaml": data}, vocabulary())
    assert found.packs == {"us-ca", "us-federal"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"[", "must_never.yaml"),
        (b'{"schema": "other", "invariants": []}', "must_never.yaml:schema"),
        (file(never()), "never: Field required"),
        (file(never(never={})), "says of nothing that it may not come out"),
        (file(never(never=NOTHING, where={"kinds": ["hol"]})), "did you mean hold?"),
        (
            file(never(never=NOTHING, given=[{"fact": "seal", "is": "unknown"}])),
            "did you mean sealed?",
        ),
        (
            file(never(never=NOTHING, given=[{"fact": "seal", "is": True}])),
            "did you mean sealed?",
        ),
        (file(never(never=NOTHING), never(never=NOTHING)), "one is named twice"),
    ],
)
def test_every_mistake_is_named(text: bytes, said: str) -> None:
    """With its file, and the nearest right word."""
    with pytest.raises(InvalidFile) as refused:
        read_invariants({"must_never.yaml": text}, vocabulary())
    assert said in str(refused.value)


def test_invariants_travel_in_the_bundle(tmp_path: Path) -> None:
    """Those of the folder and those of its packs; so they are part of the revision."""
    own = {"id": "own", "says": "It never does.", "citation": "Law 2", "never": NOTHING}
    (tmp_path / "packs" / "st").mkdir(parents=True)
    (tmp_path / "packs" / "st" / "must_never.yaml").write_bytes(file(own))
    bundle = bundle_of(
        tmp_path, rule("st.a"), invariants=[never(never=NOTHING)], overlay=[]
    )
    found = invariants_in(bundle.files, bundle.vocabulary)
    assert {(x.id, x.packs) for x in found} == {
        ("one", frozenset()),
        ("own", frozenset({"st"})),
    }
    assert stack_of(bundle.files) == (("st",), "county")
    without = bundle_of(tmp_path / "2", rule("st.a"), overlay=[])
    assert without.revision != bundle.revision


def test_a_bundle_is_not_built_of_mistaken_invariants(tmp_path: Path) -> None:
    """As of mistaken rules."""
    with pytest.raises(InvalidFile, match="did you mean jail"):
        bundle_of(
            tmp_path,
            rule("st.a"),
            invariants=[never(never=NOTHING, where={"datasets": ["jale"]})],
        )

"""An engine that answers a conformance question otherwise is not believed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from gateway.canonical import canonical
from gateway.errors import Unavailable
from gateway.policy import Policy, build
from gateway.policy.build import _with_conformance
from gateway.policy.bundle import with_revision
from gateway.policy.conformance import FILE, UNKNOWN, agrees, digest_of
from gateway.policy.embedded import EmbeddedEngine
from tests.gateway.policy.conftest import Built
from tests.gateway.policy.small import library, rule

BROKEN = [
    (
        "place",
        'object.get(table, compiled.purposes[purpose], table["*"])',
        'table["*"]',
    ),
    ("place", 'array.concat(["*"], ask.categories)', '["*"]'),
    ("place", "paperless[signature]", "data.compiled.parts.p0"),
    (
        "dead",
        "} else := by_papers(data.compiled.paper_tests[name], given(facts))",
        "} else := {}",
    ),
    ("dead", "input.day - (test.bound * 10000)", "input.day"),
    ("dead", "some dead in object.remove(tests[scope], facts)", "some dead in []"),
    ("decide", "array.concat(false_here, [tests.bare])", "false_here"),
    ("decide", '"record", record.facts', '"record", {}'),
    ("decide", "some key, 1 in standing", "some key, 2 in standing"),
    (
        "decide",
        '"left": object.remove(object.union_n([c | some c in clauses]), gone)',
        '"left": object.union_n([c | some c in clauses])',
    ),
    ("screen", "some key, 1 in firm", "some key, 2 in firm"),
    (
        "screen",
        "object.remove(object.union_n([c | some c in clauses]), gone)",
        "object.union_n([c | some c in clauses])",
    ),
    ("fold", "} else := min(saved)", "} else := now"),
]
"""Evaluators broken by one edit each."""


@pytest.mark.parametrize(("module", "right", "wrong"), BROKEN)
def test_a_broken_evaluator_is_not_believed(
    built: Callable[..., Built], module: str, right: str, wrong: str
) -> None:
    """It makes no bundle, and a bundle whose answers it made itself does not start."""
    stack = built(("us-federal", "us-ca"), "example-county")
    path = f"sallyport/{module}.rego"
    text = stack.bundle.files[path].decode()
    assert right in text
    files = {**stack.bundle.files, path: text.replace(right, wrong, 1).encode()}
    with pytest.raises(Unavailable):
        _with_conformance(files, stack.bundle.vocabulary, stack.rules)
    document = stack.bundle.document(FILE)
    assert isinstance(document, dict)
    engine = EmbeddedEngine(with_revision(files))
    questions = document["questions"]
    assert isinstance(questions, list)
    document["answers"] = digest_of(engine.answer(canonical(q)) for q in questions)
    mine = Policy(bundle=with_revision({**files, FILE: canonical(document)}))
    assert asyncio.run(mine.problem())


@pytest.mark.parametrize("party", ["input.requester", "party"])
def test_strangers(built: Callable[..., Built], party: str) -> None:
    """An evaluator that answers whom the vocabulary doesn't have does not start.

    Nor one that answers for a recipient whom it doesn't have.
    """
    stack = built(("us-federal", "us-ca"), "example-county")
    path = "sallyport/place.rego"
    text = stack.bundle.files[path].decode()
    right = "compiled.requester[dataset][party]"
    wrong = (
        f"object.get(data.compiled.requester[dataset], {party}, "
        "data.compiled.requester[dataset].ice_ero)"
    )
    assert right in text
    files = {**stack.bundle.files, path: text.replace(right, wrong).encode()}
    assert not asyncio.run(stack.policy.problem())
    assert asyncio.run(Policy(bundle=with_revision(files)).problem())


@pytest.mark.parametrize("wrong", ["requester, input.facts", "recipient, input.facts"])
def test_recipients(built: Callable[..., Built], wrong: str) -> None:
    """Nor does one that asks for the requester alone, or lends what it has."""
    stack = built(("us-federal", "us-ca"), "example-county")
    path = "sallyport/decide.rego"
    text = stack.bundle.files[path].decode()
    right = "others = asked(input.recipient, input.recipient_facts)"
    assert right in text
    other = text.replace(right, f"others = asked(input.{wrong})")
    files = {**stack.bundle.files, path: other.encode()}
    document = orjson.loads(files[FILE])
    answers = {**document, "answers": UNKNOWN}
    mine = with_revision({**files, FILE: canonical(answers)})
    assert asyncio.run(Policy(bundle=mine).problem())


@pytest.mark.parametrize("plain", [None, [], [[]], [["permit release"]], [7]])
def test_plain_answers_of_another_shape(plain: object) -> None:
    """What cannot be compared, or says other, is no agreement."""
    answer = canonical(
        {"records": [{"asks": [{"effect": "prohibit", "outcome": "withhold"}]}]}
    )
    assert not agrees(answer, plain)  # type: ignore[arg-type]  # what a file may hold
    assert agrees(answer, [["prohibit withhold"]])


def test_where_no_engine_can_be_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a wheel a bundle is built too, and an engine is tried by it later."""
    laws = [rule("st.a"), rule("st.b", effect="permit")]
    found = library(tmp_path, rules={"st": laws})
    monkeypatch.setattr(build, "have_embedded", lambda: False)
    bundle = build.assemble(found, ["st"], None)
    monkeypatch.undo()
    elsewhere = build.assemble(found, ["st"], None)
    assert bundle.revision != elsewhere.revision
    assert not asyncio.run(Policy(bundle=bundle).problem())
    path = "sallyport/decide.rego"
    folds, opens = (
        b"by = data.sallyport.fold.folded(min(said), said)",
        b'by = "5430001"',
    )
    broken = bundle.files[path].replace(folds, opens)
    assert broken != bundle.files[path]
    stays = with_revision({**bundle.files, path: broken})
    assert asyncio.run(Policy(bundle=stays).problem())

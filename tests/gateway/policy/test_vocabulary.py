"""The closed lists: what they say against each other is named, and who may say what."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import InvalidFile
from gateway.policy.pack import shipped_policies
from gateway.policy.vocabulary import load_vocabulary
from tests.gateway.policy.small import vocabulary_text


def test_what_the_registry_may_state() -> None:
    """Facts about agencies, by name; what requesters state is not among them."""
    words = load_vocabulary(shipped_policies() / "vocabulary.yaml")
    assert "task_force_primary_immigration" in words.registry_facts
    assert words.registry_facts.isdisjoint(words.sayable)


WORDS: list[tuple[list[str | int], object, str]] = [
    (["requester_classes", "ice", "family"], "fd", "family: fd .*did you mean fed"),
    (["families", "fed", "presumed_purpose"], "cvil", "purpose: cvil .*civil"),
    (["families", "fed", "certified_by"], ["agrement"], "agrement .*agreement"),
    (["kinds", "hold", "category"], "holding", "kinds.hold.category"),
    (["kinds", "hold"], {"title": "x"}, "either fields: true or a category"),
    (["instruments", "warrant", "signers"], ["king"], "king is not in the list"),
    (["paper_groups", "any"], ["odd"], "odd is not in the list"),
    (["paper_states"], ["issuer_confirmed"], "absent is not in the list"),
    (["reason_codes"], {}, "NO_RULE is not in the list"),
    (["facts", "paper.x"], {"type": "boolean", "scope": "record"}, "come from"),
    (["facts", "bulk", "values"], ["a"], "a code, and only a code"),
    (["facts", "agreement", "also"], ["pending"], "reserved words: pending"),
    (["facts", "level", "max"], None, "an integer, and only an integer"),
    (["facts", "sealed", "default"], False, "has no default"),
    (["facts", "sealed", "said_by"], "requester", "may not state"),
    (["facts", "agreement", "said_by"], "registry", "yes or no only"),
    (["facts", "level", "default"], 7, "not a value"),
    (["facts", "level", "ordinarily"], False, "only yes or no of a record"),
    (["facts", "bulk", "ordinarily"], False, "only yes or no of a record"),
    (["facts", "sealed", "ordinarily"], True, "facts.sealed.ordinarily"),
]


@pytest.mark.parametrize(
    ("path", "value", "says"), WORDS, ids=[str(i) for i in range(len(WORDS))]
)
def test_wrong_vocabulary(
    tmp_path: Path, path: list[str], value: object, says: str
) -> None:
    """What the lists say against each other is named."""
    words = vocabulary_text()
    here: Any = words
    for name in path[:-1]:
        here = here[name]
    if value is None:
        del here[path[-1]]
    else:
        here[path[-1]] = value
    (tmp_path / "vocabulary.yaml").write_text(json.dumps(words))
    with pytest.raises(InvalidFile, match=says):
        load_vocabulary(tmp_path / "vocabulary.yaml")

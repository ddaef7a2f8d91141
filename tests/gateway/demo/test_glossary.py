"""Code words in plain language."""

from __future__ import annotations

import pytest

from gateway.config import packaged_policies
from gateway.demo.glossary import Glossary, plain
from gateway.policy.vocabulary import load_vocabulary


@pytest.fixture(scope="module")
def glossary() -> Glossary:
    """The glossary of the vocabulary that comes with the gateway."""
    return Glossary.of(load_vocabulary(packaged_policies() / "vocabulary.yaml"))


def test_duties_are_told_by_their_titles(glossary: Glossary) -> None:
    """Titles stand inside a sentence; what is told anyway is left out."""
    told = glossary.tell_duties(["log_request", "notify_subject", "new_duty"])

    assert told == "notify the person; new duty"


def test_what_would_change_an_answer_is_told_with_its_form(glossary: Glossary) -> None:
    """Papers have their form's number; the other words have plain phrases."""
    told = glossary.tell_changes(["ao442", "confirmation"])

    assert told.startswith("federal arrest warrant (AO442); the paper, confirmed")


def test_every_word_that_may_change_an_answer_has_a_phrase(glossary: Glossary) -> None:
    """No change word of the vocabulary is told as a code."""
    vocabulary = load_vocabulary(packaged_policies() / "vocabulary.yaml")

    assert set(vocabulary.change_words) <= set(glossary.changes)
    assert plain("a_word") == "a word"

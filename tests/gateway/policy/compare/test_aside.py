"""Deciding side by side: in a process of its own where there is much to decide."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.policy.compare import aside
from gateway.policy.compare.aside import AsideDecider, decide_archive, decide_both
from gateway.policy.compare.deciders import EmbeddedDecider
from tests.gateway.policy.compare.two import asked, law, side

QUESTIONS = [past.question for past in asked({"convicted": True}, {}, None)]


def test_few_are_decided_here(tmp_path: Path) -> None:
    """The same verdicts, whoever gives them; nothing asked is nothing answered."""
    bundle = side(tmp_path, law()).deciding
    here = EmbeddedDecider(bundle)
    expected = here.decide(QUESTIONS)
    assert decide_both((here, AsideDecider(bundle)), QUESTIONS) == (expected, expected)
    assert decide_both((here, here), QUESTIONS) == (expected, expected)
    assert decide_both((here, AsideDecider(bundle)), []) == ([], [])
    assert decide_archive(bundle.archive(), QUESTIONS) == expected


def test_many_are_decided_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process of its own gives the same verdicts."""
    monkeypatch.setattr(aside, "MANY", 1)
    bundle = side(tmp_path, law()).deciding
    here = EmbeddedDecider(bundle)
    both = decide_both((here, AsideDecider(bundle)), QUESTIONS)
    assert both[1] == both[0]

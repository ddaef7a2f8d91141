"""The reason words: closed, plain, and all of them earned by some attack."""

from __future__ import annotations

import re

from gateway.errors import Unauthenticated
from gateway.identity import Reason
from gateway.identity.reasons import refusal
from tests.gateway.identity.test_authenticator import ATTACKS

# Their tests need a real handshake, or a registry that changes.
ELSEWHERE = {Reason.SESSION_RESUMED, Reason.CERTIFICATE_REVOKED}


def test_every_word_is_earned() -> None:
    """No word stands for a check that nothing tries."""
    earned = {row.reason for row in ATTACKS}

    assert set(Reason) == earned | ELSEWHERE


def test_words_are_plain() -> None:
    """Lower case and hyphens: they are labels of a metric."""
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", word) for word in Reason)


def test_a_refusal_carries_its_word() -> None:
    """What the web layer counts is the word itself."""
    error = refusal(Reason.EXPIRED)

    assert isinstance(error, Unauthenticated)
    assert "expired" == error.reason == str(error)

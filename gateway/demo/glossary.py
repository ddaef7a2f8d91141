"""Code words in plain language, from the vocabulary that the law is written in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.policy import Vocabulary

__all__ = ["Glossary", "plain", "plain_time"]

_CHANGES: Final = {
    "confirmation": "the paper, confirmed by whoever issued it",
    "agreement": "an agreement in force with the county",
    "certification": "a certification in force",
    "judicial_process": "a court's order or warrant, confirmed by the court",
    "consent": "the person's written consent",
}

_SAID_ELSEWHERE: Final = frozenset({"log_request"})
"""Duties the story tells of anyway: every request is written down."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Glossary:
    """Titles of duties, and of what would change an answer."""

    duties: Mapping[str, str]
    changes: Mapping[str, str]

    @classmethod
    def of(cls, vocabulary: Vocabulary) -> Glossary:
        """Take the titles from a vocabulary."""
        papers = {
            code: _lower(item.title) + _form(item.form)
            for code, item in vocabulary.instruments.items()
        }
        return cls(
            duties={
                code: _lower(item.title)
                for code, item in vocabulary.obligations.items()
            },
            changes=papers | _CHANGES,
        )

    def tell_duties(self, codes: Iterable[str]) -> str:
        """Return the duties that are worth telling, as part of a sentence."""
        told = [code for code in codes if code not in _SAID_ELSEWHERE]
        return "; ".join(self.duties.get(code, plain(code)) for code in told)

    def tell_changes(self, codes: Iterable[str]) -> str:
        """Return what would change an answer, as part of a sentence."""
        return "; ".join(self.changes.get(code, plain(code)) for code in codes)


def plain(word: str) -> str:
    """Return a code word as people write it."""
    return word.replace("_", " ")


def plain_time(moment: str) -> str:
    """Return an RFC 3339 time as people write it, to the minute."""
    when = dt.datetime.fromisoformat(moment).astimezone(dt.UTC)
    return f"{when.day} {when:%B %Y, %H:%M} UTC"


def _form(form: str) -> str:
    """Return a form's number as people write it; a mere code tells nobody anything."""
    return "" if not form or "_" in form else f" ({form})"


def _lower(title: str) -> str:
    """Return a title as it stands inside a sentence."""
    return title[:1].lower() + title[1:]

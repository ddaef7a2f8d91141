"""What a check came to, in the words and exit codes that every command uses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import IntEnum

from audit.encoding import Json
from audit.errors import SourceUnreadable
from audit.finding import Finding

__all__ = [
    "INTACT",
    "NEWS_INTACT",
    "UNWITNESSED",
    "Outcome",
    "Report",
    "date_text",
    "shown",
]

INTACT = "everything that was signed is there, unaltered"
NEWS_INTACT = (
    "everything that was signed since is there, unaltered; what was there before was"
    " not read again"
)
UNWITNESSED = "unwitnessed: the operator could have rewritten this"


class Outcome(IntEnum):
    """The exit codes; the first of 1, 2, 3, 0 that applies is the outcome."""

    OK = 0
    TAMPERED = 1
    CANNOT_TELL = 2
    UNWITNESSED = 3

    @property
    def word(self) -> str:
        """The outcome in ``--json``."""
        return self.name.lower().replace("_", "-")


@dataclass(kw_only=True, slots=True)
class Report:
    """Findings, what could not be told, and what a reader should know."""

    findings: list[Finding] = field(default_factory=list)
    """Proofs of tampering."""
    doubts: list[str] = field(default_factory=list)
    """Why something could not be told."""
    notices: list[str] = field(default_factory=list)
    noted: list[tuple[int, str]] = field(default_factory=list)
    """Of the notices, those on one entry: its index, and what it changes."""
    facts: dict[str, Json] = field(default_factory=dict)
    witnessed: bool | None = False
    """Whether a quorum of others has signed; none where that was not the question."""
    holds: str = INTACT
    """What a reader may conclude where nothing was found and nothing is in doubt."""
    files: frozenset[str] = frozenset()
    """The public files that entries name."""
    kept: bytes = b""
    """What to keep for the next verification; empty where there is nothing to keep."""

    def note(self, index: int, text: str) -> None:
        """Tell what one entry changes."""
        self.noted.append((index, text))
        self.notices.append(f"entry {index}: {text}")

    @contextmanager
    def doubting(self) -> Iterator[None]:
        """Tell what can't be read, and go on: it hides nothing that others show."""
        try:
            yield
        except SourceUnreadable as error:
            self.doubt(str(error))

    def doubt(self, why: str) -> None:
        """Tell why something could not be told, once."""
        if why not in self.doubts:
            self.doubts.append(why)

    def outcome(self, *, allow_unwitnessed: bool = False) -> Outcome:
        """Return what it came to."""
        if self.findings:
            return Outcome.TAMPERED
        if self.doubts:
            return Outcome.CANNOT_TELL
        if self.witnessed is False and not allow_unwitnessed:
            return Outcome.UNWITNESSED
        return Outcome.OK

    def word(self, *, allow_unwitnessed: bool = False) -> str:
        """Return the outcome's word; being let off is not being witnessed."""
        outcome = self.outcome(allow_unwitnessed=allow_unwitnessed)
        if outcome is Outcome.OK and self.witnessed is False:
            return "ok-unwitnessed"
        return outcome.word

    def to_json(self, *, allow_unwitnessed: bool = False) -> dict[str, Json]:
        """Return the report as an object."""
        outcome = self.outcome(allow_unwitnessed=allow_unwitnessed)
        return {
            "schema": "sallyport.audit-report/1",
            "outcome": self.word(allow_unwitnessed=allow_unwitnessed),
            "exit": int(outcome),
            "witnessed": self.witnessed,
            "findings": [each.to_json() for each in self.findings],
            "cannot_tell": self.doubts,
            "notices": self.notices,
            **self.facts,
        }

    def lines(self) -> list[str]:
        """Return the report as lines for people."""
        lines = [f"TAMPERED  {each.line}" for each in self.findings]
        lines += [f"CANNOT TELL  {each}" for each in self.doubts]
        lines += [f"note  {each}" for each in self.notices]
        lines += [
            f"{name.replace('_', ' ')}  {value}" for name, value in self.facts.items()
        ]
        if not self.findings and not self.doubts:
            lines.append(self.holds)
        if self.witnessed is False:
            lines.append(UNWITNESSED)
        return [*map(shown, lines)]


def shown(text: str) -> str:
    """Return a text as a terminal may have it: on one line, and without commands to it.

    Names in a log and in a folder are those of whoever wrote them.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def date_text(seconds: int) -> str:
    """Return a signed time as a date, or that it is none that a calendar has."""
    try:
        return f"{dt.datetime.fromtimestamp(seconds, tz=dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (OverflowError, ValueError, OSError):
        return "beyond any calendar"

"""One thing that ``doctor`` found: what it is, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gateway.errors import Mistake

__all__ = ["CORRECT_IT", "Finding", "Verdict", "mistaken", "warning", "well", "wrong"]

CORRECT_IT = "correct it, then run: sallyport check"
"""What to do about a mistake in a file that says no more than what it is."""


class Verdict(StrEnum):
    """What a look came to."""

    WELL = "ok"
    WARNING = "warn"
    UNWITNESSED = "unwitnessed"
    WRONG = "WRONG"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One part, what a look at it came to, and what to do; nothing if it is well."""

    part: str
    verdict: Verdict
    sentence: str
    advice: str = ""

    def __str__(self) -> str:
        """Return the sentence with its advice, as one line."""
        return f"{self.sentence}; {self.advice}" if self.advice else self.sentence

    def row(self) -> dict[str, str]:
        """Return it for programs."""
        return {
            "part": self.part,
            "verdict": self.verdict.name.lower(),
            "sentence": self.sentence,
            "advice": self.advice,
        }


def well(part: str, sentence: str) -> Finding:
    """Return that a part is as it should be."""
    return Finding(part=part, verdict=Verdict.WELL, sentence=sentence)


def warning(part: str, sentence: str, advice: str) -> Finding:
    """Return something that works, and that somebody should look at."""
    return Finding(part=part, verdict=Verdict.WARNING, sentence=sentence, advice=advice)


def wrong(part: str, sentence: str, advice: str) -> Finding:
    """Return something that does not work; the command ends with 1."""
    return Finding(part=part, verdict=Verdict.WRONG, sentence=sentence, advice=advice)


def mistaken(part: str, mistake: Mistake) -> Finding:
    """Return a mistake in a file that the operator wrote."""
    sentence = f"{mistake.path}: {mistake.problem}"
    return wrong(part, sentence, mistake.advice or CORRECT_IT)

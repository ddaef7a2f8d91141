"""One thing that ``doctor`` found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Finding", "Verdict", "warning", "well", "wrong"]


class Verdict(StrEnum):
    """What a look came to."""

    WELL = "ok"
    WARNING = "warn"
    UNWITNESSED = "unwitnessed"
    WRONG = "WRONG"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One part, what a look at it came to, and what to do."""

    part: str
    verdict: Verdict
    sentence: str

    def row(self) -> dict[str, str]:
        """Return it for programs."""
        return {
            "part": self.part,
            "verdict": self.verdict.name.lower(),
            "sentence": self.sentence,
        }


def well(part: str, sentence: str) -> Finding:
    """Return that a part is as it should be."""
    return Finding(part=part, verdict=Verdict.WELL, sentence=sentence)


def warning(part: str, sentence: str) -> Finding:
    """Return something that works, and that somebody should look at."""
    return Finding(part=part, verdict=Verdict.WARNING, sentence=sentence)


def wrong(part: str, sentence: str) -> Finding:
    """Return something that does not work; the command ends with 1."""
    return Finding(part=part, verdict=Verdict.WRONG, sentence=sentence)

"""What lint finds: a code of a closed list, where, what, why, and how to mend it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

from gateway.canonical import Json
from gateway.errors import Mistake
from gateway.policy.lint.places import Places

__all__ = ["CODES", "Code", "Finding", "Severity", "found"]

Severity: TypeAlias = Literal["error", "warning"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """One kind of finding: what it is called, why it matters, how it is mended."""

    severity: Severity
    title: str
    why: str
    mend: str


def _error(title: str, why: str, mend: str) -> Code:
    return Code(severity="error", title=title, why=why, mend=mend)


def _warning(title: str, why: str, mend: str) -> Code:
    return Code(severity="warning", title=title, why=why, mend=mend)


CODES: Mapping[str, Code] = MappingProxyType(
    {
        "unreadable": _error(
            "A file is no plain YAML document",
            "Nothing in a file that does not read is in force.",
            "Mend the line; a list's items are indented alike, and text with a colon"
            " stands in quotes.",
        ),
        "empty": _error(
            "A file or pack of rules holds none",
            "What was saved empty or under another name decides nothing, and its"
            " pack reads as law.",
            "Write a rule, remove the file, or write [] if it is to hold none.",
        ),
        "unread": _warning(
            "A file lies there that nothing reads",
            "Who sees it believes that it is in force.",
            "Name it *.yaml in rules or scenarios, or remove it.",
        ),
        "schema": _error(
            "A member is missing, unknown or of another type",
            "A record that is read in two ways decides in two ways.",
            "Write the member as the reference of the rule format says.",
        ),
        "case": _error(
            "A case cannot be asked",
            "What is not asked is not tried, and nobody sees that it is not.",
            "Write its words as the vocabulary does, and call no two cases alike.",
        ),
        "unknown_word": _error(
            "A word is not in the vocabulary",
            "A word that nothing else uses never applies, and nobody would see it.",
            "Use a word of the vocabulary; the nearest right one is named.",
        ),
        "citation": _error(
            "A citation is missing or does not read as one",
            "What cannot be looked up cannot be answered for in council or in court.",
            "Name the law and the section, such as: Cal. Gov. Code 7284.6(a)(1)(B).",
        ),
        "dates": _error(
            "Dates cross",
            "A rule that ends before it begins is in force on no day.",
            "Let `from` be the first day in force, `until` the first day no longer.",
        ),
        "contradiction": _error(
            "A rule says what its layer cannot say, or contradicts itself",
            "The order of laws fixes what each layer may do.",
            "Choose another effect or layer; the advice names what is allowed.",
        ),
        "reveals": _error(
            "An answer depends on a fact of the record, and no law is named for that",
            "Whoever gets two different answers has learned the fact.",
            "Declare reveals with the categories and the law that allows it.",
        ),
        "never_holds": _error(
            "A condition can never hold",
            "An exception that no facts satisfy is a promise that is never kept.",
            "Remove what contradicts, or write two exceptions.",
        ),
        "unreachable": _error(
            "A rule or exception never decides",
            "It reads as law, and no question ever comes to it.",
            "Move it before what hides it, or remove it.",
        ),
        "shadowed": _error(
            "A rule is always overruled by another of its own layer",
            "Who reads it believes that it counts.",
            "Make the other rule reach less, or remove this one.",
        ),
        "overlaps": _error(
            "Two rules decide the same question, or none does",
            "An answer must follow from the rules alone.",
            "Let one rule reach less.",
        ),
        "always_holds": _warning(
            "A condition holds whatever the fact is",
            "It tests nothing, and reads as if it did.",
            "Remove it, or name fewer values.",
        ),
        "nobody_executes": _error(
            "Nobody can carry out an obligation",
            "An obligation that nobody executes ends each request in a refusal.",
            "Use an obligation of the vocabulary that has an executor here.",
        ),
        "narrows_law": _error(
            "A local rule narrows what the law does not let it narrow",
            "The law that is cited commands or reserves it; local policy yields.",
            "Reach less, or use the discretion that the cited law leaves.",
        ),
        "widens_law": _error(
            "A local rule opens what the law does not let it open",
            "The law that is cited closes it; local policy yields.",
            "Reach less, or use the discretion that the cited law leaves.",
        ),
        "policy_barred": _error(
            "The law does not allow this local policy to be made",
            "The law that is cited speaks of written policies themselves.",
            "Ask counsel; leave the rule out, reach whom the law leaves free, or choose"
            " under `exercise` what it leaves to you.",
        ),
        "excluded": _error(
            "Two packs may not be in force together",
            "The law that is cited says so.",
            "Leave one of them out.",
        ),
        "stack": _error(
            "An overlay is put on other packs than it is written on",
            "What narrows one law may be forbidden by another.",
            "Name the packs that are in force under `on` in its pack.yaml.",
        ),
        "no_stack": _warning(
            "Nothing says which packs an overlay stands on",
            "Whether it narrows or widens depends on the law below it.",
            "Add `on: [us-ca]` to its pack.yaml, or a case under scenarios.",
        ),
        "two_states": _warning(
            "An overlay stands on the law of two states",
            "No record is under both: where they differ nothing is released.",
            "Write an overlay for each of them.",
        ),
        "spelling": _warning(
            "The same law is written in two ways",
            "Who looks for every rule of a law finds half of them.",
            "Write it as the other rules do.",
        ),
        "expired": _warning(
            "Nobody has compared a rule with the law for a year",
            "Legislatures sit every year.",
            "Read the law again, then set `checked_on` to that day.",
        ),
    }
)
"""Every code. Errors stop an activation; warnings are accepted by those who sign."""


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Finding:
    """One finding; sorted by file and line."""

    file: str
    line: int
    where: str
    code: str
    what: str
    mend: str
    citation: str = ""

    @property
    def severity(self) -> Severity:
        """Whether it stops an activation."""
        return CODES[self.code].severity

    def __str__(self) -> str:
        """Render as one line, in the form that editors jump to."""
        return f"{self.file}:{self.line}: {self.severity}: {self.what} [{self.code}]"

    def explained(self) -> list[str]:
        """Return what it is, why it matters and how it is mended, a line each."""
        return [str(self), f"  why: {CODES[self.code].why}", f"  mend: {self.mend}"]

    def document(self) -> dict[str, Json]:
        """Return it for programs."""
        return {
            "code": self.code,
            "severity": self.severity,
            "file": self.file,
            "line": self.line,
            "where": self.where,
            "what": self.what,
            "why": CODES[self.code].why,
            "mend": self.mend,
            "citation": self.citation,
        }


def found(mistake: Mistake, places: Places, code: str = "schema") -> Finding:
    """Return a mistake as a finding; ``code`` where it does not say its own."""
    code = mistake.code or code
    place = places.of(mistake.path, mistake.problem)
    what = mistake.problem
    if place.where:
        what = f"{place.said}: {what}"
    if mistake.advice:
        what = f"{what}; {mistake.advice}"
    return Finding(
        file=place.file,
        line=place.line,
        where=place.where,
        code=code,
        what=what,
        mend=mistake.advice or CODES[code].mend,
        citation=mistake.citation,
    )

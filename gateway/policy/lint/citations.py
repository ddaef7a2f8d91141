"""Whether a citation reads as one; nothing here knows whether the law says it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gateway.errors import Mistake
from gateway.policy.pack import Pack
from gateway.policy.rules import RuleText

__all__ = ["Cited", "cited", "malformed", "misspelled"]

_PLACEHOLDER = re.compile(
    r"\b(?:to ?do|tbd|tba|fixme|xxx+|n/?a|none|unknown|citation needed)\b|\?\?",
    re.IGNORECASE,
)
_SECTION = re.compile(r"\d|\b(?:[IVXLC]+)\b")
_FORMS: Sequence[tuple[re.Pattern[str], re.Pattern[str], str]] = (
    (
        re.compile(r"\bU\.? ?S\.? ?C\.?(?=[ \d]|$)"),
        re.compile(r"\d+ U\.S\.C\. (?:§§? ?)?\d"),
        "write it as 8 U.S.C. 1373: title, U.S.C., section",
    ),
    (
        re.compile(r"\bC\.? ?F\.? ?R\.?(?=[ \d]|$)"),
        re.compile(r"\d+ CFR (?:§§? ?)?\d"),
        "write it as 28 CFR 23.20: title, CFR, section",
    ),
)
"""What is recognised, how it is written, and what to say where it is not."""
_PARTS = re.compile(r";|: ")
_NUMBER = re.compile(r"[\d(]")
_CLOSING = {"(": ")", "[": "]"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Cited:
    """A citation, and the path of the member that holds it."""

    path: str
    text: str


def cited(pack: Pack) -> Iterator[Cited]:
    """Yield every citation that a pack decides by.

    What stands ``beside`` is no rule, and may have no section to name.
    """
    for file, i, rule in pack.rules:
        yield from _of_rule(rule, f"{file}:{i}({rule.id})")
    header, name = pack.text, str(pack.folder / "pack.yaml")
    listed = {
        "exercise": [item.citation for item in header.exercise],
        "turned_on": [item.citation for item in header.turned_on],
        "excludes": [item.citation for item in header.excludes],
    }
    for member, texts in listed.items():
        for i, text in enumerate(texts):
            yield Cited(path=f"{name}:{member}.{i}.citation", text=text)


def _of_rule(rule: RuleText, path: str) -> Iterator[Cited]:
    yield Cited(path=f"{path}.citation", text=rule.citation)
    if rule.reveals is not None:
        yield Cited(path=f"{path}.reveals.citation", text=rule.reveals.citation)
    for case in rule.unless:
        if case.citation is not None:
            where = f"{path}.unless.{case.id}.citation"
            yield Cited(path=where, text=case.citation)
        if case.reveals is not None:
            where = f"{path}.unless.{case.id}.reveals.citation"
            yield Cited(path=where, text=case.reveals.citation)


def malformed(text: str) -> tuple[str, str] | None:
    """Return what is wrong with a citation and how it is mended, or None."""
    if placeholder := _PLACEHOLDER.search(text):
        return f"{placeholder[0]} stands where a law should", "name law and section"
    if text != text.strip() or text[-1] in ",;:":
        return "the citation begins or ends with what belongs to no law", "cut it off"
    if not _SECTION.search(text):
        return "the citation names no section", "name the section, article or number"
    if not _balanced(text):
        return "a bracket or quotation mark is not closed", "close it, or cut it off"
    for known, form, advice in _FORMS:
        for part in text.split(";"):
            if known.search(part) and not form.search(part):
                return f"{part.strip()} does not read as a citation", advice
    return None


def _balanced(text: str) -> bool:
    waiting: list[str] = []
    for letter in text:
        if letter in _CLOSING:
            waiting.append(_CLOSING[letter])
        elif letter in _CLOSING.values() and (not waiting or waiting.pop() != letter):
            return False
    return not waiting and text.count('"') % 2 == 0


def misspelled(every: Iterable[Cited]) -> Iterator[Mistake]:
    """Yield a mistake where the name of a law is written in another way than most.

    Two names are of one law where they differ in points, spaces and capitals alone.
    """
    uses = [(item, name) for item in every for name in _authorities(item.text)]
    counts = Counter(name for _, name in uses)
    ways: dict[str, list[str]] = {}
    for name in sorted(counts, key=lambda name: (-counts[name], name)):
        ways.setdefault(re.sub(r"[^a-z]", "", name.lower()), []).append(name)
    usual = {other: first for first, *others in ways.values() for other in others}
    for item, name in uses:
        if name in usual:
            problem = f"{name} is written {usual[name]} elsewhere"
            advice = f"write {usual[name]}"
            yield Mistake(
                path=item.path, problem=problem, advice=advice, code="spelling"
            )


def _authorities(text: str) -> Iterator[str]:
    """Yield the names of laws in a citation: what stands before their numbers."""
    for part in _PARTS.split(text):
        if name := _NUMBER.split(part, maxsplit=1)[0].strip(" ,"):
            yield name

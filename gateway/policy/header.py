"""What a pack says of itself: whom it is for, how far it was checked, what it bars."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field

from gateway.errors import Mistake
from gateway.policy.rules import (
    BesideText,
    Day,
    ExclusionText,
    ExerciseText,
    Litigation,
    RuleText,
    ShownText,
    TurnOnText,
    UnlessText,
)
from gateway.policy.words import Document
from gateway.yamlfile import nearest

__all__ = [
    "NEVER",
    "OFF",
    "PACK_ID",
    "PackText",
    "PackVerification",
    "alone",
    "disordered",
    "is_on",
    "misused",
    "stands_elsewhere",
    "turned_on",
    "unzoned",
]

PACK_ID = r"^[a-z0-9][a-z0-9-]{1,63}$"
PackId = Annotated[str, Field(pattern=PACK_ID)]

NEVER = "must_never.yaml"
"""The name of a file of invariants, in the policies folder and beside any header."""

OFF = "digest_only"
"""How a rule was checked that is off until counsel turns it on."""


class PackVerification(Document):
    """Whether anyone answers for the pack as a whole."""

    status: str
    lawyer: str | None = None
    checked_on: Day | None = None
    note: str | None = None


class PackText(Document):
    """What ``pack.yaml`` says."""

    schema_: Literal["sallyport.pack/1"] = Field(alias="schema")
    id: PackId
    title: str
    version: str
    as_of: Day
    time_zone: str
    kind: Literal["federal", "state", "model", "agency_default", "overlay"]
    jurisdiction: str | None = None
    groups: dict[str, list[str]] = Field(default_factory=dict)
    local_may_restrict: bool = False
    local_may_expand: bool = False
    trigger: Literal["agency", "purpose", "both"] | None = None
    immigration_scope: str | None = None
    verification: PackVerification
    litigation: list[Litigation] = Field(default_factory=list)
    excludes: list[ExclusionText] = Field(default_factory=list)
    beside: list[BesideText] = Field(default_factory=list)
    shown: list[ShownText] = Field(default_factory=list)
    notes: str | list[str] | None = None
    on: list[str] = Field(default_factory=list)
    exercise: list[ExerciseText] = Field(default_factory=list)
    turned_on: list[TurnOnText] = Field(default_factory=list)


def is_on(rule: RuleText, on: frozenset[str]) -> bool:
    """Tell whether a rule speaks: one known from a digest only if turned on."""
    return rule.verification.status != OFF or rule.id in on


def turned_on(
    text: PackText,
    path: str,
    rules: Sequence[RuleText],
    unread: Collection[str] = frozenset(),
) -> Iterator[Mistake]:
    """Yield a mistake for each rule that cannot be turned on by a pack.

    Nothing is said of rules of packs that were not read.
    """
    if text.turned_on and text.kind != "overlay":
        yield Mistake(path=path, problem="only an overlay turns rules on")
    off = {rule.id for rule in rules if rule.verification.status == OFF}
    for item in text.turned_on:
        if item.rule not in off and _pack_of(item.rule) not in unread:
            problem = f"{item.rule} is no rule that is off: none known from a digest"
            advice = nearest(item.rule, off)
            yield Mistake(path=path, problem=problem, advice=advice)


def misused(
    text: PackText,
    path: str,
    rules: Sequence[RuleText],
    unread: Collection[str] = frozenset(),
) -> Iterator[Mistake]:
    """Yield a mistake for each rule whose discretion a pack cannot use so.

    Nothing is said of rules of packs that were not read.
    """
    if text.exercise and text.kind != "overlay":
        yield Mistake(path=path, problem="only an overlay uses discretion")
        return
    choices = dict(choice for rule in rules for choice in _choices(rule))
    named = [item.rule for item in text.exercise]
    released = {item.rule for item in text.exercise if item.decision == "release"}
    for i, item in enumerate(text.exercise):
        if _pack_of(item.rule) in unread:
            continue
        problem, advice = "", ""
        whole = item.rule.partition("#")[0]
        if item.rule not in choices:
            problem = f"{item.rule} is no rule (or rule#case) of a pack here"
            advice = nearest(item.rule, choices)
        elif not choices[item.rule]:
            problem = f"{item.rule} leaves no choice to a local government"
            free = [name for name, leaves in choices.items() if leaves]
            advice = nearest(item.rule, [n for n in free if n.startswith(f"{whole}#")])
        elif item.rule in named[:i]:
            problem, advice = f"{item.rule} is chosen twice", "leave one of them out"
        elif item.decision == "review" and whole in released - {item.rule}:
            problem = f"{item.rule} would be released, for {whole} is as a whole"
            advice = f"choose release for each case of {whole} that is meant"
        if problem:
            at = f"{path}.{i}.rule"
            yield Mistake(path=at, problem=problem, advice=advice)


def _pack_of(rule: str) -> str:
    return rule.partition(".")[0]


def _choices(rule: RuleText) -> Iterator[tuple[str, bool]]:
    """Yield the name of a rule and of each case, and whether it leaves a choice."""
    free = {
        f"#{case.id}" if isinstance(case, UnlessText) else "": case.effect == "permit"
        and (
            rule.layer == "saving"
            or bool(rule.discretion if case.discretion is None else case.discretion)
        )
        for case in (rule, *rule.unless)
    }
    free[""] = any(free.values())
    yield from ((f"{rule.id}{at}", leaves) for at, leaves in free.items())


def stands_elsewhere(text: PackText, path: str) -> Iterator[Mistake]:
    """Yield a mistake for each choice about a pack that an overlay does not stand on.

    The federal pack and the default one lie below every other.
    """
    below = {*text.on, text.id, *BELOW_ALL}
    chosen = [("exercise", i, item.rule) for i, item in enumerate(text.exercise)]
    chosen += [("turned_on", i, item.rule) for i, item in enumerate(text.turned_on)]
    for member, i, rule in chosen if text.on else ():
        pack = _pack_of(rule)
        if pack not in below:
            yield Mistake(
                path=f"{path}:{member}.{i}.rule",
                problem=f"{rule} is of {pack}, which {text.id} does not stand on,"
                " so this decides nothing",
                advice="leave it out, or name the pack under `on`",
                code="stack",
            )


BELOW_ALL = ("us-federal", "agency-default")
"""Packs that an overlay stands on without saying so."""


def unzoned(text: PackText, path: str) -> Iterator[Mistake]:
    """Yield a mistake for a time zone that there is not."""
    try:
        ZoneInfo(text.time_zone)
    except (KeyError, ValueError, OSError):
        problem = f"{text.time_zone} is no time zone"
        advice = nearest(text.time_zone, available_timezones())
        yield Mistake(path=f"{path}:time_zone", problem=problem, advice=advice)


def alone(
    rules: Sequence[tuple[str, int, RuleText]], known: Collection[str]
) -> Iterator[Mistake]:
    """Yield a mistake for each rule that speaks only with a pack that there is not."""
    for file, i, rule in rules:
        for word in rule.only_with:
            if word not in known:
                path = f"{file}:{i}({rule.id}).only_with"
                problem = f"{word} is not a pack here, so {rule.id} never speaks"
                yield Mistake(path=path, problem=problem, advice=nearest(word, known))


def disordered(
    rules: Sequence[tuple[str, int, RuleText]], *, whole: bool = True
) -> Iterator[Mistake]:
    """Yield a mistake for each rule that does not begin when the old one ends.

    Of a pack that is not whole the old one may be among what does not read.
    """
    ends = {rule.id: rule.effective.until for _, _, rule in rules}
    for file, i, rule in rules:
        if rule.succeeds is None:
            continue
        path = f"{file}:{i}({rule.id}).succeeds"
        if rule.succeeds not in ends:
            problem = f"{rule.succeeds} is no rule of this pack"
            advice = nearest(rule.succeeds, ends)
            if whole:
                yield Mistake(path=path, problem=problem, advice=advice)
        elif rule.effective.from_ is None:
            problem = f"has no day on which it follows {rule.succeeds}"
            advice = "write it as `effective: {from: YYYY-MM-DD}`"
            yield Mistake(path=path, problem=problem, advice=advice, code="dates")
        elif ends[rule.succeeds] != rule.effective.from_:
            problem = f"{rule.succeeds} does not end on the day this begins"
            yield Mistake(path=path, problem=problem, code="dates")

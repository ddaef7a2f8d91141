"""A rule as it is written: a record with a citation and dates, never code."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from gateway.policy.words import Document, Word

__all__ = [
    "LAYERS",
    "BesideText",
    "CaseText",
    "ConditionText",
    "Dates",
    "Effect",
    "ExclusionText",
    "ExerciseText",
    "Layer",
    "Litigation",
    "ObligationText",
    "OverridingPaper",
    "Reach",
    "Reveals",
    "RuleText",
    "ShownText",
    "TurnOnText",
    "UnlessText",
    "Verification",
]

Layer = Literal[
    "record_bar",
    "process",
    "saving",
    "overlay",
    "state",
    "federal_permission",
    "agency_default",
]
"""Where a rule stands; the order here is the order of strength."""

LAYERS: tuple[Layer, ...] = (
    "record_bar",
    "process",
    "saving",
    "overlay",
    "state",
    "federal_permission",
    "agency_default",
)

Effect = Literal["prohibit", "review", "require", "permit"]
"""What a rule does; the order here is the order within one layer."""

RuleId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{1,127}$")]
CaseId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]


_DAY = r"^\d{4}-\d{2}-\d{2}$"


def _calendar(value: object) -> object:
    if not isinstance(value, str) or not re.fullmatch(_DAY, value, re.ASCII):
        raise ValueError("a day is written YYYY-MM-DD")
    try:
        dt.date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{value} is no day of the calendar") from None
    return value


Day = Annotated[str, Field(pattern=_DAY), BeforeValidator(_calendar)]
Years = Annotated[int, Field(ge=1, le=100)]
Scalar = bool | int | str


class Dates(Document):
    """From the first day to the first day no longer; both optional."""

    from_: Day | None = Field(default=None, alias="from")
    until: Day | None = None


TESTS = (
    "is_",
    "is_not",
    "in_",
    "not_in",
    "at_least",
    "at_most",
    "before",
    "after",
    "before_years",
    "within_years",
    "known",
)


class ConditionText(Document):
    """One condition: a test of a fact, of papers, or of the day."""

    fact: str | None = None
    is_: Scalar | None = Field(default=None, alias="is")
    is_not: Scalar | None = None
    in_: list[Scalar] | None = Field(default=None, alias="in", min_length=1)
    not_in: list[Scalar] | None = Field(default=None, min_length=1)
    at_least: int | None = Field(default=None, ge=0, lt=2**53)
    at_most: int | None = Field(default=None, ge=0, lt=2**53)
    before: Day | None = None
    after: Day | None = None
    before_years: Years | None = None
    within_years: Years | None = None
    known: Literal[True] | None = None
    paper: list[str] | None = Field(default=None, min_length=1)
    no_paper: list[str] | None = Field(default=None, min_length=1)
    by: list[str] | None = Field(default=None, min_length=1)
    state: str | list[str] | None = None
    day: Dates | None = None

    @property
    def tests(self) -> list[str]:
        """The tests that are written, by attribute name."""
        return [name for name in TESTS if getattr(self, name) is not None]

    @model_validator(mode="after")
    def _one_test(self) -> ConditionText:
        papers = self.paper is not None or self.no_paper is not None
        subjects = [self.fact is not None, papers, self.day is not None]
        if sum(subjects) != 1 or (self.paper is not None and self.no_paper is not None):
            raise ValueError("a condition names one of fact, paper, no_paper, day")
        if (self.fact is not None) != bool(self.tests) or len(self.tests) > 1:
            raise ValueError("a condition on a fact has exactly one test")
        if papers != (self.state is not None) or (self.by is not None and not papers):
            raise ValueError("papers, and only papers, have state (and by)")
        return self


class ObligationText(Document):
    """``{do: CODE, parameter: value}``; which parameters, the vocabulary says."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)
    do: str

    @property
    def parameters(self) -> dict[str, object]:
        """What is written beside ``do``."""
        return dict(self.model_extra or {})


ObligationList = list[str | ObligationText]


class OverridingPaper(Document):
    """Confirmed papers that lift a bar."""

    paper: list[str] = Field(min_length=1)
    by: list[str] | None = Field(default=None, min_length=1)


class Reveals(Document):
    """What the answer to a rule may tell, and the law that allows it."""

    categories: list[Word] = Field(min_length=1)
    citation: str = Field(min_length=3)


class CaseText(Document):
    """What a rule and each of its ``unless`` cases may both say."""

    when: list[ConditionText] = Field(default_factory=list)
    effect: Effect
    discretion: bool | None = None
    on_unknown: Literal["prohibit", "review"] | None = None
    reviewer: str | None = None
    reason: str | None = None
    obligations: ObligationList | None = None
    obligations_on: dict[Effect, ObligationList] | None = None
    reveals: Reveals | None = None
    local_may_restrict: bool | None = None
    local_may_expand: bool | None = None


class UnlessText(CaseText):
    """One ordered case: if it holds, its effect stands instead of the rule's."""

    id: CaseId
    title: str | None = None
    citation: str | None = None
    when: list[ConditionText] = Field(min_length=1)


class Reach(Document):
    """Whom and what a rule reaches; a dimension left out is any."""

    custodians: list[str] | None = Field(default=None, min_length=1)
    not_custodians: list[str] | None = Field(default=None, min_length=1)
    requesters: list[str] | None = Field(default=None, min_length=1)
    not_requesters: list[str] | None = Field(default=None, min_length=1)
    purposes: list[str] | None = Field(default=None, min_length=1)
    not_purposes: list[str] | None = Field(default=None, min_length=1)
    kinds: list[str] | None = Field(default=None, min_length=1)
    not_kinds: list[str] | None = Field(default=None, min_length=1)
    datasets: list[str] | None = Field(default=None, min_length=1)
    not_datasets: list[str] | None = Field(default=None, min_length=1)
    categories: list[str] | None = Field(default=None, min_length=1)
    not_categories: list[str] | None = Field(default=None, min_length=1)
    use: list[Literal["release", "match"]] = Field(
        default=["release"], min_length=1, max_length=2
    )


class Verification(Document):
    """Who has checked the text against the law; ``lawyer`` is null until one has.

    A rule that is known from a digest alone is off until an overlay turns it on.
    """

    status: Literal[
        "source_read", "source_read_partial", "digest_only", "from_memory", "local"
    ]
    checked_on: Day
    lawyer: str | None
    note: str | None = None


class Litigation(Document):
    """Whether courts have looked at the law, and on what basis that is said."""

    status: str
    case: str | None = None
    basis: str | None = None


class RuleText(CaseText):
    """One rule."""

    id: RuleId
    public_id: RuleId | None = None
    title: str = Field(min_length=3, max_length=300)
    citation: str = Field(min_length=3, max_length=300)
    effective: Dates = Dates()
    layer: Layer
    reach: Reach = Reach()
    unless: list[UnlessText] = Field(default_factory=list)
    overridable_by: list[str | OverridingPaper] | None = None
    change: list[str] = Field(default_factory=list)
    only_with: list[str] = Field(default_factory=list)
    resists_saving: bool = False
    verification: Verification
    litigation: Litigation | None = None
    succeeds: RuleId | None = None
    notes: str | None = None


class TurnOnText(Document):
    """A rule known from a digest alone that a jurisdiction's counsel turned on."""

    rule: RuleId
    counsel: str = Field(min_length=3)
    on: Day
    citation: str = Field(min_length=3)


class ExclusionText(Document):
    """A pack that may not be in force beside this one, and the law that says so."""

    pack: str
    citation: str = Field(min_length=3)


class BesideText(Document):
    """What the law also says and no rule here decides, and why not."""

    about: str = Field(min_length=3)
    citation: str = Field(min_length=3)
    why: str = Field(min_length=3)


class ShownText(Document):
    """A field or act that a pack's page shows for each paper, purpose and requester."""

    custodian: Word
    dataset: Word
    kind: Word
    category: Word


class ExerciseText(Document):
    """How a local government uses discretion that a rule leaves to it."""

    rule: str
    decision: Literal["release", "review"]
    citation: str = Field(min_length=3)
    title: str | None = None

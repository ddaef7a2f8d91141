"""Who carries out obligations: what a word of the vocabulary promises is done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway.errors import Mistake
from gateway.policy.law import Case, Due, Rule
from gateway.policy.vocabulary import Vocabulary

__all__ = ["DONE_BY_THE_ENTRY", "nobody_executes"]

DONE_BY_THE_ENTRY = frozenset(
    {
        "activity_log",
        "block_field_write",
        "cost_tag",
        "document",
        "exclude_grant_codes",
        "flag_287g",
        "flag_magistrate",
        "flag_misuse",
        "label_hit_civil",
        "limit_to_scope",
        "log_citation_rejected",
        "log_request",
        "pend_until_verified",
        "record_contact_data",
        "record_dissemination",
        "redact",
        "respond_public_pointer",
        "retain_years",
    }
)
"""Obligations of the gateway that its own steps carry out for every exchange."""


def nobody_executes(rules: Sequence[Rule], vocabulary: Vocabulary) -> Iterator[Mistake]:
    """Yield a mistake for each obligation that nobody here can carry out.

    A task is carried out by a person, a statement is said with the answer; what the
    gateway itself is to do, it has to know how.
    """
    for rule in rules:
        for case in rule.cases:
            path = f"{rule.file}.unless.{case.id}" if case.id else rule.file
            for code in sorted({due.code for due in _dues(case)}):
                executor = vocabulary.obligations[code].executor
                if executor == "gateway" and code not in DONE_BY_THE_ENTRY:
                    problem = f"the gateway does not know how to do {code}"
                    advice = "use an obligation that is a task or a statement"
                    yield Mistake(
                        path=f"{path}.obligations",
                        problem=problem,
                        advice=advice,
                        code="nobody_executes",
                    )


def _dues(case: Case) -> Iterator[Due]:
    yield from case.obligations
    for dues in case.obligations_on.values():
        yield from dues

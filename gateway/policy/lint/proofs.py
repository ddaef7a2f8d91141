"""What a prover tells lint: for every possible question, not for those that were tried.

A prover takes a stack's rules and yields what it has proved wrong. It is imported
where it is asked for: z3 is an extra, and takes longer than all else that lint does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from gateway.errors import Mistake
from gateway.policy.law import Rule
from gateway.policy.vocabulary import Vocabulary

__all__ = ["Proved", "Prover", "mistake_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Proved:
    """One thing that was proved; ``case`` is empty where it is of the whole rule.

    ``never_holds``: no question satisfies the conditions. ``unreachable``: none comes
    to it, because what stands before it in its rule always holds first. ``shadowed``:
    it speaks, and another rule of its layer always counts (``by``). ``overlaps``: a
    question is decided twice, or not at all.
    """

    code: Literal["never_holds", "unreachable", "shadowed", "overlaps"]
    rule: str
    case: str
    said: str
    by: tuple[str, ...] = ()


Prover: TypeAlias = Callable[[Vocabulary, Sequence[Rule]], Iterable[Proved]]
"""Proves what it can of a stack."""


def mistake_of(proved: Proved, rules: Sequence[Rule]) -> Mistake:
    """Return what was proved as a mistake at its rule."""
    rule = next(rule for rule in rules if rule.id == proved.rule)
    path = f"{rule.file}.unless.{proved.case}" if proved.case else rule.file
    by = f" (see {', '.join(proved.by)})" if proved.by else ""
    return Mistake(path=path, problem=f"{proved.said}{by}", code=proved.code)

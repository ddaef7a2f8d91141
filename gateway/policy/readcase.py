"""Reads a case with every mistake at once: of its form, its words and its stack."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gateway.errors import InvalidFile, Mistake
from gateway.filewords import place_of, types_of
from gateway.policy.case import CaseFile
from gateway.policy.casequestion import case_question
from gateway.policy.pack import Library
from gateway.policy.vocabulary import Vocabulary
from gateway.yamlfile import mistakes_of, read

__all__ = ["case_mistakes", "read_case", "same_id"]

LEFT = "left.out"
"""Stands where a case says nothing that can be read; no mistake is made of it."""

_ASKED = {"kinds": [LEFT], "purpose": LEFT}
_PAPER = {"type": LEFT, "signer": LEFT, "state": LEFT}
_STANDS: dict[str, Any] = {
    "schema": "sallyport.case/1",
    "id": "left",
    "title": LEFT,
    "packs": [],
    "day": "2000-01-01",
    "custodian": LEFT,
    "dataset": LEFT,
    "request": _ASKED,
    "requester": {"class": LEFT},
    "class": LEFT,
    **_ASKED,
    **_PAPER,
}
"""What stands for a member that has to be there."""


def read_case(path: Path, library: Library) -> CaseFile:
    """Read a case file.

    Raises:
        InvalidFile: with every mistake: what is wrong in one place hides no other.
    """
    case, wrong = case_mistakes(path, library)
    if case is None or wrong:
        raise InvalidFile(wrong)
    return case


def same_id(case: CaseFile, name: str, first: Path) -> Mistake:
    """Return the mistake of a case that is called as another is."""
    problem = f"{case.id} is the id of another case too: {first}"
    return Mistake(path=f"{name}:id", problem=problem, advice="call one otherwise")


def case_mistakes(
    path: Path, library: Library, *, stack: bool = True
) -> tuple[CaseFile | None, list[Mistake]]:
    """Return a case if its form is right, and all that is wrong with it.

    Without ``stack`` its packs and overlay need not be there: then nobody asks it.
    """
    try:
        written = read(path)
        return _read(written, str(path), library, stack=stack)
    except InvalidFile as error:
        return None, [*error.mistakes]


def _read(
    written: object, name: str, library: Library, *, stack: bool
) -> tuple[CaseFile | None, list[Mistake]]:
    wrong: list[Mistake] = []
    case = rest = None
    try:
        case = rest = CaseFile.model_validate(written)
    except ValidationError as error:
        wrong = mistakes_of(error, name, CaseFile)
        rest = _rest(written, error)
    if rest is not None:
        found = _words(rest, name, library.vocabulary)
        found = [*_stack(rest, name, library), *found] if stack else found
        wrong += [mistake for mistake in found if LEFT not in mistake.problem]
    return case, wrong


def _rest(written: object, error: ValidationError) -> CaseFile | None:
    """Return a case without what is wrong with its form, so that its words are read."""
    if not isinstance(written, dict):
        return None
    types = frozenset(types_of(CaseFile))
    for item in error.errors(include_url=False):
        _leave_out(written, place_of(item, types))
    try:
        return CaseFile.model_validate(written)
    except ValidationError:
        return None


def _leave_out(written: Any, place: list[str]) -> None:  # noqa: ANN401  # any YAML
    """Take out what stands at a place, or put in its stead what says nothing."""
    for i, part in enumerate(place):
        last = i == len(place) - 1
        if isinstance(written, list) and part.isdecimal():
            if last:
                paper = place[i - 1] == "papers"
                written[int(part)] = dict(_PAPER) if paper else LEFT
            written = written[int(part)]
        elif isinstance(written, dict) and not last:
            written = written.get(part)
        elif isinstance(written, dict):
            written.pop(part, None)
            if part in _STANDS:
                written[part] = _STANDS[part]


def _stack(case: CaseFile, name: str, library: Library) -> list[Mistake]:
    """Return what is wrong with the packs and the overlay that a case names.

    Nothing where one of them does not read: that is told of the pack.
    """
    if {*case.packs, case.overlay} & library.unread:
        return []
    try:
        library.chosen(case.packs, case.overlay)
    except InvalidFile as error:
        return [
            replace(wrong, path=f"{name}:{wrong.path}")
            if wrong.path in {"packs", "overlay"}
            else replace(wrong, path=f"{name}:packs")
            for wrong in error.mistakes
        ]
    return []


def _words(case: CaseFile, name: str, vocabulary: Vocabulary) -> list[Mistake]:
    """Return what is wrong with the question that a case asks."""
    try:
        case_question(case, vocabulary, name)
    except InvalidFile as error:
        return [*error.mistakes]
    return []

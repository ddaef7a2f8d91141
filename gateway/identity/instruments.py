"""``instruments.yaml``: legal papers that were looked at, by their digest.

The file is outside the manifest, because papers arrive every day: so what it says in
favour of a paper counts only together with the log entry that recorded it. What it
says against one always counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gateway.canonical import canonical
from gateway.errors import InvalidFile, Mistake
from gateway.identity.periods import Moment
from gateway.yamlfile import nearest, read_model

__all__ = [
    "InstrumentsFile",
    "PaperEntry",
    "PaperState",
    "PaperWords",
    "Scope",
    "Subject",
    "read_face",
    "read_instruments",
]

Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class PaperState(StrEnum):
    """How far a paper is what it claims to be, and in force for what is asked.

    The words of the vocabulary's ``paper_states``.
    """

    ABSENT = "absent"
    UNVERIFIED = "unverified"
    FORM_CHECKED = "form_checked"
    IDENTITY_MATCHED = "identity_matched"
    ISSUER_CONFIRMED = "issuer_confirmed"
    OUTSIDE_SCOPE = "outside_scope"
    DEFECTIVE = "defective"
    IDENTITY_MISMATCH = "identity_mismatch"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SUSPECTED_FORGERY = "suspected_forgery"


class _Entry(BaseModel):
    """Strict, frozen, no unknown key."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class Scope(_Entry):
    """What the paper is for; a list left out does not limit it."""

    datasets: list[Word] | None = None
    categories: list[Word] | None = None
    kinds: list[Word] | None = None


class Subject(_Entry):
    """Whom the paper names, as the keyed digest of these selectors' values."""

    selectors: Annotated[list[Word], Field(min_length=1)]
    digest: Digest


class PaperEntry(_Entry):
    """One paper as a clerk entered it.

    ``boxes`` are what was seen on its face, true or false; ``edition`` is that of the
    form; ``expires`` is the first day, or the
    instant, at which it is no longer in force; ``by`` are ids of the roster;
    ``entry`` is the index of the log entry that recorded the state.
    """

    type: Word
    signer: Word
    boxes: dict[Word, bool] = {}
    edition: Annotated[str, StringConstraints(min_length=1, max_length=32)] | None = (
        None
    )
    issued: Moment
    expires: Moment | None = None
    scope: Scope = Scope()
    subjects: list[Subject] = []
    any_subject: bool = False
    state: Literal[
        "unverified",
        "form_checked",
        "identity_matched",
        "issuer_confirmed",
        "defective",
        "identity_mismatch",
        "revoked",
        "suspected_forgery",
    ] = "unverified"
    by: list[Word] = []
    at: Moment | None = None
    entry: Annotated[int, Field(ge=0)] | None = None

    @property
    def face(self) -> str:
        """What is on the paper, as two people confirm it: canonical JSON.

        Type, signer, boxes, dates, scope and whom it names; not what was found out
        about it. A key that is left out or has its default is not in it.
        """
        found = {"state", "by", "at", "entry"}
        dumped = self.model_dump(mode="json", exclude=found, exclude_defaults=True)
        return canonical(dumped).decode()


class InstrumentsFile(_Entry):
    """The whole file."""

    schema_name: Literal["sallyport.instruments/1"] = Field(alias="schema")
    papers: dict[Digest, PaperEntry] = {}


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperWords:
    """The vocabulary's words; a list left out is not compared.

    ``signers`` maps each type of paper to who may sign it.
    """

    signers: Mapping[str, Collection[str]]
    datasets: Collection[str] | None = None
    categories: Collection[str] | None = None
    kinds: Collection[str] | None = None
    boxes: Collection[str] | None = None


def read_instruments(path: Path, words: PaperWords) -> InstrumentsFile:
    """Read and check the file.

    Raises:
        InvalidFile: with every mistake, its path and the nearest right word.
    """
    file = read_model(path, InstrumentsFile)
    mistakes = [
        Mistake(path=f"{path}:{where}", problem=problem, advice=advice)
        for where, problem, advice in _mistakes(file, words)
    ]
    if mistakes:
        raise InvalidFile(mistakes)
    return file


def read_face(path: Path, document: str) -> str | None:
    """Return what is on the face of a registered paper, or None; blocks.

    Raises:
        InvalidFile: with every mistake of the register's form.
    """
    entry = read_model(path, InstrumentsFile).papers.get(document)
    return None if entry is None else entry.face


def _mistakes(
    file: InstrumentsFile, words: PaperWords
) -> Iterator[tuple[str, str, str]]:
    """Yield each word that is not known, and each entry that says nothing."""
    for document, paper in file.papers.items():
        at = f"papers.{document}"
        signers = words.signers.get(paper.type)
        if signers is None:
            yield (
                f"{at}.type",
                f"no such type of paper: {paper.type}",
                nearest(paper.type, words.signers),
            )
        elif paper.signer not in signers:
            yield (
                f"{at}.signer",
                f"nobody who signs a {paper.type}: {paper.signer}",
                nearest(paper.signer, signers) or f"one of {', '.join(signers)}",
            )
        if paper.any_subject == bool(paper.subjects):
            yield (
                f"{at}.subjects",
                "a paper names its subjects, or says any_subject: true, not both",
                "",
            )
        for box in paper.boxes:
            if words.boxes is not None and box not in words.boxes:
                problem = f"no such box: {box}"
                yield f"{at}.boxes", problem, nearest(box, words.boxes)
        for key in ("datasets", "categories", "kinds"):
            known = getattr(words, key)
            for word in getattr(paper.scope, key) or ():
                if known is not None and word not in known:
                    problem = f"no such word: {word}"
                    yield f"{at}.scope.{key}", problem, nearest(word, known)

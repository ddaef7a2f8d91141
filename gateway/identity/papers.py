"""Papers presented with a request, as facts: one word for each type and signer.

A paper's word depends on what is asked and when: a confirmed warrant for one dataset
is ``outside_scope`` for another, and ``expired`` an instant after its end. That is
computed here at the time of asking, so no memory of it can outlive the paper.
"""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

from gateway.canonical import canonical
from gateway.face import Face, fault_of, last_day
from gateway.identity.instruments import InstrumentsFile, PaperEntry, PaperState
from gateway.identity.periods import instant_ms

__all__ = [
    "PaperAsk",
    "PaperConfirmation",
    "PaperEntries",
    "PaperFile",
    "PaperRecord",
    "Papers",
    "Presented",
    "paper_facts",
    "subject_digest",
]

_STRENGTH = (
    PaperState.ABSENT,
    PaperState.SUSPECTED_FORGERY,
    PaperState.REVOKED,
    PaperState.DEFECTIVE,
    PaperState.IDENTITY_MISMATCH,
    PaperState.EXPIRED,
    PaperState.OUTSIDE_SCOPE,
    PaperState.UNVERIFIED,
    PaperState.FORM_CHECKED,
    PaperState.IDENTITY_MATCHED,
    PaperState.ISSUER_CONFIRMED,
)
"""Of several papers of one type and signer the strongest counts: last is strongest."""

ANY_FACE = Face()
NO_FACES: Mapping[str, Face] = {}

_AGAINST = frozenset(
    {
        PaperState.DEFECTIVE,
        PaperState.IDENTITY_MISMATCH,
        PaperState.REVOKED,
        PaperState.SUSPECTED_FORGERY,
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Presented:
    """A paper as the request names it: its type and the SHA-256 of the document."""

    type: str
    document: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperAsk:
    """What papers are held against: what is asked about whom, at a moment.

    ``dataset`` is the dataset's kind; ``asks`` are (kind, category) pairs;
    ``subjects`` the selectors and values of each subject of the request;
    ``subject_key`` the key under which papers' subjects were digested.
    """

    dataset: str
    asks: Collection[tuple[str, str]]
    subjects: Sequence[Mapping[str, str]]
    subject_key: bytes
    now_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperConfirmation:
    """What the log says about a document: the state, and the index of its entry."""

    state: PaperState
    entry: int


class PaperEntries(Protocol):
    """The log's word on papers. Answers from memory."""

    def latest(self, document: str, face: str) -> PaperConfirmation | None:
        """Return the newest entry about a document, or None if there is none.

        A confirmation counts only for the face that people confirmed: what the
        register says of the paper now, as :attr:`PaperEntry.face`.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperRecord:
    """A paper that is known, with the state that counts now."""

    entry: PaperEntry
    state: PaperState
    issued_ms: int
    expires_ms: int | None
    zone: ZoneInfo

    def day(self, instant_ms: int) -> dt.date:
        """Return the day of an instant where the paper is used."""
        return dt.datetime.fromtimestamp(instant_ms / 1000, self.zone).date()


class Papers(Protocol):
    """The papers that somebody looked at. Answers from memory."""

    def find(self, document: str) -> PaperRecord | None:
        """Return what is known of a document, or None: it is then unverified."""


class PaperFile:
    """The papers of one ``instruments.yaml``; immutable, replaced whole."""

    def __init__(
        self, file: InstrumentsFile, *, entries: PaperEntries, zone: ZoneInfo
    ) -> None:
        """Take the file, the log's word, and the zone in which its days are days."""
        self._file = file
        self._faces: dict[str, str] = {}
        self._entries = entries
        self._zone = zone

    def find(self, document: str) -> PaperRecord | None:
        """Return what is known of a document, with the state that counts now."""
        entry = self._file.papers.get(document)
        if entry is None:
            return None
        if document not in self._faces:
            self._faces[document] = entry.face
        logged = self._entries.latest(document, self._faces[document])
        ends = entry.expires
        return PaperRecord(
            entry=entry,
            state=_counting(entry, logged),
            issued_ms=instant_ms(entry.issued, self._zone),
            expires_ms=None if ends is None else instant_ms(ends, self._zone),
            zone=self._zone,
        )


def subject_digest(key: bytes, selectors: Mapping[str, str]) -> str:
    """Return the keyed digest that binds a paper to somebody: HMAC-SHA-256, hex.

    The key makes it useless outside the county: names and birth dates are few enough
    to be guessed from a plain digest.
    """
    message = canonical(["sallyport/subject/1", dict(selectors)])
    return hmac.digest(key, message, "sha256").hex()


def paper_facts(
    papers: Papers,
    presented: Sequence[Presented],
    ask: PaperAsk,
    *,
    signers: Mapping[str, Collection[str]],
    faces: Mapping[str, Face] = NO_FACES,
) -> dict[tuple[str, str], dict[str, str]]:
    """Return ``paper.<type>.<signer>`` facts for each (kind, category) asked.

    ``signers`` maps each type of the vocabulary to who may sign it; a type that is
    not there states nothing (the request's reader refuses it by name). A paper that
    nobody looked at is ``unverified`` for every signer of its type; one presented as
    another type than it is, ``defective`` for every signer of the type it claims.
    What is absent is left out. ``faces`` says what a type must show on its face.
    """
    facts: dict[tuple[str, str], dict[str, str]] = {}
    for pair in ask.asks:
        found: dict[str, PaperState] = {}
        for item in presented:
            face = faces.get(item.type, ANY_FACE)
            states = _states(papers, item, ask, pair, signers=signers, face=face)
            for signer, state in states.items():
                name = f"paper.{item.type}.{signer}"
                found[name] = _stronger(found.get(name, PaperState.ABSENT), state)
        facts[pair] = {name: state.value for name, state in sorted(found.items())}
    return facts


def _states(
    papers: Papers,
    item: Presented,
    ask: PaperAsk,
    pair: tuple[str, str],
    *,
    signers: Mapping[str, Collection[str]],
    face: Face,
) -> dict[str, PaperState]:
    """Return the state of one presented paper, for each signer it speaks for."""
    every = signers.get(item.type, ())
    record = papers.find(item.document)
    if record is None:
        return dict.fromkeys(every, PaperState.UNVERIFIED)
    if record.entry.type != item.type:
        return dict.fromkeys(every, PaperState.DEFECTIVE)
    return {record.entry.signer: _state(record, ask, pair, face)}


def _state(
    record: PaperRecord, ask: PaperAsk, pair: tuple[str, str], face: Face
) -> PaperState:
    """Return a known paper's state for one (kind, category), at the ask's moment."""
    if record.state in _AGAINST:
        return record.state
    if fault := fault_of(face, record.entry.boxes, record.entry.edition):
        return PaperState(fault)
    if ask.now_ms < record.issued_ms:
        return PaperState.DEFECTIVE
    if _is_over(record, ask, face):
        return PaperState.EXPIRED
    kind, category = pair
    scope = record.entry.scope
    within = (
        _within(ask.dataset, scope.datasets)
        and _within(kind, scope.kinds)
        and _within(category, scope.categories)
        and _names_all(record.entry, ask)
    )
    return record.state if within else PaperState.OUTSIDE_SCOPE


def _is_over(record: PaperRecord, ask: PaperAsk, face: Face) -> bool:
    """Whether a paper has expired, or its form may no longer be executed."""
    if record.expires_ms is not None and ask.now_ms >= record.expires_ms:
        return True
    last = last_day(face, record.day(record.issued_ms))
    return last is not None and record.day(ask.now_ms) > last


def _within(word: str, words: list[str] | None) -> bool:
    """Whether a scope's list allows a word; no list allows any."""
    return words is None or word in words


def _names_all(paper: PaperEntry, ask: PaperAsk) -> bool:
    """Whether the paper names every subject of the request.

    A subject told by other selectors than the paper was bound to cannot be compared,
    and what cannot be compared is not named.
    """
    if paper.any_subject:
        return True
    return bool(ask.subjects) and all(
        any(
            _is_named(bound.selectors, bound.digest, subject, ask.subject_key)
            for bound in paper.subjects
        )
        for subject in ask.subjects
    )


def _is_named(
    selectors: Sequence[str], digest: str, subject: Mapping[str, str], key: bytes
) -> bool:
    """Whether a subject's values give the digest that the paper is bound to."""
    if any(name not in subject for name in selectors):
        return False
    values = {name: subject[name] for name in selectors}
    return hmac.compare_digest(subject_digest(key, values), digest)


def _counting(paper: PaperEntry, logged: PaperConfirmation | None) -> PaperState:
    """Return the state that counts: the log's, unless the file is worse.

    A file alone raises nobody's paper; a clerk's mark against one needs no entry.
    """
    written = PaperState(paper.state)
    if written in _AGAINST:
        return written
    if logged is None:
        return PaperState.UNVERIFIED
    if paper.entry is not None and paper.entry != logged.entry:
        return PaperState.UNVERIFIED
    return logged.state


def _stronger(one: PaperState, other: PaperState) -> PaperState:
    """Return the stronger of two states."""
    return max(one, other, key=_STRENGTH.index)

"""The files that leaves name: schemas, acts, and what an activation put in force.

An act is a note whose lines are ``name value``. An activation says which policy and
which manifest hold from its entry on; every later leaf names the two that held when
it was decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from audit.bundle import BadBundle, read_archive, revision
from audit.errors import AuditError
from audit.keychanges import KeyChanges
from audit.leafcheck import Basis, LeafFacts
from audit.leafforms import Forms
from audit.finding import Finding, Kind
from audit.note import Note
from audit.reading import Source
from audit.report import Report
from audit.rotation import ACT as ROTATION

__all__ = ["check_public"]

_ACT = b"sallyport-act/v1\n"
_KINDS = {"leaf": Kind.LEAF_INVALID, "acts": Kind.ACT_FORGED}


def check_public(
    source: Source,
    facts: LeafFacts,
    report: Report,
    keys: KeyChanges,
    *,
    before: Sequence[tuple[int, Basis]] | None = None,
) -> None:
    """Compare the leaves with the files they name; tell the report.

    Where the leaves are the last ones of a log, and those before them were checked
    another time, ``before`` is what these name: it was activated then.
    """
    check = _Check(source=source, report=report, keys=keys)
    check.activations += before or ()
    for index, reason in facts.faults:
        check.found("leaf", reason, index)
    for index, cfg in facts.schemas:
        check.schema(index, cfg)
    for index, act in facts.acts:
        check.act(index, act)
    check.bases(facts.bases)
    if before is None:
        check.strays()


@dataclass(kw_only=True, slots=True)
class _Check:
    source: Source
    report: Report
    keys: KeyChanges
    activations: list[tuple[int, Basis]] = field(default_factory=list)
    named: set[str] = field(default_factory=lambda: {"checkpoint"})

    def found(self, where: str, reason: str, index: int) -> None:
        kind = _KINDS.get(where.partition("/")[0], Kind.FILE_CHANGED)
        finding = Finding(where=where, reason=reason, index=index, kind=kind)
        self.report.findings.append(finding)

    def _note(self, index: int, text: str) -> None:
        self.report.notices.append(f"entry {index}: {text}")

    def _named(self, where: str, digest: str, index: int) -> bytes | None:
        """Return a file whose name is its digest, or tell why there is none."""
        self.named.add(where)
        data = self.source.read(where)
        if data is None:
            self.found(where, "missing", index)
        elif sha256(data).hexdigest() != digest:
            self.found(where, "its bytes are not those that it is named after", index)
        else:
            return data
        return None

    def schema(self, index: int, cfg: str) -> None:
        """Say which schema holds from an entry on."""
        if not cfg:
            self.found("leaf", "names no schema", index)
            return
        where = f"schema/{cfg}.json"
        data = self._named(where, cfg, index)
        if data is None:
            return
        if Forms.parse(data) is None:
            self.found(where, "is no schema that a leaf can be compared with", index)
        self._note(index, f"schema {cfg} from here on")

    def act(self, index: int, act: str) -> None:
        """Say which act an entry is, and check what it puts in force."""
        data = self._named(f"acts/{act}", act, index)
        if data is None:
            return
        lines = _lines(data)
        word = lines.get("act", "(not this gateway's)")
        self._note(index, f"{_signed(data)} {word} act {act}")
        if word == "activation":
            basis = (lines.get("policy", ""), lines.get("manifest", ""))
            self.activations.append((index, basis))
            self._archive(index, lines)
        if word == ROTATION:
            self._rotation(index, act, data, lines.get("keys", ""))

    def _rotation(self, index: int, act: str, note: bytes, digest: str) -> None:
        keys = self._named(f"keys/{digest}", digest, index)
        if keys is not None:
            handover = self.keys.check(index, act, note, keys)
            self.named |= {handover} if handover else set()

    def _archive(self, index: int, lines: dict[str, str]) -> None:
        bundle = lines.get("bundle", "")
        where = f"policy/{bundle}.tar.gz"
        archive = self._named(where, bundle, index)
        if archive is None:
            return
        try:
            found = revision(read_archive(archive))
        except BadBundle as error:
            self.found(where, f"is no policy bundle: {error}", index)
            return
        if found != lines.get("policy"):
            self.found(where, "is of another revision than the act names", index)

    def strays(self) -> None:
        """Name the files that no entry names; they may be of later entries."""
        for name in self.source.files():
            if name in self.named:
                continue
            said = "no entry names this file"
            if name.startswith("handover/"):
                said = "leads on from a key that was not given"
            self.report.notices.append(f"{name}: {said}")

    def bases(self, runs: Sequence[tuple[int, Basis]]) -> None:
        """Compare what leaves name with what was activated before them."""
        ends = [*(index for index, _ in runs[1:]), None]
        for (first, basis), end in zip(runs, ends, strict=False):
            for index, before in self._spans(first, end):
                if before and basis == before[-1]:
                    continue
                if basis in before:
                    self._note(index, "made under an earlier activation")
                elif before:
                    reason = "names a policy or manifest that was not activated"
                    self.found("leaf", reason, index)

    def _spans(self, first: int, end: int | None) -> list[tuple[int, list[Basis]]]:
        """Return a run's parts between activations, and those before each part."""
        starts = [
            first,
            *(
                index
                for index, _ in self.activations
                if first < index and (end is None or index < end)
            ),
        ]
        return [
            (start, [basis for index, basis in self.activations if index <= start])
            for start in starts
        ]


def _lines(note: bytes) -> dict[str, str]:
    """Return the lines of one of the gateway's acts by name; of others nothing."""
    text, _, _ = note.partition(b"\n\n")
    if not note.startswith(_ACT) or not text.isascii():
        return {}
    pairs = [line.partition(" ") for line in text.decode().split("\n")[1:]]
    return {name: value for name, _, value in pairs}


def _signed(data: bytes) -> str:
    try:
        count = len(Note.parse(data).signatures)
    except AuditError:
        return "unsigned"
    return f"{count} signatures (not checked yet) on"

"""The files that leaves name: schemas, acts, and what an activation put in force.

An activation says which policy and which manifest hold from its entry on; every later
leaf names the two that held when it was decided. Which acts count, and who must have
signed them, is said in :mod:`audit.authority`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from audit.act import Act, Statement, parse_act
from audit.acttext import listed, sentence
from audit.authority import Authority
from audit.basischeck import BasisCheck
from audit.bundle import BadBundle, read_archive, revision
from audit.changes import FIRST, changes_word, manifest_lines, names_changed
from audit.deciders import tell_people
from audit.errors import ActRefused, ActUnsigned, FileUnreadable
from audit.finding import Finding, Kind
from audit.holding import Holding
from audit.keychanges import KeyChanges
from audit.leafcheck import hour_ms
from audit.leaffacts import ActLeaf, BasisRun, LeafFacts
from audit.leafforms import Forms
from audit.reading import Source
from audit.report import Report
from audit.rotation import ACT as ROTATION
from audit.runs import Runs

__all__ = ["check_public"]

_UNCOUNTED = "which does not count"
_APART_S = 300

_KINDS = {"leaf": Kind.LEAF_INVALID, "acts": Kind.ACT_FORGED}


def check_public(
    source: Source,
    facts: LeafFacts,
    report: Report,
    keys: KeyChanges,
    *,
    before: Sequence[BasisRun] | None = None,
    roster: str = "",
) -> None:
    """Compare the leaves with the files they name; tell the report.

    Args:
        source: the log.
        facts: what the leaves tell.
        report: what it came to.
        keys: the log's keys, and how they change.
        before: where the leaves are the last ones of a log, and those before them were
            checked another time: what these name, as it was activated then. None of
            the leaves may then be an act.
        roster: the digest of the first roster, if the verifier brings it.
    """
    check = _Check(source=source, report=report, keys=keys)
    check.activations += before or ()
    check.lost = not facts.whole
    for index, reason in facts.faults:
        check.found("leaf", reason, index)
    acts = {each.index for each in facts.acts}
    for place, (index, cfg) in enumerate(facts.schemas):
        check.schema(index, cfg, brought=not place or index in acts)
    for each in facts.acts:
        check.act(each)
    if before is None:
        check.people(roster, facts.last_hour)
    if not check.unsigned and not check.lost:
        with report.doubting():
            check.bases(facts.bases)
    if before is None and not check.lost:
        with report.doubting():
            check.strays()
    if not check.lost:
        check.dated(facts.last_hour)
    report.files = frozenset(check.named)


@dataclass(kw_only=True, slots=True)
class _Check:
    source: Source
    report: Report
    keys: KeyChanges
    authority: Authority = field(default_factory=Authority)
    unsigned: bool = False
    lost: bool = False
    """Whether an act could not be read: no later one can be judged without it."""
    activations: list[BasisRun] = field(default_factory=list)
    runs: Runs = field(default_factory=Runs)
    holding: Holding = field(default_factory=Holding)
    manifest: dict[str, str] | None = None
    forms: Forms | None = None
    named: set[str] = field(default_factory=lambda: {"checkpoint"})

    def found(self, where: str, reason: str, index: int) -> None:
        kind = _KINDS.get(where.partition("/")[0], Kind.FILE_CHANGED)
        finding = Finding(where=where, reason=reason, index=index, kind=kind)
        self.report.findings.append(finding)

    def _named(self, where: str, digest: str, index: int) -> bytes | None:
        """Return a file whose name is its digest, or tell why there is none."""
        self.named.add(where)
        try:
            data = self.source.read(where)
        except FileUnreadable as error:
            self.report.doubt(str(error))
            self.lost |= where.startswith("acts/")
            return None
        if data is None:
            self.found(where, "missing", index)
        elif sha256(data).hexdigest() != digest:
            self.found(where, "its bytes are not those that it is named after", index)
        else:
            return data
        return None

    def schema(self, index: int, cfg: str, *, brought: bool) -> None:
        """Say which schema holds from an entry on, and that no act brought a new one.

        A program of another version may write before its gateway is started.
        """
        if not cfg:
            self.found("leaf", "names no schema", index)
            return
        where = f"schema/{cfg}.json"
        new = where not in self.named
        data = self._named(where, cfg, index)
        if data is None:
            return
        forms = Forms.parse(data)
        if forms is None:
            self.found(where, "is no schema that a leaf can be compared with", index)
        without = "" if brought or not new else ", which no act brought"
        self.report.note(index, f"schema {cfg} from here on{without}")
        if new and forms is not None:
            if self.forms and (less := forms.less_than(self.forms)):
                said = f"from entry {index} on the schema says less of {listed(less)}"
                self.report.notices.append(f"{said} than the one before")
            self.forms = forms

    def act(self, leaf: ActLeaf) -> None:
        """Check an act as everybody can; say what it does and who signed it."""
        index, where = leaf.index, f"acts/{leaf.act}"
        data = self._named(where, leaf.act, index)
        if data is None or self.unsigned:
            return
        try:
            act = parse_act(data, first=not index)
        except ActUnsigned as error:
            self.unsigned = True
            self.report.doubts.append(f"entry {index}: {error}")
            return
        except ActRefused as error:
            self.found(where, str(error), index)
            return
        statement = act.statement
        if leaf.word != statement.act:
            self.found("leaf", f"calls the act {statement.act} something else", index)
        if self.lost:
            self._brought(index, statement)
            return
        signed = self._signed(act, leaf, where)
        name = f"{statement.act} {statement.counter}, {signed}"
        self.report.note(index, f"{name}: {sentence(statement)}; act {leaf.act}")
        if signed != _UNCOUNTED and (fault := self.holding.fault(statement)):
            self.found("acts", fault, index)
        if statement.act == "activation":
            basis = (statement["policy"], statement["manifest"])
            self._archive(index, statement)
            self._manifest(index, statement)
            self.activations.append((index, basis))
        self.runs.note(index, statement)
        if statement.act == "start":
            self._start(index, statement)
        if statement.act == ROTATION:
            self._rotation(leaf, data, statement["keys"])

    def _brought(self, index: int, statement: Statement) -> None:
        """Compare what an act brought with its digest, whether it counts or not."""
        if statement.act == "activation":
            self._archive(index, statement)
            digest = statement["manifest"]
            self._named(f"manifest/{digest}", digest, index)

    def _start(self, index: int, statement: Statement) -> None:
        """Compare what a start names with the newest activation."""
        newest = self.authority.counters.get("activation", 0) - 1
        if int(statement["activation"]) != newest:
            reason = f"names activation {statement['activation']}, and {newest} holds"
            self.found("acts", f"the start {reason}", index)

    def _rotation(self, leaf: ActLeaf, note: bytes, digest: str) -> None:
        keys = self._named(f"keys/{digest}", digest, leaf.index)
        if keys is not None:
            handover = self.keys.check(leaf.index, leaf.act, note, keys)
            self.named |= {handover} if handover else set()

    def _signed(self, act: Act, leaf: ActLeaf, where: str) -> str:
        """Say who signed, and a finding if these are not who must."""
        try:
            self.authority, people = self.authority.after(
                act, index=leaf.index, at_ms=leaf.at_ms
            )
        except ActRefused as error:
            self.found(where, str(error), leaf.index)
            self.authority = self.authority.passed_over(act.statement)
            return _UNCOUNTED
        return f"signed by {listed(people)}" if people else "which nobody signs"

    def _archive(self, index: int, statement: Statement) -> None:
        bundle = statement["bundle"]
        where = f"policy/{bundle}.tar.gz"
        archive = self._named(where, bundle, index)
        if archive is None:
            return
        try:
            found = revision(read_archive(archive))
        except BadBundle as error:
            self.found(where, f"is no policy bundle: {error}", index)
            return
        if found != statement["policy"]:
            self.found(where, "is of another revision than the act names", index)

    def _manifest(self, index: int, statement: Statement) -> None:
        """Name what an activation changes, and compare it with what was signed."""
        where = f"manifest/{statement['manifest']}"
        before, self.manifest = self.manifest, None
        data = self._named(where, statement["manifest"], index)
        if data is None:
            return
        self.manifest = manifest_lines(data)
        if self.manifest is None:
            self.found(where, "is no manifest", index)
            return
        said = statement["changes"]
        if before is None:
            # The one before was not there, which is a finding of its own.
            right = said if self.activations else FIRST
        else:
            (policy, _) = self.activations[-1][1]
            names = names_changed(
                before, self.manifest, policy=policy != statement["policy"]
            )
            right = changes_word(names)
            self.report.note(index, f"activation changes {', '.join(names) or right}")
        if said != right:
            reason = f"says that it changes {said}; the manifests say {right}"
            self.found("acts", f"the activation {reason}", index)

    def people(self, expected: str, hour: str) -> None:
        """Say who may decide, and compare the first roster with the one expected."""
        if self.lost and self.authority.first is None:
            return  # it may have stood in what could not be read
        at_ms = hour_ms(hour) or 0
        if fault := tell_people(self.authority, self.report, expected, at_ms):
            self.found("acts", fault, 0)

    def dated(self, hour: str) -> None:
        """Compare the newest entry's hour with when the checkpoint was signed."""
        signed_s, at_ms = self.report.facts.get("signed_at_unix_s"), hour_ms(hour)
        if signed_s is None or at_ms is None:
            return
        # Who signs may have another clock than who writes; no more apart than this.
        if at_ms > 1000 * (int(signed_s) + _APART_S):
            index = int(self.report.facts["entries"]) - 1
            reason = f"is of {hour}, and the checkpoint was signed before that"
            self.found("leaf", reason, index)

    def strays(self) -> None:
        """Name the files that no entry names; they may be of later entries."""
        for name in self.source.files():
            if name in self.named:
                continue
            said = "no entry names this file"
            if name.startswith("handover/"):
                said = "leads on from a key that was not given"
            self.report.notices.append(f"{name}: {said}")

    def bases(self, runs: Sequence[BasisRun]) -> None:
        """Compare what leaves name with what was activated before them."""
        check = BasisCheck(
            source=self.source,
            size=int(self.report.facts["entries"]),
            activations=self.activations,
            runs=self.runs,
        )
        for index, fault in check.told(runs):
            if fault:
                self.found("leaf", fault, index)
            else:
                self.report.note(index, "made under an earlier activation")

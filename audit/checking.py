"""One verification of a log, after its checkpoint was opened: all of it or what is new.

What a verifier kept of an earlier one stands for all entries up to there: that these
are the start of the tree follows from its tiles. Then only the later entries are read,
and those before only if something later can't be judged without them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from audit.checkpoint import Checkpoint
from audit.earlier import another, compared, kept_of
from audit.finding import Finding, Kind
from audit.kept import Kept
from audit.keyring import Keyring
from audit.leaffacts import BasisRun, LeafFacts
from audit.reading import Source
from audit.report import NEWS_INTACT, Report
from audit.tiles import WIDTH
from audit.treecheck import TreeCheck, check_tree

__all__ = ["Checking"]

Before = Sequence[BasisRun]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Part:
    """What is read: from which bundle on, and what is known of the leaves before."""

    first: int = 0
    size: int = 0
    """Entries that were checked before."""
    leaves: LeafFacts | None = None

    @classmethod
    def after(cls, size: int, leaves: LeafFacts | None) -> _Part:
        """Return what comes after a verification of ``size`` entries.

        Where it is not known what the leaves before came to, the last of them is read
        again: those that follow go on from it.
        """
        last = size if leaves is not None else max(0, size - 1)
        first = last // WIDTH
        return cls(first=first, size=size, leaves=leaves) if first else cls()


@dataclass(frozen=True, kw_only=True, slots=True)
class Checking:
    """A verification under way. It never raises for what the log holds."""

    source: Source
    note: bytes
    """The checkpoint as it was read."""
    checkpoint: Checkpoint
    keyring: Keyring
    report: Report
    public: Callable[[LeafFacts, Before | None], None]
    """Checks what leaves name; see :func:`audit.publicfiles.check_public`."""
    roster: bool
    """Whether the verifier brings the first roster, which entry 0 names."""
    leaves: bool
    jobs: int
    progress: Callable[[int], None]

    def run(self, since: bytes | None) -> None:
        """Check what is new since an earlier verification, or everything.

        Raises:
            SourceUnreadable: the log could not be read.
        """
        earlier, part = self._earlier(since)
        handed = [each.handed for each in self.keyring.periods if each.handed]
        befores = [*([earlier] if earlier else []), *handed]
        # Known without the tree, so nothing of it that can't be read hides it.
        apart = [not compared(each, self.checkpoint, self.report) for each in befores]
        check = self._tree(part)
        if part.first and part.leaves is None and (why := self._unplaced(check, part)):
            self.report.notices.append(f"{why}, so everything was read")
            part = _Part()
            check = self._tree(part)
        self._tell(check, part)
        for before, known in zip(befores, apart, strict=True):
            with self.report.doubting():
                goes_on = not known and self.continues(before, check)
                if goes_on and before is earlier:
                    self.report.facts["since_entries"] = before.size
        facts = self._leaves(check, part)
        if not self.report.findings and not self.report.doubts:
            self.report.kept = Kept(checkpoint=self.note, leaves=facts).pack()

    def _earlier(self, since: bytes | None) -> tuple[Checkpoint | None, _Part]:
        """Return what was signed when a verifier kept it, and what is left to read."""
        found = None
        if since is not None:
            found = kept_of(since, self.keyring, self.report)
        if found is None:
            return None, _Part()
        earlier, kept = found
        if earlier.size > self.checkpoint.size:
            return earlier, _Part()
        return earlier, _Part.after(earlier.size, kept.leaves)

    def _tree(self, part: _Part) -> TreeCheck:
        size = self.checkpoint.size
        return check_tree(
            self.source,
            size=size,
            root=self.checkpoint.root,
            bundles=range(part.first, -(-size // WIDTH)),
            leaves=self.leaves,
            told=0 if part.leaves is None else part.size,
            jobs=self.jobs,
            progress=self.progress,
        )

    def _tell(self, check: TreeCheck, part: _Part) -> None:
        self.report.findings += check.findings
        self.report.doubts += dict.fromkeys(check.unread)
        if check.reaches > self.checkpoint.size:
            self.report.notices.append(
                f"tiles of {check.reaches} entries lie here: the checkpoint is older"
                " than they are (a log that goes on, or an old checkpoint put back)"
            )
        if check.stopped:
            self.report.notices.append("so much was found that the rest was not read")
        if part.first:
            self.report.facts["read_from"] = part.first * WIDTH
            self.report.holds = NEWS_INTACT

    def continues(self, before: Checkpoint, check: TreeCheck) -> bool:
        """Whether an earlier checkpoint is of the same, only shorter, log.

        If it is not, the report is told.
        """
        if check.findings or not check.facts.whole:
            return False  # what is wrong is said already, or that it can't be told
        root = check.believed.root_at(before.size)
        if root == before.root:
            return True
        if root is not None:
            self.report.findings.append(another(before.size))
            return False
        reason = f"what is there of its first {before.size} entries is not of it"
        kind = Kind.TREE_REWRITTEN
        found = Finding(where="checkpoint", reason=reason, kind=kind)
        self.report.findings.append(found)
        return False

    def _leaves(self, check: TreeCheck, part: _Part) -> LeafFacts | None:
        """Check what the leaves say; return what they came to from the first on."""
        if not self.leaves or check.findings:
            return None
        if not check.facts.whole:
            self.public(check.facts, None)
            return None
        if not part.first:
            self.public(check.facts, None)
            return check.facts
        if part.leaves is None:
            runs = check.facts.bases
            self.public(check.facts, [run for run in runs if run[0] < part.size])
            return None
        part.leaves.add(check.facts)
        self.public(part.leaves, None)
        return part.leaves

    def _unplaced(self, check: TreeCheck, part: _Part) -> str:
        """Return what is to be said and depends on earlier leaves, or nothing."""
        facts = check.facts
        known = {basis for index, basis in facts.bases if index < part.size}
        acts = [each.index for each in facts.acts if each.index >= part.size]
        others = [index for index, basis in facts.bases if basis not in known]
        if self.leaves and self.roster:
            return "the first roster stands in entry 0"
        if acts:
            return (
                f"whether the act in entry {acts[0]} counts depends on those before it"
            )
        if others:
            return f"what entry {others[0]} names was activated before"
        return ""

"""Signs checkpoints, and has witnesses sign them before anybody else sees them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from audit.checkpoint import Checkpoint, sign_checkpoint
from audit.cosigning import Cosigner, Signed
from audit.disk import Faults, replace
from audit.history import Past
from audit.keyfiles import LogKeys
from audit.keyring import Keyring
from audit.reading import Source

__all__ = ["Notary"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Notary:
    """The log's keys and its witnesses, if it has any."""

    keys: LogKeys
    keyring: Keyring
    cosigner: Cosigner | None
    kept: Path
    """What was signed last and shown to witnesses."""
    faults: Faults

    def sign(self, size: int, root: bytes, seconds: int) -> Past:
        """Sign a tree.

        What witnesses are shown is kept before, so that after a crash they are shown
        the same and not another note of the same tree.

        Raises:
            OSError: it can't be kept.
        """
        head = Checkpoint(origin=self.keys.origin, size=size, root=root)
        if self.cosigner is not None and self.kept.exists():
            note = self.kept.read_bytes()
            if note.startswith(f"{head.text}\n".encode()):
                return Past.of(note, self.keyring)
        note = sign_checkpoint(
            head,
            log=self.keys.log,
            time=self.keys.time,
            mldsa=self.keys.mldsa,
            seconds=seconds,
        )
        if self.cosigner is not None:
            replace(self.kept, note, faults=self.faults)
        return Past(note=note, size=size, ms=1000 * seconds)

    def lacking(self, past: Past) -> bool:
        """Whether a witness has not signed a checkpoint yet."""
        return self.cosigner is not None and self.cosigner.lacking(past.note)

    def cosigned(self, past: Past, tree: Source, stored: Callable[[], int]) -> Past:
        """Return a checkpoint with the lines of the witnesses that answer in time.

        Raises:
            LogBehind, LogForked: as :meth:`audit.cosigning.Cosigner.cosign`.
        """
        if self.cosigner is None:
            return past
        signed = Signed(note=past.note, tree=tree, keys=self.keyring, stored=stored)
        return Past(note=self.cosigner.cosign(signed), size=past.size, ms=past.ms)

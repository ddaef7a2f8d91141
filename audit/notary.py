"""Signs checkpoints, and has witnesses sign them before anybody else sees them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from audit.checkpoint import Checkpoint, sign_checkpoint
from audit.cosigning import Cosigner, Signed
from audit.history import Past
from audit.keyfiles import LogKeys
from audit.keyring import Keyring
from audit.reading import Source

__all__ = ["Notary"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Notary:
    """The log's keys and its witnesses, if it has any; whatever the store."""

    keys: LogKeys
    keyring: Keyring
    cosigner: Cosigner | None

    def sign(
        self,
        *,
        size: int,
        root: bytes,
        now_ms: int,
        before: Past | None,
        shown: bytes = b"",
    ) -> Past:
        """Sign a tree that continues ``before``; it was read at ``now_ms`` or later.

        The log's time never runs back. A note is kept and served again, never made
        again for the same size: two notes over the same text differ. So is one that
        witnesses were ``shown`` and that nobody published, because of a crash: the
        store keeps it from before they see it.
        """
        head = Checkpoint(origin=self.keys.origin, size=size, root=root)
        if shown.startswith(f"{head.text}\n".encode()):
            return Past.of(shown, self.keyring)
        seconds = now_ms // 1000
        if before is not None:
            seconds = max(seconds, before.ms // 1000)
        note = sign_checkpoint(
            head,
            log=self.keys.log,
            time=self.keys.time,
            mldsa=self.keys.mldsa,
            seconds=seconds,
        )
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

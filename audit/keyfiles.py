"""The log's keys and the files they lie in.

A log signs with four keys: ``<origin>`` its checkpoints, twice: Ed25519, which every
reader of such logs knows, and ML-DSA-44, which stands when Ed25519 no longer does;
``<origin>/receipt`` its receipts; ``<origin>/time`` the time of its checkpoints.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from audit.auditors import Auditor, AuditorKey
from audit.errors import CannotTell, KeyFileRefused, Malformed
from audit.privatefiles import read_secret, write_public, write_secret
from audit.signer import SeedSigner, Signer
from audit.tokens import TokenSigner, TokenUri, make_key
from audit.vkey import COSIGNATURE, ED25519, MLDSA44, Verifier
from audit.vkeyfile import read_vkeys

__all__ = [
    "Auditor",
    "AuditorKey",
    "LogKeys",
    "make_in_token",
    "read_secret",
    "read_signer",
    "read_vkeys",
    "write_public",
    "write_secret",
]

_IN_TOKEN = {"log": ("", ED25519), "time": ("/time", COSIGNATURE)}
"""What signs now and then, and may lie in a token: suffix of the name, kind."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LogKeys:
    """The signing keys of a log; their names follow from its origin.

    A log that has no ``mldsa`` key signs its checkpoints with Ed25519 alone.
    """

    log: Signer
    receipt: Signer
    time: Signer
    mldsa: Signer | None = None

    def __post_init__(self) -> None:
        origin = self.origin
        wanted = {
            "log": (origin, ED25519),
            "receipt": (f"{origin}/receipt", ED25519),
            "time": (f"{origin}/time", COSIGNATURE),
            "mldsa": (origin, MLDSA44),
        }
        for role, signer in self.by_role:
            if (signer.verifier.name, signer.verifier.kind) != wanted[role]:
                raise KeyFileRefused(f"the {role} key is not one of {origin}")
        if isinstance(self.receipt, TokenSigner):
            raise KeyFileRefused(
                "the receipt key signs while requesters wait: keep it in a file"
            )

    @property
    def origin(self) -> str:
        """The log's name."""
        return self.log.verifier.name

    @property
    def by_role(self) -> Iterator[tuple[str, Signer]]:
        """Each key there is with the word that its file is named by."""
        yield "log", self.log
        yield "receipt", self.receipt
        yield "time", self.time
        if self.mldsa is not None:
            yield "mldsa", self.mldsa

    @property
    def verifiers(self) -> tuple[Verifier, ...]:
        """The public halves: log, receipt, time and, if there is one, ML-DSA."""
        return tuple(signer.verifier for _, signer in self.by_role)

    @classmethod
    def generate(cls, origin: str) -> LogKeys:
        """Return new keys for a log of this name."""
        return cls(
            log=SeedSigner.generate(origin),
            receipt=SeedSigner.generate(f"{origin}/receipt"),
            time=SeedSigner.generate(f"{origin}/time", COSIGNATURE),
            mldsa=SeedSigner.generate(origin, MLDSA44),
        )

    @classmethod
    def read(cls, folder: Path) -> LogKeys:
        """Read ``log.key``, ``receipt.key``, ``time.key`` and ``mldsa.key``.

        The last one may be missing.

        Raises:
            KeyFileRefused: one is missing, readable by others, or no such key.
        """
        mldsa = folder / "mldsa.key"
        return cls(
            log=_signer(folder / "log.key"),
            receipt=_signer(folder / "receipt.key"),
            time=_signer(folder / "time.key"),
            mldsa=_signer(mldsa) if mldsa.exists() else None,
        )

    def write(self, folder: Path) -> None:
        """Write the keys (0600) and, beside them, ``log.vkey`` and ``log.vkeys``.

        ``log.vkey`` is the one line that any C2SP tool takes; ``log.vkeys`` has all
        public keys. A key in a token stays there. No file is ever replaced.
        """
        folder.mkdir(parents=True, exist_ok=True)
        for role, signer in self.by_role:
            if isinstance(signer, SeedSigner):
                write_secret(folder / f"{role}.key", signer.secret_text + "\n")
        lines = [verifier.text + "\n" for verifier in self.verifiers]
        write_public(folder / "log.vkey", lines[0])
        write_public(folder / "log.vkeys", "".join(lines))


def make_in_token(
    folder: Path, origin: str, *, module: Path, token: str, pin: Path
) -> LogKeys:
    """Make a log's keys, those that sign checkpoints and their time in a token.

    The other two are files: receipts are signed while requesters wait, and tokens have
    no ML-DSA. ``folder`` gets the files and, for each key of the token, where it is.

    Raises:
        KeyFileRefused: a file or a key is there already, or the token is not.
    """
    folder.mkdir(parents=True, exist_ok=True)
    keys = LogKeys.generate(origin)
    there = [role for role, _ in keys.by_role if (folder / f"{role}.key").exists()]
    if there:
        raise KeyFileRefused(f"{there[0]}.key: File exists")
    made: dict[str, Signer] = {}
    for role, (suffix, kind) in _IN_TOKEN.items():
        name = f"{origin}{suffix}"
        uri = TokenUri(module=module, token=token, label=name, pin=pin)
        verifier = make_key(uri, name, kind)
        write_secret(folder / f"{role}.key", f"{verifier.text}\n{uri.text}\n")
        made[role] = TokenSigner(uri=uri, verifier=verifier)
    found = LogKeys(
        log=made["log"], time=made["time"], receipt=keys.receipt, mldsa=keys.mldsa
    )
    found.write(folder)
    return found


def read_signer(path: Path) -> Signer:
    """Read a private key's file: the key itself, or where it lies in a token.

    Raises:
        KeyFileRefused: it is missing, readable by others, or the token refuses.
        Malformed: ``skey-...``, ``vkey-...`` or ``pkcs11-...``.
        CannotTell: the key is ML-DSA and this cryptography has none.
    """
    first, newline, second = read_secret(path).strip().partition("\n")
    if not newline:
        return SeedSigner.parse(first)
    return TokenSigner(uri=TokenUri.parse(second), verifier=Verifier.parse(first))


def _signer(path: Path) -> Signer:
    try:
        return read_signer(path)
    except (Malformed, CannotTell) as error:
        raise KeyFileRefused(f"{path.name}: {error}") from None

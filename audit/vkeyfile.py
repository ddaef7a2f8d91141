"""Reads files of verifier keys: what a verifier brings, and waits for nothing else."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

from audit.errors import KeyFileRefused, Malformed
from audit.regular import named
from audit.vkey import Verifier

__all__ = ["read_vkeys"]

_PRIVATE = "PRIVATE+KEY+"
"""As :mod:`audit.signer` has it; who only verifies does not import that."""


def read_vkeys(paths: Iterable[Path]) -> list[Verifier]:
    """Read files of verifier keys, one a line; a byte-order mark is none of it.

    Raises:
        KeyFileRefused: a file can't be read or holds none.
        Malformed: a line is no verifier key; its detail says which.
    """
    keys: list[Verifier] = []
    for path in paths:
        try:
            text = io.TextIOWrapper(io.BytesIO(named(path)), "utf-8-sig").read()
        except OSError as error:
            raise KeyFileRefused(f"{path.name}: {error.strerror}") from None
        except UnicodeDecodeError:
            raise KeyFileRefused(f"{path.name}: not text") from None
        if text.startswith(_PRIVATE):
            raise KeyFileRefused(
                f"{path.name}: a private key, its owner's alone; the public one"
                " is wanted"
            )
        found = [
            _key(line, number)
            for number, line in enumerate(text.split("\n"), 1)
            if line.strip()
        ]
        if not found:
            raise KeyFileRefused(f"{path.name}: no key in it")
        keys += found
    return keys


def _key(line: str, number: int) -> Verifier:
    try:
        return Verifier.parse(line)
    except Malformed as error:
        detail = (
            f"line {number} is no whole key, which is name+hash+base64; take the file"
            " anew from whoever gave it"
        )
        raise Malformed(error.reason, detail) from None

"""A witness that serves in this process, for logs whose keys the test makes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from audit.signer import SeedSigner
from audit.vkey import COSIGNATURE, Verifier
from audit.witness.book import Book
from audit.witness.server import serving
from audit.witness.settings import KnownLog, Settings
from audit.witness.witness import Witness

__all__ = ["Served", "serve_witness", "trust_lines"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Served:
    """A witness that serves."""

    signer: SeedSigner
    url: str


def _seconds() -> int:
    return time.time_ns() // 1_000_000_000


@asynccontextmanager
async def serve_witness(
    folder: Path,
    keys: Iterable[Verifier],
    *,
    port: int = 0,
    signer: SeedSigner | None = None,
    seconds: Callable[[], int] = _seconds,
) -> AsyncIterator[Served]:
    """Serve a witness whose record lies in a folder; it knows the log of these keys."""
    own = signer or SeedSigner.generate("board.example/witness", COSIGNATURE)
    trusted = tuple(keys)
    origin = trusted[0].name
    settings = Settings(
        host="127.0.0.1",
        port=port,
        database=folder / "witness.db",
        signers=(own,),
        logs={origin: KnownLog(origin=origin, keys=trusted, per_minute=10**6)},
    )
    book = await asyncio.to_thread(Book, settings.database)
    witness = Witness(settings, book, seconds=seconds, monotonic=time.monotonic)
    async with serving(settings, witness) as url:
        yield Served(signer=own, url=url)
    await asyncio.to_thread(book.close)


def trust_lines(*witnesses: Served, needed: str = "any") -> str:
    """Return a policy file that asks for so many of some witnesses."""
    lines = [
        f"witness w{number} {each.signer.verifier.text} {each.url}"
        for number, each in enumerate(witnesses)
    ]
    names = " ".join(f"w{number}" for number in range(len(witnesses)))
    return "\n".join([*lines, f"group g {needed} {names}", "quorum g", ""])

"""Small logs and entries that the tests of the log share."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Generator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol, TypedDict, Unpack

from audit import AuditorKey, Dedup, Entry, Log, LogKeys
from audit.checkpoint import Checkpoint, sign_checkpoint
from audit.disk import Faults, no_faults
from audit.merkle import leaf_hash
from audit.note import COSIGNATURE, MLDSA44
from audit.signer import SeedSigner
from audit.tiles import ENTRIES, WIDTH, Tile, pack_entries
from audit.tree import Tree

ORIGIN = "log.example/county"
START_MS = 1_795_424_400_000
"""2026-11-23T09:00:00Z."""

MEMBERS = (
    *("v", "ev", "db", "decision", "policy", "manifest", "n", "act", "cfg"),
    *("_sd", "side", "tags", "t", "pad"),
)
SCHEMA = json.dumps(
    {
        "members": dict.fromkeys(MEMBERS, ""),
        "forms": {
            "v": {"type": "integer", "in": [1]},
            "ev": {"type": "word", "in": ["exchange", "act", "start", "stop"]},
            "n": {"type": "integer", "in": [1, 2, 5]},
            "policy": {"type": "digest-or-empty"},
            "db": {"type": "word-or-empty"},
            "t": {"type": "log"},
        },
    }
).encode()
CFG = sha256(SCHEMA).hexdigest()


LOG_KEY = SeedSigner(name=ORIGIN, kind=1, seed=b"\x01" * 32)


def fixed_keys() -> LogKeys:
    """Return the keys that every test's log signs with."""
    return LogKeys(
        log=LOG_KEY,
        receipt=SeedSigner(name=f"{ORIGIN}/receipt", kind=1, seed=b"\x02" * 32),
        time=SeedSigner(name=f"{ORIGIN}/time", kind=COSIGNATURE, seed=b"\x03" * 32),
        mldsa=SeedSigner(name=ORIGIN, kind=MLDSA44, seed=b"\x05" * 32),
    )


KEYS = fixed_keys()
AUDITOR = AuditorKey(name="board", secret=b"\x04" * 32)


class FakeClock:
    """A clock that stands until it is moved."""

    def __init__(self, ms: int = START_MS) -> None:
        self.ms = ms

    def now_ms(self) -> int:
        """Return the set time."""
        return self.ms


class More(TypedDict, total=False):
    """What else a log may be opened with."""

    checkpoint_interval_s: float
    max_outstanding: int


class Most(More, total=False):
    """What else a test's log may be opened with."""

    clock: FakeClock
    faults: Faults
    delay_s: float


class Opening(Protocol):
    """What ``Log.open`` gives: to await or to enter."""

    def __await__(self) -> Generator[None, None, Log]:
        """Open; the caller closes."""

    async def __aenter__(self) -> Log:
        """Open, and close at the end."""

    async def __aexit__(self, *_: object) -> None:
        """Close."""


def digest(text: str) -> bytes:
    """Return 32 bytes that stand for a text."""
    return sha256(text.encode()).digest()


def dedup(key: str, request: str = "r", content: str = "c") -> Dedup:
    """Return a dedup of three texts."""
    return Dedup(key=digest(key), request=digest(request), content=digest(content))


def public(**members: object) -> dict[str, Any]:
    """Return a leaf's members as a gateway chooses them."""
    return {
        "v": 1,
        "ev": "exchange",
        "db": "jail",
        "decision": "released",
        "policy": "0" * 64,
        "manifest": "1" * 64,
        "n": 1,
        "act": "",
        "cfg": CFG,
        **members,
    }


def entry(
    key: str | None = None,
    *,
    content: str = "c",
    sealed: Mapping[str, Mapping[str, Any]] | None = None,
    attachments: Mapping[str, bytes] | None = None,
    **members: object,
) -> Entry:
    """Return an entry like those of an exchange."""
    return Entry(
        public=public(**members),
        sealed=sealed
        or {
            "who": {"person": "Jane Doe", "case": "A-1"},
            "replay": {"question": {"kind": "release", "day": 20261123}},
            "account": {"purpose": "criminal_justice"},
        },
        subjects=(b"jail:1",),
        dedup=None if key is None else dedup(key, content=content),
        attachments=attachments or {},
    )


def act_note(text: str = "act genesis") -> tuple[str, bytes]:
    """Return an unsigned act's digest and bytes."""
    note = f"{text}\n\n".encode()
    return sha256(note).hexdigest(), note


def opening(
    folder: Path,
    *,
    create: bool = False,
    clock: FakeClock | None = None,
    faults: Faults = no_faults,
    delay_s: float = 0,
    **more: Unpack[More],
) -> Opening:
    """Open a test's log."""
    return Log.open(
        folder,
        origin=ORIGIN,
        keys=KEYS,
        auditors=[AUDITOR.auditor],
        clock=clock or FakeClock(),
        public_delay_s=delay_s,
        create=create,
        fault_hooks=faults,
        **more,
    )


async def fill(folder: Path, count: int, **more: Unpack[Most]) -> None:
    """Make a log of ``count`` entries; the first is an act with its file."""
    act, note = act_note()
    async with opening(folder, create=True, **more) as log:
        for start in range(0, count, 300):
            async with asyncio.TaskGroup() as group:
                for number in range(start, min(count, start + 300)):
                    one = entry(f"k{number}")
                    if number == 0:
                        one = entry(
                            ev="act",
                            act=act,
                            attachments={
                                f"acts/{act}": note,
                                f"schema/{CFG}.json": SCHEMA,
                            },
                        )
                    group.create_task(log.append(one))
            await log.settle()


def filled(folder: Path, count: int, **more: Unpack[Most]) -> None:
    """Make a log of ``count`` entries, outside any event loop."""
    asyncio.run(fill(folder, count, **more))


def write_schema(folder: Path, schema: bytes = SCHEMA) -> str:
    """Publish a schema in a tree; return its ``cfg``."""
    cfg = sha256(schema).hexdigest()
    (folder / "schema").mkdir(parents=True, exist_ok=True)
    (folder / "schema" / f"{cfg}.json").write_bytes(schema)
    return cfg


def write_tree(
    folder: Path, leaves: Sequence[bytes], *, keys: LogKeys = KEYS, seconds: int = 1
) -> Checkpoint:
    """Write a public tree of any leaves, with its checkpoint."""
    tree = Tree()
    tiles = tree.add(map(leaf_hash, leaves)) + tree.partial()
    for number in range(0, len(leaves), WIDTH):
        some = leaves[number : number + WIDTH]
        tile = Tile(level=ENTRIES, index=number // WIDTH, width=len(some))
        tiles.append((tile, pack_entries(some)))
    for tile, data in tiles:
        path = folder / tile.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    checkpoint = Checkpoint(origin=keys.origin, size=len(leaves), root=tree.root())
    note = sign_checkpoint(
        checkpoint, log=keys.log, time=keys.time, mldsa=keys.mldsa, seconds=seconds
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "checkpoint").write_bytes(note)
    write_schema(folder)
    return checkpoint

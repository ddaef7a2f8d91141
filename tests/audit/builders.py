"""Small logs and entries that the tests of the log share."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Generator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol, TypedDict, Unpack

from audit import AuditorKey, Dedup, Entry, Log, LogKeys
from audit.act import Act, Statement
from audit.checkpoint import Checkpoint, sign_checkpoint
from audit.disk import Faults, no_faults
from audit.leafcheck import hour_ms, leaf_fault
from audit.merkle import leaf_hash
from audit.note import COSIGNATURE, MLDSA44
from audit.roster import Roster
from audit.signer import SeedSigner
from audit.tiles import ENTRIES, WIDTH, Tile, pack_entries
from audit.tree import Tree

ORIGIN = "log.example/county"
START_MS = 1_795_424_400_000
"""2026-11-23T09:00:00Z."""
START_S = START_MS // 1000

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
        "ev": "act" if members.get("act") else "exchange",
        "db": "jail",
        "decision": "released",
        "policy": "",
        "manifest": "",
        "n": 1,
        "act": "",
        "cfg": CFG,
        **members,
    }


def leaf(**members: object) -> bytes:
    """Return a leaf's bytes without a log."""
    whole = {
        "_sd": sorted(["0" * 64, "f" * 64]),
        "side": ["1" * 64] * 3,
        "tags": ["2" * 64],
        "t": "2026-11-23T09Z",
        "pad": "",
        **public(**members),
    }
    return json.dumps(whole, sort_keys=True, separators=(",", ":")).encode()


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


PEOPLE = {
    name: SeedSigner(name=name, kind=1, seed=bytes([number]) * 32)
    for number, name in enumerate(("clerk-1", "counsel-1", "officer-1"), 0x11)
}
"""The people of every test's log, with their keys."""

ROSTER = Roster(keys=tuple(key.verifier for key in PEOPLE.values()))
"""The first roster of every test's log."""


def statement(act: str, counter: int = 0, **more: Any) -> Statement:  # noqa: ANN401 - texts by name
    """Return an act's statement; ``people`` are the signers that a roster names."""
    common: dict[str, str] = {"origin": ORIGIN, "reason": "setup", "words": "none"}
    alone = {"start", "stop", "key-rotation", "close", "reopen"}
    common["expires"] = "never" if act in alone else "2026-12-01T00:00:00Z"
    common |= {name: more.pop(name) for name in [*common] if name in more}
    people = [key.verifier.text for key in more.pop("people", ())]
    if act == "activation":
        more |= {n: more.pop(n, "none") for n in ("checks", "drafts")}
    values = [*more.items(), *(("person", text) for text in sorted(people))]
    return Statement(act=act, counter=counter, values=tuple(values), **common)


def signed(given: Statement, *people: str, **keys: SeedSigner) -> Act:
    """Return an act with the signatures of some people, or of other keys."""
    act = Act(statement=given)
    for key in (*(PEOPLE[name] for name in people), *keys.values()):
        act = act.signed_with(key)
    return act


GENESIS = signed(statement("genesis", cfg=CFG, people=PEOPLE.values()), *PEOPLE)
"""The first entry of every test's log."""


def act_note(act: Act = GENESIS) -> tuple[str, bytes]:
    """Return an act's digest and bytes."""
    return act.sha256, act.note


def write_act(folder: Path, act: Act) -> dict[str, str]:
    """Publish an act in a tree; return what its leaf says of it."""
    (folder / "acts").mkdir(parents=True, exist_ok=True)
    (folder / "acts" / act.sha256).write_bytes(act.note)
    return {"ev": "act", "act": act.sha256, "decision": act.statement.act}


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
                            decision="genesis",
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
    folder: Path,
    leaves: Sequence[bytes],
    *,
    keys: LogKeys = KEYS,
    seconds: int | None = None,
) -> Checkpoint:
    """Write a public tree of any leaves, and a checkpoint of their last hour."""
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
    if seconds is None:
        hours = [hour_ms(str(facts.get("t"))) for _, facts in map(leaf_fault, leaves)]
        seconds = max([START_MS, *filter(None, hours)]) // 1000
    note = sign_checkpoint(
        checkpoint, log=keys.log, time=keys.time, mldsa=keys.mldsa, seconds=seconds
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "checkpoint").write_bytes(note)
    write_schema(folder)
    return checkpoint

"""The commands about one entry: shown, opened, proved, and held to its receipt."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from audit import AuditorKey, LogKeys, Receipt
from audit.cli import main
from audit.keyfiles import write_secret
from audit.promise import KEPT
from audit.report import INTACT, UNWITNESSED
from audit.signer import SeedSigner
from tests.audit.builders import (
    AUDITOR,
    KEYS,
    LOG_KEY,
    ORIGIN,
    START_MS,
    FakeClock,
    entry,
    opening,
)
from tests.audit.printed import printed


def test_show(
    place: Path, keys: list[str], capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """The checkpoint, an entry, its raw bytes; an index outside is refused."""
    where = str(place / "store")
    assert main(["show", where, *keys]) == 0
    assert capsysbinary.readouterr().out.startswith(b"log.example/county\n10\n")
    assert main(["show", where, "--index", "3", *keys]) == 0
    assert json.loads(capsysbinary.readouterr().out)["db"] == "jail"
    assert main(["show", where, "--index", "3", "--raw", *keys]) == 0
    assert len(capsysbinary.readouterr().out) % 512 == 0
    assert main(["show", where, "--index", "10", *keys]) == 2
    assert main(["show", where, "--index", "3"]) == 2


def test_prove_and_verify_proof_offline(
    place: Path, keys: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A proof holds without the log for its entry and for no other."""
    where = str(place / "store")
    leaf, proof = place / "leaf", place / "x.tlog-proof"
    assert main(["prove", where, "--index", "4", "--leaf", str(leaf), *keys]) == 0
    proof.write_text(capsys.readouterr().out)
    check = ["verify-proof", str(proof), "--leaf", str(leaf), *keys]

    assert main([*check, "--json"]) == 3
    assert printed(capsys)["index"] == 4
    assert main([*check, "--allow-unwitnessed", "--json"]) == 0
    assert printed(capsys)["outcome"] == "ok-unwitnessed"
    assert main(check) == 3
    said = capsys.readouterr().out
    assert "stands at this index" in said
    assert INTACT not in said
    assert main(check[:4]) == 2
    LogKeys.generate(ORIGIN).write(place / "other")
    capsys.readouterr()
    assert main([*check[:5], str(place / "other" / "log.vkeys")]) == 2
    assert "give those from before too" in capsys.readouterr().err
    leaf.write_bytes(leaf.read_bytes() + b" ")
    assert main(check) == 1
    capsys.readouterr()
    assert main([*check, "--json"]) == 1
    [finding] = printed(capsys)["findings"]
    assert (finding["where"], finding["index"]) == ("proof", 4)
    proof.write_text("nonsense")
    assert main(check) == 2
    said = capsys.readouterr().err
    assert "x.tlog-proof: proof-head (its first line is not that of a .tlog-" in said
    proof.unlink()
    assert main(check) == 2
    assert main(["prove", str(place), "--index", "4", *keys]) == 2


def test_receipts(
    place: Path, keys: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A receipt that was kept, and the proof that can be made from it."""

    async def append() -> Receipt:
        async with opening(place / "store") as log:
            receipt: Receipt = await log.append(entry())
        return receipt

    path = place / "receipt.json"
    receipt = asyncio.run(append())
    path.write_text(json.dumps(receipt.to_json()))
    where = str(place / "store")

    assert main(["check-receipt", str(path), where, *keys]) == 3
    said = capsys.readouterr().out
    assert KEPT in said
    assert INTACT not in said
    one = ["--vkey", str(place / "keys" / "log.vkey")]
    assert main(["check-receipt", str(path), where, *one]) == 2
    assert "use log.vkeys" in capsys.readouterr().out
    assert main(["prove", where, "--receipt", str(path), *keys]) == 0
    assert "index 10\n" in capsys.readouterr().out
    path.write_text("{}")
    assert main(["check-receipt", str(path), where, *keys]) == 2


def test_open(place: Path, keys: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The auditor's key opens what is sealed; another's does not."""
    store, key = str(place / "store"), str(place / "auditor.key")
    options = ["open", store, "--index", "2", "--key"]
    assert main([*options, key, *keys]) == 0
    found = printed(capsys)
    assert found["parts"]["who"]["person"] == "Jane Doe"
    assert found["parts"]["who"]["at_ms"] == START_MS
    assert found["decoys"] == 24 - 5
    assert main([*options, key]) == 2

    other = place / "other.key"
    write_secret(other, AuditorKey.generate("mallory").secret_text)
    assert main([*options, str(other), *keys]) == 2
    assert "sealed to board, not to mallory" in capsys.readouterr().err
    namesake = place / "namesake.key"
    write_secret(namesake, AuditorKey.generate("board").secret_text)
    assert main([*options, str(namesake), *keys]) == 2
    assert "does not open with this key" in capsys.readouterr().err
    assert main([*options, str(place / "keys" / "log.key"), *keys]) == 2
    (place / "store" / "live" / "checkpoint").unlink()
    assert main([*options, key, *keys]) == 2


def test_a_missing_part_is_never_silent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An exchange without its account: what opens is shown, and exit is 2."""

    async def run() -> None:
        async with opening(tmp_path / "store", create=True) as log:
            await log.append(entry(sealed={"replay": {"question": "{}"}}))
            await log.append(entry(ev="start", act="0" * 64, sealed={"who": {"a": 1}}))

    asyncio.run(run())
    KEYS.write(tmp_path / "keys")
    write_secret(tmp_path / "auditor.key", AUDITOR.secret_text + "\n")
    options = ["--vkey", str(tmp_path / "keys" / "log.vkeys")]
    auditor = ["--key", str(tmp_path / "auditor.key")]
    store = str(tmp_path / "store")

    assert main(["open", store, "--index", "0", *auditor, *options]) == 2
    said = capsys.readouterr()
    assert json.loads(said.out)["cannot_tell"] == ["part account: absent or erased"]
    assert said.err == f"CANNOT TELL  part account: absent or erased\n{UNWITNESSED}\n"
    assert main(["open", store, "--index", "1", *auditor, *options]) == 0
    assert capsys.readouterr().err == f"{UNWITNESSED}\n"
    assert main(["open", store, "--index", "7", *auditor, *options]) == 2


def test_a_receipt_of_a_clock_ahead_is_no_promise_broken(place: Path) -> None:
    """The store's time and the receipt's come from the same clock."""
    clock = FakeClock(START_MS + 10_000)

    async def run() -> int:
        async with opening(place / "store", clock=clock) as log:
            receipt: Receipt = await log.append(entry())
            return receipt.statement([KEYS.receipt.verifier]).ms

    assert asyncio.run(run()) == START_MS + 10_000
    assert SeedSigner.parse(LOG_KEY.secret_text).verifier == KEYS.log.verifier

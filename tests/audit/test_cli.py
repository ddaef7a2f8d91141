"""The commands, as an auditor types them."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from audit import AuditorKey, LogKeys, Receipt
from audit.checkpoint import cosignature_line
from audit.cli import main
from audit.keyfiles import write_secret
from audit.note import COSIGNATURE, Note
from audit.progress import Progress
from audit.promise import KEPT
from audit.report import INTACT, UNWITNESSED, date_text
from audit.signer import SeedSigner
from tests.audit.builders import (
    AUDITOR,
    KEYS,
    LOG_KEY,
    ROSTER,
    START_MS,
    FakeClock,
    entry,
    filled,
    opening,
    write_tree,
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return a folder with a store of ten entries and the files an auditor has."""
    filled(tmp_path / "store", 10)
    KEYS.write(tmp_path / "keys")
    write_secret(tmp_path / "auditor.key", AUDITOR.secret_text + "\n")
    return tmp_path


@pytest.fixture
def keys(place: Path) -> list[str]:
    """Return the options that name the log's keys."""
    return ["--vkey", str(place / "keys" / "log.vkeys")]


def printed(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Return the JSON that was printed."""
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_verify(
    place: Path, keys: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 3 and its sentence; 0 with the option; 1 with the place of a flip."""
    where = str(place / "store")
    assert main(["verify", where, *keys]) == 3
    assert UNWITNESSED in capsys.readouterr().out
    assert main(["verify", where, *keys, "--allow-unwitnessed"]) == 0
    assert UNWITNESSED in capsys.readouterr().out
    assert main(["verify", where]) == 2

    path = place / "store" / "live" / "tile" / "entries" / "000.p" / "10"
    data = bytearray(path.read_bytes())
    data[3000] ^= 1
    path.write_bytes(data)
    capsys.readouterr()
    assert main(["verify", where, *keys, "--json"]) == 1
    report = printed(capsys)
    assert report["outcome"] == "tampered"
    assert report["findings"][0]["index"] == 1
    assert main(["verify", where, *keys]) == 1
    assert "TAMPERED  tile/entries/000.p/10, entry 1" in capsys.readouterr().out


def test_verify_with_the_roster_that_was_made_known(
    place: Path, keys: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The right digest holds, another is tampering, what is none is wrong usage."""
    where = [str(place / "store"), *keys, "--allow-unwitnessed"]
    assert main(["verify", *where, "--roster", ROSTER.digest]) == 0
    assert f"first roster  {ROSTER.digest}" in capsys.readouterr().out
    assert main(["verify", *where, "--roster", "0" * 64]) == 1
    assert "another roster than the one that you expect" in capsys.readouterr().out
    assert main(["verify", *where, "--roster", "officer-1"]) == 2


def test_verify_with_policy_since_and_tree_only(
    place: Path, keys: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A policy file names the log's key; an earlier checkpoint is compared."""
    policy = place / "trust.policy"
    policy.write_text(f"log {KEYS.log.verifier.text}\nquorum none\n")
    since = place / "store" / "live" / "checkpoint"
    more = ["--since", str(since), "--tree-only", "-j", "1", "--json"]
    where = str(place / "store")

    assert main(["verify", where, "--policy", str(policy), *more]) == 3
    assert printed(capsys)["since_entries"] == 10
    policy.write_text("nonsense\n")
    assert main(["verify", where, "--policy", str(policy), *keys]) == 2
    assert "trust.policy: policy-line: line 1" in capsys.readouterr().err
    policy.write_bytes(b"\x00")
    assert main(["verify", where, "--policy", str(policy), *keys]) == 2
    assert "trust.policy: policy-octet: line 1" in capsys.readouterr().err
    policy.write_text("a+b\n")
    assert main(["verify", where, "--vkey", str(policy)]) == 2
    assert "trust.policy: vkey-parts" in capsys.readouterr().err


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
    leaf.write_bytes(leaf.read_bytes() + b" ")
    assert main(check) == 1
    proof.write_text("nonsense")
    capsys.readouterr()
    assert main(check) == 2
    assert "x.tlog-proof: proof-head" in capsys.readouterr().err
    proof.unlink()
    assert main(check) == 2
    assert main(["prove", str(place), "--index", "4", *keys]) == 2


def test_a_witnessed_log_and_keys_of_another(
    place: Path, keys: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A quorum ends the warning; another log's keys are the caller's slip."""
    where, path = str(place / "store"), place / "store" / "live" / "checkpoint"
    assert main(["show", where, "--index", "1", *keys]) == 0
    assert capsys.readouterr().err == f"{UNWITNESSED}\n"
    witness = SeedSigner.generate("witness.example/w1", COSIGNATURE)
    text = Note.parse(path.read_bytes()).text
    line = cosignature_line(text, witness, 5).encode()
    path.write_bytes(path.read_bytes() + line)
    policy = place / "trust.policy"
    policy.write_text(f"witness w1 {witness.verifier.text}\nquorum w1\n")
    trust = [*keys, "--policy", str(policy)]
    assert main(["show", where, "--index", "1", *trust]) == 0
    assert capsys.readouterr().err == ""
    assert main(["verify", where, *trust, "--json"]) == 0
    assert printed(capsys)["outcome"] == "ok"

    LogKeys.generate("log.example/other").write(place / "other")
    other = ["--vkey", str(place / "other" / "log.vkeys")]
    assert main(["verify", where, *other]) == 2
    said = capsys.readouterr().out
    assert "of the log log.example/county; the keys given are of log.example/o" in said
    assert date_text(1 << 60) == "beyond any calendar"


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
            await log.append(entry(ev="start", sealed={"who": {"a": 1}}))

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


def test_keygen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Keys are made once, readable by their owner alone."""
    folder = tmp_path / "keys"
    assert main(["keygen", str(folder), "--origin", "log.example/x"]) == 0
    assert capsys.readouterr().out.count("log.example/x") == 4
    assert main(["keygen", str(folder), "--auditor", "board"]) == 0
    modes = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    assert {name for name, mode in modes.items() if mode == 0o600} == {
        "log.key",
        "receipt.key",
        "time.key",
        "mldsa.key",
        "auditor.key",
    }
    assert main(["keygen", str(folder), "--origin", "log.example/x"]) == 2
    assert main(["keygen", str(folder), "--auditor", "board"]) == 2
    assert main(["keygen", str(tmp_path / "x"), "--origin", "a b"]) == 2


def test_publish(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The public copy is made and made again."""
    target = str(place / "public")
    assert main(["publish", str(place / "store"), target]) == 0
    assert capsys.readouterr().out == "10 entries are public, 0 were\n"
    assert main(["publish", str(place / "store"), target, "--json"]) == 0
    assert printed(capsys) == {"entries": 10, "entries_before": 10}
    assert main(["publish", str(place), target]) == 2


def test_wrong_usage_is_exit_2(capsys: pytest.CaptureFixture[str]) -> None:
    """Help is 0, anything that is no command 2."""
    assert main([]) == 2
    assert main(["nonsense"]) == 2
    assert main(["--help"]) == 0
    assert main(["verify", "--help"]) == 0
    assert "--allow-unwitnessed" in capsys.readouterr().out


def test_an_auditor_needs_only_cryptography(place: Path, repository: Path) -> None:
    """The module runs where nothing but the one library can be imported."""
    blocked = (
        "import sys, runpy\n"
        "sys.modules['orjson'] = None\n"
        "for name in ('pydantic', 'aiohttp', 'yaml', 'gateway', 'connectors'):\n"
        "    sys.modules[name] = None\n"
        f"sys.argv = ['audit', 'verify', {str(place / 'store')!r}, '--vkey',"
        f" {str(place / 'keys' / 'log.vkeys')!r}]\n"
        "runpy.run_module('audit', run_name='__main__')\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", blocked],
        capture_output=True,
        text=True,
        check=False,
        cwd=repository,
    )
    assert (answer.returncode, answer.stderr) == (3, "")


def test_progress_is_only_for_terminals() -> None:
    """A bar where somebody looks, nothing elsewhere."""

    class Screen:
        def __init__(self, *, terminal: bool) -> None:
            self.text = ""
            self.terminal = terminal

        def isatty(self) -> bool:
            return self.terminal

        def write(self, text: str) -> int:
            self.text += text
            return len(text)

        def flush(self) -> None:
            pass

    for terminal in (True, False):
        screen: Any = Screen(terminal=terminal)
        with Progress(total=40_000, stream=screen) as progress:
            for _ in range(4):
                progress.add(10_000)
            progress.add(0)
        assert ("100 %" in screen.text) == terminal


def test_a_large_log_is_checked_with_processes(tmp_path: Path) -> None:
    """The command uses the cores it has; the outcome is the same."""
    write_tree(tmp_path, [b"entry %d" % n for n in range(20_000)])
    vkey = tmp_path / "vkey"
    vkey.write_text(KEYS.log.verifier.text)
    jobs = str(max(2, len(os.sched_getaffinity(0))))
    options = ["--vkey", str(vkey), "--tree-only", "-j", jobs]

    assert main(["verify", str(tmp_path), *options]) == 3


def test_a_receipt_of_a_clock_ahead_is_no_promise_broken(place: Path) -> None:
    """The store's time and the receipt's come from the same clock."""
    clock = FakeClock(START_MS + 10_000)

    async def run() -> int:
        async with opening(place / "store", clock=clock) as log:
            receipt: Receipt = await log.append(entry())
            return receipt.statement([KEYS.receipt.verifier]).ms

    assert asyncio.run(run()) == START_MS + 10_000
    assert SeedSigner.parse(LOG_KEY.secret_text).verifier == KEYS.log.verifier

"""The commands, as an auditor types them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from audit import LogKeys
from audit.checkpoint import cosignature_line
from audit.cli import main
from audit.note import COSIGNATURE, Note
from audit.report import UNWITNESSED, date_text
from audit.signer import SeedSigner
from tests.audit.builders import KEYS, ROSTER, write_tree
from tests.audit.printed import printed


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
    said = capsys.readouterr().err
    assert "trust.policy: policy-octet: line 1 (a control character, maybe" in said
    policy.write_text("a+b\n")
    assert main(["verify", where, "--vkey", str(policy)]) == 2
    assert "trust.policy: vkey-parts" in capsys.readouterr().err


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
    assert main(["verify", "--json", "--roster", "x"]) == 2
    said = capsys.readouterr()
    assert json.loads(said.out)["cannot_tell"] == [
        "wrong usage: argument --roster: not a SHA-256 in hex"
    ]
    assert said.err.endswith(" error: argument --roster: not a SHA-256 in hex\n")
    for jobs in ("-5", "0", "many"):
        assert main(["verify", ".", f"--jobs={jobs}"]) == 2
        assert "is no number of processes" in capsys.readouterr().err
    for words in (["verify", ""], ["fsck", ""], ["duties", "", "--key", "x"]):
        assert main(words) == 2
        assert ". is the current folder" in capsys.readouterr().err


def test_every_file_that_does_not_read_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who mends a command line wants to know all that is wrong with it."""
    n1, n2, n3, n4 = (str(tmp_path / f"n{number}") for number in range(1, 5))
    keys = ["--vkey", n3, "--policy", n4]
    for words, names in (
        (["verify-proof", n1, "--leaf", n2, *keys], ["n1", "n2", "n4", "n3"]),
        (["check-receipt", n1, n2, *keys], ["n1", "n4", "n3"]),
        (["verify-evidence", n1, *keys], ["n1", "n4", "n3"]),
        (["verify", str(tmp_path), "--since", n1, *keys], ["n1", "n4", "n3"]),
        (["check-timestamp", n1, n2, "--tsa-ca", n3], ["n2", "n1", "n3"]),
    ):
        assert main(words) == 2
        lines = capsys.readouterr().err.splitlines()
        assert [line.split()[2].rstrip(":") for line in lines] == names
        assert all(line.startswith("CANNOT TELL  ") for line in lines)


def test_with_json_what_ends_a_command_is_an_object_too(
    place: Path, keys: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """An early mistake, an altered entry; the sentence is on standard error as well."""
    assert main(["verify", str(place / "none"), *keys, "--json"]) == 2
    said = capsys.readouterr()
    report = json.loads(said.out)
    assert (report["outcome"], report["witnessed"]) == ("cannot-tell", None)
    assert report["cannot_tell"] == [said.err.removeprefix("CANNOT TELL  ").strip()]
    path = place / "store" / "live" / "tile" / "entries" / "000.p" / "10"
    path.write_bytes(b"x")
    assert main(["counts", str(place / "store"), *keys, "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["outcome"], report["exit"]) == ("tampered", 1)
    assert "not the entries that were signed" in report["findings"][0]["reason"]


def test_names_do_not_command_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Those on the command line and of files, in errors as in reports."""
    for words in (["verify", str(tmp_path / "a\x1b[2J\nb")], ["verify", ".", "\x1b"]):
        assert main(words) == 2
        said = capsys.readouterr().err
        assert "\x1b" not in said
        assert "\\x1b" in said


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


def test_a_large_log_is_checked_with_processes(tmp_path: Path) -> None:
    """The command uses the cores it has; the outcome is the same."""
    write_tree(tmp_path, [b"entry %d" % n for n in range(20_000)])
    vkey = tmp_path / "vkey"
    vkey.write_text(KEYS.log.verifier.text)
    jobs = str(max(2, len(os.sched_getaffinity(0))))
    options = ["--vkey", str(vkey), "--tree-only", "-j", jobs]

    assert main(["verify", str(tmp_path), *options]) == 3


def test_a_folder_without_a_name_is_called_as_it_was_given(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The folder one stands in is no store, and no place to export to."""
    write_tree(tmp_path / "log", [])
    keys = tmp_path / "log.vkeys"
    keys.write_text("".join(f"{key.text}\n" for key in KEYS.verifiers))
    monkeypatch.chdir(tmp_path)
    assert main(["replay", ".", "--index", "0", "--key", "none"]) == 2
    assert ". is no store" in capsys.readouterr().err
    assert main(["export", "log", ".", "--vkey", str(keys)]) == 2
    assert ".: exists already" in capsys.readouterr().err

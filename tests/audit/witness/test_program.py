"""``sallyport-witness``, run as an oversight board runs it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from audit import cli
from audit.addcheckpoint import AddCheckpoint
from audit.cli import main
from audit.signer import SeedSigner
from audit.vkey import COSIGNATURE, MLDSA44
from audit.witness import server
from audit.witness.judgement import Refused
from audit.witness.systemd import tell
from tests.audit.witness.logs import ORIGIN, OTHER, asked, settings, signed
from tests.audit.witness.test_book import witness

HASH = sha256(ORIGIN.encode()).hexdigest()


@contextlib.contextmanager
def running(folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run the program on a folder; yield its address."""
    command = [sys.executable, "-P", "-m", "audit", "witness", "serve"]
    process = subprocess.Popen(
        [*command, str(folder / "witness.toml")], stderr=subprocess.PIPE, text=True
    )
    with process:
        assert process.stderr is not None
        said = process.stderr.readline()
        try:
            yield said.removeprefix("ready at ").strip(), process
        finally:
            process.kill()


def post(url: str, body: bytes) -> str:
    """Return what a witness answers."""
    with urllib.request.urlopen(f"{url}/add-checkpoint", body, 30) as answer:  # noqa: S310 - loopback
        text: str = answer.read().decode()
        return text


def test_a_program_that_is_killed_and_started_again_remembers(tmp_path: Path) -> None:
    """Once by a kill, then as one stops a service; the record is where it was."""
    settings(tmp_path)
    with running(tmp_path) as (url, process):
        post(url, asked(0, 3))
        process.kill()
        process.wait(20)
    with running(tmp_path) as (url, process):
        post(url, asked(3, 7))
        with pytest.raises(urllib.error.HTTPError) as caught:
            post(url, asked(3, 7))
        with caught.value as answer:
            assert (answer.code, answer.read()) == (409, b"7\n")
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_a_record_that_is_new_is_said(tmp_path: Path) -> None:
    """One that was lost is not begun again unnoticed, with a key that has signed."""
    settings(tmp_path)
    said = []
    for _ in range(2):
        with running(tmp_path) as (_, process):
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
            assert process.stderr is not None
            said.append(process.stderr.read())

    assert said[0].startswith("witness.db is new: if this key has cosigned before")
    assert said[1] == ""


def test_it_tells_who_started_it_that_it_is_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As systemd waits for it, and in a line; a signal ends it."""
    settings(tmp_path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as waiting:
        waiting.bind(str(tmp_path / "notify"))
        waiting.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))

        def told(state: str) -> None:
            tell(state)
            if state == "READY=1":
                os.kill(os.getpid(), signal.SIGINT)

        monkeypatch.setattr(server, "tell", told)
        code = main(["witness", "serve", str(tmp_path / "witness.toml")])
        said = [waiting.recv(100) for _ in range(2)]

    assert code == 0
    assert said == [b"READY=1", b"STOPPING=1"]
    assert capsys.readouterr().err.startswith("ready at http://127.0.0.1:")


def test_keys_are_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of both kinds, each with the line that logs are given; none is replaced."""
    make = ["witness", "keygen", str(tmp_path), "--name", "board.example/w"]
    assert main(make) == 0
    assert main([*make, "--pq"]) == 0
    printed = capsys.readouterr().out.splitlines()
    keys = [
        SeedSigner.parse((tmp_path / f"{name}.key").read_text())
        for name in ("witness", "witness-pq")
    ]

    assert [each.verifier.kind for each in keys] == [COSIGNATURE, MLDSA44]
    assert [each.verifier.text for each in keys] == printed
    assert (tmp_path / "witness.vkey").read_text() == f"{printed[0]}\n"
    assert (tmp_path / "witness.key").stat().st_mode & 0o777 == 0o600
    assert main(make) == 2
    assert main([*make[:-1], "two words"]) == 2


def test_status_says_how_far_each_log_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And with exit code 1 that one has two histories; both notes are evidence."""
    settings(tmp_path)
    config = str(tmp_path / "witness.toml")
    assert main(["witness", "status", config]) == 2
    assert "nothing was cosigned yet" in capsys.readouterr().err
    one = witness(tmp_path, at=1_795_424_400)
    one.add_checkpoint(asked(0, 7))
    assert main(["witness", "status", config]) == 0
    assert capsys.readouterr().out == (
        "county.example/log  7 entries, cosigned 2026-11-23T09:00:00Z\n"
    )
    with contextlib.suppress(Exception):
        one.add_checkpoint(asked(7, 7, OTHER))
    folder = tmp_path / "evidence"
    words = ["witness", "status", config, "--evidence", str(folder)]
    assert main(words) == 1
    assert "REFUSED  county.example/log, 2026-11-23T09:00:00Z: another tree" in (
        capsys.readouterr().out
    )
    assert (folder / "0.cosigned").read_bytes() == one.checkpoint(HASH)
    assert b"\n7\n" in (folder / "0.refused").read_bytes()
    assert main([*words, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["logs"][0]["entries"] == 7
    assert len(found["refused"]) == 1


def test_a_second_history_is_said_though_its_evidence_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And without one it is not said that all is well: somebody wanted the files."""
    settings(tmp_path)
    (tmp_path / "file").touch()
    config = str(tmp_path / "witness.toml")
    words = ["witness", "status", config, "--evidence", str(tmp_path / "file")]
    one = witness(tmp_path)
    one.add_checkpoint(asked(0, 7))
    assert main(words) == 2
    with pytest.raises(Refused):
        one.add_checkpoint(asked(7, 7, OTHER))
    assert main(words) == 1
    said = capsys.readouterr()
    assert "REFUSED  county.example/log" in said.out
    assert said.err.count("CANNOT TELL  file could not be written: File exists") == 2


def test_a_larger_checkpoint_with_a_wrong_proof_accuses_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Anybody who has seen it can send it so: cannot tell, and what to ask for."""
    settings(tmp_path)
    config = str(tmp_path / "witness.toml")
    one = witness(tmp_path)
    one.add_checkpoint(asked(0, 7))
    sent = AddCheckpoint(old=7, proof=(), checkpoint=signed(9)).pack()
    with pytest.raises(Refused):
        one.add_checkpoint(sent)
    assert main(["witness", "status", config]) == 2
    assert "this alone proves nothing: ask the log" in capsys.readouterr().out
    assert main(["witness", "status", config, "--json"]) == 2
    [refused] = json.loads(capsys.readouterr().out)["refused"]
    assert refused["proven"] is False
    with pytest.raises(Refused):
        one.add_checkpoint(asked(7, 7, OTHER))
    assert main(["witness", "status", config]) == 1


def test_a_record_that_does_not_read_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whether it is opened or looked into."""
    settings(tmp_path)
    config = str(tmp_path / "witness.toml")
    (tmp_path / "witness.db").write_bytes(b"no database" * 100)
    assert main(["witness", "status", config]) == 2
    assert main(["witness", "serve", config]) == 2
    (tmp_path / "witness.db").unlink()
    with sqlite3.connect(tmp_path / "witness.db") as other:
        other.execute("CREATE TABLE conflict (some)")
    assert main(["witness", "status", config]) == 2

    assert capsys.readouterr().err.count("CANNOT TELL  witness.db: ") == 3


def test_without_aiohttp_it_says_what_to_install(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whoever only reads logs needs it not."""
    monkeypatch.setitem(sys.modules, "audit.witness.server", None)
    assert main(["witness", "serve", str(tmp_path / "witness.toml")]) == 2
    assert "install the extra: witness" in capsys.readouterr().err


def test_a_port_that_is_taken_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With exit code 2, not a traceback."""
    settings(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        path = tmp_path / "witness.toml"
        text = path.read_text()
        path.write_text(text.replace(":0", f":{taken.getsockname()[1]}"))
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        assert main(["witness", "serve", str(path)]) == 2
    said = f"CANNOT TELL  {where}: address already in use; end the program"
    assert capsys.readouterr().err.startswith(said)


def test_an_address_of_another_machine_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As the system says it: there is nobody to end."""
    settings(tmp_path)
    path = tmp_path / "witness.toml"
    path.write_text(path.read_text().replace("127.0.0.1:0", "192.0.2.1:7380"))
    assert main(["witness", "serve", str(path)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("CANNOT TELL  ")
    assert "already in use" not in said


def test_the_program_of_its_own_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``sallyport-witness keygen`` is ``python -m audit witness keygen``."""
    words = ["keygen", str(tmp_path), "--name", "w"]
    monkeypatch.setattr(sys, "argv", ["sallyport-witness", *words])
    assert cli.witness() == 0
    assert (tmp_path / "witness.key").exists()

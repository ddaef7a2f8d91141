"""A witness's configuration, and every mistake in it by its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit.errors import CannotTell, Malformed
from audit.reasons import WORDS
from audit.signer import SeedSigner
from audit.vkey import COSIGNATURE, MLDSA44
from audit.witness.settings import read_settings
from tests.audit.builders import KEYS
from tests.audit.witness.logs import LOG_KEY, ORIGIN, settings


def test_what_is_said_is_what_is_read(tmp_path: Path) -> None:
    """Paths are relative to the file; what is not said has a default."""
    found = settings(tmp_path)

    assert (found.host, found.port) == ("127.0.0.1", 0)
    assert found.database == tmp_path / "witness.db"
    assert [each.verifier.name for each in found.signers] == ["board.example/w"]
    assert found.logs[ORIGIN].keys == (LOG_KEY.verifier,)
    assert found.logs[ORIGIN].per_minute == 600
    assert found.certificate is None


def test_all_that_can_be_said(tmp_path: Path) -> None:
    """A certificate, a second key, a log's own rate; of its keys those that sign."""
    settings(tmp_path)
    key = SeedSigner.generate("board.example/pq", MLDSA44)
    (tmp_path / "pq.key").touch(mode=0o600)
    (tmp_path / "pq.key").write_text(key.secret_text)
    lines = "".join(f"{each.text}\n" for each in KEYS.verifiers)
    (tmp_path / "all.vkeys").write_text(lines)
    (tmp_path / "more.toml").write_text(
        'listen = "[::1]:7380"\ndatabase = "w.db"\nkeys = ["witness.key", "pq.key"]\n'
        'certificate = "c.pem"\nprivate_key = "c.key"\n'
        '[[logs]]\nvkeys = "all.vkeys"\nper_minute = 6\n'
        '[[logs]]\nvkeys = "county.vkey"\n'
    )
    found = read_settings(tmp_path / "more.toml")

    assert (found.host, found.port) == ("::1", 7380)
    assert found.certificate == tmp_path / "c.pem"
    assert found.private_key == tmp_path / "c.key"
    assert len(found.signers) == 2
    [log] = [each for each in found.logs.values() if each.origin != ORIGIN]
    assert log.keys == (KEYS.log.verifier, KEYS.verifiers[3])
    assert log.per_minute == 6


ANEW = (
    "line 1 is no whole key, which is name+hash+base64; take the file anew from whoever"
    " gave it"
)
KNOWN = "certificate, database, keys, listen, logs, private_key"


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    """With its place, in the order of the file's settings."""
    settings(tmp_path)
    (tmp_path / "open.key").write_text("x")
    (tmp_path / "open.key").chmod(0o644)
    for name, text in {
        "plain.key": SeedSigner.generate("w").secret_text,
        "odd.key": "PRIVATE+KEY+x",
    }.items():
        (tmp_path / name).touch(mode=0o600)
        (tmp_path / name).write_text(text)
    two = SeedSigner.generate("elsewhere.example").verifier.text
    (tmp_path / "two.vkeys").write_text(f"{LOG_KEY.verifier.text}\n{two}\n")
    times = SeedSigner.generate("t", COSIGNATURE).verifier.text
    (tmp_path / "none.vkeys").write_text(f"{times}\n")
    (tmp_path / "odd.vkeys").write_text("x\n")
    (tmp_path / "bad.toml").write_text(
        'colour = "red"\nlisten = "nowhere"\ndatabase = 3\ncertificate = "c.pem"\n'
        'keys = ["open.key", "plain.key", "odd.key", 7]\n'
        'logs = [1, {vkeys = "two.vkeys"}, {vkeys = "none.vkeys"},'
        ' {vkeys = "odd.vkeys"}, {vkeys = "gone"}, {},'
        ' {vkeys = "county.vkey", per_minute = 0, when = 1},'
        ' {vkeys = "county.vkey"}, {vkeys = "county.vkey"}]\n'
    )
    with pytest.raises(CannotTell) as caught:
        read_settings(tmp_path / "bad.toml")

    assert str(caught.value).split("\n") == [
        f"bad.toml: {each}"
        for each in (
            f"colour: is not a setting; known are {KNOWN}",
            "listen: is to be host:port, as 127.0.0.1:7380",
            "database: is to be a file's path",
            "keys.0: open.key: others may read it (chmod 600)",
            "keys.1: is no key that cosigns",
            f"keys.2: odd.key: skey-parts ({WORDS['skey-parts']})",
            "keys.3: is to be a file's path",
            "logs.0: is to be a table",
            "logs.1.vkeys: two.vkeys: is of no one log",
            "logs.2.vkeys: none.vkeys: is of no one log",
            f"logs.3.vkeys: odd.vkeys: {Malformed('vkey-parts', ANEW)}",
            "logs.4.vkeys: gone: No such file or directory",
            "logs.5.vkeys: is to be a file's path",
            "logs.6.when: is not a setting; known are per_minute, vkeys",
            "logs.6.per_minute: is to be a number, 1 or more",
            "logs.8: county.example/log is named twice",
            "certificate and private_key belong together",
        )
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"listen = ", "bad.toml: Invalid value"),
        (b"\xff", "bad.toml: 'utf-8' codec"),
        (b"", "bad.toml: keys: is to be a list of key files, one at least"),
        (b'listen = "h:70000"', "bad.toml: listen: is to be host:port"),
    ],
)
def test_what_does_not_read_says_why(tmp_path: Path, text: bytes, said: str) -> None:
    """A file that is no TOML, or lacks everything."""
    (tmp_path / "bad.toml").write_bytes(text)
    with pytest.raises(CannotTell) as caught:
        read_settings(tmp_path / "bad.toml")
    assert said in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """Is named."""
    with pytest.raises(CannotTell, match=r"gone.toml: No such file"):
        read_settings(tmp_path / "gone.toml")

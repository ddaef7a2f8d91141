"""Key files: who may read them, and what is in them."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path

import pytest

from audit import Auditor, AuditorKey, KeyFileRefused, LogKeys, Malformed
from audit.keyfiles import (
    read_secret,
    read_signer,
    read_vkeys,
    write_public,
    write_secret,
)
from audit.note import b64encode
from audit.signer import SeedSigner
from tests.audit.builders import AUDITOR, KEYS, LOG_KEY, ORIGIN


def test_log_keys_read_back(tmp_path: Path) -> None:
    """What is written is read, the public halves too, and nothing is replaced."""
    KEYS.write(tmp_path)

    assert LogKeys.read(tmp_path).verifiers == KEYS.verifiers
    assert read_vkeys([tmp_path / "log.vkeys"]) == list(KEYS.verifiers)
    assert read_vkeys([tmp_path / "log.vkey"]) == [KEYS.log.verifier]
    with pytest.raises(KeyFileRefused, match="exists; no key is ever replaced: name"):
        KEYS.write(tmp_path)


def test_half_a_key_is_not_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is told by the file's name, and the next try finds nothing there."""

    class Full(io.StringIO):
        def write(self, _text: str) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    def opened(handle: int, *_: object, **__: object) -> Full:
        os.close(handle)
        return Full()

    with monkeypatch.context() as patched:
        patched.setattr(os, "fdopen", opened)
        with pytest.raises(KeyFileRefused, match=r"^x\.key: No space left on device$"):
            write_secret(tmp_path / "x.key", "secret")
    write_secret(tmp_path / "x.key", "secret")
    assert read_secret(tmp_path / "x.key") == "secret"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    """The sentence says what to do."""
    KEYS.write(tmp_path)
    (tmp_path / "receipt.key").chmod(mode)

    with pytest.raises(KeyFileRefused, match="chmod 600"):
        LogKeys.read(tmp_path)


@pytest.mark.parametrize("mode", [0o644, 0o600])
def test_a_public_key_given_for_the_private_one_is_named(
    tmp_path: Path, mode: int
) -> None:
    """Whatever its mode: to close it to others would not help."""
    keys = LogKeys.generate("log.example/county")
    auditor = AuditorKey.generate("board-auditor").auditor
    path = tmp_path / "a.pub"
    for public in (*(key.text for key in keys.verifiers[:3]), auditor.text):
        path.write_text(f"{public}\n")
        path.chmod(mode)
        for read in (read_signer, AuditorKey.read):
            with pytest.raises(KeyFileRefused) as refused:
                read(path)
            assert (
                str(refused.value) == "a.pub: a public key; the private one is wanted"
            )


def test_missing_and_wrong_files_are_refused(tmp_path: Path) -> None:
    """Each is named; no content is shown."""
    KEYS.write(tmp_path)
    (tmp_path / "time.key").unlink()
    with pytest.raises(KeyFileRefused, match=r"time\.key"):
        LogKeys.read(tmp_path)
    write_secret(tmp_path / "time.key", "secret nonsense")
    with pytest.raises(KeyFileRefused, match="skey-parts") as caught:
        LogKeys.read(tmp_path)
    assert "nonsense" not in str(caught.value)
    (tmp_path / "time.key").write_bytes(b"\xff")
    with pytest.raises(KeyFileRefused, match="not text"):
        read_secret(tmp_path / "time.key")


def test_keys_must_be_of_one_log() -> None:
    """A receipt key of another name or kind is no receipt key."""
    other = SeedSigner.generate("other/receipt")
    with pytest.raises(KeyFileRefused, match="receipt key"):
        LogKeys(log=KEYS.log, receipt=other, time=KEYS.time)
    plain = SeedSigner.generate(f"{ORIGIN}/time")
    with pytest.raises(KeyFileRefused, match="time key"):
        LogKeys(log=KEYS.log, receipt=KEYS.receipt, time=plain)
    assert LogKeys.generate("a.example/b").origin == "a.example/b"


def test_vkey_files_that_hold_none_are_refused(tmp_path: Path) -> None:
    """Empty, missing and not text."""
    with pytest.raises(KeyFileRefused):
        read_vkeys([tmp_path / "none"])
    write_public(tmp_path / "empty", "\n\n")
    with pytest.raises(KeyFileRefused):
        read_vkeys([tmp_path / "empty"])
    (tmp_path / "bytes").write_bytes(b"\xff")
    with pytest.raises(KeyFileRefused):
        read_vkeys([tmp_path / "bytes"])
    with pytest.raises(KeyFileRefused):
        write_public(tmp_path / "no" / "folder", "")


def test_auditor_keys_read_back(tmp_path: Path) -> None:
    """Public half in a manifest, private half in a file of the auditor's own."""
    write_secret(tmp_path / "auditor.key", AUDITOR.secret_text + "\n")
    key = AuditorKey.read(tmp_path / "auditor.key")

    assert key.auditor == AUDITOR.auditor
    assert Auditor.parse(key.auditor.text) == key.auditor
    assert "KEY+" not in repr(key).replace("AuditorKey(", "")
    assert AuditorKey.generate("x").auditor.name == "x"


BODY = AUDITOR.auditor.text.split("+", 2)[2]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "auditor-parts"),
        ("a b+00000000+" + BODY, "auditor-name"),
        ("board+00000000+!", "auditor-base64"),
        ("board+00000000+" + b64encode(b"\x01" + bytes(32)), "auditor-type"),
        ("board+00000000+" + BODY, "auditor-hash"),
    ],
)
def test_each_bad_auditor_has_its_name(text: str, reason: str) -> None:
    """What is no auditor's key says why."""
    with pytest.raises(Malformed) as caught:
        Auditor.parse(text)
    assert caught.value.reason == reason


def test_bad_private_auditor_keys_are_refused(tmp_path: Path) -> None:
    """A log's key, a public key, a wrong hash: none is an auditor's private key."""
    for number, text in enumerate(
        (
            LOG_KEY.secret_text,
            AUDITOR.auditor.text,
            AUDITOR.secret_text.replace("board+", "Board+"),
        )
    ):
        path = tmp_path / str(number)
        write_secret(path, text)
        with pytest.raises(KeyFileRefused):
            AuditorKey.read(path)
    with pytest.raises(Malformed, match="auditor-name"):
        AuditorKey(name="", secret=bytes(32))


@pytest.mark.usefixtures("old_library")
def test_an_mldsa_key_that_can_not_be_used_is_named(tmp_path: Path) -> None:
    """A gateway needs a library that has it."""
    KEYS.write(tmp_path)
    with pytest.raises(KeyFileRefused, match=r"mldsa\.key: .*newer cryptography"):
        LogKeys.read(tmp_path)

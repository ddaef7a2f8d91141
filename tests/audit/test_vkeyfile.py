"""Files of verifier keys, as they come from others."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit.errors import KeyFileRefused, Malformed
from audit.vkeyfile import read_vkeys
from tests.audit.builders import KEYS, LOG_KEY


def test_a_file_that_an_editor_of_windows_wrote_is_read(tmp_path: Path) -> None:
    """A byte-order mark and CRLF change no key."""
    lines = "\r\n".join(key.text for key in KEYS.verifiers)
    (tmp_path / "log.vkeys").write_bytes(b"\xef\xbb\xbf" + lines.encode() + b"\r\n")

    assert read_vkeys([tmp_path / "log.vkeys"]) == list(KEYS.verifiers)


def test_a_line_that_is_no_key_is_named(tmp_path: Path) -> None:
    """The sentence has the line and what a key looks like, and no content."""
    whole = KEYS.log.verifier.text
    for line, reason in (("nonsense", "vkey-parts"), (whole[:-4], "vkey-")):
        (tmp_path / "bad.vkey").write_text(f"{whole}\n{line}\n")
        with pytest.raises(Malformed, match=f"^{reason}.*: line 2 .*base64"):
            read_vkeys([tmp_path / "bad.vkey"])


def test_a_private_key_in_the_place_of_a_public_one_is_called_so(
    tmp_path: Path,
) -> None:
    """Its owner named the wrong file: nobody else is to be asked for another one."""
    (tmp_path / "log.key").write_text(f"{LOG_KEY.secret_text}\n")
    with pytest.raises(KeyFileRefused, match=r"^log\.key: a private key, .*public"):
        read_vkeys([tmp_path / "log.key"])

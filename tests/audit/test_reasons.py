"""The words of malformed bytes that people bring are said in a sentence, too."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import audit
from audit.auditors import AuditorKey
from audit.errors import KeyFileRefused, Malformed
from audit.keyfiles import write_secret
from audit.reasons import WORDS
from tests.audit.builders import AUDITOR, LOG_KEY

_RAISED = re.compile(
    r'(?:Malformed\(|b64decode\(.*, |tree_size\(.*, )"'
    r'((?:auditor|evidence|export|kept|note|proof|receipt|skey)-[a-z0-9-]+)"'
)


def test_each_word_of_a_file_that_people_bring_is_glossed() -> None:
    """Auditors' keys, receipts and proofs, notes, exports and what is kept."""
    files = (each.read_text() for each in Path(audit.__file__).parent.rglob("*.py"))
    words = {word for text in files for word in _RAISED.findall(text)}
    assert {"note-base64", "proof-index", "receipt-path"} < words
    # Of what a witness answers, which people do not read.
    assert words - WORDS.keys() == {"note-texts-differ"}
    assert str(Malformed("proof-index")) == f"proof-index ({WORDS['proof-index']})"


def test_a_key_that_is_no_auditors_is_called_so(tmp_path: Path) -> None:
    """Only what claims to be one is told what is wrong in it."""
    for number, (text, said) in enumerate(
        (
            (LOG_KEY.secret_text, "not an auditor's private key"),
            (f"{AUDITOR.secret_text}!", "auditor-base64 (its key is not in base64)"),
        )
    ):
        path = tmp_path / f"{number}.key"
        write_secret(path, text)
        with pytest.raises(KeyFileRefused) as caught:
            AuditorKey.read(path)
        assert str(caught.value) == f"{number}.key: {said}"

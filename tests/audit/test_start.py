"""What a verifier waits for before it begins: the modules that it needs, no others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import audit
from audit import encoding
from audit.encoding import encode_plain
from audit.log import Log
from tests.audit.builders import KEYS, write_tree

_PROGRAM = """
import sys
from audit.cli import main
code = main(sys.argv[1:])
sys.stderr.write(" ".join(sys.modules))
sys.exit(code)
"""


def test_who_hashes_waits_for_nothing_else(tmp_path: Path) -> None:
    """Hashing a log needs no module of a writer, of a store, of acts or of exports."""
    write_tree(tmp_path / "log", [b"%d" % number for number in range(300)])
    (tmp_path / "log.vkey").write_text(KEYS.log.verifier.text)
    command = [sys.executable, "-c", _PROGRAM, "verify", str(tmp_path / "log")]
    command += ["--vkey", str(tmp_path / "log.vkey"), "--allow-unwitnessed"]
    done = subprocess.run(
        [*command, "--tree-only"], check=True, capture_output=True, text=True
    )
    there = set(done.stderr.split())
    assert "audit.treecheck" in there
    assert not there & {
        *("audit.log", "audit.entry", "audit.keyfiles", "audit.folder", "audit.keep"),
        *("audit.leafcheck", "audit.publicfiles", "audit.act", "audit.exportcheck"),
        *("orjson", "tarfile", "uuid", "asyncio", "http.client"),
    }


def test_names_that_come_late() -> None:
    """What is imported where it is wanted is there; what nobody has is not."""
    assert audit.Log is Log
    assert {getattr(audit, name).__name__ for name in audit.__all__} == {*audit.__all__}
    assert encoding.encode({"b": 1, "a": "é"}) == encode_plain({"a": "é", "b": 1})
    for module in (audit, encoding):
        with pytest.raises(AttributeError, match="nobody"):
            _ = module.nobody

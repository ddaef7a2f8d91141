"""What the doctor says of files that only a start would load."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.cli.finding import Verdict
from gateway.cli.loadable import files_looked_at
from gateway.clock import SystemClock
from gateway.config import load

pytestmark = [pytest.mark.slow]


def test_each_kind_of_file_has_a_line(county: Path) -> None:
    """Keys, TLS, issuers and papers; what is wrong is said under its own part."""
    config = load(county / "sallyport.yaml")
    found = list(files_looked_at(config, SystemClock()))
    parts = ["keys", "witnesses", "tls", "issuers", "papers"]
    assert [item.part for item in found] == parts
    assert Verdict.WRONG not in {item.verdict for item in found}
    (county / "auditor.pub").write_text("x\n")
    (wrong,) = [
        item
        for item in files_looked_at(config, SystemClock())
        if item.verdict is Verdict.WRONG
    ]
    assert wrong.part == "keys"

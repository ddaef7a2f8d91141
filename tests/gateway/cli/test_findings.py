"""What the doctor finds on a real county: each part wrecked in turn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.config import load
from tests.gateway.cli.conftest import Sallyport

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def flip(path: Path) -> None:
    """Change one byte in the middle of a file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def entries(county: Path) -> Path:
    """Return a file of the log's entries."""
    log = load(county / "sallyport.yaml").log.directory
    return next((log / "live/tile/entries").rglob("000*/*"))


WRECKS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "log": ("log", lambda county: flip(entries(county))),
    "source": (
        "source jail-db",
        lambda county: (county / "databases/jail.db").unlink(),
    ),
    "activation": (
        "activation",
        lambda county: (
            (county / "agencies.yaml").write_text(
                (county / "agencies.yaml").read_text() + "\n"
            )
            and None
        ),
    ),
    "files": (
        "files",
        lambda county: (
            (county / "catalogue/odd.yaml").write_text("schema: x\n") and None
        ),
    ),
}


@pytest.mark.parametrize("wreck", list(WRECKS))
def test_what_is_wrong_is_named(county: Path, sallyport: Sallyport, wreck: str) -> None:
    """One part broken: the doctor ends with 1 and names that part."""
    code, said = sallyport("activate")
    assert code == 0, said
    part, broken = WRECKS[wreck]
    broken(county)
    code, found = sallyport("doctor", "--json")
    assert code == 1
    assert part in {item["part"] for item in found if item["verdict"] == "wrong"}

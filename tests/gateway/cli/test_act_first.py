"""The act that begins a log, as commands in a county's folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from audit.roster import Roster, read_key
from gateway.config import load
from tests.gateway.cli.conftest import BOTH, Sallyport

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

PUBLIC = [f"people/{name}.pub" for name in BOTH]


def keys(county: Path) -> list[str]:
    """Return the public keys of the two who decide, in order."""
    return sorted((county / path).read_text().strip() for path in PUBLIC)


def test_a_log_begins_when_everybody_has_signed(
    county: Path, sallyport: Sallyport, sign: Callable[[str], None]
) -> None:
    """Shown with the digest that is made known; one key missing begins nothing."""
    code, said = sallyport("act", "new", "genesis", *PUBLIC)
    assert code == 0
    assert "each key of counsel-1 and officer-1 signs it" in said
    digest = Roster(keys=tuple(map(read_key, keys(county)))).digest
    assert (
        sallyport(
            "act", "sign", "genesis.act", "--key", "people/officer-1.key", "--yes"
        )[0]
        == 0
    )
    code, shown = sallyport("act", "show", "genesis.act", "--json")
    assert (code, shown["roster"], shown["counts"]) == (1, digest, False)
    assert "one of counsel-1 has not" in shown["why_not"]
    assert sallyport("act", "submit", "genesis.act")[0] == 1
    log = load(county / "sallyport.yaml").log.directory
    assert not log.exists()

    (county / "genesis.act").unlink()
    sallyport("act", "new", "genesis", *PUBLIC)
    sign("genesis.act")
    code, said = sallyport("act", "show", "genesis.act")
    assert code == 0
    assert f"digest of this roster: {digest}" in said
    assert said.endswith("it counts")
    code, said = sallyport("act", "submit", "genesis.act")
    assert (code, said) == (
        0,
        "genesis 0 is entry 0, signed by counsel-1 and officer-1",
    )
    code, problem = sallyport("act", "submit", "genesis.act")
    assert code == 1
    assert "index 0 and nowhere else" in problem
    code, said = sallyport("act", "show", "--entry", "0")
    assert said.endswith("signed by: counsel-1, officer-1")


def test_a_roster_that_could_not_be_is_not_drafted(
    county: Path, sallyport: Sallyport
) -> None:
    """One person, or words that no act can hold; an act is never overwritten."""
    code, said = sallyport("act", "new", "genesis", PUBLIC[0])
    assert code == 1
    assert "2 to 16 people" in said
    code, said = sallyport("act", "new", "genesis", *PUBLIC, "--expires", "soon")
    assert (code, said) == (
        2,
        "expires: is no instant in UTC, such as 2026-12-01T00:00:00Z",
    )
    (county / "genesis.act").write_text("mine")
    code, said = sallyport("act", "new", "genesis", *PUBLIC)
    assert code == 1
    assert "File exists" in said
    assert (county / "genesis.act").read_text() == "mine"
    code, drafted = sallyport(
        "act", "new", "genesis", *PUBLIC, "--out", "b.act", "--json"
    )
    assert (code, drafted["path"], "file" in drafted) == (0, "b.act", False)


def test_a_persons_key_may_have_a_byte_order_mark(
    county: Path, sallyport: Sallyport
) -> None:
    """An editor of Windows put it there; letters beyond ASCII are no roster id."""
    marked = county / "marked.pub"
    marked.write_bytes(b"\xef\xbb\xbf" + (county / PUBLIC[0]).read_bytes())
    assert sallyport("act", "new", "genesis", "marked.pub", PUBLIC[1])[0] == 0
    marked.write_text("\xe4" + (county / PUBLIC[0]).read_text())
    code, said = sallyport("act", "new", "genesis", "marked.pub", PUBLIC[1])
    assert (code, "is no public key of a person" in said) == (2, True)

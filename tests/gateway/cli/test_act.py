"""``sallyport act``: the commands it makes."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import act
from tests.gateway.cli.conftest import Sent
from tests.gateway.county import LINES

DIGEST = "ab" * 32


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (["activation"], {"command": "draft-activation", "reason": "scheduled"}),
        (
            ["cutoff-lift", "3"],
            {"command": "draft-lift", "number": 3, "reason": "resolved"},
        ),
        (
            ["paper", DIGEST],
            {"command": "draft-paper", "document": DIGEST, "reason": "verified"},
        ),
    ],
)
def test_what_is_drafted(
    sent: Sent, words: list[str], command: dict[str, object]
) -> None:
    """Each kind of act is one command; words and end go with it."""
    more = ["--words", "So it is.", "--expires", "2999-01-01T00:00:00Z", "--json"]
    done = CliRunner().invoke(act.app, ["new", *words, "--out", "x.act", *more])
    assert done.exit_code == 0, done.output
    said = {"words": "So it is.", "expires": "2999-01-01T00:00:00Z"}
    options = {"out": Path("x.act"), "as_json": True}
    assert sent == [command | said | {"options": options}]


@pytest.mark.parametrize("kind", ["genesis", "roster"])
def test_a_roster_is_drafted_from_files_of_keys(
    sent: Sent, tmp_path: Path, kind: str
) -> None:
    """Each file has one key or more, one a line."""
    (tmp_path / "a.pub").write_text(f"{LINES[0]}\n\n{LINES[1]}\n")
    (tmp_path / "b.pub").write_text(f"{LINES[2]}\n")
    files = [str(tmp_path / name) for name in ("a.pub", "b.pub")]
    assert CliRunner().invoke(act.app, ["new", kind, *files]).exit_code == 0
    (command,) = sent
    assert command["people"] == [*LINES]


@pytest.mark.parametrize("text", ["", "x\n", "\u00e9"])
def test_what_is_no_key_of_a_person_is_named(
    sent: Sent, tmp_path: Path, text: str
) -> None:
    """A wrong file is named, and nothing is drafted."""
    path = tmp_path / "wrong.pub"
    if text:
        path.write_text(text)
    done = CliRunner().invoke(act.app, ["new", "roster", str(path)])
    assert done.exit_code == 2
    assert "wrong.pub" in done.stderr
    assert sent == []

"""``sallyport demo`` at the command line."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from gateway.cli import demo
from gateway.cli.demo import app

RUNNER = CliRunner()


def test_help_names_every_option() -> None:
    """The options the documents promise are there."""
    text = RUNNER.invoke(app, ["--help"]).output

    for option in ("--dir", "--serve", "--records", "--json", "--no-colour", "token"):
        assert option in text


def test_options_reach_the_performance(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said on the command line is what is performed."""
    seen: dict[str, object] = {}
    monkeypatch.setattr(demo, "show_demo", lambda **options: seen.update(options))

    result = RUNNER.invoke(app, ["--records", "500", "--json", "--no-colour"])

    assert result.exit_code == 0
    assert seen == {
        "directory": None,
        "serve": False,
        "records": 500,
        "as_json": True,
        "colour": False,
    }


def test_a_token_is_minted_without_a_performance(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The subcommand runs alone."""
    seen: list[object] = []
    monkeypatch.setattr(demo, "show_demo", lambda **_options: seen.append("demo"))
    monkeypatch.setattr(demo, "show_token", lambda *given: seen.append(given[1]))

    assert RUNNER.invoke(app, ["token", "broker", "--dir", "x"]).exit_code == 0
    assert seen == ["broker"]


def test_too_small_a_county_is_refused() -> None:
    """The story's people must exist."""
    assert RUNNER.invoke(app, ["--records", "3"]).exit_code == 2

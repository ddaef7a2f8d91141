"""How ``sallyport demo`` ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.cli import demonstrating
from gateway.cli.demonstrating import show_demo, show_token
from gateway.cli.exit_codes import ExitCode
from gateway.errors import Cause, InvalidFile, Mistake, Unavailable


def ended(directory: Path | None = None, *, as_json: bool = False) -> object:
    """Return the code the command ends with."""
    with pytest.raises(SystemExit) as end:
        show_demo(
            directory=directory,
            serve=False,
            records=40,
            as_json=as_json,
            colour=False,
        )
    return end.value.code


def test_a_folder_in_use_is_a_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is written over; the sentence says what to do."""
    (tmp_path / "something").touch()

    assert ended(tmp_path) == ExitCode.MISTAKES
    assert "not empty" in capsys.readouterr().err


def test_without_an_engine_one_sentence_comes_first(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A machine without the embedded engine's wheel is told so before anything runs."""
    monkeypatch.setattr(demonstrating, "have_embedded", lambda: False)

    assert ended() == ExitCode.UNAVAILABLE
    assert "no embedded policy engine" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("well", "code"), [(True, ExitCode.DONE), (False, ExitCode.NOT_DONE)]
)
def test_a_surprise_is_an_exit_code(
    monkeypatch: pytest.MonkeyPatch, *, well: bool, code: ExitCode
) -> None:
    """A scene that came out otherwise ends the command with 1."""
    monkeypatch.setattr(demonstrating, "perform", lambda **_options: well)

    assert ended() == code


def test_a_gateway_that_does_not_start_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What stopped it is one sentence, never a trace."""

    def fails(**_options: object) -> bool:
        raise Unavailable(Cause.STATE_UNAVAILABLE, "locked")

    monkeypatch.setattr(demonstrating, "perform", fails)

    assert ended(as_json=True) == ExitCode.UNAVAILABLE
    assert "state-unavailable" in capsys.readouterr().out


def test_what_stopped_a_later_gateway_is_told_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A cause wrapped by the gateways that run already is unwrapped."""

    def fails(**_options: object) -> bool:
        cause = InvalidFile([Mistake(path="catalogue", problem="odd")])
        raise ExceptionGroup("unhandled", [ExceptionGroup("unhandled", [cause])])

    monkeypatch.setattr(demonstrating, "perform", fails)

    assert ended() == ExitCode.UNAVAILABLE
    assert capsys.readouterr().err == "The demo stopped: catalogue: odd\n"


def test_a_fault_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody expected is raised as it is."""

    def fails(**_options: object) -> bool:
        raise ExceptionGroup("unhandled", [TypeError("a fault")])

    monkeypatch.setattr(demonstrating, "perform", fails)

    with pytest.raises(ExceptionGroup):
        show_demo(directory=None, serve=False, records=40, as_json=False, colour=False)


def test_a_token_for_nobody_is_a_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that no demo made is called that, with how to make one."""
    with pytest.raises(SystemExit) as end:
        show_token(tmp_path, "nobody")

    assert end.value.code == ExitCode.MISTAKES
    assert "is not a demo's folder" in capsys.readouterr().err

"""``sallyport task``: the commands it makes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import commanding, main, task
from gateway.cli.exit_codes import ExitCode
from tests.gateway.cli.conftest import Sent


def test_list(sent: Sent) -> None:
    """Open ones by default, others by their state."""
    assert CliRunner().invoke(task.app, ["list"]).exit_code == 0
    assert CliRunner().invoke(task.app, ["list", "--state", "done"]).exit_code == 0
    assert [command["command"] for command in sent] == ["task-list"] * 2
    assert [command["state"] for command in sent] == ["open", "done"]


def test_list_of_some(sent: Sent) -> None:
    """What is late, of one kind, and only so many."""
    given = ["list", "--do", "notify_judge", "--overdue", "--most", "5"]
    given += ["--said", "form=writing", "--exchange", "ab" * 16]
    assert CliRunner().invoke(task.app, given).exit_code == 0
    (command,) = sent
    assert (command["said"], command["exchange"]) == (["form=writing"], "ab" * 16)
    assert (command["do"], command["overdue"], command["most"]) == (
        "notify_judge",
        True,
        5,
    )


def test_close(sent: Sent) -> None:
    """Done by default; what need not be done says why."""
    run = CliRunner().invoke
    ids = ["ab" * 16, "cd" * 16]
    assert run(task.app, ["close", *ids, "--by", "R. Example"]).exit_code == 0
    given = ["close", ids[0], "--cancelled", "--words", "counsel says so"]
    assert run(task.app, given).exit_code == 0
    of = ["--do", "report", "--said", "to=public", "--exchange", "ab" * 16]
    assert run(task.app, ["close", *of]).exit_code == 0
    done, cancelled, kind = sent
    assert (kind["tasks"], kind["do"], kind["said"]) == ([], "report", ["to=public"])
    assert kind["exchange"] == "ab" * 16
    assert done["command"] == cancelled["command"] == "task-close"
    assert (done["tasks"], done["state"]) == (ids, "done")
    assert (done["words"], done["by"]) == ("", "R. Example")
    assert (cancelled["state"], cancelled["words"]) == ("cancelled", "counsel says so")
    assert cancelled["by"]


def test_no_text(county: Path) -> None:
    """Bytes that are no text are named as a mistake, whether a gateway runs or not."""
    given = ["--words", "\udcff", "--config", str(county / "sallyport.yaml")]
    answer = CliRunner().invoke(main.app, ["task", "close", "ab" * 16, *given])

    assert answer.exit_code == ExitCode.MISTAKES
    assert answer.stderr == "an argument is not UTF-8\n"


def test_more_than_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that was cut off is not taken for all there is."""
    rows = [{"task": "ab" * 16}, {"task": "cd" * 16}]
    monkeypatch.setattr(commanding, "result_of", lambda *_, **__: rows)
    cut = CliRunner().invoke(task.app, ["list", "--most", "2", "--json"])
    whole = CliRunner().invoke(task.app, ["list", "--most", "3", "--json"])
    closed = CliRunner().invoke(task.app, ["close", "ab" * 16, "cd" * 16])

    assert json.loads(cut.stdout) == json.loads(whole.stdout) == rows
    assert cut.stderr == "no more than 2 at a time; there may be others\n"
    assert whole.stderr == closed.stderr == ""

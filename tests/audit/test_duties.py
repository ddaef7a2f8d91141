"""What a log says of duties: where each comes from, and what became of it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from audit import AuditorKey
from audit.cli import main
from audit.duties import Duties, Duty, Said, told, words
from audit.folder import Folder
from audit.keep import FolderKeep
from audit.keyfiles import write_secret
from audit.opening import Opener
from audit.stored import stored_leaves
from audit.tiles import WIDTH
from tests.audit.builders import AUDITOR, KEYS, ORIGIN, START_MS, entry, opening
from tests.audit.printed import printed_lines

NOTIFY, FILE, OWED = "ab" * 16, "cd" * 16, "ef" * 16
EXCHANGE = "0" * 32
DAY_MS = 86_400_000


def due(task: str, do: str, due_ms: int = 0, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401  # any JSON
    """Return a duty as the account of an exchange has it."""
    return {"do": do, "parameters": parameters, "task": task, "due_ms": due_ms}


def exchanged(*duties: dict[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401  # any JSON
    """Return the sealed parts of an exchange."""
    return {
        "who": {"exchange": EXCHANGE, "person": "Jane Doe"},
        "account": {"obligations": [{"do": "log_request"}, *duties], **more},
    }


def closed(task: str, do: str, state: str = "done") -> dict[str, Any]:
    """Return the sealed parts of the end of a duty."""
    account = {"task": task, "do": do, "state": state, "exchange": EXCHANGE}
    return {
        "who": {"by": "R. Example"},
        "account": {**account, "due_ms": 0, "parameters": {}, "entry": 0, "words": ""},
    }


ENTRIES = [
    entry(
        sealed=exchanged(
            due(NOTIFY, "notify_subject", START_MS - 1, business_days=3),
            due(FILE, "report", to="public"),
        )
    ),
    entry(ev="start", sealed={"who": {"by": "x"}}),
    entry(ev="review", decision="closed", sealed=closed(NOTIFY, "notify_subject")),
    entry(sealed=exchanged(due(OWED, "answer_after_fault", START_MS + DAY_MS))),
    entry(sealed=exchanged({"do": "x", "task": OWED, "state": "done"})),
    entry(
        ev="review",
        decision="closed",
        sealed={"account": {"exchange": EXCHANGE, "state": "expired", "entry": 0}},
    ),
]


def written(folder: Path, *entries: Any) -> list[str]:  # noqa: ANN401  # entries
    """Write a log; return what a command needs to open it."""

    async def run() -> None:
        async with opening(folder / "store", create=True) as log:
            for one in entries:
                await log.append(one)

    asyncio.run(run())
    KEYS.write(folder / "keys")
    write_secret(folder / "auditor.key", AUDITOR.secret_text + "\n")
    keys = ["--vkey", str(folder / "keys" / "log.vkeys")]
    return [str(folder / "store"), "--key", str(folder / "auditor.key"), *keys]


@pytest.fixture
def asked(tmp_path: Path) -> list[str]:
    """What the command needs for a log with three duties."""
    return ["duties", *written(tmp_path, *ENTRIES)]


def test_each_duty_with_what_became_of_it(
    asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """In the order of the entries that they come from, with the closing's own time."""
    assert main([*asked, "--json"]) == 0
    rows = printed_lines(capsys)

    assert [(row["do"], row["entry"], row["state"]) for row in rows] == [
        ("notify_subject", 0, "done"),
        ("report", 0, "open"),
        ("answer_after_fault", 3, "done"),
    ]
    assert [row["closing"] for row in rows] == [2, -1, 4]
    assert [row["closed_ms"] for row in rows] == [START_MS, 0, START_MS]
    assert [row["late"] for row in rows] == [True, False, False]
    assert rows[0]["parameters"] == {"business_days": 3}
    assert {row["exchange"] for row in rows} == {EXCHANGE}


@pytest.mark.parametrize(
    ("chosen", "tasks"),
    [
        ([], [NOTIFY, FILE, OWED]),
        (["--state", "open"], [FILE]),
        (["--state", "cancelled"], []),
        (["--do", "report"], [FILE]),
        (["--late"], [NOTIFY]),
        (["--late", "--do", "report"], []),
    ],
)
def test_some_are_chosen(
    asked: list[str],
    capsys: pytest.CaptureFixture[str],
    chosen: list[str],
    tasks: list[str],
) -> None:
    """By state, by what is to be done, and those that are late."""
    assert main([*asked, *chosen, "-j", "1"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split()[:4] == ["entry", "do", "said", "due"]
    assert [line.split()[-1] for line in lines] == tasks


def test_where_none_is_chosen_it_says_which_there_are(
    asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A misspelt code looks like a duty that nobody has."""
    assert main([*asked, "--do", "nothing"]) == 0
    assert "0 of 3 duties match; named here are: " in capsys.readouterr().err


def test_the_table_says_when(
    asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Times in UTC; nothing where there is none."""
    assert main(asked) == 0
    _, first, second, _ = capsys.readouterr().out.splitlines()
    assert "business_days=3" in first
    assert "2026-11-23T08:59:59Z" in first
    assert "2026-11-23T09:00:00Z  late" in first
    assert "to=public" in second
    assert "2026" not in second


def test_what_does_not_open_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Erased, of a form that nobody knows, or lost: the list may lack something."""
    strange = exchanged(due(FILE, "report"))
    strange["account"]["obligations"].append({"task": NOTIFY})
    entries = [
        entry(sealed={"who": {"exchange": EXCHANGE}}),
        entry(sealed=strange),
        entry(sealed=exchanged({**due(FILE, "x"), "state": "gone"})),
        entry(sealed=exchanged(due(NOTIFY, "notify_subject"))),
    ]
    asked = ["duties", *written(tmp_path, *entries)]

    assert main([*asked, "--json"]) == 2
    said = capsys.readouterr()
    assert '"task": "' + NOTIFY in said.out
    assert "3 entries do not open" in said.err
    assert "the first is 0: its parts who and account are not both there" in said.err


def test_another_key_opens_nothing(
    asked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The list is empty, and says for how many entries nobody can tell."""
    other = tmp_path / "other.key"
    write_secret(other, AuditorKey.generate("mallory").secret_text)
    asked[asked.index("--key") + 1] = str(other)

    assert main(asked) == 2
    assert "5 entries do not open" in capsys.readouterr().err


def test_a_log_that_does_not_hold_is_not_read(
    asked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A forged checkpoint is tampering; without one nobody can tell."""
    checkpoint = tmp_path / "store" / "live" / "checkpoint"
    text = checkpoint.read_text()
    checkpoint.unlink()
    assert main(asked) == 2
    checkpoint.write_text(text.replace("\n6\n", "\n7\n", 1))
    assert main(asked) == 1
    assert "TAMPERED" in capsys.readouterr().out


def test_a_record_that_is_gone_is_told(tmp_path: Path) -> None:
    """Of a bundle whose records end too soon, the rest is not known."""
    written(tmp_path, *ENTRIES)
    folder = Folder(root=tmp_path / "store")
    keep = FolderKeep(folder)
    leaves = [data for _, data in stored_leaves(folder, 0, len(ENTRIES))]
    opener = Opener(keep, origin=ORIGIN, key=AUDITOR)

    found = told(keep, opener, WIDTH, leaves[:1])
    strange = told(keep, opener, 0, [b"no JSON", *leaves[1:2]])

    assert found == [(WIDTH, "its sealed record is gone")]
    assert strange == []


def said(task: str, index: int, state: str = "open", at_ms: int = START_MS) -> Said:
    """Return what an entry says."""
    return Said(
        index=index,
        at_ms=at_ms,
        task=task,
        do="report",
        parameters={},
        exchange=EXCHANGE,
        due_ms=0,
        state=state,
    )


def test_owed_again_is_open_again() -> None:
    """The same name twice: what is due still is one, what is due anew another."""
    duties = Duties()
    duties.add([said(OWED, 1), said(OWED, 2)])
    still = duties.by_task[OWED]
    duties.add([said(OWED, 3, "done"), said(OWED, 4)])
    again = duties.by_task[OWED]

    assert (still.entry, still.state) == (1, "open")
    assert (again.entry, again.state, again.closing) == (4, "open", -1)


def test_an_end_without_a_beginning_is_kept() -> None:
    """The log could not take the entry that it comes from."""
    duties = Duties()
    duties.add([said(OWED, 3, "cancelled", at_ms=START_MS + 1)])
    (duty,) = duties.in_order

    assert (duty.entry, duty.state, duty.closing) == (-1, "cancelled", 3)
    assert duties.last_ms == START_MS + 1


@pytest.mark.parametrize(
    ("due_ms", "closing", "closed_ms", "now_ms", "late"),
    [
        (0, -1, 0, 10, False),
        (10, -1, 0, 10, False),
        (10, -1, 0, 11, True),
        (10, 4, 10, 99, False),
        (10, 4, 11, 5, True),
    ],
)
def test_late(
    *, due_ms: int, closing: int, closed_ms: int, now_ms: int, late: bool
) -> None:
    """At the instant itself nothing is late; what is over is late by its own time."""
    duty = Duty(
        task=OWED,
        do="report",
        parameters={},
        exchange=EXCHANGE,
        due_ms=due_ms,
        entry=1,
        closing=closing,
        closed_ms=closed_ms,
    )
    assert duty.late(now_ms) is late


def test_the_rules_words_are_one_text() -> None:
    """Words as they are, numbers, flags and lists as JSON, by name."""
    given = {"to": "public", "month": 3, "promptly": True, "elements": ["a", "b"]}
    assert words(given) == 'elements=["a","b"] month=3 promptly=true to=public'

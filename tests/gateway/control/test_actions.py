"""Commands: each change is one entry; what cannot be done is said in a sentence."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest

from gateway.acts import closing, paper_commitment
from gateway.control import Actions, NotDone, parse_command
from gateway.ledger import Ledger
from gateway.state import NewTask, Reviews, Tasks
from tests.gateway.control.conftest import BASIS, Files, Pretended


async def done(actions: Actions, **command: object) -> Any:  # noqa: ANN401  # any JSON
    """Carry out one command given by its members."""
    command.setdefault("by", "R. Example")
    if command["command"] in {
        "status",
        "stop",
        "cutoff-list",
        "review-list",
        "task-list",
    }:
        del command["by"]
    if command["command"] == "review-show":
        del command["by"]
    return await actions.run(parse_command(orjson.dumps(command)), uid=1000)


async def test_the_first_activation_begins_the_log(
    actions: Actions, ledger: Ledger, running: Pretended
) -> None:
    """Genesis and activation are entries 0 and 1, and the gateway takes it over."""
    answer = await done(actions, command="activate")
    assert answer["number"] == 0
    assert answer["entry"] == 1
    assert answer["said"] == "taken over"
    assert running.taken == [0]
    assert ledger.log.size == 2


async def test_nothing_changed_is_not_activated_again(
    actions: Actions, ledger: Ledger, files: Files
) -> None:
    """The same files make no second entry; other files do; going back does too."""
    await done(actions, command="activate")
    with pytest.raises(NotDone, match="nothing changed"):
        await done(actions, command="activate")
    assert ledger.log.size == 2
    files.policy = "q" * 64
    assert (await done(actions, command="activate"))["number"] == 1
    files.policy = "p" * 64
    answer = await done(actions, command="activate", reason="rollback")
    assert answer["number"] == 2
    assert ledger.log.size == 4


async def test_a_cut_off_is_added_listed_and_lifted(
    actions: Actions, ledger: Ledger
) -> None:
    """Three commands, two entries; the list shows what holds."""
    await done(actions, command="activate")
    added = await done(actions, command="cutoff-add", scope="agency", name="ice")
    assert added["entry"] == 2
    (row,) = await done(actions, command="cutoff-list")
    assert (row["number"], row["scope"], row["name"]) == (0, "agency", "ice")
    await done(actions, command="cutoff-lift", number=0)
    assert await done(actions, command="cutoff-list") == []
    assert ledger.log.size == 4


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ({"command": "cutoff-add", "scope": "all", "name": "ice"}, "has no name"),
        ({"command": "cutoff-add", "scope": "agency"}, "any other needs one"),
        (
            {"command": "cutoff-add", "scope": "agency", "name": "icee"},
            "there is no agency icee; did you mean ice",
        ),
        ({"command": "cutoff-lift", "number": 3}, "cut-off 3 is not in force; none is"),
        ({"command": "review-show", "exchange": "ab" * 16}, "there is no review"),
    ],
)
async def test_what_cannot_be_done_is_no_entry(
    actions: Actions, ledger: Ledger, command: dict[str, object], sentence: str
) -> None:
    """A command that would stop nothing, or lifts nothing, is refused by name."""
    await done(actions, command="activate")
    with pytest.raises(NotDone, match=sentence):
        await done(actions, **command)
    assert ledger.log.size == 2


async def test_in_an_emergency_unknown_names_do_not_hinder(
    actions: Actions, running: Pretended
) -> None:
    """Where the names cannot be read, a cut-off is taken as given."""
    await done(actions, command="activate")
    running.names = None
    await done(actions, command="cutoff-add", scope="agency", name="anybody")
    assert len(await done(actions, command="cutoff-list")) == 1


@pytest.mark.parametrize(
    "command",
    [
        {"command": "cutoff-add", "scope": "all"},
        {"command": "instrument-confirm", "document": "e" * 64},
    ],
)
async def test_nothing_before_the_first_activation(
    actions: Actions, ledger: Ledger, command: dict[str, object]
) -> None:
    """A log that has not begun takes no act but its first activation."""
    with pytest.raises(NotDone, match="sallyport activate"):
        await done(actions, **command)
    assert ledger.log.size == 0


async def test_a_paper_is_a_commitment(actions: Actions, ledger: Ledger) -> None:
    """The public act has no digest of the document; the gateway finds it again."""
    await done(actions, command="activate")
    await done(actions, command="instrument-confirm", document="e" * 64)
    commitment, _ = paper_commitment(b"p" * 32, "e" * 64)
    found = ledger.acts.in_force.papers[commitment]
    assert (found.state, found.index) == ("issuer_confirmed", 2)
    await done(
        actions, command="instrument-confirm", document="e" * 64, state="revoked"
    )
    assert ledger.acts.in_force.papers[commitment].state == "revoked"


async def test_no_person_is_public(actions: Actions, ledger: Ledger) -> None:
    """Who did it, and which document, are in no public byte of the log."""
    await done(actions, command="activate", by="CANARY-PERSON")
    await done(
        actions, command="instrument-confirm", document="e" * 64, by="CANARY-PERSON"
    )
    await ledger.log.settle()

    def public() -> bytes:
        folder = ledger.log._settings.directory / "live"
        return b"".join(p.read_bytes() for p in folder.rglob("*") if p.is_file())

    data = await asyncio.to_thread(public)
    assert b"act paper" in data
    assert b"CANARY" not in data
    assert b"e" * 64 not in data


async def test_reviews_are_listed_and_shown_without_what_was_asked(
    actions: Actions, reviews: Reviews
) -> None:
    """An officer sees who has to look and until when; the request stays sealed."""
    await reviews.add(
        exchange="ab" * 16,
        role="counsel",
        revision="r",
        agency="ice",
        client="c",
        request=b"CANARY",
    )
    await reviews.recorded("ab" * 16, entry=5, receipt={"index": 5})
    (row,) = await done(actions, command="review-list")
    shown = await done(actions, command="review-show", exchange="ab" * 16)
    assert row == shown
    assert (row["role"], row["entry"]) == ("counsel", 5)
    assert "CANARY" not in str(shown)
    assert await done(actions, command="review-list", state="expired") == []
    assert await done(actions, command="review-list", state="all") == [row]


async def test_status_and_stop(actions: Actions, running: Pretended) -> None:
    """Status says what is in force; stop asks the gateway to end."""
    status = await done(actions, command="status")
    assert status["activation"] == {}
    await done(actions, command="activate")
    status = await done(actions, command="status")
    assert status["activation"]["number"] == 0
    assert status["running"] is True
    assert (await done(actions, command="stop"))["said"] == "stopping"
    assert running.stopped


async def closed(ledger: Ledger) -> None:
    """Write that the gateway closed itself."""
    await ledger.registrar.write(
        lambda acts: closing(
            origin=ledger.registrar.origin, counter=acts.next_counter("close")
        ),
        basis=BASIS,
    )


async def test_what_closed_itself_is_reopened_by_somebody_who_looked(
    actions: Actions, ledger: Ledger, running: Pretended
) -> None:
    """One entry that names the closing; only while one holds, only if all is well."""
    await done(actions, command="activate")
    with pytest.raises(NotDone, match="nothing is closed"):
        await done(actions, command="reopen")
    await closed(ledger)
    running.wrong = "opa answers known questions wrong"
    with pytest.raises(NotDone, match="answers known questions wrong"):
        await done(actions, command="reopen")
    held = [ledger.registrar.in_force.closed]
    assert (ledger.log.size, running.opened) == (3, 0)
    running.wrong = ""
    answer = await done(actions, command="reopen")
    assert (answer["act"], answer["entry"]) == ("reopen", 3)
    assert answer["said"] == "open again"
    assert running.opened == 1
    held.append(ledger.registrar.in_force.closed)
    assert held == [0, None]
    with pytest.raises(NotDone, match="nothing is closed"):
        await done(actions, command="reopen")


async def test_tasks_are_listed_by_their_state(actions: Actions, tasks: Tasks) -> None:
    """What is to be done has its clock; what was done is asked for by that word."""
    new = NewTask(do="notify_judge", parameters={"form": "writing"}, due_ms=1_000)
    await tasks.owe("ab" * 16, "cd" * 16, new, entry=7)

    (row,) = await done(actions, command="task-list")
    assert (row["do"], row["due"], row["entry"]) == (
        "notify_judge",
        "1970-01-01T00:00:01Z",
        7,
    )
    assert await done(actions, command="task-list", state="done") == []

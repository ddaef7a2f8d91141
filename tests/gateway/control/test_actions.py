"""Commands: each change is one entry; what cannot be done is said in a sentence."""

from __future__ import annotations

import asyncio

import pytest

from gateway.acts import closing, paper_commitment
from gateway.config import Config
from gateway.control import Actions, NotDone
from gateway.ledger import Ledger
from gateway.state import Reviews
from tests.gateway.control.conftest import (
    BASIS,
    DOCUMENT,
    Pretended,
    begun,
    decided,
    done,
)


async def test_a_cut_off_is_one_persons_and_its_lift_is_two_peoples(
    actions: Actions, ledger: Ledger
) -> None:
    """Added at once, listed, lifted by an act: two entries."""
    await begun(actions)
    added = await done(actions, command="cutoff-add", scope="agency", name="ice")
    assert added["entry"] == 2
    (row,) = await done(actions, command="cutoff-list")
    assert (row["number"], row["scope"], row["name"]) == (0, "agency", "ice")
    lifted = await decided(actions, command="draft-lift", number=0)
    assert lifted["signed_by"] == ["counsel-1", "officer-1"]
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
        ({"command": "review-show", "exchange": "ab" * 16}, "there is no review"),
        (
            {
                "command": "instrument-record",
                "document": DOCUMENT,
                "state": "issuer_confirmed",
            },
            "two different people of the roster must sign it, and nobody has",
        ),
    ],
)
async def test_what_cannot_be_done_is_no_entry(
    actions: Actions, ledger: Ledger, command: dict[str, object], sentence: str
) -> None:
    """A command that would stop nothing, or opens by one hand, is refused by name."""
    await begun(actions)
    with pytest.raises(NotDone, match=sentence):
        await done(actions, **command)
    assert ledger.log.size == 2


async def test_in_an_emergency_unknown_names_do_not_hinder(
    actions: Actions, running: Pretended
) -> None:
    """Where the names cannot be read, a cut-off is taken as given."""
    await begun(actions)
    running.names = None
    await done(actions, command="cutoff-add", scope="agency", name="anybody")
    assert len(await done(actions, command="cutoff-list")) == 1


@pytest.mark.parametrize(
    "command",
    [
        {"command": "cutoff-add", "scope": "all"},
        {"command": "instrument-record", "document": DOCUMENT, "state": "revoked"},
    ],
)
async def test_nothing_before_the_first_activation(
    actions: Actions, ledger: Ledger, command: dict[str, object]
) -> None:
    """A log that has not begun takes no act but its first."""
    with pytest.raises(NotDone, match="sallyport activate"):
        await done(actions, **command)
    assert ledger.log.size == 0


async def test_what_is_found_against_a_paper_is_one_persons(
    actions: Actions, ledger: Ledger
) -> None:
    """It only closes: recorded at once, under a commitment to the document."""
    await begun(actions)
    await decided(actions, command="draft-paper", document=DOCUMENT)
    await done(actions, command="instrument-record", document=DOCUMENT, state="revoked")
    commitment, _ = paper_commitment(b"p" * 32, DOCUMENT)
    assert ledger.acts.in_force.papers[commitment].state == "revoked"


async def test_no_person_is_public(
    actions: Actions, ledger: Ledger, config: Config
) -> None:
    """Who handed it in, the words, and which document, are in no public byte."""
    await begun(actions)
    await done(actions, command="cutoff-add", scope="all", by="CANARY-PERSON")
    drafted = {"command": "draft-paper", "document": DOCUMENT, "words": "CANARY-WORDS"}
    await decided(actions, **drafted)
    await ledger.log.settle()

    def public() -> bytes:
        folder = config.log.directory / "live"
        return b"".join(p.read_bytes() for p in folder.rglob("*") if p.is_file())

    data = await asyncio.to_thread(public)
    assert b"act paper" in data
    assert b"CANARY" not in data
    assert DOCUMENT.encode() not in data


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
    """Status says what is in force and who decides; stop asks the gateway to end."""
    status = await done(actions, command="status")
    assert (status["activation"], status["people"]) == ({}, [])
    await begun(actions)
    status = await done(actions, command="status")
    assert status["activation"]["number"] == 0
    assert status["people"] == ["counsel-1", "officer-1", "records-1"]
    assert (status["people_later"], status["people_from"]) == ([], "")
    assert status["running"] is True
    assert (await done(actions, command="stop"))["said"] == "stopping"
    assert running.stopped


async def closed(ledger: Ledger) -> None:
    """Write that the gateway closed itself."""
    await ledger.registrar.state(
        lambda _acts: closing(
            origin=ledger.registrar.origin, cause="policy-disagreement"
        ),
        basis=BASIS,
    )


async def test_what_closed_itself_is_reopened_by_somebody_who_looked(
    actions: Actions, ledger: Ledger, running: Pretended
) -> None:
    """One entry that names the closing; only while one holds, only if all is well."""
    await begun(actions)
    with pytest.raises(NotDone, match="nothing is closed"):
        await done(actions, command="reopen", by="R. Example")
    await closed(ledger)
    running.wrong = "opa answers known questions wrong"
    with pytest.raises(NotDone, match="answers known questions wrong"):
        await done(actions, command="reopen", by="R. Example")
    held = [ledger.registrar.in_force.closed]
    assert (ledger.log.size, running.opened) == (3, 0)
    running.wrong = ""
    answer = await done(actions, command="reopen", by="R. Example")
    assert (answer["act"], answer["entry"]) == ("reopen", 3)
    assert answer["said"] == "open again"
    assert running.opened == 1
    held.append(ledger.registrar.in_force.closed)
    assert held == [0, None]
    with pytest.raises(NotDone, match="nothing is closed"):
        await done(actions, command="reopen", by="R. Example")

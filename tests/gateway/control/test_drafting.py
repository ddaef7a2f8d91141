"""Drafts: an act in a file, numbered and dated, that could be carried out now."""

from __future__ import annotations

from typing import Any

import pytest

from audit.act import words_commitment
from audit.roster import Roster
from gateway.acts import ActFile, face_commitment, paper_commitment
from gateway.control import Actions, DraftGenesis, NotDone, draft_genesis
from gateway.entries import cfg
from gateway.ledger import Ledger
from tests.gateway.control.conftest import (
    DOCUMENT,
    Files,
    begun,
    decided,
    done,
    past_read,
)
from tests.gateway.county import GENESIS, LINES, ORIGIN, looked_at

NOW_MS = 1_795_424_400_000
"""2026-11-23T09:00:00Z."""


def act_of(drafted: Any) -> ActFile:  # noqa: ANN401  # any JSON
    """Return the file of a draft; nobody has signed it."""
    file = ActFile.parse(drafted["file"].encode())
    assert file.act.signatures == ()
    return file


async def test_an_activation_says_what_changes(
    actions: Actions, ledger: Ledger, files: Files
) -> None:
    """The first one is the first; later ones name the kinds; nothing is written."""
    await done(actions, command="act-submit", file=GENESIS.note.decode())
    first = await done(actions, command="draft-activation")
    assert first["name"] == "activation-0.act"
    assert (first["needs"], len(first["people"])) == ("two", 3)
    assert act_of(first).act.statement["changes"] == "first"
    await decided(actions, command="draft-activation")
    with pytest.raises(NotDone, match="nothing changed: number 0 is of these files"):
        await done(actions, command="draft-activation")
    files.policy = "d" * 64
    await past_read(ledger, files.policy)
    draft = {"reason": "rollback", "gate": looked_at(files.policy)}
    second = act_of(await done(actions, command="draft-activation", **draft))
    assert (second.act.statement.counter, second.act.statement.reason) == (
        1,
        "rollback",
    )
    assert second.act.statement["changes"] == "policy"
    assert ledger.log.size == 3


async def test_a_paper_is_drafted_with_what_is_on_its_face(
    actions: Actions, files: Files
) -> None:
    """Whoever signs can check document and face; the log shows neither."""
    await begun(actions)
    file = act_of(await done(actions, command="draft-paper", document=DOCUMENT))
    commitment, salt = paper_commitment(b"p" * 32, DOCUMENT)
    statement = file.act.statement
    assert statement["paper"] == commitment
    assert statement["face"] == face_commitment(salt, files.faces[DOCUMENT])
    assert file.sealed["document"] == DOCUMENT
    assert file.sealed["face"] == files.faces[DOCUMENT]
    with pytest.raises(NotDone, match="has no such document"):
        await done(actions, command="draft-paper", document="f" * 64)


async def test_words_are_committed_to(actions: Actions) -> None:
    """Free text goes beside the act, under a fresh salt each time."""
    await begun(actions)
    await done(actions, command="cutoff-add", scope="all")
    drafts = [
        act_of(
            await done(actions, command="draft-lift", number=0, words="All is well.")
        )
        for _ in range(2)
    ]
    said = {file.act.statement.words for file in drafts}
    assert len(said) == 2
    salt = bytes.fromhex(drafts[0].sealed["words-salt"])
    assert words_commitment(salt, "All is well.") in said


async def test_an_act_has_an_end(actions: Actions) -> None:
    """Seven days when nobody says; an instant that no calendar has is refused."""
    await begun(actions)
    await done(actions, command="cutoff-add", scope="all")
    given = {"command": "draft-lift", "number": 0}
    end = "2099-01-01T00:00:00Z"
    drafted = await done(actions, **given, expires=end)
    assert act_of(drafted).act.statement.expires == end
    with pytest.raises(NotDone, match="that no calendar has"):
        await done(actions, **given, expires="2026-02-30T00:00:00Z")


@pytest.mark.parametrize(
    ("draft", "sentence"),
    [
        ({"command": "draft-activation"}, "act new genesis"),
        ({"command": "draft-lift", "number": 0}, "act new genesis"),
    ],
)
async def test_nothing_is_drafted_before_the_first_roster(
    actions: Actions, draft: dict[str, Any], sentence: str
) -> None:
    """An empty log says how it begins."""
    with pytest.raises(NotDone, match=sentence):
        await done(actions, **draft)


async def test_what_could_not_be_done_is_not_drafted(actions: Actions) -> None:
    """No cut-off of that number; nothing activated; people that make no roster."""
    await done(actions, command="act-submit", file=GENESIS.note.decode())
    with pytest.raises(NotDone, match="nothing was activated yet"):
        await done(actions, command="draft-lift", number=0)
    await decided(actions, command="draft-activation")
    with pytest.raises(NotDone, match="cut-off 3 is not in force; none is"):
        await done(actions, command="draft-lift", number=3)
    with pytest.raises(NotDone, match="has 2 to 16 people"):
        await done(actions, command="draft-roster", people=LINES[:1])


async def test_a_roster_may_change_before_anything_is_activated(
    actions: Actions,
) -> None:
    """A new roster is drafted from keys, whatever their order."""
    await done(actions, command="act-submit", file=GENESIS.note.decode())
    drafted = await done(actions, command="draft-roster", people=LINES[::-1])
    assert drafted["name"] == "roster-0.act"
    assert Roster.parse(act_of(drafted).act.statement.people).people == tuple(
        drafted["people"]
    )


def test_the_first_roster_is_drafted_without_a_log() -> None:
    """Everybody whom it names signs it; a key that is none is named."""
    command = DraftGenesis(people=LINES)
    drafted: Any = draft_genesis(command, origin=ORIGIN, now_ms=NOW_MS)
    statement = act_of(drafted).act.statement
    assert (drafted["name"], drafted["needs"]) == ("genesis.act", "all")
    assert (statement.origin, statement["cfg"]) == (ORIGIN, cfg())
    assert statement.expires == "2026-11-30T09:00:00Z"
    with pytest.raises(NotDone, match="person has a value that is not allowed"):
        draft_genesis(DraftGenesis(people=("x",)), origin=ORIGIN, now_ms=NOW_MS)

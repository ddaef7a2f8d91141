"""Showing an act: what it does, whose signatures hold, and whether it counts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from audit.signer import SeedSigner
from gateway.control import Actions, NotDone
from gateway.ledger import Ledger
from tests.gateway.control.conftest import begun, done, drafted
from tests.gateway.county import BOTH, GENESIS, signed


async def test_an_act_is_shown_before_it_is_handed_in(
    actions: Actions, ledger: Ledger
) -> None:
    """What it does, whose signatures hold, whether it counts and why not."""
    await begun(actions)
    await done(actions, command="cutoff-add", scope="all")
    file = await drafted(actions, command="draft-lift", number=0)

    async def shown(*people: str, **keys: SeedSigner) -> Any:  # noqa: ANN401  # any JSON
        act = signed(file.act.statement, *people, **keys)
        text = replace(file, act=act).text
        return await done(actions, command="act-show", file=text)

    one = await shown("officer-1")
    assert (one["does"], one["counts"]) == (
        "cut-off 0 is lifted: its releases go on",
        False,
    )
    assert one["signatures"] == [{"name": "officer-1", "holds": True}]
    assert "only officer-1 has" in one["why_not"]
    both = await shown(*BOTH)
    assert both["counts"] is True
    stranger = await shown("officer-1", x=SeedSigner.generate("counsel-1"))
    assert [each["holds"] for each in stranger["signatures"]] == [True, False]
    assert ledger.log.size == 3


async def test_the_first_roster_is_shown_by_its_own_keys(actions: Actions) -> None:
    """In an empty log, whoever it names is looked at."""
    shown = await done(actions, command="act-show", file=GENESIS.note.decode())
    assert [each["holds"] for each in shown["signatures"]] == [True, True, True]
    assert shown["counts"] is True


async def test_an_act_of_the_log_is_shown_by_its_entry(actions: Actions) -> None:
    """Who signed what is there counts; an entry that is no act is said."""
    await begun(actions)
    shown = await done(actions, command="act-show", entry=1)
    assert (shown["act"], shown["entry"], shown["counts"]) == ("activation", 1, True)
    assert shown["signed_by"] == ["counsel-1", "officer-1"]
    with pytest.raises(NotDone, match="entry 7 is no act"):
        await done(actions, command="act-show", entry=7)

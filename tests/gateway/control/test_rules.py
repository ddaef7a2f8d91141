"""Rules change only where they were looked at; who reads past questions is known."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from gateway.acts import ActFile
from gateway.control import Actions, NotDone
from gateway.ledger import Ledger
from gateway.policy.gate import read_gate
from tests.gateway.control.conftest import Files, begun, decided, done, past_read
from tests.gateway.county import BOTH, GENESIS, looked_at, signed

OLD, NEW = "a" * 64, "d" * 64
DRAFT = {"command": "draft-activation"}


@pytest.mark.parametrize(
    ("gate", "sentence"),
    [
        ("", "nobody has looked at what that does; run: sallyport policy activate"),
        ("{}", "what was looked at does not count: it is no gate"),
        (looked_at(OLD), "it is of the rules aaaaaaaaaaaa"),
        (looked_at(NEW, refused=["lint: odd"]), "it is shut: lint: odd"),
        (looked_at(NEW, replay="first"), "past answers were not looked at"),
        (looked_at(NEW), "past answers were not looked at"),
        (looked_at(NEW, cases=0), "no case was run"),
        (looked_at(NEW, packs=[]), "its packs are none, those .* here us-ca 0.1.0"),
        (looked_at(NEW, drafts=["us-ca"]), "its drafts are us-ca, those .* here none"),
        (looked_at(NEW, proofs=[]), "its proofs are none, those .* here never.x"),
    ],
)
async def test_rules_change_only_where_they_were_looked_at(
    actions: Actions, ledger: Ledger, files: Files, gate: str, sentence: str
) -> None:
    """No gate, another's, a shut or untrue one, no past answers: not even drafted."""
    await begun(actions)
    files.policy = NEW
    with pytest.raises(NotDone, match=sentence):
        await done(actions, **DRAFT, gate=gate)
    assert ledger.log.size == 2


async def test_what_was_looked_at_before_another_activation_does_not_count(
    actions: Actions, ledger: Ledger, files: Files
) -> None:
    """What was asked since may come to something else under these rules."""
    await begun(actions)
    await past_read(ledger, "e" * 64)
    await past_read(ledger, NEW)
    files.policy = "e" * 64
    await decided(actions, **DRAFT, gate=looked_at("e" * 64))
    files.policy = NEW
    with pytest.raises(NotDone, match="past answers were not looked at"):
        await done(actions, **DRAFT, gate=looked_at(NEW))


async def test_what_was_looked_at_is_in_the_act(
    actions: Actions, ledger: Ledger, files: Files
) -> None:
    """Two people sign its digest and what no lawyer signed; a changed file is void."""
    await begun(actions)
    await past_read(ledger, NEW)
    files.policy, files.drafts = NEW, ("us-ca", "us-federal")
    drafted = await done(
        actions, **DRAFT, gate=looked_at(NEW, drafts=["us-ca", "us-federal"])
    )
    file = ActFile.parse(drafted["file"].encode())
    looked = read_gate(file.sealed["gate"].encode(), policy=NEW)
    assert file.act.statement["checks"] == looked.digest
    assert file.act.statement["drafts"] == "us-ca,us-federal"
    assert drafted["does"].endswith("no lawyer has signed us-ca, us-federal")
    act = signed(file.act.statement, *BOTH)
    with pytest.raises(NotDone, match="what was looked at is not beside the act"):
        await done(actions, command="act-submit", file=act.note.decode())
    files.drafts = ()
    with pytest.raises(NotDone, match="its drafts is us-ca,us-federal, that of"):
        await done(actions, command="act-submit", file=replace(file, act=act).text)


async def test_a_gate_that_is_not_the_acts_own(
    actions: Actions, ledger: Ledger, files: Files
) -> None:
    """What lies beside an act is what the act names, or the file is no act's."""
    await begun(actions)
    await past_read(ledger, NEW)
    files.policy = NEW
    drafted = await done(actions, **DRAFT, gate=looked_at(NEW))
    other = drafted["file"].replace('\\"cases\\":1', '\\"cases\\":2')
    other = other.replace('"cases":1', '"cases":2')
    assert other != drafted["file"]
    with pytest.raises(NotDone, match="or not as the act names it"):
        await done(actions, command="act-submit", file=other)


async def test_first_rules_may_be_looked_at(actions: Actions) -> None:
    """Nothing was in force: no gate is asked for, and one is kept."""
    await done(actions, command="act-submit", file=GENESIS.note.decode())
    drafted = await done(actions, **DRAFT, gate=looked_at(OLD, replay="first"))
    checks = ActFile.parse(drafted["file"].encode()).act.statement["checks"]
    assert checks != "none"
    (row,) = await history(actions, gate=looked_at(OLD, replay="first"))
    assert row["checks"] == checks


async def history(actions: Actions, **draft: str) -> Any:  # noqa: ANN401  # any JSON
    """Activate, and return the history."""
    await decided(actions, **DRAFT, **draft)
    return await done(actions, command="policy-history")


async def test_history(actions: Actions, ledger: Ledger, files: Files) -> None:
    """Each activation in order: when, why, by whom, what was looked at."""
    assert await done(actions, command="policy-history") == []
    await begun(actions)
    await past_read(ledger, NEW)
    files.policy = NEW
    more: Mapping[str, str] = {"gate": looked_at(NEW), "reason": "correction"}
    first, second = await history(actions, **more)
    hour = second.pop("hour")
    assert (len(hour), hour[-1]) == (14, "Z")
    assert second == {
        "number": 1,
        "entry": 3,
        "policy": NEW,
        "changes": "policy",
        "reason": "correction",
        "drafts": "none",
        "checks": read_gate(looked_at(NEW).encode(), policy=NEW).digest,
        "signed_by": "counsel-1, officer-1",
    }
    assert (first["number"], first["policy"], first["checks"]) == (0, OLD, "none")


async def test_a_bundle_is_given_back(
    actions: Actions, ledger: Ledger, files: Files
) -> None:
    """By the number of its activation; what is not there is said."""
    await begun(actions)
    await past_read(ledger, NEW)
    files.policy = NEW
    files.attachments = {f"policy/{'9' * 64}.tar.gz": b"archive"}
    with pytest.raises(NotDone, match="is not in the log any more"):
        await done(actions, command="policy-bundle", number=0)
    await history(actions, gate=looked_at(NEW))
    given = await done(actions, command="policy-bundle", number=1)
    archive = base64.b64encode(b"archive").decode()
    assert given == {"number": 1, "policy": NEW, "archive": archive}
    with pytest.raises(NotDone, match="there was no activation 2"):
        await done(actions, command="policy-bundle", number=2)


async def test_reading_past_questions_is_an_entry(
    actions: Actions, ledger: Ledger, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says of which rules and since when; who asked is sealed for auditors."""
    with pytest.raises(NotDone, match="nothing was activated yet"):
        await done(actions, command="policy-replay", policy=NEW)
    files.attachments = {f"policy/{'9' * 64}.tar.gz": b"archive"}
    await begun(actions)
    seen: list[Any] = []
    append = ledger.log.append

    async def keep(entry: Any) -> Any:  # noqa: ANN401  # an entry and its receipt
        seen.append(entry.sealed)
        return await append(entry)

    monkeypatch.setattr(ledger.log, "append", keep)
    given = await done(actions, command="policy-replay", policy=NEW, since=20260101)
    assert (given["entry"], given["policy"]) == (2, OLD)
    assert base64.b64decode(given["archive"]) == b"archive"
    assert ledger.log.size == 3
    (sealed,) = seen
    assert sealed["who"] == {"by": "R. Example", "uid": 1000}
    shown = await done(actions, command="act-show", entry=2)
    assert shown["does"] == (
        "past questions since 2026-01-01 are put to the rules dddddddddddd..."
    )
    await done(actions, command="policy-replay", policy=NEW)
    everything = await done(actions, command="act-show", entry=3)
    assert everything["does"] == "past questions are put to the rules dddddddddddd..."

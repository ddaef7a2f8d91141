"""Handing acts in: what counts is an entry; what does not is said, and is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from audit.act import Act, Statement
from audit.signer import SeedSigner
from gateway.acts import ActFile, genesis, paper_commitment, stop
from gateway.control import Actions, NotDone
from gateway.ledger import Ledger
from gateway.policy.proofs import Unproved
from tests.gateway.control.conftest import (
    DOCUMENT,
    Files,
    Pretended,
    begun,
    decided,
    done,
    drafted,
    past_read,
)
from tests.gateway.county import (
    BOTH,
    GENESIS,
    LATE,
    LINES,
    ORIGIN,
    PEOPLE,
    activated,
    looked_at,
    signed,
)


async def draft_of(files: Files, ledger: Ledger) -> dict[str, str]:
    """Return the command that drafts an activation of changed rules."""
    await past_read(ledger, files.policy)
    return {"command": "draft-activation", "gate": looked_at(files.policy)}


async def handed_in(actions: Actions, file: ActFile, *people: str) -> Any:  # noqa: ANN401  # as above
    """Sign a file and hand it in."""
    act = signed(file.act.statement, *people)
    return await done(actions, command="act-submit", file=replace(file, act=act).text)


async def test_a_log_begins_and_its_files_come_into_force(
    actions: Actions, ledger: Ledger, running: Pretended
) -> None:
    """Genesis is entry 0, the activation 1, and the gateway takes it over."""
    first = await done(actions, command="act-submit", file=GENESIS.note.decode())
    assert (first["entry"], first["signed_by"]) == (0, [*PEOPLE])
    answer = await decided(actions, command="draft-activation")
    assert (answer["number"], answer["entry"]) == (0, 1)
    assert answer["said"] == "taken over"
    assert running.taken == [0]
    manifest = await ledger.registrar.public_file(f"manifest/{answer['manifest']}")
    assert manifest == b"sallyport.yaml " + b"c" * 64 + b"\n"


async def test_going_back_is_a_new_activation(
    actions: Actions, ledger: Ledger, files: Files
) -> None:
    """The same files make no second act; other files do; going back does too."""
    await begun(actions)
    files.policy = "d" * 64
    assert (await decided(actions, **await draft_of(files, ledger)))["number"] == 1
    files.policy = "a" * 64
    answer = await decided(actions, **await draft_of(files, ledger), reason="rollback")
    assert answer["number"] == 2
    assert ledger.log.size == 6


@pytest.mark.parametrize(
    ("people", "sentence"),
    [
        ((), "and nobody has"),
        (("officer-1",), "and only officer-1 has"),
        (("officer-1", "officer-1"), "same key of officer-1 has signed twice"),
    ],
)
async def test_one_hand_opens_nothing(
    actions: Actions,
    ledger: Ledger,
    files: Files,
    people: tuple[str, ...],
    sentence: str,
) -> None:
    """Activation, lift and confirmation: refused, and the log has not grown."""
    await begun(actions)
    files.policy = "d" * 64
    await done(actions, command="cutoff-add", scope="all")
    for draft in (
        await draft_of(files, ledger),
        {"command": "draft-lift", "number": 0},
        {"command": "draft-paper", "document": DOCUMENT},
    ):
        file = await drafted(actions, **draft)
        with pytest.raises(NotDone, match=sentence):
            await handed_in(actions, file, *people)
    assert ledger.log.size == 4
    assert len(await done(actions, command="cutoff-list")) == 1
    assert ledger.acts.in_force.papers == {}


async def test_a_key_of_nobody_opens_nothing(actions: Actions) -> None:
    """Two fresh keys under the right names are two strangers."""
    await begun(actions)
    await done(actions, command="cutoff-add", scope="all")
    file = await drafted(actions, command="draft-lift", number=0)
    one, two = (SeedSigner.generate(name) for name in BOTH)
    act = signed(file.act.statement, one=one, two=two)
    text = replace(file, act=act).text
    with pytest.raises(NotDone, match=r"not in the roster; take its line out, or make"):
        await done(actions, command="act-submit", file=text)


async def test_an_act_is_carried_out_once(
    actions: Actions, ledger: Ledger, files: Files
) -> None:
    """The same file again, and one that another act overtook: a sentence each."""
    await begun(actions)
    files.policy = "d" * 64
    one = await drafted(actions, **await draft_of(files, ledger))
    two = await drafted(actions, **await draft_of(files, ledger), reason="correction")
    await handed_in(actions, one, *BOTH)
    for file in (one, two):
        with pytest.raises(NotDone, match="the next is 2: another act came first"):
            await handed_in(actions, file, *BOTH)


async def test_people_sign_these_files_and_no_others(
    actions: Actions, ledger: Ledger, files: Files
) -> None:
    """Files that changed after the draft are not what two people signed."""
    await begun(actions)
    files.policy = "d" * 64
    file = await drafted(actions, **await draft_of(files, ledger))
    files.policy = "f" * 64
    with pytest.raises(
        NotDone, match=r"other files than these: its policy is d+, that"
    ):
        await handed_in(actions, file, *BOTH)
    assert ledger.log.size == 3


async def test_rules_edited_after_signing_are_not_to_be_proved(
    actions: Actions, ledger: Ledger, files: Files
) -> None:
    """Unproved rules that nobody signed: the files are said to be others."""
    await begun(actions)
    files.policy = "d" * 64
    file = await drafted(actions, **await draft_of(files, ledger))
    files.unproved = "has no proofs"
    with pytest.raises(Unproved, match="has no proofs"):
        await handed_in(actions, file, *BOTH)
    files.policy = "f" * 64
    with pytest.raises(
        NotDone, match=r"other files than these: its policy is d+, that of .* f+; look"
    ):
        await handed_in(actions, file, *BOTH)
    files.policy, files.unproved = "d" * 64, ""
    assert (await handed_in(actions, file, *BOTH))["number"] == 1


async def test_what_changes_must_be_told_right(
    actions: Actions, ledger: Ledger, files: Files
) -> None:
    """An act that hides what it changes is refused, whoever signed it."""
    await begun(actions)
    files.policy = "d" * 64
    file = await drafted(actions, **await draft_of(files, ledger))
    statement = file.act.statement
    values = tuple(
        (name, "sallyport" if name == "changes" else value)
        for name, value in statement.values
    )
    lie = replace(file, act=Act(statement=replace(statement, values=values)))
    with pytest.raises(NotDone, match="its changes is sallyport, that of the files"):
        await handed_in(actions, lie, *BOTH)


async def test_a_confirmation_is_of_the_face_that_is_there(
    actions: Actions, ledger: Ledger, files: Files
) -> None:
    """A register edited between draft and hand-in is not what people confirmed."""
    await begun(actions)
    file = await drafted(actions, command="draft-paper", document=DOCUMENT)
    right = files.faces[DOCUMENT]
    for face in ('{"type":"ao93"}', None):
        files.faces = {} if face is None else {DOCUMENT: face}
        with pytest.raises(NotDone, match="says something else of this paper now"):
            await handed_in(actions, file, *BOTH)
    files.faces = {DOCUMENT: right}
    await handed_in(actions, file, *BOTH)
    commitment, _ = paper_commitment(b"p" * 32, DOCUMENT)
    assert ledger.acts.in_force.papers[commitment].state == "issuer_confirmed"


def without(name: str) -> Callable[[ActFile], ActFile]:
    """Return what takes one sealed line out of a file."""

    def change(file: ActFile) -> ActFile:
        left = {key: text for key, text in file.sealed.items() if key != name}
        return replace(file, sealed=MappingProxyType(left))

    return change


async def test_a_paper_of_another_key_or_without_its_opening_is_refused(
    actions: Actions,
) -> None:
    """Auditors could not open it, or this gateway could not find it again."""
    await begun(actions)
    file = await drafted(actions, command="draft-paper", document=DOCUMENT)
    for name in ("document", "salt", "face"):
        with pytest.raises(NotDone, match="the file is no act's"):
            await handed_in(actions, without(name)(file), *BOTH)
    bare = signed(file.act.statement, *BOTH).note.decode()
    with pytest.raises(NotDone, match="does not say which document"):
        await done(actions, command="act-submit", file=bare)

    commitment, salt = paper_commitment(b"q" * 32, DOCUMENT)
    values = {"paper": commitment, "state": "revoked", "face": "none"}
    statement = replace(file.act.statement, values=tuple(values.items()), expires=LATE)
    other = ActFile(
        act=Act(statement=statement),
        sealed=MappingProxyType({"document": DOCUMENT, "salt": salt}),
    )
    with pytest.raises(NotDone, match="made for another gateway, or under another key"):
        await handed_in(actions, other)


def another_version() -> Statement:
    """Return a genesis of a version whose leaves have other members."""
    return genesis(origin=ORIGIN, cfg="0" * 64, people=LINES, expires=LATE)


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        (signed(another_version(), *PEOPLE), "was made by another version"),
        (Act(statement=stop(origin=ORIGIN, run=0)), "called stop is not for people"),
        (
            signed(replace(another_version(), origin="other.example"), *PEOPLE),
            r"of another log, other\.example",
        ),
    ],
)
async def test_what_begins_no_log_here(
    actions: Actions, ledger: Ledger, act: Act, sentence: str
) -> None:
    """Another version's, the gateway's own, another log's: refused."""
    with pytest.raises(NotDone, match=sentence):
        await done(actions, command="act-submit", file=act.note.decode())
    assert ledger.log.size == 0


async def test_a_file_that_is_no_acts_is_refused(actions: Actions) -> None:
    """Anything may be handed in; it is named."""
    with pytest.raises(NotDone, match="the file is no act's"):
        await done(actions, command="act-submit", file="hello")


async def test_an_act_that_stops_counting_meanwhile_is_not_written(
    actions: Actions, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looked at, overtaken, and only then its turn: refused by the same sentence."""
    await begun(actions)
    await done(actions, command="cutoff-add", scope="all")
    file = await drafted(actions, command="draft-lift", number=0)
    basis = Pretended.basis

    async def slow(self: Pretended) -> Any:  # noqa: ANN401  # what it was
        monkeypatch.undo()
        await handed_in(actions, file, *BOTH)
        return await basis(self)

    monkeypatch.setattr(Pretended, "basis", slow)
    with pytest.raises(NotDone, match="carried out already"):
        await handed_in(actions, file, *BOTH)
    assert ledger.log.size == 4


async def test_what_was_sealed_with_it_goes_into_the_entry(
    actions: Actions, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Words and document, with what opens them, are for auditors."""
    await begun(actions)
    seen: list[Any] = []
    append = ledger.log.append

    async def keep(entry: Any) -> Any:  # noqa: ANN401  # an entry and its receipt
        seen.append(entry.sealed)
        return await append(entry)

    monkeypatch.setattr(ledger.log, "append", keep)
    words = "The clerk of the court said so."
    draft = {"command": "draft-paper", "document": DOCUMENT, "words": words}
    await decided(actions, **draft)
    (sealed,) = seen
    assert sealed["who"] == {"by": "R. Example", "uid": 1000}
    assert sealed["account"]["words"] == words
    assert sealed["account"]["document"] == DOCUMENT
    assert sealed["account"].keys() == {
        *("words", "words_salt", "document", "salt", "face")
    }


async def test_an_activation_made_elsewhere_is_no_activation_of_these_files(
    actions: Actions, ledger: Ledger
) -> None:
    """Well signed, next in order, and about other files: refused."""
    await done(actions, command="act-submit", file=GENESIS.note.decode())
    act = activated(ledger.acts.in_force)
    with pytest.raises(NotDone, match="people signed other files than these"):
        await done(actions, command="act-submit", file=act.note.decode())

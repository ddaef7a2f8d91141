"""Which acts count: who signed, in which order, until when, under which roster."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from audit.act import Act
from audit.authority import HOUR_MS, Authority, Need, need
from audit.errors import ActRefused
from audit.signer import SeedSigner
from tests.audit.builders import CFG, GENESIS, PEOPLE, ROSTER, START_MS, signed
from tests.audit.builders import statement as made

BOTH = ("officer-1", "counsel-1")
NEW = SeedSigner(name="new-1", kind=1, seed=b"\x21" * 32)
LATE = "2030-01-01T00:00:00Z"


def begun() -> Authority:
    """Return what holds after genesis."""
    held, people = Authority().after(GENESIS, index=0, at_ms=START_MS)
    assert people == ("clerk-1", "counsel-1", "officer-1")
    return held


def after(
    held: Authority, *acts: Act, at_ms: int = START_MS, index: int = 7
) -> Authority:
    """Return what holds after some acts at one time."""
    for act in acts:
        held, _ = held.after(act, index=index, at_ms=at_ms)
    return held


def activation(counter: int = 0, *, people: Iterable[str] = BOTH, **more: Any) -> Act:  # noqa: ANN401 - texts by name
    """Return an activation with some signatures."""
    values = {
        "policy": "a" * 64,
        "bundle": "e" * 64,
        "manifest": "b" * 64,
        "changes": "first",
        "witness": "none",
    }
    return signed(made("activation", counter, **(values | more)), *people)


def paper(counter: int, state: str, *people: str, about: str = "d") -> Act:
    """Return what was found out about a paper."""
    values = {"paper": about * 64, "state": state, "face": "none"}
    expires = LATE if people else "never"
    return signed(made("paper", counter, expires=expires, **values), *people)


def cut(counter: int, *people: str) -> Act:
    """Return a cut-off of everything."""
    expires = LATE if people else "never"
    given = made("cutoff", counter, expires=expires, scope="all", name="-")
    return signed(given, *people)


def lift(lifts: int, *people: str, counter: int = 0) -> Act:
    """Return the lift of a cut-off."""
    return signed(made("cutoff-lift", counter, lifts=str(lifts)), *people)


def roster(
    counter: int, keys: Iterable[SeedSigner], *people: str, **strangers: SeedSigner
) -> Act:
    """Return a roster act."""
    given = made("roster", counter, expires=LATE, people=keys)
    return signed(given, *people, **strangers)


def test_what_two_people_must_sign() -> None:
    """Whatever opens needs two; what only closes needs nobody; a run nobody."""
    needs = {
        act.statement.act: need(act.statement)
        for act in (GENESIS, activation(), cut(0), lift(0), roster(0, PEOPLE.values()))
    }
    assert needs == {
        "genesis": Need.ALL,
        "activation": Need.TWO,
        "cutoff": Need.ANYBODY,
        "cutoff-lift": Need.TWO,
        "roster": Need.TWO,
    }
    assert need(paper(0, "issuer_confirmed").statement) is Need.TWO
    assert need(paper(0, "revoked").statement) is Need.ANYBODY
    assert need(made("stop", run="0")) is Need.NOBODY


@pytest.mark.parametrize(
    "act",
    [
        lambda *people: activation(people=people),
        lambda *people: lift(3, *people),
        lambda *people: paper(0, "issuer_confirmed", *people),
        lambda *people: roster(0, PEOPLE.values(), *people),
    ],
    ids=["activation", "cutoff-lift", "paper", "roster"],
)
def test_one_hand_is_not_enough(act: Any) -> None:  # noqa: ANN401 - a builder of acts
    """Nobody, one person, or one key twice: refused. Two people: it counts."""
    held = begun()
    for people, said in (
        ((), "nobody has|expires never"),
        (("officer-1",), "only officer-1 has"),
        (("officer-1", "officer-1"), "signed twice"),
    ):
        given = act(*people)
        with pytest.raises(ActRefused, match=said):
            held.after(given, index=7, at_ms=START_MS)
    _, signers = held.after(act(*BOTH), index=7, at_ms=START_MS)
    assert signers == ("counsel-1", "officer-1")


def test_one_person_with_two_keys_is_one() -> None:
    """A spare key does not make a second person."""
    spare = SeedSigner(name="officer-1", kind=1, seed=b"\x31" * 32)
    keys = [*PEOPLE.values(), spare]
    genesis = signed(made("genesis", cfg=CFG, people=keys), *PEOPLE, spare=spare)
    held = after(Authority(), genesis, index=0)
    given = activation(people=()).statement
    with pytest.raises(ActRefused, match="only officer-1 has"):
        after(held, signed(given, "officer-1", spare=spare))
    after(held, signed(given, "counsel-1", spare=spare))


def test_a_log_begins_with_all_it_names() -> None:
    """Genesis is entry 0, once, and each key in it has signed."""
    given = GENESIS.statement
    with pytest.raises(ActRefused, match="one of officer-1 has not"):
        after(Authority(), signed(given, "clerk-1", "counsel-1"), index=0)
    with pytest.raises(ActRefused, match="index 0 and nowhere else"):
        after(begun(), GENESIS)
    with pytest.raises(ActRefused, match="index 0 and nowhere else"):
        after(Authority(), activation(), index=0)
    with pytest.raises(ActRefused, match="no roster yet"):
        after(Authority(), activation(), index=1)
    assert begun().first == ROSTER
    assert Authority().first is None


def test_an_act_is_carried_out_once_and_in_order() -> None:
    """Replayed, overtaken, ahead, or of another log: refused with a sentence."""
    held = after(begun(), activation())
    with pytest.raises(ActRefused, match="carried out already; the next is 1"):
        after(held, activation())
    with pytest.raises(ActRefused, match="should be 1, not 2"):
        after(held, activation(2))
    with pytest.raises(ActRefused, match=r"of another log, other\.example"):
        after(held, activation(1, origin="other.example"))


def test_papers_and_lifts_are_counted_each_for_itself() -> None:
    """Two desks confirm two papers at once, and neither overtakes the other."""
    held = after(begun(), cut(0), cut(1), lift(1, *BOTH), lift(0, *BOTH))
    held = after(held, paper(0, "revoked"), paper(0, "revoked", about="e"))
    held = after(held, paper(1, "issuer_confirmed", *BOTH))
    with pytest.raises(ActRefused, match="carried out already"):
        after(held, paper(0, "issuer_confirmed", *BOTH))
    assert held.counter(lift(1).statement) == 1
    assert held.counter(lift(2).statement) == 0


def test_an_act_expires() -> None:
    """From its instant on it is refused; the hour before, it counts."""
    held, end = begun(), "2026-11-23T10:00:00Z"
    given = activation(expires=end)
    after(held, given, at_ms=START_MS + HOUR_MS - 1)
    with pytest.raises(ActRefused, match=f"it expired at {end}"):
        after(held, given, at_ms=START_MS + HOUR_MS)
    with pytest.raises(ActRefused, match="must say until when"):
        after(held, activation(expires="never"))


def test_what_closes_may_be_signed_and_then_must_hold() -> None:
    """A cut-off counts without signatures, or with ones of the roster."""
    after(begun(), cut(0))
    _, people = begun().after(cut(0, "clerk-1"), index=3, at_ms=START_MS)
    assert people == ("clerk-1",)
    stranger = signed(cut(0, "clerk-1").statement, a=NEW)
    with pytest.raises(ActRefused, match="new-1 by a key that is not in the roster"):
        after(begun(), stranger)


def test_nobody_signs_a_run() -> None:
    """Start and stop are the gateway's own word."""
    held = after(begun(), Act(statement=made("stop", run="0")))
    assert held.counter(made("stop", run="0")) == 1
    with pytest.raises(ActRefused, match="nobody signs this act"):
        after(begun(), signed(made("stop", run="0"), "clerk-1"))


def test_a_change_of_roster_waits_a_day() -> None:
    """24 full hours after its hour: until then the old decide, from then the new."""
    keys = [PEOPLE["clerk-1"], PEOPLE["officer-1"], NEW]
    held = after(begun(), roster(0, keys, *BOTH, new=NEW), at_ms=START_MS + 59)
    due = START_MS + 25 * HOUR_MS
    assert held.waiting(due - 1) is not None
    assert held.waiting(due) is None
    assert held.roster(due - 1).people == ("clerk-1", "counsel-1", "officer-1")
    assert held.roster(due).people == ("clerk-1", "new-1", "officer-1")

    by_old = activation(people=BOTH)
    by_new = signed(by_old.statement, "clerk-1", new=NEW)
    after(held, by_old, at_ms=due - 1)
    with pytest.raises(ActRefused, match="new-1 by a key that is not in"):
        after(held, by_new, at_ms=due - 1)
    after(held, by_new, at_ms=due)
    with pytest.raises(ActRefused, match="counsel-1 by a key that is not in"):
        after(held, by_old, at_ms=due)
    assert held.first == ROSTER


def test_each_new_key_signs_for_itself() -> None:
    """A key that nobody holds can't be put in; a new one does not decide."""
    keys = [*PEOPLE.values(), NEW]
    with pytest.raises(ActRefused, match="one of new-1 has not"):
        after(begun(), roster(0, keys, *BOTH))
    with pytest.raises(ActRefused, match="only officer-1 has"):
        after(begun(), roster(0, keys, "officer-1", new=NEW))
    _, people = begun().after(roster(0, keys, *BOTH, new=NEW), index=3, at_ms=START_MS)
    assert people == ("counsel-1", "new-1", "officer-1")


def test_a_roster_that_waits_can_be_replaced() -> None:
    """The old roster once more undoes a change that nobody wanted."""
    held = after(begun(), roster(0, [PEOPLE["officer-1"], NEW], *BOTH, new=NEW))
    later = START_MS + 23 * HOUR_MS
    held = after(held, roster(1, PEOPLE.values(), "clerk-1", "counsel-1"), at_ms=later)
    assert held.roster(START_MS + 30 * HOUR_MS) == ROSTER
    assert held.roster(later + 25 * HOUR_MS) == ROSTER


def test_an_act_is_written_before_what_would_change_it() -> None:
    """Its expiry, or a roster that comes into force: whichever is first."""
    held = begun()
    end = activation().statement.expires_ms
    assert held.before_ms(activation(), START_MS) == end
    assert held.before_ms(cut(0), START_MS) is None
    held = after(held, roster(0, PEOPLE.values(), *BOTH))
    due = START_MS + 25 * HOUR_MS
    assert held.before_ms(activation(), START_MS) == due
    assert held.before_ms(cut(0), START_MS) is None
    assert held.before_ms(activation(), due) == end


def test_a_reader_who_goes_on_names_each_bad_act_once() -> None:
    """A passed-over act uses its number, unless it was not the next one."""
    held = begun()
    assert (
        held.passed_over(activation(0).statement).counter(activation().statement) == 1
    )
    assert (
        held.passed_over(activation(9).statement).counter(activation().statement) == 0
    )


def test_a_change_of_the_logs_keys_is_signed_by_the_log() -> None:
    """By the old key and the new one, under the log's name; by nobody else."""
    given = made("key-rotation", keys="9" * 64)
    old, new = (SeedSigner.generate(given.origin) for _ in range(2))
    _, people = begun().after(signed(given, a=old, b=new), index=3, at_ms=START_MS)
    assert people == ()
    for act in (signed(given), signed(given, a=old), signed(given, *BOTH)):
        with pytest.raises(ActRefused, match="old key and its new one sign"):
            after(begun(), act)


def test_a_closing_is_nobodys_and_its_end_anybodys() -> None:
    """The gateway closes itself; who looked may sign that, and need not."""
    closing = made("close", cause="policy-disagreement")
    held = after(begun(), signed(closing))
    with pytest.raises(ActRefused, match="nobody signs this act"):
        after(begun(), signed(closing, *BOTH))
    assert held.counter(closing) == 1
    reopening = made("reopen", reopens="0")
    _, people = held.after(signed(reopening), index=3, at_ms=START_MS)
    assert people == ()

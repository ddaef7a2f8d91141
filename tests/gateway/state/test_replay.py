"""Catching up: behind the log means reading it, ahead of it means refusing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

import pytest
from sqlalchemy import text

from audit.act import Act
from audit.contract import News
from audit.signer import SeedSigner
from gateway.acts import (
    ActEvent,
    ActMalformed,
    ActOutOfOrder,
    ActsInForce,
    cutoff,
    genesis,
    parse_note,
    start,
    stop,
)
from gateway.state import ActsCache, Database, StateRefused, catch_up, hour_ms
from tests.gateway.county import BOTH, LATE, ORIGIN, cut, signed
from tests.gateway.state.test_acts import KEY, log


class Shelf:
    """A log that lies in memory: leaves and act files."""

    def __init__(self, cutoffs: int) -> None:
        self.leaves_: list[dict[str, object]] = []
        self.files: dict[str, bytes] = {}
        for event in log(cutoffs):
            self.add(event.act)
            self.leaves_ += [{"ev": "exchange", "act": "", "t": "2026-11-23T09Z"}] * 2

    def add(self, act: Act) -> None:
        """Append an act."""
        self.files[f"acts/{act.sha256}"] = act.note
        self.leaves_.append({"ev": "act", "act": act.sha256, "t": "2026-11-23T08Z"})

    @property
    def size(self) -> int:
        """How many entries there are."""
        return len(self.leaves_)

    def leaves(
        self, start: int = 0, end: int | None = None, *, ev: Collection[str] = ()
    ) -> Iterator[tuple[int, Mapping[str, object]]]:
        """Yield leaves with one of these events."""
        for index, leaf in list(enumerate(self.leaves_))[start:end]:
            if not ev or leaf["ev"] in ev:
                yield index, leaf

    @property
    def shared(self) -> bool:
        """Nobody else writes it."""
        return False

    async def news(self, start: int, kind: str) -> News:
        """Return what entries from one on brought."""
        found = enumerate(self.leaves_[start:], start)
        names = ((index, f"{kind}/{leaf['act']}") for index, leaf in found)
        files = tuple(each for each in names if each[1] in self.files)
        return News(size=len(self.leaves_), files=files)

    def attached(self, path: str, _index: int) -> bytes | None:
        """Return a file."""
        return self.files.get(path)


def cache(database: Database) -> ActsCache:
    """Return a cache that has read nothing yet."""
    return ActsCache(database=database, key=KEY, origin=ORIGIN)


async def test_a_new_state_reads_the_whole_log(database: Database) -> None:
    """Lost state comes back from the log: cut-offs and activation are in force."""
    shelf, acts = Shelf(3), cache(database)
    seen: list[int] = []
    done = await catch_up(shelf, acts, progress=seen.append)
    assert (done.entries, done.acts, done.rebuilt) == (15, 5, False)
    assert [item.name for item in acts.in_force.cutoffs] == ["a0", "a1", "a2"]
    assert acts.in_force.activation is not None
    assert acts.in_force.activation.at_ms == hour_ms("2026-11-23T08Z")
    assert seen == [15]


async def test_state_behind_the_log_reads_the_rest(database: Database) -> None:
    """An older copy of the state put back catches up: ended cut-offs stay ended."""
    shelf = Shelf(1)
    await catch_up(shelf, cache(database))
    shelf.add(log(2)[3].act)
    acts = cache(database)
    done = await catch_up(shelf, acts)
    assert (done.entries, done.acts) == (1, 1)
    assert len(acts.in_force.cutoffs) == 2


def started(held: ActsInForce) -> Act:
    """Return the act by which a gateway starts."""
    return Act(
        statement=held.numbered(
            start(origin=ORIGIN, activation=0, version="1", witness="none")
        )
    )


def ended(held: ActsInForce) -> Act:
    """Return the act by which it stops."""
    return Act(statement=held.numbered(stop(origin=ORIGIN, run=0)))


def cut_off(held: ActsInForce) -> Act:
    """Return a cut-off."""
    number = len(held.cutoffs)
    return Act(
        statement=held.numbered(
            cutoff(origin=ORIGIN, scope="agency", name=f"x{number}", reason="operation")
        )
    )


def exchange(hour: str = "09") -> dict[str, object]:
    """Return a leaf that is no act."""
    return {"ev": "exchange", "act": "", "t": f"2026-11-23T{hour}Z"}


Since = Callable[[ActsInForce], Act] | dict[str, object]


@pytest.mark.fault("state-restored")
@pytest.mark.parametrize(
    ("since", "behind"),
    [
        ([], False),
        ([exchange(), exchange()], False),
        ([exchange("09"), exchange("10")], False),
        ([exchange("09"), exchange("11")], True),
        ([cut_off], False),
        ([cut_off, exchange()], False),
        ([cut_off, cut_off], True),
        ([ended], False),
        ([started], False),
        ([started, ended], False),
        ([started, exchange()], True),
        ([started, exchange(), ended], True),
        ([ended, started], False),
        ([ended, started, exchange()], True),
        ([started, ended, started], True),
    ],
)
async def test_an_older_copy_of_the_state_is_told_from_a_crash(
    database: Database, since: list[Since], *, behind: bool
) -> None:
    """A crash loses one act, or a start with nothing after it, or the last minute."""
    shelf, acts = Shelf(0), cache(database)
    await catch_up(shelf, acts)
    held = acts.in_force.after(event_of(shelf, started(acts.in_force)))
    shelf.add(started(acts.in_force))
    await acts.extend([event_of(shelf, None)], log_size=shelf.size)
    for each in since:
        if isinstance(each, dict):
            shelf.leaves_.append(each)
            continue
        act = each(held)
        shelf.add(act)
        held = held.after(event_of(shelf, None))

    first = await catch_up(shelf, cache(database))
    again = await catch_up(shelf, cache(database))

    # It is not stored as caught up with, until somebody has written that it was.
    assert (first.behind, again.behind) == (behind, behind)
    assert first.entries == len(since)
    assert again.entries == (len(since) if behind else 0)


def event_of(shelf: Shelf, act: Act | None) -> ActEvent:
    """Return an act as it would follow, or the one that was added last."""
    if act is not None:
        return ActEvent(index=shelf.size, at_ms=0, act=act)
    note = shelf.files[f"acts/{shelf.leaves_[-1]['act']}"]
    return ActEvent(index=shelf.size - 1, at_ms=0, act=parse_note(note))


@pytest.mark.fault("state-restored")
async def test_a_state_that_was_lost_is_an_older_copy(database: Database) -> None:
    """Once a gateway has run, an empty state lacks what no log can give back."""
    shelf = Shelf(1)
    assert not (await catch_up(shelf, cache(database))).behind
    await database.run(lambda c: c.execute(text("DELETE FROM seal")))
    await database.run(lambda c: c.execute(text("DELETE FROM acts")))
    acts = cache(database)
    await catch_up(shelf, acts)
    shelf.add(started(acts.in_force))
    shelf.leaves_.append(exchange())
    await database.run(lambda c: c.execute(text("DELETE FROM seal")))
    await database.run(lambda c: c.execute(text("DELETE FROM acts")))

    assert (await catch_up(shelf, cache(database))).behind


async def test_an_act_event_without_a_note_is_passed_over(database: Database) -> None:
    """A leaf that names no act is none, whatever its event says."""
    shelf = Shelf(0)
    shelf.leaves_.append({"ev": "act", "act": "", "t": "2026-11-23T09Z"})
    assert (await catch_up(shelf, cache(database))).acts == 2


async def test_an_empty_log_is_nothing(database: Database) -> None:
    """A log without entries is caught up with at once."""
    shelf = Shelf(0)
    shelf.leaves_.clear()
    assert (await catch_up(shelf, cache(database))).entries == 0


async def test_state_ahead_of_the_log_is_refused(database: Database) -> None:
    """A log that has lost entries is not written to."""
    shelf = Shelf(1)
    await catch_up(shelf, cache(database))
    del shelf.leaves_[-1]
    with pytest.raises(StateRefused, match="an older copy of the log"):
        await catch_up(shelf, cache(database))


async def test_altered_state_is_read_again_from_the_log(database: Database) -> None:
    """A cut-off deleted in the database is in force again, and it is said."""
    shelf = Shelf(2)
    await catch_up(shelf, cache(database))
    await database.run(lambda c: c.execute(text("DELETE FROM acts WHERE entry > 3")))
    acts = cache(database)
    done = await catch_up(shelf, acts)
    assert done.rebuilt
    assert len(acts.in_force.cutoffs) == 2
    assert not (await catch_up(shelf, cache(database))).rebuilt


async def test_a_missing_or_altered_act_is_refused(database: Database) -> None:
    """An act file that is gone, or not the one its leaf names, stops everything."""
    shelf = Shelf(1)
    (*_, path) = shelf.files
    original = shelf.files.pop(path)
    with pytest.raises(ActMalformed, match="entry 6: its act is missing"):
        await catch_up(shelf, cache(database))
    shelf.files[path] = original.replace(b"a0", b"a1")
    with pytest.raises(ActMalformed, match="or was altered"):
        await catch_up(shelf, cache(database))


async def test_a_note_that_is_no_act_is_refused_with_its_entry(
    database: Database,
) -> None:
    """Another program's act is named by its entry."""
    shelf = Shelf(0)
    odd = cut(ActsInForce())
    object.__setattr__(odd.statement, "act", "surprise")
    shelf.add(odd)
    with pytest.raises(ActMalformed, match="entry 6: there is no act"):
        await catch_up(shelf, cache(database))


async def test_a_repeated_act_is_refused(database: Database) -> None:
    """The same statement carried out twice is not believed."""
    shelf = Shelf(1)
    shelf.add(log(1)[2].act)
    with pytest.raises(ActOutOfOrder, match="entry 9"):
        await catch_up(shelf, cache(database))


def test_the_hour_of_a_leaf() -> None:
    """A leaf's hour is read in UTC; anything else is refused."""
    assert hour_ms("1970-01-01T01Z") == 3_600_000
    with pytest.raises(ValueError, match="does not match"):
        hour_ms("2026-11-23")


async def test_a_cache_with_people_of_its_own_is_read_again(
    database: Database,
) -> None:
    """A whole chain of well-signed acts under another roster is not this log's."""
    shelf = Shelf(1)
    mine = [
        SeedSigner(name=name, kind=1, seed=b"\x71" * 31 + b"%d" % n)
        for n, name in enumerate(BOTH)
    ]
    first = genesis(
        origin=ORIGIN,
        cfg="c" * 64,
        people=[key.verifier.text for key in mine],
        expires=LATE,
    )
    act = signed(first, one=mine[0], two=mine[1])
    forged = cache(database)
    await forged.extend([ActEvent(index=0, at_ms=0, act=act)], log_size=9)
    acts = cache(database)
    assert await acts.load()
    done = await catch_up(shelf, cache(database))
    assert done.rebuilt
    assert (done.entries, done.acts) == (9, 3)
    assert not (await catch_up(shelf, cache(database))).rebuilt


async def test_an_act_left_out_under_the_right_seal_is_in_force_again(
    database: Database,
) -> None:
    """Whoever holds the seal's key cannot undo a cut-off by leaving it out."""
    shelf, whole, forged = Shelf(2), cache(database), cache(database)
    await catch_up(shelf, whole)
    await forged.extend(whole.events[:-1], log_size=shelf.size)
    assert len(forged.in_force.cutoffs) == 1

    acts = cache(database)
    done = await catch_up(shelf, acts)

    assert (done.rebuilt, done.behind) == (True, False)
    assert len(acts.in_force.cutoffs) == 2

"""Cut-offs: at once, for everybody they name, and never lost by a race."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Cause, Unavailable
from gateway.identity import (
    AgencyRegistry,
    CutOff,
    CutOffs,
    Reach,
    Requester,
)
from gateway.identity import (
    cutoff as cutoff_module,
)
from gateway.identity.cutoff import BELIEVED_S
from tests.gateway.identity.placed import LISTED, SHERIFF, resolved
from tests.gateway.identity.world import AGENCIES, FixedClock, World


@dataclass
class MemoryStore:
    """A store in memory whose faults and delays a test chooses."""

    kept: dict[str, CutOff] = field(default_factory=dict)
    down: bool = False
    gate: asyncio.Event | None = None

    async def active(self) -> Sequence[CutOff]:
        """Every cut-off kept when the question was asked."""
        found = list(self.kept.values())
        await self._answer()
        return found

    async def _answer(self) -> None:
        """Wait, or fail, as told."""
        if self.down:
            raise Unavailable(Cause.LOG_UNAVAILABLE, "gone")
        if self.gate is not None:
            await self.gate.wait()


def cut(reach: Reach, value: str = "", name: str = "c-1", since_ms: int = 1) -> CutOff:
    """A cut-off."""
    return CutOff(
        id=name,
        reach=reach,
        value=value,
        reason="emergency",
        since_ms=since_ms,
        entry=7,
    )


@pytest.fixture(scope="module")
def deputy(world_once: World) -> Requester:
    """A sheriff's deputy who acts for ICE under 287(g)."""
    registry: AgencyRegistry = world_once.registry(AGENCIES + LISTED)
    return resolved(registry, **SHERIFF, subject="deputy-9")


@pytest.fixture
def store() -> MemoryStore:
    """An empty store."""
    return MemoryStore()


@pytest.fixture
async def cutoffs(store: MemoryStore) -> CutOffs:
    """An empty list, just read."""
    own = CutOffs(store=store, clock=FixedClock())
    await own.read()
    return own


@pytest.mark.parametrize(
    ("reach", "value", "stopped"),
    [
        (Reach.ALL, "", True),
        (Reach.DATASET, "county-jail", True),
        (Reach.DATASET, "county-dmv", False),
        (Reach.FAMILY, "dhs_immigration", True),
        (Reach.FAMILY, "state_local", True),
        (Reach.FAMILY, "private", False),
        (Reach.AGENCY, "sheriff", True),
        (Reach.AGENCY, "ice", True),
        (Reach.AGENCY, "fbi", False),
        (Reach.AGENCY, "county-jail", False),
    ],
)
async def test_a_cut_off_stops_whom_it_names(
    cutoffs: CutOffs, deputy: Requester, reach: Reach, value: str, *, stopped: bool
) -> None:
    """A deputy acting for ICE is stopped with either agency and either family."""
    one = cut(reach, value)
    cutoffs.put([one])

    assert (one if stopped else None) == cutoffs.matches(deputy, "county-jail")


async def test_a_cut_off_stops_who_asks_for_whom_it_names(
    cutoffs: CutOffs, deputy: Requester
) -> None:
    """What is for a family that is cut off is stopped, whoever asks."""
    cutoffs.put([cut(Reach.FAMILY, "private")])

    assert cutoffs.matches(deputy, "county-jail") is None
    assert cutoffs.matches(deputy, "county-jail", ("private",)) is not None


async def test_a_list_read_meanwhile_does_not_undo_what_was_put(
    cutoffs: CutOffs, deputy: Requester, store: MemoryStore
) -> None:
    """A reading that began before asks again: its answer may be from before."""
    for newer in ([cut(Reach.ALL)], []):
        store.gate = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(cutoffs.read())
            await asyncio.sleep(0)
            cutoffs.put(newer)
            store.kept = {item.id: item for item in newer}
            seen = [cutoffs.matches(deputy, "d")]
            store.gate.set()
            for _ in range(5):
                await asyncio.sleep(0)
                seen.append(cutoffs.matches(deputy, "d"))
        assert {item is not None for item in seen} == {bool(newer)}


async def test_what_is_put_makes_the_list_no_younger(
    store: MemoryStore, deputy: Requester
) -> None:
    """Its age counts from its last reading: a list that is only put is not believed."""
    clock = FixedClock()
    own = CutOffs(store=store, clock=clock)
    own.put([cut(Reach.ALL)])
    with pytest.raises(Unavailable):
        own.matches(deputy, "d")
    await own.read()
    clock.seconds += BELIEVED_S + 0.001
    own.put([cut(Reach.ALL)])
    with pytest.raises(Unavailable):
        own.matches(deputy, "d")


async def test_an_old_list_is_not_believed(
    store: MemoryStore, deputy: Requester
) -> None:
    """Unread, or not read for more than five seconds: unavailable, even if empty."""
    clock = FixedClock()
    own = CutOffs(store=store, clock=clock)
    with pytest.raises(Unavailable) as unread:
        own.matches(deputy, "county-jail")
    await own.read()
    clock.seconds += BELIEVED_S
    fresh = own.matches(deputy, "county-jail")
    clock.seconds += 0.001
    with pytest.raises(Unavailable) as old:
        own.matches(deputy, "county-jail")

    assert fresh is None
    assert Cause.LOG_UNAVAILABLE == unread.value.cause == old.value.cause


async def test_a_list_is_as_old_as_its_question(
    store: MemoryStore, deputy: Requester
) -> None:
    """A slow answer does not make what it says younger."""
    clock = FixedClock()
    own = CutOffs(store=store, clock=clock)
    store.gate = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(own.read())
        await asyncio.sleep(0)
        clock.seconds += BELIEVED_S
        store.gate.set()
    in_time = own.matches(deputy, "d")
    clock.seconds += 0.001

    assert in_time is None
    with pytest.raises(Unavailable):
        own.matches(deputy, "d")


async def test_another_processes_cut_off_is_seen(
    store: MemoryStore, deputy: Requester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stored list is read again and again, and survives a store that fails once."""
    monkeypatch.setattr(cutoff_module, "POLL_S", 0.001)
    own = CutOffs(store=store, clock=FixedClock())
    async with asyncio.TaskGroup() as group, own.following(group):
        store.down = True
        await asyncio.sleep(0.01)
        store.down = False
        store.kept["other"] = cut(Reach.ALL, name="other")
        async with asyncio.timeout(20):
            while own.matches(deputy, "d") is None:  # noqa: ASYNC110 - it sets no event
                await asyncio.sleep(0.001)

    assert [item.id for item in own.active()] == ["other"]


async def test_a_store_that_is_down_at_start_stops_the_start(
    store: MemoryStore,
) -> None:
    """Without knowing who is cut off, nothing begins."""
    store.down = True
    own = CutOffs(store=store, clock=FixedClock())
    async with asyncio.TaskGroup() as group:
        with pytest.raises(Unavailable):
            async with own.following(group):
                pass


def test_a_cut_off_that_stops_nothing_is_refused() -> None:
    """A family without its name, or all with one, is a mistake."""
    with pytest.raises(ValueError, match="needs one"):
        cut(Reach.FAMILY)
    with pytest.raises(ValueError, match="needs one"):
        cut(Reach.ALL, "ice")


CUTS = st.lists(
    st.one_of(
        st.just((Reach.ALL, "")),
        st.tuples(
            st.sampled_from([Reach.FAMILY, Reach.AGENCY, Reach.DATASET]),
            st.sampled_from(["ice", "sheriff", "dhs_immigration", "state_local", "d"]),
        ),
    ),
    max_size=6,
)


@given(cuts=CUTS)
async def test_any_list_stops_exactly_whom_one_of_it_names(
    deputy: Requester, cuts: list[tuple[Reach, str]]
) -> None:
    """The index answers as a walk over the list does, and names the oldest."""
    own = CutOffs(store=MemoryStore(), clock=FixedClock())
    await own.read()
    own.put(
        cut(reach, value, f"c-{number}", since_ms=number)
        for number, (reach, value) in reversed([*enumerate(cuts)])
    )
    named = {
        Reach.ALL: {""},
        Reach.DATASET: {"d"},
        Reach.AGENCY: {"ice", "sheriff"},
        Reach.FAMILY: {"dhs_immigration", "state_local"},
    }

    found = own.matches(deputy, "d")

    first = [item for item in own.active() if item.value in named[item.reach]]
    assert (first[0] if first else None) == found
    own_only = replace(deputy, assigned_to="", family=deputy.home_family)
    if own.matches(own_only, "d"):
        assert found

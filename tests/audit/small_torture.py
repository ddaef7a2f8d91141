"""A trial of each kind, seeded; ``make trials`` does a thousand."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from audit import ProofInvalid
from tests.audit.asked import Notes
from tests.audit.kept import DirectoryStore
from tests.audit.lives import Writer, finish, kills, live, moment
from tests.audit.torture import run, share
from tests.audit.trial import Trial, World
from tests.audit.trialkinds import KINDS
from tests.services.objects import Objects
from tests.services.postgres import Server

SEED = "the suite"


@pytest.fixture
def world(
    tmp_path: Path, postgres: Server, log_template: str, objects: Objects
) -> Iterator[World]:
    """What trials need: the suite's own servers."""
    with ExitStack() as stack:
        yield World(
            folder=tmp_path,
            stack=stack,
            postgres=postgres,
            objects=objects,
            log_template=log_template,
        )


@pytest.mark.slow
@pytest.mark.services
@pytest.mark.blocking("trials have event loops that nobody else waits on")
@pytest.mark.parametrize("kind", list(KINDS))
def test_a_trial_of_each_kind(world: World, kind: str) -> None:
    """Nothing acknowledged is lost or moved, nothing stands twice, no tree forks."""
    run(kind, SEED, world)
    assert world.entries > 0


def test_trials_are_shared_out() -> None:
    """Each kind gets its part of a thousand; few trials begin with the heaviest."""
    shared = Counter(share(1000))
    assert shared == {kind: weight * 10 for kind, (_, weight) in KINDS.items()}
    assert list(share(1)) == ["directory, killed at a step"]


def trial(folder: Path) -> tuple[DirectoryStore, Notes]:
    """Return a log that one writer was killed in."""
    one = Trial(
        world=World(folder=folder, stack=ExitStack()),
        seed=SEED,
        folder=folder,
        stack=ExitStack(),
    )
    store = one.directory()
    died = Writer(store=store, faults=kills("after publish", 2))
    assert live([died], one.notes, "a").ended == (-9,)
    moment(random.Random(1), 0.0)  # noqa: S311 - as in trials
    return store, one.notes


@pytest.mark.slow
@pytest.mark.parametrize("lie", ["got {key} 9999 x", "got {key} 0 x", "got other 0 x"])
def test_what_was_acknowledged_and_is_not_there_is_seen(
    tmp_path: Path, lie: str
) -> None:
    """A trial that could not fail would show nothing."""
    store, notes = trial(tmp_path)
    key = notes.told()[0].key
    notes.line(lie.format(key=key))
    with pytest.raises((AssertionError, IndexError)):
        finish(store, notes, [])


@pytest.mark.slow
def test_a_tree_that_is_not_the_earlier_one_grown_is_seen(tmp_path: Path) -> None:
    """Of two logs neither continues the other."""
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    seen = finish(*trial(tmp_path / "one"), [])
    with pytest.raises(ProofInvalid):
        finish(*trial(tmp_path / "other"), [seen])


@pytest.mark.slow
def test_a_writer_that_ends_in_no_foreseen_way_is_seen(tmp_path: Path) -> None:
    """Its traceback is kept."""
    store, notes = trial(tmp_path)

    def bug(_: str) -> None:
        raise RuntimeError("nobody foresaw this")

    with pytest.raises(AssertionError, match="nobody foresaw this"):
        live([Writer(store=store, faults=bug)], notes, "b")

"""Taking over what others activated and reopened: in order, and never too early."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gateway import takeover
from gateway.acts import Activation
from gateway.errors import Cause, Unavailable
from gateway.policy.doubt import Doubt, Finding
from gateway.policy.panel import WRONG
from gateway.takeover import Takeover
from tests.gateway.identity.world import FixedClock

pytestmark = pytest.mark.fault("replica-behind")


def activation(counter: int, *, policy: str = "new", manifest: str = "m") -> Activation:
    """Return an activation of the log."""
    return Activation(
        counter=counter, policy=policy, manifest=manifest, index=counter, at_ms=0
    )


class Bench:
    """A process as its takeover sees it."""

    def __init__(self) -> None:
        self.clock = FixedClock()
        self.doubt = Doubt()
        self.causes: frozenset[str] = frozenset()
        self.problem = ""
        self.reopened = 0
        self.closed = ""
        self.taken: list[int] = []
        self.active: Activation | None = activation(0)
        self.said: list[str] = []

    async def looked_at(self) -> str:
        """Say how the engines are."""
        return self.problem

    async def take(self, _law: object, _written: object, *, at_ms: int) -> str:
        """Put something into force."""
        self.taken.append(at_ms)
        return ""

    def reopen(self) -> None:
        """Answer again."""
        self.reopened += 1
        self.doubt.clear()

    def close(self, why: str) -> None:
        """Answer nothing."""
        self.closed = why

    def built(self, *, counter: int = 0) -> Takeover:
        """Return the takeover of this process."""
        policy = SimpleNamespace(reopen=self.reopen, revision="r")
        parts: dict[str, Any] = {
            "config": None,
            "manifest": SimpleNamespace(difference=lambda _new: []),
            "active": activation(counter),
            "registrar": SimpleNamespace(
                in_force=SimpleNamespace(activation=self.active, causes=self.causes),
                hear=lambda _heard: None,
            ),
            "succession": SimpleNamespace(
                standing=SimpleNamespace(
                    doubt=self.doubt,
                    in_force=SimpleNamespace(policy=policy),
                    close=self.close,
                    grace_until=self.clock.monotonic(),
                ),
                looked_at=self.looked_at,
                take=self.take,
                engines=SimpleNamespace(policy=None),
                clock=self.clock,
                telemetry=SimpleNamespace(
                    metrics=SimpleNamespace(set=lambda *_: None),
                    lines=SimpleNamespace(
                        error=lambda word, **_: self.said.append(word)
                    ),
                ),
            ),
        }
        return Takeover(**parts)


def written(policy: str = "new", manifest: str = "m") -> Any:  # noqa: ANN401 - a stand-in
    """Return what the files come to."""
    return SimpleNamespace(
        bundle=SimpleNamespace(revision=policy),
        manifest=SimpleNamespace(digest=manifest),
    )


async def loaded(_written: object, _policy: object) -> str:
    """Load it."""
    return "law"


async def turned(bench: Bench, *, counter: int, holds: Callable[[], bool]) -> None:
    """Let a takeover follow until something holds."""
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        task = group.create_task(bench.built(counter=counter).follow())
        while not holds():  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.01)
        task.cancel()


async def test_an_engine_that_is_wrong_closes_all_again() -> None:
    """Here a finding of its own, which is written to the log."""
    bench = Bench()
    bench.doubt.still("another process caught one")
    bench.problem = f"embedded {WRONG}"

    await bench.built()._reopened()

    assert (bench.doubt.detail, bench.doubt.noted) == (bench.problem, False)
    assert (await bench.doubt.found()).detail == bench.problem


async def test_an_engine_that_does_not_answer_closes_nobody_else() -> None:
    """This process stays closed, and goes on once it does."""
    bench = Bench()
    bench.doubt.still("another process caught one")
    bench.problem = "opa does not answer"
    followed = bench.built()

    await followed._reopened()
    closed = bench.doubt.detail, bench.doubt.finding
    bench.problem = ""
    await followed._reopened()

    assert closed == ("another process caught one", None)
    assert (bench.reopened, bench.doubt.detail) == (1, "")


async def test_a_finding_that_the_log_has_not_yet_is_not_ended() -> None:
    """Nor one of which the log says that it holds."""
    bench = Bench()
    bench.doubt.close(Finding(detail="mine", revision="r"))
    await bench.built()._reopened()
    bench.doubt.noted = True
    bench.causes = frozenset({"policy-disagreement"})
    await bench.built()._reopened()

    assert (bench.reopened, bench.doubt.detail) == (0, "mine")


async def test_what_was_activated_while_files_were_read_is_taken_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The log had it before this process listened."""
    bench = Bench()
    bench.active = activation(1)
    monkeypatch.setattr(takeover, "read_files", lambda _config: written())
    monkeypatch.setattr(takeover, "put_in_force", loaded)

    await turned(bench, counter=0, holds=lambda: bool(bench.taken))

    assert bench.closed == ""


@pytest.mark.parametrize("broken", [True, False])
async def test_files_that_cannot_be_used_close_in_the_end(
    monkeypatch: pytest.MonkeyPatch, *, broken: bool
) -> None:
    """Of another revision, or of none: said once, closed after the grace."""
    bench = Bench()
    bench.active = activation(1)

    def read(_config: object) -> Any:  # noqa: ANN401 - a stand-in
        if broken:
            raise Unavailable(Cause.POLICY_UNAVAILABLE, "no")
        return written("old")

    monkeypatch.setattr(takeover, "read_files", read)
    monkeypatch.setattr(takeover, "_AGAIN_S", 0.01)

    await turned(bench, counter=0, holds=lambda: bool(bench.closed))

    assert "not those that another process activated" in bench.closed
    assert bench.said == ["reload-refused"]


async def test_an_older_activation_never_follows_a_newer() -> None:
    """Whichever of two came first to be read."""
    bench = Bench()
    followed = bench.built(counter=2)
    law = cast("Any", "law")

    older = await followed.take(activation(1), law, written())
    newer = await followed.take(activation(3), law, written())

    assert older == (False, "another activation came after it")
    assert newer == (True, "")
    assert len(bench.taken) == 1


async def test_what_a_failed_takeover_leaves_is_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is answered by half of it."""
    bench = Bench()

    async def fails(*_: object, **_more: object) -> str:
        raise Unavailable(Cause.POLICY_UNAVAILABLE, "no")

    monkeypatch.setattr(bench, "take", fails)
    with pytest.raises(Unavailable):
        await bench.built().take(activation(1), cast("Any", "law"), written())

    assert bench.closed == "an activation was not taken over: restart"

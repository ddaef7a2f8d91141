"""Work shared by processes, for a command that has no threads yet."""

from __future__ import annotations

import contextlib
import os
import pickle
import select
import sys
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, NoReturn, TypeVar

from audit.errors import AuditError

__all__ = ["settle", "shared"]

Result = TypeVar("Result")

_NUMBER = 8
# Pieces that may be done or begun before the one that is due: what waits in memory.
_AHEAD = 8
_THREADS = Path("/proc/self/task")
_SETTLES_S = 1.0
_LOOK_S = 0.0005


def shared(
    work: Callable[[int], Result], count: int, *, jobs: int
) -> Generator[Result, None, None]:
    """Yield ``work(0)`` to ``work(count - 1)``, in order, done by ``jobs`` processes.

    Who is free takes the next piece. What waits for its turn is bounded, however many
    pieces there are. What goes back and forth is our own process's, so pickling it is
    safe.

    Raises:
        AuditError: as ``work`` raised it, or that a process ended early.
    """
    if jobs <= 1 or count <= 1 or not hasattr(os, "fork"):
        yield from map(work, range(count))
        return
    crew = _Crew(work=work, count=count)
    try:
        crew.start(min(jobs, count))
        yield from crew.results()
    finally:
        crew.end()


def settle(threads: Path = _THREADS) -> None:
    """Wait for threads that have been joined to be gone, before a process forks.

    Python's ``join`` returns while the thread still clears up, OpenSSL's locks in its
    hands: a child forked just then waits for them for ever. A second at most, and not
    at all where the system does not say which threads there are.
    """
    ends_at = time.monotonic() + _SETTLES_S
    with contextlib.suppress(OSError):
        while len([*threads.iterdir()]) > len(_running()):
            if time.monotonic() >= ends_at:
                return
            time.sleep(_LOOK_S)


def _running() -> Mapping[int, object]:
    """Return what runs in Python, threads too that ``threading`` does not know of."""
    return sys._current_frames()  # noqa: SLF001 - documented, in spite of its name


@dataclass(kw_only=True, slots=True)
class _Crew(Generic[Result]):
    """The processes, and what they have said so far."""

    work: Callable[[int], Result]
    count: int
    tokens: int = -1
    """Where numbers are written for the processes to take."""
    sent: int = 0
    children: dict[int, int] = field(default_factory=dict)
    """Process by the handle that its results are read from."""
    said: dict[int, bytearray] = field(default_factory=dict)
    ready: dict[int, Result | AuditError] = field(default_factory=dict)

    def start(self, jobs: int) -> None:
        settle()
        numbers, self.tokens = os.pipe()
        for _ in range(jobs):
            reading, writing = os.pipe()
            child = os.fork()
            if child == 0:  # pragma: no cover - a child's lines are counted nowhere
                for handle in (self.tokens, reading, *self.children):
                    os.close(handle)
                _labour(self.work, numbers, writing)
            os.close(writing)
            self.children[reading] = child
            self.said[reading] = bytearray()
        os.close(numbers)

    def results(self) -> Iterator[Result]:
        for due in range(self.count):
            self._send(due)
            while due not in self.ready:
                readable, _, _ = select.select([*self.children], [], [])
                for handle in readable:
                    self._hear(handle)
            result = self.ready.pop(due)
            if isinstance(result, AuditError):
                raise result
            yield result

    def _send(self, due: int) -> None:
        while self.sent < min(self.count, due + _AHEAD * len(self.children)):
            os.write(self.tokens, self.sent.to_bytes(_NUMBER, "big"))
            self.sent += 1

    def _hear(self, handle: int) -> None:
        data = os.read(handle, 1 << 20)
        if not data:
            raise AuditError("a process that checked a part of the log ended early")
        said = self.said[handle]
        said += data
        while len(said) >= _NUMBER:
            end = _NUMBER + int.from_bytes(said[:_NUMBER], "big")
            if len(said) < end:
                break
            number, result = pickle.loads(said[_NUMBER:end])  # noqa: S301 - our own child's
            self.ready[number] = result
            del said[:end]

    def end(self) -> None:
        """Let every process go; who still writes finds nobody who reads."""
        for handle in (self.tokens, *self.children):
            os.close(handle)
        for child in self.children.values():
            os.waitpid(child, 0)


def _labour(  # pragma: no cover - a child's lines are counted nowhere
    work: Callable[[int], object], numbers: int, writing: int
) -> NoReturn:
    """Do what numbers ask for until there are no more."""
    with contextlib.suppress(BaseException), os.fdopen(writing, "wb") as pipe:
        while number := os.read(numbers, _NUMBER):
            at = int.from_bytes(number, "big")
            try:
                answer: object = work(at)
            except AuditError as error:
                answer = error
            data = pickle.dumps((at, answer), pickle.HIGHEST_PROTOCOL)
            pipe.write(len(data).to_bytes(_NUMBER, "big") + data)
            pipe.flush()
    os._exit(0)

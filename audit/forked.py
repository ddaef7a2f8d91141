"""Work in a process of its own, for a command that has no threads yet."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from typing import TypeVar, cast

from audit.errors import AuditError

__all__ = ["forked"]

Result = TypeVar("Result")


def forked(work: Callable[[], Result]) -> Callable[[], Result]:
    """Begin ``work`` in a child; return a function that waits for its result.

    What goes back and forth is our own process's, so pickling it is safe.

    Raises (when waited for):
        AuditError: as ``work`` raised it, or that the child ended early.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover - the child's lines are counted nowhere
        status = 1
        try:
            os.close(reading)
            try:
                answer: object = work()
            except AuditError as error:
                answer = error
            with os.fdopen(writing, "wb") as pipe:
                pickle.dump(answer, pipe, pickle.HIGHEST_PROTOCOL)
            status = 0
        finally:
            os._exit(status)
    os.close(writing)

    def result() -> Result:
        with os.fdopen(reading, "rb") as pipe:
            data = pipe.read()
        _, status = os.waitpid(child, 0)
        if status:
            raise AuditError("a process that checked a part of the log ended early")
        answer = pickle.loads(data)  # noqa: S301 - written by our own child
        if isinstance(answer, AuditError):
            raise answer
        return cast("Result", answer)

    return result

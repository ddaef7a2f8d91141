"""Importing a command's work when it is asked for, so that ``--help`` stays fast."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

__all__ = ["later"]


def later(place: str) -> Callable[..., Any]:
    """Return a function that imports ``module:name`` when it is called.

    Raises:
        ImportError, AttributeError: at the call, when the place does not exist; a
            test calls every one of them.
    """
    module, _, name = place.partition(":")

    def work(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401  # the function's own
        return getattr(importlib.import_module(module), name)(*arguments, **named)

    work.__name__ = place
    return work

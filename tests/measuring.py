"""In which tests coverage is measured, and that it does not hang on their order."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

__all__ = ["COVERED", "pytest_collection_finish", "pytest_runtest_protocol"]

ROOT = Path(__file__).parent.parent
COVERED = ("audit", "gateway/policy", "gateway/redaction")
"""Folders below ``tests`` whose quick tests must, alone, cover their sources wholly.

Measuring coverage doubles a test's time, so only these are measured, and of these
not the slow ones: what only a thousand drawn questions reach is reached by luck.
"""
NOT_IMPORTED = ("audit.__main__", "audit.postgres.migrations.env")
"""What runs when it is imported."""


def _controller(config: pytest.Config) -> Any:  # noqa: ANN401  # pytest-cov has no types
    """Return what measures coverage here, or None where nothing does."""
    plugin = config.pluginmanager.get_plugin("_cov")
    return plugin.cov_controller if plugin is not None else None


def pytest_collection_finish(session: pytest.Session) -> None:
    """Import all that is measured, while it is.

    What a command imports when it is asked for would else be imported by whichever
    test came first, and that may be one that is not measured.
    """
    if _controller(session.config) is None:
        return
    for place in COVERED:
        name = place.replace("/", ".")
        folder = importlib.import_module(name).__path__
        for module in pkgutil.walk_packages(folder, f"{name}."):
            if module.name not in NOT_IMPORTED:
                importlib.import_module(module.name)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Measure coverage in the tests that it is asked of, and in no others."""
    place = item.path.relative_to(ROOT / "tests").as_posix()
    measured = place.startswith(COVERED) and not item.get_closest_marker("slow")
    controller = _controller(item.config)
    if controller is not None and measured != controller.started:
        # Neighbours are mostly alike: each turn takes as long as a quick test.
        if measured:
            controller.resume()
        else:
            controller.pause()
    return (yield)

"""In which tests coverage is measured, and that it does not hang on their order."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

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


def _measures(config: pytest.Config) -> bool:
    plugin = config.pluginmanager.get_plugin("_cov")
    return plugin is not None and plugin.cov_controller is not None


def pytest_collection_finish(session: pytest.Session) -> None:
    """Import all that is measured, while it is.

    What a command imports when it is asked for would else be imported by whichever
    test came first, and that may be one that is not measured.
    """
    if not _measures(session.config):
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
    if not _measures(item.config) or measured:
        return (yield)
    plugin = item.config.pluginmanager.get_plugin("_cov")
    plugin.cov_controller.pause()
    try:
        return (yield)
    finally:
        plugin.cov_controller.resume()

"""A demo's folder, written once for the tests that only read it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.demo.files import write_folder
from gateway.demo.layout import Layout


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """Return a demo's folder with forty people; tests must not change it."""
    layout = Layout(root=Path(tmp_path_factory.mktemp("demo")) / "county")
    write_folder(layout, clock=SystemClock(), records=40)
    return layout


@pytest.fixture
def short_path() -> Iterator[Path]:
    """Return a new folder whose path leaves room for a socket's name."""
    with tempfile.TemporaryDirectory(prefix="demo-") as folder:
        yield Path(folder)

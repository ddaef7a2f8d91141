"""Room for the demo: short paths, ports, and nothing left of what never came up."""

from __future__ import annotations

import errno
from contextlib import nullcontext
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.config import load
from gateway.demo import performance
from gateway.demo.files import write_folder
from gateway.demo.layout import Layout
from gateway.demo.room import (
    NotEmpty,
    port_taken,
    remove_made,
    require_empty,
    require_short,
)


def test_a_path_too_long_for_a_socket_is_refused_first(tmp_path: Path) -> None:
    """Before anything is written it is said how long is too long."""
    root = tmp_path / ("x" * 100)

    with pytest.raises(NotEmpty, match="the system allows 103"):
        performance.perform(
            directory=root, serve=False, records=60, as_json=True, colour=False
        )

    assert not root.exists()
    require_short(Layout(root=Path("/tmp/d")))  # noqa: S108  # only looked at


def test_a_gateway_is_offered_only_where_a_log_is(tmp_path: Path) -> None:
    """What an interrupted demo left, or somebody's own folder, would not serve."""
    root = tmp_path / "c"
    root.mkdir()
    require_empty(root)
    (root / "letter.txt").touch()
    with pytest.raises(NotEmpty, match="no gateway of a demo in it") as caught:
        require_empty(root)
    assert "serve" not in str(caught.value)

    write_folder(Layout(root=root), clock=SystemClock(), records=40)
    with pytest.raises(NotEmpty, match="no gateway of a demo in it"):
        require_empty(root)

    store = load(root / "sallyport.yaml").log.directory
    store.mkdir()
    (store / "state.json").touch()
    with pytest.raises(NotEmpty, match=r"serve --config .*sallyport\.yaml"):
        require_empty(root)


def test_only_what_was_made_is_removed(tmp_path: Path) -> None:
    """A folder that was there stays, empty; one that was made goes."""
    for itself in (False, True):
        root = tmp_path / "county"
        (root / "keys").mkdir(parents=True)
        (root / "log.vkey").write_text("x")
        remove_made(root, itself=itself)
        assert root.exists() is not itself
        assert not root.exists() or list(root.iterdir()) == []
    remove_made(tmp_path / "nowhere", itself=True)


def test_a_taken_port_is_told_from_other_troubles() -> None:
    """Also inside groups, which tasks fail in."""
    taken = OSError(errno.EADDRINUSE, "in use")

    assert port_taken(ExceptionGroup("x", [ExceptionGroup("y", [taken])]))
    assert not port_taken(OSError(errno.ENOSPC, "full"))
    assert not port_taken(ValueError())


class _Stage:
    """A stage on which somebody else listens, so many times."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, _layout: Layout, **_: object) -> _Stage:
        self.asked += 1
        return self

    async def __aenter__(self) -> None:
        raise OSError(errno.EADDRINUSE, "address already in use")

    async def __aexit__(self, *_: object) -> None:
        """Nothing was opened."""


@pytest.mark.slow
def test_it_is_tried_once_more_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beaten to a port twice, the demo stops and leaves no folder."""
    stage = _Stage()
    monkeypatch.setattr(performance, "on_stage", stage)
    # A real one could itself be beaten to its port, and the stage not be asked.
    monkeypatch.setattr(performance, "witness_running", lambda _: nullcontext())

    with pytest.raises(OSError, match="in use"):
        performance.perform(
            directory=tmp_path / "d",
            serve=False,
            records=60,
            as_json=True,
            colour=False,
        )

    assert stage.asked == 2
    assert not (tmp_path / "d").exists()

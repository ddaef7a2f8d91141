"""The socket: private, the peer checked, every ending in words."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from gateway.cli.calling import NoGateway, call
from gateway.control import Command, NotDone, SocketTaken, serve_control, server
from gateway.errors import Cause, InvalidFile, Mistake, Unavailable
from gateway.telemetry import Lines

LINES: Lines = structlog.wrap_logger(structlog.testing.ReturnLogger())


class Told:
    """Actions that answer, or fail, as they are told."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.uids: list[int] = []

    async def run(self, command: Command, *, uid: int) -> Any:  # noqa: ANN401  # any JSON
        """Carry out a command."""
        self.uids.append(uid)
        if self.error is not None:
            raise self.error
        return {"command": command.command}


@pytest.fixture
def told() -> Told:
    """Actions that do as they are told."""
    return Told()


@pytest.fixture
async def path(told: Told, tmp_path: Path) -> AsyncIterator[Path]:
    """A socket that is answered."""
    place = tmp_path / "run/control.sock"
    async with serve_control(told, place, lines=LINES):
        yield place


async def asked(path: Path, command: dict[str, object]) -> Any:  # noqa: ANN401  # any JSON
    """Send a command from a thread, as another process would."""
    return await asyncio.to_thread(call, path, command)


async def test_a_command_is_answered(path: Path, told: Told) -> None:
    """The answer says done and carries the result; the uid is the peer's."""
    answer = await asked(path, {"command": "status"})
    assert answer == {"outcome": "done", "result": {"command": "status"}}
    assert told.uids == [os.geteuid()]


async def test_the_socket_is_private(path: Path) -> None:
    """Mode 0600, in a folder of mode 0700 where we made it."""
    mode = await asyncio.to_thread(lambda: path.stat().st_mode)
    assert stat.S_IMODE(mode) == 0o600
    folder = await asyncio.to_thread(lambda: path.parent.stat().st_mode)
    assert stat.S_IMODE(folder) == 0o700


async def test_while_it_is_made_others_make_folders_as_ever(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The socket is private at once; the log's threads make folders meanwhile."""
    modes: list[int] = []

    class Watched(socket.socket):
        """Sees what is so in the moment after it is bound."""

        def bind(self, address: Any, /) -> None:  # noqa: ANN401  # the library's
            """Bind, make a folder, and look at both."""
            super().bind(address)
            folder = tmp_path / "tile"
            folder.mkdir()
            modes.extend(
                stat.S_IMODE(Path(p).stat().st_mode) for p in (address, folder)
            )

    monkeypatch.setattr(socket, "socket", Watched)
    async with serve_control(told, tmp_path / "control.sock", lines=LINES):
        monkeypatch.undo()
    assert modes[0] == 0o600
    assert modes[1] & 0o700 == 0o700


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (NotDone("no"), "not-done"),
        (InvalidFile([Mistake(path="x", problem="no")]), "not-done"),
        (Unavailable(Cause.LOG_UNAVAILABLE), "unavailable"),
    ],
)
async def test_every_ending_has_a_word(
    path: Path, told: Told, error: Exception, outcome: str
) -> None:
    """What was raised becomes a word and a sentence."""
    told.error = error
    answer = await asked(path, {"command": "status"})
    assert answer == {"outcome": outcome, "problem": str(error)}


async def test_a_malformed_command_is_named(path: Path, told: Told) -> None:
    """What is no command reaches nobody."""
    answer = await asked(path, {"command": "statsu"})
    assert answer["outcome"] == "malformed"
    assert told.uids == []


async def test_a_stranger_is_refused(
    path: Path, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another user, or one the kernel cannot name, gets nothing done."""
    for uid in (12345, None):
        monkeypatch.setattr(server, "peer_uid", lambda _socket, uid=uid: uid)
        answer = await asked(path, {"command": "stop"})
        assert answer["outcome"] == "not-done"
    assert told.uids == []


async def test_a_defect_ends_without_an_answer(path: Path, told: Told) -> None:
    """A failure nobody expected shows no text of its own to the client."""
    told.error = ValueError("CANARY")
    with pytest.raises(ConnectionError) as caught:
        await asked(path, {"command": "status"})
    assert "CANARY" not in str(caught.value)


async def test_two_gateways_do_not_share_a_socket(path: Path, told: Told) -> None:
    """Where somebody answers already, nobody else begins."""
    with pytest.raises(SocketTaken):
        async with serve_control(told, path, lines=LINES):
            pass
    assert (await asked(path, {"command": "status"}))["outcome"] == "done"


async def test_what_a_killed_gateway_left_is_removed(
    told: Told, tmp_path: Path
) -> None:
    """A socket that nobody answers on is replaced."""
    path = tmp_path / "control.sock"
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.close()
    with pytest.raises(NoGateway):
        await asked(path, {"command": "status"})
    async with serve_control(told, path, lines=LINES):
        assert (await asked(path, {"command": "status"}))["outcome"] == "done"
    assert not await asyncio.to_thread(path.exists)


async def test_no_socket_is_no_gateway(tmp_path: Path) -> None:
    """A path where nothing is means that no gateway runs."""
    with pytest.raises(NoGateway):
        await asked(tmp_path / "none.sock", {"command": "status"})


async def test_only_one_path_and_method(path: Path) -> None:
    """Anything but a POST to / is not a command."""

    def raw() -> bytes:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(path))
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            return connection.recv(100)

    assert b" 405 " in await asyncio.to_thread(raw)

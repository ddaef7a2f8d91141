"""What the doctor says of the machine: each part wrecked in turn."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from gateway.cli import host
from gateway.cli.finding import Finding, Verdict
from gateway.clock import SystemClock
from gateway.config import Config
from tests.conftest import missing
from tests.gateway.county import found_county
from tests.gateway.somebody import NOBODY, somebody_else


@pytest.fixture
def ports(free_port: Callable[[], int]) -> tuple[int, int]:
    """Two ports that nobody listens on."""
    return free_port(), free_port()


@pytest.fixture
def config(tmp_path: Path, ports: tuple[int, int]) -> Config:
    """A county with a log's folder and a state file, on ports of its own."""
    found = found_county(tmp_path / "c", admin={"listen": f"127.0.0.1:{ports[1]}"})
    server = found.server.model_copy(update={"listen": f"127.0.0.1:{ports[0]}"})
    (found.log.directory / "live").mkdir(parents=True)
    (found.log.directory / "live" / "checkpoint").touch()
    found.state_path.touch()
    changed = found.model_copy(update={"server": server})
    changed._path = found.path
    return changed


def looked(config: Config, *, serving: bool = False) -> dict[str, list[Finding]]:
    """Return what is found, by part."""
    found: dict[str, list[Finding]] = {}
    for item in host.host_looked_at(config, SystemClock(), serving=serving):
        assert (item.verdict is Verdict.WELL) is (not item.advice)
        found.setdefault(item.part, []).append(item)
    return found


def only(config: Config, part: str, verdict: Verdict) -> Finding:
    """Return the one finding of a part with a verdict."""
    (item,) = [x for x in looked(config).get(part, []) if x.verdict is verdict]
    return item


def test_a_machine_as_it_should_be(config: Config) -> None:
    """Room, ports and clock are well; folders are not worth a word."""
    found = looked(config)
    assert set(found) == {"disk", "ports", "clock", "configuration"}
    assert [item.verdict for item in found["ports"]] == [Verdict.WELL] * 2
    (demo,) = found["configuration"]  # the county of these tests is a demo
    assert demo.sentence.startswith("demo is true")


def test_a_state_that_was_taken_away_under_the_gateway(config: Config) -> None:
    """It goes on with the file that is nowhere any more, and nothing else tells."""
    config.state_path.unlink()
    assert "state" not in looked(config)
    (item,) = looked(config, serving=True)["state"]
    assert item.verdict is Verdict.WRONG
    assert "taken away under the running gateway" in item.sentence


def test_a_file_in_the_place_of_the_logs_folder(config: Config) -> None:
    """It is named, where looking into it ended with a traceback."""
    shutil.rmtree(config.log.directory)
    config.log.directory.touch()
    item = only(config, "log", Verdict.WRONG)
    assert item.sentence == f"{config.log.directory} is no folder"


def test_a_running_gateway_holds_its_ports_itself(config: Config) -> None:
    """Then nobody tries to take them."""
    assert "ports" not in looked(config, serving=True)


def test_a_port_that_is_taken(config: Config, ports: tuple[int, int]) -> None:
    """Each is named by its setting, with the command that finds who has it."""
    for setting, port in zip(("server.listen", "admin.listen"), ports, strict=True):
        with socket.create_server(("127.0.0.1", port)):
            item = only(config, "ports", Verdict.WRONG)
        assert item.sentence == (
            f"{setting}: 127.0.0.1:{port}: another program listens there"
        )
        assert f"ss -ltnp 'sport = :{port}'" in item.advice


@pytest.mark.parametrize(
    ("listen", "sentence"),
    [
        ("192.0.2.7:8443", "no interface of this machine has that address"),
        ("no-such-host.invalid:8443", "is no name or address that is known here"),
    ],
)
def test_an_address_that_is_not_here(
    config: Config, listen: str, sentence: str
) -> None:
    """An address of another machine, or none at all."""
    server = config.server.model_copy(update={"listen": listen})
    object.__setattr__(config, "server", server)
    assert sentence in only(config, "ports", Verdict.WRONG).sentence


def test_a_port_that_only_root_may_take(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Below 1024, for a user without the capability; and what is not foreseen."""

    class Probe(socket.socket):
        error = PermissionError(13, "Permission denied")

        def bind(self, _: object) -> None:
            raise self.error

    monkeypatch.setattr("gateway.cli.host.socket.socket", Probe)
    first, _ = looked(config)["ports"]
    assert "below port 1024" in first.sentence
    assert "443" in first.advice
    monkeypatch.setattr(Probe, "error", OSError(105, "No buffer space available"))
    assert "No buffer space available" in looked(config)["ports"][0].sentence


@pytest.mark.parametrize("mode", [0o755, 0o700])
def test_a_log_that_this_user_may_not_write(config: Config, mode: int) -> None:
    """Run as another user, or a folder that root made: who owns it is said."""
    config.log.directory.chmod(mode)
    with somebody_else(config.path.parent):
        found = {item.part: item for item in host._folders(config)}
        (control,) = host._socket(config.control.socket)
    assert set(found) == {"log", "state"}
    for item in found.values():
        assert item.verdict is Verdict.WRONG
        assert "belongs to root, and this user may not write it" in item.sentence
        assert item.advice.startswith("run this as root")
    assert "this user may not make" in control.sentence
    assert "RuntimeDirectory=" in control.advice


def test_root_where_the_gateway_has_a_user(config: Config) -> None:
    """What root writes into the log, the gateway could not go on with."""
    if os.geteuid():
        missing("another user", "only root can give files away")
    os.chown(config.log.directory / "live", NOBODY, NOBODY)
    item = only(config, "log", Verdict.WRONG)
    assert "this is root" in item.sentence
    assert "runuser -u nobody" in item.advice
    os.chown(config.log.directory / "live", 54_321, NOBODY)  # whom nobody knows here
    assert "belongs to 54321" in only(config, "log", Verdict.WRONG).sentence


def test_folders_that_cannot_be_made(config: Config) -> None:
    """A file lies where the folder should be."""
    blocker = config.path.parent / "file"
    blocker.touch()
    log = config.log.model_copy(update={"directory": blocker / "log"})
    state = config.state.model_copy(update={"url": f"sqlite:///{blocker}/s/s.db"})
    control = config.control.model_copy(update={"socket": blocker / "s.sock"})
    for name, value in (("log", log), ("state", state), ("control", control)):
        object.__setattr__(config, name, value)
    for part in ("log", "state", "control"):
        assert str(blocker) in only(config, part, Verdict.WRONG).sentence


def test_what_lies_where_the_socket_should_be(config: Config) -> None:
    """A file in its place is not removed; a socket that a kill left is."""
    config.control.socket.parent.mkdir()
    config.control.socket.touch()
    assert "is no socket" in only(config, "control", Verdict.WRONG).sentence
    config.control.socket.unlink()
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(config.control.socket))
    assert "control" not in looked(config)


@pytest.mark.parametrize(
    ("free", "verdict"), [(1 << 20, Verdict.WRONG), (1 << 28, Verdict.WARNING)]
)
def test_a_disk_that_is_nearly_full(
    config: Config, monkeypatch: pytest.MonkeyPatch, free: int, verdict: Verdict
) -> None:
    """Once for each file system, with what happens when it is full."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    item = only(config, "disk", verdict)
    assert item.sentence == f"{free >> 20} MiB free where the log lies"
    assert "503" in item.advice


def test_a_disk_without_room_for_files(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Free bytes do not help where no file can be made."""
    few = SimpleNamespace(f_files=1000, f_favail=7)
    plenty = SimpleNamespace(free=1 << 40)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: plenty)
    monkeypatch.setattr(os, "statvfs", lambda _: few)
    assert "7 more files" in only(config, "disk", Verdict.WARNING).sentence


def test_a_clock_behind_what_was_written(config: Config) -> None:
    """A machine that starts in the past must not answer with yesterday's law."""
    ahead = SystemClock().now_ms() / 1000 + 3600
    os.utime(config.log.directory / "live" / "checkpoint", (ahead, ahead))
    item = only(config, "clock", Verdict.WRONG)
    assert "checkpoint, which was written before" in item.sentence
    assert "timedatectl" in item.advice


def test_a_clock_that_nothing_has_set(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """systemd-timesyncd says whether it ever reached a server."""
    monkeypatch.setattr(host, "_TIMESYNC", tmp_path)
    assert "time server" in only(config, "clock", Verdict.WARNING).sentence
    (tmp_path / "synchronized").touch()
    assert looked(config)["clock"][0].verdict is Verdict.WELL


def test_spans_that_nobody_exports(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Traces are made, and the package that exports them is not installed."""
    traces = config.telemetry.model_copy(update={"traces": True})
    object.__setattr__(config, "telemetry", traces)
    object.__setattr__(config, "demo", False)

    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    for lacking in (missing, lambda _: None):
        monkeypatch.setattr(importlib.util, "find_spec", lacking)
        item = only(config, "configuration", Verdict.WARNING)
        assert "sallyport-gateway[otel]" in item.advice
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: object())
    assert "configuration" not in looked(config)


def test_state_on_a_server_has_no_folder_here(config: Config) -> None:
    """Then only the log's disk and folder are looked at."""
    state = config.state.model_copy(update={"url": "postgresql://u@h/d"})
    object.__setattr__(config, "state", state)
    assert [part for part, _ in host._kept(config)] == ["log"]
    assert "clock" in looked(config)

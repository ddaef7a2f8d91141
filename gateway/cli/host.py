"""What ``doctor`` looks at on the machine: folders, disks, ports, socket and clock."""

from __future__ import annotations

import errno
import importlib.util
import os
import pwd
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

from gateway.cli.finding import Finding, warning, well, wrong
from gateway.clock import Clock
from gateway.config import Config, address

__all__ = ["host_looked_at", "owner_of"]

_SPACE = 1024**3
_LEAST_SPACE = 64 * 1024**2
"""Free bytes below which a disk is worth a warning, and is as good as full."""

_FILES = 10_000
"""Files that must still be possible: the log makes one for 256 entries."""

_AHEAD_S = 5.0
"""How far a file's time may lie ahead; also what the running gateway forgives."""

_EFFECTIVE = os.access in os.supports_effective_ids
"""Whether the system can tell what the effective user may, not only the real one."""

_TIMESYNC = Path("/run/systemd/timesync")


def host_looked_at(config: Config, clock: Clock, *, serving: bool) -> Iterator[Finding]:
    """Yield how this machine is for the gateway; changes nothing.

    Args:
        config: where everything lies and listens.
        clock: the one clock.
        serving: whether the gateway runs, and so holds ports and socket itself.
    """
    yield from _folders(config)
    yield from _disks(config)
    if serving:
        yield from _taken_away(config)
    else:
        yield from _port("server.listen", config.server.listen)
        yield from _port("admin.listen", config.admin.listen)
        yield from _socket(config.control.socket)
    yield from _clock(config, clock)
    yield from _modes(config)


def owner_of(path: Path) -> str:
    """Return the name of the user that a file belongs to, else their number."""
    number = path.stat().st_uid
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _kept(config: Config) -> Iterator[tuple[str, Path]]:
    """Yield the folders that the gateway writes to, each with its part."""
    if config.log.database is None:
        yield "log", config.log.directory
    if config.state.place is None:
        yield "state", config.state_path.parent


def _taken_away(config: Config) -> Iterator[Finding]:
    """Yield that a gateway runs on a file that is nowhere any more."""
    path = config.state_path
    looks = config.state.place is None and _may(path.parent, os.X_OK)
    if looks and not path.exists():
        yield wrong(
            "state",
            f"{path} was taken away under the running gateway: what that writes now is"
            " lost when it ends",
            "stop the gateway, and put the newest copy back before it starts again",
        )


def _folders(config: Config) -> Iterator[Finding]:
    for part, folder in _kept(config):
        if not os.path.exists(folder):  # noqa: PTH110  # False where we may not look
            yield from _can_be_made(part, folder)
            continue
        if not folder.is_dir():
            yield wrong(part, f"{folder} is no folder", "move it away, or name another")
            continue
        closed = [*_of_this_user(part, [folder])]
        yield from closed
        if closed:
            continue  # what is in it can't be looked at, or is spoilt as well
        found = sorted(folder.iterdir()) if part == "log" else []
        if part == "state" and config.state_path.exists():
            found.append(config.state_path)
        yield from _of_this_user(part, found)


def _of_this_user(part: str, found: list[Path]) -> Iterator[Finding]:
    """Yield the first thing that this user can't write, or that root would spoil."""
    for path in found:
        needed = os.R_OK | os.W_OK | (os.X_OK if path.is_dir() else 0)
        owner = owner_of(path)
        if not _may(path, needed):
            yield wrong(
                part,
                f"{path} belongs to {owner}, and this user may not write it",
                f"run this as {owner}; if that is not the gateway's user: chown -R",
            )
            return
        if os.geteuid() == 0 and path.stat().st_uid != 0:
            yield wrong(
                part,
                f"{path} belongs to {owner}, and this is root, whose files {owner}"
                " could not write",
                f"run this as {owner}: runuser -u {owner} -- sallyport doctor",
            )
            return


def _can_be_made(part: str, folder: Path) -> Iterator[Finding]:
    above = _existing(folder)
    if not (above.is_dir() and _may(above, os.W_OK | os.X_OK)):
        yield wrong(
            part,
            f"{folder} is not there for this user, who may not make it in {above}",
            "make it, and give it to the gateway's user with mode 0700",
        )


def _existing(path: Path) -> Path:
    """Return the path, or what of it is there."""
    while not os.path.exists(path):  # noqa: PTH110  # False where we may not look
        path = path.parent
    return path


def _may(path: Path, mode: int) -> bool:
    """Say whether this user may."""
    return os.access(path, mode, effective_ids=_EFFECTIVE)


def _disks(config: Config) -> Iterator[Finding]:
    """Yield how much room there is, once for each file system."""
    seen: set[int] = set()
    for part, folder in _kept(config):
        place = _existing(folder)
        device = place.stat().st_dev
        if device not in seen:
            seen.add(device)
            yield from _room(f"where the {part} lies", place)


def _room(where: str, place: Path) -> Iterator[Finding]:
    free = shutil.disk_usage(place).free
    said = f"{free // 1024**2} MiB free {where}"
    advice = "make room there, or give it a larger disk: when it is full, all is 503"
    if free < _LEAST_SPACE:
        yield wrong("disk", said, advice)
    elif free < _SPACE:
        yield warning("disk", said, advice)
    else:
        yield well("disk", said)
    files = os.statvfs(place)
    if files.f_files and files.f_favail < _FILES:
        said = f"room for {files.f_favail} more files {where}"
        yield warning("disk", said, "give it a file system with more inodes")


def _port(setting: str, listen: str) -> Iterator[Finding]:
    """Yield why nobody could listen there."""
    host, port = address(listen)
    try:
        found = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except OSError:
        yield wrong(
            "ports",
            f"{setting}: {host} is no name or address that is known here",
            "name an address of this machine, or 0.0.0.0 for all of them",
        )
        return
    for family, kind, protocol, _, place in found:
        with socket.socket(family, kind, protocol) as probe:
            # As the gateway will: connections that have just ended are no hindrance.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(place)
            except OSError as error:
                yield _unbound(setting, listen, port, error)
                return
    yield well("ports", f"{setting}: {listen} is free")


def _unbound(setting: str, listen: str, port: int, error: OSError) -> Finding:
    match error.errno:
        case errno.EADDRINUSE:
            problem = "another program listens there"
            advice = f"find it (ss -ltnp 'sport = :{port}'), or choose another port"
        case errno.EACCES | errno.EPERM:
            problem = "this user may not listen below port 1024"
            advice = "choose another port; the unit file says how 443 can be had"
        case errno.EADDRNOTAVAIL:
            problem = "no interface of this machine has that address"
            advice = "name one that it has (ip address), or 0.0.0.0 for all of them"
        case _:
            problem = error.strerror or type(error).__name__
            advice = "choose another address"
    return wrong("ports", f"{setting}: {listen}: {problem}", advice)


def _socket(path: Path) -> Iterator[Finding]:
    """Yield why the control socket could not be made."""
    if path.exists() and not path.is_socket():
        yield wrong(
            "control",
            f"{path} is there, and is no socket",
            "remove it, or name another path in control.socket",
        )
        return
    above = _existing(path.parent)
    if not (above.is_dir() and _may(above, os.W_OK | os.X_OK)):
        yield wrong(
            "control",
            f"this user may not make {path.name} in {above}",
            "give that folder to the gateway's user with mode 0700; under systemd the"
            " unit makes it (RuntimeDirectory=), so look again once it has started",
        )


def _clock(config: Config, clock: Clock) -> Iterator[Finding]:
    """Yield whether the clock is behind what was already written on this machine."""
    newest = [Path(__file__), config.path, config.log.directory / "live/checkpoint"]
    if config.state.place is None:
        newest.append(config.state_path)
    times = [(path.stat().st_mtime, path) for path in newest if os.path.exists(path)]  # noqa: PTH110  # as above
    latest, path = max(times)
    behind = latest - clock.now_ms() / 1000
    if behind > _AHEAD_S:
        yield wrong(
            "clock",
            f"is {behind:.0f} s behind {path}, which was written before",
            "set it from a time server (timedatectl), and look again",
        )
    elif _TIMESYNC.is_dir() and not (_TIMESYNC / "synchronized").exists():
        yield warning(
            "clock",
            "has not been set from a time server since this machine started",
            "look whether one can be reached: timedatectl timesync-status",
        )
    else:
        yield well("clock", "is not behind any file that was written here")


def _modes(config: Config) -> Iterator[Finding]:
    """Yield settings that are legal and seldom meant for real data."""
    if config.demo:
        yield warning(
            "configuration",
            "demo is true: rules that are for real data are relaxed",
            "for real data leave it out, and begin a new log",
        )
    if config.telemetry.traces and _lacking("opentelemetry.sdk"):
        yield warning(
            "configuration",
            "telemetry.traces is true, and nothing here would export a span",
            "install sallyport-gateway[otel]",
        )


def _lacking(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is None
    except ModuleNotFoundError:
        return True

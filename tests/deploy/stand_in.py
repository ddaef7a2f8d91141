#!/usr/bin/python3
"""A stand-in for systemctl in a root without systemd: starts and stops one unit.

It takes from the unit what a start hangs on: user, environment file, directories and
their modes, mask, open files, no new privileges, no writable and executable memory,
the command, and the wait for READY=1. What only systemd can do is not played.
"""

import ctypes
import os
import pwd
import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

UNITS = Path("/etc/systemd/system")
PIDS = Path("/run/stand-in")
NO_NEW_PRIVS, MDWE = 38, 65


def settings(unit: str) -> dict[str, str]:
    """Return a unit's settings; the last of a name counts."""
    lines = (UNITS / unit).read_text().splitlines()
    pairs = (line.split("=", 1) for line in lines if "=" in line and line[0] != "#")
    return {name.strip(): value.strip() for name, value in pairs}


def start(unit: str) -> None:
    """Start a service as its unit says, and wait until it is ready."""
    said = settings(unit)
    user = pwd.getpwnam(said["User"])
    for kind, above in (("State", "/var/lib"), ("Runtime", "/run")):
        folder = Path(above) / said[f"{kind}Directory"]
        folder.mkdir(exist_ok=True)
        folder.chmod(int(said[f"{kind}DirectoryMode"], 8))
        os.chown(folder, user.pw_uid, user.pw_gid)
    variables = {"PATH": "/usr/bin:/bin", "NOTIFY_SOCKET": f"{PIDS}/{unit}.notify"}
    for line in Path(said["EnvironmentFile"].lstrip("-")).read_text().splitlines():
        if line and line[0] != "#":
            name, _, value = line.partition("=")
            variables[name] = value

    def become() -> None:
        """What systemd does between fork and exec."""
        # A container's root can't raise its own hard limit.
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        files = min(int(said["LimitNOFILE"]), most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.umask(int(said["UMask"], 8))
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
        prctl = ctypes.CDLL(None, use_errno=True).prctl
        prctl(NO_NEW_PRIVS, 1, 0, 0, 0)
        prctl(MDWE, 1, 0, 0, 0)  # an old kernel does not know it

    PIDS.mkdir(exist_ok=True)
    notified = Path(variables["NOTIFY_SOCKET"])
    notified.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(notified))
        notified.chmod(0o666)
        listening.settimeout(0.5)
        with Path(f"{PIDS}/{unit}.lines").open("ab") as lines:
            process = subprocess.Popen(
                said["ExecStart"].split(),
                cwd="/",
                env=variables,
                preexec_fn=become,  # noqa: PLW1509 - there is one thread here
                stdin=subprocess.DEVNULL,
                stdout=lines,
                stderr=lines,
                start_new_session=True,
            )
        for _ in range(240):
            try:
                if listening.recv(64) == b"READY=1":
                    break
            except TimeoutError:
                if process.poll() is not None:
                    sys.exit(f"{unit} ended with {process.returncode}")
        else:
            sys.exit(f"{unit} did not get ready")
    (PIDS / f"{unit}.pid").write_text(str(process.pid))


def stop(unit: str) -> None:
    """Stop a service with its signal; it has its time."""
    said, file = settings(unit), PIDS / f"{unit}.pid"
    pid = int(file.read_text())
    os.kill(pid, getattr(signal, said["KillSignal"]))
    for _ in range(int(said["TimeoutStopSec"]) * 10):
        state = Path(f"/proc/{pid}/stat")
        if not state.exists() or state.read_text().split()[2] == "Z":
            break
        time.sleep(0.1)
    else:
        sys.exit(f"{unit} did not end")
    file.unlink()


def main(verb: str, *names: str) -> None:
    """Start, stop, or note what only systemd does."""
    units = [n if "." in n else f"{n}.service" for n in names if n[0] != "-"]
    for unit in units:
        if unit == "systemd-journald.service":
            continue
        if not (UNITS / unit).exists():
            sys.exit(f"there is no {unit}")
        if unit.endswith(".timer"):
            continue
        if verb == "stop":
            stop(unit)
        elif verb == "start" or "--now" in names:
            start(unit)


main(*sys.argv[1:])

"""Install the servers that tests need from Debian's packages, where that may be done.

A server is looked for first: what is there already is used. On Debian, as root, what
is missing is installed; elsewhere one sentence says which command to run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["CHROMIUM", "FOR_BENCH", "PACKAGES", "Package", "find", "missing_packages"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Package:
    """A Debian package and where its program or library may lie.

    ``places`` are globs; a relative one is a program's name, looked up on PATH.
    """

    name: str
    places: tuple[str, ...]


CHROMIUM = Package(name="chromium", places=("chromium", "chromium-browser"))
"""The browser, by itself for who needs only that."""

PACKAGES = (
    Package(name="postgresql", places=("/usr/lib/postgresql/*/bin/postgres",)),
    Package(name="pgbouncer", places=("/usr/sbin/pgbouncer", "pgbouncer")),
    Package(
        name="softhsm2",
        places=(
            "/usr/lib/softhsm/libsofthsm2.so",
            "/usr/lib/*/softhsm/libsofthsm2.so",
            "/opt/homebrew/lib/softhsm/libsofthsm2.so",
        ),
    ),
    Package(name="openssl", places=("openssl",)),
    Package(name="openssh-client", places=("ssh-keygen",)),
    Package(name="python3-venv", places=("/usr/lib/python3.11/ensurepip/__init__.py",)),
    Package(name="systemd", places=("systemd-analyze",)),
    CHROMIUM,
)
"""Every server and library that comes from Debian, and that tests need."""

FOR_BENCH = (Package(name="nginx", places=("/usr/sbin/nginx", "nginx")), CHROMIUM)
"""Those that figures are compared with, and the browser."""


def find(package: Package) -> Path | None:
    """Return where a package's program or library lies, the newest if several."""
    for place in package.places:
        if not place.startswith("/"):
            found = shutil.which(place)
            if found:
                return Path(found)
        elif here := sorted(Path("/").glob(place.removeprefix("/"))):
            return here[-1]
    return None


def missing_packages(packages: Sequence[Package] = PACKAGES) -> dict[str, str]:
    """Install what is not there; return what is still missing, each with a reason."""
    wanted = [package for package in packages if find(package) is None]
    if not wanted:
        return {}
    names = " ".join(package.name for package in wanted)
    command = f"apt-get install --no-install-recommends {names}"
    if shutil.which("apt-get") is None:
        return {p.name: f"install {p.name} with your system's tool" for p in wanted}
    if os.geteuid() != 0:
        return {package.name: f"run: sudo {command}" for package in wanted}
    print(f"Installing {names} from Debian's packages (once)", flush=True)
    said = _apt("update") or _apt("install", "--no-install-recommends", *names.split())
    return {
        package.name: said or "was installed and is not where it should be"
        for package in wanted
        if find(package) is None
    }


def _apt(*arguments: str) -> str:
    """Run apt-get; return the end of what it said if it failed."""
    done = subprocess.run(
        ["apt-get", "--yes", "--quiet=2", *arguments],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode == 0:
        return ""
    lines = (done.stderr or done.stdout).strip().splitlines()
    return " / ".join(lines[-3:])[-400:] or "apt-get failed"

"""Make ``.venv`` as the locks say, once.

Run with any Python >= 3.11, before anything is installed::

    python -m scripts.environment run     what the gateway and its demo need
    python -m scripts.environment test    that, and what the suite and checks need

Every package is pinned by hash. A stamp holds the digest of the locks, so that a
second run does nothing. ``--embedded`` refuses first, in one sentence, where the
embedded policy engine has no wheel.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "installed"
LEVELS = ("run", "test")
INTERRUPTED = 130
"""What shells say of a command that Ctrl-C ended."""
OLDEST_GLIBC = (2, 34)
LAUNCHER = """\
#!{python}
import sys
from {module} import {function}
if __name__ == "__main__":  # processes that a command starts read this file again
    sys.exit({function}())
"""
COMMANDS = {
    "sallyport": ("gateway.cli.main", "run"),
    "sallyport-witness": ("audit.cli", "witness"),
}
"""The commands that ``pyproject.toml`` names, and where each begins."""


def engine_problem(system: str, machine: str, glibc: tuple[int, ...]) -> str | None:
    """Return why the embedded policy engine can't be installed here, or None.

    Its wheels are for macOS, and for Linux on x86-64 with glibc 2.34 or later.
    """
    if system == "Darwin":
        return None
    if system == "Linux" and machine == "x86_64" and glibc >= OLDEST_GLIBC:
        return None
    have = " ".join((system, machine, *(["glibc", _dotted(glibc)] if glibc else [])))
    return (
        f"The demo needs the embedded policy engine, which comes for macOS and for "
        f"Linux on x86-64 with glibc {_dotted(OLDEST_GLIBC)} or later; this is {have}."
    )


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def glibc_here() -> tuple[int, ...]:
    """Return the version of this machine's glibc; empty where there is none."""
    try:
        name, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").split()
    except (AttributeError, ValueError, OSError):
        return ()
    return tuple(map(int, version.split("."))) if name == "glibc" else ()


def fingerprint(level: str) -> str:
    """Return the digest of everything an installation depends on."""
    lock = (ROOT / "requirements" / f"{level}.txt").read_bytes()
    where = f"{platform.python_version()} {ROOT} {LAUNCHER} {COMMANDS}"
    return hashlib.sha256(lock + where.encode()).hexdigest()


def installed(level: str) -> bool:
    """Say whether the locks of a level are installed as they stand."""
    stamp = STAMPS / level
    return stamp.exists() and stamp.read_text() == fingerprint(level)


def _run(*command: str | Path) -> None:
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT)


def make_venv() -> None:
    """Make the virtual environment where there is none that works."""
    probe = "import pip, sys; sys.exit(sys.version_info < (3, 11))"
    if PYTHON.exists():
        works = subprocess.run([PYTHON, "-c", probe], check=False, capture_output=True)
        if works.returncode == 0:
            return
    print("Making .venv", flush=True)
    _run(sys.executable, "-m", "venv", "--clear", VENV)


def install(level: str) -> None:
    """Install the lock of a level by hash, and put this tree beside it."""
    lock = ROOT / "requirements" / f"{level}.txt"
    print(f"Installing requirements/{lock.name} into .venv (once)", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        parts = [Path(folder) / "1.txt", Path(folder) / "2.txt"]
        for part, text in zip(parts, halves(lock.read_text()), strict=True):
            part.write_text(text)
        pips = [subprocess.Popen(_pip(part), cwd=ROOT) for part in parts]
        failed = [pip.wait() for pip in pips]
        if any(failed):
            _run(*_pip(lock))  # one after the other, and it says what is wrong
    link_tree()
    STAMPS.mkdir(exist_ok=True)
    # The test lock holds the run lock's pins: see scripts/locks.py.
    for covered in {"run", level}:
        (STAMPS / covered).write_text(fingerprint(covered))


def halves(lock: str) -> tuple[str, str]:
    """Split a lock into two, to be installed at once: pip is busy with one processor.

    Every pin is in one of them; as nothing is resolved, each stands for itself.
    """
    pins = re.split(r"(?m)^(?=[A-Za-z0-9])", lock)[1:]
    return "".join(pins[::2]), "".join(pins[1::2])


def _pip(lock: Path) -> list[str]:
    """Return the command that installs a lock."""
    install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    exact = ("--require-hashes", "--no-deps", "-r", str(lock))
    return [str(PYTHON), *install, *exact]


def link_tree() -> None:
    """Make this tree importable, and its commands those of the environment."""
    query = "import sysconfig; print(sysconfig.get_path('purelib'))"
    asked = subprocess.run(
        [PYTHON, "-c", query], check=True, capture_output=True, text=True
    )
    (Path(asked.stdout.strip()) / "sallyport-tree.pth").write_text(f"{ROOT}\n")
    for name, (module, function) in COMMANDS.items():
        command = VENV / "bin" / name
        text = LAUNCHER.format(python=PYTHON, module=module, function=function)
        command.write_text(text)
        command.chmod(0o755)


def main(arguments: list[str]) -> int:
    """Make the environment; 0 when it stands, 1 with a sentence when it can't."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("level", choices=LEVELS)
    parser.add_argument("--embedded", action="store_true")
    chosen = parser.parse_args(arguments)
    problem = engine_problem(platform.system(), platform.machine(), glibc_here())
    if chosen.embedded and problem:
        print(problem, file=sys.stderr)
        return 1
    if PYTHON.exists() and installed(chosen.level):
        return 0
    try:
        make_venv()
        install(chosen.level)
    except KeyboardInterrupt:
        print("\nInterrupted; the same command goes on from here.", file=sys.stderr)
        return INTERRUPTED
    except subprocess.CalledProcessError as error:
        step = " ".join(map(str, error.cmd))
        print(f"This step failed: {step}", file=sys.stderr)
        if "venv" in error.cmd:
            print("(Debian: apt-get install python3-venv)", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

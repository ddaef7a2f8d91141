"""The wheel, alone in an empty environment, is the whole product."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from gateway import __version__

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this tree without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]
    subprocess.run(
        [*build, "-d", str(folder)], cwd=ROOT, check=True, capture_output=True
    )
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of an environment that holds the wheel and what it needs.

    The pinned dependencies are lent by this environment through a path file: what is
    tried is our wheel, and the suite needs no package index.
    """
    home = tmp_path_factory.mktemp("environment") / "venv"
    venv = [sys.executable, "-m", "venv", str(home)]
    subprocess.run(venv, check=True, capture_output=True)
    pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--no-deps"]
    subprocess.run(
        [*pip, "--no-index", "--quiet", str(wheel)], check=True, capture_output=True
    )
    [packages] = home.glob("lib/python*/site-packages")
    lent = next(path for path in sys.path if path.endswith("site-packages"))
    (packages / "lent.pth").write_text(f"{lent}\n")
    return home / "bin"


def run(program: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a program of that environment, far from this tree."""
    return subprocess.run(
        [str(program), *arguments],
        cwd=cwd,
        env={"PATH": os.defpath, "HOME": str(cwd), "NO_COLOR": "1"},
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=180,
    )


@pytest.mark.slow
def test_what_is_in_it(wheel: Path) -> None:
    """The three packages, the policies, migrations and types; no tests or scripts."""
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info" not in name}

    assert wheel.name.startswith(f"sallyport_gateway-{__version__}-")
    assert tops == {"gateway", "connectors", "audit"}
    assert "gateway/_policies/vocabulary.yaml" in names
    assert any(name.startswith("gateway/_policies/rego/") for name in names)
    assert any(name.startswith("gateway/state/migrations/") for name in names)
    for package in ("gateway", "connectors", "audit"):
        assert f"{package}/py.typed" in names


@pytest.mark.slow
def test_it_comes_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    """Nothing of this source tree is imported there."""
    program = "import gateway, audit, connectors; print(gateway.__file__)"
    done = run(installed / "python", "-c", program, cwd=tmp_path)

    assert done.stdout.startswith(str(installed.parent)), done.stderr


@pytest.mark.slow
@pytest.mark.timeout(900)  # others may have their turn first
def test_the_demo_runs_from_it(
    installed: Path,
    tmp_path: Path,
    demo_turn: Callable[[], AbstractContextManager[None]],
) -> None:
    """`sallyport demo` tells its whole story from the installed wheel."""
    assert (
        "--dir" in run(installed / "sallyport", "demo", "--help", cwd=tmp_path).stdout
    )

    with demo_turn():
        done = run(installed / "sallyport", "demo", cwd=tmp_path)

    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "unwitnessed" in done.stdout


@pytest.mark.slow
def test_an_auditor_needs_cryptography_only(wheel: Path, tmp_path: Path) -> None:
    """`python -m audit` runs where, of all we install, only cryptography is there."""
    zipfile.ZipFile(wheel).extractall(tmp_path)
    guard = (
        "import sys, importlib.abc\n"
        "class Guard(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        top = name.partition('.')[0]\n"
        "        allowed = set(sys.stdlib_module_names)\n"
        "        allowed |= {'audit', 'cryptography', '_cffi_backend', 'cffi'}\n"
        "        if top not in allowed:\n"
        "            raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Guard())\n"
        "import runpy\n"
        "sys.argv = ['audit', 'verify', '--help']\n"
        "runpy.run_module('audit', run_name='__main__')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", guard],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert "verify" in done.stdout

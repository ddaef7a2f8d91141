"""The wheel, alone in an empty environment, is the whole product."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from audit.batch import receipts_of
from audit.merkle import leaf_hash
from audit.proof import leaf_at, prove
from audit.publish import publish
from audit.reading import FolderSource
from gateway import __version__
from tests.audit.builders import KEYS, ORIGIN, START_MS, filled

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
    assert "Witnessed: " in done.stdout


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small log with a receipt, and the files that its auditor has."""
    folder = tmp_path_factory.mktemp("log")
    filled(folder / "store", 300)
    publish(folder / "store", folder / "log", now_ms=START_MS)
    KEYS.write(folder / "keys")
    source = FolderSource(folder / "log")
    leaf = leaf_at(source, 7, 300)
    note = (folder / "log" / "checkpoint").read_bytes()
    (folder / "leaf").write_bytes(leaf)
    (folder / "x.tlog-proof").write_bytes(prove(source, 7, note, 300).pack())
    [receipt] = receipts_of(
        7, START_MS, (leaf_hash(leaf),), origin=ORIGIN, signer=KEYS.receipt
    )
    (folder / "receipt.json").write_text(json.dumps(receipt.to_json()))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("which", ["gateway", "audit"])
def test_an_auditor_needs_cryptography_only(
    wheel: Path, log: Path, tmp_path: Path, which: str
) -> None:
    """Either wheel without its dependencies, and `cryptography`: that is enough."""
    if which == "audit":
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]
        where = ROOT / "packaging" / "audit"
        subprocess.run(
            [*build, "-d", str(tmp_path)], cwd=where, check=True, capture_output=True
        )
        [wheel] = tmp_path.glob("sallyport_audit-*.whl")
        names = zipfile.ZipFile(wheel).namelist()
        assert {name.split("/")[0] for name in names if "dist-info" not in name} == {
            "audit"
        }
        assert "audit/LICENSE" in names
    python = alone(tmp_path / "venv", wheel)
    keys = ("--vkey", str(log / "keys" / "log.vkeys"))
    for words in (
        ("verify", str(log / "log"), *keys),
        ("verify", str(log / "store"), *keys, "-j", "2"),
        ("show", str(log / "log"), "--index", "7", "--allow-unwitnessed", *keys),
        ("verify-proof", "x.tlog-proof", "--leaf", "leaf", *keys),
        ("check-receipt", "receipt.json", str(log / "log"), *keys),
    ):
        done = run(python, "-m", "audit", *words, cwd=log)
        expected = 0 if words[0] == "show" else 3
        assert done.returncode == expected, (words, done.stdout, done.stderr)
    done = run(python, "-c", "import pydantic", cwd=log)
    assert "ModuleNotFoundError" in done.stderr


def alone(home: Path, wheel: Path) -> Path:
    """Return the Python of an environment with one wheel and `cryptography`."""
    venv = [sys.executable, "-m", "venv", "--without-pip", str(home)]
    subprocess.run(venv, check=True, capture_output=True)
    [packages] = home.glob("lib/python*/site-packages")
    pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index"]
    subprocess.run(
        [*pip, "--quiet", "--target", str(packages), str(wheel)],
        check=True,
        capture_output=True,
    )
    lent = Path(next(path for path in sys.path if path.endswith("site-packages")))
    for pattern in ("cryptography", "cffi", "_cffi_backend*", "pycparser"):
        for found in lent.glob(pattern):
            (packages / found.name).symlink_to(found)
    return home / "bin" / "python"

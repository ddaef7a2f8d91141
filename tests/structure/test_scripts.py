"""The scripts behind make: what they decide, without installing anything."""

from __future__ import annotations

import json
import os
import platform
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import check, environment, locks, packages, suite, tools
from scripts.bench.figure import Figure, percentile

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("system", "machine", "glibc", "works"),
    [
        ("Linux", "x86_64", (2, 34), True),
        ("Linux", "x86_64", (2, 40), True),
        ("Linux", "x86_64", (2, 31), False),
        ("Linux", "x86_64", (), False),  # musl
        ("Linux", "aarch64", (2, 40), False),
        ("Darwin", "arm64", (), True),
        ("Darwin", "x86_64", (), True),
        ("Windows", "AMD64", (), False),
    ],
)
def test_where_the_embedded_engine_runs(
    system: str, machine: str, glibc: tuple[int, ...], *, works: bool
) -> None:
    """Where there is no wheel of the engine, one sentence says so."""
    problem = environment.engine_problem(system, machine, glibc)

    assert (problem is None) == works
    if problem is not None:
        assert problem.count(". ") == 0
        assert f"this is {system} {machine}" in problem


def test_no_engine_no_installation(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The demo stops with that sentence before anything is installed."""
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(environment, "make_venv", lambda: pytest.fail("installed"))

    assert environment.main(["run", "--embedded"]) == 1
    assert capsys.readouterr().err.startswith("The demo needs the embedded policy")


def _chosen(python: str) -> subprocess.CompletedProcess[str]:
    """Return what the choice of a Python comes to where one is named."""
    return subprocess.run(
        [ROOT / "scripts" / "python"],
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "PYTHON": python},
    )


def test_the_python_that_is_named_is_taken_or_none(tmp_path: Path) -> None:
    """Who names a Python gets that one, or hears that it won't do."""
    old = tmp_path / "python"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)

    assert _chosen(sys.executable).stdout == f"{sys.executable}\n"
    assert _chosen("").returncode == 0
    refused = _chosen(str(old))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == f"PYTHON={old} does not run, or is older than 3.11\n"


def test_the_launcher_may_be_read_again(tmp_path: Path) -> None:
    """A process that a command starts reads its program again, and runs nothing."""
    for name, (module, function) in environment.COMMANDS.items():
        path = tmp_path / name
        text = environment.LAUNCHER.format(
            python=environment.PYTHON, module=module, function=function
        )
        path.write_text(text)
        assert function in runpy.run_path(str(path), run_name="__mp_main__")


def test_the_locks_belong_to_their_inputs() -> None:
    """Each lock was made from what lies beside it, and names no index."""
    assert locks.problems() == []


def test_a_changed_input_ages_a_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dependency that was added makes the lock too old, without any network."""
    lock = locks.LOCKS[0]
    monkeypatch.setattr(locks, "LOCKS", (locks.Lock(name="run", sources=lock.sources),))

    assert locks.problems() == [f"run.txt is older than {', '.join(lock.sources)}"]


def test_pins_outside() -> None:
    """A pin that the larger lock has otherwise, or not at all, is named."""
    assert locks.outside({"a": "1", "b": "2", "c": "3"}, {"a": "1", "b": "9"}) == [
        "b==2",
        "c==3",
    ]


def test_what_is_not_covered_is_named() -> None:
    """Lines and branches that nothing tried are named, where all must be."""
    whole: dict[str, list[object]] = {"missing_lines": [], "missing_branches": []}
    holes: dict[str, list[object]] = {
        "missing_lines": [7, 8],
        "missing_branches": [[3, 5], [9, -1]],
    }
    files = {"audit/a.py": holes, "audit/b.py": whole, "gateway/web/c.py": holes}

    assert suite.uncovered(files) == ["audit/a.py: lines 7, 8; branches 3->5, 9->exit"]


@pytest.mark.parametrize(
    ("said", "number"),
    [("go1.26.8\n", (1, 26, 8)), ("v20.20.2", (20, 20, 2)), ("1.26", (1, 26, 0))],
)
def test_versions(said: str, number: tuple[int, ...]) -> None:
    """Go and Node say their versions differently."""
    assert tools._number(said) == number


def test_a_tool_without_its_lock_is_named(tmp_path: Path) -> None:
    """A tool whose lock is not in the tree is a sentence, not a traceback."""
    tool = tools.Tool(name=tmp_path.name, package=".")

    with pytest.raises(tools.Missing, match=r"go\.mod, go\.sum"):
        tools.install(tool)


def test_missing_tools_fail_only_in_ci(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What can't be installed is listed once; with CI=true that is an error."""

    def refuse(tool: tools.Tool) -> None:
        raise tools.Missing(f"no {tool.name} here")

    monkeypatch.setattr(tools, "install", refuse)
    monkeypatch.setattr(tools, "missing_packages", lambda: {"softhsm2": "run: this"})
    monkeypatch.delenv("CI", raising=False)

    assert tools.main() == 0
    said = capsys.readouterr().err
    assert "  opa: no opa here\n" in said
    assert "  softhsm2: run: this\n" in said
    monkeypatch.setenv("CI", "true")
    assert tools.main() == 1


ABSENT = packages.Package(name="no-such", places=("/no/such/*", "no-such-program"))


@pytest.mark.parametrize(
    ("apt", "user", "says"),
    [
        (None, 0, "install no-such with your system's tool"),
        ("/bin/apt-get", 1000, "run: sudo apt-get install --no-install-recommends no"),
    ],
)
def test_a_package_that_may_not_be_installed(
    monkeypatch: pytest.MonkeyPatch, apt: str | None, user: int, says: str
) -> None:
    """Without Debian or without root, one sentence says what to run."""
    monkeypatch.setattr("scripts.packages.shutil.which", lambda _: apt)
    monkeypatch.setattr("scripts.packages.os.geteuid", lambda: user)
    monkeypatch.setattr(packages, "_apt", lambda *_: pytest.fail("installed"))
    absent = packages.Package(name="no-such", places=("/no/such/*",))

    assert packages.missing_packages([absent])["no-such"].startswith(says)


def test_a_package_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found, by path or by name, is used and nothing is installed."""
    monkeypatch.setattr(packages, "_apt", lambda *_: pytest.fail("installed"))
    here = packages.Package(name="sh", places=("/no/such/*", "/bin/sh", "sh"))
    named = packages.Package(name="sh", places=("sh",))

    assert packages.find(here) == Path("/bin/sh")
    assert packages.find(named) is not None
    assert packages.find(ABSENT) is None
    assert packages.missing_packages([here]) == {}


def test_a_check_that_fails_says_why() -> None:
    """A failing command and a missing program are both failed checks."""
    failing = check.Check(
        name="x", command=(sys.executable, "-c", "print('so'); exit(1)")
    )
    absent = check.Check(name="y", command=("no-such-program",))

    assert (check.run(failing).passed, check.run(failing).said) == (False, "so\n")
    assert not check.run(absent).passed
    assert "no-such-program" in check.run(absent).said


def test_figures_are_json_lines() -> None:
    """A figure stands on one line with its baseline and its goal."""
    figure = Figure(
        name="f",
        value=1.23456,
        unit="ms",
        baseline={"bare": 2.0},
        goal="<= 2",
        met=True,
    )

    assert json.loads(figure.line()) == {
        "figure": "f",
        "value": 1.235,
        "unit": "ms",
        "baseline": {"bare": 2.0},
        "goal": "<= 2",
        "met": True,
    }


def test_percentile() -> None:
    """The nearest rank, the last value included."""
    values = [float(n) for n in range(1, 101)]

    assert [percentile(values, p) for p in (0, 50, 99, 100)] == [1, 51, 100, 100]


def _make(*arguments: str) -> str:
    done = subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def test_an_interrupted_installation_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C while packages are fetched is no fault: it may be begun again."""

    def interrupted(_level: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(environment, "make_venv", lambda: None)
    monkeypatch.setattr(environment, "installed", lambda _level: False)
    monkeypatch.setattr(environment, "install", interrupted)

    assert environment.main(["run"]) == environment.INTERRUPTED
    assert capsys.readouterr().err.strip() == (
        "Interrupted; the same command goes on from here."
    )


def test_make_says_what_there_is() -> None:
    """`make` alone lists the targets that the README names."""
    listed = {line.split()[1] for line in _make().splitlines()}

    assert {"demo", "test", "check", "bench", "docs", "clean"} <= listed


def test_the_demo_needs_no_tools() -> None:
    """`make demo` installs what the gateway runs on, and neither Go nor Node."""
    steps = _make("-n", "demo")

    assert "scripts.environment run --embedded" in steps
    assert "scripts.tools" not in steps


@pytest.mark.parametrize("level", environment.LEVELS)
def test_each_pin_of_a_lock_is_in_one_of_its_halves(level: str) -> None:
    """With all its hashes; and each half is about half of the work."""
    lock = (environment.ROOT / "requirements" / f"{level}.txt").read_text()
    one, other = environment.halves(lock)
    written = [line for line in lock.splitlines() if not line.startswith("#")]
    assert sorted([*one.splitlines(), *other.splitlines()]) == sorted(written)
    some, rest = (re.findall(r"(?m)^\w", half) for half in (one, other))
    assert len(some) - len(rest) in {0, 1}
    assert all(re.match(r"\w", half) for half in (one, other))


def test_a_half_that_fails_has_the_whole_installed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One after the other, so that what is wrong is said once more, alone."""
    calls = tmp_path / "calls"
    pip = tmp_path / "python"
    pip.write_text(f'#!/bin/sh\necho "$@" >>{calls}\nexit 1\n')
    pip.chmod(0o755)
    monkeypatch.setattr(environment, "PYTHON", pip)
    with pytest.raises(subprocess.CalledProcessError):
        environment.install("run")
    *halves, whole = calls.read_text().splitlines()
    assert len(halves) == 2
    assert whole.endswith("requirements/run.txt")
    assert all("--require-hashes" in call for call in (*halves, whole))

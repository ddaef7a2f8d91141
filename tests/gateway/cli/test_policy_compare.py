"""What a change does, on the command line: rules in words, cases, requests."""

# ruff: noqa: ANN401 - documents made by hand hold values of any type

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.policy_compare import put, report
from gateway.errors import Cause, Unavailable
from gateway.policy.compare.report import roughly
from tests.gateway.cli.policies import run
from tests.gateway.policy.compare.two import asked, law, side
from tests.gateway.policy.small import case_text, rule, write

CASE = case_text(facts={"convicted": False})


def folder(root: Path, *rules: dict[str, Any]) -> Path:
    """Return a policies folder with two packs and a case of one."""
    made = write(root, rules={"st": rules, "tx": [rule("tx.a")]})
    (made / "packs/st/scenarios").mkdir()
    (made / "packs/st/scenarios/c-1.yaml").write_text(json.dumps(CASE))
    return made


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The law as it was."""
    return folder(tmp_path / "old", law())


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """The law as it might be."""
    return folder(tmp_path / "new", law(effect="permit"))


@pytest.fixture
def requests(tmp_path: Path) -> Path:
    """A file of two questions."""
    path = tmp_path / "asked.jsonl"
    lines = [past.question for past in asked({"convicted": True}, {"convicted": False})]
    path.write_bytes(b"\n".join(lines))
    return path


CHANGED = [
    "changed: st.a (Law st.a)",
    "  who asks is told: was: RULE_PROHIBITS",
    "  who asks is told: is: RULE_PERMITS",
    "  answer: was: no",
    "  answer: is: yes",
    "  answer, reason: was: The reason: RULE_PROHIBITS.",
    "  answer, reason: is: The reason: RULE_PERMITS.",
    "  answer, local: was: Local policy may not open it.",
    "  answer, local: is: Local policy may not narrow it.",
]
MOVED = "C-1: date: withhold (st.a) becomes release (st.a)"


def test_diff_of_folders(old: Path, new: Path) -> None:
    """Rules in words, then the cases of the new folder, each on its own stack."""
    done = run("diff", old, new)
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [*CHANGED, MOVED]
    assert run("diff", old, old).stdout.strip() == "no rule changed"
    found = json.loads(run("diff", old, new, "--json").stdout)
    assert found["rules"][0]["kind"] == "changed"
    assert found["cases"][0]["now"] == "release"


def test_diff_of_a_stack(old: Path, new: Path, requests: Path) -> None:
    """One stack is compared alone; then requests can be put to it."""
    done = run("diff", old, new, "--pack", "st", "--requests", requests)
    assert done.stdout.splitlines()[-2:] == [
        (
            "2 past answers: 1 would now release something they did not, none"
            " would release"
            " less, none would release as little, and wait or be refused"
            " otherwise, 1 the"
            " same."
        ),
        "  opens: date, for fed: 1 (st.a before, st.a then)",
    ]
    found = json.loads(
        run("diff", old, new, "--pack", "st", "--requests", requests, "--json").stdout
    )
    assert found["requests"]["opens"] == "1"
    other = run("diff", old, new, "--pack", "tx")
    assert other.stdout.strip() == "no rule changed"
    elsewhere = ("--pack", "tx", "--cases", new / "packs/st/scenarios/c-1.yaml")
    assert run("diff", old, new, *elsewhere).stdout.strip() == "no rule changed"
    unnamed = run("diff", old, new, "--requests", requests)
    assert (unnamed.exit_code, "name the stack" in unnamed.stderr) == (2, True)


def test_diff_of_bundles(old: Path, new: Path, tmp_path: Path) -> None:
    """A bundle carries its law; a folder beside it is read as the same stack."""
    out = tmp_path / "old.tar.gz"
    built = run("build", "--pack", "st", "--policies", old, "--out", out)
    assert built.exit_code == 0
    assert run("diff", out, new).stdout.splitlines() == [*CHANGED, MOVED]
    both = run("diff", out, out)
    assert both.stdout.strip() == "no rule changed"


def test_what_cannot_be_compared(
    old: Path, new: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is neither a folder nor a bundle is said; so is a missing engine."""
    (tmp_path / "x").write_text("x")
    assert "no policies folder and no bundle" in run("diff", old, tmp_path / "x").stderr
    assert run("diff", tmp_path / "gone", old).exit_code == 2

    def gone(*_: object) -> None:
        raise Unavailable(Cause.POLICY_UNAVAILABLE, "no engine")

    monkeypatch.setattr("gateway.policy.build.EmbeddedEngine", gone)
    assert run("diff", old, new).exit_code == 4


def test_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The report is named by its digest, in words and for programs."""
    before = side(tmp_path / "a", law())
    after = side(tmp_path / "b", law(effect="permit"))
    tally = put(before, after, asked({"convicted": False}))
    digest = report(tally, before, after, roughly, as_json=False)
    assert capsys.readouterr().out.endswith(f"digest of this report: {digest}\n")
    assert report(tally, before, after, roughly, as_json=True) == digest
    found = json.loads(capsys.readouterr().out)
    assert (found["digest"], found["policy_after"]) == (digest, after.deciding.revision)


def test_the_other_engine(tmp_path: Path, require_tool: Any) -> None:
    """OPA's own engine counts the same."""
    before = side(tmp_path / "a", law())
    after = side(tmp_path / "b", law(effect="permit"))
    past = asked({"convicted": False}, {"convicted": True}, None)
    assert put(before, after, past, opa=require_tool("opa")) == put(before, after, past)

"""What officers read: lint, rules as sentences, why a case comes to what it does."""

# ruff: noqa: ANN401 - documents made by hand hold values of any type

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import Cause, Unavailable
from tests.gateway.cli.policies import run
from tests.gateway.policy.small import REVEALS, case_text, rule, write

LAW = rule(
    "st.a",
    citation="Law 1",
    reveals={**REVEALS, "citation": "Law 2"},
    unless=[
        {
            "id": "c",
            "when": [{"fact": "convicted", "is": True}],
            "effect": "permit",
            "discretion": True,
        }
    ],
)
CASE = case_text(facts={"convicted": False})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a policies folder with a rule, and an overlay written on it."""
    return write(
        tmp_path / "policies",
        rules={"st": [LAW]},
        overlay=[],
        overlay_header={"on": ["st"]},
    )


def test_lint(root: Path) -> None:
    """Nothing wrong ends with 0, an error with 1 and its line, a warning with 0."""
    day = ("--as-of", "2026-01-20", "--policies", root)
    done = run("lint", *day)
    assert (done.exit_code, done.stdout, done.stderr) == (
        0,
        "",
        "0 errors, 0 warnings\n",
    )
    late = run("lint", "--as-of", "2028-01-20", "--policies", root)
    assert (late.exit_code, "[expired]" in late.stdout) == (0, True)
    closes = {"layer": "overlay", "effect": "permit", "citation": "Law 3"}
    rules = root / "overlays/county/rules/all.yaml"
    rules.write_text(json.dumps([rule("county.a", **closes)]))
    done = run("lint", *day)
    assert done.exit_code == 1
    assert done.stdout.startswith(f"{rules}:1: error: county.a: opens what local")
    told = run("lint", "--explain", *day).stdout.splitlines()
    assert told[1:] == [
        "  why: The law that is cited closes it; local policy yields.",
        "  mend: see st.a (Law 1), or reach less",
    ]
    found = json.loads(run("lint", "--json", *day).stdout)
    assert (found["errors"], found["findings"][0]["citation"]) == (1, "Law 1")
    assert found["codes"] == {
        "widens_law": "A local rule opens what the law does not let it open"
    }
    assert run("lint", "--pack", "st", *day).exit_code == 0
    assert run("lint", "--pack", "st", "--overlay", "county", *day).exit_code == 1


def test_lint_of_nothing(tmp_path: Path) -> None:
    """What is no policies folder, and what is no day, are mistakes of the command."""
    assert run("lint", "--policies", tmp_path).exit_code == 2
    (tmp_path / "vocabulary.yaml").touch()
    assert run("lint", "--policies", tmp_path, "--as-of", "yesterday").exit_code == 2
    assert run("lint", "--policies", tmp_path).exit_code == 1


def test_show(root: Path) -> None:
    """A rule is a sentence, a stack a list; both at once, or neither, is a mistake."""
    done = run("show", "st.a#c", "--policies", root)
    assert done.stdout.splitlines() == [
        "st.a: Title of st.a",
        "",
        "Under Law 1 (state law), when any requester asks any custodian for any field",
        "(the request: Read; or Notify), the answer is no, unless",
        '  (1) "convicted" is true: then the answer is yes if the local government so',
        "    chooses, and else counsel decides (Law 1).",
        "",
        (
            'Where it is not known whether "convicted" is true (exception 1), that'
            " exception"
        ),
        "  does not count, and the answer is no.",
        (
            "The reason: RULE_PROHIBITS. Local policy may not open it. The answer"
            " itself may"
        ),
        "  reveal: status (Law 2).",
        "In exception 1: The reason: RULE_PERMITS. Local policy may not narrow it.",
    ]
    found = json.loads(run("show", "st.a", "--policies", root, "--json").stdout)
    assert found["sentence"].startswith("Under Law 1 (state law), when")
    assert "not known" not in found["sentence"]
    roles = [(part["role"], part["case"]) for part in found["parts"][3:5]]
    assert roles == [("unless", "c"), ("unknown", "")]
    assert "st.a" in run("show", "--pack", "st", "--policies", root).stdout
    listed = run("show", "--pack", "st", "--policies", root, "--json").stdout
    assert json.loads(listed)[0]["effects"] == "prohibit, permit"
    assert run("show", "--policies", root).exit_code == 2
    assert run("show", "st.a", "--pack", "st", "--policies", root).exit_code == 2
    done = run("show", "st.b", "--policies", root)
    assert (done.exit_code, done.stderr.strip()) == (
        2,
        "st.b is no rule here; did you mean st.a?",
    )
    wrong = [rule("st.a", reach={"kinds": ["raed"]})]
    (root / "packs/st/rules/all.yaml").write_text(json.dumps(wrong))
    assert run("show", "st.a", "--policies", root).exit_code == 2


def case(root: Path, **members: Any) -> Path:
    """Return a case file."""
    path = root / "case.yaml"
    path.write_text(json.dumps({**CASE, **members}))
    return path


def test_explain(root: Path) -> None:
    """In sentences: what it comes to, who spoke, which exception failed and on what."""
    done = run("explain", case(root), "--policies", root)
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "C-1: A case",
        "",
        "date (Read) is withheld: Title of st.a (Law 1).",
        "  st.a (state law) says: no. This decides.",
        '    Exception c does not help: it is not so that "convicted" is true.',
        (
            "  If one of these were so it would be kept until a person decides: "
            '"convicted"'
        ),
        "    is true.",
    ]
    found = json.loads(run("explain", case(root), "--policies", root, "--json").stdout)
    assert found["asks"][0]["failed"][0]["on"] == ["convicted"]
    assert found["sentences"][0].startswith("date (Read)")
    assert "trace" not in found


def test_explain_with_trace(root: Path) -> None:
    """The evaluator's answer stands beside, by number."""
    asked = ("explain", case(root), "--policies", root, "--trace")
    assert '"by":' in run(*asked).stdout.partition("what the evaluator saw")[2]
    found = json.loads(run(*asked, "--json").stdout)
    assert found["trace"]["asks"][0]["outcome"] == "withhold"


def test_explain_what_cannot_be(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistakes of the case are named; without an engine the command says so."""
    wrong = case(root, custodian="sherif")
    done = run("explain", wrong, "--policies", root)
    assert (done.exit_code, "did you mean sheriff" in done.stderr) == (2, True)

    def gone(*_: object) -> None:
        raise Unavailable(Cause.POLICY_UNAVAILABLE, "no engine")

    monkeypatch.setattr("gateway.policy.facade.EmbeddedEngine", gone)
    assert run("explain", case(root), "--policies", root).exit_code == 4


def test_new_overlay(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files are written into a new folder, lint clean, and their case passes."""
    (root / "packs/st/scenarios").mkdir()
    (root / "packs/st/scenarios/c.yaml").write_text(json.dumps(CASE))
    monkeypatch.setattr("gateway.cli.policy_reading.shipped_policies", lambda: root)
    new = tmp_path / "new"
    asked = ("new-overlay", "our-county", "--on", "st", "--policies", new)
    done = run(*asked, "--json")
    assert done.exit_code == 0, done.stderr
    files = [Path(name) for name in json.loads(done.stdout)["files"]]
    assert [file.name for file in files] == ["pack.yaml", "local.yaml", "first.yaml"]
    assert 'title: "Our County"' in files[0].read_text()
    assert "st.a#c" in files[0].read_text()
    linted = run("lint", "--policies", new)
    assert (linted.exit_code, "our-county" in linted.stdout) == (0, False)
    assert run("test", files[2], "--policies", new).exit_code == 0
    assert run(*asked).exit_code == 1
    done = run(*asked[:1], "bb", *asked[2:], "--title", "The B")
    assert done.stdout.splitlines()[0].endswith("overlays/bb/pack.yaml")
    assert 'title: "The B"' in (new / "overlays/bb/pack.yaml").read_text()


def test_new_overlay_on_two_states(root: Path) -> None:
    """It is written, with a word of warning."""
    write(root, rules={"tx": []})
    asked = ("new-overlay", "cc", "--on", "st", "--on", "tx", "--policies", root)
    done = run(*asked)
    assert done.exit_code == 0
    assert done.stderr.startswith("No record is under st and tx: write an overlay")


def test_new_overlay_that_cannot_be(root: Path) -> None:
    """A pack that is not there and a name that is no id write nothing."""
    wrong = run("new-overlay", "cc", "--on", "stt", "--policies", root)
    assert (wrong.exit_code, "did you mean st?" in wrong.stderr) == (2, True)
    named = run("new-overlay", "No Id", "--on", "st", "--policies", root)
    assert (named.exit_code, "is no id" in named.stderr) == (2, True)
    taken = run("new-overlay", "st", "--on", "st", "--policies", root)
    assert (taken.exit_code, "is the id of a pack" in taken.stderr) == (2, True)
    assert [path.name for path in (root / "overlays").iterdir()] == ["county"]


def test_lint_by_proof(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What only a look at every question shows is found with --prove, by its line."""
    shaded = rule("st.b", layer="federal_permission", effect="permit", citation="Law 3")
    root = write(tmp_path / "policies", rules={"st": [LAW, shaded]})
    stack = ("lint", "--policies", root, "--pack", "st")
    assert "shadowed" not in run(*stack).output
    found = json.loads(run(*stack, "--prove", "--json").stdout)["findings"]
    (one,) = [item for item in found if item["code"] == "shadowed"]
    assert one["file"].endswith("packs/st/rules/all.yaml")
    assert one["line"]
    monkeypatch.setattr("gateway.policy.prove.find_spec", lambda _name: None)
    gone = run(*stack, "--prove")
    assert (gone.exit_code, "need the solver z3" in gone.stderr) == (4, True)

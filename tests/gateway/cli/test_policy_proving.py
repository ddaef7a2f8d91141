"""``sallyport policy prove``, ``leaks``, ``diff --prove``: what they say and write."""

# ruff: noqa: ANN401 - documents made by hand hold values of any type

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gateway.policy.build import build
from gateway.policy.proofs import PROOFS, require_proofs
from tests.gateway.cli.policies import run
from tests.gateway.policy.prove.laws import never
from tests.gateway.policy.small import REVEALS, rule, vocabulary_text, write

CONVICTED = {"fact": "convicted", "is": True}
LAW = rule(
    "st.a",
    effect="permit",
    reveals=REVEALS,
    when=[CONVICTED],
    reach={"requesters": ["ice"]},
)
KEPT_TO = never(never={"outcomes": ["release"]}, where={"requesters": ["fbi"]})
BROKEN = never(id="wrong", never={"outcomes": ["release"]}, where={"kinds": ["read"]})
STACKS = """\
schema: sallyport.stacks/1
stacks:
  - {packs: []}
  - {packs: [st]}
"""


def folder(
    path: Path, *rules: Any, invariants: Any = (KEPT_TO,), **written: Any
) -> Path:
    """Return a policies folder of one pack, with invariants and a list of stacks."""
    made = write(path, rules={"st": rules or [LAW]}, overlay=[], **written)
    text = {"schema": "sallyport.must_never/1", "invariants": list(invariants)}
    (made / "must_never.yaml").write_text(json.dumps(text))
    (made / "stacks.yaml").write_text(STACKS)
    return made


def test_a_stack_that_keeps_to_all_of_it(tmp_path: Path) -> None:
    """One line, and nothing is written unless asked for."""
    root = folder(tmp_path)
    result = run("prove", "--pack", "st", "--policies", root)
    assert result.exit_code == 0, result.output
    revision = build(root, ["st"]).revision[:12]
    assert result.stdout == f"st ({revision}): 9 claims hold for every question\n"
    assert not (root / "proofs").exists()


def test_proofs_that_are_written_activate_without_a_solver(tmp_path: Path) -> None:
    """They are kept in the folder, and the next build carries them."""
    root = folder(tmp_path)
    done = run(
        "prove", "--pack", "st", "--overlay", "county", "--policies", root, "--write"
    )
    assert done.exit_code == 0, done.output
    assert "overlay: the overlay is only ever stricter" in done.stdout
    bundle = build(root, ["st"], "county")
    require_proofs(bundle)
    out = tmp_path / "b.tar.gz"
    made = run("build", "--pack", "st", "--policies", root, "-o", out)
    assert made.exit_code == 0
    assert PROOFS in bundle.files


def test_what_does_not_hold_is_shown_by_a_case(tmp_path: Path) -> None:
    """Printed, and written where it is asked for; the case comes to what it says."""
    root = folder(tmp_path / "p", invariants=[KEPT_TO, BROKEN])
    cases = tmp_path / "cases"
    result = run("prove", "--pack", "st", "--policies", root, "--cases", cases)
    assert result.exit_code == 1
    assert "9 claims hold for every question, 1 do not" in result.stdout
    assert "never.wrong: It never comes out. (Law that says so) It does not hold:" in (
        result.stdout
    )
    assert "    schema: sallyport.case/1" in result.stdout
    (path,) = cases.iterdir()
    assert path.name == "st.breaks-wrong.yaml"
    decided = run("decide", path, "--policies", root)
    assert decided.exit_code == 0, decided.output
    assert "permit, release" in decided.stdout


def test_proofs_as_json(tmp_path: Path) -> None:
    """Every claim, and the cases of those that do not hold."""
    root = folder(tmp_path, invariants=[BROKEN])
    result = run("prove", "--pack", "st", "--policies", root, "--json")
    assert result.exit_code == 1
    (row,) = json.loads(result.stdout)
    assert (row["packs"], row["overlay"], row["holds"]) == (["st"], "", False)
    failed = {proof["id"]: proof for proof in row["proofs"] if not proof["holds"]}
    assert set(failed) == {"never.wrong"}
    (example,) = failed["never.wrong"]["broken_by"]
    assert example["cases"][0]["facts"] == {"convicted": True}


def every_stack(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Prove every stack of a folder's list, as a process."""
    sallyport = Path(sys.executable).parent / "sallyport"
    return subprocess.run(
        [str(sallyport), "policy", "prove", "--policies", str(root), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_listed_stack_is_proved(tmp_path: Path) -> None:
    """In the order of the list; several at a time, so in a process of its own."""
    root = folder(tmp_path, invariants=[BROKEN | {"packs": ["st"]}])
    done = every_stack(root, "--write")
    assert done.returncode == 1, done.stderr
    heads = [line for line in done.stdout.splitlines() if not line.startswith(" ")]
    assert [line.split(" (")[0] for line in heads] == ["agency-default", "st"]
    assert len(list((root / "proofs").iterdir())) == 2


def test_a_listed_stack_with_mistakes_names_them(tmp_path: Path) -> None:
    """After what was proved before it."""
    root = folder(tmp_path, rule("st.a", reason="BECAUSE"))
    done = every_stack(root)
    assert done.returncode == 2
    assert "BECAUSE is not a known word" in done.stderr


def test_mistakes_in_files_are_named(tmp_path: Path) -> None:
    """As they are by every command; so is a folder without a list of stacks."""
    root = folder(tmp_path)
    result = run("prove", "--pack", "sst", "--policies", root)
    assert (result.exit_code, "did you mean st?" in result.stderr) == (2, True)
    (root / "stacks.yaml").unlink()
    result = run("prove", "--policies", root)
    assert (result.exit_code, "stacks.yaml" in result.stderr) == (2, True)


def test_without_the_solver_each_command_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one sentence, and as something that is not there."""
    root = folder(tmp_path)
    monkeypatch.setattr("gateway.policy.prove.find_spec", lambda _name: None)
    for command in ("prove", "leaks"):
        result = run(command, "--pack", "st", "--policies", root)
        assert result.exit_code == 4
        assert "-m pip install 'z3-solver" in result.stderr


def test_a_formula_that_the_evaluator_contradicts_ends_badly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is claimed of it."""
    root = folder(tmp_path, invariants=[BROKEN])
    monkeypatch.setattr("gateway.policy.prove.stack.PLACES", 1)
    result = run("prove", "--pack", "st", "--policies", root)
    assert result.exit_code == 1
    assert "the formula does not say" in result.stderr


def test_leaks_are_told_by_family(tmp_path: Path) -> None:
    """What answers tell, in which datasets, and who declares it."""
    other = rule("st.bar", layer="record_bar", when=[CONVICTED], reveals=REVEALS)
    root = folder(tmp_path, LAW, other)
    result = run("leaks", "--pack", "st", "--policies", root)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[:3] == [
        "fed",
        "  convicted of cars, jail: no answer tells it",
        "      st.bar declares status (Law that allows it)",
    ]
    assert "It holds for every question" in result.stderr


def test_leaks_as_json(tmp_path: Path) -> None:
    """With whether all of it is declared."""
    result = run("leaks", "--pack", "st", "--policies", folder(tmp_path), "--json")
    found = json.loads(result.stdout)
    assert found["declared"] is True
    assert [(one["family"], one["tells"]) for one in found["leaks"]] == [
        ("fed", "release")
    ]


def bundle(path: Path, *rules: Any) -> Path:
    """Return a bundle of a pack with these rules, in a file."""
    out = path.with_suffix(".tar.gz")
    made = run("build", "--pack", "st", "--policies", folder(path, *rules), "-o", out)
    assert made.exit_code == 0, made.output
    return out


def test_a_looser_bundle_is_told(tmp_path: Path) -> None:
    """What was withheld and is now released, of what, to whom."""
    papers = [{"paper": ["warrant"], "by": ["judge"], "state": "confirmed"}]
    more = rule("st.b", effect="permit", reach={"kinds": ["hold"]}, when=papers)
    match = rule("st.c", effect="permit", reach={"use": ["match"]})
    old = bundle(tmp_path / "old", LAW)
    new = bundle(tmp_path / "new", LAW, more, match)
    cases = tmp_path / "cases"
    result = run("diff", old, new, "--prove", "--found", cases)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert "is looser than" in lines[0]
    held = lines.index("hold for fed: looser")
    assert lines[held + 1] == (
        "  looser: sheriff, jail, hold; ice for civil on 2026-01-15; warrant by judge"
        " issuer_confirmed: prohibit and withhold, then permit and release"
    )
    assert any("found by date" in line for line in lines)
    assert (cases / "before.looser-fed-hold.yaml").exists()
    whole = json.loads(run("diff", old, new, "--prove", "--json").stdout)
    assert whole["verdict"] == "looser"


def test_categories_that_differ_alike_are_told_together(tmp_path: Path) -> None:
    """With the question of the first; another turn is told by itself."""
    reach = {"categories": ["date", "home"], "requesters": ["ice"]}
    more = rule("st.b", effect="permit", reach=reach)
    old, new = bundle(tmp_path / "old", LAW), bundle(tmp_path / "new", LAW, more)
    lines = run("diff", old, new, "--prove").stdout.splitlines()[1:]
    assert [line for line in lines if not line.startswith(" ")] == [
        "date, home for fed: looser"
    ]
    assert lines[1].startswith("  looser: date; sheriff, jail, read; ice for")


def test_words_of_one_bundle_alone_are_told(tmp_path: Path) -> None:
    """They cannot be compared; here all else is the same."""
    words = vocabulary_text()
    words["custodian_types"]["school"] = {"title": "School"}
    old, new = bundle(tmp_path / "old", LAW), tmp_path / "new.tar.gz"
    root = folder(tmp_path / "new", LAW, words=words)
    assert run("build", "--pack", "st", "--policies", root, "-o", new).exit_code == 0
    lines = run("diff", old, new, "--prove").stdout.splitlines()
    assert "is equivalent to" in lines[0]
    assert lines[1] == "words that are only in the one after: custodian school"


def test_what_is_no_bundle_is_named(tmp_path: Path) -> None:
    """And a comparison that is not asked for by proof is not made."""
    path = tmp_path / "x"
    path.write_text("nothing")
    done = run("diff", path, path, "--prove")
    assert (done.exit_code, f"{path}: is no bundle" in done.stderr) == (2, True)
    done = run("diff", tmp_path, path, "--prove")
    assert (done.exit_code, f"{tmp_path}: is a folder" in done.stderr) == (2, True)
    assert run("diff", path, path).exit_code == 2

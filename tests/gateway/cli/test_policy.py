"""``sallyport policy``: what each command prints, and how it ends."""

# ruff: noqa: ANN401 - documents made by hand hold values of any type

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from gateway.errors import Cause, Unavailable
from gateway.policy import Bundle
from tests.gateway.cli.policies import run
from tests.gateway.policy.small import REVEALS, case_text, rule, write

CASE = case_text(facts={"convicted": True}, expect={"effect": "permit"})
LAW = rule(
    "st.a",
    effect="prohibit",
    reveals=REVEALS,
    change=["agreement"],
    unless=[
        {
            "id": "c",
            "when": [{"fact": "convicted", "is": True}],
            "effect": "permit",
            "obligations": ["log"],
        }
    ],
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a policies folder with one rule, an overlay and one case."""
    made = write(tmp_path / "policies", rules={"st": [LAW]}, overlay=[])
    (made / "packs/st/scenarios").mkdir()
    (made / "packs/st/scenarios/c-1.yaml").write_text(json.dumps(CASE))
    return made


def case(root: Path, **members: Any) -> Path:
    """Return a case file."""
    path = root / "case.yaml"
    path.write_text(json.dumps({**CASE, **members}))
    return path


def test_decide(root: Path) -> None:
    """Both renderings are printed: the internal one names the case, the other not."""
    done = run("decide", case(root), "--policies", root)
    assert done.exit_code == 0
    inside, _, outside = done.stdout.partition("the requester's")
    assert "date (read, release): permit, release; RULE_PERMITS; st.a#c" in inside
    assert "obligations: log" in inside
    assert "#c" not in outside
    assert "would change it: agreement" in outside
    found = json.loads(run("decide", case(root), "--policies", root, "--json").stdout)
    assert found["internal"]["asks"][0]["case"] == "c"
    assert found["requester"][0]["effect"] == "permit"


def test_decide_where_no_rule_speaks(root: Path) -> None:
    """It is said so, with no empty name of a rule."""
    request = {**CASE["request"], "categories": ["home"]}
    path = case(root, request=request, packs=["tx"], expect={})
    write(root, rules={"tx": []})
    done = run("decide", path, "--policies", root)
    said = "prohibit, withhold; NO_RULE; No rule opens it, so it is closed\n"
    assert said in done.stdout


def test_decide_pending(root: Path) -> None:
    """Without facts the screen is shown, with what is needed."""
    path = case(root, facts="pending", expect={})
    done = run("decide", path, "--policies", root)
    assert "date (release): permit, prohibit; needs convicted" in done.stdout
    assert "depends" in done.stdout


def test_decide_not_as_expected(root: Path) -> None:
    """A case that does not come to what it expects ends with 1 and says why."""
    done = run("decide", case(root, expect={"effect": "review"}), "--policies", root)
    assert done.exit_code == 1
    assert "expected review, got permit" in done.stderr


def test_facts_that_no_rule_reads(root: Path) -> None:
    """They are told beside; how a command ends is the same."""
    path = case(root, id="C-2", facts={"convicted": True, "sealed": False})
    note = "sealed is read by no rule of these packs: it changes nothing"
    for command in ("decide", "explain"):
        done = run(command, path, "--policies", root)
        assert (done.exit_code, done.stderr) == (0, f"note: {note}\n")
        found = json.loads(run(command, path, "--policies", root, "--json").stdout)
        assert found["notices"] == [note]
    done = run("test", path, "--policies", root)
    assert (done.exit_code, done.stderr) == (
        0,
        f"note: {path}: {note}\n1 cases, 0 not as expected\n",
    )
    found = json.loads(run("test", path, "--policies", root, "--json").stdout)
    assert found["notices"] == [f"{path}: {note}"]


def test_test(root: Path) -> None:
    """Case files of a folder are run; the count is said."""
    done = run("test", root, "--policies", root)
    assert (done.exit_code, done.stderr) == (0, "1 cases, 0 not as expected\n")
    bad = case(root, id="C-2", expect={"effect": "review"})
    done = run("test", bad, root, "--policies", root)
    assert done.exit_code == 1
    assert f"{bad}:1: C-2: date: expected review" in done.stdout
    found = json.loads(run("test", bad, "--policies", root, "--json").stdout)
    assert (found["cases"], found["failed"][0]["case"]) == (1, "C-2")
    assert found["failed"][0]["file"] == str(bad)
    assert run("test", "--policies", root).exit_code == 0
    (root / "empty").mkdir()
    assert run("test", root / "empty", "--policies", root).exit_code == 2


def test_mistakes_end_with_2(root: Path) -> None:
    """Mistakes of cases and of policies are all named."""
    wrong = case(root, custodian="sherif", dataset="jale")
    done = run("test", wrong, "--policies", root)
    assert done.exit_code == 2
    assert "did you mean sheriff" in done.stderr
    assert "jale" in done.stderr
    assert run("show", "--pack", "nowhere", "--policies", root).exit_code == 2
    (root / "vocabulary.yaml").write_text("{}")
    assert run("show", "--pack", "st", "--policies", root).exit_code == 2


def test_two_cases_of_one_id(root: Path) -> None:
    """The second cannot be told from the first: it is named, with its line."""
    done = run("test", case(root), root, "--policies", root)
    assert done.exit_code == 2
    assert "c-1.yaml:1: id: C-1 is the id of another case too: " in done.stderr


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Return a folder of cases: as expected, not, unreadable, in words unknown."""
    folder = tmp_path / "cases"
    folder.mkdir()
    texts = {
        "a-good": json.dumps({**CASE, "id": "A"}),
        "b-torn": json.dumps({**CASE, "id": "B", "day": "never", "packs": 1}),
        "c-other": json.dumps({**CASE, "id": "C", "expect": {"effect": "review"}}),
        "d-words": json.dumps({**CASE, "id": "D", "custodian": "sherif"}),
        "e-pack": json.dumps({**CASE, "id": "E", "packs": ["sx"]}),
    }
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder


def test_cases_with_mistakes_keep_no_other_from_being_run(
    root: Path, mixed: Path
) -> None:
    """The good are run and reported; the bad are named, with each mistake."""
    done = run("test", mixed, "--policies", root)
    assert done.exit_code == 2
    bad = mixed / "c-other.yaml"
    assert done.stdout.startswith(f"{bad}:1: C: date: expected review, got permit")
    *named, count, unread = done.stderr.replace(f"{mixed}/", "").splitlines()
    places = [": ".join(line.split(": ")[:2]) for line in named]
    assert places == [
        "b-torn.yaml:1: packs",
        "b-torn.yaml:1: day",
        "d-words.yaml:1: custodian",
        "e-pack.yaml:1: packs",
    ]
    assert named[2].endswith("sherif is not a known word; did you mean sheriff?")
    assert (count, unread) == (
        "2 cases, 1 not as expected",
        "3 cases could not be read",
    )
    (mixed / "c-other.yaml").unlink()
    assert run("test", mixed, "--policies", root).exit_code == 2


def test_cases_with_mistakes_for_programs(root: Path, mixed: Path) -> None:
    """One document says what was run, what failed and what could not be read."""
    done = run("test", mixed, "--policies", root, "--json")
    found = json.loads(done.stdout)
    assert (done.exit_code, done.stderr) == (2, "")
    assert (found["cases"], [row["case"] for row in found["failed"]]) == (2, ["C"])
    assert {
        Path(row["file"]).stem: len(row["mistakes"]) for row in found["unread"]
    } == {"b-torn": 2, "d-words": 1, "e-pack": 1}
    assert "did you mean sheriff" in found["unread"][1]["mistakes"][0]


def test_mistakes_of_a_pack_are_named_for_each_case(root: Path) -> None:
    """A mistake that is in a pack's file is told with the file of the case it stops."""
    write(root, rules={"st": [{**LAW, "reason": "NONE"}]}, overlay=[])
    done = run("test", root, "--policies", root)
    assert done.exit_code == 2
    said, *_ = done.stderr.splitlines()
    assert said.startswith(f"{root}/packs/st/scenarios/c-1.yaml: {root}/packs/st/rules")


def test_build(root: Path) -> None:
    """A bundle is written, signed where a key is given, and is the same each time."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem = root / "key.pem"
    pem.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    out = root / "bundle.tar.gz"
    stack = ("--pack", "st", "--policies", root, "--out", out)
    done = run("build", *stack, "--signing-key", pem, "--json")
    found = json.loads(done.stdout)
    assert found["signed"]
    assert Bundle.read(out.read_bytes()).revision == found["revision"]
    assert run("build", *stack).exit_code == 0
    assert ".signatures.json" not in Bundle.read(out.read_bytes()).files
    pem.write_text("no key")
    assert run("build", *stack, "--signing-key", pem).exit_code == 2
    wrong = ("--pack", "nowhere", "--policies", root, "--out", out)
    assert run("build", *wrong).exit_code == 2


def test_without_an_engine(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can decide, the commands end with 4."""

    def gone(*_: object) -> None:
        raise Unavailable(Cause.POLICY_UNAVAILABLE, "no engine")

    monkeypatch.setattr("gateway.policy.build.EmbeddedEngine", gone)
    monkeypatch.setattr("gateway.policy.facade.EmbeddedEngine", gone)
    out = ("--out", root / "x")
    assert run("build", "--pack", "st", "--policies", root, *out).exit_code == 4
    assert run("test", root, "--policies", root).exit_code == 4

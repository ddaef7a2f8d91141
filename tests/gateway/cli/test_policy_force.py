"""From a draft to rules in force and back, by the commands on a county's own log."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.cli.policy_replaying import read_bundle
from gateway.clock import SystemClock
from gateway.config import load
from gateway.demo.deciders import activate, people
from gateway.demo.layout import Layout
from gateway.policy.build import build
from gateway.policy.bundle import Bundle
from tests.gateway.cli.conftest import Sallyport
from tests.gateway.policy.small import kept_proofs

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def law(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped policies with few of their cases."""
    root = tmp_path_factory.mktemp("law") / "policies"
    leave = shutil.ignore_patterns("scenarios")
    shutil.copytree(REPOSITORY / "policies", root, ignore=leave)
    cases = "overlays/example-county/scenarios"
    (root / cases).mkdir()
    for name in ("county-defence", "county-defence-bulk", "county-worship-illinois"):
        file = f"{cases}/{name}.yaml"
        shutil.copy(REPOSITORY / "policies" / file, root / file)
    return root


@pytest.fixture
def rules(county: Path, law: Path) -> Path:
    """The county's own policies folder, in force."""
    root = county / "policies"
    shutil.copytree(law, root)
    path = county / "sallyport.yaml"
    path.write_text(path.read_text() + "\npolicies: policies\n")
    keys = people(Layout(root=county))
    asyncio.run(activate(load(path), clock=SystemClock(), keys=keys))
    return root


def revision(county: Path) -> str:
    """Return the revision that the county's files come to."""
    return built(county).revision


def built(county: Path) -> Bundle:
    """Return the bundle that the county's files come to."""
    law = load(county / "sallyport.yaml").jurisdiction
    return build(county / "policies", law.packs, law.overlay)


def prove(county: Path, *, fails: tuple[str, ...] = ()) -> None:
    """Keep proofs of the rules as they are now."""
    kept_proofs(county / "policies", built(county), fails=fails)


def edit(rules: Path, old: str = "bulk, is: false", new: str = "bulk, is: true") -> str:
    """Change a rule of the overlay; return what the file was."""
    path = rules / "overlays/example-county/rules/county.yaml"
    was = path.read_text()
    assert old in was
    path.write_text(was.replace(old, new))
    return was


Sign = Callable[[str], None]


def in_force(sallyport: Sallyport, sign: Sign, number: int, *words: str) -> None:
    """Look at the rules, have both sign, hand in."""
    code, said = sallyport("policy", "activate", *words)
    assert code == 0, said
    sign(f"activation-{number}.act")
    assert sallyport("act", "submit", f"activation-{number}.act")[0] == 0


def history(sallyport: Sallyport) -> list[dict[str, Any]]:
    """Return the activations."""
    _, rows = sallyport("policy", "history", "--json")
    found: list[dict[str, Any]] = rows
    return found


def rolled_back_elsewhere(county: Path, rules: Path, sallyport: Sallyport) -> None:
    """Where the stack or the folder is another, it is said what was then."""
    configured = (county / "sallyport.yaml").read_text()
    other = configured.replace("  overlay: example-county\n", "")
    assert other != configured
    (county / "sallyport.yaml").write_text(other)
    code, said = sallyport("policy", "rollback", "0", "--discard")
    assert code == 1
    assert (
        "Then it had packs: [us-federal, us-il] and overlay: example-county; write that"
        " into sallyport.yaml:jurisdiction"
    ) in said
    (county / "sallyport.yaml").write_text(configured)
    left = rules / "packs/us-il/must_never.yaml"
    left.write_text("schema: sallyport.must_never/1\ninvariants: []\n")
    code, said = sallyport("policy", "rollback", "0", "--discard")
    assert (code, "look in the folder for files that are not of then" in said) == (
        1,
        True,
    ), said
    left.unlink()


def test_into_force_and_back(
    county: Path, rules: Path, sallyport: Sallyport, sign: Sign
) -> None:
    """Looked at, signed by two, in force; and back by a new activation."""
    first = revision(county)
    code, said = sallyport("policy", "activate")
    assert (code, "the rules are those in force" in said) == (1, True)
    prove(county)
    local = rules / "overlays/example-county"
    was = (local / "rules/county.yaml").read_text()
    edit(rules, "  change: [agreement]\n", "")
    (local / "scenarios/own.yaml").write_text("kept")
    code, said = sallyport("policy", "activate")
    assert (code, "own.yaml" in said) == (2, True), said
    (local / "scenarios/own.yaml").unlink()
    code, said = sallyport("policy", "activate")
    assert code == 1
    assert said.splitlines()[-1].startswith("proof: policy ")
    assert " has no proofs, so it is not activated. Run: sallyport policy pr" in said
    prove(county)
    code, drafted = sallyport("policy", "activate", "--json", "--words", "As decided.")
    assert code == 0, drafted
    assert drafted["does"].endswith(
        "no lawyer has signed agency-default, example-county, us-federal, us-il"
    )
    _, shown = sallyport("act", "show", "activation-1.act")
    assert "    3 cases come to what they expect\n" in shown
    assert "    No past answers: there was nothing to compare." in shown
    sign("activation-1.act")
    # Edited afterwards, what was signed is void.
    signed_text = (local / "rules/county.yaml").read_text()
    edit(rules, "No bulk driver data", "Never any bulk driver data")
    prove(county)
    code, said = sallyport("act", "submit", "activation-1.act")
    assert (code, "people signed other files than these" in said) == (1, True)
    (local / "rules/county.yaml").write_text(signed_text)
    assert sallyport("act", "submit", "activation-1.act")[0] == 0
    second = revision(county)
    assert [row["policy"] for row in history(sallyport)] == [first, second]

    edit(rules, "No bulk driver data", "Never any bulk driver data")
    code, said = sallyport("policy", "rollback", "0")
    assert (code, "changes that were never in force" in said) == (1, True)
    rolled_back_elsewhere(county, rules, sallyport)
    code, told = sallyport("policy", "rollback", "0", "--discard", "--json")
    assert (code, told["policy"], told["number"]) == (0, first, 0)
    assert (local / "rules/county.yaml").read_text() == was
    assert len(history(sallyport)) == 2  # nothing happened yet
    in_force(sallyport, sign, 2, "--reason", "rollback")
    rows = history(sallyport)
    assert [(row["number"], row["policy"]) for row in rows] == [
        (0, first),
        (1, second),
        (2, first),
    ]
    assert rows[2]["reason"] == "rollback"
    assert rows[2]["signed_by"] == "counsel-1, officer-1"
    table = sallyport("policy", "history")[1]
    assert f"{first[:12]}..." in table
    assert first not in table


def test_without_proofs_no_past_question_is_read(
    county: Path, rules: Path, sallyport: Sallyport
) -> None:
    """What is refused anyway leaves no entry that the archive was read."""
    edit(rules, "  change: [agreement]\n", "")
    before = sallyport("status", "--json")[1]["entries"]
    code, said = sallyport("policy", "activate")
    assert (code, "past questions were read" in said) == (1, False)
    assert "proof: policy " in said
    assert sallyport("status", "--json")[1]["entries"] == before
    prove(county)
    assert sallyport("policy", "activate", "--json")[0] == 0
    assert sallyport("status", "--json")[1]["entries"] == before + 1


def test_what_shuts_the_gate(county: Path, rules: Path, sallyport: Sallyport) -> None:
    """Lint, a case and a proof that fail: each is named, and no act is written."""
    edit(rules)  # the case of bulk custody data comes to something else
    edit(rules, "Example County Policy 5.1", "none")
    prove(county, fails=("answered",))
    code, said = sallyport("policy", "activate")
    kinds = [line.partition(":")[0] for line in said.splitlines()]
    assert code == 1, said
    assert {"lint", "test", "proof"} <= {*kinds}
    assert " does not keep to answered. See: sallyport policy prove" in said
    assert not (county / "activation-1.act").exists()
    assert len(history(sallyport)) == 1


def test_replay(rules: Path, sallyport: Sallyport, tmp_path: Path) -> None:
    """What is in force beside a draft: the archive's reading is an entry, a file's not.

    A bundle can be compared with another; what does not read is said.
    """
    now = tmp_path / "now.tar.gz"
    stack = [
        *("--pack", "us-federal", "--pack", "us-il", "--overlay", "example-county"),
        *("--policies", "policies"),
    ]
    assert sallyport("policy", "build", *stack, "-o", str(now))[0] == 0
    edit(rules)
    draft = tmp_path / "draft.tar.gz"
    assert sallyport("policy", "build", *stack, "-o", str(draft))[0] == 0
    replay = ("policy", "replay", "--bundle", str(draft), "--json")
    before = sallyport("status", "--json")[1]["entries"]
    code, found = sallyport(*replay, "--since", "2026-01-01")
    assert (code, found["total"], found["policy_before"]) == (
        0,
        "none",
        built_revision(now),
    )
    assert sallyport("status", "--json")[1]["entries"] == before + 1
    code, found = sallyport(*replay, "--against", str(draft))
    assert (code, found["policy_before"]) == (0, found["policy_after"])
    asked = tmp_path / "asked.jsonl"
    asked.write_text("")
    entries = sallyport("status", "--json")[1]["entries"]
    for more in ((), ("--against", str(now))):
        code, found = sallyport(*replay, "--requests", str(asked), *more)
        assert (code, found["policy_before"]) == (0, built_revision(now))
    assert sallyport("status", "--json")[1]["entries"] == entries
    assert sallyport(*replay, "--since", "May")[0] == 2
    (tmp_path / "odd").write_text("odd")
    code, said = sallyport("policy", "replay", "--bundle", str(tmp_path / "odd"))
    assert (code, "is no bundle" in said) == (2, True)


def built_revision(path: Path) -> str:
    """Return the revision of a bundle in a file."""
    return read_bundle(path).revision


def test_verify(sallyport: Sallyport, law: Path, tmp_path: Path) -> None:
    """A signed bundle says what it is made of; another key or an edit is refused."""
    keys = [tmp_path / "a.pem", tmp_path / "b.pem"]
    for path in keys:
        write_key(path)
    out = tmp_path / "b.tar.gz"
    stack = ("--pack", "us-il", "--policies", str(law), "-o", str(out))
    code, made = sallyport("policy", "build", *stack, "--sign", str(keys[0]), "--json")
    assert code == 0, made
    verify = ("policy", "verify", str(out), "--json", "--key")
    assert sallyport(*verify, f"{keys[0]}.pub") == (
        0,
        {
            "revision": made["revision"],
            "signed": True,
            "packs": ["agency-default", "us-il"],
            "drafts": ["agency-default", "us-il"],
        },
    )
    assert sallyport(*verify, f"{keys[1]}.pub")[0] == 1
    assert sallyport(*verify, str(tmp_path / "gone"))[0] == 2
    assert sallyport("policy", "build", *stack)[0] == 0
    assert sallyport(*verify, f"{keys[0]}.pub")[0] == 1  # it is not signed


def write_key(path: Path) -> None:
    """Write a key that signs bundles, and its public half beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    Path(f"{path}.pub").write_bytes(
        key.public_key().public_bytes(
            serialization.Encoding.PEM,
            serialization.PublicFormat.SubjectPublicKeyInfo,
        )
    )

"""Decisions asked again: the same law, asked the same, answers the same."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from audit.cli import main
from audit.errors import CannotTell
from audit.keyfiles import write_secret
from audit.replay import bundle_of, replayed
from gateway.policy import Bundle, Policy, Vector
from gateway.policy.sign import signed
from tests.audit.builders import AUDITOR, KEYS, entry, opening
from tests.audit.sources import Files
from tests.audit.test_bundle import PEM
from tests.gateway.policy.small import policy_of, question, rule

VECTORS = [Vector(), Vector(facts={"sealed": True})]


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    """A small law."""
    return policy_of(tmp_path_factory.mktemp("law"), rule("st.a", effect="permit"))


@pytest.fixture(scope="module")
def part(policy: Policy) -> dict[str, Any]:
    """What an entry records of a question to it, as the gateway writes it."""
    asked = question(policy.vocabulary)
    vectors = [Vector(), Vector(), *[Vector()] * 40]

    async def ask() -> dict[str, Any]:
        screen = await policy.screen(asked)
        decisions = await policy.decide(asked, vectors)
        return {
            "question": asked.canonical.decode(),
            "vectors": [vector.canonical.decode() for vector in vectors],
            "answers": {
                "screen": screen.answer,
                "records": [decision.answer for decision in decisions],
            },
        }

    return asyncio.run(ask())


def archive(policy: Policy, **changes: bytes) -> bytes:
    """Return the bundle as it is published, with some files changed."""
    files = {**policy.bundle.files, **changes}
    return signed(Bundle(files=files), pem=PEM, key_id="k").archive()


def test_the_same_law_answers_the_same(policy: Policy, part: dict[str, Any]) -> None:
    """Screen and every record, in more than one portion."""
    done = replayed(dict(policy.bundle.files), part)

    assert (done.records, done.differences) == (42, [])


def test_another_answer_is_named(policy: Policy, part: dict[str, Any]) -> None:
    """Each one that differs, and no other."""
    answers = part["answers"]
    records = list(answers["records"])
    records[1] = records[35] = "0" * 64
    changed = {**part, "answers": {"screen": "0" * 64, "records": records}}

    assert replayed(dict(policy.bundle.files), changed).differences == [
        "the screen's answer is another one",
        "the answer to record 1 is another one",
        "the answer to record 35 is another one",
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"answers": None}, "does not read"),
        ({"answers": {"screen": 1, "records": []}}, "one answer for each record"),
        ({"answers": {"screen": "", "records": []}}, "one answer for each record"),
        ({"vectors": 1}, "does not read"),
        ({"question": "x"}, "does not read"),
        ({"question": "[]"}, "holds no questions"),
        ({"question": '{"asks":1}'}, "gives no answer"),
    ],
)
def test_what_is_no_record_of_a_decision(
    policy: Policy, part: dict[str, Any], changes: Mapping[str, Any], said: str
) -> None:
    """A part in another form shows nothing either way."""
    with pytest.raises(CannotTell, match=said):
        replayed(dict(policy.bundle.files), {**part, **changes})
    with pytest.raises(CannotTell, match="no rule decided this"):
        replayed(dict(policy.bundle.files), {"question": part["question"]})


def test_without_an_engine_nobody_can_tell(
    policy: Policy, part: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The extra is named."""
    monkeypatch.setitem(sys.modules, "regorus", None)
    with pytest.raises(CannotTell, match="extra replay"):
        replayed(dict(policy.bundle.files), part)


def test_the_bundle_is_the_one_that_the_leaf_names(policy: Policy) -> None:
    """Others, broken ones, and one whose meta says more are passed over."""
    whole = archive(policy)
    more = {"meta/data.json": b'{"more":1,"revision":"%b"}' % policy.revision.encode()}

    class Listed(Files):
        def files(self) -> Iterator[str]:
            yield from self.files_

    source = Listed(
        {
            "acts/1": b"",
            "policy/1.tar.gz": b"broken",
            "policy/2.tar.gz": archive(policy, **{"x.rego": b"package x"}),
            "policy/3.tar.gz": archive(policy, **more),
            "policy/4.tar.gz": whole,
        }
    )
    found = bundle_of(source, policy.revision)
    assert found["meta/data.json"] == policy.bundle.files["meta/data.json"]
    with pytest.raises(CannotTell, match="of the revision"):
        bundle_of(source, "0" * 64)


def test_the_command(
    policy: Policy,
    part: dict[str, Any],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit 0 the same, 1 another answer, 2 nobody can tell."""
    data = archive(policy)
    name = f"policy/{sha256(data).hexdigest()}.tar.gz"
    broken = {**part["answers"], "screen": "0" * 64}
    law = policy.revision

    async def fill() -> None:
        async with opening(tmp_path / "store", create=True) as log:
            await log.append(
                entry(sealed={"replay": part}, attachments={name: data}, policy=law)
            )
            for sealed in ({**part, "answers": broken}, {"question": "{}"}):
                await log.append(entry(sealed={"replay": sealed}, policy=law))
            await log.append(entry(sealed={"who": {"a": 1}}, policy=law))

    asyncio.run(fill())
    KEYS.write(tmp_path / "keys")
    write_secret(tmp_path / "auditor.key", AUDITOR.secret_text + "\n")

    def run(index: int, *words: str) -> int:
        return main(
            [
                *("replay", str(tmp_path / "store"), "--index", str(index), "--json"),
                *("--key", str(tmp_path / "auditor.key"), *words),
            ]
        )

    keys = ("--vkey", str(tmp_path / "keys" / "log.vkeys"))
    assert run(0, *keys) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["exit"], said["outcome"], said["records"]) == (0, "ok-unwitnessed", 42)
    assert run(1, *keys) == 1
    assert (
        "screen's answer"
        in json.loads(capsys.readouterr().out)["findings"][0]["reason"]
    )
    assert run(2, *keys) == 2
    assert run(3, *keys) == 2
    assert "part replay: absent" in capsys.readouterr().err
    assert run(0) == 2
    (tmp_path / "store" / "live" / "checkpoint").unlink()
    assert run(0, *keys) == 2

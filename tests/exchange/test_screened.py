"""Where no rule needs a fact of the record, the screen is the decision."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.config import load
from gateway.demo.layout import Layout
from gateway.policy.build import build
from gateway.policy.proofs import Unproved, keep_proofs
from gateway.policy.prove import proved
from gateway.running import propose
from tests.exchange.county import County, activate, running, write_county
from tests.exchange.requests import SHERIFF, asking, booking, custody

pytestmark = pytest.mark.asyncio(loop_scope="module")


PACK = """\
schema: sallyport.pack/1
id: tests-state
title: A state of the tests without bars on records
version: 0.1.0
as_of: 2026-04-30
time_zone: America/Chicago
kind: state
verification: {status: local, checked_on: 2026-04-30, lawyer: null}
"""


CERTIFIED = """\
- id: tests-state.certified
  title: Court dates for a purpose that is more than said
  citation: "Law of the tests"
  layer: state
  reach:
    requesters: [ice_hsi]
    kinds: [read_fields]
    categories: [court_date]
  when: [{fact: purpose_basis, in: [certified, process]}]
  effect: permit
  reason: RULE_PERMITS
  verification: {status: local, checked_on: 2026-04-30, lawyer: null}
"""


CERTIFICATION = """\
certifications:
      - {code: no_immigration_use, from: 2020-01-01, until: 2040-01-01}
"""


def plain_county(root: Path, policies: Path) -> Layout:
    """Write a county whose only law is the agency default."""
    layout = write_county(root)
    own = root / "policies"
    shutil.copytree(policies, own, ignore=shutil.ignore_patterns("us-*", "example-*"))
    (own / "packs" / "tests-state" / "rules").mkdir(parents=True)
    (own / "packs" / "tests-state" / "pack.yaml").write_text(PACK)
    (own / "packs" / "tests-state" / "rules" / "said.yaml").write_text(CERTIFIED)
    agencies = root / "agencies.yaml"
    agreed = "agreements:\n      - {id: demo-ice,"
    text = agencies.read_text()
    assert agreed in text
    agencies.write_text(text.replace(agreed, f"{CERTIFICATION}    {agreed}", 1))
    path = layout.config()
    lines = [
        "  packs: [tests-state]" if line.strip().startswith("packs:") else line
        for line in path.read_text().splitlines()
        if not line.strip().startswith("overlay:")
    ]
    path.write_text("\n".join([*lines, f"policies: {own}", ""]))
    bundle, proofs = proved(build(own, ["tests-state"]))
    assert all(proof.holds for proof in proofs)
    keep_proofs(bundle, own)
    return layout


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def plain(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[County]:
    """A running county without rules about records."""
    policies = Path(__file__).parents[2] / "policies"
    root = tmp_path_factory.mktemp("plain") / "d"
    layout = await asyncio.to_thread(plain_county, root, policies)
    await activate(await asyncio.to_thread(load, layout.config()))
    async with running(layout) as found:
        yield found


async def test_the_screen_decides_and_one_statement_reads(plain: County) -> None:
    """What the agency opens for everybody needs no fact, and is read at once."""
    body = custody(fields=["custody_status", "home_address"])

    answer = await plain.post(SHERIFF, body)

    assert answer.status == 200
    assert answer.body["status"] == "partly_released"
    assert set(answer.body["records"][0]["fields"]) == {"custody_status"}


async def test_nobody_found_is_an_empty_release(plain: County) -> None:
    """Where the screen already permits, no match is 200 with no records."""
    body = custody(999_999)

    answer = await plain.post(SHERIFF, body)

    assert answer.status == 200
    assert answer.body["records"] == []


async def test_several_subjects_are_records_of_one_exchange(plain: County) -> None:
    """Each record says which of the subjects it belongs to; one entry, one receipt."""
    subjects = [*booking(17), *booking(999_999), *booking(18)]
    body = asking(
        "county-jail",
        "criminal_investigation",
        subjects=subjects,
        fields=["custody_status"],
    )

    answer = await plain.post(SHERIFF, body)

    assert [record["subject"] for record in answer.body["records"]] == [0, 2]
    leaf = (await plain.leaves())[answer.body["receipt"]["index"]]
    assert leaf["n"] == 2
    assert len(leaf["tags"]) == 2


async def test_a_law_can_ask_what_a_stated_purpose_rests_on(plain: County) -> None:
    """A certification stands behind a crime, not behind what is presumed anyway."""

    def of(purpose: str) -> dict[str, object]:
        return asking(
            "county-jail", purpose, subjects=booking(17), fields=["court_date"]
        )

    answer = await plain.post("ice-hsi", of("criminal_investigation"))
    presumed = await plain.post("ice-hsi", of("immigration_civil"))

    assert set(answer.body["records"][0]["fields"]) == {"court_date"}
    assert presumed.status == 403


async def test_a_law_that_is_not_proved_is_not_activated(plain: County) -> None:
    """One more rule is another revision: it needs proofs of its own."""
    rules = plain.config.policies / "packs" / "tests-state" / "rules" / "more.yaml"
    await asyncio.to_thread(rules.write_text, RULE)
    with pytest.raises(Unproved, match="has no proofs, so it is not activated"):
        await propose(plain.config)
    await asyncio.to_thread(rules.unlink)
    await propose(plain.config)


RULE = """\
- id: tests-state.agreements
  title: No agreements
  citation: "Law of the tests"
  layer: state
  reach: {kinds: [agreement]}
  effect: prohibit
  verification: {status: local, checked_on: 2026-04-30, lawyer: null}
"""

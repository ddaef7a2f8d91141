"""The form of the leaf is public before the first leaf that has it."""

from __future__ import annotations

import asyncio
import hashlib
import importlib
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.config import Config
from gateway.entries import cfg, leaf_schema
from gateway.ledger import Basis, Ended, open_ledger, record_end, schema
from tests.gateway.county import GENESIS, activated, cut, found_county

BASIS = Basis(policy="a" * 64, manifest="b" * 64)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A county with keys and no log yet."""
    return found_county(tmp_path)


def another_version(monkeypatch: pytest.MonkeyPatch) -> tuple[str, bytes]:
    """Be a version whose leaf has another form; return its digest and its schema."""
    changed = leaf_schema().replace(b"hour of the entry", b"the hour of the entry")
    newer = hashlib.sha256(changed).hexdigest()
    # The package has a function of the module's name.
    leaves = importlib.import_module("gateway.entries.leaf")
    for module in (leaves, schema):
        monkeypatch.setattr(module, "cfg", lambda: newer)
        monkeypatch.setattr(module, "leaf_schema", lambda: changed)
    return newer, changed


async def test_another_version_publishes_the_form_of_its_leaf(
    county: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its first act brings it along, and later ones not again."""
    async with open_ledger(county, clock=SystemClock(), create=True) as opened:
        await opened.registrar.write(lambda _: GENESIS, basis=Basis())
        await opened.registrar.write(activated, basis=BASIS)
    older, form = cfg(), leaf_schema()
    newer, changed = another_version(monkeypatch)
    async with open_ledger(county, clock=SystemClock()) as opened:
        await opened.registrar.write(cut, basis=BASIS)
        published = await opened.registrar.public_file(f"schema/{newer}.json")
        before = await opened.registrar.public_file(f"schema/{older}.json")
        monkeypatch.setattr(schema, "leaf_schema", lambda: b"not asked for again")
        await opened.registrar.write(lambda acts: cut(acts, "ice"), basis=BASIS)
        found = await asyncio.to_thread(lambda: [*opened.log.leaves()])

    assert (before, published) == (form, changed)
    assert [leaf["cfg"] for _, leaf in found] == [older, older, newer, newer]


async def test_what_ends_before_a_start_publishes_it_too(
    county: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command may write the first entry of a new version, and it is no act."""
    async with open_ledger(county, clock=SystemClock(), create=True) as opened:
        await opened.registrar.write(lambda _: GENESIS, basis=Basis())
    newer, changed = another_version(monkeypatch)
    async with open_ledger(county, clock=SystemClock()) as opened:
        done = Ended(key=b"k" * 32, how=b"h" * 32, account={})
        await record_end(opened.log, done, basis=BASIS)
        published = await opened.registrar.public_file(f"schema/{newer}.json")
        found = await asyncio.to_thread(lambda: [*opened.log.leaves()])

    assert published == changed
    assert [(leaf["ev"], leaf["cfg"]) for _, leaf in found][1:] == [("review", newer)]

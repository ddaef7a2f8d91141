"""What differs from the activation is named by file, from the log's own manifest."""

from __future__ import annotations

import asyncio

import pytest

from gateway.acts import NotActivated
from gateway.config import Config
from gateway.ledger import (
    Basis,
    Ledger,
    changed_names,
    require_files,
)
from gateway.manifest import Manifest, manifest_files, read_manifest
from tests.gateway.county import activated

POLICY = "a" * 64
BEFORE = Manifest(
    files=(("agencies.yaml", "1" * 64), ("catalogue/jail.yaml", "2" * 64))
)
AFTER = Manifest(files=(("agencies.yaml", "1" * 64), ("catalogue/jail.yaml", "3" * 64)))


async def test_files_that_differ_are_named(ledger: Ledger) -> None:
    """Nothing before the first activation; then each file, and the rules."""
    registrar = ledger.registrar
    assert await changed_names(registrar, policy=POLICY, manifest=BEFORE) is None
    with pytest.raises(NotActivated, match="nothing was activated yet"):
        await require_files(registrar, policy=POLICY, manifest=BEFORE)

    await registrar.write(
        lambda held: activated(held, manifest=BEFORE.digest),
        basis=Basis(policy=POLICY, manifest=BEFORE.digest),
        attachments={f"manifest/{BEFORE.digest}": BEFORE.text.encode()},
    )
    active = await require_files(registrar, policy=POLICY, manifest=BEFORE)
    assert active.index == 1
    assert await changed_names(registrar, policy=POLICY, manifest=BEFORE) == []
    assert await changed_names(registrar, policy="b" * 64, manifest=AFTER) == [
        "catalogue/jail.yaml",
        "policy",
    ]
    with pytest.raises(NotActivated, match=r"changed since: catalogue/jail\.yaml; "):
        await require_files(registrar, policy=POLICY, manifest=AFTER)


async def test_each_file_of_the_manifest_edited_by_hand_is_named(
    ledger: Ledger, county: Config
) -> None:
    """One byte more in any of them: not what was activated, and which one."""
    registrar = ledger.registrar
    now = await asyncio.to_thread(read_manifest, county)
    await registrar.write(
        lambda held: activated(held, manifest=now.digest),
        basis=Basis(policy=POLICY, manifest=now.digest),
        attachments={f"manifest/{now.digest}": now.text.encode()},
    )
    files = await asyncio.to_thread(manifest_files, county)
    assert len(files) == 5
    for name, path in files.items():
        before = await asyncio.to_thread(path.read_bytes)
        await asyncio.to_thread(path.write_bytes, before + b"\n")
        edited = await asyncio.to_thread(read_manifest, county)
        with pytest.raises(NotActivated, match=f"changed since: {name}; "):
            await require_files(registrar, policy=POLICY, manifest=edited)
        await asyncio.to_thread(path.write_bytes, before)
    await require_files(
        registrar,
        policy=POLICY,
        manifest=await asyncio.to_thread(read_manifest, county),
    )

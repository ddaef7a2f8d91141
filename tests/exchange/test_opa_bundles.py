"""Bundles that an OPA fetches: a new one, a broken one, one not to be followed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from gateway import standing
from gateway.acts import NotActivated, require_active
from gateway.errors import EngineFault, GatewayError
from gateway.in_force import read_files
from gateway.policy.engines import Offer
from gateway.policy.sign import signed
from tests.exchange.beside import LONGEST_S, until, write_signing_key
from tests.exchange.between import Pair
from tests.exchange.county import County, vouch
from tests.exchange.requests import SHERIFF, custody

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.slow,
    pytest.mark.services,
    pytest.mark.timeout(300),
]


def change_law(county: County, note: str) -> None:
    """Change what a rule says of itself: another revision, the same decisions."""
    path = county.layout.root / "policies/packs/us-il/rules/process.yaml"
    text = path.read_text()
    head, separator, rest = text.partition("  title: ")
    path.write_text(f"{head}{separator}{note} {rest}")
    vouch(county.config)


@dataclass(kw_only=True)
class Load:
    """Requesters that ask without pause, and what they were answered."""

    county: County
    answers: list[int] = field(default_factory=list)
    stop: bool = False

    async def ask(self, number: int) -> None:
        """Ask questions whose answers nobody remembers."""
        fields = ["custody_status", "court_date", "release_date", "booking_charges"]
        while not self.stop:
            self.county.services.in_force.policy.forget()
            body = custody(number) | {"fields": fields[: 1 + len(self.answers) % 4]}
            self.answers.append((await self.county.post(SHERIFF, body)).status)


async def test_an_activation_under_load_drops_no_request(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While OPA has not polled yet, answers and entries are of the bundle before."""
    # On a crowded machine OPA may need longer than it is given in earnest.
    monkeypatch.setattr(standing, "GRACE_S", LONGEST_S)
    monkeypatch.setattr(pair.county.services.engines._opa, "_deadline_s", LONGEST_S)
    county = pair.county
    await pair.heals()
    before = county.services.in_force
    size = county.services.log.size
    load = Load(county=county)
    async with asyncio.TaskGroup() as group:
        for number in range(3):
            group.create_task(load.ask(number + 10))
        await until(lambda: _more(load, 10))
        await asyncio.to_thread(change_law, county, "Once more,")
        told = await county.command(command="draft-activation", reason="scheduled")
        await until(lambda: _more(load, 10))
        load.stop = True
    after = county.services.in_force
    pairs = [
        (leaf["policy"], leaf["manifest"])
        for leaf in (await county.leaves())[size:]
        if leaf["ev"] == "exchange"
    ]

    assert set(load.answers) == {200}
    assert isinstance(told, dict)
    assert told["said"] == "number 1 is in force"
    assert told["policy"] == after.policy.revision != before.policy.revision
    assert set(pairs) == {
        (before.policy.revision, before.manifest),
        (after.policy.revision, after.manifest),
    }
    assert pairs[-1] == (after.policy.revision, after.manifest)


async def _more(load: Load, count: int) -> bool:
    """Tell whether so many answers have come since this was first asked."""
    asked = load.__dict__.setdefault("since", len(load.answers))
    if len(load.answers) < asked + count:
        return False
    del load.__dict__["since"]
    return True


async def test_a_broken_bundle_is_refused_and_the_old_one_stays(pair: Pair) -> None:
    """Rules that no engine takes are no entry; requests go on, operators are told."""
    county = pair.county
    await pair.heals()
    size, law = county.services.log.size, county.services.in_force
    path = county.layout.root / "policies/rego/decide.rego"
    text = await asyncio.to_thread(path.read_text)
    broken = text.replace("some key, 1 in standing", "some key, 2 in standing")
    assert broken != text
    await asyncio.to_thread(path.write_text, broken)
    try:
        with pytest.raises(GatewayError, match="does not say what the rules say"):
            await county.command(command="draft-activation", reason="scheduled")
    finally:
        await asyncio.to_thread(path.write_text, text)
    gauges = (await county.admin("/metrics")).data.decode()

    assert county.services.log.size == size
    assert county.services.in_force is law
    assert (await pair.ask()).status == 200
    assert "sallyport_activations_refused_total 1.0" in gauges


async def test_opa_takes_no_bundle_of_another_key(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bundle signed by somebody else stays outside; the old one is not enough."""
    monkeypatch.setattr(standing, "GRACE_S", 0.5)
    county = pair.county
    await pair.heals()
    engines = county.services.engines
    other = county.layout.keys / "other.key"
    await asyncio.to_thread(write_signing_key, other)
    pem = await asyncio.to_thread(other.read_bytes)
    with monkeypatch.context() as patched:
        patched.setattr(
            engines, "_sign", lambda b: signed(b, pem=pem, key_id="sallyport")
        )
        await asyncio.to_thread(change_law, county, "By another key,")
        told = await county.command(command="draft-activation", reason="scheduled")
        refused = await pair.ask()
        engines._offer = None  # signed again, by the right key, when OPA next polls

    assert isinstance(told, dict)
    said = str(told["said"])
    assert "nothing is released yet: opa: answers by another bundle" in said
    assert refused.cause == "policy-unavailable"
    assert await pair.failures(EngineFault.UNTRIED) > 0
    await pair.heals()


@pytest.mark.fault("opa-old-revision")
async def test_an_old_signed_bundle_is_refused_on_both_engines(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Well signed and served again, it is another bundle than the one activated."""
    county = pair.county
    await pair.heals()
    engines = county.services.engines
    revision = county.services.in_force.policy.revision
    old = Offer(etag='"old"', archive=(await engines.offered()).archive)
    text = await asyncio.to_thread(
        (county.layout.root / "policies/packs/us-il/rules/process.yaml").read_text
    )
    await asyncio.to_thread(change_law, county, "Stricter,")
    monkeypatch.setattr(standing, "GRACE_S", LONGEST_S)
    await county.command(command="draft-activation", reason="scheduled")
    assert (await pair.ask()).status == 200

    async def served() -> Offer:
        return old

    before = await pair.failures(EngineFault.REVISION)
    with monkeypatch.context() as patched:
        patched.setattr(type(engines), "etag", property(lambda _: '"old"'))
        patched.setattr(engines, "offered", served)

        async def refused() -> bool:
            return (await pair.ask()).status != 200

        await until(refused)
        assert (await pair.ask()).cause == "policy-unavailable"
        assert await pair.failures(EngineFault.REVISION) > before
    await pair.heals()

    # The embedded engine has the same law to follow: the log's last activation.
    process = county.layout.root / "policies/packs/us-il/rules/process.yaml"
    new = await asyncio.to_thread(process.read_text)
    await asyncio.to_thread(process.write_text, text)
    older = await asyncio.to_thread(read_files, county.config)
    await asyncio.to_thread(process.write_text, new)
    assert older.bundle.revision == revision
    with pytest.raises(NotActivated, match="the policy bundle here"):
        require_active(
            county.services.ledger.acts.in_force.activation,
            policy=older.bundle.revision,
            manifest=older.manifest.digest,
        )

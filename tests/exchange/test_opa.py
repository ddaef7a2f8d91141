"""A gateway with a real OPA beside it: what it does, and whatever OPA does."""

from __future__ import annotations

import asyncio
import http.client
import json
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from audit import AuditorKey
from audit.folder import Folder
from audit.keep import FolderKeep
from audit.opening import open_entry
from audit.proof import leaf_at
from gateway import standing
from gateway.acts import NotActivated, require_active
from gateway.config import load
from gateway.control import NotDone
from gateway.errors import EngineFault, GatewayError
from gateway.in_force import read_files
from gateway.policy.engines import Offer
from gateway.policy.sign import signed
from tests.exchange.beside import (
    LONGEST_S,
    Beside,
    free_ports,
    is_closed,
    start_beside,
    until,
    with_opa,
    write_signing_key,
)
from tests.exchange.county import (
    Answer,
    County,
    activate,
    asking,
    booking,
    running,
    vouch,
    write_county,
)

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.slow,
    pytest.mark.services,
    pytest.mark.timeout(300),
]

SHERIFF = "neighbour-sheriff"
Change = Callable[[web.Request, bytes], Awaitable[web.StreamResponse]]


@dataclass(kw_only=True)
class Between:
    """Stands between the gateway and its OPA, and changes what that answers."""

    port: int
    change: Change | None = None
    questions: list[bytes] = field(default_factory=list, repr=False)

    async def pass_on(self, request: web.Request) -> web.StreamResponse:
        """Answer as OPA does, or as the test wants it."""
        body = await request.read()
        self.questions.append(body)
        headers = {name: request.headers[name] for name in ("Authorization",)}
        url = f"http://127.0.0.1:{self.port}{request.path}"
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.post(url, data=body, headers=headers) as answer,
            ):
                data, status = await answer.read(), answer.status
        except aiohttp.ClientError:
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if self.change is not None and status == 200:
            return await self.change(request, data)
        return web.Response(body=data, status=status, content_type="application/json")


@asynccontextmanager
async def between(port: int, opa_port: int) -> AsyncIterator[Between]:
    """Let something stand between for the length of the block."""
    found = Between(port=opa_port)
    application = web.Application(client_max_size=1 << 24)
    application.router.add_post("/{path:.*}", found.pass_on)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield found
    finally:
        await runner.cleanup()


@dataclass(kw_only=True)
class Pair:
    """A county's gateway and the OPA beside it, with something between."""

    county: County
    opa: Beside
    between: Between

    async def ask(self) -> Answer:
        """Ask an ordinary question that nobody remembers the answer to."""
        self.county.services.in_force.policy.forget()
        return await self.county.post(SHERIFF, custody())

    def hurry(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Give OPA little time: what is late here would be late anyway."""
        monkeypatch.setattr(self.county.services.engines._opa, "_deadline_s", 0.2)

    async def failures(self, fault: EngineFault) -> float:
        """Return how often OPA gave no answer for this reason."""
        text = (await self.county.admin("/metrics")).data.decode()
        name = f'sallyport_engine_failures_total{{engine="opa",fault="{fault}"}} '
        return float(text.partition(name)[2].partition("\n")[0] or 0)

    async def answers(self) -> bool:
        """Tell whether the gateway answers."""
        return (await self.ask()).status == 200

    async def heals(self) -> None:
        """Wait until the gateway answers again, by itself."""
        await until(self.answers)


def custody(number: int = 17) -> dict[str, Any]:
    """Return an ordinary request that is released."""
    return asking(
        "county-jail",
        "criminal_investigation",
        subjects=booking(number),
        fields=["custody_status"],
    )


def cause(answer: Answer) -> str:
    """Return the cause that a 503 names."""
    assert answer.status == 503, answer.data
    assert "records" not in answer.body
    return str(answer.body["type"]).removeprefix("urn:sallyport:problem:")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair(
    tmp_path_factory: pytest.TempPathFactory, require_tool: Callable[[str], Path]
) -> AsyncIterator[Pair]:
    """A gateway with OPA beside it, both started fresh."""
    root: Path = tmp_path_factory.mktemp("o")
    layout = await asyncio.to_thread(write_county, root / "d", records=60)
    opa_port, url_port, admin_port = free_ports(3)
    await asyncio.to_thread(with_opa, layout, url_port=url_port, admin_port=admin_port)
    await activate(await asyncio.to_thread(load, layout.config()))
    program = require_tool("opa")
    opa = await asyncio.to_thread(start_beside, layout, program, opa_port)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(asyncio.to_thread, opa.stop)
        middle = await stack.enter_async_context(between(url_port, opa_port))
        county = await stack.enter_async_context(running(layout))
        found = Pair(county=county, opa=opa, between=middle)
        await found.heals()
        yield found


async def opened(county: County, index: int) -> dict[str, Any]:
    """Return the sealed parts of an entry, as the auditor reads them."""
    await county.services.log.settle()

    def read() -> dict[str, Any]:
        keep = FolderKeep(Folder(root=county.config.log.directory))
        leaf = leaf_at(keep.source(), index, county.services.log.size)
        key = AuditorKey.read(county.layout.auditor_key)
        origin = county.config.log.origin
        parts = open_entry(keep, leaf, index=index, origin=origin, key=key).parts
        return dict(parts)

    return await asyncio.to_thread(read)


async def test_both_engines_agree_and_the_entry_names_them(pair: Pair) -> None:
    """What is released was answered by OPA and by the embedded engine alike."""
    pair.between.questions.clear()
    answer = await pair.ask()
    again = await pair.county.post(SHERIFF, custody())
    ready = await pair.county.admin("/readyz")
    parts = await opened(pair.county, answer.body["receipt"]["index"])

    assert (answer.status, again.status, ready.status) == (200, 200, 200)
    assert len(pair.between.questions) == 1  # the second time it is remembered
    assert parts["replay"]["engines"] == ["opa", "embedded"]


async def _html(_request: web.Request, _answer: bytes) -> web.StreamResponse:
    return web.Response(text="<html>a proxy's page</html>", content_type="text/html")


async def _error(_request: web.Request, _answer: bytes) -> web.StreamResponse:
    return web.json_response({"code": "internal_error"}, status=500)


async def _denied(_request: web.Request, _answer: bytes) -> web.StreamResponse:
    return web.json_response({"code": "unauthorized"}, status=401)


async def _redirect(_request: web.Request, _answer: bytes) -> web.StreamResponse:
    return web.Response(status=307, headers={"Location": "http://127.0.0.1:9/"})


async def _large(_request: web.Request, answer: bytes) -> web.StreamResponse:
    padded = answer + b" " * (1 << 20)
    return web.Response(body=padded, content_type="application/json")


async def _undefined(_request: web.Request, _answer: bytes) -> web.StreamResponse:
    return web.json_response({})


async def _odd(_request: web.Request, _answer: bytes) -> web.StreamResponse:
    return web.json_response({"result": {"allow": True}})


async def _old(_request: web.Request, answer: bytes) -> web.StreamResponse:
    document = json.loads(answer)
    document["result"]["revision"] = "0" * 64
    return web.json_response(document)


async def _garbage(request: web.Request, _answer: bytes) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.write(b"\x16\x03\x01 not HTTP \r\n\r\n")
    request.transport.close()
    return web.Response()


async def _dropped(request: web.Request, _answer: bytes) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def _slow(_request: web.Request, answer: bytes) -> web.StreamResponse:
    await asyncio.sleep(1)
    return web.Response(body=answer, content_type="application/json")


FAULTS: dict[EngineFault, Change] = {
    EngineFault.DENIED: _denied,
    EngineFault.DROPPED: _dropped,
    EngineFault.GARBAGE: _garbage,
    EngineFault.LATE: _slow,
    EngineFault.ODD: _odd,
    EngineFault.REDIRECT: _redirect,
    EngineFault.REVISION: _old,
    EngineFault.STATUS: _error,
    EngineFault.TOO_LARGE: _large,
    EngineFault.UNDEFINED: _undefined,
}


@pytest.mark.fault("opa-slow", "opa-garbage", "opa-old-revision")
@pytest.mark.parametrize(
    ("fault", "change"),
    [*FAULTS.items(), (EngineFault.GARBAGE, _html)],
    ids=[*map(str, FAULTS), "html"],
)
async def test_what_is_no_answer_releases_nothing_and_heals(
    pair: Pair, fault: EngineFault, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Policy-unavailable, counted by its word, and over when OPA answers again."""
    await pair.heals()
    before = await pair.failures(fault)
    pair.between.change = change
    if fault is EngineFault.LATE:
        pair.hurry(monkeypatch)
    try:
        answer = await pair.ask()
    finally:
        pair.between.change = None
        monkeypatch.undo()

    assert cause(answer) == "policy-unavailable"
    assert await pair.failures(fault) == before + 1
    await pair.heals()


@pytest.mark.fault("opa-killed", "opa-hung")
@pytest.mark.parametrize(
    ("fault", "how"),
    [(EngineFault.LATE, signal.SIGSTOP), (EngineFault.DROPPED, signal.SIGKILL)],
    ids=["hung", "killed"],
)
async def test_opa_itself_hung_or_killed(
    pair: Pair,
    fault: EngineFault,
    how: signal.Signals,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Refused within the deadline, not ready, remembered answers gone; then healed."""
    await pair.heals()  # and the answer is remembered
    new = custody() | {"fields": ["custody_status", "phone"]}
    before = await pair.failures(fault)
    pair.opa.signal(how)
    pair.hurry(monkeypatch)
    try:
        first = await pair.county.post(SHERIFF, new)

        async def given_up() -> bool:
            await pair.county.post(SHERIFF, new)
            return pair.county.services.engines.open

        await until(given_up)
        remembered = await pair.county.post(SHERIFF, custody())
        ready = await pair.county.admin("/readyz")
    finally:
        monkeypatch.undo()
        if how is signal.SIGSTOP:
            pair.opa.signal(signal.SIGCONT)
        else:
            await asyncio.to_thread(pair.opa.stop)
            await asyncio.to_thread(pair.opa.start)

    assert cause(first) == cause(remembered) == "policy-unavailable"
    assert await pair.failures(fault) > before
    assert ready.status == 503
    assert ready.body["parts"]["policy"].startswith("opa: ")
    await pair.heals()
    assert (await pair.county.admin("/readyz")).status == 200


async def test_nobody_writes_through_opas_interface(pair: Pair) -> None:
    """No policy or data is read or written there, with the gateway's token either."""
    token = await asyncio.to_thread(pair.county.config.opa.token.read_text)  # type: ignore[union-attr]  # this county has an OPA section
    evil = b"package sallyport.ask\nanswer := 1"
    calls = [
        ("PUT", "/v1/policies/evil", evil),
        ("PUT", "/v1/policies/sallyport/ask.rego", evil),
        ("DELETE", "/v1/policies/sallyport/ask.rego", b""),
        ("GET", "/v1/policies", b""),
        ("PUT", "/v1/data/meta", b'{"revision": "x"}'),
        ("PATCH", "/v1/data", b"[]"),
        ("GET", "/v1/data/meta", b""),
        ("POST", "/v1/query", b'{"query": "data"}'),
        ("POST", "/v1/compile", b'{"query": "data"}'),
        ("POST", "/v1/data", b"{}"),
        ("POST", "/", b"{}"),
    ]

    def statuses() -> list[int]:
        found = []
        for headers in ({}, {"Authorization": f"Bearer {token}"}):
            for method, path, body in calls:
                connection = http.client.HTTPConnection("127.0.0.1", pair.opa.port)
                connection.request(method, path, body, headers)
                found.append(connection.getresponse().status)
                connection.close()
        return found

    assert await asyncio.to_thread(statuses) == [401] * 2 * len(calls)
    await pair.heals()


async def _flipped(_request: web.Request, answer: bytes) -> web.StreamResponse:
    flipped = answer.replace(b'"withhold"', b'"release"')
    flipped = flipped.replace(b'"prohibit"', b'"permit"')
    return web.Response(body=flipped, content_type="application/json")


def address() -> dict[str, Any]:
    """Return a request for what nobody opens."""
    return asking(
        "county-jail",
        "criminal_investigation",
        subjects=booking(17),
        fields=["home_address"],
    )


async def leaves(county: County, **members: str) -> list[dict[str, Any]]:
    """Return the leaves with these members."""
    return [
        leaf
        for leaf in await county.leaves()
        if all(leaf[name] == value for name, value in members.items())
    ]


@pytest.mark.fault("opa-flipped")
async def test_one_flipped_answer_closes_until_an_operator_looked(pair: Pair) -> None:
    """OPA permits what the law withholds, once: 0 releases until somebody reopens.

    Not after it is right again, and not after a restart; the log has both answers.
    """
    county = pair.county
    await pair.heals()
    county.services.in_force.policy.forget()
    pair.between.change = _flipped
    try:
        flipped = await county.post(SHERIFF, address())
    finally:
        pair.between.change = None
    closed = [await pair.ask() for _ in range(5)]
    await until(lambda: is_closed(county))
    (leaf,) = await leaves(county, decision="close")
    index = (await county.leaves()).index(leaf)
    replay = (await opened(county, index))["replay"]
    status = await county.command(command="status")
    gauges = (await county.admin("/metrics")).data.decode()

    assert {cause(answer) for answer in (flipped, *closed)} == {"policy-disagreement"}
    assert leaf["ev"] == "act"
    assert "home_address" not in json.dumps(leaf)
    theirs, ours = (json.loads(replay["answers"][n]) for n in ("opa", "embedded"))
    said = [
        (theirs["outcome"], ours["outcome"])
        for theirs, ours in zip(theirs["asks"], ours["asks"], strict=True)
    ]
    assert ("release", "withhold") in said
    assert isinstance(status, dict)
    assert str(status["closed"]).startswith("opa and embedded answer one question")
    assert str(status["closed"]).endswith("run: sallyport reopen")
    assert "sallyport_closed 1.0" in gauges
    assert "sallyport_disagreements_total 1.0" in gauges

    await county.command(command="reopen", by="R. Example")
    again = await pair.ask()
    assert again.status == 200
    assert (await leaves(county, decision="reopen"))[-1]["policy"] == leaf["policy"]


async def test_known_questions_answered_wrong_close_too(pair: Pair) -> None:
    """OPA is tried now and then; while it answers wrong nobody can reopen."""
    county = pair.county
    await pair.heals()
    pair.between.change = _flipped
    try:
        county.services.succession._asked.clear()
        ready = await county.admin("/readyz")
        await until(lambda: is_closed(county))
        closed = await pair.ask()
        with pytest.raises(NotDone, match="answers known questions wrong"):
            await county.command(command="reopen", by="R. Example")
    finally:
        pair.between.change = None
    still = await pair.ask()
    await county.command(command="reopen", by="R. Example")

    assert ready.body["parts"]["policy"] == "opa answers known questions wrong"
    assert {cause(closed), cause(still)} == {"policy-disagreement"}
    assert (await pair.ask()).status == 200


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
    path = county.layout.root / "policies/rego/fold.rego"
    text = await asyncio.to_thread(path.read_text)
    broken = text.replace('21: "wait"', '21: "release"')
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
    assert cause(refused) == "policy-unavailable"
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
        assert cause(await pair.ask()) == "policy-unavailable"
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


async def test_opa_may_be_the_only_engine(
    tmp_path: Path, require_tool: Callable[[str], Path]
) -> None:
    """Where there is no embedded engine, entries name the one there is."""
    layout = await asyncio.to_thread(write_county, tmp_path / "d", records=60)
    port, admin_port = free_ports(2)
    await asyncio.to_thread(
        with_opa, layout, url_port=port, admin_port=admin_port, engines=["opa"]
    )
    await activate(await asyncio.to_thread(load, layout.config()))
    async with running(layout) as county:
        # Started before its OPA: it answers when that has come, and has the bundle.
        early = await county.post(SHERIFF, custody())
        ready = await county.admin("/readyz")
        program = require_tool("opa")
        opa = await asyncio.to_thread(start_beside, layout, program, port)
        try:

            async def answers() -> bool:
                return (await county.post(SHERIFF, custody())).status == 200

            await until(answers)
            answer = await county.post(SHERIFF, custody())
            parts = await opened(county, answer.body["receipt"]["index"])
        finally:
            await asyncio.to_thread(opa.stop)

    assert cause(early) == "policy-unavailable"
    assert ready.body["parts"]["policy"] == "opa: nobody answers at its address"
    assert parts["replay"]["engines"] == ["opa"]

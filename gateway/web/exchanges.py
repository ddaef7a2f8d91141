"""The data handlers: parse, run the exchange, write.

One page answers JSON. More pages answer NDJSON, one page a line, each with its own
receipt; a stopped stream ends with a problem line.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

import orjson
from aiohttp import web

from gateway.asking.whom import exigent
from gateway.canonical import Json
from gateway.errors import (
    MalformedRequest,
    Mistake,
    Unauthenticated,
    Unavailable,
)
from gateway.identity import Requester, bearer_token, peer_certificate
from gateway.model import parse_request
from gateway.recording.scene import Page
from gateway.services import SERVICES, Services
from gateway.web.problems import padded, problem, problem_body
from gateway.web.strict import require_plain_json

__all__ = ["authenticate", "get_exchange", "post_exchange"]


async def authenticate(request: web.Request) -> Requester:
    """Establish who asks, from the token and the client certificate.

    Raises:
        Unauthenticated: with a word for the operator's count.
        Unavailable: identity-unavailable.
    """
    services = request.app[SERVICES]
    token = bearer_token(request.headers.getall("Authorization", []))
    certificate = None
    try:
        certificate = peer_certificate(request.transport)
        return await services.authenticator.authenticate(token, certificate)
    except Unauthenticated as error:
        services.junk.count(error.reason, certificate)
        services.telemetry.unauthenticated(error.reason)
        raise


async def post_exchange(request: web.Request) -> web.StreamResponse:
    """Answer POST /v1/exchanges."""
    services = request.app[SERVICES]
    # Before anybody's token is judged: times in it mean nothing on a doubtful clock.
    services.standing.require()
    requester = await authenticate(request)
    services.limits.admit(requester)
    require_plain_json(request)
    key = _idempotency_key(request)
    body = await _body(request, services)
    document = parse_request(body, most_depth=services.config.server.max_depth)
    pages = services.exchange.run(requester, document, body=body, key=key)
    place = services.flights.one(requester.system, exigent=exigent(document))
    async with place, aclosing(pages):
        first = await anext(pages)
        if first.last:
            return await _single(first, services, requester)
        return await _stream(request, services, first, pages)


async def get_exchange(request: web.Request) -> web.Response:
    """Answer GET /v1/exchanges/{id}: state, due and receipt; never data."""
    services = request.app[SERVICES]
    services.standing.require()  # as for a post
    requester = await authenticate(request)
    services.limits.admit(requester)
    row = await services.reviews.of(
        request.match_info["exchange"],
        agency=requester.agency_id,
        client=requester.client_id,
    )
    if row is None:
        return problem("not-found")
    members: dict[str, Json] = {
        "schema": "sallyport.exchange/1",
        "exchange": row.exchange,
        "state": row.state_for_requester,
        "due": row.due,
        "receipt": row.receipt,
    }
    return web.json_response(
        body=orjson.dumps(members), headers={"Cache-Control": "no-store"}
    )


async def _single(page: Page, services: Services, requester: Requester) -> web.Response:
    """Return the only page as one JSON document; what waits says until when."""
    if page.code == "waiting":
        row = await services.reviews.of(
            page.exchange, agency=requester.agency_id, client=requester.client_id
        )
        due: dict[str, Json] = {"due": row.due} if row is not None else {}
        response = problem("waiting", pad=page.padded, members=_members(page) | due)
        response.headers["Location"] = f"/v1/exchanges/{page.exchange}"
        return response
    if page.code:
        return problem(page.code, pad=page.padded, members=_members(page))
    data, receipt = orjson.dumps(_answer(page)), page.receipt.to_json()
    return web.Response(
        body=padded(data, receipt=receipt) if page.padded else data,
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


async def _stream(
    request: web.Request,
    services: Services,
    first: Page,
    rest: AsyncGenerator[Page],
) -> web.StreamResponse:
    """Write pages as lines; each was durable before its bytes."""
    response = web.StreamResponse(headers={"Cache-Control": "no-store"})
    response.content_type = "application/x-ndjson"
    await response.prepare(request)
    longest = services.config.server.request_seconds
    await _write(response, _answer(first), within_s=longest)
    try:
        async for page in rest:
            if page.code:
                stopped = problem_body("aborted", members=_members(page))
                await _write(response, stopped, within_s=longest)
                break
            await _write(response, _answer(page), within_s=longest)
    except ConnectionError:
        raise  # nobody is there any more
    except Unavailable as error:
        services.telemetry.unavailable(error.cause, error.detail)
        await _write(response, problem_body(str(error.cause)), within_s=longest)
    except Exception as error:  # noqa: BLE001 - the boundary: a begun answer has no other end
        services.telemetry.failure(error)
        await _write(response, problem_body("aborted"), within_s=longest)
    await response.write_eof()
    return response


async def _write(
    response: web.StreamResponse, members: Mapping[str, object], *, within_s: float
) -> None:
    """Write one line; a requester who does not read it in time is let go.

    Raises:
        ConnectionResetError: as if the requester had left.
    """
    data = orjson.dumps(members, option=orjson.OPT_APPEND_NEWLINE)
    try:
        async with asyncio.timeout(within_s):
            await response.write(data)
    except TimeoutError:
        raise ConnectionResetError from None


def _answer(page: Page) -> dict[str, object]:
    """Return the members of a page that releases something."""
    return {
        "schema": "sallyport.answer/1",
        "status": str(page.verdict),
        "page": page.number,
        "last": page.last,
        "records": [dict(record) for record in page.records],
        **_members(page),
    }


def _members(page: Page) -> dict[str, Json]:
    """Return what every answer carries, whatever came of it."""
    return {
        "exchange": page.exchange,
        "policy": page.policy,
        "decision": list(page.decision),
        "receipt": page.receipt.to_json(),
    }


def _idempotency_key(request: web.Request) -> str | None:
    """Return the Idempotency-Key, if there is one of usable form.

    Raises:
        MalformedRequest: 400 for a key that is empty, too long or not ASCII.
    """
    key = request.headers.get("Idempotency-Key")
    if key is not None and not (1 <= len(key) <= 255 and key.isascii()):  # noqa: PLR2004  # bounds of the header, said in the message
        mistake = Mistake(path="", problem="Idempotency-Key: 1 to 255 ASCII characters")
        raise MalformedRequest(400, [mistake])
    return key


async def _body(request: web.Request, services: Services) -> bytes:
    """Read the body in the time it may take.

    Raises:
        MalformedRequest: 400 when it does not come in time, 413 when it says that
            it is too large.
    """
    server = services.config.server
    if (request.content_length or 0) > server.max_body_bytes:
        problem = f"larger than {server.max_body_bytes} bytes"
        raise MalformedRequest(413, [Mistake(path="", problem=problem)])
    if request.content.is_eof():
        return await request.read()  # it came with the headers: nothing to wait for
    try:
        async with asyncio.timeout(server.body_seconds):
            return await request.read()
    except TimeoutError:
        mistake = Mistake(path="", problem="the body did not come in time")
        raise MalformedRequest(400, [mistake]) from None

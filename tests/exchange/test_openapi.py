"""The description is enough for a stranger, and every answer is as it says."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator

from gateway.errors import Cause
from gateway.web import routes
from gateway.web.problems import TITLES, problem_body
from tests.exchange.county import Answer, County
from tests.exchange.requests import SHERIFF, asking, booking, licence

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def described(county: County) -> dict[str, Any]:
    """The document as a stranger gets it: with a certificate, without a token."""
    answer = await county.get(SHERIFF, "/v1/openapi.json", signed_in=False)
    assert answer.status == 200
    return answer.body


def holds(described: dict[str, Any], schema: dict[str, Any], found: object) -> None:
    """Fail unless something is as a schema of the document says."""
    whole = {**schema, "components": described["components"]}
    Draft202012Validator(whole, format_checker=FormatChecker()).validate(found)


def schema_of(described: dict[str, Any], path: str, answer: Answer) -> dict[str, Any]:
    """Return the schema that the document names for an answer."""
    (operation,) = described["paths"][path].values()
    content = operation["responses"][str(answer.status)]["content"]
    kind = answer.headers["Content-Type"].partition(";")[0]
    assert kind in content, f"{answer.status} {kind} is not described"
    found: dict[str, Any] = content[kind]["schema"]
    return found


def jail(who: list[dict[str, str]], *fields: str, **more: object) -> dict[str, Any]:
    """Return a request to the jail."""
    return asking(
        "county-jail",
        "criminal_investigation",
        **{"subjects": who, "fields": list(fields), **more},
    )


async def test_the_document_is_valid(described: dict[str, Any]) -> None:
    """It is OpenAPI 3.1 by the specification's own schema."""
    OpenAPIV31SpecValidator(described).validate()
    assert described["openapi"].startswith("3.1")


async def test_every_route_is_described(described: dict[str, Any]) -> None:
    """Each URL and method that is served is in it, and nothing else."""
    served = {
        (route.method.lower(), re.sub(r":[^{}]*(\{[^{}]*\})?[^{}]*\}", "}", route.path))
        for route in routes()
    }
    told = {
        (method, path)
        for path, item in described["paths"].items()
        for method in item
        if method in {"get", "post", "put", "delete"}
    }

    assert told == served


async def test_every_status_and_cause_is_described(described: dict[str, Any]) -> None:
    """Each problem there is has its status at the operation and its type's word."""
    responses = described["paths"]["/v1/exchanges"]["post"]["responses"]
    kinds = described["components"]["schemas"]["Problem"]["properties"]["type"]["enum"]

    assert {str(status) for status, _ in TITLES.values()} <= responses.keys()
    assert {f"urn:sallyport:problem:{code}" for code in TITLES} == set(kinds)
    assert {f"urn:sallyport:problem:{cause}" for cause in Cause} <= set(kinds)
    for code in TITLES:
        schema = {"$ref": "#/components/schemas/Problem"}
        holds(described, schema, problem_body(code))


async def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    """No $ref dangles, and every schema has members or a type."""
    names = set(described["components"]["schemas"])
    referred = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(described)))

    assert referred <= names


async def test_a_strangers_first_call(
    county: County, described: dict[str, Any]
) -> None:
    """From the document alone: a URL, a body that its schema takes, an answer."""
    ((path, item),) = [
        (path, item) for path, item in described["paths"].items() if "post" in item
    ]
    operation = item["post"]
    (media, content), *_ = operation["requestBody"]["content"].items()
    schema = described["components"]["schemas"][
        content["schema"]["$ref"].rpartition("/")[2]
    ]
    dataset = next(n for n in schema["x-datasets"] if n.endswith("jail"))
    offered = schema["x-datasets"][dataset]
    # What the law's words are is not of this interface; an example has some.
    example = content["example"]
    body = {
        **example,
        "dataset": dataset,
        "fields": [n for n in offered["fields"] if n == "custody_status"],
        "subjects": [
            {n: "B-000017" for n in offered["selectors"] if n == "booking_number"}
        ],
    }
    holds(described, content["schema"], example)
    holds(described, content["schema"], body)

    session = await county.session(SHERIFF)
    async with session.request(
        "POST",
        county.serving.url + path,
        data=json.dumps(body),
        headers={"Content-Type": media, **county.bearer(SHERIFF)},
    ) as response:
        assert response.status == 200, await response.text()
        answer = await response.json()

    assert answer["records"][0]["fields"] == {"custody_status": "in_custody"}
    holds(described, {"$ref": "#/components/schemas/Answer"}, answer)


async def test_what_the_document_refuses_is_refused(
    county: County, described: dict[str, Any]
) -> None:
    """A body that the request's schema does not take is 422, and the reverse."""
    schema = {"$ref": "#/components/schemas/Request"}
    good = jail(booking(17), "custody_status")
    wrong: list[dict[str, Any]] = [
        good | {"schema": "sallyport.request/2"},
        good | {"class": "local_le"},
        good | {"kinds": []},
        good | {"kinds": "read_fields"},
        good | {"limit": 0},
        good | {"limit": "5"},
        good | {"fields": ["Custody Status"]},
        good | {"subjects": [{}]},
        good | {"instruments": [{"type": "i247a"}]},
        good | {"instruments": [{"type": "i247a", "document_sha256": "0", "x": 1}]},
        good | {"case_number": ""},
        good | {"statements": {"need_to_know": 1}},
        good | {"resume": "x"},
        good | {"purpose": "curiosity"},
        good | {"kinds": ["read_everything"]},
        good | {"recipient": "a_friend"},
        good | {"channel": "telepathy"},
        good | {"dataset": "county-library"},
        good | {"statements": {"is_a_friend": True}},
        good | {"statements": {"dppa_use": "b99"}},
        good | {"instruments": [{"type": "a_note", "document_sha256": "0" * 64}]},
        {name: value for name, value in good.items() if name != "purpose"},
    ]
    for body in wrong:
        answer = await county.post(SHERIFF, body)
        taken = _takes(described, schema, body)
        assert (answer.status, taken) == (422, False), body
        holds(described, schema_of(described, "/v1/exchanges", answer), answer.body)


def _takes(described: dict[str, Any], schema: dict[str, Any], body: object) -> bool:
    whole = {**schema, "components": described["components"]}
    return Draft202012Validator(whole).is_valid(body)


@pytest.mark.parametrize(
    ("who", "body", "status"),
    [
        (SHERIFF, jail(booking(17), "custody_status"), 200),
        (SHERIFF, jail(booking(17), "custody_status", "notes"), 200),
        (SHERIFF, jail(booking(999_999), "custody_status"), 403),
        (
            "ice-ero",
            jail(
                booking(18),
                "release_date",
                kinds=["notify"],
                purpose="release_notification",
            ),
            403,
        ),
        (
            "ice-ero",
            jail(booking(18), "immigration_status", purpose="immigration_civil"),
            202,
        ),
        (
            "ice-hsi",
            asking(
                "county-dmv",
                "immigration_civil",
                subjects=licence(31),
                fields=["photo"],
            ),
            403,
        ),
        (
            "ice-ero",
            asking(
                "county-jail",
                "hold_request",
                kinds=["hold"],
                subjects=booking(18),
                instruments=[{"type": "i247a", "document_sha256": "0" * 64}],
            ),
            403,
        ),
        ("unknown", jail(booking(17), "custody_status"), 403),
        (SHERIFF, jail(booking(17), "custody_statuss"), 422),
    ],
    ids=[
        "released",
        "partly",
        "nobody",
        "refused",
        "waiting",
        "screened",
        "hold",
        "unknown",
        "mistakes",
    ],
)
async def test_every_outcome_is_as_described(
    county: County,
    described: dict[str, Any],
    who: str,
    body: dict[str, Any],
    status: int,
) -> None:
    """Status, media type and every member of each outcome hold against the schema."""
    answer = await county.post(who, body)

    assert answer.status == status
    holds(described, schema_of(described, "/v1/exchanges", answer), answer.body)
    _closed(described, schema_of(described, "/v1/exchanges", answer), answer.body)
    if status == 202:
        exchange = answer.body["exchange"]
        found = await county.get(who, f"/v1/exchanges/{exchange}")
        path = "/v1/exchanges/{exchange}"
        assert found.status == 200
        holds(described, schema_of(described, path, found), found.body)
        _closed(described, schema_of(described, path, found), found.body)


def _closed(described: dict[str, Any], schema: dict[str, Any], found: object) -> None:
    """Fail on a member that the document does not name."""
    reference = schema.get("$ref", "").rpartition("/")[2]
    real = described["components"]["schemas"][reference] if reference else schema
    if isinstance(found, dict) and "properties" in real:
        assert found.keys() <= real["properties"].keys()
        for name, value in found.items():
            _closed(described, real["properties"][name], value)
    if isinstance(found, list) and "items" in real:
        for value in found:
            _closed(described, real["items"], value)


async def test_refusals_before_the_exchange_are_as_described(
    county: County, described: dict[str, Any]
) -> None:
    """400, 401, 404, 405, 409, 413, 415 and 503 are problems of the document."""
    good = jail(booking(17), "custody_status")
    answers = [
        await county.post(SHERIFF, b"{"),
        await county.post("broker", good, token_of=SHERIFF),
        await county.post(SHERIFF, b" " * 70_000),
        await county.post(SHERIFF, good, headers={"Content-Type": "text/plain"}),
    ]
    await county.post(SHERIFF, good, key="described")
    other = jail(booking(18), "custody_status")
    answers.append(await county.post(SHERIFF, other, key="described"))
    county.services.standing.stopping = True
    answers.append(await county.post(SHERIFF, good))
    county.services.standing.stopping = False
    missing = await county.get(SHERIFF, f"/v1/exchanges/{'0' * 32}")

    assert [a.status for a in answers] == [400, 401, 413, 415, 409, 503]
    for answer in answers:
        holds(described, schema_of(described, "/v1/exchanges", answer), answer.body)
    assert missing.status == 404
    path = "/v1/exchanges/{exchange}"
    holds(described, schema_of(described, path, missing), missing.body)
    assert answers[-1].headers["Retry-After"]


async def test_the_log_is_described_as_it_answers(
    county: County, described: dict[str, Any]
) -> None:
    """Both faces of the log answer the media types that the document names."""
    await county.services.log.settle()
    for face in ("/log", "/v1/log"):
        content = described["paths"][f"{face}/{{path}}"]["get"]["responses"]["200"]
        for path in ("checkpoint", "tile/0/000"):
            answer = await county.get(SHERIFF, f"{face}/{path}", signed_in=False)
            if answer.status == 404:  # no full tile yet
                continue
            kind = answer.headers["Content-Type"].partition(";")[0]
            assert kind in content["content"]


async def test_without_a_certificate_there_is_no_document(county: County) -> None:
    """Not even the description is told to who shows no certificate."""
    context = await asyncio.to_thread(_trusting, county)
    connector = aiohttp.TCPConnector(ssl=context)
    with pytest.raises((aiohttp.ClientError, ConnectionError)):
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            session.get(f"{county.serving.url}/v1/openapi.json") as response,
        ):
            await response.read()


def _trusting(county: County) -> Any:  # noqa: ANN401 - an SSL context
    import ssl  # noqa: PLC0415 - only here

    authority = county.layout.requester(SHERIFF).authority
    return ssl.create_default_context(cafile=str(authority))

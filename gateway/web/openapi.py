"""OpenAPI 3.1, generated from the models: enough for a stranger's first call."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from aiohttp import web

from gateway import __version__
from gateway.canonical import Json
from gateway.model import Request
from gateway.services import SERVICES
from gateway.web.problems import TITLES

__all__ = ["describe", "document"]

_STRING: dict[str, Json] = {"type": "string"}
_STRINGS: dict[str, Json] = {"type": "array", "items": _STRING}


async def document(request: web.Request) -> web.Response:
    """Answer GET /v1/openapi.json."""
    services = request.config_dict[SERVICES]
    datasets = {
        name: {"fields": sorted(d.fields), "selectors": sorted(d.selectors)}
        for name, d in services.in_force.catalogue.datasets.items()
    }
    data = orjson.dumps(describe(datasets), option=orjson.OPT_SORT_KEYS)
    return web.Response(body=data, content_type="application/json")


def describe(datasets: Mapping[str, Mapping[str, list[str]]]) -> dict[str, object]:
    """Return the document for these datasets: names of fields and selectors."""
    request = Request.model_json_schema(
        by_alias=True, ref_template="#/components/schemas/{model}"
    )
    definitions = request.pop("$defs", {})
    request["x-datasets"] = datasets
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Sallyport",
            "version": __version__,
            "description": (
                "Ask a custodian's databases by its written law. Present your client "
                "certificate (mutual TLS) and an access token bound to it (RFC 9068, "
                "RFC 8705). Personal data goes into bodies only, never into a URL."
            ),
        },
        "security": [{"bound_token": [], "client_certificate": []}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {
                "bound_token": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "at+jwt",
                },
                "client_certificate": {"type": "mutualTLS"},
            },
            "schemas": {
                "Request": request,
                **definitions,
                "Answer": _answer(),
                "Problem": _problem(),
                "Exchange": _exchange(),
                "Receipt": _receipt(),
                "Decision": _decision(),
            },
        },
    }


def _paths() -> dict[str, object]:
    key: dict[str, object] = {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "A retry with the same key and body is one disclosure.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    }
    answer = {
        "application/json": {"schema": {"$ref": "#/components/schemas/Answer"}},
        "application/x-ndjson": {"schema": {"$ref": "#/components/schemas/Answer"}},
    }
    exchange_id: dict[str, object] = {
        "name": "exchange",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    }
    return {
        "/v1/exchanges": {
            "post": {
                "operationId": "exchange",
                "summary": "Ask one dataset.",
                "parameters": [key],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {"$ref": "#/components/schemas/Request"}
                        }
                    },
                },
                "responses": _problems()
                | {"200": {"description": "Released, or partly.", "content": answer}},
            }
        },
        "/v1/exchanges/{exchange}": {
            "get": {
                "operationId": "exchangeState",
                "summary": "State of a request that waits for a person; never data.",
                "parameters": [exchange_id],
                "responses": _problems()
                | {
                    "200": {
                        "description": "Its state, when it is due, its receipt.",
                        "content": {
                            "application/json": {
                                "schema": {"$ref": "#/components/schemas/Exchange"}
                            }
                        },
                    }
                },
            }
        },
    }


def _problems() -> dict[str, object]:
    """Return one response for each status that a problem can have."""
    by_status: dict[int, list[str]] = {}
    for code, (status, _) in TITLES.items():
        by_status.setdefault(status, []).append(code)
    content = {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
    }
    return {
        str(status): {
            "description": " ".join(TITLES[code][1] for code in codes),
            "content": content,
        }
        for status, codes in sorted(by_status.items())
    }


def _object(required: list[str], **properties: object) -> dict[str, object]:
    return {"type": "object", "required": required, "properties": properties}


def _answer() -> dict[str, object]:
    record = _object(
        ["subject", "fields", "granted"],
        subject={
            "type": "integer",
            "description": "Which of the request's subjects this record belongs to.",
        },
        fields={"type": "object", "description": "Released fields by name."},
        granted=_STRINGS,
    )
    return _object(
        ["schema", "exchange", "status", "page", "last", "records", "receipt"],
        schema={"const": "sallyport.answer/1"},
        exchange=_STRING,
        status={"enum": ["released", "partly_released"]},
        page={"type": "integer"},
        last={"type": "boolean"},
        records={"type": "array", "items": record},
        decision={"type": "array", "items": {"$ref": "#/components/schemas/Decision"}},
        receipt={"$ref": "#/components/schemas/Receipt"},
    )


def _decision() -> dict[str, object]:
    reason = _object(
        ["code", "citation", "title"], code=_STRING, citation=_STRING, title=_STRING
    )
    outcomes = ["released", "withheld", "review", "depends"]
    return _object(
        ["kind", "category", "names", "outcome", "reasons"],
        kind=_STRING,
        category=_STRING,
        names=_STRINGS,
        outcome={"enum": outcomes},
        reasons={"type": "array", "items": reason},
        what_would_change_it=_STRINGS,
        obligations={"type": "array", "items": {}},
    )


def _problem() -> dict[str, object]:
    mistake = _object(["pointer", "problem"], pointer=_STRING, problem=_STRING)
    return _object(
        ["type", "title", "status"],
        type={"enum": [f"urn:sallyport:problem:{code}" for code in TITLES]},
        title=_STRING,
        status={"type": "integer"},
        mistakes={"type": "array", "items": mistake},
        exchange=_STRING,
        decision={"type": "array", "items": {"$ref": "#/components/schemas/Decision"}},
        receipt={"$ref": "#/components/schemas/Receipt"},
    )


def _exchange() -> dict[str, object]:
    return _object(
        ["schema", "exchange", "state", "due"],
        schema={"const": "sallyport.exchange/1"},
        exchange=_STRING,
        state={"enum": ["waiting", "approved", "denied", "withdrawn"]},
        due={"type": "string", "format": "date-time"},
        receipt={"$ref": "#/components/schemas/Receipt"},
    )


def _receipt() -> dict[str, object]:
    return _object(
        ["index", "leaf_hash", "path", "note"],
        index={"type": "integer", "description": "Index of the entry in the log."},
        leaf_hash={"type": "string", "description": "RFC 6962 leaf hash, hex."},
        path=_STRINGS,
        note={"type": "string", "description": "Signed note over the commit batch."},
    )

"""OpenAPI 3.1, generated from the models: enough for a stranger's first call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from aiohttp import web

from gateway import __version__
from gateway.canonical import Json
from gateway.model import Request
from gateway.policy import Vocabulary
from gateway.services import SERVICES
from gateway.web import schemas
from gateway.web.log import LEAF_HASH
from gateway.web.problems import TITLES

__all__ = ["describe", "document"]

_EXAMPLE: Mapping[str, Json] = {
    "schema": "sallyport.request/1",
    "dataset": "county-jail",
    "kinds": ["read_fields"],
    "fields": ["custody_status"],
    "subjects": [{"booking_number": "B-000017"}],
    "purpose": "criminal_investigation",
    "case_number": "2026-00123",
}
"""A request as an ordinary sheriff's system would send it."""


async def document(request: web.Request) -> web.Response:
    """Answer GET /v1/openapi.json."""
    law = request.app[SERVICES].in_force
    datasets = {
        name: {"fields": sorted(d.fields), "selectors": sorted(d.selectors)}
        for name, d in law.catalogue.datasets.items()
    }
    described = describe(datasets, law.policy.vocabulary)
    data = orjson.dumps(described, option=orjson.OPT_SORT_KEYS)
    return web.Response(body=data, content_type="application/json")


def describe(
    datasets: Mapping[str, Mapping[str, list[str]]],
    vocabulary: Vocabulary | None = None,
) -> dict[str, object]:
    """Return the document of a gateway.

    Args:
        datasets: names of fields and selectors, by dataset.
        vocabulary: the words that are known there; without it any word is taken.
    """
    request = Request.model_json_schema(
        by_alias=True, ref_template="#/components/schemas/{model}"
    )
    definitions = request.pop("$defs", {})
    request["x-datasets"] = datasets
    members = request["properties"]
    if datasets:
        members["dataset"]["enum"] = sorted(datasets)
    if vocabulary is not None:
        _name_words(members, definitions["Paper"]["properties"], vocabulary)
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
                "Answer": schemas.answer(),
                "Problem": schemas.problem(),
                "Exchange": schemas.exchange(),
                "Receipt": schemas.receipt(),
                "Decision": schemas.decision(),
            },
        },
    }


def _name_words(
    members: dict[str, Any], paper: dict[str, Any], vocabulary: Vocabulary
) -> None:
    """Write the words that exist into the schemas of a request's members."""
    members["kinds"]["items"]["enum"] = sorted(vocabulary.kinds)
    members["purpose"]["enum"] = sorted(vocabulary.purposes)
    members["channel"]["enum"] = sorted(vocabulary.channels)
    recipient, *_ = members["recipient"]["anyOf"]
    recipient["enum"] = sorted(vocabulary.requester_classes)
    paper["type"]["enum"] = sorted(vocabulary.instruments)
    members["statements"].pop("patternProperties", None)
    members["statements"]["properties"] = {
        name: {"type": "boolean"}
        if fact.type == "boolean"
        else {"enum": sorted(vocabulary.code_values.get(name, ()))}
        for name, fact in sorted(vocabulary.sayable.items())
    }
    members["statements"]["additionalProperties"] = False


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
                            "schema": {"$ref": "#/components/schemas/Request"},
                            "example": _EXAMPLE,
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
        "/v1/openapi.json": {
            "get": {
                "operationId": "description",
                "summary": "This document, with the datasets and words there are.",
                "security": [{"client_certificate": []}],
                "responses": {
                    "200": {
                        "description": "OpenAPI 3.1.",
                        "content": {"application/json": {"schema": {"type": "object"}}},
                    },
                    **_some_problems("not-one-request"),
                },
            }
        },
        "/v1/log/proof/{index}": _proof(),
        "/v1/log/{path}": _log(
            "live", "Every checkpoint at once, for who has a receipt."
        ),
        "/log/{path}": _log("public", "What anybody may see, after the public delay."),
    }


def _proof() -> dict[str, object]:
    """Return how the holder of a receipt gets the proof of its entry."""
    index: dict[str, object] = {
        "name": "index",
        "in": "path",
        "required": True,
        "description": "The receipt's index.",
        "schema": {"type": "integer", "minimum": 0},
    }
    held: dict[str, object] = {
        "name": LEAF_HASH,
        "in": "header",
        "required": True,
        "description": "The receipt's leaf_hash: it shows that you hold the receipt.",
        "schema": {"type": "string", "contentEncoding": "base64"},
    }
    found: dict[str, object] = {
        "description": "A .tlog-proof that can be checked without the log.",
        "content": {"text/plain": {"schema": {"type": "string"}}},
    }
    return {
        "get": {
            "operationId": "proof",
            "summary": "The proof that a receipt's entry stands in the log.",
            "parameters": [index, held],
            "security": [{"client_certificate": []}],
            "responses": _some_problems("not-one-request", "not-found")
            | {"200": found},
        }
    }


def _log(face: str, summary: str) -> dict[str, object]:
    """Return one face of the log (C2SP tlog-tiles)."""
    path: dict[str, object] = {
        "name": "path",
        "in": "path",
        "required": True,
        "description": "checkpoint, tile/LEVEL/INDEX, tile/entries/INDEX, acts/DIGEST,"
        " manifest/DIGEST.",
        "schema": {"type": "string"},
    }
    found: dict[str, object] = {
        "description": "A signed checkpoint, or a file of the tree.",
        "content": {
            "text/plain": {"schema": {"type": "string"}},
            "application/octet-stream": {},
        },
    }
    return {
        "get": {
            "operationId": f"{face}Log",
            "summary": summary,
            "parameters": [path],
            "security": [{"client_certificate": []}],
            "responses": _some_problems("not-one-request", "not-found")
            | {"200": found},
        }
    }


def _some_problems(*codes: str) -> dict[str, object]:
    """Return the responses of an operation that only these problems can have."""
    wanted = {str(TITLES[code][0]) for code in codes}
    return {status: item for status, item in _problems().items() if status in wanted}


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

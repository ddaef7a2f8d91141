"""The schemas of every answer, as the OpenAPI document has them."""

from __future__ import annotations

from gateway.canonical import Json
from gateway.web.problems import TITLES

__all__ = ["answer", "decision", "exchange", "problem", "receipt"]

_STRING: dict[str, Json] = {"type": "string"}
_STRINGS: dict[str, Json] = {"type": "array", "items": _STRING}
_POLICY: dict[str, Json] = {
    "type": "string",
    "description": "Revision of the bundle that this was decided under.",
}


def _object(required: list[str], **properties: object) -> dict[str, object]:
    return {"type": "object", "required": required, "properties": properties}


def answer() -> dict[str, object]:
    """Return the schema of one page that releases something."""
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
        [
            "schema",
            "exchange",
            "status",
            "page",
            "last",
            "records",
            "policy",
            "decision",
            "receipt",
        ],
        schema={"const": "sallyport.answer/1"},
        exchange=_STRING,
        status={"enum": ["released", "partly_released"]},
        page={"type": "integer"},
        last={"type": "boolean"},
        records={"type": "array", "items": record},
        policy=_POLICY,
        decision={"type": "array", "items": {"$ref": "#/components/schemas/Decision"}},
        receipt={"$ref": "#/components/schemas/Receipt"},
    )


def decision() -> dict[str, object]:
    """Return the schema of what was decided about one thing asked for."""
    reason = _object(
        ["code", "citation", "title"], code=_STRING, citation=_STRING, title=_STRING
    )
    outcomes = ["released", "withheld", "review", "depends"]
    return _object(
        [
            "kind",
            "category",
            "names",
            "outcome",
            "reasons",
            "what_would_change_it",
            "obligations",
        ],
        kind=_STRING,
        category=_STRING,
        names=_STRINGS,
        outcome={"enum": outcomes},
        reasons={"type": "array", "items": reason},
        what_would_change_it=_STRINGS,
        obligations={"type": "array", "items": {}},
    )


def problem() -> dict[str, object]:
    """Return the schema of everything but a release (RFC 9457)."""
    mistake = _object(
        ["pointer", "problem", "advice"],
        pointer={"type": "string", "description": "Where, as a JSON pointer."},
        problem=_STRING,
        advice={"type": "string", "description": "What would be right, or empty."},
    )
    return _object(
        ["type", "title", "status"],
        type={
            "type": "string",
            "enum": [f"urn:sallyport:problem:{code}" for code in TITLES],
        },
        title=_STRING,
        status={"type": "integer"},
        mistakes={"type": "array", "items": mistake},
        exchange=_STRING,
        due={
            "type": "string",
            "format": "date-time",
            "description": "When a waiting request expires; see Location.",
        },
        policy=_POLICY,
        decision={"type": "array", "items": {"$ref": "#/components/schemas/Decision"}},
        receipt={"$ref": "#/components/schemas/Receipt"},
    )


def exchange() -> dict[str, object]:
    """Return the schema of the state of a request that waits."""
    return _object(
        ["schema", "exchange", "state", "due"],
        schema={"const": "sallyport.exchange/1"},
        exchange=_STRING,
        state={"enum": ["waiting", "approved", "denied", "withdrawn"]},
        due={"type": "string", "format": "date-time"},
        receipt={"$ref": "#/components/schemas/Receipt"},
    )


def receipt() -> dict[str, object]:
    """Return the schema of a receipt."""
    return _object(
        ["schema", "index", "leaf_hash", "path", "note"],
        schema={"const": "sallyport.receipt/1"},
        index={"type": "integer", "description": "Index of the entry in the log."},
        leaf_hash={"type": "string", "description": "RFC 6962 leaf hash, base64."},
        path=_STRINGS,
        note={"type": "string", "description": "Signed note over the commit batch."},
    )

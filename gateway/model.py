"""What a requester may say: the request document, validated whole.

What the gateway knows itself (class, ORIs, agreement, facts of the record, state of
a paper) cannot be said: such members are refused, not ignored. The document is in
the terms of the vocabulary; which words exist is checked by
:mod:`gateway.catalogue` and the vocabulary, after the shape is right.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.errors import MalformedRequest, Mistake
from gateway.strictjson import RepeatedMember, read_json
from gateway.yamlfile import nearest

__all__ = [
    "Paper",
    "Request",
    "parse_request",
]

Word = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
"""A word of the vocabulary or of the catalogue."""

Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]
"""One line of text without control characters."""

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 in lower-case hex."""


class _Document(BaseModel):
    """Closed, frozen and strict: an unknown member is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Paper(_Document):
    """A legal paper the requester relies on."""

    type: Word = Field(
        description="Code of the paper in the vocabulary, for example i247a or ao93."
    )
    document_sha256: Digest = Field(
        description="SHA-256 of the document as it was handed in, lower-case hex."
    )


class Request(_Document):
    """One question to one dataset: POST /v1/exchanges."""

    schema_: Literal["sallyport.request/1"] = Field(alias="schema")
    dataset: Word = Field(description="Identifier of a dataset in the catalogue.")
    kinds: Annotated[tuple[Word, ...], Field(min_length=1, max_length=8)] = Field(
        description="What is asked for: read_fields, notify, hold, transfer, ..."
    )
    fields: Annotated[tuple[Word, ...], Field(max_length=64)] = Field(
        default=(), description="Fields of the dataset, for kinds that have fields."
    )
    subjects: Annotated[
        tuple[
            Annotated[dict[Word, Text | int], Field(min_length=1, max_length=8)], ...
        ],
        Field(max_length=50),
    ] = Field(
        default=(),
        description="Who: for each person, values of the dataset's selectors.",
    )
    purpose: Word = Field(description="Why: a purpose code of the vocabulary.")
    purpose_text: Text | None = Field(
        default=None, description="The purpose in the requester's own words; sealed."
    )
    case_number: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ./_-]{0,63}$")]
    instruments: Annotated[tuple[Paper, ...], Field(max_length=8)] = ()
    recipient: Word | None = Field(
        default=None, description="Requester class of who finally gets the answer."
    )
    channel: Word = Field(default="api", description="The switch it came through.")
    statements: dict[Word, bool | Word] = Field(
        default_factory=dict,
        max_length=16,
        description="What the requester states, in words the vocabulary marks so.",
    )
    limit: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        default=None, description="Most records wanted."
    )


# Nothing in a string is looked at twice, nor is the rest of one that never ends: what
# has only quotes and backslashes would else take seconds, while all others wait.
_DEPTH_MARKS = re.compile(rb'(?s)"(?:[^"\\]|\\.?)*+"?|[\[\]{}]')
_KNOWN = {
    "": tuple(field.alias or name for name, field in Request.model_fields.items()),
    "/instruments": tuple(Paper.model_fields),
}


def parse_request(body: bytes, *, most_depth: int) -> Request:
    """Read a request document, naming every mistake by pointer, never by value.

    Args:
        body: the bytes as they came; who reads them bounds how many.
        most_depth: the deepest nesting allowed.

    Raises:
        MalformedRequest: 400 when it is not one JSON document without repeated
            members, 422 when it is not a request.
    """
    _refuse_deep(body, most_depth)
    _refuse_repeated(body)
    try:
        return Request.model_validate_json(body)
    except ValidationError as error:
        status = 400 if error.errors()[0]["type"] == "json_invalid" else 422
        raise MalformedRequest(status, _mistakes(error)) from None


def _refuse_deep(body: bytes, most_depth: int) -> None:
    """Bound nesting before any parser recurses."""
    if body.count(b"[") + body.count(b"{") <= most_depth:
        return  # it opens less often than it may nest
    depth = 0
    for mark in _DEPTH_MARKS.finditer(body):
        character = mark.group()
        if character in (b"[", b"{"):
            depth += 1
            if depth > most_depth:
                problem = f"nested deeper than {most_depth}"
                raise MalformedRequest(400, [Mistake(path="", problem=problem)])
        elif character in (b"]", b"}"):
            depth -= 1


def _refuse_repeated(body: bytes) -> None:
    """Refuse a member named twice: parsers differ on which one counts."""
    try:
        read_json(body)
    except RepeatedMember:
        mistake = Mistake(path="", problem="a member is named twice")
        raise MalformedRequest(400, [mistake]) from None
    except (ValueError, RecursionError):
        mistake = Mistake(path="", problem="not a JSON document")
        raise MalformedRequest(400, [mistake]) from None


def _mistakes(error: ValidationError) -> list[Mistake]:
    found = []
    for item in error.errors(include_url=False, include_input=False):
        location = list(item["loc"])
        problem = item["msg"]
        advice = ""
        if item["type"] == "extra_forbidden":
            # The name of an unknown member is content: it is not repeated, unless
            # it is so near a known word that the known word can be named instead.
            word = str(location.pop())
            known = _KNOWN.get(_pointer(location, steps=1), ())
            problem = "unknown member"
            advice = nearest(word, known) or (
                f"known are {', '.join(known)}" if known else ""
            )
        elif item["type"] == "string_pattern_mismatch":
            problem = "is not in the form that the schema describes"
        found.append(Mistake(path=_pointer(location), problem=problem, advice=advice))
    return found


def _pointer(location: list[Any], *, steps: int | None = None) -> str:
    """Return a JSON pointer that holds only positions and known names."""
    known: Mapping[str, Any] = dict.fromkeys(_KNOWN[""])
    words = []
    for position, step in enumerate(location[:steps]):
        name = str(step)
        if isinstance(step, int) or name in known or name in Paper.model_fields:
            words.append(name)
        elif position > 0 and name != "[key]" and words[-1:] != ["*"]:
            words.append("*")
    return "".join(f"/{word}" for word in words)

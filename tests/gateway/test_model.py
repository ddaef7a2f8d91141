"""The request document: validated whole, mistakes by pointer, never by value."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import MalformedRequest
from gateway.model import parse_request

CANARY = "Zq7-canary"
MAX_DEPTH = 8
LARGEST = 65_536


def document(**changes: object) -> dict[str, object]:
    """Return a request document with changes."""
    return {
        "schema": "sallyport.request/1",
        "dataset": "county-jail",
        "kinds": ["notify"],
        "fields": ["release_date"],
        "subjects": [{"booking_number": "B-1"}],
        "purpose": "release_notification",
        "case_number": "EX-1",
        **changes,
    }


def refused(body: bytes) -> MalformedRequest:
    """Return how a body was refused."""
    with pytest.raises(MalformedRequest) as caught:
        parse_request(body, most_depth=MAX_DEPTH)
    return caught.value


def test_a_request_is_read_into_a_frozen_document() -> None:
    """A well-formed document is read as it was written."""
    request = parse_request(json.dumps(document()).encode(), most_depth=MAX_DEPTH)

    assert request.dataset == "county-jail"
    assert request.kinds == ("notify",)
    assert request.channel == "api"


@pytest.mark.parametrize(
    "name",
    ["class", "requester", "facts", "state", "verification", "ori", "agreement"],
)
def test_what_the_gateway_knows_itself_cannot_be_said(name: str) -> None:
    """A member that only the gateway may know is refused, not ignored."""
    error = refused(json.dumps(document(**{name: CANARY})).encode())

    assert error.status == 422
    assert "unknown member" in str(error)
    assert CANARY not in str(error)


def test_every_mistake_is_named_at_once() -> None:
    """All mistakes come back together, each with its pointer."""
    body = document(kinds=[], purpose="NOT A WORD", limit="5")

    error = refused(json.dumps(body).encode())

    assert {m.path for m in error.mistakes} == {"/kinds", "/purpose", "/limit"}


def test_a_near_word_is_suggested() -> None:
    """A misspelt member is answered with the right word."""
    body = document()
    body["feilds"] = body.pop("fields")

    error = refused(json.dumps(body).encode())

    assert [m.advice for m in error.mistakes] == ["did you mean fields?"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 422),
        (b'{"purpose":"a","purpose":"b"}', 400),
        (b'{"x":{"a":1,"a":1}}', 400),
        (b'{"limit":NaN}', 400),
        (b'{"limit":Infinity}', 400),
        (b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1), 400),
        (b"[" * 100_000, 400),
        (b'"' + b"x" * 100_000 + b'"', 422),
        (b"\xff\xfe", 400),
        ('{"a":"\ud800"}'.encode("utf-8", "surrogatepass"), 400),
    ],
)
def test_what_is_not_one_document_is_refused(body: bytes, status: int) -> None:
    """Repeated members, depth and broken JSON are refused before reading."""
    assert status == refused(body).status


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_else(body: bytes) -> None:
    """Whatever is sent, only one kind of error comes out."""
    with pytest.raises(MalformedRequest):
        parse_request(body, most_depth=MAX_DEPTH)


@given(
    path=st.sampled_from(["dataset", "kinds", "fields", "subjects", "purpose"]),
    value=st.recursive(
        st.sampled_from([CANARY, 5, None, True]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.just(CANARY), inner, max_size=1)
        ),
        max_leaves=6,
    ),
)
def test_mistakes_never_repeat_a_value(path: str, value: object) -> None:
    """No mistake contains what the requester wrote."""
    body = json.dumps(document(**{path: value})).encode()

    told = ""
    try:
        parse_request(body, most_depth=MAX_DEPTH)
    except MalformedRequest as error:
        told = str(error)

    assert CANARY not in told


@pytest.mark.timeout(20)
@pytest.mark.parametrize("fill", [b'\\"', b"\\\\", b'"', b"\\"])
def test_a_string_without_end_is_looked_at_once(fill: bytes) -> None:
    """Its length squared would be a minute, in which nobody else is answered."""
    start = b"[]" * (MAX_DEPTH + 1) + b'"'
    error = refused(start + fill * ((LARGEST - len(start)) // len(fill)))

    assert error.status == 400
    assert "nested" not in str(error)


def test_brackets_in_strings_do_not_nest() -> None:
    """Whatever is escaped before them."""
    text = '\\"' + "[" * 100 + "\\\\"
    error = refused(f'{{"schema": "{text}", "dataset": []}}'.encode())

    assert error.status == 422

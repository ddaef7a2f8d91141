"""A search confirms no guess: a selector is exact, permitted, and of the catalogue."""

from __future__ import annotations

import pytest

from tests.exchange.county import County
from tests.exchange.observer import seen
from tests.exchange.requests import SHERIFF, asking

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]


@pytest.mark.parametrize(
    "selector",
    [
        {"booking_number": "B-00001%"},
        {"booking_number": "B-00001_"},
        {"booking_number": "%"},
        {"booking_number": "*"},
        {"booking_number": "B-000017' OR '1'='1"},
        {"booking_number": "b-000017"},
        {"booking_number": " B-000017"},
        {"booking_number": "B-000017\u200b"},
        {"name": "Sample%", "dob": "1990-01-01"},
        {"name": "%", "dob": "1990-01-01"},
    ],
    ids=lambda selector: ascii("=".join(next(iter(selector.items())))),
)
async def test_wildcards_are_letters(
    illinois: County, selector: dict[str, str]
) -> None:
    """A selector is matched exactly: no sign in it stands for others."""
    body = asking("county-jail", "criminal_investigation", fields=["custody_status"])
    odd = await illinois.post(SHERIFF, body | {"subjects": [selector]})
    if odd.status == 422:
        return
    nobody = {**selector, next(iter(selector)): "Nobody-0"}
    none = await illinois.post(SHERIFF, body | {"subjects": [nobody]})

    assert odd.status == 403
    assert seen(odd) == seen(none)


@pytest.mark.parametrize(
    ("who", "selector"),
    [
        ("unknown", {"name": "Sample Person 017", "dob": "1990-01-01"}),
        ("unknown", {"booking_number": "B-000017"}),
    ],
)
async def test_a_selector_that_may_not_match_never_reaches_the_source(
    illinois: County,
    monkeypatch: pytest.MonkeyPatch,
    who: str,
    selector: dict[str, str],
) -> None:
    """Matching is decided: without a permit for it no statement is sent."""

    def touched(*_: object, **__: object) -> None:
        pytest.fail("the source was asked")

    for connector in illinois.services.connectors.values():
        monkeypatch.setattr(connector, "snapshot", touched)
    body = asking(
        "county-jail",
        "criminal_investigation",
        subjects=[selector],
        fields=["custody_status"],
    )

    assert (await illinois.post(who, body)).status == 403


async def test_what_no_catalogue_calls_a_selector_finds_nobody(
    illinois: County,
) -> None:
    """An address or a social security number is no selector: 422, without a value."""
    for name in ("home_address", "ssn", "phone"):
        body = asking(
            "county-dmv",
            "criminal_investigation",
            subjects=[{name: "555-0141"}],
            fields=["licence_class"],
        )
        answer = await illinois.post(SHERIFF, body)
        assert answer.status == 422
        assert b"555-0141" not in answer.data

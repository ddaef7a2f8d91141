"""Each outcome of an exchange, over real TLS, tokens, rules, databases and log."""

from __future__ import annotations

import pytest

from audit import Receipt
from tests.exchange.county import County
from tests.exchange.requests import (
    SHERIFF,
    asking,
    booking,
    custody,
    immigration_status,
    licence,
    release_date,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_what_the_law_opens_is_released_with_a_receipt(county: County) -> None:
    """A sheriff with an agreement gets custody fields, and the entry's receipt."""
    body = custody(fields=["custody_status", "court_date"])

    answer = await county.post(SHERIFF, body)

    assert answer.status == 200
    assert answer.body["status"] == "released"
    (record,) = answer.body["records"]
    assert set(record["fields"]) == {"custody_status", "court_date"}
    receipt = Receipt.from_json(answer.body["receipt"])
    leaf = (await county.leaves())[receipt.index]
    assert leaf["decision"] == "released"
    assert leaf["released"] == ["court_date", "custody_status"]
    assert answer.body["policy"] == leaf["policy"]


async def test_what_is_for_another_is_what_the_other_may_have(county: County) -> None:
    """A sheriff who asks for an immigration agency gets what it would get: nothing."""
    body = custody()

    own = await county.post(SHERIFF, body)
    other = await county.post(SHERIFF, {**body, "recipient": "ice_ero"})

    assert (own.status, other.status) == (200, 403)
    leaf = (await county.leaves())[other.body["receipt"]["index"]]
    assert (leaf["decision"], leaf["redacted"]) == ("refused", ["custody_status"])


async def test_unclassified_fields_are_withheld_and_named(county: County) -> None:
    """A field nobody classified is not shared, and the answer says so."""
    body = custody(fields=["custody_status", "notes"])

    answer = await county.post(SHERIFF, body)

    assert answer.body["status"] == "partly_released"
    assert set(answer.body["records"][0]["fields"]) == {"custody_status"}
    rows = {row["category"]: row for row in answer.body["decision"]}
    assert rows["unreviewed"]["reasons"][0]["code"] == "UNCLASSIFIED"


async def test_a_prohibition_refuses_with_its_citation(county: County) -> None:
    """Illinois law prohibits custody data for immigration enforcement; it is cited."""
    body = release_date()

    answer = await county.post("ice-ero", body)

    assert answer.status == 403
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    citations = [r["citation"] for r in answer.body["decision"][0]["reasons"]]
    assert any("5 ILCS 805/15" in citation for citation in citations)
    leaf = (await county.leaves())[answer.body["receipt"]["index"]]
    assert (leaf["decision"], leaf["released"]) == ("refused", [])
    assert leaf["redacted"] == ["release_date"]
    assert answer.body["policy"] == leaf["policy"]


async def test_a_refusal_by_the_screen_never_touches_the_source(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If nothing can open whatever the record says, no statement is sent."""

    def touched(*_: object, **__: object) -> None:
        pytest.fail("the source was asked")

    for connector in county.services.connectors.values():
        monkeypatch.setattr(connector, "snapshot", touched)
        monkeypatch.setattr(connector, "select", touched)

    body = asking(
        "county-dmv", "immigration_civil", subjects=licence(31), fields=["photo"]
    )
    answer = await county.post("ice-hsi", body)

    assert answer.status == 403


async def test_a_selector_that_may_not_match_refuses(county: County) -> None:
    """Matching is disclosure: the unregistered may not even look somebody up."""
    body = asking(
        "county-jail",
        "criminal_investigation",
        subjects=[{"name": "Sample Person 017", "dob": "1990-01-01"}],
        fields=["custody_status"],
    )

    answer = await county.post("unknown", body)

    assert answer.status == 403
    assert answer.body["type"] == "urn:sallyport:problem:refused"
    rows = {tuple(row["names"]): row["outcome"] for row in answer.body["decision"]}
    assert rows == {("custody_status",): "withheld"}


async def test_what_needs_a_person_waits_and_can_be_looked_up(county: County) -> None:
    """202 names the exchange; GET shows its state, due time and receipt, never data."""
    body = immigration_status()

    answer = await county.post("ice-ero", body)
    exchange = answer.body["exchange"]
    found = await county.get("ice-ero", f"/v1/exchanges/{exchange}")

    assert answer.status == 202
    assert answer.headers["Location"] == f"/v1/exchanges/{exchange}"
    assert answer.body["due"] == found.body["due"]
    assert "Server" not in answer.headers
    assert found.status == 200
    assert found.body["state"] == "waiting"
    assert found.body["receipt"] == answer.body["receipt"]
    assert set(found.body) == {"schema", "exchange", "state", "due", "receipt"}


async def test_nobody_else_can_look_up_a_waiting_request(county: County) -> None:
    """Another client, an unknown id, a finished exchange: one and the same 404."""
    waits = immigration_status()
    done = custody()
    waiting = (await county.post("ice-ero", waits)).body["exchange"]
    finished = (await county.post(SHERIFF, done)).body["exchange"]

    answers = [
        await county.get("ice-hsi", f"/v1/exchanges/{waiting}"),
        await county.get(SHERIFF, f"/v1/exchanges/{finished}"),
        await county.get(SHERIFF, f"/v1/exchanges/{'0' * 32}"),
    ]

    assert {answer.status for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1


async def test_a_stolen_token_is_not_accepted(county: County) -> None:
    """A token bound to another certificate is 401, without an entry of its own."""
    before = county.services.log.size
    body = custody()

    answer = await county.post("broker", body, token_of=SHERIFF)

    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert county.services.log.size == before


async def test_mistakes_are_named_by_pointer_and_never_by_value(
    county: County,
) -> None:
    """422 lists every mistake at once and repeats nothing of what was sent."""
    canary = "Zq7-canary"
    body = asking(
        "county-jail",
        "criminal_investigaton",
        subjects=[{"booking_numbre": canary}],
        fields=["custody_statuss", "court_date"],
        statements={"need_to_knov": True},
    )

    answer = await county.post(SHERIFF, body)

    assert answer.status == 422
    pointers = {m["pointer"] for m in answer.body["mistakes"]}
    assert {"/purpose", "/fields/0", "/statements"} <= pointers
    advice = " ".join(m["advice"] for m in answer.body["mistakes"])
    assert "criminal_investigation" in advice
    assert "custody_status" in advice
    assert canary.encode() not in answer.data


async def test_a_deputy_on_federal_assignment_is_federal(county: County) -> None:
    """The same system asks for a deputy on loan to ICE and is refused as ICE is."""
    body = release_date()

    answer = await county.post("deputy-287g", body)

    leaf = (await county.leaves())[answer.body["receipt"]["index"]]
    assert answer.status == 403
    assert leaf["class"].startswith("local_le_287g")


async def test_a_hold_on_a_detainer_alone_is_refused_in_illinois(
    county: County,
) -> None:
    """A kind without fields is decided, recorded and answered like any other."""
    body = asking(
        "county-jail",
        "hold_request",
        kinds=["hold"],
        subjects=booking(18),
        instruments=[{"type": "i247a", "document_sha256": "0" * 64}],
    )

    answer = await county.post("ice-ero", body)

    assert answer.status == 403
    assert answer.body["decision"][0]["names"] == ["hold"]
    leaf = (await county.leaves())[answer.body["receipt"]["index"]]
    assert leaf["kinds"] == ["hold"]


async def test_papers_are_held_against_one_person_each(county: County) -> None:
    """Papers with several people are a mistake that says what to do, not a refusal."""
    body = asking(
        "county-jail",
        "hold_request",
        kinds=["hold"],
        subjects=[*booking(17), *booking(18)],
        instruments=[{"type": "i247a", "document_sha256": "0" * 64}],
    )

    answer = await county.post("ice-ero", body)

    assert answer.status == 422
    assert answer.body["mistakes"][0]["pointer"] == "/subjects"

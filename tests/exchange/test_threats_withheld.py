"""Who is withheld is as who is not there: in answers, in leaves, in metrics."""

from __future__ import annotations

import asyncio
import json
import re

import pytest

from tests.exchange.county import County
from tests.exchange.observer import NOBODY, STATES, VARIED, seen, write
from tests.exchange.requests import SHERIFF, asking, gang

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    "who", [[VARIED], [VARIED, 42, 43], [NOBODY, VARIED], list(range(10, 60))]
)
async def test_lists_of_whom_nothing_opens_are_one_answer(
    states: dict[str, County], state: str, who: list[int]
) -> None:
    """None, several and a whole list of withheld people give the same bytes."""
    county = states[state]
    await asyncio.to_thread(
        write,
        county.layout.databases / "gang.db",
        "UPDATE designations SET sealed = 1, validated_on = '2015-01-02'",
    )
    nobody = [NOBODY - place for place in range(len(who))]

    withheld = await county.post(SHERIFF, gang(*who))
    none = await county.post(SHERIFF, gang(*nobody))

    assert withheld.status != 200
    assert seen(withheld) == seen(none)


async def test_beside_a_release_the_withheld_are_as_nobody(illinois: County) -> None:
    """In a list where one opens, another who is withheld is as one who is not there."""
    await asyncio.to_thread(
        write,
        illinois.layout.databases / "gang.db",
        "UPDATE designations SET sealed = (entry_no <> 'G-000025'), juvenile = 0,"
        " validated_on = '2026-01-02'",
    )
    beside = await illinois.post(SHERIFF, gang(25, VARIED))
    alone = await illinois.post(SHERIFF, gang(25, NOBODY))
    leaves = await illinois.leaves()

    assert beside.status == 200
    assert len(beside.body["records"]) == 1
    assert seen(beside) == seen(alone)
    words = []
    for answer in (beside, alone):
        leaf = leaves[answer.body["receipt"]["index"]]
        words.append({n: leaf[n] for n in ("decision", "released", "redacted", "n")})
        words[-1]["shape"] = [len(leaf[n]) for n in ("_sd", "side", "tags", "pad")]
    assert words[0] == words[1]
    states = [
        await illinois.get(SHERIFF, f"/v1/exchanges/{answer.body['exchange']}")
        for answer in (beside, alone)
    ]
    assert states[0].status == states[1].status


async def test_a_name_that_finds_several_tells_no_more(illinois: County) -> None:
    """Two of one name and birth date, one of them sealed: as one alone."""
    database = illinois.layout.databases / "jail.db"
    await asyncio.to_thread(
        write,
        database,
        "UPDATE bookings SET sealed = 0, juvenile = 0, protected = 0, victim = 0,"
        " name = 'Sample Twin', dob = '1990-01-01'"
        " WHERE booking_no IN ('B-000051', 'B-000052')",
    )
    body = asking(
        "county-jail",
        "criminal_investigation",
        subjects=[{"name": "Sample Twin", "dob": "1990-01-01"}],
        fields=["custody_status"],
    )
    both = await illinois.post(SHERIFF, body)
    hide = "UPDATE bookings SET sealed = 1 WHERE booking_no = 'B-000052'"
    await asyncio.to_thread(write, database, hide)
    one = await illinois.post(SHERIFF, body)
    gone = "DELETE FROM bookings WHERE booking_no = 'B-000052'"
    await asyncio.to_thread(write, database, gone)
    alone = await illinois.post(SHERIFF, body)

    assert len(both.body["records"]) == 2
    assert len(one.body["records"]) == 1
    assert seen(one) == seen(alone)


async def test_leaves_of_one_outcome_differ_only_in_what_is_random(
    illinois: County,
) -> None:
    """Match, no match and sealed: the same words, counts and length in the leaf."""
    sealed = "UPDATE designations SET sealed = ?, validated_on = ?"
    database = illinois.layout.databases / "gang.db"
    indices = []
    for flag, day, number in ((1, "2026-01-02", 25), (0, "2015-01-02", 25)):
        await asyncio.to_thread(write, database, sealed, flag, day)
        answer = await illinois.post(SHERIFF, gang(number))
        indices.append(answer.body["receipt"]["index"])
    answer = await illinois.post(SHERIFF, gang(NOBODY))
    indices.append(answer.body["receipt"]["index"])

    leaves = await illinois.leaves()
    shapes = []
    for index in indices:
        leaf = leaves[index]
        words = {n: v for n, v in leaf.items() if n not in {"_sd", "side", "tags"}}
        words["pad"] = len(leaf["pad"])
        counts = {n: [len(x) for x in leaf[n]] for n in ("_sd", "side", "tags")}
        shapes.append(json.dumps([words, counts], sort_keys=True))
    assert len(set(shapes)) == 1


async def test_metrics_never_join_an_agency_with_a_dataset(
    illinois: County,
) -> None:
    """No line of the metrics has an agency, a person or a dataset in its labels."""
    await illinois.post(SHERIFF, gang(25))
    text = (await illinois.admin("/metrics")).data.decode()

    words = {*illinois.services.in_force.catalogue.datasets, "neighbour-sheriff", "ice"}
    labels = set(re.findall(r'"([^"]*)"', text))
    assert labels
    assert labels & words == set()

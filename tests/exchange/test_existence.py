"""An answer that releases nothing does not tell what was found; compared on bytes."""

from __future__ import annotations

import json
import re
import statistics
import time

import pytest

from tests.exchange.county import Answer, County
from tests.exchange.requests import SHERIFF, asking, booking, gang, release_date

pytestmark = pytest.mark.asyncio(loop_scope="module")

RANDOM = ("exchange", "receipt", "due")
NOBODY = 999_999


def told(answer: Answer) -> tuple[int, tuple[tuple[str, str], ...], int, str]:
    """Return everything an observer sees but what is random in every answer."""
    body = {name: v for name, v in answer.body.items() if name not in RANDOM}
    headers = tuple(
        (n, v) for n, v in answer.headers.items() if n not in {"Date", "Location"}
    )
    return answer.status, headers, len(answer.data), json.dumps(body)


async def test_no_record_and_a_withheld_one_are_the_same_answer(
    county: County,
) -> None:
    """A stale gang entry, a juvenile's, and none at all: one answer, byte for byte."""
    stale, juvenile, none = [
        await county.post(SHERIFF, gang(number)) for number in (26, 21, NOBODY)
    ]

    assert stale.status == 403
    assert told(stale) == told(none)
    assert told(juvenile) == told(none)
    assert len(none.data) % 1024 == 0


async def test_several_withheld_records_are_the_same_answer_too(
    county: County,
) -> None:
    """Asking for two people of whom nothing opens tells no more than for one."""
    body = gang(26)
    body["subjects"] = [{"case_number": "G-000026"}, {"case_number": "G-000021"}]
    nobody = gang(26)
    nobody["subjects"] = [{"case_number": "G-999998"}, {"case_number": "G-999999"}]

    assert told(await county.post(SHERIFF, body)) == told(
        await county.post(SHERIFF, nobody)
    )


async def test_where_facts_may_send_it_to_a_person_all_wait(
    california: County,
) -> None:
    """None, withheld and waiting are the same 202, and the same state to look up."""
    answers = [
        await california.post("ice-ero", release_date(number))
        for number in (17, NOBODY, 22)
    ]
    states = [
        await california.get("ice-ero", f"/v1/exchanges/{answer.body['exchange']}")
        for answer in answers
    ]

    assert [answer.status for answer in answers] == [202, 202, 202]
    assert len({told(answer) for answer in answers}) == 1
    assert {state.body["state"] for state in states} == {"waiting"}


async def test_their_leaves_differ_only_in_what_is_random(county: County) -> None:
    """The public leaves of withheld and none have one shape and the same words."""
    withheld = await county.post(SHERIFF, gang(26))
    none = await county.post(SHERIFF, gang(NOBODY))

    leaves = await county.leaves()
    shapes = []
    for answer in (withheld, none):
        leaf = leaves[answer.body["receipt"]["index"]]
        words = {
            n: v for n, v in leaf.items() if n not in {"_sd", "side", "tags", "pad"}
        }
        counts = {n: len(leaf[n]) for n in ("_sd", "side", "tags")}
        size = len(json.dumps(leaf, separators=(",", ":"), ensure_ascii=False))
        shapes.append((words, counts, size))

    assert shapes[0] == shapes[1]


async def test_the_source_gets_the_same_number_of_statements(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Withheld and none cost the source the same."""
    connector = county.services.connectors["gang-db"]
    counts: list[int] = []
    plain = type(connector).snapshot

    def counted(self: object, *, deadline_s: float) -> object:
        counts.append(1)
        return plain(self, deadline_s=deadline_s)  # type: ignore[arg-type]  # patched in

    monkeypatch.setattr(type(connector), "snapshot", counted)
    per_request = []
    for number in (26, NOBODY):
        counts.clear()
        await county.post(SHERIFF, gang(number))
        per_request.append(len(counts))

    assert per_request[0] == per_request[1] == 1


async def test_facts_of_the_record_never_show_in_a_refusal(county: County) -> None:
    """No fact name, case or reviewer of the internal decision is in the answer."""
    answer = await county.post(SHERIFF, gang(26))

    text = answer.data.decode()
    assert not re.search(r"intel_validated_on|\"facts\"|reviewer|layers|#", text)


async def test_an_answer_without_release_leaves_on_a_tick(county: County) -> None:
    """Times to answer withheld and none have one middle, a whole tick or more."""
    times: dict[int, list[float]] = {26: [], NOBODY: []}
    for _ in range(12):
        for number, found in times.items():
            before = time.perf_counter()
            await county.post(SHERIFF, gang(number))
            found.append(time.perf_counter() - before)

    middles = [statistics.median(found) for found in times.values()]

    assert min(min(found) for found in times.values()) >= 0.024
    assert abs(middles[0] - middles[1]) < 0.013


@pytest.mark.parametrize("limit", [1, 2, 3])
@pytest.mark.parametrize("hidden", [22, 21])
async def test_a_limit_does_not_count_who_is_withheld(
    county: County, hidden: int, limit: int
) -> None:
    """A sealed or juvenile person before one who is shown is as nobody."""
    answers = []
    for number in (hidden, NOBODY):
        body = asking(
            "county-jail",
            "criminal_investigation",
            subjects=[*booking(number), *booking(17), *booking(18)],
            fields=["custody_status"],
            limit=limit,
        )
        answers.append(await county.post(SHERIFF, body))

    assert [answer.status for answer in answers] == [200, 200]
    assert len(answers[0].body["records"]) == min(limit, 2)
    assert told(answers[0]) == told(answers[1])

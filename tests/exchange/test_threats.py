"""What an attacker with a certificate could learn; each attack over the whole stack."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sqlite3
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from audit import AuditError
from gateway.config import Config, load
from gateway.demo.chapters import scenes
from gateway.demo.layout import Layout
from gateway.errors import GatewayError
from tests.exchange.county import (
    Answer,
    County,
    activate,
    asking,
    booking,
    licence,
    running,
    write_county,
)

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]

SHERIFF = "neighbour-sheriff"
STATES = ("illinois", "california", "texas")
RANDOM = ("exchange", "receipt", "due")
VARIED = 41
NOBODY = 999_999

FACTS: Mapping[str, tuple[str, str, dict[str, tuple[object, ...]]]] = {
    "county-jail": (
        "jail.db",
        "bookings WHERE booking_no = 'B-000041'",
        {
            "sealed": (0, 1),
            "juvenile": (0, 1),
            "protected": (0, 1),
            "victim": (0, 1),
            "custody": ("in_custody", "released"),
            "bail_posted_at": (None, "2026-01-02"),
            "proved_status": (0, 1),
            "q_7282_5_a": (None, 0, 1),
            "q_7282_5_a3_on": (None, "2025-01-02", "2015-01-02"),
            "pc_872": (None, 0, 1),
            "on_roster": (0, 1),
        },
    ),
    "county-dmv": (
        "dmv.db",
        "drivers WHERE licence_no = 'X000-0000-0041'",
        {"sealed": (0, 1), "protected": (0, 1)},
    ),
    "county-gang": (
        "gang.db",
        "designations WHERE entry_no = 'G-000041'",
        {
            "sealed": (0, 1),
            "juvenile": (0, 1),
            "validated_on": (None, "2026-01-02", "2015-01-02"),
        },
    ),
}
"""By dataset: its file, the row that is varied, and each fact column's values."""


def seen(answer: Answer) -> bytes:
    """Return every byte an observer has, but what is random in each answer.

    Receipts have no fixed length, so that of an answer tells something only where it
    is padded: where nothing is released.
    """
    body = {name: v for name, v in answer.body.items() if name not in RANDOM}
    open_length = {"Content-Length"} if answer.status == 200 else set()
    headers = [
        (n, v)
        for n, v in answer.headers.items()
        if n not in {"Date", "Location", *open_length}
    ]
    return json.dumps([answer.status, headers, body]).encode()


def effects(answer: Answer) -> str:
    """Return what an answer may tell: its status, the effects, what it releases."""
    rows = answer.body.get("decision", [])
    told = [(row["kind"], row["category"], row["outcome"]) for row in rows]
    return json.dumps([answer.status, told, answer.body.get("records")])


def gang(*numbers: int) -> dict[str, Any]:
    """Return a request for gang records by the numbers of their cases."""
    return asking(
        "county-gang",
        "criminal_investigation",
        subjects=[{"case_number": f"G-{number:06d}"} for number in numbers],
        fields=["gang_affiliation"],
        statements={"need_to_know": True, "right_to_know": True},
    )


def write(path: Path, statement: str, *values: object) -> None:
    """Change a county's database, as its own staff would."""
    with sqlite3.connect(path) as connection:
        connection.execute(statement, values)
    connection.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def states(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[dict[str, County]]:
    """The same county, with the same databases, under three states' laws."""
    root = tmp_path_factory.mktemp("threats")
    layout = await asyncio.to_thread(write_county, root / "d", records=60)
    await asyncio.to_thread(_everybody_has_an_entry, layout)
    async with AsyncExitStack() as stack:
        found = {}
        for name in STATES:
            await activate(await asyncio.to_thread(load, layout.config(name)))
            found[name] = await stack.enter_async_context(running(layout, name))
        yield found


def _everybody_has_an_entry(layout: Layout) -> None:
    write(
        layout.databases / "gang.db",
        "INSERT OR IGNORE INTO designations SELECT 'G-000041', name, dob, affiliation,"
        " criteria, source, validated_on, narrative, 0, 0 FROM designations LIMIT 1",
    )


@pytest_asyncio.fixture(loop_scope="module")
async def illinois(states: dict[str, County]) -> County:
    """The county under Illinois law."""
    return states["illinois"]


def _asked() -> list[tuple[str, dict[str, Any]]]:
    """Return every request of the demo and more, all about one varied person."""
    who = {
        "county-jail": booking(VARIED),
        "county-dmv": licence(VARIED),
        "county-gang": [{"case_number": f"G-{VARIED:06d}"}],
    }
    jail = [
        ("ice-ero", "release_notification", ["notify"], ["release_date"]),
        ("ice-ero", "release_notification", ["notify", "transfer"], ["release_date"]),
        ("ice-ero", "custody_transfer", ["transfer"], []),
        ("ice-ero", "hold_request", ["hold"], []),
        ("ice-ero", "immigration_civil", ["interview"], []),
        ("ice-hsi", "criminal_investigation", ["read_fields"], ["custody_status"]),
        (
            SHERIFF,
            "criminal_investigation",
            ["read_fields"],
            ["custody_status", "court_date", "booking_charges", "convictions", "notes"],
        ),
        (SHERIFF, "criminal_investigation", ["read_fields"], ["home_address"]),
        ("broker", "criminal_investigation", ["read_fields"], ["booking_charges"]),
    ]
    asked = [
        (scene.requester, {**scene.body, "subjects": who[scene.body["dataset"]]})
        for scene in scenes()
        if not scene.stolen_from and scene.body.get("subjects")
    ]
    asked += [
        (
            name,
            asking(
                "county-jail",
                purpose,
                kinds=kinds,
                subjects=booking(VARIED),
                **({"fields": fields} if fields else {}),
            ),
        )
        for name, purpose, kinds, fields in jail
    ]
    distinct = {json.dumps([name, body], sort_keys=True) for name, body in asked}
    return [(name, body) for name, body in map(json.loads, sorted(distinct))]


def _vectors(columns: Mapping[str, Sequence[object]]) -> list[dict[str, object]]:
    """Return a plain record, each fact varied alone, and each pair that matters."""
    plain = {name: values[0] for name, values in columns.items()}
    alone = [
        plain | {name: value} for name, values in columns.items() for value in values
    ]
    together = [
        plain | {"sealed": 1, name: values[-1]} for name, values in columns.items()
    ]
    return [plain, *alone, *together]


@pytest.mark.slow
@pytest.mark.parametrize("state", STATES)
async def test_equal_effects_are_equal_bytes_whatever_the_record_says(
    states: dict[str, County], state: str
) -> None:
    """Each fact that packs read is varied: beyond the effects no byte changes."""
    county = states[state]
    by_effect: dict[tuple[int, str], set[bytes]] = {}
    vectors = 0
    requests = list(enumerate(_asked()))
    for dataset, (file, row, columns) in FACTS.items():
        table, _, where = row.partition(" WHERE ")
        mine = [(n, who, b) for n, (who, b) in requests if b["dataset"] == dataset]
        for vector in _vectors(columns):
            vectors += 1
            change = ", ".join(f"{name} = ?" for name in vector)
            await asyncio.to_thread(
                write,
                county.layout.databases / file,
                f"UPDATE {table} SET {change} WHERE {where}",  # noqa: S608 - constants
                *vector.values(),
            )
            for number, who, body in mine:
                answer = await county.post(who, body)
                assert answer.status in {200, 202, 403}, (who, body, answer.body)
                told = by_effect.setdefault((number, effects(answer)), set())
                told.add(seen(answer))

    assert vectors > 50
    assert len(by_effect) > len(requests) * 0.8
    differing = [key for key, bodies in by_effect.items() if len(bodies) > 1]
    assert differing == []


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


def custody(number: int = 17) -> dict[str, Any]:
    """Return an ordinary request that is released."""
    return asking(
        "county-jail",
        "criminal_investigation",
        subjects=booking(number),
        fields=["custody_status"],
    )


async def test_a_key_is_of_one_person_with_one_certificate(illinois: County) -> None:
    """The deputy's system used the key: its other person has an exchange of its own."""
    first = await illinois.post(SHERIFF, custody(), key="one-of-the-system")
    other = await illinois.post("deputy-287g", custody(), key="one-of-the-system")
    stranger = await illinois.post(
        "broker", custody(), key="one-of-the-system", token_of=SHERIFF
    )

    assert first.body["exchange"] != other.body.get("exchange")
    assert stranger.status == 401


async def test_after_an_activation_a_retry_is_a_new_exchange(
    illinois: County,
) -> None:
    """What was answered under the old manifest is decided and recorded anew."""
    first = await illinois.post(SHERIFF, custody(), key="before-and-after")
    agencies = illinois.layout.root / "agencies.yaml"
    await asyncio.to_thread(
        lambda: agencies.write_text(agencies.read_text() + "\n# another day\n")
    )
    await illinois.command(command="draft-activation")
    again = await illinois.post(SHERIFF, custody(), key="before-and-after")
    leaves = await illinois.leaves()

    assert (first.status, again.status) == (200, 200)
    assert again.body["exchange"] != first.body["exchange"]
    manifests = {leaves[a.body["receipt"]["index"]]["manifest"] for a in (first, again)}
    assert len(manifests) == 2


async def test_a_stolen_state_database_holds_no_answers(illinois: County) -> None:
    """After releases and waiting requests it has no value, name or case in clear."""
    canary = "Zq77statecanary"
    await asyncio.to_thread(
        write,
        illinois.layout.databases / "jail.db",
        "UPDATE bookings SET custody = ? WHERE booking_no = 'B-000044'",
        canary,
    )
    shown = await illinois.post(SHERIFF, custody(44), key="stolen")
    waiting = await illinois.post(
        "ice-ero",
        asking(
            "county-jail",
            "immigration_civil",
            subjects=booking(44),
            fields=["immigration_status"],
            case_number="Zq78",
        ),
    )

    data = b""
    for path in illinois.config.state_path.parent.glob("state.db*"):
        data += await asyncio.to_thread(path.read_bytes)
    assert canary.encode() in shown.data
    assert waiting.status == 202
    for secret in (canary, "Zq78", "B-000044", "deputy-1", "ero-officer-1"):
        assert secret.encode() not in data


@pytest.mark.parametrize("how", ["missing", "altered"])
async def test_a_log_whose_acts_were_touched_is_found_out(
    tmp_path: Path, how: str
) -> None:
    """A verifier names it; a gateway goes on only with the note that the leaf names.

    What is still in the write-ahead file is put back by it. The acts that a gateway
    keeps in its state are taken away too, so that it has to read the log's.
    """
    layout = await asyncio.to_thread(write_county, tmp_path / "d", records=20)
    config = await asyncio.to_thread(load, layout.config())
    await activate(config)
    notes = sorted(await asyncio.to_thread(_files, config.log.directory / "live/acts"))
    assert len(notes) >= 2
    for note in notes:
        kept = await asyncio.to_thread(note.read_bytes)
        await asyncio.to_thread(note.unlink)
        if how == "altered":
            await asyncio.to_thread(note.write_bytes, kept[:-2] + b"x\n")
        assert await _verified(layout, config) == 1, note
        for path in config.state_path.parent.glob("state.db*"):
            await asyncio.to_thread(path.unlink)
        read: bytes | None = None
        with contextlib.suppress(AuditError, GatewayError, ExceptionGroup):
            async with running(layout):
                read = await asyncio.to_thread(note.read_bytes)
        assert read in {None, kept}
        if read is None:
            await asyncio.to_thread(note.unlink, missing_ok=True)
            await asyncio.to_thread(note.write_bytes, kept)
        assert await _verified(layout, config) == 0


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def _verified(layout: Layout, config: Config) -> int | None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "audit", "verify"),
        str(config.log.directory / "live"),
        *("--vkey", str(layout.log_keys()), "--allow-unwitnessed"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    await process.wait()
    return process.returncode

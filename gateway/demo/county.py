"""The county's three databases, as a county would have them: SQLite files.

The gateway never learns any of this from here: it knows the tables only through the
catalogue, as it would know a real county's.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final, NamedTuple

from gateway.demo.people import SEED, Person, Traits, person

__all__ = ["DEFAULT_RECORDS", "build_databases"]

DEFAULT_RECORDS: Final = 300
"""People in the county when nobody says how many."""

Row = tuple[str | int | None, ...]

_JAIL = """
CREATE TABLE bookings (
  booking_no TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  dob TEXT NOT NULL,
  sex TEXT NOT NULL,
  home_address TEXT,
  phone TEXT,
  custody TEXT NOT NULL,
  housing TEXT,
  charges TEXT,
  booked_at TEXT NOT NULL,
  release_dt TEXT,
  court_dt TEXT,
  birthplace TEXT,
  status_note TEXT,
  visitors TEXT,
  notes TEXT,
  convictions TEXT,
  bail_posted_at TEXT,
  q_7282_5_a INTEGER,
  q_7282_5_a3_on TEXT,
  pc_872 INTEGER,
  on_roster INTEGER NOT NULL,
  juvenile INTEGER NOT NULL,
  sealed INTEGER NOT NULL,
  proved_status INTEGER NOT NULL,
  victim INTEGER NOT NULL,
  protected INTEGER NOT NULL
)
"""

_DMV = """
CREATE TABLE drivers (
  licence_no TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  dob TEXT NOT NULL,
  home_address TEXT,
  zip TEXT,
  phone TEXT,
  plate TEXT,
  licence_class TEXT,
  licence_state TEXT,
  photo_ref TEXT,
  ssn TEXT,
  accidents TEXT,
  notes TEXT,
  sealed INTEGER NOT NULL,
  protected INTEGER NOT NULL
)
"""

_GANG = """
CREATE TABLE designations (
  entry_no TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  dob TEXT NOT NULL,
  affiliation TEXT,
  criteria TEXT,
  source TEXT,
  validated_on TEXT,
  narrative TEXT,
  juvenile INTEGER NOT NULL,
  sealed INTEGER NOT NULL
)
"""


def _days_ago(today: dt.date, days: int) -> str | None:
    """Return the day so many days ago, or nothing for something that never was."""
    return None if days < 0 else (today - dt.timedelta(days=days)).isoformat()


def _convictions(traits: Traits) -> str:
    """Return what the jail's clerk would have typed."""
    if traits.qualifying_conviction:
        return "serious felony (invented)"
    if traits.reduced_only:
        return "petty theft, reduced under Proposition 47 (invented)"
    return "misdemeanor (invented)" if traits.misdemeanor_age_days >= 0 else "none"


def _booking(one: Person, today: dt.date) -> Row | None:
    """Return a person's row in the jail's table."""
    traits = one.traits
    return (
        f"B-{one.number:06d}",
        one.name,
        one.born.isoformat(),
        one.sex,
        one.address,
        one.phone,
        "in_custody",
        f"Unit {one.number % 7}",
        one.charge,
        one.booked.isoformat(),
        one.release.isoformat(),
        one.court.isoformat(),
        one.birthplace,
        "as told at booking",
        f"Sample Visitor {one.number:03d}",
        f"Invented note about Sample Person {one.number:03d}",
        _convictions(traits),
        None,
        int(traits.qualifying_conviction),
        _days_ago(today, traits.misdemeanor_age_days),
        int(traits.held_to_answer),
        int(traits.on_public_roster),
        int(traits.juvenile),
        int(traits.sealed),
        int(traits.lawful_status_proved),
        int(traits.victim),
        int(traits.protected),
    )


def _driver(one: Person, _today: dt.date) -> Row | None:
    """Return a person's row in the drivers' table."""
    return (
        one.licence,
        one.name,
        one.born.isoformat(),
        one.address,
        one.zip_code,
        one.phone,
        one.plate,
        "D",
        "valid",
        f"photo-{one.number:06d}",
        # Area number 000 was never issued by the Social Security Administration.
        f"000-00-{one.number % 10_000:04d}",
        str(one.accidents),
        f"Invented remark about Sample Person {one.number:03d}",
        int(one.traits.sealed),
        int(one.traits.protected),
    )


def _designation(one: Person, today: dt.date) -> Row | None:
    """Return a person's row in the gang table, or nothing for most people."""
    traits = one.traits
    if traits.intel_age_days < 0:
        return None
    return (
        f"G-{one.number:06d}",
        one.name,
        one.born.isoformat(),
        "Placeholder Street Group",
        "self-admission (invented)",
        f"Sample Source {one.number:03d}",
        _days_ago(today, traits.intel_age_days),
        f"Invented narrative about Sample Person {one.number:03d}",
        int(traits.juvenile),
        int(traits.sealed),
    )


class _Database(NamedTuple):
    """One file: its name, its table as SQL, its index, and who has a row in it."""

    file: str
    table: str
    schema: str
    indexed: str
    row: Callable[[Person, dt.date], Row | None]


_DATABASES: Final = (
    _Database("jail.db", "bookings", _JAIL, "name, dob", _booking),
    _Database("dmv.db", "drivers", _DMV, "plate", _driver),
    _Database("gang.db", "designations", _GANG, "name, dob", _designation),
)

_BATCH: Final = 1_000
"""People held in memory at once, so that a large county costs no more of it."""


def _insert(
    connection: sqlite3.Connection,
    database: _Database,
    people: Iterable[Person],
    today: dt.date,
) -> int:
    """Write some people's rows; return how many were written."""
    rows = [row for one in people if (row := database.row(one, today)) is not None]
    if rows:
        marks = ", ".join("?" * len(rows[0]))
        connection.executemany(
            f"INSERT INTO {database.table} VALUES ({marks})",  # noqa: S608 - constants
            rows,
        )
    return len(rows)


def build_databases(
    folder: Path,
    *,
    today: dt.date,
    records: int = DEFAULT_RECORDS,
    seed: int = SEED,
    progress: Callable[[int], None] = lambda _people: None,
) -> dict[str, int]:
    """Write ``jail.db``, ``dmv.db`` and ``gang.db``; return rows by file name.

    The same seed, day and number of records give the same rows.

    Args:
        folder: an existing folder that has none of these files yet.
        today: the day everything is counted from.
        records: people in the county; bookings and drivers have one row each.
        seed: of the invented people.
        progress: told how many people were written, now and then.

    Raises:
        sqlite3.OperationalError: when a file is there already.
    """
    written = dict.fromkeys((database.file for database in _DATABASES), 0)
    with ExitStack() as stack:
        targets = []
        for database in _DATABASES:
            connection = sqlite3.connect(folder / database.file)
            stack.enter_context(closing(connection))
            connection.execute(database.schema)
            targets.append((database, connection))
        for first in range(1, records + 1, _BATCH):
            numbers = range(first, min(first + _BATCH, records + 1))
            people = [person(number, today=today, seed=seed) for number in numbers]
            for database, connection in targets:
                written[database.file] += _insert(connection, database, people, today)
            progress(numbers.stop - 1)
        for database, connection in targets:
            connection.execute(
                f"CREATE INDEX by_person ON {database.table} ({database.indexed})"
            )
            connection.commit()
    return written

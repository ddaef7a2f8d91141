"""One read-only connection: cannot write, notices the file, ends when told."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connectors import Fault, InvalidQuery, Limits, SourceTimeout, SourceUnavailable
from connectors.sqlite.session import Session

ALL = "SELECT k, v FROM t ORDER BY k"
ENDLESS = (
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) "
    "SELECT count(*) FROM c"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a database with one table of two rows."""
    return make(tmp_path / "it's 100% ok?.db", "one")


def make(path: Path, value: str) -> Path:
    """Write a small database."""
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE t (k TEXT PRIMARY KEY, v TEXT)")
    database.executemany("INSERT INTO t VALUES (?, ?)", [("a", value), ("b", None)])
    database.commit()
    database.close()
    return path


@pytest.fixture
def opened(path: Path) -> Iterator[Callable[..., Session]]:
    """Return a function that opens a session with five seconds to live."""
    sessions: list[Session] = []

    def start(
        *, limits: Limits | None = None, trace: Callable[[str], None] | None = None
    ) -> Session:
        """Open one."""
        session = Session(
            source="s",
            path=path,
            limits=limits or Limits(),
            monotonic=time.monotonic,
            trace=trace,
        )
        session.ends_at = time.monotonic() + 5
        sessions.append(session)
        return session

    yield start
    for session in sessions:
        session.close()


def fault(session: Session, sql: str = ALL) -> Fault:
    """Return why a statement was not answered."""
    with pytest.raises(SourceUnavailable) as caught:
        session.rows(sql, ())
    return caught.value.fault


def test_a_path_with_odd_characters(opened: Callable[..., Session]) -> None:
    """Quotes, percent and question marks in a path are part of the path."""
    assert opened().rows(ALL, ()) == [("a", "one"), ("b", None)]


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO t VALUES ('c', 'x')",
        "UPDATE t SET v = 'x'",
        "DELETE FROM t",
        "DROP TABLE t",
        "CREATE TABLE u (x)",
        "ALTER TABLE t ADD COLUMN w",
        "VACUUM",
        "VACUUM INTO 'copy.db'",
        "REINDEX",
        "PRAGMA user_version = 7",
        "PRAGMA journal_mode = DELETE",
        "ATTACH DATABASE 'other.db' AS other",
    ],
)
def test_nothing_can_be_written(
    opened: Callable[..., Session],
    path: Path,
    sql: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever statement gets through, the file and its folder stay as they were."""
    monkeypatch.chdir(path.parent)
    before = path.read_bytes()
    session = opened()
    session.rows(ALL, ())

    if sql.startswith(("PRAGMA", "REINDEX")):
        # SQLite takes these without a word and does nothing.
        with contextlib.suppress(SourceUnavailable):
            session.rows(sql, ())
    else:
        fault(session, sql)

    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_even_with_query_only_off(opened: Callable[..., Session], path: Path) -> None:
    """The file mode alone is enough: turning the pragma off opens nothing."""
    before = path.read_bytes()
    session = opened()
    session.rows("PRAGMA query_only = OFF", ())

    assert fault(session, "DELETE FROM t") is Fault.GONE
    assert path.read_bytes() == before


def test_every_precaution_is_on(opened: Callable[..., Session]) -> None:
    """Writing is off twice over, and the schema of the file is not trusted."""
    session = opened()

    assert session.rows("PRAGMA query_only", ()) == [(1,)]
    assert session.rows("PRAGMA trusted_schema", ()) == [(0,)]
    assert session.rows("PRAGMA cell_size_check", ()) == [(1,)]


def test_a_file_that_is_deleted(opened: Callable[..., Session], path: Path) -> None:
    """An open handle to a deleted file is not the source any more; a new file is."""
    session = opened()
    session.rows(ALL, ())
    path.unlink()
    assert fault(session) is Fault.GONE
    make(path, "two")

    assert session.rows(ALL, ())[0] == ("a", "two")


def test_a_file_that_is_replaced(opened: Callable[..., Session], path: Path) -> None:
    """A file moved over it (a nightly copy) is read at the next statement."""
    session = opened()
    session.rows(ALL, ())
    make(path.with_name("new.db"), "new").replace(path)

    assert session.rows(ALL, ())[0] == ("a", "new")


def test_a_replaced_file_does_not_split_a_transaction(
    opened: Callable[..., Session], path: Path
) -> None:
    """Inside a transaction the old file is read to the end."""
    session = opened()
    first = session.rows(ALL, (), begin=True)
    make(path.with_name("new.db"), "new").replace(path)

    assert session.rows(ALL, ()) == first
    session.end()
    assert session.rows(ALL, ())[0] == ("a", "new")


@pytest.mark.parametrize(
    "damage",
    [b"not a database, only text" * 100, b"SQLite format 3\x00" + b"\xff" * 4000],
)
def test_a_damaged_file(
    opened: Callable[..., Session], path: Path, damage: bytes
) -> None:
    """What is not a database is corrupt; the right file heals it."""
    good = path.read_bytes()
    path.write_bytes(damage)
    session = opened()
    assert fault(session) is Fault.CORRUPT
    path.write_bytes(good)

    assert len(session.rows(ALL, ())) == 2


def test_damaged_pages(opened: Callable[..., Session], path: Path) -> None:
    """A good header with broken pages behind it is corrupt too, never half read."""
    data = bytearray(path.read_bytes())
    data[4096:] = b"\x7f" * (len(data) - 4096)
    path.write_bytes(bytes(data))

    assert fault(opened()) is Fault.CORRUPT


def test_an_empty_file(opened: Callable[..., Session], path: Path) -> None:
    """An empty file is a database without tables."""
    path.write_bytes(b"")

    assert fault(opened()) is Fault.SCHEMA


def test_a_folder(opened: Callable[..., Session], path: Path) -> None:
    """A folder is not a source."""
    path.unlink()
    path.mkdir()

    assert fault(opened()) is Fault.GONE


def test_a_locked_file(opened: Callable[..., Session], path: Path) -> None:
    """While somebody holds the file it is tried again, until the deadline."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    session = opened()
    session.ends_at = time.monotonic() + 1
    assert fault(session) is Fault.LOCKED
    threading.Timer(0.2, session.interrupt).start()
    session.ends_at = time.monotonic() + 5
    start = time.monotonic()
    assert fault(session) is Fault.LOCKED
    assert time.monotonic() - start < 2
    session.ended = False
    other.execute("ROLLBACK")
    other.close()

    assert len(session.rows(ALL, ())) == 2


def test_a_wait_that_is_ended_in_a_try(
    opened: Callable[..., Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An end that meets a try of a wait tells of the wait; else it is an end."""
    tries = {
        (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_INTERRUPT): Fault.LOCKED,
        (sqlite3.SQLITE_INTERRUPT,): Fault.TIMEOUT,
        (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CORRUPT): Fault.CORRUPT,
    }
    for codes, expected in tries.items():
        session, left = opened(), list(codes)

        def tried(*_: object, s: Session = session, left: list[int] = left) -> None:
            """Fail with the next code; an interrupted try is an ended one."""
            error = sqlite3.OperationalError()
            error.sqlite_errorcode = left.pop(0)
            s.ended = error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT
            raise error

        monkeypatch.setattr(session, "_ready", tried)
        assert fault(session) is expected


def test_the_deadline(opened: Callable[..., Session]) -> None:
    """SQLite itself looks at the deadline: no help from outside is needed."""
    session = opened()
    session.ends_at = time.monotonic() + 0.05
    start = time.monotonic()

    assert fault(session, ENDLESS) is Fault.TIMEOUT
    assert time.monotonic() - start < 0.3
    session.ends_at = time.monotonic() + 5
    assert len(session.rows(ALL, ())) == 2


def test_a_deadline_that_has_passed(opened: Callable[..., Session]) -> None:
    """Nothing is sent after the deadline."""
    sent: list[str] = []
    session = opened(trace=sent.append)
    session.ends_at = 0

    with pytest.raises(SourceTimeout):
        session.rows(ALL, ())
    assert sent == []


def test_interrupt_from_another_thread(opened: Callable[..., Session]) -> None:
    """Ending works while it runs, before it runs, and when nothing is open."""
    session = opened()
    session.interrupt()
    assert fault(session) is Fault.TIMEOUT
    session.ended = False
    session.rows(ALL, ())
    threading.Timer(0.05, session.interrupt).start()
    start = time.monotonic()

    assert fault(session, ENDLESS) is Fault.TIMEOUT
    assert time.monotonic() - start < 2


def test_a_closed_connection_cannot_be_interrupted(
    opened: Callable[..., Session],
) -> None:
    """An interrupt that comes while the thread closes does nothing."""
    session = opened()
    session.rows(ALL, ())
    connection = session._connection
    assert connection is not None
    connection.close()

    session.interrupt()
    session.end()
    session.close()


def test_text_that_is_not_utf8(opened: Callable[..., Session], path: Path) -> None:
    """A value that is not text comes back as bytes and hides nothing else."""
    database = sqlite3.connect(path)
    database.execute("INSERT INTO t VALUES ('c', CAST(x'ff41' AS TEXT))")
    database.commit()
    database.close()
    session = opened()

    assert session.rows(ALL, ()) == [("a", "one"), ("b", None), ("c", b"\xffA")]
    assert session.rows(ALL, ())[0] == ("a", "one")


def test_a_value_over_the_bound(opened: Callable[..., Session]) -> None:
    """SQLite refuses to make a value larger than allowed."""
    session = opened(limits=Limits(max_value_bytes=2000))

    assert len(session.rows("SELECT zeroblob(1000)", ())) == 1
    assert fault(session, "SELECT zeroblob(3000)") is Fault.TOO_LARGE


def test_an_answer_over_the_bound(opened: Callable[..., Session]) -> None:
    """Many allowed values together can be too much; it stops before the end."""
    session = opened(limits=Limits(max_bytes=100_000, max_value_bytes=2000))
    wide = (
        "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) "
        "SELECT n, hex(zeroblob(500)), NULL FROM c"
    )

    assert len(session.rows(wide + " LIMIT 90", ())) == 90
    assert fault(session, wide) is Fault.TOO_LARGE


def test_exactly_one_chunk(opened: Callable[..., Session]) -> None:
    """The number of rows fetched at once is no boundary."""
    session = opened()
    for count in (0, 1, 63, 64, 65, 128, 129):
        sql = (
            "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) "
            "SELECT n FROM c LIMIT ?"
        )
        assert session.rows(sql, (count,)) == [(n + 1,) for n in range(count)]


def test_unbindable_values(opened: Callable[..., Session]) -> None:
    """A value the driver cannot bind is the caller's mistake."""
    with pytest.raises(InvalidQuery):
        opened().rows("SELECT ?", (1 << 70,))


def test_columns(opened: Callable[..., Session], path: Path) -> None:
    """Columns of tables and views, generated ones too; none where there is none."""
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE g (a INT, b INT AS (a + 1))")
    database.execute("CREATE VIEW w AS SELECT k AS x FROM t")
    database.close()
    session = opened()

    assert [c.name for c in session.columns("g")] == ["a", "b"]
    assert [(c.name, c.type) for c in session.columns("main.w")] == [("x", "TEXT")]
    assert session.columns("nothing") == ()
    assert session.columns("x'); DROP TABLE t; --") == ()


def test_a_connection_that_cannot_be_prepared(
    opened: Callable[..., Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure between opening and the first statement leaves nothing open."""
    session = opened()
    monkeypatch.setattr("connectors.sqlite.session._PRAGMAS", ("SELECT nonsense",))

    assert fault(session) is Fault.SCHEMA
    assert session._connection is None

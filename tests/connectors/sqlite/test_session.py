"""One read-only connection: cannot write, keeps to its bounds, ends when told."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors import Fault, InvalidQuery, Limits, SourceTimeout, SourceUnavailable
from connectors.sqlite.session import Session
from tests.connectors.sqlite.small import ALL, fault

ENDLESS = (
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) "
    "SELECT count(*) FROM c"
)


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

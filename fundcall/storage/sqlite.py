"""What only SQLite needs: how to connect durably, the triggers that keep events as they are, and the index for search."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

BUSY_SECONDS = 30
_PAUSE_SECONDS = 0.01
_CHECKPOINT_PAGES = 8192
"""When the log is copied into the database by whoever commits: at 32 MiB. A commit is on the disk before; SQLite's 1,000
pages would have a bulk run of 10,000 cases wait for the copy as well.
"""
PASSING = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})
"""What SQLite says where another has the file for now."""


def append_only(*tables: str) -> tuple[str, ...]:
    """Triggers that let rows be added to tables and nothing else."""
    return tuple(
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} are append-only'); END"
        for table in tables
        for verb in ("UPDATE", "DELETE")
    )


TRIGGERS = append_only("events", "rules")

_SEARCHED = "number, title, unit_name, unit_code, marks"
_OLD, _NEW = (", ".join(f"{row}.{name}" for name in _SEARCHED.split(", ")) for row in ("old", "new"))
_FORGET = f"INSERT INTO search_index (search_index, rowid, {_SEARCHED}) VALUES ('delete', old.id, {_OLD})"  # noqa: S608
_LEARN = f"INSERT INTO search_index (rowid, {_SEARCHED}) VALUES (new.id, {_NEW})"  # noqa: S608
SEARCH = (
    # Tokens come ready made, so that the index parts them at spaces alone and folds no letter; beginnings of numbers and
    # codes are indexed too, or all that begin so would have to be put together.
    f"CREATE VIRTUAL TABLE search_index USING fts5({_SEARCHED}, content='search_words', content_rowid='id', tokenize='ascii', prefix='2 4 6 8')",
    f"CREATE TRIGGER search_words_come AFTER INSERT ON search_words BEGIN {_LEARN}; END",
    f"CREATE TRIGGER search_words_go AFTER DELETE ON search_words BEGIN {_FORGET}; END",
    f"CREATE TRIGGER search_words_change AFTER UPDATE ON search_words BEGIN {_FORGET}; {_LEARN}; END",
)
"""The index of the words that applications are found by; it follows its table."""


def connect(path: Path) -> sqlite3.Connection:
    """A connection that writes: WAL, every commit on the disk before it is answered, transactions begun by us.

    Raises OperationalError where nothing can be written: SQLite by itself opens such a file for reading and says nothing.
    """
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        _use_wal(connection)
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute(
            "PRAGMA recursive_triggers=ON"
        )  # without it INSERT OR REPLACE gets past the triggers on DELETE
        connection.execute(BEGIN)
        connection.execute("PRAGMA user_version = 0")  # raises where the file is open for reading alone; BEGIN does not
        connection.execute("ROLLBACK")
    except BaseException:
        connection.close()
        raise
    return connection


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to WAL, waiting for others by ourselves: SQLite's own waiting does not cover this change of mode."""
    until = time.monotonic() + BUSY_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as wrong:
            if wrong.sqlite_errorcode & 0xFF not in PASSING or time.monotonic() > until:
                raise
            time.sleep(_PAUSE_SECONDS)


def connect_reader(path: Path) -> sqlite3.Connection:
    """A connection that cannot write."""
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA query_only=ON")
    return connection


BEGIN = "BEGIN IMMEDIATE"

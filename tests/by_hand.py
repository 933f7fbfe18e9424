"""A database as somebody has it who goes around the program: past what guards its tables, and every byte of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

from fundcall.settings import Settings
from fundcall.storage import spare
from fundcall.storage.driver import Writer
from fundcall.storage.opening import open_reader
from fundcall.storage.postgres import PostgresWriter
from fundcall.storage.schema import TABLES
from workflow.record import decode, encode, leaf_hash


@contextmanager
def guarded(settings: Settings) -> Iterator[Writer]:
    """A connection whose statements stand at once; triggers guard what they guard."""
    made = (
        PostgresWriter(settings.postgres)
        if settings.postgres
        else sqlite3.connect(settings.database, isolation_level=None)
    )
    with closing(made) as connection:
        yield connection


@contextmanager
def by_hand(settings: Settings) -> Iterator[Writer]:
    """The same once no trigger guards anything any more."""
    triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    with guarded(settings) as connection:
        for (name,) in connection.execute(spare._GUARDED if settings.postgres else triggers).fetchall():
            connection.execute(
                f"ALTER TABLE {name} DISABLE TRIGGER USER" if settings.postgres else f"DROP TRIGGER {name}"
            )
        yield connection


def tamper(settings: Settings, statement: str, values: Sequence[object] = ()) -> None:
    """Run a statement by hand."""
    with by_hand(settings) as connection:
        connection.execute(statement, values)


def replaced(connection: Writer, table: str, column: str, old: bytes, new: bytes) -> None:
    """Put other bytes for some in a column of every row."""
    for (body,) in connection.execute(f"SELECT DISTINCT {column} FROM {table}").fetchall():  # noqa: S608 - names of ours
        changed = bytes(body).replace(old, new)
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (changed, body))  # noqa: S608


def rewritten(connection: Writer, position: int) -> None:
    """Put somebody else into an event, and make its hash fit."""
    (body,) = connection.execute("SELECT body FROM events WHERE position = ?", (position,)).fetchone()
    other = encode(decode(body)._replace(actor="somebody-else"))
    connection.execute("UPDATE events SET body = ?, leaf = ? WHERE position = ?", (other, leaf_hash(other), position))


def kept(settings: Settings) -> bytes:
    """Every byte of a file of SQLite and of what lies beside it; on PostgreSQL every value of every row."""
    if not settings.postgres:
        return b"".join(path.read_bytes() for path in settings.database.parent.glob(f"{settings.database.name}*"))
    with closing(open_reader(settings.postgres)) as reader:
        rows = [row for table in TABLES for row in reader.query(f"SELECT * FROM {table.name}").fetchall()]  # noqa: S608 - names of ours
    return b"\n".join(value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row)

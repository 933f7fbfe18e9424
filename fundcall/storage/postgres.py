"""What only PostgreSQL needs: how to connect, and how SQL that is written as SQLite takes it is put to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import psycopg
from psycopg import pq
from psycopg_pool import ConnectionPool

from workflow.ports import Unavailable

Connection = psycopg.Connection[tuple[Any, ...]]
Cursor = psycopg.Cursor[tuple[Any, ...]]

CONNECT_SECONDS = 10
READERS_MAX = 8
READER_SECONDS = 5
"""How long somebody waits for a connection to read by: who asks whether we are well does not wait longer."""
_LOCK = 0x66756E6463616C6C
"""Whoever writes, of whatever process, holds this advisory lock to the end of the transaction ("fundcall")."""
BEGIN = f"BEGIN; SELECT pg_advisory_xact_lock({_LOCK})"
_HINTS = (("CROSS JOIN", "JOIN"), ("AND +", "AND "), ("BY +", "BY "), ("%", "%%"), ("?", "%s"))


@cache
def put(sql: str) -> str:
    """A statement as psycopg takes it: other marks, and without what tells SQLite how to go about a question. No
    statement of ours has a question mark in it that is not a mark.
    """
    for ours, theirs in _HINTS:
        sql = sql.replace(ours, theirs)
    return sql


def told(values: Sequence[Any]) -> Sequence[Any]:
    """Values to be looked for. PostgreSQL keeps no text with a NUL in it: what has one is not there."""
    if any(isinstance(value, str) and "\0" in value for value in values):
        return [
            value.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else value for value in values
        ]
    return values


def connect(url: str) -> Connection:
    """A connection that begins transactions when told to. Raises Unavailable where there is none to be had."""
    try:
        return psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_SECONDS, application_name="fundcall")
    except psycopg.Error as wrong:  # a ProgrammingError where the address is none
        raise Unavailable(f"数据库无法连接 / the database cannot be reached: {wrong}") from wrong


class PostgresWriter:
    """The connection that writes (a `fundcall.storage.driver.Writer`); a lost one is made anew for the next transaction."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection = connect(url)

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open, failed or not."""
        status = self._connection.info.transaction_status
        return status in (pq.TransactionStatus.INTRANS, pq.TransactionStatus.INERROR)

    def begin(self, sql: str = BEGIN) -> None:
        """Begin a transaction that no other writer writes beside, or by another statement. Nothing has been asked yet, so
        that a connection lost since the last one is made anew.
        """
        if not self._connection.closed:
            try:
                self._connection.execute(sql)
            except psycopg.OperationalError:
                if not self._connection.closed:
                    raise
            else:
                return
        self._connection = connect(self._url)
        self._connection.execute(sql)

    def execute(self, sql: str, values: Sequence[Any] = ()) -> Cursor:
        """Run a statement."""
        return self._connection.execute(put(sql), values)

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> Cursor:
        """Run a statement for each row."""
        cursor = self._connection.cursor()
        cursor.executemany(put(sql), rows)
        return cursor

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def open_pool(url: str) -> ConnectionPool[Connection]:
    """Connections that cannot write, opened as they are needed."""
    given = {
        "autocommit": True,
        "connect_timeout": CONNECT_SECONDS,
        "application_name": "fundcall",
        "options": "-c default_transaction_read_only=on",
    }
    return ConnectionPool(url, min_size=0, max_size=READERS_MAX, timeout=READER_SECONDS, kwargs=given, open=True)


@contextmanager
def as_of_one_instant(url: str) -> Iterator[Connection]:
    """A connection of its own whose every statement sees the database as it was at the first."""
    with connect(url) as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield connection

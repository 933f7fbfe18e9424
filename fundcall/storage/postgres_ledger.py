"""The ledger on PostgreSQL: several processes may write, one group of units of work after the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg

from fundcall.storage.ledger import SqlLedger
from fundcall.storage.postgres import PostgresWriter
from fundcall.storage.postgres_reader import PostgresReader
from fundcall.storage.statements import for_postgres
from workflow.ports import Unavailable


class PostgresLedger(SqlLedger, PostgresReader):
    """`workflow.ports.Ledger` over a PostgreSQL database.

    Positions stand in the bytes that are hashed, so that nothing can be decided before the one before it is known: a
    group takes the advisory lock first, then decides, and gives the lock back as it commits.
    """

    refusing = (psycopg.IntegrityError, psycopg.DataError)
    failing = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.InternalError)
    wrong = psycopg.Error
    others_skipped = " FOR UPDATE OF {} SKIP LOCKED"

    def __init__(self, url: str) -> None:
        PostgresReader.__init__(self, url)
        self._connection = PostgresWriter(url)
        self._write_by(self._connection, for_postgres())

    def close(self) -> None:
        """Close every connection."""
        self._connection.close()
        PostgresReader.close(self)

    @contextmanager
    def turn(self, what: str) -> Iterator[bool]:
        """As promised there: by a lock that PostgreSQL frees with the connection."""
        key = int.from_bytes(what.encode())
        ((mine,),) = self.take("SELECT pg_try_advisory_lock(?::bigint)", (key,))
        try:
            yield mine
        finally:
            if mine:
                with suppress(Unavailable):  # then the connection is gone, and the lock with it
                    self.take("SELECT pg_advisory_unlock(?::bigint)", (key,))

    def _start(self) -> None:
        self._connection.begin()

    def _start_beside(self) -> None:
        self._connection.begin("BEGIN")

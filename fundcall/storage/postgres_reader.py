"""Reading a PostgreSQL database, on connections that cannot write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from typing import Any

import psycopg
from psycopg_pool import PoolTimeout

from fundcall.storage import postgres, queue
from fundcall.storage.histories import merged
from fundcall.storage.reader import Reader
from workflow.ports import History, Unavailable

_READ_AT_ONCE = 64


class PostgresReader(Reader):
    """A reader with a pool of connections."""

    finding = queue.BY_TSVECTOR
    call_of_body = "convert_from(body, 'UTF8')::json #>> '{data,call_id}'"

    def __init__(self, url: str) -> None:
        self.url = url
        self._pool = postgres.open_pool(url)

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()

    def sizes(self) -> dict[str, float]:
        """How many bytes the database has on the disk."""
        ((size,),) = self.query("SELECT pg_database_size(current_database())")
        return {"database": size}

    def query(self, sql: str, values: tuple[Any, ...] = ()) -> postgres.Cursor:
        """Run a reading statement; once more where the connection had been lost since the last. Raises Unavailable."""
        try:
            return self._query(sql, values)
        except PoolTimeout as wrong:
            raise _unreachable(wrong) from wrong
        except psycopg.OperationalError as wrong:
            if wrong.sqlstate is not None and not isinstance(wrong, psycopg.errors.AdminShutdown):
                raise
        try:
            self._pool.check()
            return self._query(sql, values)
        except psycopg.OperationalError as wrong:
            raise _unreachable(wrong) from wrong

    def _query(self, sql: str, values: tuple[Any, ...]) -> postgres.Cursor:
        with self._pool.connection() as connection:
            return connection.execute(postgres.put(sql), postgres.told(values))

    def histories(self, after: str = "", upto: str | None = None) -> Iterator[History]:
        """Each stream by name, in one reading transaction on a connection of its own; memory stays flat."""
        with ExitStack() as opened:
            connection = opened.enter_context(postgres.as_of_one_instant(self.url))
            names = map("c{}".format, count())

            def read(sql: str, span: tuple[str, str]) -> Iterator[tuple[Any, ...]]:
                cursor = opened.enter_context(connection.cursor(name=next(names)))
                cursor.itersize = _READ_AT_ONCE
                return iter(cursor.execute(postgres.put(sql), span))

            yield from merged(read, after, upto)


def _unreachable(wrong: Exception) -> Unavailable:
    return Unavailable(f"数据库无法连接 / the database cannot be reached: {wrong}")

"""Reading a SQLite file, on connections that cannot write."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from weakref import WeakSet

from fundcall.storage import queue, sqlite
from fundcall.storage.histories import merged
from fundcall.storage.reader import Reader
from workflow.ports import History, Unavailable

_READ_AT_ONCE = 64


class SqliteReader(Reader):
    """A reader with a connection for each thread that asks; it is gone when the thread is, as those of a server come and go."""

    finding = queue.BY_FTS5
    call_of_body = "json_extract(CAST(body AS TEXT), '$.data.call_id')"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._opened: WeakSet[_Held] = WeakSet()
        self._opening = threading.Lock()

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._opening:
            for held in self._opened:
                held.connection.close()
            self._opened.clear()

    def sizes(self) -> dict[str, float]:
        """How many bytes the database and its log have on the disk."""
        files = {"database": self.path, "log": self.path.with_name(f"{self.path.name}-wal")}
        return {name: path.stat().st_size for name, path in files.items() if path.exists()}

    def query(self, sql: str, values: tuple[Any, ...] = ()) -> sqlite3.Cursor:
        """Run a reading statement on this thread's connection."""
        held: _Held | None = getattr(self._local, "held", None)
        if held is None:
            held = self._local.held = _Held(sqlite.connect_reader(self.path))
            with self._opening:
                self._opened.add(held)
        return held.connection.execute(sql, values)

    def histories(self, after: str = "", upto: str | None = None) -> Iterator[History]:
        """Each stream by name, in one reading transaction on a connection of its own; memory stays flat.

        Raises Unavailable where the file is damaged.
        """
        with closing(sqlite.connect_reader(self.path)) as connection:
            try:
                connection.execute("BEGIN")
                yield from merged(lambda sql, span: _many(connection.execute(sql, span)), after, upto)
            except (sqlite3.DatabaseError, TypeError) as wrong:  # or names of another type, which have no order
                raise Unavailable(f"{self.path}: {wrong}") from wrong

    def damage(self) -> list[str]:
        """The same, and what SQLite finds wrong with the events and their indices, as a file: a lookup by a command's id
        reads one that no replay reads.
        """
        found = [line for (line,) in self.query("PRAGMA integrity_check('events')")]
        return [*(line for line in found if line != "ok"), *Reader.damage(self)]


class _Held:
    """The connection of a thread. It is closed when the thread has ended: by itself it would wait, in a circle with its
    statements, until all garbage is looked through.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def __del__(self) -> None:
        self.connection.close()


def _many(cursor: sqlite3.Cursor) -> Iterator[tuple[Any, ...]]:
    cursor.arraysize = _READ_AT_ONCE
    while page := cursor.fetchmany():
        yield from page

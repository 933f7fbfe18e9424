"""Whole streams, read in the order of their names: each application with its events, its row and its deadlines."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from fundcall.storage import sqlite
from workflow.ports import Entry, History, Unavailable
from workflow.projection import Row, Sheet
from workflow.search import Words

_LAST = "\U0010ffff"
_READ_AT_ONCE = 64
_EVENTS = f"SELECT {', '.join(Entry._fields)} FROM events WHERE application > ? AND application <= ? ORDER BY application, version"  # noqa: S608
_ROWS = f"SELECT {', '.join(Row._fields)} FROM applications WHERE id > ? AND id <= ? ORDER BY id"  # noqa: S608
_DEADLINES = (
    "SELECT due_at, application, name FROM deadlines WHERE application > ? AND application <= ? "
    "ORDER BY application, due_at, name"
)
_SHEETS = (
    f"SELECT {', '.join(Sheet._fields)} FROM score_sheets WHERE application > ? AND application <= ? "  # noqa: S608
    "ORDER BY application"
)
_WORDS = (
    f"SELECT {', '.join(Words._fields)} FROM search_words WHERE application > ? AND application <= ? "  # noqa: S608
    "ORDER BY application"
)


def histories(path: Path, after: str, upto: str | None) -> Iterator[History]:
    """Each stream with after < name <= upto, in one reading transaction on a connection of its own; memory stays flat.

    Raises Unavailable where the file is damaged.
    """
    with closing(sqlite.connect_reader(path)) as connection:
        try:
            connection.execute("BEGIN")
            span = after, _LAST if upto is None else upto
            events = _groups(_many(connection.execute(_EVENTS, span)), 1)
            rows = _groups(_many(connection.execute(_ROWS, span)), 0)
            deadlines = _groups(_many(connection.execute(_DEADLINES, span)), 1)
            sheets = _groups(_many(connection.execute(_SHEETS, span)), 0)
            words = _groups(_many(connection.execute(_WORDS, span)), 0)
            yield from _merged(events, rows, deadlines, sheets, words)
        except (sqlite3.DatabaseError, TypeError) as wrong:  # or names of another type, which have no order
            raise Unavailable(f"{path}: {wrong}") from wrong


def _many(cursor: sqlite3.Cursor) -> Iterator[tuple[Any, ...]]:
    cursor.arraysize = _READ_AT_ONCE
    while page := cursor.fetchmany():
        yield from page


def _groups(rows: Iterable[tuple[Any, ...]], key: int) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    return ((name, list(group)) for name, group in groupby(rows, itemgetter(key)))


def _merged(*sources: Iterator[tuple[str, list[tuple[Any, ...]]]]) -> Iterator[History]:
    """The sources side by side, by name."""
    heads = [next(source, None) for source in sources]
    while waiting := [head[0] for head in heads if head is not None]:
        name = min(waiting)
        taken: list[list[tuple[Any, ...]]] = []
        for i, head in enumerate(heads):
            if head is not None and head[0] == name:
                taken.append(head[1])
                heads[i] = next(sources[i], None)
            else:
                taken.append([])
        entries, rows, deadlines, sheets, words = taken
        armed = [(at, which) for at, _, which in deadlines]
        yield History(name, list(map(Entry._make, entries)), _first(rows), armed, _first(sheets), _first(words))


def _first(rows: list[tuple[Any, ...]]) -> tuple[Any, ...] | None:
    return rows[0] if rows else None

"""Whole streams, read in the order of their names: each application with its events, its row and its deadlines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from workflow.ports import Entry, History
from workflow.projection import Row, Sheet
from workflow.search import Words

_LAST = "\U0010ffff"
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


Read = Callable[[str, tuple[str, str]], Iterable[tuple[Any, ...]]]


def merged(read: Read, after: str, upto: str | None) -> Iterator[History]:
    """Each stream with after < name <= upto, from rows that are read in the order of names, all as of one instant."""
    span = after, _LAST if upto is None else upto
    orders = (_EVENTS, 1), (_ROWS, 0), (_DEADLINES, 1), (_SHEETS, 0), (_WORDS, 0)
    yield from _merged(*(_groups(read(sql, span), key) for sql, key in orders))


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

"""The office's queue: which applications are wanted, in which order, from where on; and what a memory twin makes of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cmp_to_key
from typing import NamedTuple

from states.calendar import stamp
from workflow.projection import Row
from workflow.search import Term, Words, holds

SORTED = ("id", "number", "title", "unit_name", "requested_minor", "due_at", "updated_at")
"""The columns that a queue can be sorted by."""
SEARCHED_MAX = 1000
"""A search looks at so many of the applications that it finds, the newest first; who finds more adds a word."""

Mark = tuple[str | int, ...]
"""Where a page ends: the values of the columns that it is sorted by, instants as text, the id last."""


class By(NamedTuple):
    """A column to sort by."""

    column: str
    descending: bool = False


class Wanted(NamedTuple):
    """Which applications are wanted; what is left as it is does not narrow.

    `flags` are to be there all; `due_from` <= the next deadline < `due_before`; amounts asked for are in minor units.
    """

    call_id: str = ""
    states: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    topics: tuple[str, ...] | None = None
    flags: tuple[str, ...] = ()
    findings_open: bool | None = None
    claimed: bool | None = None
    claimed_by: str = ""
    due_from: datetime | None = None
    due_before: datetime | None = None
    requested_from: int | None = None
    requested_upto: int | None = None
    terms: tuple[Term, ...] = ()

    def fits(self, row: Row) -> bool:
        """Whether a row is wanted, as far as its columns say."""
        return (
            self.call_id in ("", row.call_id)
            and (not self.states or row.state in self.states)
            and (not self.phases or row.phase in self.phases)
            and (self.topics is None or row.topic in self.topics)
            and set(self.flags) <= set(row.flags.split())
            and self.findings_open in (None, row.open_findings > 0)
            and self.claimed in (None, bool(row.claimed_by))
            and self.claimed_by in ("", row.claimed_by)
            and (self.due_from is None or self.due_from <= row.due_at)
            and (self.due_before is None or row.due_at < self.due_before)
            and (self.requested_from is None or self.requested_from <= row.requested_minor)
            and (self.requested_upto is None or row.requested_minor <= self.requested_upto)
        )


def whole_order(order: Sequence[By], *, back: bool) -> tuple[By, ...]:
    """The order with the id at its end, turned round for going back."""
    found = (*order, By("id", descending=order[0].descending)) if order else (By("id"),)
    return tuple(By(column, descending=down != back) for column, down in found)


def mark_of(row: Row, order: Sequence[By]) -> Mark:
    """Where a row stands in an order."""
    return tuple(_stored(getattr(row, column)) for column, _ in whole_order(order, back=False))


def _stored(value: str | int | datetime) -> str | int:
    return stamp(value) if isinstance(value, datetime) else value


def queued(
    rows: Iterable[Row], order: Sequence[By], limit: int | None, past: Mark | None = None, *, back: bool = False
) -> list[Row]:
    """Of the rows wanted those past the mark, at most so many, in order; with `back` the last before the mark."""
    columns = whole_order(order, back=back)
    marked = [(mark_of(row, order), row) for row in rows]

    def compare(one: Mark, other: Mark) -> int:
        for (_, down), a, b in zip(columns, one, other, strict=True):
            if a != b:
                return 1 if (a > b) != down else -1  # type: ignore[operator] # a column is of one type
        return 0

    places = cmp_to_key(compare)
    kept = [(mark, row) for mark, row in marked if past is None or compare(mark, past) > 0]
    found = [row for _, row in sorted(kept, key=lambda one: places(one[0]))[:limit]]
    return found[::-1] if back else found


def wanted_of(rows: Iterable[tuple[Row, Words]], wanted: Wanted) -> list[Row]:
    """The rows that are wanted; `rows` come the oldest first."""
    found = [row for row, words in rows if wanted.fits(row) and holds(words, wanted.terms)]
    return found[-SEARCHED_MAX:] if wanted.terms else found


class SavedView(NamedTuple):
    """A list that somebody kept under a name: what its address asks for. Whoever may see the queue may follow its link."""

    id: str
    account: str
    name: str
    query: str

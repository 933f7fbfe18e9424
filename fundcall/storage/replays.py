"""Checks that auditors asked for: one runs at a time, its progress and its result are kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson

from fundcall.storage.ledger import SqlLedger
from states.calendar import instant_of, stamp
from workflow.checks import Check

_SILENT = timedelta(minutes=2)
"""A check that has not been heard of for so long ran in a process that is gone."""
_COLUMNS = ", ".join(Check._fields)
_RELEASE = "UPDATE replays SET status = 'interrupted' WHERE status = 'running' AND seen_at < ?"
_BEGIN = (
    "INSERT INTO replays (kind, subject, asked_by, begun_at, seen_at, status, done, whole, found) "
    "SELECT ?, ?, ?, ?, ?, 'running', 0, ?, '{}' WHERE NOT EXISTS (SELECT 1 FROM replays WHERE status = 'running')"
)
_KEEP = (
    "INSERT INTO replays (kind, subject, asked_by, begun_at, seen_at, status, done, whole, found) "
    "VALUES (?, '', 'watch', ?, ?, 'done', ?, ?, ?)"
)


class SqliteReplays:
    """The checks of an installation."""

    def __init__(self, ledger: SqlLedger) -> None:
        self._ledger = ledger

    def begin(self, kind: str, subject: str, asked_by: str, whole: int, now: datetime) -> tuple[int, bool]:
        """Begin a check unless one runs; the number of the one that runs, and whether it is this one."""
        row = (kind, subject, asked_by, stamp(now), stamp(now), whole)
        begun = self._ledger.write([(_RELEASE, [(stamp(now - _SILENT),)]), (_BEGIN, [row])])[1] == 1
        found = self._ledger.query("SELECT id FROM replays WHERE status = 'running'").fetchone()
        return (found[0], begun) if found else (self.latest(1)[0].id, False)

    def went_on(self, number: int, done: int, now: datetime) -> None:
        """So many events are done."""
        sql = "UPDATE replays SET done = ?, seen_at = ? WHERE id = ? AND status = 'running'"
        self._ledger.write([(sql, [(done, stamp(now), number)])])

    def ended(self, number: int, status: str, found: Any, now: datetime) -> None:
        """It came to its end, with what it found."""
        sql = "UPDATE replays SET status = ?, found = ?, seen_at = ?, done = CASE ? WHEN 'done' THEN whole ELSE done END WHERE id = ?"
        self._ledger.write([(sql, [(status, orjson.dumps(found).decode(), stamp(now), status, number)])])

    def check(self, number: int) -> Check | None:
        """A check by its number."""
        found = self._ledger.query(f"SELECT {_COLUMNS} FROM replays WHERE id = ?", (number,)).fetchone()  # noqa: S608
        return _check(found) if found else None

    def latest(self, limit: int) -> Sequence[Check]:
        """The latest checks that were asked for, the newest first."""
        sql = f"SELECT {_COLUMNS} FROM replays WHERE kind NOT LIKE 'watch-%' ORDER BY id DESC LIMIT ?"  # noqa: S608 - constants only
        return [_check(found) for found in self._ledger.query(sql, (limit,))]

    def watched(self) -> Sequence[Check]:
        """The last of each kind that the watch made."""
        newest = "SELECT max(id) FROM replays WHERE kind LIKE 'watch-%' GROUP BY kind"
        found = self._ledger.query(f"SELECT {_COLUMNS} FROM replays WHERE id IN ({newest}) ORDER BY kind")  # noqa: S608
        return [_check(row) for row in found]

    def keep(self, kind: str, at: datetime, events: int, found: Any) -> None:
        """Write down what the watch found."""
        row = (kind, stamp(at), stamp(at), events, events, orjson.dumps(found).decode())
        self._ledger.write([(_KEEP, [row])])


def _check(row: tuple[Any, ...]) -> Check:
    one = Check._make(row)
    return one._replace(begun_at=instant_of(row[4]), seen_at=instant_of(row[5]), found=orjson.loads(row[9]))

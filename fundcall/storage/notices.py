"""The notices table: what was told to whom, and what the relay answered."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fundcall.storage.ledger import SqliteLedger
from states.calendar import stamp
from workflow.ports import Notice, Settled

_COLUMNS = ", ".join(Notice._fields)
_INSERT = (
    f"INSERT INTO notices ({_COLUMNS}) VALUES ({', '.join('?' * len(Notice._fields))}) "  # noqa: S608 - constants only
    "ON CONFLICT (position, recipient, template) DO NOTHING"
)
_CURSOR = (
    "INSERT INTO cursors (name, position) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET position = excluded.position"
)
_KEY = "position = ? AND recipient = ? AND template = ?"
_SENDING = f"UPDATE notices SET status = 'sending', attempts = attempts + 1 WHERE {_KEY}"  # noqa: S608
_SETTLE = f"UPDATE notices SET status = ?, answer = ?, retry_at = ?, settled_at = ? WHERE {_KEY}"  # noqa: S608
_QUEUED = (
    f"SELECT {_COLUMNS} FROM notices WHERE status = 'queued' AND retry_at <= ? "  # noqa: S608
    "ORDER BY kind <> 'statutory', position, recipient, template LIMIT ?"
)


class SqliteNotices:
    """`workflow.ports.Notices` beside the ledger, in the same database."""

    def __init__(self, ledger: SqliteLedger) -> None:
        self._ledger = ledger

    def cursor(self, name: str) -> int:
        found = self._ledger.query("SELECT position FROM cursors WHERE name = ?", (name,)).fetchone()
        return found[0] if found else 0

    def record(self, notices: Sequence[Notice], name: str, position: int) -> int:
        before = self._count()
        rows = [(*n._replace(body=zlib.compress(n.body, 1)),) for n in notices]
        self._ledger.write([(_INSERT, rows), (_CURSOR, [(name, position)])])
        return self._count() - before

    def _count(self) -> int:
        found: int = self._ledger.query("SELECT count(*) FROM notices").fetchone()[0]
        return found

    def claim(self, now: datetime, limit: int) -> list[Notice]:
        found = [_notice(row) for row in self._ledger.query(_QUEUED, (stamp(now), limit))]
        if found:
            self._ledger.write([(_SENDING, [n[:3] for n in found])])
        return [n._replace(status="sending", attempts=n.attempts + 1) for n in found]

    def settle(self, outcomes: Sequence[Settled]) -> None:
        rows = [(o.status, o.answer, o.retry_at, o.settled_at, *o[:3]) for o in outcomes]
        self._ledger.write([(_SETTLE, rows)])

    def reclaim(self) -> int:
        caught: int = self._ledger.query("SELECT count(*) FROM notices WHERE status = 'sending'").fetchone()[0]
        if caught:
            back = "UPDATE notices SET status = ? WHERE status = 'sending' AND (kind = 'statutory') = ?"
            self._ledger.write([(back, [("queued", 1), ("unknown", 0)])])
        return caught

    def notices(self, application: str | None = None, after: int = 0, limit: int | None = None) -> list[Notice]:
        where, values = ("AND application = ?", (application,)) if application is not None else ("", ())
        sql = (
            f"SELECT {_COLUMNS} FROM notices WHERE position > ? {where} "  # noqa: S608 - constants only
            "ORDER BY position, recipient, template LIMIT ?"
        )
        return [_notice(row) for row in self._ledger.query(sql, (after, *values, -1 if limit is None else limit))]

    def notice_counts(self) -> dict[tuple[str, str, str, str], int]:
        sql = "SELECT ref, template, kind, status, count(*) FROM notices GROUP BY ref, template, kind, status"
        return {(ref, template, kind, status): n for ref, template, kind, status, n in self._ledger.query(sql)}


def _notice(row: tuple[Any, ...]) -> Notice:
    found = Notice._make(row)
    return found._replace(body=zlib.decompress(found.body))

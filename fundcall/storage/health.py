"""How an installation is: figures from its tables, and whether they can be written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from fundcall.storage.ledger import SqlLedger
from states.calendar import stamp

_WRITTEN = "INSERT INTO cursors VALUES ('readiness', ?) ON CONFLICT (name) DO UPDATE SET position = excluded.position"


class SqliteHealth:
    """The health of a database; `children` tells of the processes that examine documents, `suspect` whether the machine's
    clock is followed no longer.
    """

    def __init__(
        self,
        ledger: SqlLedger,
        now: Callable[[], datetime],
        children: Callable[[], Mapping[str, float]],
        suspect: Callable[[], bool],
    ) -> None:
        self._ledger, self._now, self._children, self._suspect = ledger, now, children, suspect

    def head(self) -> int:
        return self._ledger.head()

    def write(self) -> None:
        self._ledger.write([(_WRITTEN, [(self._ledger.head(),)])])

    def figures(self) -> Mapping[str, Mapping[str, float]]:
        query, now = self._ledger.query, stamp(self._now())
        armed, overdue = query(
            "SELECT count(*), coalesce(sum(CASE WHEN due_at <= ? THEN 1 ELSE 0 END), 0) FROM deadlines", (now,)
        ).fetchone()
        letters = query("SELECT count(*) FROM letters").fetchone()[0]
        return {
            "ledger_events": {"": self._ledger.head()},
            "deadlines": {"armed": armed, "overdue": overdue},
            "outbox": dict(query("SELECT status, count(*) FROM notices GROUP BY status").fetchall()),
            "letters_waiting": {"": letters},
            "clock_suspect": {"": self._suspect()},
            "examiner_children": self._children(),
            "database_bytes": self._ledger.sizes(),
        }

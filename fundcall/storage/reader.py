"""Reading the ledger and what is derived from it, on connections that cannot write."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, ClassVar

import orjson

from fundcall.storage import queue
from fundcall.storage.driver import Cursor
from fundcall.storage.queue import UNLIMITED, Finding
from states.calendar import instant_of, stamp
from workflow.desk import By, Mark, Wanted
from workflow.ports import Due, History, Stored
from workflow.privacy import Personal
from workflow.projection import Reviewed, Row, Sheet

_PAGE = 2000
_LAST = chr(0x10FFFF)
_ROW = ", ".join(Row._fields)
_REVIEWED = ", ".join(Reviewed._fields)


class Reader(ABC):
    """The reading half of `workflow.ports.Ledger`, whatever the database. SQL is written as SQLite takes it."""

    finding: ClassVar[Finding]
    """How words are asked for."""
    call_of_body: ClassVar[str]
    """The call that the body of an application's first event names, as an expression."""

    @abstractmethod
    def query(self, sql: str, values: tuple[Any, ...] = ()) -> Cursor:
        """Run a reading statement."""

    @abstractmethod
    def close(self) -> None:
        """Close every connection."""

    @abstractmethod
    def sizes(self) -> dict[str, float]:
        """How many bytes the database has on the disk, by part."""

    @abstractmethod
    def histories(self, after: str = "", upto: str | None = None) -> Iterator[History]:
        """Each stream by name, as of one instant."""

    def damage(self) -> list[str]:
        """What is wrong with the rules that are kept, and with the events and their indices as far as a database looks at
        them: SQLite does, and PostgreSQL is asked itself (amcheck).
        """
        kept = "SELECT count(*) FROM rules WHERE hash = ? AND call_id = ?"
        wrong = [name for name, body in self.all_rules() if self.query(kept, (name, _call_of(body))).fetchone() != (1,)]
        return [f"rules {name}: not of the call that they are kept for" for name in wrong]

    def head(self) -> int:
        """The position of the last event; 0 when there is none."""
        found: int | None = self.query("SELECT max(position) FROM events").fetchone()[0]
        return found or 0

    def stored(self, after: int = 0, upto: int | None = None, application: str | None = None) -> Iterator[Stored]:
        """Events in order of position, read in pages so that memory stays flat."""
        last = self.head() if upto is None else upto
        where = "AND application = ?" if application is not None else ""
        sql = (
            "SELECT position, application, version, type, leaf, body FROM events "  # noqa: S608 - constants only
            f"WHERE position > ? AND position <= ? {where} ORDER BY position LIMIT {_PAGE}"
        )
        extra = (application,) if application is not None else ()
        while True:
            page = self.query(sql, (after, last, *extra)).fetchall()
            yield from map(Stored._make, page)
            if len(page) < _PAGE:
                return
            after = page[-1][0]

    def leaves(self, after: int, upto: int) -> Iterator[bytes]:
        """The leaf hashes with after < position <= upto in order."""
        sql = "SELECT leaf FROM events WHERE position > ? AND position <= ? ORDER BY position"
        return (leaf for (leaf,) in self.query(sql, (after, upto)))

    def spine(self, after: int, upto: int) -> Iterator[tuple[int, str, bytes]]:
        """Position, time of recording and leaf hash in order."""
        sql = "SELECT position, recorded_at, leaf FROM events WHERE position > ? AND position <= ? ORDER BY position"
        return iter(self.query(sql, (after, upto)))

    def steps(self, after: int, upto: int) -> Iterator[tuple[int, str, str, str]]:
        """Position, stream and type in order, with the call of each application's first event."""
        sql = (
            "SELECT position, application, type, CASE version WHEN 1 "  # noqa: S608 - constants only
            f"THEN coalesce({self.call_of_body}, '') ELSE '' END "
            "FROM events WHERE position > ? AND position <= ? ORDER BY position"
        )
        return iter(self.query(sql, (after, upto)))

    def rows(
        self,
        state: str | None = None,
        call_id: str | None = None,
        after: str = "",
        limit: int | None = None,
        unit_code: str | None = None,
    ) -> list[Row]:
        """Rows of applications by id."""
        where = ["id > ?"]
        values: list[Any] = [after]
        for column, value in (("state", state), ("call_id", call_id), ("unit_code", unit_code)):
            if value is not None:
                where.append(f"{column} = ?")
                values.append(value)
        sql = f"SELECT {_ROW} FROM applications WHERE {' AND '.join(where)} ORDER BY id LIMIT ?"  # noqa: S608
        return [_row(found) for found in self.query(sql, (*values, UNLIMITED if limit is None else limit))]

    def row(self, application_id: str) -> Row | None:
        """One application's row."""
        found = self.query(f"SELECT {_ROW} FROM applications WHERE id = ?", (application_id,)).fetchone()  # noqa: S608
        return _row(found) if found else None

    def sheets(self, call_id: str | None = None) -> list[Sheet]:
        """What is known of the reviews of each application that has experts."""
        where, values = ("WHERE call_id = ?", (call_id,)) if call_id is not None else ("", ())
        sql = f"SELECT application, call_id, scores, owed FROM score_sheets {where} ORDER BY application"  # noqa: S608
        return list(map(Sheet._make, self.query(sql, values)))

    def reviews(self, call_id: str) -> list[Reviewed]:
        """The applications of a call that have experts, each with its scores."""
        sql = (
            f"SELECT {_REVIEWED} FROM score_sheets s CROSS JOIN applications a ON a.id = s.application "  # noqa: S608
            "WHERE s.call_id = ? ORDER BY s.application"
        )
        return list(map(Reviewed._make, self.query(sql, (call_id,))))

    def counts(self, call_id: str | None = None) -> dict[str, int]:
        """Applications by state."""
        where, values = ("WHERE call_id = ?", (call_id,)) if call_id is not None else ("", ())
        return dict(self.query(f"SELECT state, count(*) FROM applications {where} GROUP BY state", values).fetchall())  # noqa: S608

    def queue(
        self, wanted: Wanted, order: Sequence[By], limit: int | None, past: Mark | None = None, *, back: bool = False
    ) -> list[Row]:
        """Of the rows wanted those past the mark, in order; with `back` the last before it."""
        found = [_row(one) for one in self.query(*queue.page(wanted, order, limit, past, self.finding, back=back))]
        return found[::-1] if back else found

    def queue_counts(self, wanted: Wanted) -> dict[str, int]:
        """The applications wanted, by state."""
        return dict(self.query(*queue.counts(wanted, self.finding)).fetchall())

    def tally(self, call_id: str, after: int, upto: int) -> dict[str, int]:
        """The events of a call's applications with after < position <= upto, counted by type."""
        sql = (
            "SELECT e.type, count(*) FROM events e JOIN applications a ON a.id = e.application "
            "WHERE a.call_id = ? AND e.position > ? AND e.position <= ? GROUP BY e.type ORDER BY e.type"
        )
        return dict(self.query(sql, (call_id, after, upto)).fetchall())

    def of_type(self, call_id: str, type_: str, after: int, upto: int) -> list[Stored]:
        """Those of one type, in order."""
        sql = (
            "SELECT e.position, e.application, e.version, e.type, e.leaf, e.body FROM events e "
            "JOIN applications a ON a.id = e.application "
            "WHERE a.call_id = ? AND e.type = ? AND e.position > ? AND e.position <= ? ORDER BY e.position"
        )
        return [Stored._make(found) for found in self.query(sql, (call_id, type_, after, upto))]

    def of_types(self, call_id: str, types: Collection[str], after: int, upto: int) -> Iterator[Stored]:
        """Those of several types, in order. `+` keeps SQLite from beginning with the applications."""
        marks = ", ".join("?" * len(types))
        sql = (
            "SELECT e.position, e.application, e.version, e.type, e.leaf, e.body FROM events e "  # noqa: S608 - marks alone
            "JOIN applications a ON a.id = e.application WHERE e.position > ? AND e.position <= ? "
            f"AND e.type IN ({marks}) AND +a.call_id = ? ORDER BY e.position"
        )
        return map(Stored._make, self.query(sql, (after, upto, *types, call_id)))

    def commanded(self, prefix: str) -> list[Stored]:
        """The events of commands whose ids begin so, in order."""
        sql = (
            "SELECT position, application, version, type, leaf, body FROM events "
            "WHERE command_id >= ? AND command_id < ? ORDER BY position"
        )
        return [Stored._make(found) for found in self.query(sql, (prefix, f"{prefix}{_LAST}"))]

    def due(self, now: datetime, limit: int) -> list[Due]:
        """Deadlines that have fallen due, the earliest first."""
        sql = "SELECT due_at, application, name FROM deadlines WHERE due_at <= ? ORDER BY due_at, application, name LIMIT ?"
        return list(map(_due, self.query(sql, (stamp(now), limit))))

    def next_due(self) -> datetime | None:
        """When the next deadline falls due."""
        found = self.query("SELECT min(due_at) FROM deadlines").fetchone()[0]
        return instant_of(found) if found else None

    def deadlines(self, limit: int | None = None) -> list[Due]:
        """Every armed deadline, the earliest first."""
        sql = "SELECT due_at, application, name FROM deadlines ORDER BY due_at, application, name LIMIT ?"
        found = self.query(sql, (UNLIMITED if limit is None else limit,))
        return list(map(_due, found))

    def armed(self, call_id: str, since: datetime | None = None, until: datetime | None = None) -> list[Due]:
        """The armed deadlines of a call's applications with since <= due_at < until, the earliest first; no reminders."""
        sql = (
            "SELECT d.due_at, d.application, d.name FROM deadlines d CROSS JOIN applications a ON a.id = d.application "
            "WHERE d.due_at >= ? AND d.due_at < ? AND instr(d.name, '~') = 0 AND a.call_id = ? ORDER BY d.due_at, d.application, d.name"
        )
        span = stamp(since) if since else "", stamp(until) if until else _LAST
        return list(map(_due, self.query(sql, (*span, call_id))))

    def personal(self, commitment: str) -> Personal | None:
        """The personal value behind a commitment; None once erased."""
        sql = "SELECT commitment, salt, value FROM personal WHERE commitment = ?"
        found = self.query(sql, (commitment,)).fetchone()
        return Personal._make(found) if found else None

    def names(self) -> list[str]:
        """The stream of each event, sorted: as often as it has events."""
        return [name for (name,) in self.query("SELECT application FROM events ORDER BY application")]

    def all_rules(self) -> list[tuple[str, bytes]]:
        """All rules kept, each with the hash that it is kept under."""
        return self.query("SELECT hash, body FROM rules").fetchall()

    def rules(self, rules_hash: str) -> bytes | None:
        """The rules of that hash."""
        found = self.query("SELECT body FROM rules WHERE hash = ?", (rules_hash,)).fetchone()
        return found[0] if found else None


def _call_of(rules: bytes) -> str:
    """The call whose rules they are; "" where they cannot be read."""
    try:
        return str(orjson.loads(rules)["call"]["id"])
    except (ValueError, LookupError, TypeError):
        return ""


def _row(found: tuple[Any, ...]) -> Row:
    """A row of the table as a projected row."""
    return Row._make((*found[:17], instant_of(found[17]), instant_of(found[18]), *found[19:22], instant_of(found[22])))


def _due(found: tuple[str, str, str]) -> Due:
    """A row of the table as a deadline."""
    return Due(instant_of(found[0]), found[1], found[2])

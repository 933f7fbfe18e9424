"""The log of who read what: rows are added, never changed, and taken away only once they are old enough."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from fundcall.accounts.readings import Reading
from fundcall.storage.ledger import SqlLedger
from states.calendar import instant_of, stamp

DAYS_MIN = 180
"""What a log of the network is kept for at least, in days (网络安全法第二十一条: six months)."""
_OLD = f"OLD.read_at <= strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-{DAYS_MIN} days')"
TRIGGERS = tuple(
    f"CREATE TRIGGER readings_no_{verb.lower()} BEFORE {verb} ON readings WHEN NOT ({allowed}) "
    f"BEGIN SELECT RAISE(ABORT, 'readings are append-only, and kept for {DAYS_MIN} days'); END"
    for verb, allowed in (("UPDATE", "0"), ("DELETE", _OLD))
)
_COLUMNS = "read_at, actor, role, what, subject, item"
_KNOWN = (
    "SELECT 1 FROM readings WHERE read_at >= ? AND read_at < ? AND (actor, role, what, subject, item) = (?, ?, ?, ?, ?)"
)
_KEEP = f"INSERT INTO readings ({_COLUMNS}) SELECT ?, ?, ?, ?, ?, ? WHERE NOT EXISTS ({_KNOWN})"


class SqliteReadings:
    """The readings of an installation (`fundcall.accounts.readings.Readings`)."""

    def __init__(self, ledger: SqlLedger) -> None:
        self._ledger = ledger

    def keep(self, reading: Reading) -> None:
        """Write a reading down, once a minute for the same thing read by the same person."""
        minute, rest = reading.read_at.replace(second=0, microsecond=0), reading[1:]
        within = (stamp(minute), stamp(minute + timedelta(minutes=1)), *rest)
        if self._ledger.query(_KNOWN, within).fetchone() is None:
            self._ledger.write([(_KEEP, [(stamp(reading.read_at), *rest, *within)])])

    def find(
        self,
        *,
        actor: str = "",
        subject: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> Sequence[tuple[int, Reading]]:
        """Readings with their numbers, the newest first."""
        asked = (
            ("actor = ?", actor),
            ("subject = ?", subject),
            ("read_at >= ?", stamp(since) if since else ""),
            ("read_at < ?", stamp(until) if until else ""),
            ("id < ?", before),
        )
        given = [(clause, value) for clause, value in asked if value not in ("", None)]
        where = f"WHERE {' AND '.join(clause for clause, _ in given)} " if given else ""
        sql = f"SELECT id, {_COLUMNS} FROM readings {where}ORDER BY id DESC LIMIT ?"  # noqa: S608 - as above
        rows = self._ledger.query(sql, (*(value for _, value in given), limit))
        return [(number, Reading(instant_of(at), *rest)) for number, at, *rest in rows]

    def forget(self, before: datetime) -> int:
        """Take away what was read before an instant; how many rows. Raises Unavailable for what is too young to go."""
        return self._ledger.write([("DELETE FROM readings WHERE read_at < ?", [(stamp(before),)])])[0]

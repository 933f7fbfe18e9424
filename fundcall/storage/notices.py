"""The notices table: what was told to whom, and what the relay answered."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from fundcall.storage.ledger import SqlLedger
from fundcall.storage.queue import UNLIMITED
from fundcall.storage.reader import Reader
from states.calendar import stamp
from workflow.notices import LEASE, Notice, Settled

_STATUTORY_FIRST = ("statutory", "information", "reminder")
COLUMNS = [name for name in Notice._fields if name != "body"]
_INSERT = (
    f"INSERT INTO notices ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))}) "  # noqa: S608 - constants only
    "ON CONFLICT (position, recipient, template) DO NOTHING"
)
_INSERT_MAIL = "INSERT INTO mails (message_id, body) VALUES (?, ?) ON CONFLICT (message_id) DO NOTHING"
_INSERT_WORDING = "INSERT INTO wordings (digest, body) VALUES (?, ?) ON CONFLICT (digest) DO NOTHING"
_CURSOR = (
    "INSERT INTO cursors (name, position) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET position = excluded.position "
    "WHERE excluded.position > cursors.position"
)
KEY = "position = ? AND recipient = ? AND template = ?"
_CLAIMED = f"{KEY} AND attempts = ?"
"""A claim that nobody else has taken over: each counts one attempt more."""
_KEEP = f"UPDATE notices SET retry_at = ? WHERE {_CLAIMED} AND status = 'sending'"  # noqa: S608
_SETTLE = f"UPDATE notices SET status = ?, answer = ?, retry_at = ?, settled_at = ? WHERE {_CLAIMED}"  # noqa: S608
_REFUSED = (
    "INSERT INTO bounces (message_id, reported_at, hard, status, diagnostic, told, closed_at, closed_by, note) "  # noqa: S608
    f"SELECT message_id, ?, 1, '', ?, 0, '', '', '' FROM notices WHERE {_CLAIMED} AND kind = 'statutory' "
    "ON CONFLICT (message_id) DO UPDATE SET hard = 1, reported_at = excluded.reported_at, diagnostic = excluded.diagnostic, "
    "told = 0, closed_at = ''"
)
_SELECT = f"SELECT {', '.join(Notice._fields)} FROM notices LEFT JOIN mails USING (message_id) WHERE "  # noqa: S608
_ORDER = "ORDER BY position, recipient, template LIMIT ?"
_DUE = "SELECT 1 FROM notices WHERE status = 'queued' AND kind = ? AND retry_at <= ? LIMIT 1"
_CLAIM = (
    "WITH taken AS MATERIALIZED (SELECT message_id FROM notices JOIN mails USING (message_id) WHERE status = 'queued' "  # noqa: S608
    f"AND kind = ? AND retry_at <= ? {_ORDER}{{}}) UPDATE notices SET status = 'sending', attempts = attempts + 1, retry_at = ? "
    "FROM taken WHERE notices.message_id = taken.message_id RETURNING notices.message_id"
)
_HELD = f"{_SELECT.replace('LEFT JOIN', 'JOIN')} status = 'held' AND retry_at <= ? {_ORDER}"
_TAKE_BACK = (
    "UPDATE notices SET status = 'queued', retry_at = '' WHERE status = 'sending' AND retry_at <= ? AND kind = 'statutory'",
    "UPDATE notices SET status = 'unknown', retry_at = '' WHERE status = 'sending' AND retry_at <= ? AND kind <> 'statutory'",
)
_OVERRIDES = (
    "SELECT call_id, template, source FROM wording_overrides AS one WHERE version = (SELECT max(version) FROM "
    "wording_overrides WHERE call_id = one.call_id AND template = one.template)"
)


class SqliteNotices:
    """`workflow.notices.Notices` beside the ledger, in the same database."""

    def __init__(self, ledger: SqlLedger) -> None:
        self._ledger = ledger

    def cursor(self, name: str) -> int:
        return told_upto(self._ledger, name)

    def record(
        self, notices: Sequence[Notice], name: str, position: int, wordings: Mapping[str, bytes] | None = None
    ) -> int:
        before = self._count()
        self._ledger.write([*_inserts(notices, wordings), (_CURSOR, [(name, position)])])
        return self._count() - before

    def add(self, notices: Sequence[Notice], wordings: Mapping[str, bytes] | None = None) -> int:
        before = self._count()
        self._ledger.write(_inserts(notices, wordings))
        return self._count() - before

    def _count(self) -> int:
        found: int = self._ledger.query("SELECT count(*) FROM notices").fetchone()[0]
        return found

    def wording(self, digest: str) -> bytes | None:
        return wording_of(self._ledger, digest)

    def lay_out(self, position: int, stationery: bytes) -> None:
        if stationery_at(self._ledger, position) != stationery:
            self._ledger.write([("INSERT INTO stationery (position, body) VALUES (?, ?)", [(position, stationery)])])

    def overrides(self) -> dict[tuple[str, str], str]:
        return {(call, name): source for call, name, source in self._ledger.query(_OVERRIDES) if source}

    def modes(self) -> dict[str, str]:
        return dict(self._ledger.query("SELECT audience, mode FROM mail_modes").fetchall())

    def claim(self, now: datetime, limit: int, lease: timedelta = LEASE) -> list[Notice]:
        sql, ends_at = _CLAIM.format(self._ledger.others_skipped.format("notices")), stamp(now + lease)
        taken: list[str] = []
        for kind in _STATUTORY_FIRST:
            if len(taken) < limit and self._ledger.query(_DUE, (kind, stamp(now))).fetchone() is not None:
                found = self._ledger.take(sql, (kind, stamp(now), limit - len(taken), ends_at))
                taken += (message_id for (message_id,) in found)
        read = f"{_SELECT} message_id IN ({', '.join('?' * len(taken))}) {_ORDER}"
        claimed = map(notice_of, self._ledger.query(read, (*taken, limit))) if taken else ()
        return sorted(claimed, key=lambda n: (_STATUTORY_FIRST.index(n.kind), *n[:3]))

    def keep(self, claimed: Sequence[Notice], until: datetime) -> None:
        self._ledger.write([(_KEEP, [(stamp(until), *n[:3], n.attempts) for n in claimed])])

    def settle(self, outcomes: Sequence[Settled]) -> int:
        rows = [(o.status, o.answer, o.retry_at, o.settled_at, *o[:4]) for o in outcomes]
        refused = [(o.settled_at, o.answer, *o[:4]) for o in outcomes if o.status == "failed"]
        return self._ledger.write([(_SETTLE, rows), *([(_REFUSED, refused)] if refused else ())])[0]

    def reclaim(self, now: datetime) -> int:
        ended = "SELECT 1 FROM notices WHERE status = 'sending' AND retry_at <= ? LIMIT 1"
        if self._ledger.query(ended, (stamp(now),)).fetchone() is None:
            return 0
        return sum(self._ledger.write([(sql, [(stamp(now),)]) for sql in _TAKE_BACK]))

    def held(self, now: datetime) -> list[Notice]:
        return [notice_of(row) for row in self._ledger.query(_HELD, (stamp(now), UNLIMITED))]

    def digest(self, held: Sequence[Notice], mail: Notice, wordings: Mapping[str, bytes]) -> None:
        told = f"UPDATE notices SET status = 'digested', answer = ? WHERE {KEY} AND status = 'held'"  # noqa: S608
        self._ledger.write([*_inserts([mail], wordings), (told, [(mail.message_id, *one[:3]) for one in held])])

    def told(self, recipient: str) -> bool:
        """Whether anything was recorded for a recipient."""
        return (
            self._ledger.query("SELECT 1 FROM notices WHERE recipient = ? LIMIT 1", (recipient,)).fetchone() is not None
        )

    def notices(self, application: str | None = None, after: int = 0, limit: int | None = None) -> list[Notice]:
        return notices_of(self._ledger, application, after, limit)

    def notice_counts(self) -> dict[tuple[str, str, str, str], int]:
        sql = "SELECT ref, template, kind, status, count(*) FROM notices GROUP BY ref, template, kind, status"
        return {(ref, template, kind, status): n for ref, template, kind, status, n in self._ledger.query(sql)}


def notices_of(reader: Reader, application: str | None, after: int = 0, limit: int | None = None) -> list[Notice]:
    """Notices in order of position, of one application or of all; one whose mail was erased has no bytes."""
    where, values = ("AND application = ?", (application,)) if application is not None else ("", ())
    sql = f"{_SELECT} position > ? {where} {_ORDER}"
    return [notice_of(row) for row in reader.query(sql, (after, *values, UNLIMITED if limit is None else limit))]


def wording_of(reader: Reader, digest: str) -> bytes | None:
    """The bytes of the words of that digest; None where they were not kept."""
    found = reader.query("SELECT body FROM wordings WHERE digest = ?", (digest,)).fetchone()
    return found[0] if found else None


def stationery_at(reader: Reader, position: int) -> bytes | None:
    """What the notices of a position rest on beside the ledger; None where that was not kept."""
    sql = "SELECT body FROM stationery WHERE position <= ? ORDER BY id DESC LIMIT 1"
    found = reader.query(sql, (position,)).fetchone()
    return found[0] if found else None


def told_upto(reader: Reader, name: str) -> int:
    """How far the follower of that name has come in the ledger."""
    found = reader.query("SELECT position FROM cursors WHERE name = ?", (name,)).fetchone()
    return found[0] if found else 0


def strays(reader: Reader) -> list[Notice]:
    """Notices that no event stands behind."""
    sql = f"{_SELECT} NOT EXISTS (SELECT 1 FROM events e WHERE e.position = notices.position AND e.application = notices.application) {_ORDER}"  # noqa: S608
    return [notice_of(row) for row in reader.query(sql, (UNLIMITED,))]


_BODY = Notice._fields.index("body")


def _inserts(
    notices: Sequence[Notice], wordings: Mapping[str, bytes] | None
) -> list[tuple[str, Sequence[Sequence[Any]]]]:
    mails = [(n.message_id, zlib.compress(n.body, 1)) for n in notices]
    kept = [(_INSERT_WORDING, list(wordings.items()))] if wordings else []
    return [(_INSERT_MAIL, mails), (_INSERT, [_row(n) for n in notices]), *kept]


def _row(notice: Notice) -> tuple[Any, ...]:
    """The columns of a notice, without the bytes of its mail."""
    return notice[:_BODY] + notice[_BODY + 1 :]


def notice_of(row: tuple[Any, ...]) -> Notice:
    """A notice of the row of its fields."""
    body = zlib.decompress(row[_BODY]) if row[_BODY] is not None else b""
    return Notice._make((*row[:_BODY], body, *row[_BODY + 1 :]))

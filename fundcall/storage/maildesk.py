"""The tables behind the mail desk: notices in pages, mails that did not arrive, other words, what was read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fundcall.storage.ledger import SqlLedger
from fundcall.storage.notices import COLUMNS, notice_of
from fundcall.storage.queue import UNLIMITED
from states.calendar import instant_of, stamp
from workflow.maildesk import DEAD, Bounce, Undelivered, Version, Wanted
from workflow.notices import Notice

_HEAD = Notice._fields.index("body")
_PAGE = f"SELECT {', '.join(COLUMNS)} FROM notices"  # noqa: S608 - constants only
_ONE = f"SELECT {', '.join(Notice._fields)} FROM notices JOIN mails USING (message_id) WHERE message_id = ?"  # noqa: S608
_DEAD = ", ".join(f"'{status}'" for status in DEAD)
_BOUNCE = (
    "INSERT INTO bounces (message_id, reported_at, hard, status, diagnostic, told, closed_at, closed_by, note) "
    "SELECT message_id, ?, ?, ?, ?, 0, '', '', '' FROM notices WHERE message_id = ? AND status IN ('accepted', 'unknown') "
    "ON CONFLICT (message_id) DO UPDATE SET hard = excluded.hard, reported_at = excluded.reported_at, status = excluded.status, "
    "diagnostic = excluded.diagnostic, told = 0, closed_at = '' WHERE excluded.hard >= bounces.hard"
)
_BOUNCED = (
    "UPDATE notices SET status = 'bounced', answer = ? WHERE message_id = ? AND status IN ('accepted', 'unknown')"
)
_OPEN = (
    f"SELECT {', '.join(f'notices.{name}' for name in COLUMNS)}, reported_at, bounces.status, diagnostic "  # noqa: S608
    "FROM bounces JOIN notices USING (message_id) WHERE hard = 1 AND closed_at = '' AND kind = 'statutory' {} "
    "ORDER BY reported_at, message_id LIMIT ?"
)
_CLOSE = (
    "UPDATE bounces SET closed_at = ?, closed_by = ?, note = ? WHERE message_id = ? AND hard = 1 AND closed_at = ''"
)
_OVERRIDE = (
    "INSERT INTO wording_overrides (call_id, template, version, source, actor, saved_at) SELECT ?, ?, "
    "coalesce(max(version), 0) + 1, ?, ?, ? FROM wording_overrides WHERE call_id = ? AND template = ?"
)
_MODE = (
    "INSERT INTO mail_modes (audience, mode, actor, saved_at) VALUES (?, ?, ?, ?) ON CONFLICT (audience) DO UPDATE SET "
    "mode = excluded.mode, actor = excluded.actor, saved_at = excluded.saved_at"
)
_READ = "INSERT INTO notices_read (account, position, template, read_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"


class SqliteMailDesk:
    """`workflow.maildesk.NoticeDesk` beside the ledger, in the same database."""

    def __init__(self, ledger: SqlLedger) -> None:
        self._ledger = ledger

    # --- notices ------------------------------------------------------------------------------------------------

    def page(self, wanted: Wanted, before: tuple[int, str, str] | None, limit: int) -> list[Notice]:
        where, values = _where(wanted)
        if before is not None:
            where, values = [*where, "(position, recipient, template) < (?, ?, ?)"], [*values, *before]
        asked = f"WHERE {' AND '.join(where)}" if where else ""
        sql = f"{_PAGE} {asked} ORDER BY position DESC, recipient DESC, template DESC LIMIT ?"
        return [_head(row) for row in self._ledger.query(sql, (*values, limit))]

    def one(self, message_id: str) -> Notice | None:
        row = self._ledger.query(_ONE, (message_id,)).fetchone()
        return notice_of(row) if row is not None else None

    def requeue(self, wanted: Wanted, message_ids: Sequence[str] = ()) -> int:
        where, values = _where(wanted)
        back = f"UPDATE notices SET status = 'queued', attempts = 0, retry_at = '' WHERE status IN ({_DEAD}) AND status <> 'unaddressed'"  # noqa: S608
        if message_ids:
            return self._ledger.write([(f"{back} AND message_id = ?", [(one,) for one in message_ids])])[0]
        return self._ledger.write([(" AND ".join((back, *where)), [tuple(values)])])[0]

    # --- what did not arrive ------------------------------------------------------------------------------------

    def bounced(self, bounces: Sequence[Bounce], at: datetime) -> int:
        rows = [(stamp(at), int(b.hard), b.status, b.diagnostic, b.message_id) for b in bounces]
        hard = [(f"{b.status} {b.diagnostic}".strip(), b.message_id) for b in bounces if b.hard]
        return self._ledger.write([(_BOUNCE, rows), *([(_BOUNCED, hard)] if hard else ())])[0] if rows else 0

    def undelivered(self, limit: int) -> list[Undelivered]:
        return [_undelivered(row) for row in self._ledger.query(_OPEN.format(""), (limit,))]

    def untold(self) -> list[Undelivered]:
        return [_undelivered(row) for row in self._ledger.query(_OPEN.format("AND told = 0"), (UNLIMITED,))]

    def tell(self, message_ids: Sequence[str]) -> None:
        self._ledger.write([("UPDATE bounces SET told = 1 WHERE message_id = ?", [(one,) for one in message_ids])])

    def close(self, message_id: str, actor: str, note: str, at: datetime) -> bool:
        return self._ledger.write([(_CLOSE, [(stamp(at), actor, note, message_id)])])[0] > 0

    # --- words and settings -------------------------------------------------------------------------------------

    def versions(self, call_id: str, template: str) -> list[Version]:
        sql = "SELECT version, source, actor, saved_at FROM wording_overrides WHERE call_id = ? AND template = ? ORDER BY version DESC"
        rows = self._ledger.query(sql, (call_id, template))
        return [Version(number, source, actor, instant_of(at)) for number, source, actor, at in rows]

    def override(self, call_id: str, template: str, source: str, actor: str, at: datetime) -> None:
        self._ledger.write([(_OVERRIDE, [(call_id, template, source, actor, stamp(at), call_id, template)])])

    def set_mode(self, audience: str, mode: str, actor: str, at: datetime) -> None:
        out = "UPDATE notices SET status = 'queued', retry_at = '' WHERE status = 'held' AND recipient = ? AND ? <> 'daily'"
        self._ledger.write([(_MODE, [(audience, mode, actor, stamp(at))]), (out, [(audience, mode)])])

    def modes(self) -> dict[str, str]:
        return dict(self._ledger.query("SELECT audience, mode FROM mail_modes").fetchall())

    # --- the unit's inbox ---------------------------------------------------------------------------------------

    def read(self, account: str) -> set[tuple[int, str]]:
        return set(self._ledger.query("SELECT position, template FROM notices_read WHERE account = ?", (account,)))

    def mark_read(self, account: str, position: int, template: str, at: datetime) -> None:
        self._ledger.write([(_READ, [(account, position, template, stamp(at))])])


def _where(wanted: Wanted) -> tuple[list[str], list[Any]]:
    """The conditions of a filter, and their values; "dead" stands for every status that nothing follows."""
    where, values = [], []
    for name, value in wanted._asdict().items():
        if name == "status" and value == "dead":
            where.append(f"status IN ({_DEAD})")
        elif value:
            where.append(f"{name} = ?")
            values.append(value)
    return where, values


def _head(row: tuple[Any, ...]) -> Notice:
    return Notice._make((*row[:_HEAD], b"", *row[_HEAD:]))


def _undelivered(row: tuple[Any, ...]) -> Undelivered:
    return Undelivered(_head(row[:-3]), instant_of(row[-3]), row[-2], row[-1])

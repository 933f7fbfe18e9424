"""Who wants to be told of new calls (`fundcall.accounts.news.News`)."""

from __future__ import annotations

from datetime import datetime

from fundcall.accounts.news import CONFIRM_WITHIN, Asked, Subscriber, subscriber_id
from fundcall.storage.erasures import FORGOTTEN
from fundcall.storage.ledger import SqlLedger
from states.calendar import stamp

_ASK = (
    "INSERT INTO news_requests (email, language, link, expires_at, retry_at, attempts) VALUES (?, ?, '', ?, ?, 0) "
    "ON CONFLICT (email) DO UPDATE SET language = excluded.language, expires_at = excluded.expires_at, "
    "retry_at = excluded.retry_at, attempts = 0"
)
_OVER = "DELETE FROM news_requests WHERE expires_at <= ?"
_CONFIRM = (
    "INSERT INTO subscribers (email, language, secret, confirmed_at) SELECT email, language, ?, ? FROM news_requests "
    "WHERE link = ? AND expires_at > ? ON CONFLICT (email) DO UPDATE SET language = excluded.language"
)


class SqliteNews:
    """The lists of an installation. Every change is one transaction."""

    def __init__(self, ledger: SqlLedger) -> None:
        self._ledger = ledger

    def ask(self, email: str, language: str, now: datetime) -> None:
        row = (email, language, stamp(now + CONFIRM_WITHIN), stamp(now))
        self._ledger.write([(_OVER, [(stamp(now),)]), (_ASK, [row])])

    def asked(self, now: datetime) -> list[Asked]:
        over = "SELECT 1 FROM news_requests WHERE expires_at <= ? LIMIT 1"
        if self._ledger.query(over, (stamp(now),)).fetchone() is not None:
            self._ledger.write([(_OVER, [(stamp(now),)])])
        sql = "SELECT email, language, attempts FROM news_requests WHERE retry_at <> '' AND retry_at <= ? ORDER BY retry_at, email"
        return [Asked._make(row) for row in self._ledger.query(sql, (stamp(now),))]

    def give_link(self, email: str, link: str, now: datetime) -> None:
        sql = "UPDATE news_requests SET link = ?, expires_at = ? WHERE email = ?"
        self._ledger.write([(sql, [(link, stamp(now + CONFIRM_WITHIN), email)])])

    def settle(self, asked: Asked, retry_at: datetime | None) -> None:
        sql = "UPDATE news_requests SET attempts = attempts + 1, retry_at = ? WHERE email = ?"
        self._ledger.write([(sql, [("" if retry_at is None else stamp(retry_at), asked.email)])])

    def may_confirm(self, link: str, now: datetime) -> bool:
        sql = "SELECT 1 FROM news_requests WHERE link = ? AND expires_at > ?"
        return self._ledger.query(sql, (link, stamp(now))).fetchone() is not None

    def confirm(self, link: str, secret: str, now: datetime) -> bool:
        added = (_CONFIRM, [(secret, stamp(now), link, stamp(now))])
        return self._ledger.write([added, ("DELETE FROM news_requests WHERE link = ?", [(link,)])])[0] == 1

    def subscribers(self) -> list[Subscriber]:
        sql = "SELECT email, language, secret FROM subscribers ORDER BY email"
        return [Subscriber._make(row) for row in self._ledger.query(sql)]

    def leave(self, secret: str) -> bool:
        if self._ledger.query("SELECT 1 FROM subscribers WHERE secret = ?", (secret,)).fetchone() is None:
            return False
        mails = [(sql, [(subscriber_id(secret),)]) for sql in FORGOTTEN]
        gone = ("DELETE FROM subscribers WHERE secret = ?", [(secret,)])
        return self._ledger.write([*mails, gone], for_good=True)[-1] == 1

"""The administrator's desk: posts that wait for a second administrator, and what was done (`fundcall.accounts.desk.Book`)."""

from __future__ import annotations

from datetime import datetime

from fundcall.accounts.desk import Act, Asked
from fundcall.accounts.people import Account, Post
from fundcall.storage.accounts import SqliteAccounts
from fundcall.storage.ledger import SqlLedger
from states.actor import Role
from states.calendar import instant_of, stamp

_FIND = (
    "SELECT id FROM accounts WHERE id > ? AND (instr(lower(id || ' ' || name || ' ' || email), lower(?)) > 0 OR EXISTS "
    "(SELECT 1 FROM posts WHERE account = accounts.id AND instr(lower(role || ' ' || unit), lower(?)) > 0)) "
    "ORDER BY id LIMIT ?"
)
_ASK = (
    "INSERT INTO post_requests (account, role, unit, asked_by, asked_at) SELECT ?, ?, ?, ?, ? WHERE NOT EXISTS "
    "(SELECT 1 FROM post_requests WHERE (account, role, unit) = (?, ?, ?))"
)


class SqliteBook:
    """The desk's book over the accounts of an installation."""

    def __init__(self, ledger: SqlLedger, accounts: SqliteAccounts) -> None:
        self._ledger, self._accounts = ledger, accounts

    def find(self, words: str, after: str, limit: int) -> list[tuple[Account, tuple[Post, ...]]]:
        ids = [row[0] for row in self._ledger.query(_FIND, (after, words, words, limit)).fetchall()]
        found = [(self._accounts.by_id(one), self._accounts.posts(one)) for one in ids]
        return [(account, posts) for account, posts in found if account is not None]

    def strike(self, account: str, post: Post) -> bool:
        sql = "DELETE FROM posts WHERE account = ? AND role = ? AND unit = ?"
        return self._ledger.write([(sql, [(account, post.role.value, post.unit)])]) == [1]

    def waiting(self) -> list[tuple[Account, Post]]:
        sql = "SELECT account, role, unit FROM posts WHERE pending = 1 ORDER BY unit, account"
        rows = self._ledger.query(sql).fetchall()
        found = [(self._accounts.by_id(account), Post(Role(role), unit, pending=True)) for account, role, unit in rows]
        return [(account, post) for account, post in found if account is not None]

    def ask(self, account: str, post: Post, by: str, now: datetime) -> None:
        key = (account, post.role.value, post.unit)
        self._ledger.write([(_ASK, [(*key, by, stamp(now), *key)])])

    def asked(self) -> list[Asked]:
        sql = "SELECT number, account, role, unit, asked_by, asked_at FROM post_requests ORDER BY number"
        return [
            Asked(number, account, Post(Role(role), unit), by, instant_of(at))
            for number, account, role, unit, by, at in self._ledger.query(sql)
        ]

    def settle(self, number: int) -> bool:
        return self._ledger.write([("DELETE FROM post_requests WHERE number = ?", [(number,)])]) == [1]

    def write(self, act: Act) -> None:
        sql = "INSERT INTO desk_acts (done_at, administrator, what, subject, detail) VALUES (?, ?, ?, ?, ?)"
        self._ledger.write([(sql, [(stamp(act.at), *act[1:])])])

    def acts(self, limit: int) -> list[Act]:
        sql = "SELECT done_at, administrator, what, subject, detail FROM desk_acts ORDER BY number DESC LIMIT ?"
        return [Act(instant_of(at), *rest) for at, *rest in self._ledger.query(sql, (limit,))]

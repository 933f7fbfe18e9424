"""Accounts, posts, sessions, links, letters and counts of tries (`fundcall.accounts.store.Store`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from fundcall.accounts.people import IDLE_MAX, Account, Certificate, Guest, Letter, Post, Purpose, Session, Slip
from fundcall.storage.ledger import SqlLedger
from states.actor import Role
from states.calendar import instant_of, stamp
from workflow.ports import Unavailable

_ACCOUNT = "id, email, name, password, totp_secret, totp_step, disabled"
_SESSION = "digest, account, role, unit, second, agent, created_at, seen_at"
_SEEN_EVERY = timedelta(minutes=1)
_WINDOW = timedelta(hours=1)


class SqliteAccounts:
    """The accounts of an installation. Every change is one transaction."""

    def __init__(self, ledger: SqlLedger) -> None:
        self._ledger = ledger

    # --- accounts -----------------------------------------------------------------------------------------------

    def by_email(self, email: str) -> Account | None:
        return self._account("email", email)

    def by_id(self, account_id: str) -> Account | None:
        return self._account("id", account_id)

    def _account(self, column: str, value: str) -> Account | None:
        found = self._ledger.query(f"SELECT {_ACCOUNT} FROM accounts WHERE {column} = ?", (value,)).fetchone()  # noqa: S608
        return _account(found) if found else None

    def accounts(self) -> list[tuple[Account, tuple[Post, ...]]]:
        found = self._ledger.query(f"SELECT {_ACCOUNT} FROM accounts ORDER BY id").fetchall()  # noqa: S608
        return [(_account(one), self.posts(one[0])) for one in found]

    def add(self, account: Account, posts: tuple[Post, ...], now: datetime) -> bool:
        row = (*account[:-1], int(account.disabled), stamp(now))
        try:
            self._ledger.write(
                [
                    ("INSERT INTO accounts VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [row]),
                    (_ADD_POST, [_post_row(account.id, post) for post in posts]),
                ]
            )
        except Unavailable:
            if self.by_id(account.id) is None and self.by_email(account.email) is None:
                raise
            return False
        return True

    def rename(self, account_id: str, name: str, asked: Post) -> None:
        if any(not post.pending for post in self.posts(account_id)):
            return  # somebody invited: what another types does not concern them
        self._ledger.write(
            [
                ("UPDATE accounts SET name = ? WHERE id = ?", [(name, account_id)]),
                ("DELETE FROM posts WHERE account = ? AND pending = 1", [(account_id,)]),
                (_ADD_POST, [_post_row(account_id, asked)]),
            ]
        )

    def grant(self, account_id: str, post: Post) -> None:
        self._ledger.write([(_GRANT, [_post_row(account_id, post)])])

    def set_password(self, account_id: str, password: str) -> None:
        ended = [(sql, [(account_id,)]) for sql in _END_ALL]
        self._ledger.write([*ended, ("UPDATE accounts SET password = ? WHERE id = ?", [(password, account_id)])])

    def set_second(self, account_id: str, secret: str) -> None:
        sql = "UPDATE accounts SET totp_secret = ?, totp_step = -1 WHERE id = ?"
        self._ledger.write([(sql, [(secret, account_id)])])

    def use_step(self, account_id: str, step: int) -> bool:
        sql = "UPDATE accounts SET totp_step = ? WHERE id = ? AND totp_step < ?"
        return self._ledger.write([(sql, [(step, account_id, step)])]) == [1]

    def set_disabled(self, account_id: str, *, disabled: bool) -> None:
        shut = "DELETE FROM sessions WHERE account = ?"
        sql = "UPDATE accounts SET disabled = ? WHERE id = ?"
        self._ledger.write([(sql, [(int(disabled), account_id)]), (shut, [(account_id,)])])

    # --- posts --------------------------------------------------------------------------------------------------

    def posts(self, account_id: str) -> tuple[Post, ...]:
        sql = "SELECT role, unit, pending FROM posts WHERE account = ? ORDER BY role, unit"
        return tuple(Post(Role(role), unit, bool(p)) for role, unit, p in self._ledger.query(sql, (account_id,)))

    def settle_in(self, account_id: str) -> None:
        sql = (
            "UPDATE posts SET pending = 0 WHERE account = ? AND pending = 1 "
            "AND NOT EXISTS (SELECT 1 FROM posts p WHERE p.unit = posts.unit AND p.role = posts.role AND p.pending = 0) "
            "AND NOT EXISTS (SELECT 1 FROM applications a WHERE a.unit_code = posts.unit)"
        )
        self._ledger.write([(sql, [(account_id,)])])

    def admit(self, account_id: str, unit: str, *, yes: bool) -> bool:
        verb = "UPDATE posts SET pending = 0" if yes else "DELETE FROM posts"
        sql = f"{verb} WHERE account = ? AND role = ? AND unit = ? AND pending = 1"
        return self._ledger.write([(sql, [(account_id, Role.APPLICANT.value, unit)])]) == [1]

    def members(self, unit: str) -> list[tuple[Account, bool]]:
        sql = "SELECT account, pending FROM posts WHERE role = ? AND unit = ? ORDER BY pending, account"
        found = self._ledger.query(sql, (Role.APPLICANT.value, unit)).fetchall()
        members = [(self.by_id(account), bool(pending)) for account, pending in found]
        return [(account, pending) for account, pending in members if account is not None and account.password]

    # --- sessions -----------------------------------------------------------------------------------------------

    def begin(self, session: Session, expires_at: datetime) -> None:
        role, unit = (session.post.role.value, session.post.unit) if session.post else ("", "")
        row = (session.digest, session.account, role, unit, int(session.second), session.agent,
               stamp(session.created_at), stamp(session.seen_at), stamp(expires_at))  # fmt: skip
        over = ("DELETE FROM sessions WHERE expires_at <= ?", [(stamp(session.created_at),)])
        self._ledger.write([over, ("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", [row])])

    def guest(self, digest: str, now: datetime) -> Guest | None:
        found = self._sessions("digest", digest, now)
        account = self.by_id(found[0].account) if found else None
        if account is None or account.disabled:
            return None
        session, posts = found[0], tuple(post for post in self.posts(account.id) if not post.pending)
        if now - session.seen_at >= _SEEN_EVERY:
            self._ledger.write([("UPDATE sessions SET seen_at = ? WHERE digest = ?", [(stamp(now), digest)])])
        return Guest(account, session if session.post in posts else session._replace(post=None), posts)

    def sessions(self, account_id: str, now: datetime) -> list[Session]:
        return self._sessions("account", account_id, now)

    def _sessions(self, column: str, value: str, now: datetime) -> list[Session]:
        sql = (
            f"SELECT {_SESSION} FROM sessions WHERE {column} = ? AND expires_at > ? AND seen_at > ? "  # noqa: S608
            "ORDER BY seen_at DESC, digest"
        )
        return [
            Session(digest, account, Post(Role(role), unit) if role else None, bool(second), agent,
                    instant_of(created_at), instant_of(seen_at))
            for digest, account, role, unit, second, agent, created_at, seen_at
            in self._ledger.query(sql, (value, stamp(now), stamp(now - IDLE_MAX)))
        ]  # fmt: skip

    def turn(self, digest: str, post: Post) -> None:
        sql = "UPDATE sessions SET role = ?, unit = ? WHERE digest = ?"
        self._ledger.write([(sql, [(post.role.value, post.unit, digest)])])

    def end(self, account_id: str, digest: str = "") -> None:
        sql = "DELETE FROM sessions WHERE account = ? AND (? = '' OR digest = ?)"
        self._ledger.write([(sql, [(account_id, digest, digest)])])

    # --- certificates -------------------------------------------------------------------------------------------

    def linked(self, subject: str) -> tuple[str, Certificate] | None:
        sql = "SELECT account, subject, unit, name FROM certificates WHERE subject = ?"
        found = self._ledger.query(sql, (subject,)).fetchone()
        return (found[0], Certificate._make(found[1:])) if found else None

    def link_certificate(self, account_id: str, one: Certificate, now: datetime) -> None:
        row = (one.subject, account_id, one.unit, one.name, stamp(now))
        self._ledger.write([(_LINK, [row])])

    def certified(self, unit: str) -> list[str]:
        sql = (
            "SELECT name FROM certificates WHERE unit = ? AND name <> '' GROUP BY name ORDER BY max(seen_at) DESC, name"
        )
        return [row[0] for row in self._ledger.query(sql, (unit,))]

    # --- links, letters, tries ----------------------------------------------------------------------------------

    def give_slip(self, digest: str, slip: Slip) -> None:
        row = (digest, slip.account, slip.purpose.value, stamp(slip.expires_at))
        self._ledger.write([("INSERT INTO slips VALUES (?, ?, ?, ?)", [row])])

    def slip(self, digest: str, now: datetime) -> Slip | None:
        sql = "SELECT account, purpose, expires_at FROM slips WHERE digest = ? AND expires_at > ?"
        found = self._ledger.query(sql, (digest, stamp(now))).fetchone()
        return Slip(found[0], Purpose(found[1]), instant_of(found[2])) if found else None

    def take_slip(self, digest: str, now: datetime) -> Slip | None:
        found = self.slip(digest, now)
        taken = self._ledger.write([("DELETE FROM slips WHERE digest = ?", [(digest,)])])
        return found if taken == [1] else None

    def ask_letter(self, account_id: str, purpose: Purpose, now: datetime) -> None:
        sql = "INSERT INTO letters VALUES (?, ?, ?, 0) ON CONFLICT DO NOTHING"
        self._ledger.write([(sql, [(account_id, purpose.value, stamp(now))])])

    def take_letter(self, now: datetime, until: datetime) -> Letter | None:
        due, sql = (
            "SELECT 1 FROM letters WHERE retry_at <= ? LIMIT 1",
            _TAKE.format(self._ledger.others_skipped.format("letters")),
        )
        while self._ledger.query(due, (stamp(now),)).fetchone() is not None:
            for name, purpose, attempts in self._ledger.take(sql, (stamp(now), stamp(until))):
                account = self.by_id(name)
                if account is not None:
                    return Letter(account, Purpose(purpose), attempts)
        return None

    def settle_letter(self, letter: Letter, retry_at: datetime | None) -> None:
        key = (letter.account.id, letter.purpose.value)
        if retry_at is None:
            self._ledger.write([("DELETE FROM letters WHERE account = ? AND purpose = ?", [key])])
        else:
            sql = "UPDATE letters SET attempts = attempts + 1, retry_at = ? WHERE account = ? AND purpose = ?"
            self._ledger.write([(sql, [(stamp(retry_at), *key)])])

    def count(self, key: str, now: datetime) -> int:
        sql = "INSERT INTO tries VALUES (?, 1, ?) ON CONFLICT (key) DO UPDATE SET count = tries.count + 1"
        over = ("DELETE FROM tries WHERE since <= ?", [(stamp(now - _WINDOW),)])
        self._ledger.write([over, (sql, [(key, stamp(now))])])
        found: int = self._ledger.query("SELECT count FROM tries WHERE key = ?", (key,)).fetchone()[0]
        return found

    def forget(self, key: str) -> None:
        self._ledger.write([("DELETE FROM tries WHERE key = ?", [(key,)])])

    def uncount(self, key: str) -> None:
        self._ledger.write([("UPDATE tries SET count = count - 1 WHERE key = ? AND count > 0", [(key,)])])


_END_ALL = (
    "UPDATE tokens SET revoked = 1 WHERE actor = ? AND EXISTS (SELECT 1 FROM accounts WHERE id = tokens.actor AND password <> '')",
    "DELETE FROM sessions WHERE account = ?",
    "DELETE FROM slips WHERE account = ?",
    "DELETE FROM letters WHERE account = ?",
)
_TAKE = (
    "WITH taken AS MATERIALIZED (SELECT account, purpose FROM letters WHERE retry_at <= ? ORDER BY retry_at, account, purpose "
    "LIMIT 1{}) UPDATE letters SET retry_at = ? FROM taken WHERE letters.account = taken.account "
    "AND letters.purpose = taken.purpose RETURNING letters.account, letters.purpose, letters.attempts"
)
_ADD_POST = "INSERT INTO posts VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
_GRANT = (
    "INSERT INTO posts VALUES (?, ?, ?, ?) ON CONFLICT (account, role, unit) DO UPDATE SET pending = excluded.pending"
)
_LINK = (
    "INSERT INTO certificates VALUES (?, ?, ?, ?, ?) ON CONFLICT (subject) DO UPDATE SET account = excluded.account, "
    "unit = excluded.unit, name = excluded.name, seen_at = excluded.seen_at"
)


def _post_row(account_id: str, post: Post) -> tuple[str, str, str, int]:
    return account_id, post.role.value, post.unit, int(post.pending)


def _account(found: Sequence[Any]) -> Account:
    return Account._make((*found[:-1], bool(found[-1])))

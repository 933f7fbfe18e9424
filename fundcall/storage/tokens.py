"""Keys to the API, kept as digests: whoever reads the database learns no key."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import NamedTuple

from fundcall.storage.ledger import SqlLedger
from states.actor import Actor, Role
from states.calendar import instant_of, stamp

_PREFIX = "fck_"


class Token(NamedTuple):
    """A key without its secret; `digest` names it."""

    digest: str
    actor: Actor
    expires_at: datetime
    revoked: bool


class SqliteTokens:
    """The keys of an installation."""

    def __init__(self, ledger: SqlLedger) -> None:
        self._ledger = ledger

    def issue(self, actor: Actor, now: datetime, expires_at: datetime) -> str:
        """A new key for an actor, told this once."""
        key = _PREFIX + secrets.token_urlsafe(32)
        row = (_digest(key), actor.id, actor.role.value, actor.unit, stamp(now), stamp(expires_at), 0)
        self._ledger.write([("INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?)", [row])])
        return key

    def actor(self, key: str, now: datetime) -> Actor | None:
        """Who acts with a key; None for an unknown, revoked or expired one, and for one whose account is shut or does not
        hold that post any more. A key for a program that has no account stands by itself.
        """
        found = self._ledger.query(_ACTOR, (_digest(key), stamp(now))).fetchone()
        return Actor(found[0], Role(found[1]), found[2]) if found else None

    def revoke(self, digest: str) -> bool:
        """End a key by (the beginning of) its digest; whether there was just one such key."""
        known = [token.digest for token in self.tokens() if token.digest.startswith(digest)]
        if len(known) != 1:
            return False
        self._ledger.write([("UPDATE tokens SET revoked = 1 WHERE digest = ?", [(known[0],)])])
        return True

    def tokens(self) -> list[Token]:
        """Every key, the oldest first."""
        sql = "SELECT digest, actor, role, unit, expires_at, revoked FROM tokens ORDER BY created_at, digest"
        return [
            Token(digest, Actor(actor, Role(role), unit), instant_of(expires_at), bool(revoked))
            for digest, actor, role, unit, expires_at, revoked in self._ledger.query(sql)
        ]


_ACTOR = (
    "SELECT actor, role, unit FROM tokens WHERE digest = ? AND revoked = 0 AND expires_at > ? "
    "AND NOT EXISTS (SELECT 1 FROM accounts WHERE id = tokens.actor AND (disabled = 1 OR NOT EXISTS "
    "(SELECT 1 FROM posts WHERE account = tokens.actor AND role = tokens.role AND unit = tokens.unit AND pending = 0)))"
)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()

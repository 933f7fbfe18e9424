"""Erasing personal values for good, and the record that they were erased: why, at whose word, and which mails went along."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from fundcall.storage.ledger import SqlLedger
from states.calendar import instant_of, stamp


class Erasure(NamedTuple):
    """A value erased: `mails` are the digests of the mails that went with it, in hexadecimal."""

    erased_at: datetime
    commitment: str
    application: str
    asked_by: str
    basis: str
    mails: tuple[str, ...]


_INSERT = (
    "INSERT INTO erasures (erased_at, commitment, application, asked_by, basis, mails) VALUES (?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (commitment) DO NOTHING"
)
_THEIRS = "(SELECT message_id FROM notices WHERE recipient = ?)"
_MAILS = f"DELETE FROM mails WHERE message_id IN {_THEIRS}"  # noqa: S608 - constants only
_BOUNCES = f"UPDATE bounces SET diagnostic = '', note = '' WHERE message_id IN {_THEIRS}"  # noqa: S608
_ANSWERS = "UPDATE notices SET answer = '' WHERE recipient = ?"
_UNSENT = "UPDATE notices SET status = 'unaddressed' WHERE recipient = ? AND status IN ('queued', 'sending')"


FORGOTTEN = (_MAILS, _BOUNCES, _ANSWERS, _UNSENT)
"""What becomes of the mails to a recipient who is forgotten; each takes the recipient's name alone."""


class SqliteErasures:
    """The erasures of an installation."""

    def __init__(self, ledger: SqlLedger) -> None:
        self._ledger = ledger

    def erase(self, commitments: Sequence[str], application: str, asked_by: str, basis: str, now: datetime) -> int:
        """Erase values with the mails that bear them and what relays said of those, and write it down, all in one transaction;
        how many were there.
        """
        there = [name for name in commitments if self._ledger.personal(name) is not None]
        rows = [(stamp(now), name, application, asked_by, basis, " ".join(self._digests(name))) for name in there]
        keys = [(name,) for name in there]
        gone = (
            *((sql, keys) for sql in FORGOTTEN),
            ("DELETE FROM personal WHERE commitment = ?", keys),
        )
        self._ledger.write([(_INSERT, rows), *gone], for_good=True)
        return len(there)

    def _digests(self, recipient: str) -> list[str]:
        found = self._ledger.query("SELECT digest FROM notices WHERE recipient = ? ORDER BY position", (recipient,))
        return [digest.hex() for (digest,) in found]

    def find(self, application: str | None = None) -> list[Erasure]:
        """What was erased, the oldest first."""
        where, values = ("WHERE application = ?", (application,)) if application is not None else ("", ())
        sql = f"SELECT {', '.join(Erasure._fields)} FROM erasures {where} ORDER BY id"  # noqa: S608 - constants only
        rows = self._ledger.query(sql, values)
        return [Erasure._make((instant_of(row[0]), *row[1:5], tuple(row[5].split()))) for row in rows]

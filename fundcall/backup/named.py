"""The documents that a ledger names: whoever has the ledger must have these too."""

from __future__ import annotations

from fundcall.storage.reader import Reader
from workflow.record import decode

_PAGE = 2000
_ADDED = (
    "SELECT position, body FROM events WHERE type = 'DocumentAdded' AND position > ? AND position <= ? "  # noqa: S608 - constants only
    f"ORDER BY position LIMIT {_PAGE}"
)


def named(ledger: Reader, upto: int) -> set[str]:
    """The digests of all documents that were ever attached, up to a position."""
    found: set[str] = set()
    after = 0
    while page := ledger.query(_ADDED, (after, upto)).fetchall():
        found.update(decode(bytes(body)).data["document"]["sha256"] for _, body in page)
        after = page[-1][0]
    return found

"""Who read what, when and as which role: what is written down of a request that was answered, and nothing personal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from states.actor import OFFICERS, Actor, Role

READER = "reader"
"""Where the state of a request holds who asks, once that is known."""
_API = ("api", "v1")
_WATCHED = OFFICERS | {Role.EXPERT}
_CASES = frozenset({"applications", "reviews"})


class Reading(NamedTuple):
    """Something was read. `subject` is the id of what was opened ("" for a list), `item` a number or digest within it."""

    read_at: datetime
    actor: str
    role: str
    what: str
    subject: str = ""
    item: str = ""


class Readings(Protocol):
    """Where readings are kept."""

    def keep(self, reading: Reading) -> None:
        """Write a reading down, once a minute for the same thing read by the same person. Raises Unavailable."""

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
        """Readings with their numbers, the newest first: in [since, until), numbered below `before`."""


def reading_of(actor: Actor, method: str, path: str, status: int, at: datetime) -> Reading | None:
    """What is written down of an answered request; None where it is none of the log's business.

    Of auditors everything that was answered, of officers and experts the opening of cases and documents. Addresses are
    taken apart and what was searched for is left out: no value that a person typed comes into the log.
    """
    parts = [part for part in path.split("/") if part]
    if tuple(parts[:2]) == _API:
        parts = parts[2:]
    read = status < 300 and method in ("GET", "HEAD")
    if actor.role is Role.AUDITOR and (read or (method == "POST" and status < 400)):
        return _reading(actor, parts, at)
    opened = read and len(parts) > 1 and parts[0] in _CASES
    return _reading(actor, parts, at) if opened and actor.role in _WATCHED else None


def _reading(actor: Actor, parts: Sequence[str], at: datetime) -> Reading:
    """The kind, the id and the item of an address: /applications/A1/documents/2 is A1's second document."""
    if parts[:1] == ["audit"] and len(parts) > 1:
        what, rest = f"audit/{parts[1]}", parts[2:]
    else:
        what, rest = parts[0] if parts else "start", parts[1:]
    subject, within = rest[0] if rest else "", rest[1:]
    item = within[1] if len(within) > 1 and within[1].isalnum() else ""
    return Reading(at, actor.id, actor.role.value, "/".join((what, *within[:1])), subject, item)

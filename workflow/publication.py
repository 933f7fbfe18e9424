"""What was published of a call (公示), and what became of it: by unit and project, never by person."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from states.application import State
from states.calendar import instant_of
from states.events import Recorded
from states.funding_call import FundingCall
from states.programme_row import Erratum
from workflow.ports import Ledger
from workflow.projection import Row
from workflow.record import decode

OPEN, APPROVED, DECLINED, STOPPED = "open", "approved", "declined", "stopped"
"""What became of a publication: nothing yet; awarded; not awarded; taken back before a decision."""


class Published(NamedTuple):
    """One proposal as it was published: `[published_at, ends_at)` is the time to object, `amount_minor` what was proposed,
    `grant_minor` what was granted (0 while nothing is). `application` and `position` are not for the public.
    """

    number: str
    unit_name: str
    title: str
    topic: str
    amount_minor: int
    published_at: datetime
    ends_at: datetime
    outcome: str
    grant_minor: int
    application: str
    position: int

    def running(self, now: datetime) -> bool:
        """Whether an objection may be filed."""
        return self.outcome == OPEN and now < self.ends_at


class _Grant(NamedTuple):
    position: int
    grant_minor: int


class Noticeboard:
    """What was published of one call, for many who ask: of the ledger only what is new is read, and nothing where nothing
    is. One for all threads.
    """

    def __init__(self, ledger: Ledger, call: FundingCall) -> None:
        self._ledger, self.call = ledger, call
        self._lock = threading.Lock()
        self._head = 0
        self._told: dict[str, list[tuple[int, datetime, Any]]] = defaultdict(list)
        self._grants: dict[str, list[_Grant]] = defaultdict(list)
        self._found: list[Published] = []
        self._errata: tuple[Erratum, ...] = ()
        self._closes_at = call.closes_at

    def published(self) -> list[Published]:
        """Every publication of the call by number, those of one application in their order."""
        with self._lock:
            self._refresh()
            return self._found

    def errata(self) -> tuple[Erratum, ...]:
        """The corrections of the call's notice, in their order."""
        with self._lock:
            self._refresh()
            return self._errata

    def closes_at(self) -> datetime:
        """When filing closes, or closed: later than the call says where the window was extended for all."""
        with self._lock:
            self._refresh()
            return self._closes_at

    def _refresh(self) -> None:
        head = self._ledger.head()
        if head != self._head:
            self._read(self._head, head)
            programme = self._ledger.transact(lambda transaction: transaction.programme(self.call.id))
            self._errata, self._closes_at = programme.errata, programme.closes_at or self.call.closes_at
            self._found, self._head = self._standing(), head

    def _read(self, after: int, head: int) -> None:
        for stored in self._ledger.of_type(self.call.id, "ProposalPublished", after, head):
            event = decode(stored.body)
            self._told[stored.application].append((event.position, event.effective_at, event.data))
        for stored in self._ledger.of_type(self.call.id, "DeadlinesRescheduled", after, head):
            self._moved(decode(stored.body))
        for stored in self._ledger.of_type(self.call.id, "ApplicationApproved", after, head):
            self._grants[stored.application].append(_Grant(stored.position, decode(stored.body).data["grant_minor"]))

    def _moved(self, event: Recorded) -> None:
        """A notice that a changed calendar lets run longer."""
        ends, told = event.data["arms"].get("public_notice"), self._told.get(event.application, [])
        last = next((n for n in reversed(range(len(told))) if told[n][0] < event.position), None)
        if ends is not None and last is not None:
            position, at, data = told[last]
            told[last] = position, at, {**data, "ends_at": ends}

    def _standing(self) -> list[Published]:
        rows = [row for row in map(self._ledger.row, self._told) if row is not None]
        found = [one for row in rows for one in _of(row, self._told[row.id], self._grants.get(row.id, ()))]
        return sorted(found, key=lambda one: (one.number, one.position))


def _of(row: Row, told: Sequence[tuple[int, datetime, Any]], grants: Sequence[_Grant]) -> list[Published]:
    ends = [position for position, _, _ in told[1:]] + [None]
    found = []
    for (position, at, data), before in zip(told, ends, strict=True):
        grant = next((g for g in grants if g.position > position and (before is None or g.position < before)), None)
        outcome = APPROVED if grant else STOPPED if before is not None else _standing(row)
        found.append(
            Published(
                row.number,
                row.unit_name,
                row.title,
                row.topic,
                data["amount_minor"],
                at,
                instant_of(data["ends_at"]),
                outcome,
                grant.grant_minor if grant else 0,
                row.id,
                position,
            )
        )
    return found


def _standing(row: Row) -> str:
    """What became of a publication that no award and no later publication followed."""
    if row.state == State.EXPERT_REVIEW and row.phase == "public_notice":
        return OPEN
    return DECLINED if row.state == State.DECLINED else STOPPED

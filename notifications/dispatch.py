"""From the ledger to the relay: follow the events from a cursor, record what each one tells whom, and send it."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from notifications.daily import KINDS, daily, morning_after
from notifications.letter import Wording, shipped, worded
from notifications.mailer import Outcome, Sent
from notifications.recording import recorded
from notifications.render import Recipient, Rendered
from notifications.rules import Planned
from notifications.telling import Teller, Told
from states.calendar import stamp
from states.events import Recorded
from workflow.notices import LEASE, Notice, Notices, Settled
from workflow.ports import Stored, Unavailable
from workflow.record import decode

CURSOR = "notices"
AGAIN = "~"
"""Between a recipient and how many times a notice was made out to him or her."""
_EVENTS_AT_ONCE = 1000
_SEND_AT_ONCE = 400
_BACKOFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
_KEEP_SECONDS = LEASE.total_seconds() / 5
_GIVE_UP_AFTER = 80  # attempts: about three days
_LOG = logging.getLogger(__name__)


class Sender(Protocol):
    """Whatever hands messages to a relay."""

    async def send(self, messages: Sequence[tuple[str, str, bytes]]) -> list[Sent]: ...


@dataclass
class Dispatcher:
    """Follows the ledger. Recording and sending are two steps, each safe to repeat after a crash at any point.

    `stationery` is what notices rest on beside the ledger, to be kept with them.
    """

    teller: Teller
    notices: Notices
    stationery: Callable[[], bytes] | None = None
    _overrides: Mapping[tuple[str, str], str] = field(default_factory=dict)
    _modes: Mapping[str, str] = field(default_factory=dict)
    _kept: set[str] = field(default_factory=set)

    def record(self) -> int:
        """Record the notices of every event after the cursor; how many were new. A fault in one template stops at its
        event and is raised; nothing before it is lost and no state is touched.
        """
        total, position = 0, self.notices.cursor(CURSOR)
        head = self.teller.ledger.head()
        if position < head:
            self._overrides, self._modes = self.notices.overrides(), self.notices.modes()
        while position < head:
            upto = min(position + _EVENTS_AT_ONCE, head)
            wordings: dict[str, bytes] = {}
            found = [n for stored in self.teller.ledger.stored(position, upto) for n in self._of(stored, wordings)]
            if found and self.stationery is not None:
                self.notices.lay_out(position + 1, self.stationery())
            total += self.notices.record(found, CURSOR, upto, wordings)
            self._kept |= wordings.keys()
            position = upto
        return total

    def _of(self, stored: Stored, wordings: dict[str, bytes]) -> Iterator[Notice]:
        event = decode(stored.body)
        for told in self.teller.told(event):
            made, wording = self._worded(told, event, stored.leaf)
            if wording.digest not in self._kept:
                wordings[wording.digest] = wording.body
            yield self._notice(told, event, made, wording)

    def _worded(self, told: Told, event: Recorded, leaf: bytes) -> tuple[Rendered, Wording]:
        """The message and its words: the call's own where it has some. Where those do not fit the event after all, the
        words that ship are used, so that nobody goes untold.
        """
        source = self._overrides.get((told.call.id, told.plan.template))
        if source is not None:
            try:
                own = worded(source)
                return self.teller.rendered(told, event, leaf, own), own
            except Exception:  # noqa: BLE001 - whatever somebody's words raise
                _LOG.exception("notices: the words of %s for %s do not fit", told.call.id, told.plan.template)
        words = shipped(told.plan.template)
        return self.teller.rendered(told, event, leaf, words), words

    def _notice(self, told: Told, event: Recorded, made: Rendered, wording: Wording) -> Notice:
        recipient, plan = told.recipient, told.plan
        waits = self._modes.get(recipient.id) == "daily" and plan.kind in KINDS
        held_until = stamp(morning_after(event.recorded_at, told.call.timezone)) if waits else ""
        return recorded(plan, recipient, event, made, wording, event.application, held_until)

    def preview(self, position: int) -> list[tuple[Planned, Recipient, Rendered]]:
        """What the event at a position tells whom, rendered anew and not recorded."""
        self._overrides = self.notices.overrides()
        for stored in self.teller.ledger.stored(position - 1, position):
            event = decode(stored.body)
            return [(t.plan, t.recipient, self._worded(t, event, stored.leaf)[0]) for t in self.teller.told(event)]
        return []

    def found(self, notice: Notice) -> tuple[Told, Stored] | None:
        """What an event told whom, for a recorded notice of it; None for one that rests on no event alone."""
        base = notice.recipient.partition(AGAIN)[0]
        for stored in self.teller.ledger.stored(notice.position - 1, notice.position):
            for told in self.teller.told(decode(stored.body)):
                if (told.plan.template, told.recipient.id) == (notice.template, base):
                    return told, stored
        return None

    def readdressed(self, notice: Notice, address: str) -> Notice | None:
        """The same notice made out to another address of the same reader, to be recorded beside the first."""
        found = self.found(notice)
        if found is None:
            return None
        (told, stored), base = found, notice.recipient.partition(AGAIN)[0]
        number = int(notice.recipient.partition(AGAIN)[2] or 1) + 1
        to = Recipient(f"{base}{AGAIN}{number}", told.recipient.name, address)
        event = decode(stored.body)
        made, wording = self._worded(told._replace(recipient=to), event, stored.leaf)
        return recorded(told.plan, to, event, made, wording, event.application)

    def gather(self, now: datetime) -> int:
        """Write the day's one mail to each mailbox of the office that is told so, of all that waited for it; how many
        mails.
        """
        held: dict[str, list[Notice]] = {}
        for notice in self.notices.held(now):
            held.setdefault(notice.recipient, []).append(notice)
        for waiting in held.values():
            made, wording = daily(self.teller, waiting, now)
            self.notices.digest(waiting, made, {wording.digest: wording.body})
        return len(held)

    async def send(self, mailer: Sender, now: datetime, over: Callable[[], bool] = lambda: False) -> int:
        """Send everything queued whose time has come, or what can be sent before it is `over`; how many the relay accepted."""
        accepted, began = 0, time.monotonic()
        while not over() and (batch := self.notices.claim(now, _SEND_AT_ONCE, _since(began) + LEASE)):
            messages = [(address_of(notice.body), self.teller.sender, notice.body) for notice in batch]
            keeping = asyncio.create_task(self._keep(batch, lambda: now + _since(began)))
            try:
                answers = await mailer.send(messages)
            finally:
                keeping.cancel()
            if self.notices.settle([_settled(n, a, now) for n, a in zip(batch, answers, strict=True)]) < len(batch):
                _LOG.warning("notices: some were claimed by another sender before they were sent here")
            accepted += sum(answer.outcome is Outcome.ACCEPTED for answer in answers)
        return accepted

    async def _keep(self, claimed: Sequence[Notice], now: Callable[[], datetime]) -> None:
        """Keep claims for as long as it takes: a relay may be slower than any lease."""
        while True:
            await asyncio.sleep(_KEEP_SECONDS)
            try:
                self.notices.keep(claimed, now() + LEASE)
            except Unavailable:
                _LOG.exception("notices: claims could not be kept; it is tried again")


def _since(began: float) -> timedelta:
    return timedelta(seconds=time.monotonic() - began)


def address_of(body: bytes) -> str:
    """The address a notice was made out to, from its own bytes: what was recorded is what is sent."""
    found = _TO.search(body)
    return found[1].decode("ascii") if found else ""


_TO = re.compile(rb"\r\nTo: (?:[^<\r\n]|\r\n )*<([^>\r\n]*)>")


def _settled(notice: Notice, sent: Sent, now: datetime) -> Settled:
    """What an answer makes of a notice: a statutory one is tried again unless it was refused for good; a reminder that
    may have arrived is not sent twice.
    """
    status, retry_at = "accepted", ""
    if sent.outcome is Outcome.FAILED:
        status = "failed"
    elif sent.outcome is Outcome.UNKNOWN and notice.kind != "statutory":
        status = "unknown"
    elif sent.outcome is not Outcome.ACCEPTED:
        status = "queued" if notice.attempts < _GIVE_UP_AFTER else "failed"
        retry_at = stamp(now + _BACKOFF[min(notice.attempts, len(_BACKOFF)) - 1])
    answer = f"{sent.code} {sent.answer}".strip()
    settled_at = "" if status == "queued" else stamp(now)
    return Settled(*notice[:3], notice.attempts, status, answer, retry_at, settled_at)

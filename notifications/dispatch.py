"""From the ledger to the relay: follow the events from a cursor, record what each one tells whom, and send it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from notifications.mailer import Outcome, Sent
from notifications.render import Recipient, Rendered
from notifications.rules import Planned
from notifications.telling import Teller, Told
from states.calendar import stamp
from states.events import Recorded
from workflow.ports import Notice, Notices, Settled, Stored
from workflow.record import decode

CURSOR = "notices"
_EVENTS_AT_ONCE = 1000
_SEND_AT_ONCE = 400
_BACKOFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
_GIVE_UP_AFTER = 80  # attempts: about three days


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

    def record(self) -> int:
        """Record the notices of every event after the cursor; how many were new. A fault in one template stops at its
        event and is raised; nothing before it is lost and no state is touched.
        """
        total, position = 0, self.notices.cursor(CURSOR)
        head = self.teller.ledger.head()
        while position < head:
            upto = min(position + _EVENTS_AT_ONCE, head)
            found = [n for stored in self.teller.ledger.stored(position, upto) for n in self._of(stored)]
            if found and self.stationery is not None:
                self.notices.lay_out(position + 1, self.stationery())
            total += self.notices.record(found, CURSOR, upto)
            position = upto
        return total

    def _of(self, stored: Stored) -> Iterator[Notice]:
        event = decode(stored.body)
        for told in self.teller.told(event):
            yield self._notice(told, event, stored.leaf)

    def _notice(self, told: Told, event: Recorded, leaf: bytes) -> Notice:
        made = self.teller.rendered(told, event, leaf)
        return Notice(
            position=event.position,
            recipient=told.recipient.id,
            template=told.plan.template,
            application=event.application,
            ref=told.plan.ref,
            kind=told.plan.kind,
            subject=made.subject,
            message_id=made.message_id,
            digest=hashlib.sha256(made.body).digest(),
            body=made.body,
            status="queued" if told.recipient.email else "unaddressed",
        )

    def preview(self, position: int) -> list[tuple[Planned, Recipient, Rendered]]:
        """What the event at a position tells whom, rendered anew and not recorded."""
        for stored in self.teller.ledger.stored(position - 1, position):
            return self.teller.retold(decode(stored.body), stored.leaf)
        return []

    async def send(self, mailer: Sender, now: datetime) -> int:
        """Send everything queued whose time has come; how many the relay accepted."""
        accepted = 0
        while batch := self.notices.claim(now, _SEND_AT_ONCE):
            messages = [(self._address(notice), self.teller.sender, notice.body) for notice in batch]
            answers = await mailer.send(messages)
            self.notices.settle([_settled(n, a, now) for n, a in zip(batch, answers, strict=True)])
            accepted += sum(answer.outcome is Outcome.ACCEPTED for answer in answers)
        return accepted

    def _address(self, notice: Notice) -> str:
        """The address a notice was made out to, from its own bytes: what was recorded is what is sent."""
        found = _TO.search(notice.body)
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
    return Settled(notice.position, notice.recipient, notice.template, status, answer, retry_at, settled_at)

"""From the ledger to the relay: follow the events from a cursor, record what each one tells whom, and send it."""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

import orjson

from notifications.mailer import Outcome, Sent
from notifications.message import File
from notifications.render import Recipient, Rendered, render
from notifications.rules import Planned, planned, planned_of_call
from notifications.view import shown, shown_call
from states.application import Application
from states.calendar import instant_of, stamp
from states.events import Recorded
from states.fold import fold, step
from states.funding_call import FundingCall
from workflow.ports import Ledger, Notice, Notices, Settled, Stored
from workflow.record import decode
from workflow.rules import Rules

CURSOR = "notices"
_WITH_PAPERS = frozenset({"submission_receipt", "correction_received"})
_EVENTS_AT_ONCE = 1000
_SEND_AT_ONCE = 400
_KEPT = 5000
_BACKOFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
_GIVE_UP_AFTER = 80  # attempts: about three days


class Sender(Protocol):
    """Whatever hands messages to a relay."""

    async def send(self, messages: Sequence[tuple[str, str, bytes]]) -> list[Sent]: ...


class Directory(Protocol):
    """Who stands behind an audience that is not the unit: officers, heads, experts."""

    def people(self, audience: str, call_id: str) -> tuple[Recipient, ...]: ...


class _Told(NamedTuple):
    """One notice to be made: its plan, for whom, and about which application (or call), as shown."""

    plan: Planned
    recipient: Recipient
    about: Mapping[str, Any]
    call: FundingCall


@dataclass
class Dispatcher:
    """Follows the ledger. Recording and sending are two steps, each safe to repeat after a crash at any point.

    `roots` gives the root over so many events, `papers` makes what is attached to a receipt of a submission; nothing is where it is None.
    """

    ledger: Ledger
    notices: Notices
    directory: Directory
    calls: Mapping[str, Rules]
    sender: str
    public_url: str
    roots: Callable[[int], bytes]
    papers: Callable[[Recorded], tuple[File, ...]] | None = None
    _applications: OrderedDict[str, Application] = field(default_factory=OrderedDict)

    def record(self) -> int:
        """Record the notices of every event after the cursor; how many were new. A fault in one template stops at its
        event and is raised; nothing before it is lost and no state is touched.
        """
        total, position = 0, self.notices.cursor(CURSOR)
        head = self.ledger.head()
        while position < head:
            upto = min(position + _EVENTS_AT_ONCE, head)
            found = [n for stored in self.ledger.stored(position, upto) for n in self._of(stored)]
            total += self.notices.record(found, CURSOR, upto)
            position = upto
        return total

    def _of(self, stored: Stored) -> Iterator[Notice]:
        event = decode(stored.body)
        for told in self._told(event):
            yield self._notice(told, event, stored.leaf)

    def _told(self, event: Recorded) -> Iterator[_Told]:
        """Whom an event tells what; a refused attempt to open a draft has no application and tells nobody."""
        if event.application in self.calls:
            call = self.calls[event.application].call
            for plan in planned_of_call(event):
                for recipient in self._people(plan.audience, call.id):
                    yield _Told(plan, recipient, shown_call(call), call)
            return
        application = self._after(event)
        closes_at = event.facts.get("closes_at")
        call = self.calls[application.call_id].call.until(instant_of(closes_at) if closes_at else None)
        for plan in planned(event, application):
            for recipient in self._recipients(plan, event, application):
                yield _Told(plan, recipient, shown(application), call)

    def _after(self, event: Recorded) -> Application:
        """The application right after the event."""
        known = self._applications.get(event.application)
        if (known is not None and known.version == event.version - 1) or event.version == 1:
            application = step(known if event.version > 1 else None, event)
        else:
            history = self.ledger.stored(0, event.position, event.application)
            folded = fold(decode(stored.body) for stored in history)
            if folded is None:
                raise LookupError(f"{event.application}: no events up to {event.position}")
            application = folded
        self._applications[event.application] = application
        self._applications.move_to_end(event.application)
        if len(self._applications) > _KEPT:
            self._applications.popitem(last=False)
        return application

    def _recipients(self, plan: Planned, event: Recorded, application: Application) -> tuple[Recipient, ...]:
        if plan.audience == "public":  # told by a page, not by mail
            return ()
        if plan.audience == "unit":
            return tuple(self._person(commitment) for commitment in application.contacts)
        if plan.audience == "objector":
            n = event.data.get("objection", len(application.objections))  # a decision names the one it is on
            return (self._person(application.objections[n - 1].objector),)
        found: list[Recipient] = []
        for audience in _audiences(plan.audience, event, application):
            found += self._people(audience, application.call_id)
        return tuple(found)

    def _people(self, audience: str, call_id: str) -> tuple[Recipient, ...]:
        return self.directory.people(audience, call_id) or (Recipient(audience, "", ""),)

    def _person(self, commitment: str) -> Recipient:
        personal = self.ledger.personal(commitment)
        if personal is None:
            return Recipient(commitment, "", "")
        value: dict[str, Any] = orjson.loads(personal.value)
        return Recipient(commitment, value["name"], value["email"])

    def _notice(self, told: _Told, event: Recorded, leaf: bytes) -> Notice:
        made = self._rendered(told, event, leaf)
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

    def _rendered(self, told: _Told, event: Recorded, leaf: bytes) -> Rendered:
        return render(
            told.plan,
            event=event,
            about=told.about,
            call=told.call,
            recipient=told.recipient,
            sender=self.sender,
            public_url=self.public_url,
            leaf=leaf,
            root=self.roots(event.position),
            files=self.papers(event) if self.papers is not None and told.plan.template in _WITH_PAPERS else (),
        )

    def preview(self, position: int) -> list[tuple[Planned, Recipient, Rendered]]:
        """What the event at a position tells whom, rendered anew and not recorded."""
        for stored in self.ledger.stored(position - 1, position):
            event = decode(stored.body)
            return [(t.plan, t.recipient, self._rendered(t, event, stored.leaf)) for t in self._told(event)]
        return []

    async def send(self, mailer: Sender, now: datetime) -> int:
        """Send everything queued whose time has come; how many the relay accepted."""
        accepted = 0
        while batch := self.notices.claim(now, _SEND_AT_ONCE):
            messages = [(self._address(notice), self.sender, notice.body) for notice in batch]
            answers = await mailer.send(messages)
            self.notices.settle([_settled(n, a, now) for n, a in zip(batch, answers, strict=True)])
            accepted += sum(answer.outcome is Outcome.ACCEPTED for answer in answers)
        return accepted

    def _address(self, notice: Notice) -> str:
        """The address a notice was made out to, from its own bytes: what was recorded is what is sent."""
        found = _TO.search(notice.body)
        return found[1].decode("ascii") if found else ""


_TO = re.compile(rb"\r\nTo: (?:[^<\r\n]|\r\n )*<([^>\r\n]*)>")


def _audiences(audience: str, event: Recorded, application: Application) -> tuple[str, ...]:
    """Whom an audience stands for, as the directory knows them."""
    match audience:
        case "experts":
            waiting = ("invited", "accepted")
            return tuple(f"expert:{name}" for name, a in sorted(application.experts.items()) if a.status in waiting)
        case "replacement":
            return (f"expert:{event.data['replacement']['id']}",)
        case "replaced":
            return (f"expert:{event.data['expert']}",)
        case "invited":
            n = int(str(event.data["deadline"]).partition("~")[0].partition(":")[2])
            return (f"expert:{tuple(application.experts)[n - 1]}",)
        case "actor":
            return (f"expert:{event.actor}",)
        case _:
            return (audience,)


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

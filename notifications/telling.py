"""Whom an event tells what, and in which bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import orjson

from notifications.letter import Wording
from notifications.message import File
from notifications.render import Recipient, Rendered, render
from notifications.rules import Planned, planned, planned_of_call
from notifications.view import EXPERTS, data_for, for_expert, shown, shown_call
from states.application import Application
from states.calendar import instant_of
from states.events import Recorded
from states.fold import fold, step
from states.funding_call import FundingCall
from workflow.following import Events
from workflow.record import decode
from workflow.rules import Rules

_WITH_PAPERS = frozenset({"submission_receipt", "correction_received"})
_KEPT = 5000


class Directory(Protocol):
    """Who stands behind an audience that is not the unit: officers, heads, experts."""

    def people(self, audience: str, call_id: str) -> tuple[Recipient, ...]: ...


class Told(NamedTuple):
    """One notice to be made: its plan, for whom, and about which application (or call), as shown."""

    plan: Planned
    recipient: Recipient
    about: Mapping[str, Any]
    call: FundingCall


@dataclass
class Teller:
    """Follows events to what they tell. `roots` gives the root over so many events, `papers` makes what is attached to a
    receipt of a submission; nothing is where it is None. `call_of` gives the call as it stood when an event was decided;
    where it is None, that in force.
    """

    ledger: Events
    directory: Directory
    calls: Mapping[str, Rules]
    sender: str
    public_url: str
    roots: Callable[[int], bytes]
    papers: Callable[[Recorded], tuple[File, ...]] | None = None
    call_of: Callable[[Recorded], FundingCall] | None = None
    _applications: OrderedDict[str, Application] = field(default_factory=OrderedDict)

    def retold(
        self, event: Recorded, leaf: bytes, wording_of: Callable[[Told], Wording | None]
    ) -> list[tuple[Planned, Recipient, Rendered]]:
        """What an event tells whom, rendered anew, in the words given for each (None: those that ship)."""
        told = self.told(event)
        return [(one.plan, one.recipient, self.rendered(one, event, leaf, wording_of(one))) for one in told]

    def told(self, event: Recorded) -> Iterator[Told]:
        """Whom an event tells what; a refused attempt to open a draft has no application and tells nobody."""
        if event.application in self.calls:
            call = self.call_at(event, event.application)
            for plan in planned_of_call(event):
                for recipient in self._people(plan.audience, call.id):
                    yield Told(plan, recipient, shown_call(call), call)
            return
        application, call = self.concerning(event)
        for plan in planned(event, application):
            for recipient in self._recipients(plan, event, application):
                about = _as_told(plan, recipient, application)
                if data_for(event, plan.audience, about).get("moved") != []:  # else no deadline of theirs was moved
                    yield Told(plan, recipient, about, call)

    def concerning(self, event: Recorded) -> tuple[Application, FundingCall]:
        """The application right after one of its events, and its call with the window of then."""
        application, closes_at = self._after(event), event.facts.get("closes_at")
        call = self.call_at(event, application.call_id)
        return application, call.until(instant_of(closes_at) if closes_at else None)

    def call_at(self, event: Recorded, call_id: str) -> FundingCall:
        """The call as it stood when an event was decided."""
        return self.call_of(event) if self.call_of is not None else self.calls[call_id].call

    def _after(self, event: Recorded) -> Application:
        """The application right after the event."""
        known = self._applications.get(event.application)
        if known is not None and known.version == event.version:
            return known
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

    def rendered(self, told: Told, event: Recorded, leaf: bytes, wording: Wording | None = None) -> Rendered:
        """The bytes of one notice."""
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
            wording=wording,
            files=self.papers(event) if self.papers is not None and told.plan.template in _WITH_PAPERS else (),
        )


def _as_told(plan: Planned, recipient: Recipient, application: Application) -> Mapping[str, Any]:
    """The application as a notice shows it to somebody."""
    about = shown(application)
    if plan.audience not in EXPERTS:
        return about
    return for_expert(about, application, recipient.id.removeprefix("expert:"))


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

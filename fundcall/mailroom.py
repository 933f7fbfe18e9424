"""The office's mail desk behind its pages: mails written anew to be looked at, sent as a test, and put into other words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fundcall.postmaster import Postmaster
from notifications.letter import FOLDER, Wording, shipped, source_of, worded
from notifications.message import Envelope, message_id, written
from notifications.recording import recorded
from notifications.render import Letter, Recipient, Rendered
from notifications.rules import INFORMATION
from notifications.samples import READER, Sample, of_template, samples
from notifications.trial import faults, letter_of
from notifications.view import shown
from states.actor import Actor
from states.application import Application
from states.funding_call import FundingCall
from workflow.maildesk import Fault, NoticeDesk, Specimen
from workflow.notices import BESIDE
from workflow.ports import Ledger
from workflow.record import decode


@dataclass(frozen=True)
class MailRoom:
    """`workflow.maildesk.MailDesk` over the samples that ship and the ledger."""

    postmaster: Postmaster
    ledger: Ledger

    @property
    def notices(self) -> NoticeDesk:
        """The notices."""
        return self.postmaster.desk

    def specimens(self, call_id: str) -> Sequence[Specimen]:
        """One mail of every kind and audience: of the call's own samples where there are some."""
        first: dict[tuple[str, str], tuple[int, Sample]] = {}
        for number, one in enumerate(samples()):
            key = one.planned.template, one.planned.audience
            if key not in first or (first[key][1].call_id != call_id and one.call_id == call_id):
                first[key] = number, one
        own = self._own(call_id)
        return [self._specimen(call_id, *first[key], own) for key in sorted(first)]

    def specimen(self, call_id: str, number: int) -> Specimen | None:
        """One of them by its number."""
        found = samples()
        return self._specimen(call_id, number, found[number], self._own(call_id)) if 0 <= number < len(found) else None

    def preview(self, application: str, template: str) -> Sequence[Specimen]:
        """A template for an application as it is, by the event that last gave it, else by that of a sample."""
        teller = self.postmaster.dispatcher.teller
        found: Application | None = self.ledger.transact(lambda transaction: transaction.application(application))
        if found is None or found.call_id not in teller.calls:
            return []
        chosen = list(self._given(found, template)) or list(of_template(template, found.call_id)[:1])
        own = self._own(found.call_id)
        return [specimen(n, one, self._letter(one, self._call(found.call_id), own)) for n, one in enumerate(chosen)]

    def _given(self, application: Application, template: str) -> Iterator[Sample]:
        """What the application's last event of the kind told by the template, about the application as it is now."""
        teller, about = self.postmaster.dispatcher.teller, shown(application)
        for stored in reversed(list(self.ledger.stored(application=application.id))):
            event = decode(stored.body)
            told = [t for t in teller.told(event) if t.plan.template == template]
            if told:
                plans = dict.fromkeys(t.plan for t in told)
                yield from (Sample(application.call_id, plan, event, about) for plan in plans)
                return

    def send_sample(self, call_id: str, number: int, name: str, address: str, at: datetime) -> None:
        """Queue a mail of the samples for somebody, marked as a test."""
        teller, sample = self.postmaster.dispatcher.teller, samples()[number]
        call, who = self._call(call_id), hashlib.sha256(address.encode()).hexdigest()[:16]
        to = Recipient(f"test:{who}:{at:%Y%m%dT%H%M%S%f}", name, address)
        own = self._own(call_id)
        letter = self._letter(sample, call, own, to)
        subject = f"【测试 / TEST】{letter.subject}"
        own_id = message_id(0, sample.planned.template, to.id, teller.sender)
        envelope = Envelope(teller.sender, call.authority_zh, address, name, at, own_id, subject)
        made = Rendered(own_id, subject, written(envelope, (), letter.content))
        plan, words = (
            sample.planned._replace(kind=INFORMATION),
            own.get(sample.planned.template) or shipped(sample.planned.template),
        )
        queued = recorded(plan, to, sample.event._replace(position=0), made, words, call_id)
        self.postmaster.dispatcher.notices.add([queued], {words.digest: words.body})

    def source(self, call_id: str, template: str) -> str:
        """The words that hold for a template in a call. Raises LookupError for a template that is not there."""
        if template not in self.templates():
            raise LookupError(template)
        return self.postmaster.dispatcher.notices.overrides().get((call_id, template)) or source_of(template)

    def shipped(self, template: str) -> str:
        """The words that ship. Raises LookupError for a template that is not there."""
        if template not in self.templates():
            raise LookupError(template)
        return source_of(template)

    def templates(self) -> Sequence[str]:
        """The names of all templates that follow from events."""
        found = (path.stem for path in FOLDER.glob("*.j2"))
        return sorted(name for name in found if not name.startswith("layout") and name not in BESIDE)

    def overridden(self, call_id: str) -> frozenset[str]:
        """The templates that have other words in a call."""
        return frozenset(name for call, name in self.postmaster.dispatcher.notices.overrides() if call == call_id)

    def faults(self, call_id: str, template: str, source: str) -> list[Fault]:
        """What is wrong with other words: every sample of the template is written with them."""
        return faults(self._call(call_id), template, source, self._fields())

    def tried(self, call_id: str, template: str, source: str) -> Sequence[Specimen]:
        """The samples of a template in other words, which have no faults."""
        call, own = self._call(call_id), {template: worded(source)}
        found = of_template(template, call_id)
        return [specimen(n, one, self._letter(one, call, own)) for n, one in enumerate(found)]

    def readdress(self, message_id: str, address: str, actor: Actor, at: datetime) -> bool:
        """Send an undelivered notice again to a mended address, and close it. Whether it could be."""
        return self.postmaster.readdress(message_id, address, actor, at)

    # --- writing ------------------------------------------------------------------------------------------------

    def _call(self, call_id: str) -> FundingCall:
        return self.postmaster.dispatcher.teller.calls[call_id].call

    def _own(self, call_id: str) -> dict[str, Wording]:
        """The words of a call's own, by template."""
        found = self.postmaster.dispatcher.notices.overrides()
        return {name: worded(source) for (call, name), source in found.items() if call == call_id}

    def _specimen(self, call_id: str, number: int, sample: Sample, own: Mapping[str, Wording]) -> Specimen:
        return specimen(number, sample, self._letter(sample, self._call(call_id), own))

    def _fields(self) -> dict[str, Any]:
        teller = self.postmaster.dispatcher.teller
        return {"sender": teller.sender, "public_url": teller.public_url}

    def _letter(
        self, sample: Sample, call: FundingCall, own: Mapping[str, Wording], recipient: Recipient = READER
    ) -> Letter:
        return letter_of(call, sample, self._fields(), own.get(sample.planned.template), recipient)


def specimen(number: int, sample: Sample, letter: Letter) -> Specimen:
    """A letter as something to be looked at."""
    plan, content = sample.planned, letter.content
    calendars = tuple(text for text in (content.calendar, content.cancelled) if text)
    return Specimen(number, *plan, letter.subject, letter.subject_en, content.text, content.html, calendars)

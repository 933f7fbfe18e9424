"""The office's mail desk behind its pages: mails written anew to be looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from notifications.render import Letter, Recipient, composed
from notifications.samples import READER, Sample, samples
from states.calendar import instant_of
from states.funding_call import FundingCall
from workflow.maildesk import Specimen
from workflow.rules import Rules


@dataclass(frozen=True)
class MailRoom:
    """`workflow.maildesk.MailDesk` over the samples that ship."""

    calls: Mapping[str, Rules]
    sender: str
    public_url: str

    def specimens(self, call_id: str) -> Sequence[Specimen]:
        """One mail of every kind and audience: of the call's own samples where there are some."""
        first: dict[tuple[str, str], tuple[int, Sample]] = {}
        for number, one in enumerate(samples()):
            key = one.planned.template, one.planned.audience
            if key not in first or (first[key][1].call_id != call_id and one.call_id == call_id):
                first[key] = number, one
        return [self._specimen(call_id, *first[key]) for key in sorted(first)]

    def specimen(self, call_id: str, number: int) -> Specimen | None:
        """One of them by its number."""
        found = samples()
        return self._specimen(call_id, number, found[number]) if 0 <= number < len(found) else None

    def _specimen(self, call_id: str, number: int, sample: Sample) -> Specimen:
        return specimen(number, sample, self._letter(sample, self.calls[call_id].call))

    def _letter(self, sample: Sample, call: FundingCall, recipient: Recipient = READER) -> Letter:
        closes_at = sample.event.facts.get("closes_at")
        return composed(
            sample.planned,
            event=sample.event,
            about=sample.about,
            call=call.until(instant_of(closes_at) if closes_at else None),
            recipient=recipient,
            sender=self.sender,
            public_url=self.public_url,
            leaf=sample.leaf,
            root=sample.leaf,
        )


def specimen(number: int, sample: Sample, letter: Letter) -> Specimen:
    """A letter as something to be looked at."""
    plan, content = sample.planned, letter.content
    calendars = tuple(text for text in (content.calendar, content.cancelled) if text)
    return Specimen(
        number, *plan[:2], *plan[2:], letter.subject, letter.subject_en, content.text, content.html, calendars
    )

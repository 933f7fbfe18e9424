"""What a decision may look at: nothing else reaches a guard or a derivation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from states.actor import Actor
from states.application import Application
from states.calendar import WorkingCalendar, instant_of, stamp
from states.checks import CertificateFacts, DocumentFacts, Finding
from states.credit import LiveEntry
from states.envelope import Purse
from states.experts import Vetting
from states.funding_call import FundingCall


@dataclass(frozen=True, slots=True)
class Facts:
    """What had to be looked up outside the application; stored with the event, so that it can be decided again.

    `others`: the unit's other live applications in this call; `standing`: bad lists the unit stands on today;
    `sequence`: how many applications of the call have a number; `document`: what is known of the document named;
    `closes_at`: the close in force where the window was extended (the context's call has it too); `purse`: the money
    that is left, where an envelope was set; `unnamed`: whoever objects does not say who it is;
    `experts`: what was found of the experts whom the command names, or who gives it; `credit`: the unit's entries in force
    on its other applications, of whatever call; `erratum`: the correction of the notice that is named;
    `certificate`: what came with a filing of the unit's certificate, None where nobody has looked for one;
    `timed`: the deadlines reckoned by another calendar than the one in force, with that calendar.
    """

    calendar: WorkingCalendar
    others: tuple[str, ...] = ()
    standing: tuple[str, ...] = ()
    sequence: int = 0
    account_confirmed: bool = True
    document: DocumentFacts | None = None
    closes_at: datetime | None = None
    purse: Purse | None = None
    experts: Vetting | None = None
    unnamed: bool = False
    credit: tuple[LiveEntry, ...] = ()
    erratum: Mapping[str, str] | None = None
    timed: Mapping[str, WorkingCalendar] = field(default_factory=dict)
    certificate: CertificateFacts | None = None

    def plain(self) -> dict[str, Any]:
        """The facts as plain JSON; what is at its default is left out."""
        found: dict[str, Any] = {"calendar": self.calendar.version}
        if self.others:
            found["others"] = list(self.others)
        if self.standing:
            found["standing"] = list(self.standing)
        if self.sequence:
            found["sequence"] = self.sequence
        if not self.account_confirmed:
            found["account_confirmed"] = False
        if self.document is not None:
            found["document"] = document_plain(self.document)
        if self.closes_at is not None:
            found["closes_at"] = stamp(self.closes_at)
        if self.purse is not None:
            found["purse"] = self.purse.plain()
        if self.experts is not None:
            found["experts"] = self.experts.plain()
        if self.unnamed:
            found["unnamed"] = True
        if self.erratum is not None:
            found["erratum"] = dict(self.erratum)
        if self.timed:
            found["timed"] = {name: calendar.version for name, calendar in self.timed.items()}
        if self.credit:
            found["credit"] = [entry.plain() for entry in self.credit]
        if self.certificate is not None:
            found["certificate"] = self.certificate.plain()
        return found


@dataclass(frozen=True, slots=True)
class Context:
    """One request in its surroundings. `now` is when it arrived (people) or fell due (deadlines), aware UTC.

    `asked` remembers what the rules found at a stage, for a guard and a derivation that both ask.
    """

    call: FundingCall
    application: Application
    name: str
    command: Any
    actor: Actor
    facts: Facts
    now: datetime
    expected_version: int | None = None
    asked: dict[str, tuple[Finding, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)


def document_plain(document: DocumentFacts) -> dict[str, Any]:
    """A document's facts as plain JSON; findings only where there are any."""
    found = {name: getattr(document, name) for name in DocumentFacts.__dataclass_fields__ if name != "findings"}
    return found | ({"findings": list(document.findings)} if document.findings else {})


def facts_from_plain(found: Mapping[str, Any], calendar_of: Callable[[str], WorkingCalendar]) -> Facts:
    """The facts of a recorded event, with the calendars of the recorded versions."""
    document = found.get("document")
    return Facts(
        calendar=calendar_of(found["calendar"]),
        others=tuple(found.get("others", ())),
        standing=tuple(found.get("standing", ())),
        sequence=found.get("sequence", 0),
        account_confirmed=found.get("account_confirmed", True),
        document=DocumentFacts(**document) if document else None,
        closes_at=instant_of(found["closes_at"]) if "closes_at" in found else None,
        purse=Purse(**found["purse"]) if "purse" in found else None,
        experts=Vetting.of(found["experts"]) if "experts" in found else None,
        unnamed=found.get("unnamed", False),
        erratum=found.get("erratum"),
        timed={name: calendar_of(version) for name, version in found.get("timed", {}).items()},
        credit=tuple(map(LiveEntry.of, found.get("credit", ()))),
        certificate=CertificateFacts(**found["certificate"]) if "certificate" in found else None,
    )

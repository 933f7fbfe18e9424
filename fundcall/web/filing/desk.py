"""What the pages of one filing share: whose it is, what the rules find in it, how far it has come, and by when it is due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from fastapi import Response

from fundcall.web.api.asking import Api
from fundcall.web.filing import values
from fundcall.web.frame import Frame
from fundcall.web.language import N_
from fundcall.web.visit import Visit
from states.actor import Actor, Role
from states.application import Application, State
from states.checks import Finding
from states.funding_call import Field, FundingCall, Severity
from workflow.visible import shown

APPLICANT = frozenset({Role.APPLICANT})
OPEN = frozenset({State.DRAFT, State.RETURNED})
"""States in which the unit itself writes."""
STEPS = (
    ("form", N_("Fill in the form")),
    ("files", N_("Upload the files")),
    ("check", N_("Check everything")),
    ("submit", N_("Submit")),
)
_DUE = {State.DRAFT: "submit", State.RETURNED: "correction"}
_UNASKED = frozenset({Severity.INFO})


class Told(NamedTuple):
    """A finding with the page and place where it is mended; `step` is form, files or "" for what concerns the unit."""

    finding: Finding
    step: str
    href: str

    @property
    def kind(self) -> str:
        """What kind of box it stands in."""
        return "bad" if self.finding.blocks else "plain"


class Filing(NamedTuple):
    """One filing as its unit looks at it. `call` is in force as it stands, with its close moved where that was extended."""

    actor: Actor
    application: Application
    call: FundingCall
    told: tuple[Told, ...]

    @property
    def writable(self) -> bool:
        """Whether the unit may still write: the state allows it; whether time does, the guards say."""
        return self.application.state in OPEN

    @property
    def due_at(self) -> datetime | None:
        """Until when the unit can write."""
        return self.application.deadlines.get(_DUE.get(self.application.state, ""))

    def blocking(self) -> int:
        """How many findings keep it from being filed."""
        return self.counted("check")[0]

    def counted(self, step: str) -> tuple[int, int]:
        """How many findings of a step keep it from being filed, and how many only want to be known."""
        found = list(self.told) if step == "check" else self.of(step)
        blocking = sum(one.finding.blocks for one in found)
        return blocking, len(found) - blocking

    def of(self, step: str) -> list[Told]:
        """The findings of a step."""
        return [one for one in self.told if one.step == step]

    def open_fields(self, now: datetime) -> frozenset[str]:
        """The fields that the unit may write in now: after the close a correction opens those that it names."""
        names = frozenset(self.call.fields)
        if self.application.state is State.RETURNED and not self.call.within_window(now):
            return names & {item["field"] for item in self.application.correction_items}
        return names if self.writable else frozenset()


class Desk:
    """Finds filings for pages, and puts pages into the frame that they share."""

    def __init__(self, frame: Frame, api: Api) -> None:
        self.frame, self.api = frame, api

    def call(self, name: str) -> FundingCall:
        """A call with the close that is in force. Raises Problem 404."""
        call = self.api.call(name)
        return call.until(self.api.handler.ledger.transact(lambda transaction: transaction.programme(name)).closes_at)

    def filing(self, visit: Visit, application: Application | None = None) -> Filing:
        """The filing of the address, if it is the visitor's. Raises Problem 404."""
        actor = visit.insider
        if application is None:
            application = self.api.application(actor, visit.path("application_id"))
        call = self.call(application.call_id)
        found = self._findings(application, call, visit) if application.state in OPEN else ()
        return Filing(actor, application, call, found)

    def page(self, visit: Visit, filing: Filing, name: str, status: int = 200, **values: Any) -> Response:
        """A page of the filing."""
        here = visit.request.url.path.rpartition("/")[2]
        return self.frame.pages.page(
            visit,
            name,
            status,
            filing=filing,
            a=shown(filing.actor, filing.application, filing.call),
            call=filing.call,
            at=f"/applications/{quote(filing.application.id, safe='')}",
            steps=[(step, words, *filing.counted(step)) for step, words in STEPS],
            here=here,
            **values,
        )

    def _findings(self, application: Application, call: FundingCall, visit: Visit) -> tuple[Told, ...]:
        """What a submission now would be told, refusing first. A correction does not need the window."""
        again = application.state is State.RETURNED
        found = [
            one
            for one in self.api.handler.findings(application.id, visit.now, visit.certificate_facts)
            if one.severity not in _UNASKED and not (again and call.rules[one.rule].check == "window")
        ]
        return tuple(
            sorted((self._told(application, call, one) for one in found), key=lambda one: not one.finding.blocks)
        )

    def _told(self, application: Application, call: FundingCall, finding: Finding) -> Told:
        at = f"/applications/{quote(application.id, safe='')}"
        if finding.where in call.fields:
            return Told(_for_people(call.fields[finding.where], finding), "form", f"{at}/form#f-{finding.where}")
        if finding.where == "documents":
            return Told(finding, "files", f"{at}/files")
        for document in application.documents:
            if document.name == finding.where:
                return Told(finding, "files", f"{at}/files#m-{document.material}")
        return Told(finding, "", f"{at}")


def _for_people(field: Field, finding: Finding) -> Finding:
    """The finding without what programs need of it: the field's name, and the unit that an amount is kept in."""
    zh, en = values.label(field)
    return replace(
        finding,
        zh=finding.zh.replace(f"（{field.id}）", "").replace(field.zh, zh),
        en=finding.en.replace(f", {field.id}", "").replace(field.en, en),
    )


def by_field(told: Iterable[Told]) -> Mapping[str, Sequence[Told]]:
    """Findings of the form by the field that they concern."""
    found: dict[str, list[Told]] = {}
    for one in told:
        found.setdefault(one.finding.where, []).append(one)
    return found

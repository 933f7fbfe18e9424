"""What two officers change of a call after its publication: its window, its notice, its working days. One page shows what stands
and what is proposed; another is the form of each step, read again with what it would lead to before it is taken.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from fastapi import Response
from fastapi.responses import RedirectResponse

from fundcall.web.boards.desk import Desk
from fundcall.web.boards.proposals import another_waits
from fundcall.web.frame import Form
from fundcall.web.giving import by_form
from fundcall.web.inputs import inputs_of, judged
from fundcall.web.moves import command_of, sign
from fundcall.web.problems import missing
from fundcall.web.visit import Visit
from states.actor import Role
from states.calendar import instant_of, local_day
from states.clauses import of_call
from states.commands import PROGRAMME_COMMANDS
from states.decide import body
from states.errors import Refusal
from states.events import Recorded
from states.funding_call import FundingCall
from states.labels import MOVES, Pair
from states.programme import PROGRAMME_TABLE, Programme
from states.programme_row import CalendarChange, proposed
from workflow.calendar import working
from workflow.calendars import in_force
from workflow.changes import Moving, moving, reached
from workflow.commands import Fault
from workflow.handle import Rejected
from workflow.programme import handle_call, would_call
from workflow.record import decode

CHANGERS = frozenset({Role.APPROVING_OFFICER})


class _Subject(NamedTuple):
    """One thing of a call that can be changed: the commands that propose and confirm it, and which of the call's deadlines
    passes it on to the applications.
    """

    propose: str
    confirm: str
    deadline: str


SUBJECTS: Mapping[str, _Subject] = {
    "window": _Subject("ProposeExtension", "ExtendWindow", "extension"),
    "notice": _Subject("ProposeErratum", "PublishErratum", "erratum"),
    "days": _Subject("ProposeCalendar", "AmendCalendar", "calendar"),
}
_OF_COMMAND = {name: key for key, one in SUBJECTS.items() for name in (one.propose, one.confirm)}
_OF_EVENT = {PROGRAMME_TABLE[name].event: name for name in _OF_COMMAND}
_WITHDRAWN = PROGRAMME_TABLE["WithdrawChange"].event


class _Step(NamedTuple):
    """A step that was taken, or would be: what it says is as the event has it. `event` is None for one not yet taken, and
    `proposed_by` who had proposed what was confirmed.
    """

    subject: str
    command: str
    data: Mapping[str, Any]
    event: Recorded | None = None
    proposed_by: str = ""

    @property
    def words(self) -> Pair:
        """What the step is called; of a proposal taken back, also what had been proposed."""
        zh, en = MOVES[self.command]
        of = MOVES.get(self.data.get("of", ""))
        return (f"{zh}：{of[0]}", f"{en}: {of[1]}") if of else (zh, en)

    def days(self, name: str) -> list[date]:
        """The days that are to be off, or worked."""
        return [date.fromisoformat(text) for text in self.data[name]]


class _Day(NamedTuple):
    """A day that would be changed: worked until now (None: the year's calendar is not published), and then."""

    day: date
    now: bool | None
    then: bool


class _Follows(NamedTuple):
    """What a step would lead to once it is confirmed: how many applications follow, by state, and by how many days the
    window is longer; or which deadlines move.
    """

    reached: Mapping[str, int]
    days: Sequence[_Day] = ()
    moving: Moving | None = None
    longer: int = 0


class Changes:
    """The page of what stands, and the form of each step."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._api = desk, desk.api
        desk.show("changes", self.page)
        desk.show("changes/{command}", self.form, CHANGERS)
        desk.take("changes/{command}", self.give, CHANGERS)

    def page(self, visit: Visit, call: FundingCall) -> Response:
        """What stands, what is proposed with what may be done about it, and how it came about."""
        programme, past = self._stands(call)
        waiting = _waiting(programme, past)
        may = visit.insider.role in CHANGERS
        refused = {key: self._refused(visit, call, SUBJECTS[key].confirm) for key in waiting} if may else {}
        return self._desk.page(
            visit,
            "board_changes.html",
            call,
            subjects=SUBJECTS,
            moves=MOVES,
            programme=programme,
            closes_at=programme.closes_at or call.closes_at,
            waiting=waiting,
            follows={key: self._follows(call, programme, one, visit.now) for key, one in waiting.items()},
            refused=refused,
            passing_on=[key for key, one in SUBJECTS.items() if one.deadline in programme.deadlines],
            confirmed={key: [one for one in past if one.command == SUBJECTS[key].confirm] for key in SUBJECTS},
            past=past[::-1],
            may=may,
            done=MOVES.get(visit.query("done")),
        )

    def form(self, visit: Visit, call: FundingCall) -> Response:
        """The form of a step; for a confirmation what is proposed, what follows from it, and what stands in its way."""
        name, subject = _asked(visit)
        if name == subject.propose:
            return self._form(visit, call, name, {})
        return self._form(visit, call, name, {}, refusals=self._refused(visit, call, name))

    def give(self, visit: Visit, call: FundingCall, form: Form) -> Response:
        """Take the step. A proposal is shown once more with what it would lead to; what is confirmed is what was read."""
        (name, subject), ledger = _asked(visit), self._api.handler.ledger
        command, faults = command_of(name, inputs_of(name, call, {}, form), form)
        if faults:
            return self._form(visit, call, name, form, faults=faults)
        request = by_form(visit, command, form.get("attempt", ""), call.id)
        if name == subject.propose and form.get("sure") != sign(command):
            refusals = would_call(self._api.handler, request)
            step = None if refusals else _Step(_OF_COMMAND[name], name, body(name, command))
            return self._form(visit, call, name, form, refusals=refusals, step=step, sure=sign(command))
        if name == subject.confirm and another_waits(ledger, call.id, subject.propose, form.get("sure", "")):
            return self._form(visit, call, name, form, refusals=self._refused(visit, call, name), moved=True)
        outcome = handle_call(self._api.handler, request, self._api.now())
        if isinstance(outcome, Rejected):
            fresh = {**form, "attempt": ""}  # what was refused under the attempt of this form stays refused
            return self._form(visit, call, name, fresh, refusals=outcome.refusals)
        return RedirectResponse(f"/boards/{call.id}/changes?done={name}", 303)

    def _form(
        self,
        visit: Visit,
        call: FundingCall,
        name: str,
        given: Form,
        *,
        faults: Sequence[Fault] = (),
        refusals: Sequence[Refusal] = (),
        step: _Step | None = None,
        sure: str = "",
        moved: bool = False,
    ) -> Response:
        """`step` is a proposal as it would be made; a confirmation shows the one that waits."""
        programme, past = self._stands(call)
        key = _OF_COMMAND[name]
        waiting = _waiting(programme, past).get(key)
        confirms = name == SUBJECTS[key].confirm
        step = waiting if confirms else step
        posted = visit.request.method == "POST"
        return self._desk.page(
            visit,
            "board_change.html",
            call,
            409 if moved else 422 if posted and (faults or refusals) else 200,
            command=name,
            label=MOVES[name],
            basis=of_call(PROGRAMME_TABLE[name].basis, call),
            confirms=confirms,
            values=given,
            **judged(inputs_of(name, call, {}, given), given, faults, refusals),
            step=step,
            follows=self._follows(call, programme, step, visit.now) if step is not None else None,
            closes_at=programme.closes_at or call.closes_at,
            replaces=waiting if not confirms else None,
            asks_again=step is not None and not confirms,
            sure=_place(waiting) if confirms else sure if step is not None else "",
            moved=moved,
            attempt=given.get("attempt") or secrets.token_hex(16),
        )

    def _stands(self, call: FundingCall) -> tuple[Programme, list[_Step]]:
        """The call as it stands, and every step taken."""
        ledger = self._api.handler.ledger
        programme = ledger.transact(lambda transaction: transaction.programme(call.id))
        stored = ledger.stored(application=call.id) if programme.version else ()
        return programme, _steps([decode(one.body) for one in stored if one.type in (*_OF_EVENT, _WITHDRAWN)])

    def _follows(self, call: FundingCall, programme: Programme, step: _Step, now: datetime) -> _Follows:
        handler = self._api.handler
        if step.subject != "days":
            longer = _days_more(call, programme, step.data["closes_at"]) if step.subject == "window" else 0
            return _Follows(reached(handler.ledger, call.id, SUBJECTS[step.subject].deadline), longer=longer)
        off, worked = step.days("days_off"), step.days("days_worked")
        change = CalendarChange(frozenset(off), frozenset(worked), step.data["basis"], "")
        calendar = in_force(handler.calendars, call, programme)
        days = [_Day(day, working(calendar, day), day in change.days_worked) for day in sorted({*off, *worked})]
        return _Follows({}, days, moving(handler, call, programme, change, now))

    def _refused(self, visit: Visit, call: FundingCall, name: str) -> tuple[Refusal, ...]:
        """Why the visitor could not confirm now."""
        request = by_form(visit, PROGRAMME_COMMANDS[name](), secrets.token_hex(16), call.id)
        return would_call(self._api.handler, request)


def _days_more(call: FundingCall, programme: Programme, closes_at: str) -> int:
    """By how many days a window that closes then (as the ledger has it) is longer than the one in force."""
    closes = (instant_of(closes_at), programme.closes_at or call.closes_at)
    then, now = (local_day(at, call.timezone) for at in closes)
    return (then - now).days


def _asked(visit: Visit) -> tuple[str, _Subject]:
    """The step that is asked for. Raises Problem 404."""
    name = visit.path("command")
    if name not in _OF_COMMAND:
        raise missing(name)
    return name, SUBJECTS[_OF_COMMAND[name]]


def _steps(events: Sequence[Recorded]) -> list[_Step]:
    """The steps that these events are, each confirmation with whoever had proposed it. Money has a page of its own."""
    found: list[_Step] = []
    proposers: dict[str, str] = {}
    for event in events:
        if event.type == _WITHDRAWN:
            if event.data["of"] in _OF_COMMAND:
                found.append(_Step(_OF_COMMAND[event.data["of"]], "WithdrawChange", event.data, event))
            continue
        name = _OF_EVENT[event.type]
        key = _OF_COMMAND[name]
        if name == SUBJECTS[key].propose:
            proposers[key] = event.actor
            found.append(_Step(key, name, event.data, event))
        else:
            found.append(_Step(key, name, event.data, event, proposers[key]))
    return found


def _waiting(programme: Programme, past: Sequence[_Step]) -> dict[str, _Step]:
    """The proposals that wait for another officer, by subject."""
    last = {one.subject: one for one in past if one.command == SUBJECTS[one.subject].propose}
    return {key: last[key] for key, one in SUBJECTS.items() if proposed(programme, one.propose) is not None}


def _place(step: _Step | None) -> str:
    """Where a proposal stands on the ledger, as a form brings it back."""
    return str(step.event.position) if step is not None and step.event is not None else ""

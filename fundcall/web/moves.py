"""What somebody may do with an application, as forms: every command of the table by one page, given as the API gives it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote

import orjson
from fastapi import Response
from fastapi.responses import RedirectResponse

from fundcall.web.api.asking import Api
from fundcall.web.choices import Likely, likely, options
from fundcall.web.frame import Form, Frame
from fundcall.web.giving import by_form
from fundcall.web.inputs import Input, inputs_of, judged, read, unsaid
from fundcall.web.problems import Problem, missing
from fundcall.web.visit import Visit
from fundcall.web.words import deadline_words
from states.actor import Actor
from states.application import Application, State
from states.clauses import of_call
from states.errors import Refusal
from states.funding_call import FundingCall
from states.labels import MOVES, Pair
from states.table import BY_MOVE, ROWS, commands_from
from states.table.row import Row
from workflow.commands import Fault, Malformed, read_command
from workflow.handle import Accepted, Handler, Outcome, Rejected, Request
from workflow.queries import contacts_of

ELSEWHERE = frozenset({"EditDraft", "AddDocument", "RemoveDocument", "FileObjection"})
"""Commands that a form of plain fields does not serve: the application form, files, and the public's objection."""
_LASTING = frozenset(
    {State.APPROVED, State.REJECTED, State.DECLINED, State.WITHDRAWN, State.TERMINATED, State.REVOKED, State.CLOSED}
)
_BINDING = frozenset(
    {"PublishProposal", "SignAgreement", "CountersignAgreement", "ConfirmPayment", "SuspendProject", "EnterCredit"}
)
"""Commands that make something public, bind the unit or move money: asked twice, as are those with a lasting end."""
_PATH = "/applications/{application_id}/moves/{command}"


def moves_of(actor: Actor, application: Application) -> list[Row]:
    """The moves that the actor's role has from here, in the table's order; guards may still refuse one."""
    possible = (BY_MOVE[application.state, name] for name in commands_from(application.state, actor.role))
    return [
        row for row in possible if row.command not in ELSEWHERE and (not row.phases or application.phase in row.phases)
    ]


def refused_now(
    handler: Handler, moves: Sequence[Row], actor: Actor, application: Application, call: FundingCall, at: datetime
) -> dict[str, Refusal]:
    """The moves that would be refused as things stand, by command with the first reason. Those that cannot be foreseen,
    as somebody has to say something first, are left out.
    """
    asked = []
    for row in moves:
        given = likely(row.command, application, call)
        inputs = inputs_of(row.command, call, options(application, call), given)
        command = _whole(row.command, inputs, given)
        if command is not None:
            asked.append(Request("", application.id, row.command, command, actor, at))
    told = handler.would_many(asked) if asked else []
    return {one.name: refusals[0] for one, refusals in zip(asked, told, strict=True) if refusals}


class _Asked(NamedTuple):
    """Who asks, about what, for which move."""

    actor: Actor
    application: Application
    call: FundingCall
    row: Row

    def inputs(self, given: Iterable[str]) -> tuple[Input, ...]:
        """The inputs of the form."""
        return inputs_of(self.row.command, self.call, options(self.application, self.call), given)

    @property
    def weighs(self) -> bool:
        """Whether the move is asked twice."""
        return self.row.target in _LASTING or self.row.command in _BINDING


class _Ahead(NamedTuple):
    """A deadline that a move would set: what it is called, how long it is where it runs from the move, and when it ends."""

    words: Pair
    length: Pair | None
    at: datetime


def _ahead(call: FundingCall, before: Application, after: Application) -> list[_Ahead]:
    """The deadlines that a move would set, the earliest first; reminders of them are not told."""
    found = []
    for name, at in after.deadlines.items():
        if "~" not in name and before.deadlines.get(name) != at:
            period = call.period(name)
            length = period.length.words if period.base == "event" else None
            found.append(_Ahead(deadline_words(call, name), length, at))
    return sorted(found, key=lambda one: one.at)


class Moves:
    """The pages of moves."""

    def __init__(self, frame: Frame, api: Api) -> None:
        self._frame, self._api = frame, api
        frame.show(_PATH, self.show)
        frame.take(_PATH, self.take)

    def show(self, visit: Visit) -> Response:
        """The form of a move, filled in with what is most likely; where that makes a whole command, what would come of it,
        or what still stands in its way.
        """
        asked = self._asked(visit)
        name = asked.row.command
        given = {**likely(name, asked.application, asked.call), **self._standing(asked), **_linked(visit)}
        inputs, attempt = asked.inputs(given), secrets.token_hex(16)
        command = _whole(name, inputs, given)
        outcome = self._foreseen(visit, asked, command, {"attempt": attempt}) if command is not None else None
        return self._page(
            visit, asked, inputs, given, outcome=outcome, attempt=attempt, sure="" if inputs else sign(command)
        )

    def _standing(self, asked: _Asked) -> Likely:
        """The contacts that stand, for the unit to confirm or change."""
        if asked.row.command != "ConfirmContacts":
            return {}
        people = contacts_of(self._api.handler.ledger, asked.application)
        return {f"contacts.{n}.{name}": text for n, one in enumerate(people) for name, text in asdict(one).items()}

    def take(self, visit: Visit, form: Form) -> Response:
        """Give the command. Accepted: on to the case; else the form again as it was filled in, with every reason. What
        weighs is first asked again with what would come of it.
        """
        asked = self._asked(visit, again=True)
        name, inputs = asked.row.command, asked.inputs(form)
        command, faults = command_of(name, inputs, form)
        if faults:
            return self._page(visit, asked, inputs, form, faults=faults, attempt=form.get("attempt", ""))
        if asked.weighs and form.get("sure") != sign(command):
            foreseen = self._foreseen(visit, asked, command, form)
            if isinstance(foreseen, Accepted) and not foreseen.repeated:
                attempt = form.get("attempt", "")
                return self._page(visit, asked, inputs, form, outcome=foreseen, attempt=attempt, sure=sign(command))
        outcome = self._api.handler.handle(_request(visit, asked, command, form), self._api.now())
        if isinstance(outcome, Accepted):
            came = f"&list={quote(form['list'], safe='')}" if form.get("list") else ""
            return RedirectResponse(
                f"/applications/{asked.application.id}?done={name}{came}#v{outcome.event.version}", 303
            )
        fresh = secrets.token_hex(16)  # what was refused under the attempt of this form stays refused
        return self._page(visit, asked, inputs, form, outcome=outcome, attempt=fresh)

    def _foreseen(self, visit: Visit, asked: _Asked, command: Any, form: Form) -> Outcome:
        """What would be answered now; nothing of it is kept."""
        return self._api.handler.foresee([_request(visit, asked, command, form)], self._api.now())[0]

    def _asked(self, visit: Visit, *, again: bool = False) -> _Asked:
        """What is asked for. A form sent twice finds its move gone, and is answered by the handler. Raises Problem."""
        actor, command = visit.insider, visit.path("command")
        application = self._api.application(actor, visit.path("application_id"))
        call = self._api.call(application.call_id)
        for row in moves_of(actor, application):
            if row.command == command:
                return _Asked(actor, application, call, row)
        for row in ROWS:
            if row.command == command and actor.role in row.roles and command not in ELSEWHERE:
                if again:
                    return _Asked(actor, application, call, row)
                raise Problem(409, "not_allowed_in_state", "申报件已进入下一步，此操作不再适用", "the application has moved on; this can no longer be done",
                              "请返回申报件页面，查看现在可以办理的事项。", "Go back to the application and see what can be done now.")  # fmt: skip
        raise missing(command)

    def _page(
        self,
        visit: Visit,
        asked: _Asked,
        inputs: tuple[Input, ...],
        values: Mapping[str, str],
        *,
        attempt: str,
        faults: Sequence[Fault] = (),
        outcome: Outcome | None = None,
        sure: str = "",
    ) -> Response:
        refusals = outcome.refusals if isinstance(outcome, Rejected) else ()
        posted = visit.request.method == "POST"
        return self._frame.pages.page(
            visit,
            "move.html",
            422 if posted and not sure else 200,
            a=asked.application,
            call=asked.call,
            row=asked.row,
            basis=of_call(asked.row.basis, asked.call),
            label=MOVES[asked.row.command],
            public=asked.row.command == "PublishProposal",
            lasting=asked.row.target in _LASTING,
            values=values,
            **judged(inputs, values, faults, refusals),
            ahead=_ahead(asked.call, asked.application, outcome.application) if isinstance(outcome, Accepted) else [],
            asks_again=posted and sure != "",
            sure=sure,
            attempt=attempt,
            came_from=values.get("list", ""),
            version=values.get("version", str(asked.application.version)),
        )


def _request(visit: Visit, asked: _Asked, command: Any, form: Form) -> Request:
    """The command as the handler takes it, under the attempt and at the version that the form brings back."""
    version = form.get("version", "")
    seen = int(version) if version.isascii() and version.isdecimal() and len(version) < 10 else None
    attempt, application = form.get("attempt", ""), asked.application
    request = by_form(visit, command, attempt, application.id, application.call_id)
    return replace(request, expected_version=seen, salt=secrets.token_hex(32))


def sign(command: Any) -> str:
    """What a form brings back to say that just this command was read again before it was given."""
    return hashlib.sha256(repr(command).encode()).hexdigest()


def _linked(visit: Visit) -> dict[str, str]:
    """What a link to the form fills in: which finding it is about, and the list that one came from."""
    return {name: visit.query(name) for name in ("rule", "list") if visit.query(name)}


def command_of(name: str, inputs: tuple[Input, ...], form: Form) -> tuple[Any, list[Fault]]:
    """The command that a form gives, or what is wrong with it, each fault once at its input."""
    found, faults = read(inputs, form)
    try:
        return read_command(name, orjson.dumps(found)), faults
    except Malformed as wrong:
        told = {fault.where for fault in faults}
        return None, [*faults, *(fault for fault in wrong.faults if fault.where not in told)]


def _whole(name: str, inputs: tuple[Input, ...], form: Form) -> Any:
    """The command that a form gives where all that has to be said is said and can be read; else None."""
    command, faults = command_of(name, inputs, form)
    return None if faults or unsaid(inputs, form) else command

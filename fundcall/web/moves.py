"""What somebody may do with an application, as forms: every command of the table by one page, given as the API gives it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import Response
from fastapi.responses import RedirectResponse

from fundcall.web.access import readable
from fundcall.web.api.asking import command_id_of
from fundcall.web.choices import likely, options
from fundcall.web.frame import Form, Frame
from fundcall.web.inputs import Input, inputs_of, read
from fundcall.web.labels import MOVES
from fundcall.web.problems import Problem, missing
from fundcall.web.visit import Visit
from states.actor import Actor
from states.application import Application
from states.errors import Refusal
from states.funding_call import FundingCall
from states.table import ROWS
from states.table.row import Row
from workflow.commands import Fault, Malformed, read_command
from workflow.handle import Accepted, Handler, Request

ELSEWHERE = frozenset({"EditDraft", "AddDocument", "RemoveDocument", "FileObjection"})
"""Commands that a form of plain fields does not serve: the application form, files, and the public's objection."""
_PATH = "/applications/{application_id}/moves/{command}"


def moves_of(actor: Actor, application: Application) -> list[Row]:
    """The moves that the actor's role has from here, in the table's order; guards may still refuse one."""
    return [
        row
        for row in ROWS
        if actor.role in row.roles
        and application.state in row.sources
        and (not row.phases or application.phase in row.phases)
        and row.command not in ELSEWHERE
    ]


class Moves:
    """The pages of moves."""

    def __init__(self, frame: Frame, handler: Handler) -> None:
        self._frame, self._handler = frame, handler
        frame.show(_PATH, self.show)
        frame.take(_PATH, self.take)

    def show(self, visit: Visit) -> Response:
        """The form of a move, filled in with what is most likely; for one without fields, what still stands in its way."""
        actor, application, row = self._asked(visit)
        call = self._handler.calls[application.call_id].call
        given = likely(row.command, application, call)
        inputs = inputs_of(row.command, options(application, call), given)
        refusals: tuple[Refusal, ...] = ()
        if not inputs:
            refusals = self._handler.would(
                self._request(visit, actor, application, row.command, read_command(row.command, b"{}"), "")
            )
        attempt = secrets.token_hex(16)
        return self._page(visit, application, row, inputs, given, refusals=refusals, attempt=attempt)

    def take(self, visit: Visit, form: Form) -> Response:
        """Give the command. Accepted: on to the case; else the form again as it was filled in, with every reason."""
        actor, application, row = self._asked(visit, again=True)
        call = self._handler.calls[application.call_id].call
        inputs = inputs_of(row.command, options(application, call), form)
        attempt = form.get("attempt", "")
        command, faults = _command(row.command, inputs, form)
        if faults:
            return self._page(visit, application, row, inputs, form, faults=faults, attempt=attempt)
        request = self._request(visit, actor, application, row.command, command, attempt, form.get("version", ""))
        outcome = self._handler.handle(request, self._frame.now())
        if isinstance(outcome, Accepted):
            return RedirectResponse(f"/applications/{application.id}?done={row.command}#v{outcome.event.version}", 303)
        fresh = secrets.token_hex(16)  # what was refused under this attempt stays refused
        return self._page(visit, application, row, inputs, form, refusals=outcome.refusals, attempt=fresh)

    def _request(
        self,
        visit: Visit,
        actor: Actor,
        application: Application,
        name: str,
        command: Any,
        attempt: str,
        version: str = "",
    ) -> Request:
        seen = int(version) if version.isascii() and version.isdecimal() and len(version) < 10 else None
        key = command_id_of(f"page-{attempt}", actor)
        salt = secrets.token_hex(32)
        return Request(key, application.id, name, command, actor, visit.received_at, seen, application.call_id, salt)

    def _asked(self, visit: Visit, *, again: bool = False) -> tuple[Actor, Application, Row]:
        """Who asks, about what, for which move. A form sent twice finds its move gone, and is answered by the handler."""
        actor, name, command = visit.actor, visit.path("application_id"), visit.path("command")
        assert actor is not None  # noqa: S101 - the frame lets nobody else in
        application = readable(actor, self._handler.ledger.transact(lambda t: t.application(name)), name)
        for row in moves_of(actor, application):
            if row.command == command:
                return actor, application, row
        for row in ROWS:
            if row.command == command and actor.role in row.roles and command not in ELSEWHERE:
                if again:
                    return actor, application, row
                raise Problem(409, "not_allowed_in_state", "申报件已进入下一步，此操作不再适用", "the application has moved on; this can no longer be done",
                              "请返回申报件页面，查看现在可以办理的事项。", "Go back to the application and see what can be done now.")  # fmt: skip
        raise missing(command)

    def _page(
        self,
        visit: Visit,
        application: Application,
        row: Row,
        inputs: tuple[Input, ...],
        values: Mapping[str, str],
        *,
        faults: list[Fault] | None = None,
        refusals: tuple[Refusal, ...] = (),
        attempt: str = "",
    ) -> Response:
        wrong = {fault.where: (fault.zh, fault.en) for fault in faults or ()}
        wrong |= {refusal.where: (refusal.zh, refusal.en) for refusal in refusals if refusal.where}
        names = set(_names(inputs))
        return self._frame.pages.page(
            visit,
            "move.html",
            422 if visit.request.method == "POST" else 200,
            a=application,
            call=self._call(application),
            row=row,
            label=MOVES[row.command],
            inputs=inputs,
            values=values,
            wrong={where: words for where, words in wrong.items() if where in names},
            stray=[(where, words) for where, words in wrong.items() if where not in names and faults],
            refusals=[refusal.plain() for refusal in refusals],
            attempt=attempt,
            version=values.get("version", str(application.version)),
        )

    def _call(self, application: Application) -> FundingCall:
        return self._handler.calls[application.call_id].call


def _command(name: str, inputs: tuple[Input, ...], form: Form) -> tuple[Any, list[Fault]]:
    """The command that a form gives, or what is wrong with it, each fault once at its input."""
    found, faults = read(inputs, form)
    try:
        return read_command(name, orjson.dumps(found)), faults
    except Malformed as wrong:
        told = {fault.where for fault in faults}
        return None, [*faults, *(fault for fault in wrong.faults if fault.where not in told)]


def _names(inputs: tuple[Input, ...]) -> list[str]:
    return [name for one in inputs for name in (one.name, *_names(one.parts))]

"""The pages of applications: the queue, one application with all that happened, and its mails; each shows what the API
would tell the same person.
"""

from __future__ import annotations

from collections.abc import Mapping
from email import message_from_bytes
from email.policy import default
from typing import Any

from fastapi import Response

from fundcall.web.access import readable
from fundcall.web.beside import Beside
from fundcall.web.filing.status import open_moves, standing
from fundcall.web.frame import Frame
from fundcall.web.moves import moves_of
from fundcall.web.problems import missing
from fundcall.web.queue import Queue as Office
from fundcall.web.remarks import OUTCOMES, remark
from fundcall.web.visit import Visit
from fundcall.web.words import EVENTS, deadline_words, describe, local_time
from states.actor import Actor, Role
from states.application import Application, State
from states.calendar import instant_of
from states.events import REFUSED, Recorded
from states.fold import fold
from states.funding_call import FundingCall
from states.labels import MOVES, STATES, spelled
from states.unit_code import normal
from workflow.handle import Handler
from workflow.notices import Notice, Notices
from workflow.record import decode
from workflow.visible import READERS, happened, may_read_notice, shown, unnamed

_PAGE = 50
_LISTS = READERS | {Role.APPLICANT}


class Cases:
    """The pages over a ledger."""

    def __init__(self, frame: Frame, handler: Handler, notices: Notices, office: Office, beside: Beside) -> None:
        self._frame, self._handler, self._notices = frame, handler, notices
        self._office, self._beside = office, beside
        frame.show("/applications", self.queue, roles=_LISTS)
        frame.show("/applications/{application_id}", self.case)
        frame.show("/applications/{application_id}/mails/{position}/{template}/{recipient}", self.mail)

    def queue(self, visit: Visit) -> Response:
        """The office's queue; of a unit its own applications by id, of one state or all, a page at a time."""
        state, after, actor = visit.query("state"), visit.query("after"), visit.insider
        if actor.role in READERS:
            return self._office.queue(visit)
        if state and state not in set(State):
            raise missing(state)
        rows = self._handler.ledger.rows(state or None, None, after, _PAGE + 1, normal(actor.unit))
        return self._frame.pages.page(
            visit,
            "queue.html",
            part="list",
            rows=rows[:_PAGE],
            more=rows[_PAGE - 1].id if len(rows) > _PAGE else "",
            state=state,
        )

    def case(self, visit: Visit) -> Response:
        """One application: where it stands, and what happened, with who, when, why and what was told."""
        actor, name = visit.insider, visit.path("application_id")
        stored = list(self._handler.ledger.stored(application=name))
        events = [decode(one.body) for one in stored]
        application = self._application(actor, name, events)
        call = self._handler.calls[application.call_id].call
        told: dict[int, list[Notice]] = {}
        for notice in self._notices.notices(name):
            if may_read_notice(actor, application, notice):
                told.setdefault(notice.position, []).append(notice)
        visible = ((event, happened(actor, event, one.leaf)) for event, one in zip(events, stored, strict=True))
        facts = shown(actor, application, call)
        moves, ours = [row.command for row in moves_of(actor, application)], actor.role is Role.APPLICANT
        desk = actor.role in READERS
        return self._frame.pages.page(
            visit,
            "desk_case.html" if desk else "case.html",
            a=facts,
            call=call,
            entries=[
                _entry(event, unnamed(actor, application, call, seen), call, told)
                for event, seen in visible
                if seen is not None
            ],
            passed=_passed(events),
            waiting=[(deadline_words(call, name), at) for name, at in _due(facts)],
            topic=call.topics.get(application.topic),
            title=unnamed(actor, application, call, application.title),
            moves=[] if ours else [(move, MOVES[move]) for move in moves],
            outcome_words=remark(OUTCOMES, application.outcome) if application.outcome else None,
            standing=standing(application, events, call) if ours else None,
            own_moves=open_moves(application, moves) if ours else [],
            done=MOVES.get(visit.query("done")),
            **(self._beside.values(visit, actor, application, call) if desk else {}),
        )

    def mail(self, visit: Visit) -> Response:
        """One mail as it was sent."""
        actor, name = visit.insider, visit.path("application_id")
        application = self._application(
            actor, name, [decode(one.body) for one in self._handler.ledger.stored(application=name)]
        )
        asked = (visit.path("position"), visit.path("template"), visit.path("recipient"))
        for notice in self._notices.notices(name):
            if (str(notice.position), notice.template, notice.recipient) == asked and may_read_notice(
                actor, application, notice
            ):
                message = message_from_bytes(notice.body, policy=default)
                body = message.get_body(("plain",))
                text = body.get_content() if body is not None else ""
                return self._frame.pages.page(visit, "mail.html", notice=notice, message=message, text=text)
        raise missing(asked[1])

    def _application(self, actor: Actor, name: str, events: list[Recorded]) -> Application:
        whole = events and name not in self._handler.calls and events[0].type != REFUSED
        return readable(actor, fold(events) if whole else None, name)


def _entry(
    event: Recorded, seen: Mapping[str, Any], call: FundingCall, told: Mapping[int, list[Notice]]
) -> dict[str, Any]:
    return {
        "event": seen,
        "at": local_time(event.effective_at, call),
        "words": describe(event.type, seen["data"], call),
        "title": (EVENTS.get(event.type, event.type), spelled(event.type)),
        "notices": told.get(event.position, []),
    }


def _passed(events: list[Recorded]) -> set[str]:
    """The states of the main line that the application has been in."""
    found: set[str] = set()
    application: Application | None = None
    for event in events:
        application = fold([event], application)
        if application is not None:
            found.add(application.state.value)
    return found & set(STATES)


def _due(facts: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return sorted(((name, instant_of(at)) for name, at in facts["deadlines"].items()), key=lambda one: one[1])

"""The first page after signing in: what there is to do, and by when."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import starmap

from fastapi import Response
from fastapi.responses import RedirectResponse

from fundcall.web.boards.changes import CHANGERS
from fundcall.web.boards.proposals import BOARDS
from fundcall.web.frame import Frame
from fundcall.web.visit import Visit
from states.actor import OFFICERS, Actor, Role
from states.funding_call import FundingCall
from states.programme_row import Programme, proposed
from states.unit_code import normal
from workflow.handle import Handler
from workflow.maildesk import MailDesk
from workflow.tasks import tasks
from workflow.visible import READERS

_SHOWN = 50
_DESKS = {Role.EXPERT: "/reviews", Role.AUDITOR: "/audit"}
"""Roles whose first page is a desk of their own."""


class Home:
    """One page for all roles: the tasks of the role, then what it looks after."""

    def __init__(self, frame: Frame, handler: Handler, desk: MailDesk) -> None:
        self._frame, self._handler, self._desk = frame, handler, desk
        frame.show("/", self.home)

    def home(self, visit: Visit) -> Response:
        """Tasks by the time they are due, and the applications of a unit or counts by state."""
        actor = visit.insider
        if actor.role in _DESKS:
            return RedirectResponse(_DESKS[actor.role], 303)
        ledger = self._handler.ledger
        found = tasks(ledger, self._handler.calls, actor)
        applicant, reader = actor.role is Role.APPLICANT, actor.role in READERS
        standing = [(rules.call, self._programme(name)) for name, rules in self._handler.calls.items()]
        return self._frame.pages.page(
            visit,
            "home.html",
            part="tasks",
            undelivered=self._desk.notices.undelivered(_SHOWN) if actor.role in OFFICERS else [],
            tasks=found[:_SHOWN],
            call_of={name: rules.call for name, rules in self._handler.calls.items()},
            more=max(0, len(found) - _SHOWN),
            proposed=_proposed(standing, actor) if actor.role in CHANGERS else [],
            own=ledger.rows(unit_code=normal(actor.unit)) if applicant and actor.unit else [],
            counts=ledger.counts() if reader else {},
            calls=[call for call in starmap(_in_force, standing) if visit.now < call.closes_at],
            waiting=[who for who, pending in self._frame.entrance.store.members(actor.unit) if pending]
            if applicant
            else [],
        )

    def _programme(self, name: str) -> Programme:
        return self._handler.ledger.transact(lambda transaction: transaction.programme(name))


def _proposed(standing: Sequence[tuple[FundingCall, Programme]], actor: Actor) -> list[tuple[FundingCall, str]]:
    """Calls that somebody else would change, each with the board where this officer may confirm it."""
    found = {
        (call.id, board): call
        for call, programme in standing
        for name, board in BOARDS.items()
        if (waits := proposed(programme, name)) is not None and waits.by != actor.id
    }
    return [(call, board) for (_, board), call in found.items()]


def _in_force(call: FundingCall, programme: Programme) -> FundingCall:
    """A call with its close moved where that was extended."""
    return call.until(programme.closes_at)

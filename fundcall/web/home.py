"""The first page after signing in: what there is to do, and by when."""

from __future__ import annotations

from fastapi import Response
from fastapi.responses import RedirectResponse

from fundcall.web.boards.changes import CHANGERS
from fundcall.web.frame import Frame
from fundcall.web.visit import Visit
from states.actor import OFFICERS, Actor, Role
from states.funding_call import FundingCall
from states.programme_row import Programme
from states.unit_code import normal
from workflow.handle import Handler
from workflow.maildesk import MailDesk
from workflow.tasks import tasks
from workflow.visible import READERS

_SHOWN = 50
_DESKS = {Role.EXPERT: "/reviews", Role.AUDITOR: "/audit"}
"""Roles whose first page is a desk of their own."""
_PROPOSED = {
    "changes": ("proposal", "erratum_proposed", "calendar_proposed"),
    "money": ("envelope_proposed",),
}
"""What of a call waits for a second approving officer, by the board that shows it."""


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
        return self._frame.pages.page(
            visit,
            "home.html",
            part="tasks",
            undelivered=self._desk.notices.undelivered(_SHOWN) if actor.role in OFFICERS else [],
            tasks=found[:_SHOWN],
            more=max(0, len(found) - _SHOWN),
            proposed=self._proposed(actor),
            own=ledger.rows(unit_code=normal(actor.unit)) if applicant and actor.unit else [],
            counts=ledger.counts() if reader else {},
            calls=[call for call in map(self._in_force, self._handler.calls) if visit.now < call.closes_at],
            waiting=[who for who, pending in self._frame.entrance.store.members(actor.unit) if pending]
            if applicant
            else [],
        )

    def _proposed(self, actor: Actor) -> list[tuple[FundingCall, str]]:
        """Calls that somebody else would change, each with the board where this officer may confirm it."""
        if actor.role not in CHANGERS:
            return []
        return [
            (self._handler.calls[name].call, board)
            for name in self._handler.calls
            for board, kinds in _PROPOSED.items()
            if any(one.by != actor.id for kind in kinds if (one := getattr(self._programme(name), kind)) is not None)
        ]

    def _programme(self, name: str) -> Programme:
        return self._handler.ledger.transact(lambda transaction: transaction.programme(name))

    def _in_force(self, name: str) -> FundingCall:
        """A call with its close moved where that was extended."""
        return self._handler.calls[name].call.until(self._programme(name).closes_at)

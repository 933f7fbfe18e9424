"""The office's boards of a call, from its publication to its dashboard, each over the figures that the API gives."""

from __future__ import annotations

from fundcall.web.api.asking import Api
from fundcall.web.boards.assignment import Assignment
from fundcall.web.boards.changes import Changes
from fundcall.web.boards.dashboard import Dashboard
from fundcall.web.boards.deadlines import Deadlines
from fundcall.web.boards.decision import Decision
from fundcall.web.boards.desk import Desk
from fundcall.web.boards.invitations import Invitations
from fundcall.web.boards.money import Money
from fundcall.web.boards.opening import Opening
from fundcall.web.boards.scores import Scores
from fundcall.web.boards.withdrawing import Withdrawing
from fundcall.web.frame import Frame


def add(frame: Frame, api: Api) -> None:
    """Add the pages."""
    desk = Desk(frame, api)
    rooms = (Dashboard, Opening, Changes, Assignment, Invitations, Scores, Decision, Money, Withdrawing, Deadlines)
    for pages in rooms:
        pages(desk)

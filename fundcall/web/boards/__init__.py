"""The office's boards of a call: assignment, scores, decision, calendar and dashboard, each over the figures that the API gives."""

from __future__ import annotations

from fundcall.web.api.asking import Api
from fundcall.web.boards.dashboard import Dashboard
from fundcall.web.boards.desk import Desk
from fundcall.web.frame import Frame


def add(frame: Frame, api: Api) -> None:
    """Add the pages."""
    desk = Desk(frame, api)
    Dashboard(desk)

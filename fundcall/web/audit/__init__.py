"""The auditors' desk: everything there is, as it stood at any moment, how it came about, and that it is whole."""

from __future__ import annotations

from fundcall.accounts.readings import Readings
from fundcall.web.api.asking import Api
from fundcall.web.audit.checking import Checking
from fundcall.web.audit.desk import Desk
from fundcall.web.audit.timeslider import TimeSlider
from fundcall.web.frame import Frame
from workflow.checks import Checks
from workflow.moments import Moments


def add(frame: Frame, api: Api, readings: Readings, checks: Checks | None) -> None:
    """Add the pages."""
    Checking(frame, api, checks)
    Desk(frame, api, readings, Moments(api.handler.ledger))
    TimeSlider(frame, api)

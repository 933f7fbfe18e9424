"""Whom a change of a call would reach if it were made now: looked at before it is made; nothing is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from states.amend import changed
from states.calendar import CalendarMissing
from states.funding_call import FundingCall
from states.programme_row import CalendarChange, Programme
from states.reschedule import due_by
from workflow.calendars import in_force
from workflow.handle import Handler
from workflow.ports import Ledger
from workflow.programme import CONCERNED
from workflow.tasks import kind_of


class Moving(NamedTuple):
    """The deadlines that a changed calendar would move, by kind, and of how many applications they are; `unknown` are those
    of which nobody can tell, as the calendar of a year is not published.
    """

    kinds: Mapping[str, int]
    applications: int
    unknown: int


def reached(ledger: Ledger, call_id: str, deadline: str) -> dict[str, int]:
    """How many applications would follow, by state; states without any are left out."""
    counts = ledger.counts(call_id)
    return {state.value: counts[state.value] for state in CONCERNED[deadline] if counts.get(state.value)}


def moving(handler: Handler, call: FundingCall, programme: Programme, change: CalendarChange, now: datetime) -> Moving:
    """What the change would do to the deadlines armed now, taken as reckoned by the calendar in force."""
    before = in_force(handler.calendars, call, programme)
    after = in_force(handler.calendars, call, changed(programme, change.days_off, change.days_worked))
    found, unknown, whose = Counter[str](), 0, set[str]()
    told: dict[tuple[str, datetime], bool | None] = {}
    for due in handler.ledger.armed(call.id, since=now):
        kind = kind_of(due.name)
        period = call.periods.get(kind)
        if period is None or due.due_at <= now:
            continue
        if (kind, due.due_at) not in told:
            try:
                told[kind, due.due_at] = due_by(due.due_at, period, before, after, now, call.timezone) > due.due_at
            except CalendarMissing:
                told[kind, due.due_at] = None
        later = told[kind, due.due_at]
        unknown += later is None
        if later:
            found[kind] += 1
            whose.add(due.application)
    return Moving(dict(found), len(whose), unknown)

"""The deadlines of a call by the day on its wall that they end with, and those that stand armed though their time is past."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from states.application import FINAL, State
from states.calendar import CalendarMissing, WorkingCalendar, local_day, midnight
from states.errors import Refusal
from states.funding_call import FundingCall
from workflow.deadlines import request_of
from workflow.handle import Handler
from workflow.ports import Due, Ledger
from workflow.tasks import kind_of

_INSTANT = timedelta(microseconds=1)


def last_day(due_at: datetime, timezone: str) -> date:
    """The day that a deadline ends with: what falls due at midnight may be done until the end of the day before."""
    return local_day(due_at - _INSTANT, timezone)


def deadlines_on(ledger: Ledger, call: FundingCall, first: date, last: date) -> dict[date, list[Due]]:
    """The deadlines of a call's applications by day, from the first to the last of these, reminders left out."""
    since = midnight(first, call.timezone) + _INSTANT
    until = midnight(last + timedelta(days=1), call.timezone) + _INSTANT
    found: defaultdict[date, list[Due]] = defaultdict(list)
    for due in ledger.armed(call.id, since, until):
        if "~" not in due.name:
            found[last_day(due.due_at, call.timezone)].append(due)
    return dict(found)


def kinds(found: Mapping[date, list[Due]]) -> dict[date, Counter[str]]:
    """How many there are of each kind, by day."""
    return {day: Counter(kind_of(due.name) for due in those) for day, those in found.items()}


def working(calendar: WorkingCalendar, day: date) -> bool | None:
    """Whether a day is worked; None where the calendar of its year is not published."""
    try:
        return calendar.is_working(day)
    except CalendarMissing:
        return None


class Stuck(NamedTuple):
    """A deadline that stands armed though its time is past, and why it would not fire now: nothing, where it would."""

    due: Due
    refusals: tuple[Refusal, ...]


def stuck(handler: Handler, call: FundingCall, now: datetime, limit: int) -> tuple[list[Stuck], int]:
    """Those past their time, the oldest first, at most so many of them looked into; and how many there are."""
    past = [due for due in handler.ledger.armed(call.id, until=now + _INSTANT) if due.due_at <= now]
    return [Stuck(due, handler.would(request_of(handler, due, call.id))) for due in past[:limit]], len(past)


def marked(ledger: Ledger, call_id: str) -> Counter[str]:
    """How many applications on their way carry each flag that says that something is late or overdue."""
    return Counter(
        flag
        for row in ledger.rows(call_id=call_id)
        if row.flags and State(row.state) not in FINAL
        for flag in row.flags.split()
        if flag.endswith(("_late", "_overdue"))
    )

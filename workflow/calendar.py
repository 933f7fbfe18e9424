"""The deadlines of a call by the day on its wall that they end with, and those that stand armed though their time is past."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from states.application import FINAL, State
from states.calendar import CalendarMissing, WorkingCalendar, local_day, midnight
from states.errors import Refusal
from states.funding_call import FundingCall
from workflow.deadlines import request_of
from workflow.desk import Wanted
from workflow.handle import Handler
from workflow.ports import Due, Ledger
from workflow.tasks import kind_of

_INSTANT = timedelta(microseconds=1)


def last_day(due_at: datetime, timezone: str) -> date:
    """The day that a deadline ends with: what falls due at midnight may be done until the end of the day before."""
    return local_day(due_at - _INSTANT, timezone)


def deadlines_on(ledger: Ledger, call: FundingCall, first: date, last: date) -> dict[date, list[Due]]:
    """The deadlines of a call's applications by day, from the first to the last of these."""
    since = midnight(first, call.timezone) + _INSTANT
    until = midnight(last + timedelta(days=1), call.timezone) + _INSTANT
    found: defaultdict[date, list[Due]] = defaultdict(list)
    for due in ledger.armed(call.id, since, until):
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


def marked(ledger: Ledger, call_id: str, flags: Iterable[str]) -> dict[str, int]:
    """How many applications on their way carry each of these flags that say that something is late."""
    late = [flag for flag in flags if flag.endswith(("_late", "_overdue"))]
    states = tuple(state.value for state in State if state not in FINAL)
    return {flag: sum(ledger.queue_counts(Wanted(call_id, states, flags=(flag,))).values()) for flag in late}

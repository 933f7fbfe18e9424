"""Which deadlines a changed working calendar moves: the working days that were left stay as many, none comes earlier."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from states.calendar import WorkingCalendar, before, local_day, midnight
from states.context import Context
from states.errors import Refusal
from states.funding_call import Period
from states.reasons import refuse


def moved(ctx: Context) -> dict[str, datetime]:
    """The deadlines that fall due later by the calendar now in force than by the one they were reckoned with, and their
    reminders that lie ahead. What a unit was told is never brought forward.
    """
    found: dict[str, datetime] = {}
    for name, calendar in ctx.facts.timed.items():
        due, period = ctx.application.deadlines.get(name), ctx.call.periods.get(name.partition(":")[0])
        if due is None or due <= ctx.now or period is None:
            continue
        later = due_by(due, period, calendar, ctx.facts.calendar, ctx.now, ctx.call.timezone)
        if later > due:
            reminders = ((o, before(later, o, ctx.call.timezone, ctx.facts.calendar)) for o in period.reminders)
            found |= {name: later, **{f"{name}~{o.text}": at for o, at in reminders if at > ctx.now}}
    return found


def due_by(
    due: datetime, period: Period, reckoned_by: WorkingCalendar, calendar: WorkingCalendar, now: datetime, zone: str
) -> datetime:
    """When a deadline that was reckoned by one calendar falls due by another; it may be earlier. Raises CalendarMissing."""
    today, last = local_day(now, zone), local_day(due - timedelta(microseconds=1), zone)
    if period.length.unit == "working_days":
        left = sum(map(reckoned_by.is_working, _days(today, last)))
        return midnight(calendar.add_working_days(today, left) + timedelta(days=1), zone)
    while period.rolls and not calendar.is_working(last):
        last += timedelta(days=1)
    return midnight(last + timedelta(days=1), zone) if period.rolls else due


def _days(after: date, upto: date) -> list[date]:
    return [after + timedelta(days=n) for n in range(1, (upto - after).days + 1)]


def deadlines_move(ctx: Context) -> Refusal | None:
    """A deadline of the application falls due later by the calendar now in force."""
    return None if moved(ctx) else refuse("not_due", deadline="calendar")

"""Which deadlines a decision sets and clears. A deadline is named kind[:detail]; its reminders kind[:detail]~offset."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache

from states.calendar import Offset, WorkingCalendar, after, before, midnight
from states.context import Context
from states.funding_call import FundingCall, Period


def armed(ctx: Context, name: str, base: datetime) -> dict[str, datetime]:
    """The deadline and those of its reminders that still lie ahead; nothing where the call knows no such period."""
    period = ctx.call.periods.get(name.partition(":")[0])
    if period is None:
        return {}
    due = after(base, period.length, ctx.call.timezone, ctx.facts.calendar, rolls=period.rolls)
    ahead = _reminders(name, due, period.reminders, ctx.call.timezone, ctx.facts.calendar)
    return {name: due, **{reminder: at for reminder, at in ahead if at > ctx.now}}


@lru_cache(maxsize=16_384)
def _reminders(
    name: str, due: datetime, offsets: tuple[Offset, ...], timezone: str, calendar: WorkingCalendar
) -> tuple[tuple[str, datetime], ...]:
    return tuple((f"{name}~{offset.text}", before(due, offset, timezone, calendar)) for offset in offsets)


def base_of(ctx: Context, period: Period, start_on: date | None, end_on: date | None) -> datetime:
    """The instant from which a period counts: a close or a first day that is past counts as now."""
    if period.base == "close":
        return max(ctx.call.closes_at, ctx.now)
    if period.base == "start_on" and start_on is not None:  # nothing begins before the money came
        return max(midnight(start_on, ctx.call.timezone), ctx.now)
    if period.base == "end_on" and end_on is not None:
        return midnight(end_on, ctx.call.timezone)
    return ctx.now


def arm_all(ctx: Context, kinds: Iterable[str], start_on: date | None, end_on: date | None) -> dict[str, datetime]:
    """The deadlines of these kinds, each from the base that the call names."""
    found: dict[str, datetime] = {}
    for kind in kinds:
        if kind in ctx.call.periods:
            found |= armed(ctx, kind, base_of(ctx, ctx.call.periods[kind], start_on, end_on))
    return found


def report_periods(start: date, end: date) -> tuple[tuple[str, date], ...]:
    """The half-years of an execution period that ask for a report: name and last day, the first month left out."""
    found = []
    for year in range(start.year, end.year + 1):
        for half, last in ((1, date(year, 6, 30)), (2, date(year, 12, 31))):
            if (last - start).days >= 31 and last < end:
                found.append((f"{year}H{half}", last))
    return tuple(found)


def half_year(name: str) -> str:
    """What `report_periods` calls a half-year, 2026H1, in Chinese words; any other detail of a deadline as it is."""
    year, half, n = name.partition("H")
    known = half and year.isdecimal() and n in ("1", "2")
    return f"{year}年{'上半年' if n == '1' else '下半年'}" if known else name


def cleared(deadlines: Iterable[str], kinds: Iterable[str]) -> list[str]:
    """The names among `deadlines` that those kinds (or full names) clear; "*" clears all but those of credit entries,
    which outlive the project.
    """
    wanted = tuple(kinds)
    if "*" in wanted:
        return sorted(name for name in deadlines if not name.startswith(_OUTLIVING))
    beginnings = tuple(f"{kind}{mark}" for kind in wanted for mark in ":~")
    return sorted(name for name in deadlines if name in wanted or name.startswith(beginnings))


_OUTLIVING = ("credit:", "credit_objection:")


def fires(call: FundingCall, name: str) -> str:
    """The system command that a deadline gives when it falls due."""
    return "Remind" if "~" in name else call.period(name).fires

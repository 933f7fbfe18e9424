"""Checks of time: the window of filing, and the first and last day of the project."""

from __future__ import annotations

from datetime import date, timedelta

from states.calendar import add_months, local_day, zone
from states.checks.facts import Filing, Found, one
from states.checks.form import as_date
from states.funding_call import FundingCall, Rule


def window(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """The request arrived within the half-open window: what comes at the closing instant is late."""
    at = filing.received_at
    if call.within_window(at):
        return ()
    place = zone(call.timezone)
    opens, closes = (edge.astimezone(place).isoformat(" ", "minutes") for edge in (call.opens_at, call.closes_at))
    arrived = at.astimezone(place).isoformat(" ", "microseconds")
    if at < call.opens_at:
        return one(
            "received_at",
            f"尚未开始受理，{opens} 起受理；请求到达 {arrived}",
            f"filing opens at {opens}; arrived at {arrived}",
        )
    return one(
        "received_at", f"已于 {closes} 截止；请求到达 {arrived}", f"filing closed at {closes}; arrived at {arrived}"
    )


def period_well_formed(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """The execution period has a first day before its last."""
    start, end = as_date(filing.form.get("start_on")), as_date(filing.form.get("end_on"))
    return () if start and end and start < end else one("end_on")


def period_years(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """The period is at most `years`, both days counted: the last day is the anniversary minus one day."""
    start, end = as_date(filing.form.get("start_on")), as_date(filing.form.get("end_on"))
    if not start or not end:
        return ()
    return () if end <= last_day(start, rule.params["years"]) else one("end_on", f"{start} — {end}")


def last_day(start: date, years: int) -> date:
    """The last day of so many years that begin with `start`.

    A 29 February that the last year lacks ends the period on 28 February (民法典 202).
    """
    anniversary = add_months(start, 12 * years)
    return anniversary if anniversary.day != start.day else anniversary - timedelta(days=1)


def ends_by(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """The last day is not after the call's last day of execution."""
    end = as_date(filing.form.get("end_on"))
    if end is None or call.execution_ends_by is None or end <= call.execution_ends_by:
        return ()
    return one("end_on", f"填写为 {end}", f"given: {end}")


def not_completed(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """The project is not complete, and ends no earlier than the day of filing."""
    percent, end = filing.form.get("completion_percent"), as_date(filing.form.get("end_on"))
    if type(percent) is int and percent >= 100:
        return one("completion_percent", f"{percent}%")
    if end is not None and end < local_day(filing.received_at, call.timezone):
        return one("end_on", f"填写为 {end}", f"given: {end}")
    return ()

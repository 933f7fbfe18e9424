"""The working calendar by which a call counts: the published one as two officers have changed it, now and at any event."""

from __future__ import annotations

from states.application import Application
from states.calendar import WorkingCalendar, amendments
from states.funding_call import FundingCall
from states.programme import Programme
from workflow.ports import Calendars, Ledger
from workflow.record import decode


def in_force(calendars: Calendars, call: FundingCall, programme: Programme) -> WorkingCalendar:
    """The calendar by which a call counts now."""
    return calendars.current(call.calendar).amended(programme.days_off, programme.days_worked)


def counting(ledger: Ledger, calendars: Calendars, call: FundingCall) -> WorkingCalendar:
    """The same, by the call as it stands on the ledger."""
    return in_force(calendars, call, ledger.transact(lambda transaction: transaction.programme(call.id)))


def of_version(calendars: Calendars, version: str) -> WorkingCalendar:
    """The calendar that an event recorded. Raises KeyError, ValueError where it cannot be had."""
    base, off, worked = amendments(version)
    return calendars.version(base).amended(off, worked)


def timed(ledger: Ledger, calendars: Calendars, application: Application, current: str) -> dict[str, WorkingCalendar]:
    """The armed deadlines, reminders aside, that were reckoned by another calendar than the current version."""
    found: dict[str, str] = {}
    for stored in ledger.stored(application=application.id):
        event = decode(stored.body)
        found |= dict.fromkeys(event.data.get("arms", ()), event.facts["calendar"])
    other = {name: version for name, version in found.items() if name in application.deadlines and version != current}
    return {name: of_version(calendars, version) for name, version in sorted(other.items()) if "~" not in name}

"""What is looked up of experts before a decision that names some: who is known, and what binds them to the unit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from states.actor import Actor
from states.application import Application
from states.calendar import CalendarMissing, WorkingCalendar, after, local_day
from states.experts import Side, Span, Vetting, domain_of, ties, vetted
from states.funding_call import FundingCall
from states.programme import Programme
from workflow.ports import Ledger
from workflow.queries import contacts_of
from workflow.registry import Experts

ASKED = frozenset({"StartReview", "ReplaceExpert", "AcceptInvitation", "SubmitScore", "ProposeOutcome"})
"""The commands that name experts, or that an expert gives."""


def vetting(
    ledger: Ledger,
    experts: Experts,
    application: Application,
    programme: Programme,
    asked: tuple[str, Any, Actor],
    days: Span,
) -> Vetting:
    """What is found of the experts of a command (its name, itself, and who gives it) for a review in those days."""
    registered = experts.registered()
    if not registered:
        return Vetting()
    name, command, actor = asked
    named = _named(name, command)
    known = experts.named([*named] or [actor.id])
    side = side_of(ledger, application, experts.groups([application.unit_code]).get(application.unit_code, frozenset()))
    if named:
        against = {who: vetted(known.get(who), unit, side, days) for who, unit in named.items()}
    else:  # who reviews already: times away and a registry that moved on are the office's matter, ties are not
        against = {actor.id: ties(known[actor.id], side, days.first)} if actor.id in known else {}
    drawn, seed = programme.drawn.get(application.id, ((), 0)) if name == "StartReview" else ((), 0)
    return Vetting(registered, {who: found for who, found in against.items() if found}, drawn, seed)


def _named(name: str, command: Any) -> Mapping[str, str]:
    """The experts whom a command names, with their units."""
    if name in ("StartReview", "ProposeOutcome"):
        return {one.id: one.unit for one in command.experts}
    return {command.replacement.id: command.replacement.unit} if name == "ReplaceExpert" else {}


def side_of(ledger: Ledger, application: Application, group: frozenset[str]) -> Side:
    """The applying unit as ties see it; the addresses of its contacts as far as they are not erased."""
    domains = frozenset(domain_of(contact.email) for contact in contacts_of(ledger, application))
    return Side(application.unit_code, group, domains - {""})


def review_days(call: FundingCall, calendar: WorkingCalendar, now: datetime) -> Span:
    """The days that a review begun now takes: until scores are due."""
    first = local_day(now, call.timezone)
    period = call.periods.get("score")
    if period is None:
        return Span(first, first)
    try:
        due = after(now, period.length, call.timezone, calendar, rolls=period.rolls)
    except CalendarMissing:  # the decision itself is refused for it
        return Span(first, first)
    return Span(first, local_day(due, call.timezone))

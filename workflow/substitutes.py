"""Who could take the place of an expert on an application: what the guards will look at, looked at beforehand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from states.application import Application
from states.draw import fit
from states.experts import Expert, vetted
from states.funding_call import FundingCall
from workflow.calendars import counting
from workflow.draws import given
from workflow.experts import review_days, side_of
from workflow.handle import Handler

_AT_WORK = frozenset({"invited", "accepted", "scored"})
REPLACEABLE = frozenset({"invited", "accepted", "declined", "conflicted"})
"""How an expert stands who can be replaced."""


class Substitute(NamedTuple):
    """An expert of the registry who could be asked: how well the topics fit (0 to 3), and for how many applications of
    the call the expert is asked already.
    """

    expert: Expert
    fit: int
    load: int


def substitutes(
    handler: Handler, call: FundingCall, application: Application, leaving: str, now: datetime
) -> list[Substitute]:
    """Whoever is known, free, not tied to the unit, has not acted on it and is of none of the other experts' units: the
    best fit first, then the least load. The decision itself looks again.
    """
    groups = handler.experts.groups([application.unit_code]).get(application.unit_code, frozenset())
    side = side_of(handler.ledger, application, groups)
    days = review_days(call, counting(handler.ledger, handler.calendars, call), now)
    loads, units = given(handler.ledger, call.id), units_at_work(application, leaving)
    apart = {*application.experts, *application.acts.values()}
    found = [
        Substitute(one, fit(one.topics, application.topic), loads[one.id])
        for one in handler.experts.everyone()
        if one.id not in apart
        and one.unit not in units
        and loads[one.id] < one.load_max
        and not vetted(one, one.unit, side, days)
    ]
    return sorted(found, key=lambda one: (-one.fit, one.load, one.expert.id))


def units_at_work(application: Application, leaving: str) -> set[str]:
    """The units of the experts who stay, and the applying unit."""
    staying = ((name, one) for name, one in application.experts.items() if name != leaving)
    return {one.unit for _, one in staying if one.status in _AT_WORK} | {application.unit_code}


def free_places(experts: Iterable[Expert], loads: Mapping[str, int] | Counter[str]) -> int:
    """For how many reviews there is room still."""
    return sum(max(0, one.load_max - loads.get(one.id, 0)) for one in experts)

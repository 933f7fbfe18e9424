"""The simulated registry of experts, and the one draw that the office makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Protocol, TypeVar

from fundcall.simulate.case import StoryBroken
from fundcall.simulate.people import EXPERTS, expert, officer
from fundcall.simulate.profile import Profile
from states.actor import Role
from states.calendar import local_day, midnight
from states.experts import Cooperation, Expert
from states.funding_call import FundingCall
from workflow.draws import Solver, kept
from workflow.handle import Handler, Rejected, Request
from workflow.programme import draw, handle_call

_DRAWN_AFTER, _DRAWN_AT = timedelta(days=24), time(8, 30)
_TOPICS_EACH, _BOUND_EVERY = 3, 11
T = TypeVar("T")


class Asking(Protocol):
    """Has something done with the handler that there is at that moment."""

    def __call__(self, act: Callable[[Handler], T], /) -> T: ...


def registry(call: FundingCall, profiles: Sequence[Profile]) -> list[Expert]:
    """The experts of a call: each of a unit of their own, knowing some topics, some bound to an applicant."""
    topics, reviews = sorted(call.topics), len(profiles) * call.review.experts_min
    bound: dict[int, list[str]] = {}
    for profile in profiles[::_BOUND_EVERY]:
        bound.setdefault(profile.n % EXPERTS, []).append(profile.unit_code)
    return [_expert(call, n, topics, max(4, reviews * 2 // EXPERTS), bound.get(n, [])) for n in range(EXPERTS)]


def _expert(call: FundingCall, n: int, topics: Sequence[str], load_max: int, bound: Sequence[str]) -> Expert:
    """The n-th expert; of those bound to applicants every other has declared it, the others worked with them."""
    who = expert(n)
    known = {topics[(n * 5 + i * 7) % len(topics)] for i in range(_TOPICS_EACH)}
    worked = local_day(call.closes_at, call.timezone) + timedelta(days=400)
    return Expert(
        who.id,
        who.unit,
        tuple(sorted(known)),
        load_max,
        f"专家{n:03d}（虚构）",
        f"{who.id}@university{n:03d}.example.net",
        declared=tuple(bound) if n % 2 else (),
        past=() if n % 2 else tuple(Cooperation(unit, worked) for unit in bound),
    )


def bound_to(experts: Sequence[Expert], unit_code: str) -> Expert | None:
    """An expert who is bound to that unit."""
    return next((e for e in experts if unit_code in e.declared or unit_code in {p.unit for p in e.past}), None)


class Drawing:
    """The draw for a call: made when the first case needs its experts, for all that wait by then. `ask` gives what it
    is told to the handler, and its answer.
    """

    def __init__(self, ask: Asking, call: FundingCall, experts: Sequence[Expert], seed: int, solver: Solver) -> None:
        self.experts = experts
        self.seed = seed
        day = local_day(call.closes_at, call.timezone) + _DRAWN_AFTER
        self.at: datetime = midnight(day, call.timezone) + timedelta(hours=_DRAWN_AT.hour, minutes=_DRAWN_AT.minute)
        self._ask, self._call, self._solver = ask, call, solver
        self._drawn: Mapping[str, tuple[str, ...]] | None = None

    def experts_of(self, application: str) -> tuple[str, ...]:
        """The ids of the experts drawn for an application."""
        if self._drawn is None:
            self._drawn = self._draw()
        return self._drawn[application]

    def _draw(self) -> Mapping[str, tuple[str, ...]]:
        call, per = self._call, self._call.review.experts_min
        command = self._ask(lambda handler: draw(handler, self._solver, call, per, self.seed, self.at))
        who = officer(Role.REVIEW_OFFICER, 0)
        request = Request(f"{call.id}#DrawExperts", call.id, "DrawExperts", command, who, self.at)
        outcome = self._ask(lambda handler: handle_call(handler, request, self.at))
        if isinstance(outcome, Rejected):
            raise StoryBroken(f"DrawExperts: {outcome.code}")
        (made,) = self._ask(lambda handler: kept(handler.ledger, call.id))
        return {one.application: one.experts for one in made.command.drawn}

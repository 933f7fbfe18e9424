"""From a plan that fails to the least that still does: what is taken away one after another, as long as it fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from itertools import pairwise

from fundcall.crashing.plan import Plan, Turn
from fundcall.crashing.points import Strike

_TRIES_MAX = 300


def shortest(plan: Plan, fails: Callable[[Plan], bool]) -> Plan:
    """The least plan found, after so many tries at most."""
    tries, going_on = 0, True
    while going_on:
        going_on = False
        for candidate in _smaller(plan):
            tries += 1
            if tries > _TRIES_MAX:
                return plan
            if fails(candidate):
                plan, going_on = candidate, True
                break
    return plan


def _smaller(plan: Plan) -> Iterator[Plan]:
    """Plans with something less in them, the most first."""
    turns, size = plan.turns, len(plan.turns)
    step = size
    while step := step // 2:
        yield from (replace(plan, turns=turns[:at] + turns[at + step :]) for at in range(0, size, step))
    if plan.applicants > 1:
        yield replace(plan, applicants=plan.applicants - 1)
    if plan.published:
        yield replace(plan, published=False)
    calm = Turn()
    for at, turn in enumerate(turns):
        changed = [field.name for field in fields(Turn) if getattr(turn, field.name) != getattr(calm, field.name)]
        found = [calm] if len(changed) > 1 else []
        found += [replace(turn, **{name: getattr(calm, name)}) for name in changed]
        found += [replace(turn, strikes=strikes) for strikes in _fewer(turn.strikes)]
        yield from (replace(plan, turns=(*turns[:at], less, *turns[at + 1 :])) for less in found)


def _fewer(strikes: tuple[Strike, ...]) -> Iterator[tuple[Strike, ...]]:
    """One strike less: left out, or the next one in its stead where both would have come."""
    if len(strikes) < 2:
        return
    for at in range(len(strikes)):
        yield strikes[:at] + strikes[at + 1 :]
    for at, (one, other) in enumerate(pairwise(strikes)):
        yield (*strikes[:at], Strike(one.nth + other.nth, other.kind), *strikes[at + 2 :])

"""Scores put together: what experts gave, read by three measures, ranked by one, and where they disagree. Exact.

A score is an expert's weighted total in millionths of full marks (`FundingCall.weighted_ppm`). Of an application with
scores x₁ … xₙ, each measure is a sum over a count, kept as both, so that no rounding decides an order:

- mean: (x₁ + … + xₙ) / n
- trimmed: the same without the `trimmed` lowest and highest each; all of them where fewer than 2·trimmed + 1 are in
- z: the mean of (xᵢ - mᵢ) / sᵢ, where mᵢ and sᵢ are the mean and the standard deviation (of the population) of all
  scores that the expert of xᵢ gave in this call, taken as a whole number of millionths. An expert with one score, or
  the same score for all, has no spread: such a score counts 0, neither for nor against.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isqrt, lcm
from typing import Any, NamedTuple

import orjson

from states.application import State
from states.funding_call import FundingCall
from states.guards.review import panel_met
from workflow.ports import Ledger, Transaction
from workflow.projection import Reviewed

MILLION = 1_000_000
RANKED = frozenset(
    {
        State.EXPERT_REVIEW,
        State.DECLINED,
        State.APPROVED,
        State.FUNDED,
        State.IN_EXECUTION,
        State.CLOSED,
        State.TERMINATED,
        State.REVOKED,
    }
)
"""Applications that keep their place once they are decided. Others are not ranked, yet their scores count for z."""


Read = Sequence[tuple[Reviewed, Sequence[Any]]]
"""Applications, each with its flat scores."""


def read_scores(call: FundingCall, ledger: Ledger) -> Read:
    """Every application of the call with experts, and the scores that are in."""
    found = ledger.reviews(call.id)
    text = ",".join([one.scores for one in found])
    parsed = orjson.loads(f"[{text}]")
    if "null" in text:
        parsed = [_weighed(call, ledger, one.id, scores) for one, scores in zip(found, parsed, strict=True)]
    return list(zip(found, parsed, strict=True))


def _weighed(call: FundingCall, ledger: Ledger, name: str, scores: list[Any]) -> list[Any]:
    """The scores of an application, those weighed now that were recorded before events said their totals."""
    application = ledger.transact(lambda transaction: transaction.application(name))
    experts = application.experts if application is not None else {}
    for i, expert in enumerate(scores[::3]):
        if scores[3 * i + 1] is None:
            scores[3 * i + 1] = call.weighted_ppm(experts[expert].points)
    return scores


class Habit(NamedTuple):
    """How an expert scores: z of a score x is (times * x - mean) // spread, in millionths of a standard deviation.

    With n scores: times is n, mean Σx, both in millionths, and spread n·s = √(n·Σx² - (Σx)²), taken down to a whole
    number. Who has no spread has 0, 0 and 1.
    """

    times: int
    mean: int
    spread: int


def habits(read: Read) -> dict[str, Habit]:
    """How each expert scores in the call."""
    given: defaultdict[str, list[int]] = defaultdict(list)
    for _, scores in read:
        for i in range(0, len(scores), 3):
            given[scores[i]].append(scores[i + 1])
    return {expert: _habit(totals) for expert, totals in given.items()}


def _habit(totals: list[int]) -> Habit:
    count, total = len(totals), sum(totals)
    spread = isqrt(count * sum([x * x for x in totals]) - total * total)
    return Habit(count * MILLION, total * MILLION, spread) if spread else Habit(0, 0, 1)


class Table(NamedTuple):
    """What the measures of a call need to know beside the scores."""

    trimmed: int
    disagreement_ppm: int | None
    habits: Mapping[str, Habit]


Pair = tuple[int, int]


def _mean(scores: Sequence[Any], _: Table) -> Pair:
    totals = scores[1::3]
    return sum(totals), len(totals)


def _trimmed(scores: Sequence[Any], table: Table) -> Pair:
    totals, trim = sorted(scores[1::3]), table.trimmed
    if trim and len(totals) > 2 * trim:
        totals = totals[trim:-trim]
    return sum(totals), len(totals)


def _z(scores: Sequence[Any], table: Table) -> Pair:
    known, total = table.habits, 0
    for i in range(0, len(scores), 3):
        times, mean, spread = known[scores[i]]
        total += (times * scores[i + 1] - mean) // spread
    return total, len(scores) // 3


MEASURES: Mapping[str, Callable[[Sequence[Any], Table], Pair]] = {"mean": _mean, "trimmed": _trimmed, "z": _z}
"""Each measure as a sum in millionths and the count that it stands for."""


class Standing(NamedTuple):
    """An application with its flat scores: expert, total in millionths, position of the event that says so, and on."""

    application: Reviewed
    direction: str
    scores: Sequence[Any]
    table: Table

    def ppm(self, measure: str) -> int:
        """A measure in whole millionths, rounded half up: for people; orders rest on sum and count."""
        total, count = MEASURES[measure](self.scores, self.table)
        return (2 * total + count) // (2 * count) if count else 0

    @property
    def comparable(self) -> bool:
        """Whether z says something: each of its experts has given scores that differ."""
        return bool(self.scores) and all(self.table.habits[expert].times for expert in self.scores[::3])

    @property
    def spread_ppm(self) -> int:
        """How far apart the scores lie."""
        return max(self.scores[1::3], default=0) - min(self.scores[1::3], default=0)

    @property
    def flagged(self) -> bool:
        """Whether the experts disagree more than the call lets pass without a panel."""
        return self.table.disagreement_ppm is not None and self.spread_ppm > self.table.disagreement_ppm


def panels_met(ledger: Ledger, found: Iterable[Standing]) -> set[str]:
    """Of the applications that experts disagree about those whose panel has met on the scores as they stand."""
    names = [one.application.id for one in found if one.flagged]
    if not names:
        return set()

    def met(transaction: Transaction) -> set[str]:
        ledger.prefetch(transaction, names)
        seen = [transaction.application(name) for name in names]
        return {one.id for one in seen if one is not None and panel_met(one)}

    return ledger.transact(met)


def incomparable(found: Iterable[Standing], measure: str) -> tuple[str, str] | None:
    """Why nothing can be ranked by a measure: z says nothing of experts who have given too few scores. None if it can be."""
    lacking = sum(bool(one.scores) and not one.comparable for one in found) if measure == "z" else 0
    if not lacking:
        return None
    return (
        f"有{lacking}件申报的评审专家评分太少（不足两个不同的分数），不能按标准分排序",
        f"{lacking} applications have experts with too few scores (fewer than two that differ) to be ranked by z",
    )


class Place(NamedTuple):
    """A place in the ranking of a direction: `rank` counts from 1 and is the same for ties, 0 where too few scores are
    in; `tied` says how many others share it. Of two places of one ranking the better has the smaller `order`, exactly,
    whatever their directions.
    """

    rank: int
    tied: int
    standing: Standing
    order: int

    def plain(self) -> dict[str, Any]:
        """The place as plain JSON, every figure beside the positions of the events that it came from."""
        found, one = self.standing, self.standing.application
        scores = zip(found.scores[::3], found.scores[1::3], found.scores[2::3], strict=True)
        return {
            "application": one.id,
            "number": one.number,
            "state": one.state,
            "phase": one.phase,
            "topic": one.topic,
            "direction": found.direction,
            "rank": self.rank,
            "tied": self.tied,
            **{f"{measure}_ppm": found.ppm(measure) for measure in MEASURES},
            "spread_ppm": found.spread_ppm,
            "flagged": found.flagged,
            "requested_minor": one.requested_minor,
            "bound_minor": one.bound_minor,
            "scores": [{"expert": e, "total_ppm": total, "position": at} for e, total, at in scores],
        }


def standings(call: FundingCall, read: Read) -> list[Standing]:
    """Each application that keeps a place."""
    table = Table(call.review.trimmed, call.review.disagreement_ppm, habits(read))
    directions = {topic.id: topic.direction for topic in call.topics.values()}
    return [Standing(one, directions.get(one.topic, ""), scores, table) for one, scores in read if one.state in RANKED]


def ranked(call: FundingCall, found: Sequence[Standing], measure: str = "mean") -> dict[str, list[Place]]:
    """The places of each direction in the call's order, the best first; ties share a rank and stand by id.

    Those with fewer scores than the call asks for come last and have no rank. Raises ValueError for no such measure.
    """
    if measure not in MEASURES:
        zh, en = "、".join(MEASURES), ", ".join(MEASURES)
        raise ValueError(f"没有排序方式“{measure}”，应为：{zh} / no measure {measure!r}; there are {en}")
    by: dict[str, list[Standing]] = {direction: [] for direction in call.directions()}
    for one in found:
        by.setdefault(one.direction, []).append(one)
    reckon, least = MEASURES[measure], 3 * call.review.experts_min
    multiple = lcm(*{count for n in {len(one.scores) // 3 for one in found} for count in (n, n - 2 * call.review.trimmed)
                     if count > 0})  # fmt: skip
    return {name: _placed(those, reckon, multiple, least) for name, those in by.items() if those}


def _placed(
    those: Sequence[Standing], reckon: Callable[[Sequence[Any], Table], Pair], multiple: int, least: int
) -> list[Place]:
    complete = [one for one in those if len(one.scores) >= least]
    pairs = [reckon(one.scores, one.table) for one in complete]
    orders = [-total * (multiple // count) for total, count in pairs]
    shared = Counter(orders)
    placed: list[Place] = []
    rank, before = 0, None
    for n, (order, _, one) in enumerate(sorted(zip(orders, [one[0].id for one in complete], complete, strict=True)), 1):
        if order != before:
            rank, before = n, order
        placed.append(Place(rank, shared[order] - 1, one, order))
    waiting = sorted([one for one in those if len(one.scores) < least], key=lambda one: one.application.id)
    return placed + [Place(0, 0, one, 0) for one in waiting]

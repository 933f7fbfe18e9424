"""The decision board: the ranking with a cut line drawn through it, and what that would do to money, quotas and targets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from states.actor import Actor
from states.application import State
from states.commands.review import ProposeAward, ProposeDecline
from states.envelope import Bound, Envelope
from states.funding_call import FundingCall
from workflow.request import Request
from workflow.scoring import Place

_OPEN = "reviewing"
BOUND = ("awarded", "proposed")
"""How lines stand that have money bound to them."""
MEASURES_ZH: Mapping[str, str] = {"mean": "平均分", "trimmed": "去极值平均分", "z": "标准分"}


class Line(NamedTuple):
    """A place on the board: the amount it takes or would take (minor units), and how it stands to the cut line.

    `standing`: awarded or proposed (money is bound already), above, below, over (the money or quota left does not cover
    it), unranked (too few scores), proposed_decline or decided (no award any more). A line that is over says which
    limit it would exceed (envelope, amount or awards of its direction) and by how much.
    """

    place: Place
    amount_minor: int
    standing: str
    exceeds: str = ""
    exceeds_by: int = 0


@dataclass(frozen=True, slots=True)
class Used:
    """What awards and lines above the cut take together, beside what they may; None where there is no such limit."""

    awards: int
    amount_minor: int
    awards_max: int | None = None
    amount_max_minor: int | None = None

    @property
    def exceeded(self) -> bool:
        """Whether a limit is broken."""
        too_many = self.awards_max is not None and self.awards > self.awards_max
        return too_many or (self.amount_max_minor is not None and self.amount_minor > self.amount_max_minor)


@dataclass(frozen=True, slots=True)
class Board:
    """The lines of every direction shown, what is used in all and by direction, and what it gives to each target.

    `envelope_minor` is None where the call has none. Sums are over the whole call, whatever lines are shown.
    """

    measure: str
    lines: tuple[Line, ...]
    total: Used
    directions: Mapping[str, Used]
    targets: Mapping[str, tuple[int, int]]
    envelope_minor: int | None

    @property
    def left_minor(self) -> int | None:
        """What is left of the envelope; negative where the cut line asks for more than there is."""
        return None if self.envelope_minor is None else self.envelope_minor - self.total.amount_minor

    def of(self, direction: str | None) -> Board:
        """The same board with the lines of one direction alone; of all for None."""
        shown = (line for line in self.lines if direction in (None, line.place.standing.direction))
        return replace(self, lines=tuple(shown))

    def plain(self, offset: int = 0, limit: int | None = None) -> dict[str, Any]:
        """The board as plain JSON, at most so many lines of it."""
        shown = self.lines[offset : None if limit is None else offset + limit]
        return {
            "measure": self.measure,
            "envelope_minor": self.envelope_minor,
            "left_minor": self.left_minor,
            "total": asdict(self.total) | {"exceeded": self.total.exceeded},
            "directions": {name: asdict(u) | {"exceeded": u.exceeded} for name, u in self.directions.items()},
            "targets": {name: {"above": n, "at_least": least} for name, (n, least) in self.targets.items()},
            "lines_in_all": len(self.lines),
            "lines": [{**x.place.plain(), "amount_minor": x.amount_minor, "standing": x.standing} for x in shown],
        }


def drawn(
    call: FundingCall,
    envelope: Envelope | None,
    ranking: Mapping[str, Sequence[Place]],
    measure: str = "mean",
    cut: int | None = None,
    share_percent: int = 100,
) -> Board:
    """The board with its cut line. Each line takes that share of what it asked for, unless money is bound already.

    With `cut` the first so many ranks of each direction are above, whatever that costs; who shares the last of these
    ranks is above too. Without it the best come first, whatever their direction, and each takes its money while that
    and the quotas last; among equals the order is that of the call's directions, then of ids.
    """
    sums = {name: Bound(0, 0) for name in ranking}
    lines = {one.standing.application.id: _undecided(one, share_percent) for one in _best_first(ranking)}
    for line in lines.values():
        if line.standing in BOUND:
            _take(sums, line)
    for name, line in lines.items():
        if line.standing == "below":
            lines[name] = _placed(line, sums, envelope, cut)
    every = tuple(lines[one.standing.application.id] for places in ranking.values() for one in places)
    return Board(measure, every, *_summed(call, envelope, sums), _targets(call, every), _amount(envelope))


def _amount(envelope: Envelope | None) -> int | None:
    return envelope.amount_minor if envelope is not None else None


def _best_first(ranking: Mapping[str, Sequence[Place]]) -> list[Place]:
    return sorted((one for places in ranking.values() for one in places), key=lambda one: one.order)


def _undecided(place: Place, share_percent: int) -> Line:
    """The line of a place before the cut line is drawn."""
    one = place.standing.application
    reviewed = one.state == State.EXPERT_REVIEW
    if one.bound_minor:
        return Line(place, one.bound_minor, "proposed" if reviewed else "awarded")
    if not reviewed or one.phase != _OPEN:
        return Line(place, 0, "proposed_decline" if reviewed else "decided")
    return Line(place, one.requested_minor * share_percent // 100, "below" if place.rank else "unranked")


def _placed(line: Line, sums: dict[str, Bound], envelope: Envelope | None, cut: int | None) -> Line:
    if cut is not None and line.place.rank > cut:
        return line
    exceeds, by = _exceeded(line, sums, envelope) if cut is None else ("", 0)
    if exceeds:
        return line._replace(standing="over", exceeds=exceeds, exceeds_by=by)
    _take(sums, line)
    return line._replace(standing="above")


def _take(sums: dict[str, Bound], line: Line) -> None:
    awards, minor = sums[line.place.standing.direction]
    sums[line.place.standing.direction] = Bound(awards + 1, minor + line.amount_minor)


def _exceeded(line: Line, sums: Mapping[str, Bound], envelope: Envelope | None) -> tuple[str, int]:
    """Which limit the line would exceed, and by how much; "" and 0 where there is room for it."""
    if envelope is None:
        return "", 0
    over = sum(taken.amount_minor for taken in sums.values()) + line.amount_minor - envelope.amount_minor
    if over > 0:
        return "envelope", over
    direction = line.place.standing.direction
    awards, minor = sums[direction]
    used = _used(envelope, direction, Bound(awards + 1, minor + line.amount_minor))
    if used.amount_max_minor is not None and used.amount_minor > used.amount_max_minor:
        return "amount", used.amount_minor - used.amount_max_minor
    return ("awards", used.awards - (used.awards_max or 0)) if used.exceeded else ("", 0)


def _used(envelope: Envelope | None, direction: str, taken: Bound) -> Used:
    quota = envelope.quotas.get(direction) if envelope is not None else None
    return Used(*taken, quota.awards_max, quota.amount_max_minor) if quota is not None else Used(*taken)


def _summed(call: FundingCall, envelope: Envelope | None, sums: Mapping[str, Bound]) -> tuple[Used, Mapping[str, Used]]:
    awards, minor = (sum(each) for each in zip(*(sums.values() or [(0, 0)]), strict=True))
    order = [*call.directions(), *(name for name in sums if name not in call.directions())]
    taken = {name: sums.get(name, Bound(0, 0)) for name in order}
    return Used(awards, minor, None, _amount(envelope)), {n: _used(envelope, n, t) for n, t in taken.items()}


def _targets(call: FundingCall, lines: Sequence[Line]) -> dict[str, tuple[int, int]]:
    """How many lines above the cut contribute to each target, beside what is aimed at."""
    topics = [call.topics.get(x.place.standing.application.topic) for x in lines if x.standing in ("above", *BOUND)]
    given = Counter(topic.contributes for topic in topics if topic is not None)
    return {target.id: (given[target.id], target.at_least) for target in call.targets}


def proposals(call: FundingCall, board: Board, grounds: str) -> Iterator[tuple[str, ProposeAward | ProposeDecline]]:
    """What the board asks to be proposed: awards for lines above, declines for those below; the grounds name the rank."""
    names = call.directions()
    for line in board.lines:
        if line.standing not in ("above", "below", "over"):
            continue
        standing, one = line.place.standing, line.place.standing.application
        direction = names.get(standing.direction, (standing.direction, ""))[0]
        said = f"{direction}按专家评分{MEASURES_ZH[board.measure]}排序第{line.place.rank}名；{grounds}"
        if line.standing == "above":
            yield one.id, ProposeAward(amount_minor=line.amount_minor, grounds=said)
        else:
            yield one.id, ProposeDecline(grounds=said)


def proposing(call: FundingCall, board: Board, grounds: str, run: str, who: Actor, at: datetime) -> list[Request]:
    """The same as commands; under one run they are the same commands, so that a run sent twice is done once."""
    return [
        Request(f"board:{run}:{name}", name, type(command).__name__, command, who, at)
        for name, command in proposals(call, board, grounds)
    ]

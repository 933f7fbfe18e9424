"""The draw of experts, beside the bare solver on the same matrices, and beside a clerk who takes the best who is left."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any
from unittest.mock import patch

from scipy.optimize import linprog

from benchmarks.measure import Measurement
from fundcall import assignment
from fundcall.calls.load import load
from states.commands.programme import Candidacy, Candidate, DrawExperts, Drawn, Tie
from states.draw import Basis, draw_refused, fit, fits

_PER, _EXPERTS_TO_APPLICATIONS, _SEED = 5, 5, 7
_DIRECTIONS, _TOPICS = 6, 10
_CALL = load("shanghai-ai-plus-2025")


def problem(applications: int) -> Basis:
    """Topics of very different popularity, experts of two of them with hardly any room to spare, ties, shared units."""
    random = Random(1)
    topics = [f"d{d}.t{t}" for d in range(_DIRECTIONS) for t in range(_TOPICS)]
    weights = [random.random() ** 2 for _ in topics]
    count = applications // _EXPERTS_TO_APPLICATIONS
    load_max = applications * _PER // count
    experts = tuple(
        Candidate(
            id=f"expert-{i:04d}",
            unit=f"unit-{random.randrange(count // 2)}",
            topics=tuple(random.sample(topics, 2)),
            load_max=load_max + random.randrange(2),
        )
        for i in range(count)
    )
    waiting = tuple(
        Candidacy(id=f"app-{i:05d}", unit=f"applicant-{i}", topic=random.choices(topics, weights)[0])
        for i in range(applications)
    )
    ties = tuple(
        Tie(application=one.id, expert=who.id, ties=("declared",))
        for one in waiting
        for who in random.sample(experts, 3)
    )
    return Basis(experts, waiting, ties)


def draws(applications: int) -> list[Measurement]:
    """The draw with the check that every recorded draw goes through; the solver alone; the clerk."""
    basis = problem(applications)
    solved, drawn = _timed(lambda: assignment.assign(basis, _PER, _SEED))
    checked, refusals = _timed(lambda: draw_refused(_CALL.review, _command(basis, drawn), basis.digest))
    if refusals:
        raise RuntimeError(f"the draw breaks a rule: {refusals[0].en}")
    clerk, by_hand = _timed(lambda: greedy(basis, _PER))
    wanted = applications * _PER
    said = f"fit {_fit(basis, drawn)} of {3 * wanted}"
    told = f"fit {_fit(basis, by_hand)}, {wanted - sum(len(one.experts) for one in by_hand)} missing"
    return [
        _measured("fundcall draw of experts", solved + checked, applications),
        _measured(f"bare HiGHS for it ({said})", _bare(basis), applications),
        _measured(f"a clerk, the best who is left ({told})", clerk, applications),
    ]


def greedy(basis: Basis, per: int) -> tuple[Drawn, ...]:
    """One application after another, the best who is left, of those the one with the most room. Some may go short."""
    left = Counter({one.id: one.load_max for one in basis.experts})
    tied = {(tie.application, tie.expert) for tie in basis.ties}
    found = []
    for one in basis.applications:
        ranked = sorted((-fit(who.topics, one.topic), -left[who.id], who.id, who.unit) for who in basis.experts)
        chosen: dict[str, str] = {}
        for _, _, name, unit in ranked:
            if len(chosen) < per and left[name] > 0 and unit not in chosen and (one.id, name) not in tied:
                chosen[unit] = name
        left.subtract(chosen.values())
        found.append(Drawn(application=one.id, experts=tuple(sorted(chosen.values()))))
    return tuple(found)


def _bare(basis: Basis) -> float:
    """Seconds of the solver alone, given the matrices that the draw gives it."""
    given: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

    def keep(*args: Any, **options: Any) -> Any:
        given.append((args, options))
        return linprog(*args, **options)

    with patch.object(assignment, "linprog", keep):
        assignment.assign(basis, _PER, _SEED)
    return sum(_timed(partial(linprog, *args, **options))[0] for args, options in given)


def _command(basis: Basis, drawn: tuple[Drawn, ...]) -> DrawExperts:
    return DrawExperts(per=_PER, seed=_SEED, drawn=drawn, solver=assignment.SOLVER, **basis._asdict())


def _fit(basis: Basis, drawn: tuple[Drawn, ...]) -> int:
    return sum(level * count for level, count in enumerate(fits(_command(basis, drawn))))


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


def _measured(name: str, seconds: float, applications: int) -> Measurement:
    return Measurement(name, applications / seconds, seconds * 1000, seconds * 1000, applications)

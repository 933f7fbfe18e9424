"""Experts to applications, solved as a linear programme by HiGHS: the only importer of SciPy.

Whoever fits the topic best goes first, then loads are levelled, and the seed decides among equals. The constraints are
those of a flow in a network, so the best solution of the linear programme is a whole one. Small random costs from the
seed make it the only best one, so it comes out again whatever the machine.
"""

from __future__ import annotations

import warnings
from collections import defaultdict
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import coo_array

from states.commands.programme import Drawn
from states.draw import Basis, fit
from workflow.draws import Impossible, Short

SOLVER = f"HiGHS, SciPy {scipy.__version__}"
_FIT, _LOAD, _NOISE = 100_000, 2_000, 1_000
"""What a level of fit is worth, what each application more costs an expert, and how much chance may weigh."""
_SHORT = 1_000_000_000
_INFEASIBLE = 2
_WIDTH, _WIDER = 32, 4
_Ints = NDArray[np.int64]


def assign(basis: Basis, per: int, seed: int) -> tuple[Drawn, ...]:
    """`per` experts for each application: none tied to it, no two of one unit, nobody above `load_max`. The same
    arguments give the same answer. Raises Impossible where no assignment exists.
    """
    model = _Model(basis, seed)
    width = min(max(_WIDTH, per * 4), len(basis.experts))
    while True:
        chosen = model.solved(per, width, short=False)
        if chosen is not None:
            return tuple(
                Drawn(application=one.id, experts=tuple(sorted(basis.experts[e].id for e in experts)))
                for one, experts in zip(basis.applications, chosen, strict=True)
            )
        if width >= len(basis.experts):
            raise Impossible(*model.why(per))
        width = min(width * _WIDER, len(basis.experts))


class _Model:
    """The problem in numbers: experts and applications by index."""

    def __init__(self, basis: Basis, seed: int) -> None:
        experts = basis.experts
        self._basis = basis
        self._random = np.random.Generator(np.random.PCG64(seed))
        units = {unit: i for i, unit in enumerate(dict.fromkeys(one.unit for one in experts))}
        self._units = np.array([units[one.unit] for one in experts], dtype=np.int64)
        self._room = np.array([one.load_max for one in experts], dtype=np.int64)
        number = {one.id: i for i, one in enumerate(experts)}
        self._tied: defaultdict[str, list[int]] = defaultdict(list)
        for tie in basis.ties:
            self._tied[tie.application].append(number[tie.expert])
        topics = sorted({one.topic for one in basis.applications})
        self._fits = {topic: np.array([fit(e.topics, topic) for e in experts], dtype=np.int64) for topic in topics}
        shape = (len(basis.applications), len(experts))
        self._noise = self._random.integers(0, _NOISE, shape, dtype=np.int64)

    def _eligible(self, application: int) -> NDArray[np.bool_]:
        found = (self._room > 0) & (self._units >= 0)
        found[self._tied[self._basis.applications[application].id]] = False
        return found

    def _candidates(self, width: int) -> tuple[_Ints, _Ints, _Ints]:
        """For each application the experts who fit best, chance deciding among equals: applications, experts, costs."""
        applications, experts, costs = [], [], []
        for a, one in enumerate(self._basis.applications):
            rank = np.where(self._eligible(a), self._fits[one.topic] * _NOISE + self._noise[a], -1)
            best = np.argsort(-rank, kind="stable")[:width]
            best = np.sort(best[rank[best] >= 0])
            applications.append(np.full(len(best), a, dtype=np.int64))
            experts.append(best)
            costs.append(self._noise[a, best] - self._fits[one.topic][best] * _FIT)
        return np.concatenate(applications), np.concatenate(experts), np.concatenate(costs)

    def solved(self, per: int, width: int, *, short: bool) -> list[list[int]] | None:
        """The experts of each application by index, out of so many candidates each; None where that cannot be. With
        `short` some may get fewer.
        """
        chosen: list[list[int]] = [[] for _ in self._basis.applications]
        if not (self._basis.experts and chosen):
            return chosen if short or not chosen else None
        applications, experts, costs = self._candidates(width)
        taken = self._solve(per, applications, experts, costs, short=short)
        if taken is None:
            return None
        for a, e in zip(applications[taken].tolist(), experts[taken].tolist(), strict=True):
            chosen[a].append(e)
        return chosen

    def _solve(
        self, per: int, applications: _Ints, experts: _Ints, costs: _Ints, *, short: bool
    ) -> NDArray[np.bool_] | None:
        """Which candidates are taken. Columns: candidates, then each expert's places, dearer one by one, then what
        each application may go short of, dearer than anything.
        """
        pairs, count, people = len(applications), len(self._basis.applications), len(self._room)
        steps = np.minimum(self._room, np.bincount(experts, minlength=people))
        owner = np.repeat(np.arange(people), steps)
        nth = np.arange(len(owner)) - np.repeat(np.cumsum(steps) - steps, steps)
        columns = pairs + len(owner) + count
        own, places = np.arange(pairs), pairs + np.arange(len(owner))
        equal = _sparse(
            (applications, own, 1.0),
            (np.arange(count), pairs + len(owner) + np.arange(count), 1.0),
            (count + experts, own, 1.0),
            (count + owner, places, -1.0),
            shape=(count + people, columns),
        )
        wanted = np.concatenate([np.full(count, per), np.zeros(people)])
        apart, rows = self._apart(applications, experts, columns)
        bounds = np.column_stack([np.zeros(columns), np.ones(columns)])
        bounds[pairs + len(owner) :, 1] = per if short else 0
        prices = np.concatenate([costs, nth * _LOAD, np.full(count, _SHORT if short else 0)]).astype(float)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found: Any = linprog(
                prices, A_ub=apart, b_ub=np.ones(rows) if rows else None, A_eq=equal, b_eq=wanted, bounds=bounds,
                method="highs-ds",
            )  # fmt: skip
        if found.status == _INFEASIBLE and not short:
            return None
        if found.status != 0 or np.abs(found.x - np.round(found.x)).max(initial=0) > 1e-6:
            raise RuntimeError(f"HiGHS: {found.message}")
        return np.asarray(found.x[:pairs] > 0.5, dtype=np.bool_)

    def _apart(self, applications: _Ints, experts: _Ints, columns: int) -> tuple[Any, int]:
        """One expert at most of each unit that has several candidates for an application."""
        pair = applications * (self._units.max() + 1) + self._units[experts]
        _, inverse, counts = np.unique(pair, return_inverse=True, return_counts=True)
        several = np.flatnonzero(counts[inverse] > 1)
        if not len(several):
            return None, 0
        _, row = np.unique(pair[several], return_inverse=True)
        rows = int(row.max()) + 1
        return _sparse((row, several, 1.0), shape=(rows, columns)), rows

    def why(self, per: int) -> tuple[int, int, int, list[Short]]:
        """What `Impossible` says: who goes short where as few as can be do."""
        count = len(self._basis.applications)
        chosen = self.solved(per, len(self._basis.experts), short=True) or []
        short = []
        for a, found in enumerate(chosen):
            if len(found) < per:
                eligible = self._eligible(a)
                units = len(np.unique(self._units[eligible]))
                short.append(Short(self._basis.applications[a].id, per - len(found), int(eligible.sum()), units))
        return per, int(self._room.sum()), per * count, short


def _sparse(*parts: tuple[_Ints, _Ints, float], shape: tuple[int, int]) -> Any:
    rows = np.concatenate([part[0] for part in parts])
    columns = np.concatenate([part[1] for part in parts])
    values = np.concatenate([np.full(len(part[0]), part[2]) for part in parts])
    return coo_array((values, (rows, columns)), shape=shape).tocsr()

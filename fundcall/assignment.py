"""Experts to applications, solved as a linear programme by HiGHS: the only importer of SciPy.

Whoever fits the topic best goes first, then loads are levelled, and the seed decides among equals. The constraints are
those of a flow in a network, so the best solution of the linear programme is a whole one. Few of the pairs of expert
and application are ever looked at by the solver: it begins with those that fit best, and the prices that it gives tell
which others would make the solution better, until none would (column generation). So the answer is proved the best of
all, to within what one application more weighs on an expert.
"""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

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
_WIDTH, _MORE = 32, 16
"""How many experts are looked at for each application to begin with, and how many more a round adds at most."""
_INFEASIBLE, _WHOLE, _PLACE = 2, 1e-6, 0.999
_Ints = NDArray[np.int64]
_Floats = NDArray[np.float64]
_Mask = NDArray[np.bool_]


def assign(basis: Basis, per: int, seed: int) -> tuple[Drawn, ...]:
    """`per` experts for each application: none tied to it, no two of one unit, nobody above `load_max`; of all such
    assignments the best. The same arguments give the same answer. Raises Impossible where there is none.
    """
    if not basis.applications:
        return ()
    model = _Model(basis, per, seed)
    short = [one for a in range(len(basis.applications)) if (one := _short(basis, model, a, per)) is not None]
    if short or model.places < per * len(basis.applications):  # plain to see: nothing need be solved
        raise Impossible(per, model.places, per * len(basis.applications), short)
    looked_at = model.best(max(_WIDTH, per * 4))
    taken = model.improved(looked_at, model.costs, filling=False)
    if taken is None:  # perhaps only among those looked at: seek whoever helps to fill every place
        filled = model.improved(looked_at, np.zeros_like(model.costs), filling=True)
        got = filled.sum(axis=1).tolist() if filled is not None else [0] * len(basis.applications)
        short = [one for a, given in enumerate(got) if (one := _short(basis, model, a, per, given)) is not None]
        if short:
            raise Impossible(per, model.places, per * len(basis.applications), short)
        taken = model.improved(looked_at, model.costs, filling=False)
    if taken is None:
        raise RuntimeError("HiGHS: what was filled cannot be solved")
    return tuple(
        Drawn(application=one.id, experts=tuple(sorted(basis.experts[e].id for e in np.flatnonzero(row))))
        for one, row in zip(basis.applications, taken, strict=True)
    )


def _short(basis: Basis, model: _Model, application: int, per: int, given: int | None = None) -> Short | None:
    """That an application got too few experts, or cannot get enough whatever the others get; None where that is not so."""
    eligible = model.eligible[application]
    units = len(np.unique(model.units[eligible]))
    missing = per - (units if given is None else given)
    return Short(basis.applications[application].id, missing, int(eligible.sum()), units) if missing > 0 else None


class _Prices(NamedTuple):
    """A solution among the pairs looked at: those taken, and the prices of an expert for each application, of an
    application for each expert, and of a second expert of a unit.
    """

    taken: _Mask
    application: _Floats
    expert: _Floats
    unit: _Floats


class _Model:
    """The problem in numbers: a row for each application, a column for each expert."""

    def __init__(self, basis: Basis, per: int, seed: int) -> None:
        experts, applications = basis.experts, basis.applications
        self.per = per
        number = {unit: i for i, unit in enumerate(dict.fromkeys(one.unit for one in experts))}
        self.units: _Ints = np.array([number[one.unit] for one in experts], dtype=np.int64)
        self._room: _Ints = np.array([one.load_max for one in experts], dtype=np.int64)
        self.places = int(self._room.sum())
        fits = {t: [fit(one.topics, t) for one in experts] for t in {one.topic for one in applications}}
        fitting = np.array([fits[one.topic] for one in applications], dtype=np.int64)
        chance = np.random.Generator(np.random.PCG64(seed)).integers(0, _NOISE, fitting.shape, dtype=np.int64)
        self.costs: _Ints = chance - fitting * _FIT
        self.eligible: _Mask = np.tile(self._room > 0, (len(applications), 1))
        row = {one.id: i for i, one in enumerate(applications)}
        column = {one.id: i for i, one in enumerate(experts)}
        for tie in basis.ties:
            self.eligible[row[tie.application], column[tie.expert]] = False

    def best(self, width: int) -> _Mask:
        """The pairs of each application with the experts who fit best."""
        found = np.zeros_like(self.eligible)
        cheapest = np.argsort(np.where(self.eligible, self.costs, _NOISE), axis=1, kind="stable")[:, :width]
        np.put_along_axis(found, cheapest, values=True, axis=1)
        return found & self.eligible

    def improved(self, looked_at: _Mask, costs: _Ints, *, filling: bool) -> _Mask | None:
        """The best solution among all pairs; `looked_at` gains those that were needed. None where there is none among
        those looked at. With `filling` places may stay empty, as few as can be. It ends when the prices prove that all
        other pairs together cannot make it better by what one application more weighs (or by one place filled).
        """
        if not looked_at.any():
            return None
        while True:
            found = self._solved(looked_at, costs, filling=filling)
            if found is None:
                return None
            prices = found.application[:, None] + found.expert[None, :] + found.unit[:, self.units]
            gains = np.where(self.eligible & ~looked_at, costs - prices, 0.0)
            best_gain = np.partition(gains, min(self.per, gains.shape[1]) - 1, axis=1)[:, : self.per].clip(max=0).sum()
            if best_gain > -(_PLACE if filling else _LOAD):
                return found.taken
            more = np.argpartition(gains, min(_MORE, gains.shape[1] - 1), axis=1)[:, :_MORE]
            added = np.zeros_like(looked_at)
            np.put_along_axis(added, more, values=True, axis=1)
            looked_at |= added & (gains < 0)

    def _solved(self, looked_at: _Mask, costs: _Ints, *, filling: bool) -> _Prices | None:
        """The best solution among the pairs looked at. Columns: pairs, then each expert's places, dearer one by one,
        then what each application may go short of.
        """
        applications, experts = np.nonzero(looked_at)
        count, people, pairs = *looked_at.shape, len(applications)
        steps = np.minimum(self._room, np.bincount(experts, minlength=people) + 1)
        owner = np.repeat(np.arange(people), steps)
        nth = np.arange(len(owner)) - np.repeat(np.cumsum(steps) - steps, steps)
        columns, short = pairs + len(owner) + count, pairs + len(owner) + np.arange(count)
        equal = _sparse(
            (applications, np.arange(pairs), 1.0),
            (np.arange(count), short, 1.0),
            (count + experts, np.arange(pairs), 1.0),
            (count + owner, pairs + np.arange(len(owner)), -1.0),
            shape=(count + people, columns),
        )
        apart, alike = self._apart(applications, experts, columns)
        bounds = np.column_stack([np.zeros(columns), np.ones(columns)])
        bounds[short, 1] = self.per if filling else 0
        places = np.zeros(len(owner)) if filling else nth * float(_LOAD)
        found = _run(
            np.concatenate([costs[looked_at], places, np.full(count, float(filling))]),
            A_eq=equal, b_eq=np.concatenate([np.full(count, self.per), np.zeros(people)]),
            A_ub=apart, b_ub=np.ones(len(alike)) if len(alike) else None, bounds=bounds,
        )  # fmt: skip
        if found is None:
            return None
        taken, unit = np.zeros_like(looked_at), np.zeros((count, int(self.units.max()) + 1))
        taken[applications, experts] = found.x[:pairs] > 0.5
        unit.flat[alike] = found.ineqlin.marginals
        return _Prices(taken, found.eqlin.marginals[:count], found.eqlin.marginals[count:], unit)

    def _apart(self, applications: _Ints, experts: _Ints, columns: int) -> tuple[Any, _Ints]:
        """One expert at most of each unit that has several looked at for an application; where these stand in a table of
        applications and units.
        """
        place = applications * (int(self.units.max()) + 1) + self.units[experts]
        _, inverse, counts = np.unique(place, return_inverse=True, return_counts=True)
        several = np.flatnonzero(counts[inverse] > 1)
        alike, row = np.unique(place[several], return_inverse=True)
        if not len(alike):
            return None, alike
        return _sparse((row, several, 1.0), shape=(len(alike), columns)), alike


def _run(costs: _Floats, **constraints: Any) -> Any:
    """What HiGHS finds; None where nothing meets the constraints."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = linprog(costs, method="highs-ds", **constraints)
    if found.status == _INFEASIBLE:
        return None
    if found.status != 0 or np.abs(found.x - np.round(found.x)).max(initial=0) > _WHOLE:
        raise RuntimeError(f"HiGHS: {found.message}")
    return found


def _sparse(*parts: tuple[_Ints, _Ints, float], shape: tuple[int, int]) -> Any:
    rows = np.concatenate([part[0] for part in parts])
    columns = np.concatenate([part[1] for part in parts])
    values = np.concatenate([np.full(len(part[0]), part[2]) for part in parts])
    return coo_array((values, (rows, columns)), shape=shape).tocsr()

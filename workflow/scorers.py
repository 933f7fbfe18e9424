"""How experts score: strict or lenient, and how far from the others who judged the same applications. Nothing of a unit."""

from __future__ import annotations

from collections import defaultdict
from math import isqrt
from typing import NamedTuple

from workflow.scoring import Read


class Scorer(NamedTuple):
    """An expert's scores in millionths of full marks, ascending, with their mean and standard deviation (of the
    population), both rounded down; `apart_ppm` is the mean difference to what the others gave to the same
    applications (None where nobody else has scored them), negative for who is stricter.
    """

    expert: str
    scores: tuple[int, ...]
    mean_ppm: int
    deviation_ppm: int
    apart_ppm: int | None


def scorers(read: Read) -> list[Scorer]:
    """Every expert who has scored in a call, the strictest first: by the difference to the others, then by the mean."""
    given: defaultdict[str, list[int]] = defaultdict(list)
    apart: defaultdict[str, list[int]] = defaultdict(list)
    for _, scores in read:
        totals = scores[1::3]
        total, count = sum(totals), len(totals)
        for expert, ppm in zip(scores[::3], totals, strict=True):
            given[expert].append(ppm)
            if count > 1:
                apart[expert].append(ppm - (total - ppm) // (count - 1))
    found = [_scorer(expert, sorted(totals), apart[expert]) for expert, totals in given.items()]
    return sorted(found, key=lambda one: (one.apart_ppm is None, one.apart_ppm or 0, one.mean_ppm, one.expert))


def _scorer(expert: str, totals: list[int], apart: list[int]) -> Scorer:
    count, total = len(totals), sum(totals)
    spread = isqrt(count * sum(x * x for x in totals) - total * total) // count
    return Scorer(expert, tuple(totals), total // count, spread, sum(apart) // len(apart) if apart else None)


def middle(found: list[Scorer]) -> int:
    """The mean of all scores, in millionths; 0 where there are none."""
    every = [ppm for one in found for ppm in one.scores]
    return sum(every) // len(every) if every else 0

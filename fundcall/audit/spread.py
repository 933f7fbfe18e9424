"""Checking streams on every core: each process opens the ledger for itself and takes the next span when it is done."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from typing import NamedTuple

from fundcall.audit.streams import Check, Histories, Part, Remembered, Span, check_streams


class Place(NamedTuple):
    """What a process checks with, made there."""

    ledger: Histories
    checks: tuple[Check, ...]
    remembered: Remembered | None


_made: list[Place] = []
"""The one of this process."""


def check_spread(make: Callable[[], Place], spans: Sequence[Span], processes: int) -> Iterator[Part]:
    """What is found in each span, as it comes; the processes begin at once. `make` is called once in each of them."""
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _begin, (make,))
    return _as_it_comes(pool, [pool.submit(_check, span) for span in spans])


def _as_it_comes(pool: ProcessPoolExecutor, asked: Sequence[Future[Part]]) -> Iterator[Part]:
    with pool:
        for part in as_completed(asked):
            yield part.result()


def _begin(make: Callable[[], Place]) -> None:
    _made.append(make())


def _check(span: Span) -> Part:
    place = _made[0]
    return check_streams(place.ledger, span, place.checks, place.remembered)


def spans(names: Sequence[str], each: int) -> list[Span]:
    """Spans that end at every so-manieth of the sorted names of events, and one for what comes after."""
    cuts = sorted(set(names[each::each]))
    return [Span(*span) for span in zip(["", *cuts], [*cuts, None], strict=True)]

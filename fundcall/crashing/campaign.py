"""Many seeds on several processes, and what came of them."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from queue import Empty
from typing import Any, NamedTuple, Protocol

from fundcall.calls.load import load
from fundcall.crashing.life import Lived, lived
from fundcall.crashing.places import place
from fundcall.crashing.plan import Plan, drawn
from fundcall.crashing.points import Plant, unplanted
from fundcall.crashing.process import relay
from fundcall.crashing.shrink import shortest
from fundcall.simulate.experts import registry
from notifications.letter import ready

_LOOK_SECONDS = 5
_LAST_LINES = 40


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be simulated: seeds from the `first` on. `database` is an address of PostgreSQL, "" for SQLite in memory."""

    call: str
    rate: float
    first: int
    seeds: int
    applicants: int
    database: str
    jobs: int


class Live(Protocol):
    """Lets a world live by its plan, with a fault of our own making if one is given."""

    def __call__(self, plan: Plan, /, *, plant: Plant = unplanted) -> Lived: ...


class Result(NamedTuple):
    """What came of a seed; where something was wrong, the least that leads to it, in lines."""

    seed: int
    digest: str
    violations: tuple[str, ...]
    least: tuple[str, ...]
    figures: dict[str, int]


@contextmanager
def ground(call_name: str, database: str) -> Iterator[Live]:
    """What lets worlds live by their plans, one after another, in this process. Raises Unavailable."""
    call = load(call_name)
    experts = registry(call, ())
    ready()
    with place(database, call, experts) as where, relay() as mails:
        yield partial(lived, call=call, experts=experts, place=where, relay=mails)


def results(asked: Asked) -> Iterator[Result]:
    """What comes of each seed, in the order in which they end."""
    seeds = range(asked.first, asked.first + asked.seeds)
    if asked.jobs == 1:
        with ground(asked.call, asked.database) as live:
            yield from (_result(live, asked, seed) for seed in seeds)
        return
    context = get_context("spawn")
    queue = context.Queue()
    processes = [
        context.Process(target=_share, args=(asked, seeds[n :: asked.jobs], queue), daemon=True)
        for n in range(min(asked.jobs, asked.seeds))
    ]
    for process in processes:
        process.start()
    try:
        for _ in seeds:
            yield _next(queue, processes)
    except BaseException:  # it is to end before its time: each process tidies up
        for process in filter(lambda one: one.is_alive(), processes):
            os.kill(process.pid or 0, signal.SIGINT)
        raise
    finally:
        for process in processes:
            process.join()


def _next(queue: Any, processes: Sequence[Any]) -> Result:
    """The next result; raises RuntimeError where a process has died."""
    while True:
        try:
            found: Result = queue.get(timeout=_LOOK_SECONDS)
        except Empty:
            if any(process.exitcode for process in processes):
                raise RuntimeError("a process of the simulation has died; its words stand above") from None
        else:
            return found


def _share(asked: Asked, seeds: Sequence[int], queue: Any) -> None:
    with suppress(KeyboardInterrupt), ground(asked.call, asked.database) as live:
        for seed in seeds:
            queue.put(_result(live, asked, seed))


def _result(live: Live, asked: Asked, seed: int) -> Result:
    plan = drawn(seed, asked.rate, asked.applicants)
    found = live(plan)
    least = told(live(shortest(plan, lambda less: bool(live(less).violations)))) if found.violations else ()
    return Result(seed, found.digest, found.violations, least, found.figures)


def told(found: Lived) -> tuple[str, ...]:
    """A world in lines: what its turns were, what happened, and what is wrong."""
    plan = found.plan
    head = f"{plan.applicants} applicants, published={plan.published}"
    return (head, *map(str, plan.turns), *found.trace[-_LAST_LINES:], *found.violations)


def summary(asked: Asked, found: Sequence[Result], began: float) -> dict[str, Any]:
    """The whole as plain JSON. `digest` is over every trace and every root in the order of seeds."""
    ordered = sorted(found)
    total: Counter[str] = Counter()
    for one in ordered:
        total.update(one.figures)
    return {
        "call": asked.call,
        "database": "postgresql" if asked.database else "sqlite in memory",
        "crash_rate": asked.rate,
        "first_seed": asked.first,
        "seeds": len(ordered),
        **total,
        "digest": hashlib.sha256("".join(one.digest for one in ordered).encode()).hexdigest(),
        "violations": [f"seed {one.seed}: {what}" for one in ordered for what in one.violations],
        "seconds": round(time.monotonic() - began, 1),
    }

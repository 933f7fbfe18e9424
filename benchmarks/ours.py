"""The product itself: its real write path, bulk, its pure core, replay, and the whole demo."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sized
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from pathlib import Path

from benchmarks.course import (
    CALL,
    NOW,
    Move,
    accepted,
    course,
    documents_of,
    file_many,
    open_system,
    request,
)
from benchmarks.measure import Measurement, Operation, closed_loop, measured, timed
from fundcall.audit.streams import Remembered, Span, check_streams
from fundcall.audit.world import check_world
from fundcall.checking import place
from fundcall.simulate.programme import applicants, run
from fundcall.solver import solver
from states.application import Application
from states.commands.filing import PassFormatCheck
from states.context import Context
from states.decide import decide
from states.events import Recorded
from states.fold import step
from workflow.handle import Request

_ALL = Span("", None)
_SEED = 7
_SAMPLE_SECONDS = 0.2
_MADE_A_SECOND = 10_000


def transitions(folder: Path, clients: int, seconds: float) -> Measurement:
    """Durable moves through `handle`: each client takes applications of its own through the whole course.

    Most requests are made before the clock runs: making them is not the product's work.
    """
    system = open_system(folder)
    handle, put = system.handler.handle, documents_of(system).put

    def move(asked: Request) -> None:
        accepted(handle(asked, NOW))

    def requests(client: int) -> Iterator[Operation]:
        for n in range(client + 1, 100_000, clients):
            for number, given in enumerate(course(n, put), 1):
                yield partial(move, request(n, number, given))

    def operations(client: int) -> Iterator[Operation]:
        coming = requests(client)
        made = list(islice(coming, int(seconds * _MADE_A_SECOND / clients)))
        return chain(made, coming)

    found = closed_loop("fundcall handle", clients, seconds, operations)
    system.close()
    return found


def prepare_bulk(folder: Path, cases: int) -> None:
    """Submitted applications in a database that each repeat copies."""
    system = open_system(folder)
    file_many(system, cases)
    system.close()


def bulk(folder: Path, filed: Path, cases: int, *, foreseen: bool) -> Measurement:
    """One bulk call that passes the format check of every case, from a ledger opened anew.

    With `foreseen` it was foreseen before, as officers do it, and the cases are in memory; nothing is otherwise. `filed` is
    what `prepare_bulk` made.
    """
    shutil.copytree(filed, folder / "bulk")
    system = open_system(folder / "bulk")
    requests = [_passed(n) for n in range(1, cases + 1)]
    if foreseen:
        system.handler.foresee(requests, NOW)

    def advance() -> None:
        for outcome in system.handler.handle_many(requests, NOW):
            accepted(outcome)

    found = timed("fundcall handle_many, foreseen" if foreseen else "fundcall handle_many", cases, advance)
    system.close()
    return found


def _passed(n: int) -> Request:
    checker = next(move.actor for move in course(n, lambda _: None) if isinstance(move.command, PassFormatCheck))
    return request(n, 7, Move(PassFormatCheck(), checker))


def decide_and_fold(folder: Path, calls: int) -> list[Measurement]:
    """The pure core on every move of the course: decide, and fold the event, in memory; their mean first."""
    found = [_core(context, before, calls) for context, before in _contexts(folder)]
    mean_ms = sum(m.p50_ms for m in found) / len(found)
    whole = Measurement("decide + fold, mean of the course", 1000 / mean_ms, mean_ms, 0, sum(m.n for m in found))
    return [whole, *found]


def _contexts(folder: Path) -> Iterator[tuple[Context, Application | None]]:
    """What the write path decides each kind of move of one application on, and the application before it."""
    system = open_system(folder)
    handler, put = system.handler, documents_of(system).put
    before: Application | None = None
    seen: set[str] = set()
    for number, move in enumerate(course(1, put), 1):
        asked = request(1, number, move)
        if asked.name not in seen:
            context, _, _ = system.ledger.transact(partial(handler._context, request=asked))  # noqa: SLF001 - the very one
            yield context, before
        seen.add(asked.name)
        before = accepted(handler.handle(asked, NOW)).application
    system.close()


def _core(context: Context, before: Application | None, calls: int) -> Measurement:
    """Decide and fold one move over and over, waiting for each."""
    now = time.perf_counter
    latencies = []
    version, name, facts = context.application.version + 1, context.application.id, context.facts.plain()
    actor, role, at = context.actor.id, context.actor.role.value, context.now
    for _ in range(calls):
        asked = now()
        event, event_version, data = decide(replace(context))  # a request's own: what it remembers is not handed on
        step(before, Recorded(1, name, version, event, event_version, "", "id", actor, role, at, at, facts, data))
        latencies.append(now() - asked)
    return measured(f"decide + fold: {context.name}", calls, sum(latencies), latencies)


def prepare_replay(folder: Path, applicants_count: int) -> None:
    """A whole simulated programme, events of every kind, on a ledger."""
    system = open_system(folder)
    run(system.handler, CALL, applicants(CALL, applicants_count, _SEED), _SEED, lambda _: None, solver())
    system.close()


def replay(programme: Path) -> list[Measurement]:
    """Depth 1 (read, hash, parse, fold every event), the same of streams known to be sound, depth 2, and the whole check with
    its Merkle tree, all in one process.

    `programme` is what `prepare_replay` made.
    """
    system = open_system(programme)
    head = system.ledger.head()
    folded = timed("replay depth 1", head, lambda: _sound(check_streams(system.ledger, _ALL).divergences))
    key = b"k" * 32
    marked = check_streams(system.ledger, _ALL, remembered=Remembered(key, {}))
    known = Remembered(key, marked.sound)
    again = timed(
        "replay depth 1 again", head, lambda: _sound(check_streams(system.ledger, _ALL, (), known).divergences)
    )
    redecide = place(system.settings.database, 2, Remembered(b"", {})).checks
    decided = timed("replay depth 2", head, lambda: _sound(check_streams(system.ledger, _ALL, redecide).divergences))
    whole = timed("check of the whole ledger", head, lambda: _sound(check_world(system.ledger).divergences))
    system.close()
    return [folded, again, decided, whole]


def _sound(divergences: Sized) -> None:
    if divergences:
        raise RuntimeError(f"the ledger that is replayed diverges: {divergences}")


def demo(folder: Path, count: int) -> Measurement:
    """The headless demo as people start it, applications a second; memory is that of all its processes together."""
    command = [sys.executable, "-m", "fundcall", "demo", "--headless", "--json", "--applications", str(count),
               "--seed", str(_SEED), "--data", str(folder / "demo")]  # fmt: skip
    asked = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        peak = 0
        while process.poll() is None:
            peak = max(peak, sum(resident_kib(pid) for pid in family(process.pid)))
            time.sleep(_SAMPLE_SECONDS)
    seconds = time.perf_counter() - asked
    if process.returncode:
        raise RuntimeError(f"the demo ended with {process.returncode}")
    return Measurement("fundcall demo --headless", count / seconds, 0, 0, count, peak // 1024)


def family(pid: int) -> list[int]:
    """A process and all that descend from it; empty once it is gone."""
    found = [pid]
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(child) for child in listed.read_text().split()]
        except OSError:  # it has just ended
            continue
        for child in children:
            found += family(child)
    return found


def resident_kib(pid: int) -> int:
    """The memory of a process that is its own, and its part of what it shares (PSS); 0 once it is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)

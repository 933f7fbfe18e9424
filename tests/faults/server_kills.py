"""kill -9 of PostgreSQL, of one of its backends, or of those who write to it, and what is left of it, held to the
acknowledgements: `python -m tests.faults.server_kills --help`.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import psycopg
from rich.console import Console
from rich.progress import track

from fundcall.audit.world import check_world
from fundcall.storage.postgres_ledger import PostgresLedger
from tests.faults.kills import CASES, OPEN, answered, course, handler_of, requested
from tests.faults.planted import EARLY
from tests.postgres import DURABLE, Cluster, children, running
from workflow.handle import Handler, Outcome, Request
from workflow.ports import Unavailable

VICTIMS = ("server", "backend", "writers")
_PROCESSES, _THREADS = 2, 2
_BEFORE_SECONDS, _AFTER_SECONDS, _PAUSE_SECONDS = 0.4, 0.3, 0.02


@dataclass(frozen=True, slots=True)
class Killed:
    """What a round left: who was killed, acknowledgements, events, and everything that is wrong with them."""

    victim: str
    acknowledged: int
    events: int
    violations: tuple[str, ...]


def write(url: str, acks: Path, process: int, plant: str) -> None:
    """Write until the end comes: each command is given until it is answered, under its id, and then acknowledged."""
    descriptor = os.open(acks, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    handler = handler_of(PostgresLedger(url))
    threads = [
        threading.Thread(target=_write, args=(handler, process * _THREADS + n, descriptor, plant))
        for n in range(_THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _write(handler: Handler, writer: int, acks: int, plant: str) -> None:
    for n in range(CASES):
        for request in course(writer, n):
            line = f"{request.command_id}\n".encode()
            if plant == EARLY:
                os.write(acks, line)
                time.sleep(_PAUSE_SECONDS)  # or a quick machine has nearly always kept it when it is killed
            if answered(_answer(handler, request)) and plant != EARLY:
                os.write(acks, line)


def _answer(handler: Handler, request: Request) -> Outcome:
    while True:
        try:
            return handler.handle(request, OPEN)
        except Unavailable:
            time.sleep(_PAUSE_SECONDS)


def killed(cluster: Cluster, root: Path, seed: int, plant: str = "") -> Killed:
    """One round, on a database of its own."""
    chance, url, victim = random.Random(seed), cluster.new(), VICTIMS[seed % len(VICTIMS)]
    acks = [root / f"acks-{seed}-{n}" for n in range(_PROCESSES)]
    context = get_context("fork")
    writers = [context.Process(target=write, args=(url, file, n, plant), daemon=True) for n, file in enumerate(acks)]
    for one in writers:
        one.start()
    _until_all_write(acks)
    time.sleep(chance.uniform(0.0, _BEFORE_SECONDS))
    if victim == "server":
        cluster.kill()
        cluster.start()
    elif victim == "backend":
        os.kill(chance.choice(_backends(cluster, url)), signal.SIGKILL)
    if victim != "writers":
        time.sleep(_AFTER_SECONDS)
    for one in writers:
        one.kill()
        one.join()
    _until_it_answers(cluster)
    given = [line for file in acks for line in file.read_text(encoding="ascii").split()]
    with closing(PostgresLedger(url)) as ledger:
        violations = tuple(f"{victim} {seed}: {what}" for what in _wrong(ledger, given))
        found = Killed(victim, len(given), ledger.head(), violations)
    cluster.do(
        f"DROP DATABASE {url.partition('@/')[2].partition('?')[0]}"
    )  # a server that recovers goes through them all
    return found


def _until_all_write(acks: Sequence[Path]) -> None:
    until = time.monotonic() + 60
    while not all(file.exists() and file.stat().st_size for file in acks):
        if time.monotonic() > until:
            raise TimeoutError("nothing is written")
        time.sleep(_PAUSE_SECONDS)


def _backends(cluster: Cluster, url: str) -> list[int]:
    """The server's processes that serve writers."""
    assert cluster.server is not None
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchall()
    return sorted({pid for (pid,) in found} & set(children(cluster.server.pid)))


def _until_it_answers(cluster: Cluster) -> None:
    """Wait while a server that lost one of its processes recovers."""
    for _ in range(600):
        try:
            cluster.do("SELECT 1")
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("the server does not come back")


def _wrong(ledger: PostgresLedger, given: Sequence[str]) -> Iterator[str]:
    """What does not hold: the whole check, and the same answers once more."""
    for d in check_world(ledger, acknowledged=given).divergences:
        yield f"{d.what}: {d.expected} / {d.found}"
    head = ledger.head()
    outcomes = handler_of(ledger).handle_many([requested(command_id) for command_id in given], OPEN)
    anew = sum(not outcome.repeated for outcome in outcomes)
    if anew or ledger.head() != head:
        yield f"given again, {anew} of {len(outcomes)} acknowledged commands were new"


def main(arguments: list[str] | None = None) -> int:
    """So many rounds; 1 where anything was wrong."""
    asked = argparse.ArgumentParser(prog="python -m tests.faults.server_kills", description=__doc__)
    asked.add_argument("--rounds", type=int, default=200, help="轮数 · rounds (200)")
    asked.add_argument("--seed", type=int, default=0, help="随机种子 · the seed")
    asked.add_argument(
        "--plant", choices=(EARLY,), default="", help="植入的故障 · a fault of our own making, to be found"
    )
    options, begun = asked.parse_args(arguments), time.monotonic()
    with running(DURABLE) as cluster, tempfile.TemporaryDirectory(prefix="fundcall-kills-") as folder:
        seeds = range(options.seed, options.seed + options.rounds)
        shown = track(seeds, "kill -9 of PostgreSQL", console=Console(stderr=True), auto_refresh=False)
        found = [killed(cluster, Path(folder), seed, options.plant) for seed in shown]
    violations = [what for one in found for what in one.violations]
    summary = {
        "rounds": Counter(one.victim for one in found),
        "acknowledged": sum(one.acknowledged for one in found),
        "events": sum(one.events for one in found),
        "violations": violations,
        "seconds": round(time.monotonic() - begun),
    }
    print(json.dumps(summary, ensure_ascii=False, indent=2))
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())

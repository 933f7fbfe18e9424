"""The demo: the whole call on a simulated clock, every notice over SMTP to a local sink, and then what came of it."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import orjson
import uvloop

from fundcall.audit.world import check_world
from fundcall.bootstrap import MBOX, SUMMARY, Proofs, System, is_installed, open_examiner, open_simulation, settings_for
from fundcall.calls.read import recorded_call
from fundcall.clock import SteadyClock
from fundcall.demo_summary import Ended, summarise
from fundcall.documents.store import DocumentStore
from fundcall.mailsink import MailSink
from fundcall.messenger import follow
from fundcall.scheduler import Heartbeat, of_deadlines
from fundcall.settings import Settings
from fundcall.simulate.programme import applicants, run
from fundcall.solver import solver
from notifications.letter import ready
from notifications.mailer import Mailer
from states.application import Application
from states.calendar import local_day
from states.funding_call import FundingCall

_PAUSE_SECONDS = 0.2
_MONTH = Callable[[date, int], None]


@dataclass(frozen=True, slots=True)
class Finished:
    """A demo that ran: the system, still open, the instant that it has come to, and the summary as plain JSON."""

    system: System
    ended_at: datetime
    summary: dict[str, Any]


def prepare(data: Path, *, in_file: bool = True) -> None:
    """Make room for a new run, with its database `in_file` or elsewhere. Raises FileExistsError where the folder holds
    anything but an earlier demo of that kind.
    """
    if data.exists() and any(data.iterdir()):
        if not (data / MBOX).exists() or (in_file and not (data / "fundcall.db").exists()):
            raise FileExistsError(
                f"{data}: 不是演示数据文件夹 / holds something other than an earlier demo; choose another --data"
            )
        for name in ("fundcall.db", "fundcall.db-wal", "fundcall.db-shm", MBOX, SUMMARY):
            (data / name).unlink(missing_ok=True)
    data.mkdir(parents=True, exist_ok=True)
    (data / MBOX).touch()


@contextmanager
def sink(data: Path) -> Iterator[str]:
    """A mail sink for the time of the run; its address."""
    started = MailSink()
    port = started.start(data / MBOX)
    try:
        yield f"smtp://127.0.0.1:{port}"
    finally:
        started.stop()


def run_demo(
    call: FundingCall,
    data: Path,
    count: int,
    seed: int,
    month: _MONTH,
    until: datetime | None = None,
    url: str = "",
    database: str = "",
) -> Finished:
    """Run the programme in `data`, to its end or to an instant. `month` is told each simulated month reached and the
    events so far; `url` is where its pages will be. `database` is the address of a PostgreSQL database without a schema,
    or "" for a file in `data`. Raises FileExistsError where either is in use.

    Notices are told by processes of their own, which follow the ledger while the programme runs.
    """
    if database and is_installed(database):
        raise FileExistsError("数据库非空，演示需要一个空的数据库 / the database is in use; a demo takes an empty one")
    prepare(data, in_file=not database)
    began = time.perf_counter()
    settings = settings_for(
        data, database_url=database, mail_from="noreply@fundcall.example.org", **({"public_url": url} if url else {})
    )
    system = open_simulation(settings, call)
    with sink(data) as smtp_url, telling(settings, call, smtp_url) as finish:
        told: list[date] = []

        def tick(now: datetime) -> None:
            first = local_day(now, call.timezone).replace(day=1)
            if not told or first > told[-1]:
                told.append(first)
                month(first, system.ledger.head())

        ran = run(system.handler, call, applicants(call, count, seed), seed, tick, solver(), until)
        ended: list[Application] = []
        verdict = check_world(system.ledger, now=ran.ended_at, look=ended.append)
        finish()
    summary = summarise(system, call, ran, Ended(verdict, ended), seed, time.perf_counter() - began)
    (data / SUMMARY).write_bytes(orjson.dumps(summary, option=orjson.OPT_INDENT_2))
    return Finished(system, ran.ended_at, summary)


@contextmanager
def going_on(finished: Finished, data: Path) -> Iterator[tuple[System, Heartbeat]]:
    """The system as it goes on from the instant reached, with documents on the disk, its notices told into the mailbox
    of the demo; and the heartbeat of its deadlines, to be started.
    """
    with sink(data) as smtp_url:
        system = _carried_on(finished.system, finished.ended_at, smtp_url)
        over = threading.Event()
        messenger = threading.Thread(target=follow, args=(system, over), name="messenger")
        messenger.start()
        try:
            yield system, of_deadlines(system.handler, system.clock.now)
        finally:
            over.set()
            messenger.join()
            system.close()


def _carried_on(system: System, at: datetime, smtp_url: str) -> System:
    """A simulation's system as people go on with it from an instant: by the machine's clock from there, documents on the
    disk.
    """
    settings = system.settings.model_copy(update={"smtp_url": smtp_url})
    documents = DocumentStore(settings.data_dir / "documents", open_examiner(settings))
    found = replace(
        system,
        settings=settings,
        handler=replace(system.handler, documents=documents),
        clock=SteadyClock(ahead=at - datetime.now(UTC)),
    )
    found.dispatcher.teller.papers = Proofs(found).files
    return found


@contextmanager
def telling(settings: Settings, call: FundingCall, smtp_url: str) -> Iterator[Callable[[], None]]:
    """Two processes that tell what the ledger says: one records notices, one sends what is recorded. The function given
    waits until everything is told.
    """
    context = multiprocessing.get_context("spawn")
    over, recorded = context.Event(), context.Event()
    processes = [
        context.Process(target=record, args=(settings, call.source, over, recorded), daemon=True),
        context.Process(target=send, args=(settings, call.source, smtp_url, recorded), daemon=True),
    ]
    for process in processes:
        process.start()

    def finish() -> None:
        over.set()
        for process in processes:
            process.join()
            if process.exitcode:
                raise RuntimeError(f"a process for notices ended with {process.exitcode}; its words stand above")

    try:
        yield finish
    finally:
        for process in processes:
            if process.is_alive():
                process.terminate()
                process.join()


def record(settings: Settings, source: Mapping[str, Any], over: Event, recorded: Event) -> None:
    """Record notices until the programme is over and nothing is left to record, or whoever began it is gone."""
    system = open_simulation(settings, recorded_call(source))
    ready()
    for last in _until(over):
        if not system.dispatcher.record() and not last:
            over.wait(_PAUSE_SECONDS)
    recorded.set()
    system.close()


def send(settings: Settings, source: Mapping[str, Any], smtp_url: str, recorded: Event) -> None:
    """Send notices until all are recorded and nothing is left to send, or whoever began it is gone."""
    system = open_simulation(settings, recorded_call(source))
    mailer = Mailer(smtp_url)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for last in _until(recorded):
            if not runner.run(system.dispatcher.send(mailer, datetime.now(UTC))) and not last:
                recorded.wait(_PAUSE_SECONDS)
        runner.run(mailer.close())
    system.close()


def _until(over: Event) -> Iterator[bool]:
    """Turns for as long as the process that began this one lives: those before `over`, then a last one (True)."""
    parent, last = os.getppid(), False
    while not last and os.getppid() == parent:
        last = over.is_set()
        yield last

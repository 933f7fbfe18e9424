"""Durable moves on PostgreSQL by how many processes and clients there are, beside raw psycopg and Django with django-pghistory:
`python -m benchmarks.workers`.

A throw-away server that syncs every commit. Clients are threads, spread over so many processes, each with cases of its own. Raw
psycopg and Django have a connection for each client and a commit for each move.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks import django_peer
from benchmarks.floor import APPLICATIONS, DUE, event_row
from benchmarks.measure import Measurement, Operation, closed_loop
from tests.postgres import DURABLE, Cluster, running

WORKERS, CLIENTS = (1, 2, 4), (1, 8, 32)
_SCHEMA = """
CREATE TABLE applications (id text PRIMARY KEY, state text NOT NULL, version integer NOT NULL, title text NOT NULL);
CREATE TABLE events (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, application text NOT NULL, version integer NOT NULL,
  command_id text NOT NULL UNIQUE, recorded_at text NOT NULL, leaf bytea NOT NULL, body bytea NOT NULL,
  UNIQUE (application, version));
CREATE TABLE deadlines (due_at text, application text, name text, PRIMARY KEY (due_at, application, name));
"""


class Load(NamedTuple):
    """So many clients, spread over so many processes. A client's number says which cases are its own."""

    workers: int
    clients: int

    def of(self, worker: int) -> range:
        """The numbers of the clients of a process."""
        return range(worker, self.clients, self.workers)


Client = Callable[[str, int, int], Iterator[Operation]]
"""From the address of a database, a client's number and how many there are to its moves."""


def raw(address: str, client: int, clients: int) -> Iterator[Operation]:
    """The inserts of a move and nothing else: what it cannot undercut."""
    connection = psycopg.connect(address, autocommit=True)
    for n in itertools.cycle(range(client, APPLICATIONS, clients)):
        yield partial(_raw_move, connection, f"app-{n:05d}")


def _raw_move(connection: psycopg.Connection[Any], name: str) -> None:
    execute = connection.execute
    with connection.transaction():
        state, version = execute("SELECT state, version FROM applications WHERE id = %s", (name,)).fetchone() or ("", 0)
        execute("INSERT INTO events (application, version, command_id, recorded_at, leaf, body) VALUES (%s, %s, %s, %s, %s, %s)",
                event_row(name, version))  # fmt: skip
        after = "returned" if state == "submitted" else "submitted"
        execute(
            "UPDATE applications SET state = %s, version = version + 1 WHERE id = %s AND version = %s",
            (after, name, version),
        )
        execute("DELETE FROM deadlines WHERE due_at = %s AND application = %s", (DUE[version % 2], name))
        execute("INSERT INTO deadlines VALUES (%s, %s, 'correction')", (DUE[(version + 1) % 2], name))


def fill_raw(address: str) -> None:
    """Cases that can be moved."""
    with psycopg.connect(address) as connection:
        connection.execute(_SCHEMA)
        with connection.cursor() as cursor:
            rows = [(f"app-{n:05d}", f"示范项目{n:05d}") for n in range(APPLICATIONS)]
            cursor.executemany("INSERT INTO applications VALUES (%s, 'submitted', 0, %s)", rows)
            cursor.executemany("INSERT INTO deadlines VALUES (%s, %s, 'correction')", [(DUE[0], n) for n, _ in rows])


def ours(address: str, client: int, clients: int) -> Iterator[Operation]:
    """Whole courses of moves through `handle`, from the draft to the published proposal."""
    from benchmarks.course import NOW, accepted, course, documents_of, request

    system = _system(address)
    put, handle = documents_of(system).put, system.handler.handle
    for n in itertools.count(client + 1, clients):
        for number, move in enumerate(course(n, put), 1):
            asked = request(n, number, move)
            yield lambda asked=asked: accepted(handle(asked, NOW))  # type: ignore[misc]


_OPEN: dict[str, Any] = {}


def _system(address: str) -> Any:
    """The one system of this process."""
    from benchmarks.course import CALL
    from fundcall.bootstrap import open_simulation, settings_for

    if address not in _OPEN:
        _OPEN[address] = open_simulation(settings_for(Path(tempfile.gettempdir()), database_url=address), CALL)
    return _OPEN[address]


def fill_ours(address: str) -> None:
    """The newest schema, and the rules."""
    _system(address).close()


def tracked(address: str, client: int, clients: int) -> Iterator[Operation]:
    """The same as people would write it with Django, whose history the database keeps by triggers."""
    models = _django(address)
    keys = list(models.Application.objects.order_by("pk").values_list("pk", flat=True)[client::clients])
    for key in itertools.cycle(keys):
        yield partial(django_peer.move, models, key)


def fill_tracked(address: str) -> None:
    """Django's tables and triggers, and cases that can be moved."""
    models = _django(address)
    import pgtrigger
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        for model in (
            models.Application,
            models.Application.pgh_event_models["insert"],
            models.Deadline,
            models.Outbox,
        ):
            editor.create_model(model)
    pgtrigger.install()
    made = models.Application.objects.bulk_create(
        models.Application(state="submitted", title=f"示范项目{n:05d}") for n in range(APPLICATIONS)
    )
    models.Deadline.objects.bulk_create(
        models.Deadline(application=one, name="correction", due_at=DUE[0]) for one in made
    )


def _django(address: str) -> Any:
    """Django on a database, once in a process."""
    import django
    from django.conf import settings

    if not settings.configured:
        given = psycopg.conninfo.conninfo_to_dict(address)
        database = {"ENGINE": "django.db.backends.postgresql", "NAME": given["dbname"], "USER": given["user"], "HOST": given["host"],
                    "CONN_MAX_AGE": None}  # fmt: skip
        settings.configure(
            DATABASES={"default": database},
            INSTALLED_APPS=[
                "django.contrib.contenttypes",
                "django.contrib.auth",
                "pgtrigger",
                "pghistory",
                "benchmarks.tracked",
            ],
            DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
            USE_TZ=True,
        )
        django.setup()
    from benchmarks.tracked import models

    return models


class Rival(NamedTuple):
    """How a database is filled, how a process gets ready for it, and what its clients do."""

    fill: Callable[[str], None]
    ready: Callable[[str], object]
    client: Client


SYSTEMS: Mapping[str, Rival] = {
    "psycopg": Rival(fill_raw, str, raw),
    "fundcall": Rival(fill_ours, _system, ours),
    "Django + django-pghistory": Rival(fill_tracked, _django, tracked),
}


def _work(name: str, address: str, load: Load, worker: int, ready: Barrier, seconds: float, queue: Any) -> None:
    numbers, rival = load.of(worker), SYSTEMS[name]
    try:
        rival.ready(address)
        operations = [rival.client(address, number, load.clients) for number in numbers]
        ready.wait()
        queue.put(closed_loop(name, len(numbers), seconds, operations.__getitem__))
    except Exception as wrong:
        queue.put(wrong)
        raise


def measure(name: str, cluster: Cluster, load: Load, seconds: float) -> Measurement:
    """One system under one load, on a database of its own; the waits are those of the slowest process."""
    address, spawn = cluster.empty(), get_context("spawn")
    filling = spawn.Process(target=SYSTEMS[name].fill, args=(address,))
    filling.start()
    filling.join()
    if filling.exitcode:
        raise RuntimeError(f"{name}: the database could not be filled")
    ready, queue = spawn.Barrier(load.workers), spawn.Queue()
    parts = [
        spawn.Process(target=_work, args=(name, address, load, n, ready, seconds, queue)) for n in range(load.workers)
    ]
    for part in parts:
        part.start()
    told = [queue.get(timeout=seconds * 10 + 60) for _ in parts]
    for part in parts:
        part.join()
    found: list[Measurement] = []
    for one in told:
        if isinstance(one, Exception):
            raise one
        found.append(one)
    rate, n = sum(one.ops_per_s for one in found), sum(one.n for one in found)
    return Measurement(name, rate, max(one.p50_ms for one in found), max(one.p99_ms for one in found), n)


def loads() -> list[Load]:
    """Every one in which each process has a client."""
    return [Load(workers, clients) for clients in CLIENTS for workers in WORKERS if workers <= clients]


def show(found: Mapping[Load, Mapping[str, Measurement]], console: Console) -> None:
    """A table for people."""
    table = Table(title="PostgreSQL：每秒持久变更 · durable moves a second", title_justify="left", header_style="bold")
    heads = ("客户端 clients", "进程 processes", *SYSTEMS, "p99 ms", "÷ psycopg", "÷ Django")
    for head in heads:
        table.add_column(head, justify="right")
    for load, by in found.items():
        floor, own, peer = (by[name] for name in SYSTEMS)
        rates = (f"{one.ops_per_s:,.0f}" for one in (floor, own, peer))
        table.add_row(str(load.clients), str(load.workers), *rates, f"{own.p99_ms:.1f}",
                      f"{own.ops_per_s / floor.ops_per_s:.2f}", f"{own.ops_per_s / peer.ops_per_s:.1f}")  # fmt: skip
    console.print(table)


def main(words: Sequence[str] | None = None) -> int:
    """Measure every load in turn, the three systems one after the other within each."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.workers", description=__doc__)
    asked.add_argument("--seconds", type=float, default=3, help="每项时长 · how long each is looked at (3)")
    asked.add_argument("--json", action="store_true", help="输出JSON · print JSON")
    given = asked.parse_args(words)
    console = Console(stderr=True)
    with running(DURABLE) as cluster:
        found = {
            load: {name: measure(name, cluster, load, given.seconds) for name in SYSTEMS}
            for load in track(loads(), "PostgreSQL", console=console, transient=True)
        }
    if given.json:
        plain = [{**load._asdict(), **{name: one.ops_per_s for name, one in by.items()}} for load, by in found.items()]
        print(json.dumps(plain, ensure_ascii=False, indent=2))
    else:
        show(found, Console(width=120))
    return 0


if __name__ == "__main__":
    sys.exit(main())

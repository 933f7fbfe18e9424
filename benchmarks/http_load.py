"""The API under load: durable submissions over HTTP beside Django's, and the closing rush with its uploads."""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

from benchmarks.http_client import Connection, Sent, closed_loop, connect, post
from benchmarks.measure import Measurement, measured
from tests.ports import free_ports

_CALL = "community-climate-2026"
_ROOT = Path(__file__).parents[1]
_UPLOAD_BYTES = 4_900_000


def call_file(folder: Path, closes_at: datetime) -> Path:
    """The small example call with a window that is open now."""
    source = (_ROOT / "fundcall" / "calls" / f"{_CALL}.toml").read_text(encoding="utf-8")
    opens = closes_at - timedelta(days=30)
    for name, at in (("opens_at", opens), ("closes_at", closes_at)):
        source = re.sub(rf"(?m)^{name} = \S+", f"{name} = {at.isoformat()}", source)
    source = source.replace(f'id = "{_CALL}"', 'id = "load"')
    path = folder / "load.toml"
    path.write_text(source, encoding="utf-8")
    notices = _ROOT / "fundcall" / "calls" / "notices"
    if not (folder / "notices").exists():
        (folder / "notices").symlink_to(notices)
    return path


def prepare(folder: Path, drafts: int, closes_at: datetime, database_url: str = "") -> tuple[str, dict[str, str]]:
    """An installation with so many drafts ready to be submitted: the call's path, and each draft's key."""
    import io

    import pikepdf

    from fundcall.bootstrap import install, open_system, settings_for
    from fundcall.documents.store import DocumentStore
    from states.actor import Actor, Role
    from states.commands.filing import AddDocument, Contact, CreateDraft, EditDraft
    from tests.filings import CLIMATE
    from workflow.handle import Accepted, Request

    path = call_file(folder, closes_at)
    settings = settings_for(folder / "data", database_url=database_url, calls=str(path))
    install(settings)
    system = open_system(settings)
    store = system.handler.documents
    assert isinstance(store, DocumentStore)
    made, out = pikepdf.new(), io.BytesIO()
    made.add_blank_page()
    made.save(out)
    digest = store.put(out.getvalue())
    now = datetime.now(UTC)
    keys: dict[str, str] = {}
    requests: list[Request] = []
    for n in range(1, drafts + 1):
        name, unit = f"load-{n:05d}", Actor(f"u{n}", Role.APPLICANT, f"HAR{n:05d}")
        commands: tuple[Any, ...] = (
            CreateDraft(unit_code=unit.unit, unit_name=f"单位{n}", unit_kind=CLIMATE.unit_kind,
                        contacts=(Contact(name="某", email="a@example.org"),)),
            EditDraft(form=dict(CLIMATE.form)),
            AddDocument(material="plan", name="plan.pdf", sha256=digest),
        )  # fmt: skip
        requests += [
            Request(f"{name}#{i}", name, type(c).__name__, c, unit, now, call_id="load", salt=f"{n:064x}")
            for i, c in enumerate(commands)
        ]
        keys[name] = system.tokens.issue(unit, now, now + timedelta(days=1))
    for i in range(0, len(requests), 3000):
        assert all(isinstance(o, Accepted) for o in system.handler.handle_many(requests[i : i + 3000], now))
    system.close()
    return str(path), keys


@contextmanager
def serving(command: list[str], **environment: str) -> Iterator[int]:
    """A server of its own process on a free port of loopback."""
    (port,) = free_ports(1)
    filled = [part.replace("PORT", str(port)) for part in command]
    process = subprocess.Popen(filled, cwd=_ROOT, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)
    try:
        yield port
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def ours(folder: Path, clients: int, seconds: float) -> Measurement:
    """Submissions a second through the API: key, body limit, strict gate, all rules, group commit."""
    path, keys = prepare(folder, int(1500 * seconds) + clients, datetime.now(UTC) + timedelta(days=1))
    command = [sys.executable, "-m", "fundcall", "serve", "--data", str(folder / "data"), "--port", "PORT"]
    supply = (post(f"/api/v1/applications/{n}/commands/SubmitApplication", key, "s") for n, key in keys.items())
    with serving(command, FUNDCALL_CALLS=path) as port:
        found = asyncio.run(_warm(port, clients, supply, seconds))
    return told(f"fundcall API, submissions, {clients} clients", found, seconds)


def django(folder: Path, clients: int, seconds: float) -> Measurement:
    """The same number of clients at a Django view that does the peer's move in one transaction, under the same server."""
    command = [sys.executable, "-m", "benchmarks.django_http", str(folder), "PORT"]
    keys = iter(range(1, 10**9))
    supply = (post(f"/move/{next(keys) % 2048 + 1}", "", "s") for _ in iter(int, 1))
    with serving(command) as port:
        found = asyncio.run(_warm(port, clients, supply, seconds))
    return told(f"Django API, {clients} clients", found, seconds)


async def _warm(port: int, clients: int, supply: Iterator[bytes], seconds: float) -> list[Sent]:
    await closed_loop(port, 2, supply, 0.5)
    return await closed_loop(port, clients, supply, seconds)


def told(name: str, found: list[Sent], seconds: float) -> Measurement:
    """The measurement of a closed loop. Raises RuntimeError where something was not answered with 200."""
    wrong = [sent for sent in found if sent.status != 200]
    if wrong:
        raise RuntimeError(f"{name}: {len(wrong)} of {len(found)}: {wrong[0].status} {wrong[0].body}")
    took = max(s.answered for s in found) - min(s.asked for s in found)
    return measured(name, len(found), max(took, seconds), [s.ms / 1000 for s in found])


def uploads(folder: Path, parallel: int = 20, each: int = 5) -> list[Measurement]:
    """Documents of 4.9 MB, so many at a time: examined, stored and attached; and the same bytes only hashed, written and
    synced by a bare Starlette route. `ops_per_s` counts documents; memory is the server's own, its examiners aside.
    """
    path, keys = prepare(folder, parallel, datetime.now(UTC) + timedelta(days=1))
    command = [sys.executable, "-m", "fundcall", "serve", "--data", str(folder / "data"), "--port", "PORT"]
    where = "/api/v1/applications/{}/documents?material=plan&name={}.pdf"
    ours = [
        [post(where.format(name, i), key, f"u{i}", _file(n * each + i), "application/pdf") for i in range(each)]
        for n, (name, key) in enumerate(keys.items())
    ]
    found = []
    bare = [sys.executable, "-m", "benchmarks.starlette_floor", str(folder), "PORT"]
    floor = [[post("/", "", "x", _file(n * each + i)) for i in range(each)] for n in range(parallel)]
    for name, what, batches in (("fundcall API, uploads", command, ours), ("bare Starlette, uploads", bare, floor)):
        with serving(what, FUNDCALL_CALLS=path) as port:
            sent, peak = asyncio.run(_batches(port, batches))
        took = max(s.answered for s in sent) - min(s.asked for s in sent)
        one = measured(f"{name}, {parallel} at a time", len(sent), took, [s.ms / 1000 for s in sent])
        found.append(replace(one, peak_mib=peak))
    return found


def _file(n: int) -> bytes:
    """A sealed document of its own."""
    from tests.documents.making import pdf, seal

    def titled(document: Any) -> None:
        document.docinfo["/Title"] = str(n)

    return seal(pdf(_UPLOAD_BYTES, titled))


async def _batches(port: int, batches: list[list[bytes]]) -> tuple[list[Sent], int]:
    connections = [await connect(port) for _ in batches]

    async def one(connection: Connection, requests: list[bytes]) -> list[Sent]:
        return [await connection.send(request) for request in requests]

    found = await asyncio.gather(*(one(c, r) for c, r in zip(connections, batches, strict=True)))
    return [sent for part in found for sent in part], _peak_mib(port)


def _peak_mib(port: int) -> int:
    """The most memory that the process listening on a port has had."""
    for status in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if f"\0{port}\0" in f"{status.read_text()}\0" and str(os.getpid()) != status.parent.name:
                lines = (status.parent / "status").read_text().splitlines()
                return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))
        except OSError:
            continue
    return 0


def rush(folder: Path, submissions: int = 5000, uploads: int = 50, spread: float = 10) -> list[Measurement]:
    """The last seconds: submissions thick towards the close and some after it, with uploads of 4.9 MB beside them.

    Raises where one that arrived in time was refused, a later one accepted, or an accepted one is not on the ledger.
    """
    lead = 12.0
    late = submissions // 20
    prepared = datetime.now(UTC)
    closes_at = prepared + timedelta(days=1)
    path, keys = prepare(folder, submissions + late + uploads, closes_at)
    files = [_file(n) for n in range(uploads)]
    closes_at = datetime.now(UTC) + timedelta(seconds=lead + spread)
    call_file(folder, closes_at)
    names = list(keys)
    command = [sys.executable, "-m", "fundcall", "serve", "--data", str(folder / "data"), "--port", "PORT"]
    with serving(command, FUNDCALL_CALLS=path) as port:
        sent, stored = asyncio.run(_storm(port, files, names, keys, closes_at, submissions, late, spread))
    _judge(folder, path, sent, closes_at)
    accepted = [s for s in sent if s.status == 200]
    waits = sorted(s.ms for s in sent)
    close = time.perf_counter() + (closes_at - datetime.now(UTC)).total_seconds()
    behind = [close - s.asked for s in sent if s.status != 200 and s.asked < close]
    told = f"{len(accepted)} accepted, {len(sent) - len(accepted)} refused, {len(stored)} uploads"
    stamped = f"sent before the close and stamped after it: {len(behind)}, at most {max(behind, default=0):.3f} s"
    print(f"rush: {told}; {stamped}", file=sys.stderr)
    took = max(s.answered for s in sent) - min(s.asked for s in sent)
    return [
        Measurement("closing rush, submissions", len(sent) / took, waits[len(waits) // 2], quantiles(waits, n=100)[98], len(sent)),
        measured("closing rush, uploads of 4.9 MB", len(stored), max(s.answered for s in stored) - min(s.asked for s in stored),
                 [s.ms / 1000 for s in stored]),
    ]  # fmt: skip


async def _storm(
    port: int,
    files: list[bytes],
    names: list[str],
    keys: dict[str, str],
    closes_at: datetime,
    submissions: int,
    late: int,
    spread: float,
) -> tuple[list[Sent], list[Sent]]:
    seeded = random.Random(7)
    close = time.perf_counter() + (closes_at - datetime.now(UTC)).total_seconds()
    times = [close - spread * seeded.random() ** 2 for _ in range(submissions)]
    times += [close + seeded.random() for _ in range(late)]
    asked = sorted(zip(times, names[: submissions + late], strict=True))
    free: asyncio.Queue[Any] = asyncio.Queue()
    for _ in range(256):
        free.put_nowait(await connect(port))

    async def submit(at: float, name: str) -> Sent:
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        connection = await free.get()
        found = await connection.send(post(f"/api/v1/applications/{name}/commands/SubmitApplication", keys[name], "s"))
        free.put_nowait(connection)
        return Sent(found.status, found.body, found.asked, found.answered)

    async def upload(n: int, name: str) -> Sent:
        connection = await connect(port)
        await asyncio.sleep(max(0.0, close - spread + n * spread / len(files) - time.perf_counter()))
        content = files[n]
        path = f"/api/v1/applications/{name}/documents?material=plan&name=late{n}.pdf"
        found = await connection.send(post(path, keys[name], f"u{n}", content, "application/pdf"))
        connection.close()
        return found

    given = [submit(at, name) for at, name in asked]
    brought = [upload(n, name) for n, name in enumerate(names[submissions + late :])]
    found = await asyncio.gather(*given, *brought)
    return list(found[: len(given)]), list(found[len(given) :])


def _judge(folder: Path, path: str, sent: list[Sent], closes_at: datetime) -> None:
    from fundcall.bootstrap import open_system, settings_for
    from states.calendar import instant_of

    odd = [s for s in sent if s.status not in (200, 422)]
    late = [s for s in sent if s.status == 200 and instant_of(s.body["received_at"]) >= closes_at]
    refused = [s for s in sent if s.status == 422 and s.body["code"] != "within_window"]
    system = open_system(settings_for(folder / "data", database_url="", calls=path))
    filed = {row.id for row in system.ledger.rows("submitted", "load")}
    lost = [s for s in sent if s.status == 200 and s.body["application"] not in filed]
    early = [e for e in _refusals(system) if e < closes_at]
    system.close()
    if odd or late or refused or lost or early or len(filed) != sum(s.status == 200 for s in sent):
        raise RuntimeError(
            f"misjudged: {len(odd)} odd, {len(late)} late, {len(refused)} refused, {len(lost)} lost, {len(early)} early"
        )


def _refusals(system: Any) -> list[datetime]:
    """When what was refused as late arrived, as the ledger has it."""
    from workflow.queries import attempts

    return [a.at for a in attempts(system.ledger, "load", datetime(2000, 1, 1, tzinfo=UTC), None)]

"""The office's queue over 100,000 applications: the page over HTTP beside the same page in Django, and the search alone."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import cycle
from pathlib import Path

from benchmarks.http_client import Sent, closed_loop
from benchmarks.http_load import serving, told
from benchmarks.measure import Measurement, measured
from fundcall.storage.ledger import SqliteLedger
from states.application import State
from tests.postgres import DURABLE, running
from workflow.desk import By, Wanted, mark_of
from workflow.ports import Ledger
from workflow.projection import Row, listed, project
from workflow.search import Term, asked, words

APPLICATIONS, CLIENTS = 100_000, 16
_CALL = "shanghai-ai-plus-2025"
_OPENED = datetime(2025, 9, 3, tzinfo=UTC)
_HAN = "智能机器人示范应用算力平台医疗影像诊断工业质检自动驾驶金融风控教育科研具身语料数据安全港口航运化工新材料"
_PASSES = 40
SEARCHES = (
    "智能",
    "机器人",
    "港口",
    "人工智能",
    "示范项目",
    "SHAI2025-04711",
    "91310000",
    "语料 平台",
    "能量",
    "第12345号",
)


def rows() -> Iterator[tuple[Row, tuple[str, ...]]]:
    """Invented applications as the ledger projects them, each with the words that it is found by."""
    from fundcall.calls.load import load
    from states.application import Application

    topics, chance = sorted(load(_CALL).topics), random.Random(7)
    for n in range(APPLICATIONS):
        title = f"基于人工智能的{''.join(chance.choices(_HAN, k=10))}项目第{n}号"
        form = {"title": title, "topic": chance.choice(topics), "requested_minor": chance.randrange(10**9)}
        waits = {"format_check": _OPENED + timedelta(minutes=chance.randrange(10**6))} if chance.random() < 0.7 else {}
        application = Application(
            f"app-{chance.getrandbits(80):020x}", _CALL, chance.choice(list(State)), "", 5, 5, f"91310000{chance.randrange(10**9):09d}X",
            f"上海{''.join(chance.choices(_HAN, k=4))}科技有限公司", "company", (), _OPENED, form, number=f"SHAI2025-{n:05d}", deadlines=waits,
        )  # fmt: skip
        yield project(application, _OPENED)._replace(slot=""), words(application)


def filled(folder: Path, url: str = "") -> tuple[Path, str]:
    """An installation whose queue holds them (in SQLite without an address), and the cookie of an officer who has come in."""
    from fundcall.accounts.entrance import Entrance
    from fundcall.accounts.people import Account, Post
    from fundcall.bootstrap import install, open_system, settings_for
    from states.actor import Role

    data = folder / "data"
    settings = settings_for(data, database_url=url)
    install(settings)
    system = open_system(settings)
    made = list(rows())
    marks = ", ".join("?" * len(Row._fields))
    into = f"INSERT INTO applications ({', '.join(Row._fields)}) VALUES ({marks})"
    found = (
        "INSERT INTO search_words (application, number, title, unit_name, unit_code, marks) VALUES (?, ?, ?, ?, ?, ?)"
    )
    system.ledger.write([(into, [listed(row) for row, _ in made]), (found, [spoken for _, spoken in made])])
    now, officer = datetime.now(UTC), Account("officer", "officer@example.org", "Officer")
    system.accounts.add(officer, (Post(Role.FORMAT_OFFICER),), now)
    secret = Entrance(system.accounts).begin(officer, "bench", now, second=True)
    system.close()
    return data, f"fundcall={secret}"


def ours(folder: Path, seconds: float) -> list[Measurement]:
    """The first page and the second, over and over, as an officer who has signed in; then the search, without HTTP."""
    data, cookie = filled(folder)
    ledger = SqliteLedger(data / "fundcall.db")
    command = [sys.executable, "-m", "fundcall", "serve", "--data", str(data), "--port", "PORT"]
    with serving(command) as port:
        found = asyncio.run(_warm(port, cookie, seconds, _addresses(ledger)))
    ledger.close()
    return [told(f"fundcall queue page, {CLIENTS} clients", found, seconds), *searches(data)]


def ours_by_processes(folder: Path, seconds: float, processes: int) -> Measurement:
    """The same pages by several web processes over PostgreSQL, which shares their cores and those of the clients."""
    from fundcall.bootstrap import open_system, settings_for

    with running(DURABLE) as cluster:
        url = cluster.empty()
        data, cookie = filled(folder, url)
        with closing(open_system(settings_for(data, database_url=url))) as system:
            addresses = _addresses(system.ledger)
        command = [sys.executable, "-m", "fundcall", "serve", "--data", str(data), "--port", "PORT"]
        with serving([*command, "--workers", str(processes)], FUNDCALL_DATABASE_URL=url) as port:
            found = asyncio.run(_warm(port, cookie, seconds, addresses))
    return told(f"fundcall queue page, {CLIENTS} clients, {processes} processes", found, seconds)


def _addresses(ledger: Ledger) -> list[str]:
    from urllib.parse import quote

    import orjson

    order = (By("due_at"),)
    second = mark_of(ledger.queue(Wanted(), order, 50)[-1], order)
    return [
        "/applications",
        f"/applications?after={quote(orjson.dumps(second).decode())}",
        "/applications?state=submitted",
    ]


def django(folder: Path, seconds: float) -> Measurement:
    """The same pages by Django's templates and ORM, with its sessions and accounts, under the same server."""
    command = [sys.executable, "-m", "benchmarks.django_desk", str(folder), "PORT"]
    with serving(command) as port:
        cookie = _wait_for(folder / "cookie")
        found = asyncio.run(
            _warm(port, cookie, seconds, ["/applications", "/applications?page=2", "/applications?state=submitted"])
        )
    return told(f"Django queue page, {CLIENTS} clients", found, seconds)


def _wait_for(path: Path) -> str:
    for _ in range(1200):
        if path.exists():
            return path.read_text()
        time.sleep(0.1)
    raise TimeoutError(path)


async def _warm(port: int, cookie: str, seconds: float, addresses: list[str]) -> list[Sent]:
    supply = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode() for path in cycle(addresses)
    )
    await closed_loop(port, CLIENTS, supply, 2)  # every thread has its connection then
    return await closed_loop(port, CLIENTS, supply, seconds)


def searches(data: Path) -> list[Measurement]:
    """What the ledger takes to answer a page of a search and to count it, for words rare and common."""
    ledger = SqliteLedger(data / "fundcall.db")
    took: list[float] = []
    slowest = ("", 0.0)
    for text in SEARCHES:
        wanted = Wanted(terms=tuple(Term(pieces) for pieces in asked(text)))
        times = [_timed(partial(_search, ledger, wanted)) for _ in range(_PASSES)]
        took += times
        slowest = max(slowest, (text, sorted(times)[len(times) // 2]), key=lambda one: one[1])
    print(f"slowest search: {slowest[0]}, median {slowest[1] * 1000:.1f} ms", file=sys.stderr)
    ledger.close()
    return [measured("fundcall search", len(took), sum(took), took)]


def _search(ledger: SqliteLedger, wanted: Wanted) -> None:
    ledger.queue(wanted, (By("updated_at", descending=True),), 51)
    ledger.queue_counts(wanted)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began

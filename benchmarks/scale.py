"""PostgreSQL, two web processes and a worker on loopback; one of the web is killed in the closing rush: `make demo-scale`.

Ends with 1 where something that was acknowledged is lost, a late filing taken or a timely one refused, a deadline not
acted on, a notice recorded or sent twice, or where the whole check of the ledger finds anything.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import mailbox
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

from rich.console import Console

from benchmarks.http_client import Connection, Sent, connect, post
from benchmarks.http_load import prepare
from fundcall.audit.world import check_world
from fundcall.bootstrap import System, open_system, settings_for
from fundcall.mailsink import MailSink
from states.calendar import instant_of
from tests.ports import free_ports
from tests.postgres import DURABLE, running

_ROOT = Path(__file__).parents[1]
_LEAD_SECONDS, _PREPARED_A_SECOND, _IDLE_SHARE, _CONNECTIONS = 60.0, 100, 10, 256
_START_SECONDS, _SETTLE_SECONDS = 60, 120
_STAMPED_WITHIN_SECONDS = 1.0
_KILL_BEFORE_CLOSE = 0.25
"""The kill comes when this share of the rush is still to come, so that whoever was cut off can be in time elsewhere."""


@dataclass
class Rush:
    """What clients know when it is over."""

    sent: dict[str, Sent] = field(default_factory=dict)
    cut_off: int = 0
    unavailable: int = 0


@contextmanager
def process(log: Path, environment: dict[str, str], *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of the product, which is asked to end afterwards; what it says goes to a file."""
    command = [sys.executable, "-m", "fundcall", *words]
    with log.open("ab") as file:
        begun = subprocess.Popen(command, cwd=_ROOT, env={**os.environ, **environment}, stdout=file, stderr=file)
        try:
            yield begun
        finally:
            begun.terminate()
            begun.wait(30)


class Doors:
    """The ports of the web processes, and the connections to them that are free."""

    def __init__(self, ports: list[int]) -> None:
        self.ports = ports
        self._free: dict[int, list[Connection]] = {port: [] for port in ports}
        self._room = asyncio.Semaphore(_CONNECTIONS)

    async def ask(self, port: int, request: bytes) -> Sent:
        """Send a request to one of them. Raises OSError, EOFError where it is gone."""
        async with self._room:
            free = self._free[port]
            connection = free.pop() if free else Connection(*await asyncio.open_connection("127.0.0.1", port))
            found = await connection.send(request)
            free.append(connection)
            return found


async def storm(doors: Doors, keys: dict[str, str], closes_at: datetime, spread: float, late: int, doomed: int) -> Rush:
    """Filings thick towards the close, the last so many after it; the process `doomed` is killed on the way."""
    seeded, rush, names = random.Random(7), Rush(), list(keys)
    close = time.perf_counter() + (closes_at - datetime.now(UTC)).total_seconds()
    in_time = len(names) - late
    times = [close - spread * (0.02 + 0.98 * seeded.random() ** 2) for _ in range(in_time)]
    times += [close + 0.2 + seeded.random() for _ in range(late)]

    async def submit(name: str, at: float) -> None:
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        request = post(f"/api/v1/applications/{name}/commands/SubmitApplication", keys[name], "s")
        order = seeded.sample(doors.ports, len(doors.ports))
        tried = 0
        while True:
            try:
                found = await doors.ask(order[tried % len(order)], request)
            except (OSError, EOFError):
                rush.cut_off += 1
            else:
                if found.status != 503:
                    rush.sent[name] = found
                    return
                rush.unavailable += 1
                await asyncio.sleep(0.05)
            tried += 1

    async def strike() -> None:
        await asyncio.sleep(max(0.0, close - spread * _KILL_BEFORE_CLOSE - time.perf_counter()))
        os.kill(doomed, signal.SIGKILL)

    await asyncio.gather(strike(), *(submit(name, at) for name, at in zip(names, times, strict=True)))
    return rush


def settled(system: System, drafts: int) -> bool:
    """Wait until no draft is left and every notice has found its end; whether that came about."""
    until = time.monotonic() + _SETTLE_SECONDS
    while time.monotonic() < until:
        states = system.ledger.counts("load")
        waiting = [n for (*_, status), n in system.notices.notice_counts().items() if status in ("queued", "sending")]
        if not states.get("draft") and sum(states.values()) == drafts and not waiting:
            return True
        time.sleep(0.25)
    return False


def judged(system: System, rush: Rush, closes_at: datetime, mbox: Path) -> tuple[dict[str, Any], list[str]]:
    """What came of it, in figures, and everything that is wrong."""
    accepted = {name: sent for name, sent in rush.sent.items() if sent.status == 200}
    refused = {name: sent for name, sent in rush.sent.items() if sent.status != 200}
    verdict = check_world(system.ledger, now=datetime.now(UTC))
    mails = Counter(str(mail["Message-ID"]) for mail in mailbox.mbox(mbox))
    notices: Counter[str] = Counter()
    for (*_, status), n in system.notices.notice_counts().items():
        notices[status] += n
    close = time.perf_counter() + (closes_at - datetime.now(UTC)).total_seconds()
    wrong = [*misjudged(system, accepted, refused, closes_at, close)]
    wrong += [f"{d.what}: {d.expected} / {d.found}" for d in verdict.divergences]
    wrong += [f"sent {times} times: {name}" for name, times in mails.items() if times > 1]
    if set(notices) != {"accepted"}:
        wrong.append(f"notices: {dict(notices)}")
    waits = quantiles([one.ms for one in rush.sent.values()], n=100)
    took = max(one.answered for one in rush.sent.values()) - min(one.asked for one in rush.sent.values())
    figures = {
        "accepted": len(accepted),
        "refused as late": len(refused),
        "sent before the close and stamped after it": sum(one.asked < close for one in refused.values()),
        "drafts lapsed": system.ledger.counts("load").get("lapsed", 0),
        "cut off and given again elsewhere": rush.cut_off,
        "answered unavailable": rush.unavailable,
        "requests a second": round(len(rush.sent) / took),
        "p50 ms": round(waits[49]),
        "p99 ms": round(waits[98]),
        "notices": notices.total(),
        "mails": mails.total(),
        "events": verdict.events,
        "root": verdict.root,
    }
    return figures, wrong


def misjudged(
    system: System, accepted: dict[str, Sent], refused: dict[str, Sent], closes_at: datetime, close: float
) -> Iterator[str]:
    """Filings that are not as their arrival says they must be, or not as their units were told."""
    filed = {row.id for row in system.ledger.rows("submitted", "load")}
    yield from (f"lost: {name}" for name in accepted if name not in filed)
    yield from (f"not acknowledged: {name}" for name in filed if name not in accepted)
    for name, one in accepted.items():
        if instant_of(one.body["received_at"]) >= closes_at:
            yield f"taken late: {name}"
    for name, one in refused.items():
        if one.body.get("code") != "within_window" or one.asked < close - _STAMPED_WITHIN_SECONDS:
            yield f"refused: {name} {one.body.get('code')}"


def run(folder: Path, url: str, submissions: int, spread: float) -> tuple[dict[str, Any], list[str]]:
    """The whole of it on an empty database."""
    late = max(1, submissions // 20)
    drafts = submissions + late + submissions // _IDLE_SHARE
    closes_at = datetime.now(UTC) + timedelta(seconds=_LEAD_SECONDS + drafts / _PREPARED_A_SECOND + spread)
    path, keys = prepare(folder, drafts, closes_at, url)
    sink = MailSink()
    environment = {
        "FUNDCALL_DATABASE_URL": url,
        "FUNDCALL_DATA_DIR": str(folder / "data"),
        "FUNDCALL_CALLS": path,
        "FUNDCALL_SMTP_URL": f"smtp://127.0.0.1:{sink.start(folder / 'mails.mbox')}",
    }
    ports = free_ports(2)
    web = [(folder / f"web-{port}.log", environment, "serve", "--pages-only", "--port", str(port)) for port in ports]
    asking = dict(list(keys.items())[: submissions + late])
    try:
        with process(*web[0]) as doomed, process(*web[1]), process(folder / "worker.log", environment, "worker"):
            asyncio.run(_reached(ports))
            if datetime.now(UTC) > closes_at - timedelta(seconds=spread):
                raise RuntimeError("the servers were not up in time")
            rush = asyncio.run(storm(Doors(ports), asking, closes_at, spread, late, doomed.pid))
            settings = settings_for(folder / "data", database_url=url, calls=path)
            with closing(open_system(settings)) as system:
                over = settled(system, drafts)
                figures, wrong = judged(system, rush, closes_at, folder / "mails.mbox")
    finally:
        sink.stop()
    return figures, wrong if over else [*wrong, "deadlines or notices were still waiting"]


async def _reached(ports: Iterable[int]) -> None:
    """Wait until all of them are listened on."""
    for port in ports:
        (await connect(port, _START_SECONDS)).close()


def main() -> int:
    """The command."""
    asked = argparse.ArgumentParser(prog="make demo-scale", description=__doc__)
    asked.add_argument("--submissions", type=int, default=2000, help="按时提交件数 · filings in time (2000)")
    asked.add_argument("--seconds", type=float, default=10, help="高峰时长 · how long the rush takes (10)")
    asked.add_argument("--json", action="store_true", help="输出JSON · print JSON")
    given = asked.parse_args()
    with running(DURABLE) as cluster, tempfile.TemporaryDirectory(prefix="fundcall-scale-") as folder:
        figures, wrong = run(Path(folder), cluster.empty(), given.submissions, given.seconds)
    if given.json:
        print(json.dumps({**figures, "wrong": wrong}, ensure_ascii=False, indent=2))
    else:
        console = Console()
        console.print(
            "PostgreSQL、两个网页进程、一个后台进程；高峰中终止一个网页进程 · one of two web processes killed in the rush"
        )
        for name, value in figures.items():
            console.print(f"  {name}: {value}", markup=False, soft_wrap=True)
        for what in wrong[:20]:
            console.print(f"✗ {what}", markup=False)
        console.print("✓ 无一丢失 nothing lost" if not wrong else f"✗ {len(wrong)} 处有误 wrong", markup=False)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

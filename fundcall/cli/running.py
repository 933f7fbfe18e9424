"""`fundcall init`, `serve` and `worker`: a real installation."""

from __future__ import annotations

import signal
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Annotated

import typer

from fundcall.auditing import sentence
from fundcall.bootstrap import Proofs, System, install, settings_for, web
from fundcall.checks import Checks
from fundcall.cli.output import Data, console, errors, fail, opened
from fundcall.demo_people import Welcome
from fundcall.documents.store import DocumentStore
from fundcall.logs import set_up
from fundcall.messenger import Messenger, follow
from fundcall.scheduler import Heartbeat
from fundcall.watch import Watch
from workflow.deadlines import sweep

_SETTLING = timedelta(seconds=10)
"""How long after a deadline it is acted on."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (init, serve, worker):
        app.command(command.__name__)(command)


def init(data: Data = None) -> None:
    """建立数据库 · Create the database, or bring it to the newest schema."""
    settings = settings_for(data)
    install(settings)
    console.print(f"✓ {settings.database_name}")


def serve(
    data: Data = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="端口 · the port")] = 8000,
    host: Annotated[
        str,
        typer.Option(
            "--host", help="监听的IPv4地址；前面须有TLS代理 · the IPv4 address; a proxy with TLS has to stand before it"
        ),
    ] = "127.0.0.1",
    pages_only: Annotated[
        bool,
        typer.Option("--pages-only", help="期限与通知由 worker 负责 · leave deadlines and notices to fundcall worker"),
    ] = False,
) -> None:
    """网页、接口与期限任务 · Pages and API, with deadlines and notices beside them; on this machine only, unless told."""
    with opened(data) as system:
        _refuse_broken(system)
        jobs = () if pages_only else (_heartbeat(system), _watch(system), Messenger(system.settings))
        serve_web(system, port, jobs, host=host)


def worker(data: Data = None) -> None:
    """只运行期限与通知任务 · Deadlines and notices only."""
    with opened(data) as system:
        _refuse_broken(system)
        set_up()
        jobs, stop = (_heartbeat(system), _watch(system)), threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        for job in jobs:
            job.start()
        console.print("✓ 期限与通知任务已开始（Ctrl-C 结束） · deadlines and notices are looked after (Ctrl-C ends)")
        follow(system, stop)
        _stop(jobs)


def _refuse_broken(system: System) -> None:
    """Append nothing to a ledger whose newest part does not hold: say where, and end."""
    found = Proofs(system).tail()
    for divergence in found:
        errors.print(f"✗ {sentence(divergence)}", markup=False, soft_wrap=True)
    if found:
        fail(
            "账本末端不完整，拒绝启动；请运行 fundcall audit verify",
            "the ledger's end does not hold; run fundcall audit verify",
            1,
        )


def serve_web(
    system: System,
    port: int,
    beside: Sequence[Heartbeat | Messenger],
    people: Welcome | None = None,
    host: str = "127.0.0.1",
) -> None:
    """Serve pages and API at an address until interrupted, the jobs beside. `people` are those of a demo; their addresses
    are printed.
    """
    from fundcall.web.arrival import listening, run  # slow to import, and most commands need no web
    from fundcall.web.telling import noted

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: everything below is stopped, too
    try:
        listener = listening(host, port)
    except OSError as taken:
        at = f"{host}:{port}"
        fail(f"{at} 无法使用", f"{at} cannot be used: {taken.strerror}")
    address = f"http://{host}:{listener.getsockname()[1]}"
    for role, key in people.keys.items() if people is not None else ():
        console.print(f"{role:20} {address}/demo/{key}", soft_wrap=True, highlight=False)
    console.print(f"\n[bold]→ {address}/[/]  (Ctrl-C 结束 ends)")
    documents = system.handler.documents
    if isinstance(documents, DocumentStore):
        documents.start()
    if people is None:  # a demo has a person before it
        set_up(noted)
    for job in beside:
        job.start()
    try:
        run(web(system, demo=people.accounts if people is not None else None, checks=Checks(system)), listener)
    finally:
        _stop(beside)


def _stop(jobs: Sequence[Heartbeat | Messenger]) -> None:
    """Stop them all at the same time."""
    with ThreadPoolExecutor(max(1, len(jobs))) as pool:
        list(pool.map(lambda job: job.stop(), jobs))


def _heartbeat(system: System) -> Heartbeat:
    """Deadlines are acted on a little later than they fall due, as of the instant they did: what arrived in time and waits
    in a queue, here or in another process, comes first.
    """

    def beat() -> None:
        sweep(system.handler, system.clock.now(), behind=_SETTLING)

    return Heartbeat(beat, system.ledger.next_due, lambda: system.clock.now() - _SETTLING)


def _watch(system: System) -> Heartbeat:
    watch = Watch(system)

    def beat() -> None:
        with system.ledger.turn("watch") as ours:
            if ours:
                watch.beat()

    return Heartbeat(beat, lambda: None, system.clock.now)

"""`fundcall init`, `serve` and `worker`: a real installation."""

from __future__ import annotations

import signal
import threading
from typing import Annotated

import typer
import uvloop
from pydantic import ValidationError

from fundcall.bootstrap import System, install, settings_for, web
from fundcall.cli.output import Data, console, fail, opened
from fundcall.scheduler import Heartbeat
from notifications.mailer import Mailer
from workflow.deadlines import sweep


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (init, serve, worker):
        app.command(command.__name__)(command)


def init(data: Data = None) -> None:
    """建立数据库 · Create the database, or bring it to the newest schema."""
    try:
        settings = settings_for(data)
    except ValidationError as wrong:
        fail("设置有误", str(wrong))
    install(settings)
    console.print(f"✓ {settings.database}")


def serve(
    data: Data = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="端口 · the port")] = 8000,
    pages: Annotated[
        bool,
        typer.Option(
            "--pages",
            help="同时提供无需登录的只读网页（仅限本机） · the read-only pages too, which ask nobody to sign in",
        ),
    ] = False,
) -> None:
    """接口与期限任务 · The API, and deadlines and notices beside it; on this machine only."""
    with opened(data) as system:
        serve_web(system, port, pages=pages, jobs=True)


def worker(data: Data = None) -> None:
    """只运行期限与通知任务 · Deadlines and notices only."""
    with opened(data) as system:
        system.notices.reclaim()
        heartbeat = _heartbeat(system)
        heartbeat.start()
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        stop.wait()
        heartbeat.stop()


def serve_web(system: System, port: int, *, pages: bool, jobs: bool = False) -> None:
    """Serve the API, and the pages if asked for, on loopback until interrupted."""
    import uvicorn  # slow to import, and most commands need no pages

    heartbeat = _heartbeat(system) if jobs else None
    if heartbeat is not None:
        system.notices.reclaim()
        heartbeat.start()
    app = web(system, pages=pages)
    console.print(f"\n[bold]→ http://127.0.0.1:{port}/{'' if pages else 'api/v1/openapi.json'}[/]  (Ctrl-C 结束 ends)")
    try:
        uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")
    finally:
        if heartbeat is not None:
            heartbeat.stop()


def _heartbeat(system: System) -> Heartbeat:
    def beat() -> None:
        sweep(system.handler, system.clock.now())
        deliver(system)

    return Heartbeat(beat, system.ledger.next_due, system.clock.now)


def deliver(system: System) -> tuple[int, int]:
    """Record what is new and send what is queued: how many of each."""

    async def send() -> int:
        mailer = Mailer(system.settings.smtp_url)
        try:
            return await system.dispatcher.send(mailer, system.clock.now())
        finally:
            await mailer.close()

    recorded = system.dispatcher.record()
    return recorded, uvloop.run(send())

"""`fundcall init`, `serve` and `worker`: a real installation."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated

import typer

from fundcall.auditing import sentence
from fundcall.bootstrap import Proofs, System, install, settings_for
from fundcall.cli.output import Data, console, errors, fail, opened
from fundcall.cli.whole import whole
from fundcall.demo_people import Welcome
from fundcall.logs import set_up
from fundcall.messenger import Messenger, follow
from fundcall.processes import Kept
from fundcall.scheduler import Heartbeat, of_deadlines
from fundcall.serving import answer, answering
from fundcall.watch import Watch

Job = Heartbeat | Kept


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
    port: Annotated[int, whole("--port", least=0, most=65535, told="端口 · the port")] = 8000,
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
    workers: Annotated[
        int,
        whole(
            "--workers",
            least=1,
            most=64,
            told="网页进程数，多于1须用 PostgreSQL · processes that answer; more than 1 on PostgreSQL",
        ),
    ] = 1,
) -> None:
    """网页、接口与期限任务 · Pages and API, with deadlines and notices beside them; on this machine only, unless told."""
    with opened(data) as system:
        _refuse_broken(system)
        jobs = (
            ()
            if pages_only
            else (of_deadlines(system.handler, system.clock.now), _watch(system), Messenger(system.settings))
        )
        if workers == 1:
            serve_web(system, port, jobs, host=host)
        elif system.settings.postgres:
            _serve_many(system, _listening(host, port), jobs, workers)
        else:
            fail("--workers 多于1时须用 PostgreSQL", "more than one of --workers needs PostgreSQL")


def worker(data: Data = None) -> None:
    """只运行期限与通知任务 · Deadlines and notices only."""
    with opened(data) as system:
        _refuse_broken(system)
        set_up()
        jobs, stop = (of_deadlines(system.handler, system.clock.now), _watch(system)), _told_to_stop()
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
    beside: Sequence[Job],
    people: Welcome | None = None,
    host: str = "127.0.0.1",
) -> None:
    """Serve pages and API at an address until interrupted, the jobs beside. `people` are those of a demo; their addresses
    are printed.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: everything below is stopped, too
    listener = _listening(host, port)
    for role, key in people.keys.items() if people is not None else ():
        console.print(f"{role:20} {_address(listener)}/demo/{key}", soft_wrap=True, highlight=False)
    console.print(f"\n[bold]→ {_address(listener)}/[/]  (Ctrl-C 结束 ends)")
    for job in beside:
        job.start()
    try:
        answer(system, listener, people)
    finally:
        _stop(beside)


def _serve_many(system: System, listener: socket.socket, beside: Sequence[Job], count: int) -> None:
    """The same by several processes, none of which is this one."""
    stop, jobs = _told_to_stop(), (*answering(system.settings, listener, count), *beside)
    console.print(f"\n[bold]→ {_address(listener)}/[/]  × {count} (Ctrl-C 结束 ends)")
    set_up()
    for job in jobs:
        job.start()
    stop.wait()
    _stop(jobs)


def _listening(host: str, port: int) -> socket.socket:
    from fundcall.web.arrival import listening  # slow to import, and most commands need no web

    try:
        return listening(host, port)
    except OSError as taken:
        at = f"{host}:{port}"
        fail(f"{at} 无法使用", f"{at} cannot be used: {taken.strerror}")


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()
    return f"http://{host}:{port}"


def _told_to_stop() -> threading.Event:
    """What comes with SIGTERM or Ctrl-C."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _stop(jobs: Sequence[Job]) -> None:
    """Stop them all at the same time."""
    with ThreadPoolExecutor(max(1, len(jobs))) as pool:
        list(pool.map(lambda job: job.stop(), jobs))


def _watch(system: System) -> Heartbeat:
    watch = Watch(system)

    def beat() -> None:
        with system.ledger.turn("watch") as ours:
            if ours:
                watch.beat()

    return Heartbeat(beat, lambda: None, system.clock.now)

"""Several processes on one PostgreSQL: two workers and a server act on every deadline once, tell everybody once, and end in peace."""

from __future__ import annotations

import mailbox
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fundcall.audit.world import check_world
from fundcall.bootstrap import System, open_system, settings_for
from fundcall.calls.calendars import named
from fundcall.calls.load import file_of
from fundcall.cli import app
from fundcall.mailsink import MailSink
from tests.drive import World
from tests.fundcall.test_serving import alive, children
from tests.ports import free_ports
from tests.postgres import Cluster
from workflow.memory import FixedCalendars, MemoryDocuments, MemoryRegisters

_CALL = "community-climate-2026"
_DRAFTS = 24
_PATIENCE_SECONDS = 60
_CLOSES_IN = timedelta(seconds=12)
"""About what it takes to start three processes."""


def soon(what: Callable[[], bool]) -> bool:
    """Whether something becomes true within reason."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while not what():
        if time.monotonic() > until:
            return False
        time.sleep(0.2)
    return True


@contextmanager
def running(environment: dict[str, str], *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-m", "fundcall", *arguments], env=environment, stdout=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def ready(process: subprocess.Popen[bytes]) -> bool:
    """Wait until it says that it is at work."""
    assert process.stdout is not None
    return any("→".encode() in line or "✓".encode() in line for line in process.stdout)


def answers(port: int) -> bool:
    """Whether the server answers, once it listens."""
    assert soon(lambda: listens(port))
    with closing(HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_SECONDS)) as connection:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == HTTPStatus.OK


def listens(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


def in_peace(processes: Sequence[subprocess.Popen[bytes]]) -> list[int]:
    """What they end with, told to end all at once and given ten seconds."""
    for process in processes:
        process.send_signal(signal.SIGTERM)
    until = time.monotonic() + 10
    return [process.wait(until - time.monotonic()) for process in processes]


def begun(server: int) -> set[int]:
    """The living processes of a server that answer or tell."""
    return {child for child in children(server, "spawn_main") if alive(child)}


@pytest.fixture
def environment(cluster: Cluster, tmp_path: Path) -> dict[str, str]:
    """An installation on PostgreSQL whose call closes at once."""
    call = file_of(_CALL).read_text(encoding="utf-8")
    now = datetime.now(UTC)
    for name, at in (("opens_at", now - timedelta(days=9)), ("closes_at", now + _CLOSES_IN)):
        call = re.sub(rf"(?m)^{name} = \S+", f"{name} = {at.isoformat()}", call)
    (tmp_path / "closed.toml").write_text(call, encoding="utf-8")
    (tmp_path / "notices").symlink_to(file_of(_CALL).parent / "notices")
    return {
        **os.environ,
        "FUNDCALL_DATABASE_URL": cluster.served(),
        "FUNDCALL_CALLS": str(tmp_path / "closed.toml"),
        "FUNDCALL_DATA_DIR": str(tmp_path / "data"),
    }


def with_drafts(system: System) -> None:
    """Drafts that were begun two hours ago and miss the close."""
    place = World(_CALL, system.ledger, system.handler, MemoryDocuments(), MemoryRegisters(),
                  FixedCalendars(named("weekends")), datetime.now(UTC) - timedelta(hours=2))  # fmt: skip
    for _ in range(_DRAFTS):
        place.empty()


def test_two_workers_and_a_server_act_on_every_deadline_once_and_send_every_notice_once(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FUNDCALL_CALLS", "FUNDCALL_DATABASE_URL"):
        monkeypatch.setenv(name, environment[name])
    sink = MailSink()
    environment["FUNDCALL_SMTP_URL"] = f"smtp://127.0.0.1:{sink.start(tmp_path / 'mbox')}"
    with closing(open_system(settings_for(tmp_path / "data"))) as system, ExitStack() as stack:
        stack.callback(sink.stop)
        with_drafts(system)
        (port,) = free_ports(1)
        due = len(system.ledger.deadlines())
        started = [
            stack.enter_context(running(environment, *given))
            for given in (("worker",), ("worker",), ("serve", "--port", str(port)))
        ]

        def over() -> bool:
            counts = system.notices.notice_counts()
            settled = {status for _, _, _, status in counts} == {"accepted"}
            told = system.notices.cursor("notices") == system.ledger.head()
            return settled and told and not system.ledger.deadlines()

        assert (due, [*map(ready, started)]) == (_DRAFTS, [True] * 3)
        assert soon(over)
        verdict = check_world(system.ledger, now=datetime.now(UTC))
        types = Counter(event.type for event in system.ledger.stored())
        notices = system.notices.notices()
        assert answers(port)
        ended = in_peace(started)
    assert (verdict.divergences, types) == ((), {"DraftCreated": _DRAFTS, "DraftLapsed": _DRAFTS})
    assert {(one.status, one.attempts) for one in notices} == {("accepted", 1)}
    with closing(mailbox.mbox(tmp_path / "mbox")) as box:
        assert sorted(message["Message-ID"] for message in box) == sorted(one.message_id for one in notices)
    assert ended == [0, 0, 0]


def test_a_server_of_two_processes_answers_though_one_is_killed_and_ends_in_peace(environment: dict[str, str]) -> None:
    (port,) = free_ports(1)
    with running(environment, "serve", "--pages-only", "--port", str(port), "--workers", "2") as server:
        assert answers(port)
        assert soon(lambda: len(begun(server.pid)) == 2)
        before = begun(server.pid)
        os.kill(min(before), signal.SIGKILL)
        assert answers(port)
        assert soon(lambda: len(begun(server.pid) - {min(before)}) == 2)
        assert answers(port)
        assert in_peace([server]) == [0]


@pytest.mark.sqlite
def test_a_file_of_sqlite_is_served_by_one_process(tmp_path: Path) -> None:
    data = ("--data", str(tmp_path))
    done = [CliRunner().invoke(app, given) for given in (("init", *data), ("serve", "--workers", "2", *data))]
    assert [one.exit_code for one in done] == [0, 2]
    assert "needs PostgreSQL" in done[1].stderr

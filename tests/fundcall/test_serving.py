"""`fundcall serve` as a process: notices leave while it serves, whatever befalls the process that tells them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest

from fundcall.calls.load import file_of
from fundcall.mailsink import MailSink
from tests.databases import environment_of

_CALL = "community-climate-2026"
_PATIENCE_SECONDS = 40


def soon(what: Callable[[], bool]) -> bool:
    """Whether something becomes true within reason."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while not what():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


def children(pid: int, of: str) -> list[int]:
    """The living children of a process that were begun for something."""
    listed = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    return [int(child) for child in " ".join(listed).split() if of in Path(f"/proc/{child}/cmdline").read_text()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Served:
    """The process, where it answers, and the mails that left."""

    def __init__(self, folder: Path, smtp: int) -> None:
        self._folder = folder
        call = file_of(_CALL).read_text(encoding="utf-8")
        now = datetime.now(UTC)
        for name, at in (("opens_at", now - timedelta(days=9)), ("closes_at", now + timedelta(days=9))):
            call = re.sub(rf"(?m)^{name} = \S+", f"{name} = {at.isoformat()}", call)
        (folder / "open.toml").write_text(call, encoding="utf-8")
        (folder / "notices").symlink_to(file_of(_CALL).parent / "notices")
        self._environment = {
            **environment_of(folder / "data"),
            "FUNDCALL_CALLS": str(folder / "open.toml"),
            "FUNDCALL_SMTP_URL": f"smtp://127.0.0.1:{smtp}",
            "PYTHONUNBUFFERED": "1",
        }
        self.run("init")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "fundcall", "serve", "--data", str(folder / "data"), "--port", "0"],
            env=self._environment, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        with self.process.stdout as said:
            told = next(line for line in said if "http://" in line)
        found = re.search(r"http://[\d.:]+", told)
        assert found is not None
        self.address = found[0]

    def run(self, *arguments: str) -> None:
        subprocess.run(
            [sys.executable, "-m", "fundcall", *arguments, "--data-dir" if arguments[0] == "do" else "--data",
             str(self._folder / "data")],
            env=self._environment, check=True, capture_output=True, timeout=60,
        )  # fmt: skip

    def healthy(self) -> bool:
        connection = HTTPConnection(self.address.removeprefix("http://"), timeout=20)
        connection.request("GET", "/healthz")
        answered: dict[str, bool] = json.load(connection.getresponse())
        connection.close()
        return answered["ok"]

    def open_draft(self, name: str) -> None:
        body = {"unit_code": "AB1234", "unit_name": "园艺社", "unit_kind": "association",
                "contacts": [{"name": "李", "email": f"{name}@example.org"}]}  # fmt: skip
        self.run(
            "do",
            "CreateDraft",
            "-a",
            name,
            "--call",
            _CALL,
            "--actor",
            "applicant:u@AB1234",
            "--data",
            json.dumps(body),
        )

    def mailed(self, name: str) -> bool:
        mbox = self._folder / "mbox"
        return mbox.exists() and f"<{name}@example.org>".encode() in mbox.read_bytes()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    sink = MailSink()
    try:
        found = Served(tmp_path, sink.start(tmp_path / "mbox"))
        yield found
        found.process.kill()
        found.process.wait()
    finally:
        sink.stop()


def test_notices_leave_and_go_on_after_their_process_was_killed(served: Served) -> None:
    assert served.healthy()
    served.open_draft("one")
    assert soon(lambda: served.mailed("one"))
    (told,) = children(served.process.pid, "spawn_main")
    os.kill(told, signal.SIGKILL)
    served.open_draft("two")
    assert soon(lambda: served.mailed("two"))
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(20) == 0


def test_what_was_begun_ends_with_the_server_even_if_that_is_killed(served: Served) -> None:
    assert soon(lambda: bool(children(served.process.pid, "spawn_main")))
    begun = children(served.process.pid, "spawn_main") + children(served.process.pid, "fundcall.documents.child")
    served.process.kill()
    served.process.wait()
    assert len(begun) == 3
    assert soon(lambda: not any(map(alive, begun)))


def test_the_server_ends_in_peace(served: Served) -> None:
    assert served.healthy()
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(20) == 0

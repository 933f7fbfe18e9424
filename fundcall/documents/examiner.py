"""Examine documents in a pool of warm child processes: a hostile file costs a child, never this process."""

from __future__ import annotations

import base64
import hashlib
import json
import mmap
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeAlias

from fundcall.documents.anchors import Anchors
from fundcall.documents.report import Report, report_of

EXAMINED_BYTES_MAX = 16 << 20
"""Larger files are not opened at all; calls ask for less."""
WALL_SECONDS = 60
"""Beyond a file's processor time: a child that only waits is ended."""
_CHILD = "fundcall.documents.child"
_ANSWER_BYTES_MAX = 1 << 20
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "SYSTEMROOT")
_Content: TypeAlias = bytes | memoryview


class Failed(Exception):
    """The child did not live to answer; says what the file is told to have done."""


class Examiner:
    """Examines documents, `workers` at a time. Children start when first needed; safe to use from many threads.

    A file that brings down a child that had examined others before is tried once more in a fresh one, so that nobody
    answers for what an earlier file left behind. `clock` says when it is, for the validity of certificates.
    """

    def __init__(
        self,
        anchors: Anchors | Callable[[], Anchors] = Anchors(),  # noqa: B008 - frozen
        workers: int = 2,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._given = anchors
        self._clock = clock
        self._children: queue.LifoQueue[_Child | None] = queue.LifoQueue()
        for _ in range(workers):
            self._children.put(None)
        self._workers = workers
        self._room = threading.BoundedSemaphore(workers)
        self._loading = threading.Lock()

    @property
    def anchors(self) -> Anchors:
        """The trusted certificates, read when first needed. Raises AnchorFault, OSError."""
        with self._loading:
            if not isinstance(self._given, Anchors):
                self._given = self._given()
            return self._given

    def children(self) -> dict[str, float]:
        """How many processes there is room for, and how many of them are at work."""
        return {"busy": self._workers - self._children.qsize(), "all": self._workers}

    def start(self) -> None:
        """Start every child now, so that the first documents need not wait for one. Raises AnchorFault, OSError; whatever
        ends it, an interrupt too, there is room for as many children as before.
        """
        held = [self._children.get() for _ in range(self._workers)]
        started: list[Future[_Child]] = []
        try:
            with ThreadPoolExecutor(self._workers) as pool:
                started += (pool.submit(_Child, self.anchors) for child in held if child is None)
            for one in started:
                one.result()
        finally:
            made = [one.result() for one in started if one.done() and one.exception() is None]
            there = [child for child in held if child is not None] + made
            for child in there:
                self._children.put(child)
            for _ in range(self._workers - len(there)):
                self._children.put(None)

    def examine(self, document: bytes | Path) -> Report:
        """The report on a document. Raises OSError where the file cannot be read."""
        with self._room, _loaded(document) as (content, sha256, size):  # who waits for a child holds no file
            if content is None:
                return Report(sha256, size, "unknown", findings=("too_large",))
            answer = self._answer(content)
        return report_of({"sha256": sha256, "size_bytes": size, **answer})

    def draw(self, document: bytes | Path) -> bytes:
        """The first page of a PDF as PNG; b"" where there is none that can be drawn. Raises OSError as `examine`."""
        with self._room, _loaded(document) as (content, _, _):
            answer = self._answer(content, draw=True) if content is not None else {}
        return base64.b64decode(answer.get("png", ""))

    def examine_all(self, documents: Iterable[bytes | Path]) -> Iterator[Report]:
        """The reports on many documents, in their order, as many at a time as there are children."""
        with ThreadPoolExecutor(self._workers) as pool:
            yield from pool.map(self.examine, documents)

    def close(self) -> None:
        """End the children; those at work are waited for."""
        held = [self._children.get() for _ in range(self._workers)]
        for child in held:
            if child is not None:
                child.end()
            self._children.put(None)

    def _answer(self, content: _Content, *, draw: bool = False) -> dict[str, Any]:
        child = self._children.get()
        try:
            used = child is not None and child.alive
            if child is None or not child.alive:
                child = _Child(self.anchors)
            try:
                answer = child.ask(content, self._clock(), draw=draw)
                if "memory" not in answer["findings"] or not used:
                    return answer
            except Failed as failed:
                if not used or str(failed) == "timeout":
                    return _failed(content, str(failed))
            child.end()
            child = _Child(self.anchors)
            try:
                return child.ask(content, self._clock(), draw=draw)
            except Failed as failed:
                return _failed(content, str(failed))
        finally:
            self._children.put(child)


class _Child:
    """One child process and the channel to it. What comes back is JSON: a child that was taken over sends no code."""

    def __init__(self, anchors: Anchors) -> None:
        ours, theirs = socket.socketpair()
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environment["PYTHONPATH"] = os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)
        self._process = subprocess.Popen(  # noqa: S603 - our own module, by our own interpreter
            [sys.executable, "-m", _CHILD, str(theirs.fileno())],
            pass_fds=(theirs.fileno(),), env=environment, cwd="/",
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        theirs.close()
        self._channel = Connection(ours.detach())
        self._say(json.dumps({"anchors": [base64.b64encode(der).decode() for der in anchors.certificates]}).encode())
        self._hear()

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None and not self._channel.closed

    def ask(self, content: _Content, now: datetime, *, draw: bool = False) -> dict[str, Any]:
        """What it says of a file, or its first page. Raises Failed where it dies over it; it is ended then."""
        self._say(json.dumps({"draw": True} if draw else {"now": now.isoformat()}).encode())
        self._say(content)
        answer: dict[str, Any] = json.loads(self._hear())
        return answer

    def end(self) -> None:
        """End the process."""
        self._channel.close()
        self._process.kill()
        self._process.wait()

    def _say(self, message: _Content) -> None:
        try:
            self._channel.send_bytes(message)
        except OSError:
            raise Failed(self._died()) from None

    def _hear(self) -> bytes:
        try:
            if self._channel.poll(WALL_SECONDS):
                return self._channel.recv_bytes(_ANSWER_BYTES_MAX)
        except (OSError, EOFError):
            raise Failed(self._died()) from None
        self.end()
        raise Failed("timeout")

    def _died(self) -> str:
        self._channel.close()
        try:
            code = self._process.wait(_DYING_SECONDS)
        except subprocess.TimeoutExpired:
            self.end()
            return "crash"
        return "timeout" if code == -signal.SIGXCPU else "crash"


_DYING_SECONDS = 5


def _failed(content: _Content, finding: str) -> dict[str, Any]:
    """What is told of a file that could not be examined: its kind by its first bytes, and why no more."""
    pdf = content[:5] == b"%PDF-"
    seals = [{"verdict": "unreadable"}] if pdf else []
    return {"format": "pdf" if pdf else "unknown", "pages": 0, "findings": [finding], "seals": seals}


@contextmanager
def _loaded(document: bytes | Path) -> Iterator[tuple[_Content | None, str, int]]:
    """The bytes (None where they are too many to open), their SHA-256 and number. A file is mapped, not read: threads
    that each held one would keep its room.
    """
    if isinstance(document, bytes):
        yield _small(document), hashlib.sha256(document).hexdigest(), len(document)
        return
    with document.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            yield b"", hashlib.sha256().hexdigest(), 0
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped, memoryview(mapped) as content:
            yield _small(content), hashlib.sha256(content).hexdigest(), len(content)


def _small(content: _Content) -> _Content | None:
    return content if len(content) <= EXAMINED_BYTES_MAX else None

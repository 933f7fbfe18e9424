"""A fault at the n-th system call of a kind, by strace on a child forked from a process that has everything loaded."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

Tell = Callable[[str], None]
Act = Callable[[Tell], None]

CALLS = ("pwrite64", "write", "writev", "pwritev", "fdatasync", "fsync", "ftruncate", "fallocate", "openat",
         "mkdir", "mkdirat", "rename", "renameat", "renameat2", "unlink", "unlinkat")  # fmt: skip
"""What changes a disk. A machine that lacks one of them has another (`?` lets strace pass over it)."""

FAULTS = {
    "KILL": "signal=KILL:when={nth}",  # dead just before the call
    "EIO": "error=EIO:when={nth}",
    "ENOSPC": "error=ENOSPC:when={nth}",  # full once
    "FULL": "error=ENOSPC:when={nth}+",  # full from then on
}
_NEVER_FULL = ("unlink", "unlinkat")
_SECONDS_MAX = 20
_NAME = re.compile(r"^(\w+)\(")


@dataclass(frozen=True, slots=True)
class Point:
    """Where a fault strikes: the `nth` call of a kind, counted from 1."""

    fault: str
    call: str
    nth: int

    def __str__(self) -> str:
        return f"{self.fault} at {self.call} {self.nth}"

    @staticmethod
    def read(text: str) -> Point:
        """The point that is written so. Raises ValueError."""
        fault, _, call, nth = text.split()
        if fault not in FAULTS or call not in CALLS:
            raise ValueError(text)
        return Point(fault, call, int(nth))


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a child: what it told, whether it was killed, and the system calls that strace saw."""

    told: tuple[str, ...]
    killed: bool
    log: str

    @property
    def calls(self) -> Counter[str]:
        """The calls seen, by name."""
        return Counter(found[1] for line in self.log.splitlines() if (found := _NAME.match(line)))

    @property
    def struck(self) -> bool:
        """Whether the fault has struck."""
        return self.killed or "(INJECTED)" in self.log


def points(calls: Counter[str]) -> Iterator[Point]:
    """Every fault at every one of these calls."""
    for call in sorted(calls):
        for fault in FAULTS:
            if call not in _NEVER_FULL or fault in ("KILL", "EIO"):
                yield from (Point(fault, call, nth) for nth in range(1, calls[call] + 1))


def undisturbed(act: Act, log: Path) -> Ended:
    """Let a child act, and see the calls that it makes."""
    return _traced(act, ["-e", f"trace={','.join(f'?{call}' for call in CALLS)}"], log)


def recorded(act: Act, options: list[str], log: Path) -> Ended:
    """Let a child act, with all its threads and children, and keep what strace is asked for by these options."""
    return _traced(act, options, log)


def struck(act: Act, point: Point, log: Path) -> Ended:
    """Let a child act, and let the fault strike."""
    fault = FAULTS[point.fault].format(nth=point.nth)
    return _traced(act, ["-e", f"trace={point.call}", "-e", f"inject={point.call}:{fault}"], log)


def _traced(act: Act, options: list[str], log: Path) -> Ended:
    """Fork, hold the child until strace has it, let it act, and wait for its end. Raises where strace cannot trace."""
    ours, its = socket.socketpair()
    pid = os.fork()
    if not pid:
        ours.close()
        _act(act, its)
    its.close()
    command = ["strace", "-p", str(pid), "-o", str(log), *options]
    status = 0
    with ours, subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
        assert tracer.stderr is not None
        said = tracer.stderr.readline()
        try:
            if "attached" not in said:
                raise RuntimeError(f"strace cannot trace here: {said}{tracer.stderr.read()}")
            ours.send(b"go")
            tracer.wait()
        except BaseException:
            os.kill(pid, signal.SIGKILL)
            raise
        finally:
            _, status = os.waitpid(pid, 0)
        told = b"".join(iter(lambda: ours.recv(4096), b"")).decode().splitlines()
    signalled = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    hung = ("hung",) if signalled == signal.SIGALRM else ()
    return Ended((*told, *hung), signalled == signal.SIGKILL, log.read_text())


def _act(act: Act, channel: socket.socket) -> None:
    """The child's whole life. It tells over a socket, whose calls are none of those that are disturbed."""
    try:
        signal.alarm(_SECONDS_MAX)  # which nobody handles: it ends what hangs
        channel.recv(2)
        act(lambda line: channel.sendall(f"{line}\n".encode()))
    except BaseException as wrong:  # noqa: BLE001 - it is reported, and nothing may come back to what was forked
        channel.sendall(f"raised {wrong!r}\n".encode())
    finally:
        os._exit(0)

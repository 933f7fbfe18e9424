"""Processes that are kept: begun anew where they end unasked, and ended with whoever began them."""

from __future__ import annotations

import logging
import multiprocessing
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Protocol

_PAUSE_SECONDS = 1.0
_LOOK_SECONDS = 0.2
_STOP_SECONDS = 6.0
_LOG = logging.getLogger(__name__)


class Waits(Protocol):
    """An event to wait for: of threads or of processes."""

    def is_set(self) -> bool:
        """Whether it has come."""

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for it, so many seconds at most; whether it has come."""


class Kept:
    """A process that runs a function (one that can be pickled) and is kept. The function is given what tells it to end: a
    pipe, closed by `stop` or by the end of this process, so that whoever is killed leaves nobody waiting. `parent` where
    it begins processes of its own.
    """

    def __init__(self, name: str, run: Callable[[Waits], None], *, parent: bool = False) -> None:
        self._name, self._run, self._parent = name, run, parent
        self._context = multiprocessing.get_context("spawn")
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._keep, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._watch.start()

    def stop(self) -> None:
        """End it, by force where it takes too long."""
        self._over.set()
        self._watch.join()

    def _keep(self) -> None:
        while not self._over.is_set():
            code = self._once()
            if not self._over.wait(_PAUSE_SECONDS):
                _LOG.error("%s: the process ended with %s; it is begun anew", self._name, code)

    def _once(self) -> int | None:
        """Begin the process and see it to its end; its exit code."""
        heard, told = self._context.Pipe(duplex=False)
        with heard, told:
            process = self._context.Process(target=self._run, args=(_Closed(heard),), daemon=not self._parent)
            process.start()
            heard.close()
            while process.is_alive() and not self._over.is_set():
                process.join(_LOOK_SECONDS)
        process.join(_STOP_SECONDS)
        if process.is_alive():
            process.kill()
            process.join()
        return process.exitcode


class _Closed:
    """The event that a pipe has been closed at its other end."""

    def __init__(self, pipe: Connection[object, object]) -> None:
        self._pipe = pipe

    def is_set(self) -> bool:
        """Whether it has come."""
        return self._pipe.poll(0)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for it, so many seconds at most; whether it has come."""
        return self._pipe.poll(timeout)

"""Bulk runs at work: a thread for each, which does a batch, writes down what became of it, and goes on.

What is done stands on the ledger under the run's id, so that a run whose process ended is gone on with by starting it
again: what was done before answers so, and only the rest is done.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from workflow.bulk import Run, Told, done, prefix_of, requests
from workflow.commands import read_command
from workflow.handle import Handler
from workflow.ports import Unavailable

AT_ONCE = 100
"""Applications in one batch: progress is told after each."""


class Kept(Protocol):
    """Where runs are kept."""

    def plan(self, run: Run) -> None: ...

    def run(self, run_id: str) -> Run | None: ...

    def runs(self, account: str, limit: int) -> list[Run]: ...

    def give(self, run_id: str, body: str) -> None: ...

    def begin(self, run_id: str, now: datetime) -> None: ...

    def end(self, run_id: str, now: datetime) -> None: ...

    def tell(self, run_id: str, first: int, told: Sequence[Told]) -> None: ...

    def told(self, run_id: str) -> list[Told]: ...


class Runner:
    """Does runs, each in a thread of its own. `now` is the clock of what is written."""

    def __init__(self, handler: Handler, kept: Kept, now: Callable[[], datetime]) -> None:
        self._handler, self._kept, self._now = handler, kept, now
        self._lock = threading.Lock()
        self._working: dict[str, threading.Thread] = {}

    def working(self, run_id: str) -> bool:
        """Whether the run is being done, here."""
        thread = self._working.get(run_id)
        return thread is not None and thread.is_alive()

    def start(self, run: Run, received_at: datetime) -> None:
        """Do the run, or go on with it; nothing where it is being done or has come to its end."""
        with self._lock:
            if self.working(run.id) or run.finished_at is not None:
                return
            self._kept.begin(run.id, self._now())
            thread = threading.Thread(target=self._go, args=(run, received_at), name=f"bulk-{run.id}", daemon=True)
            self._working[run.id] = thread
            thread.start()

    def wait(self, run_id: str) -> None:
        """Until the run is no more being done."""
        thread = self._working.get(run_id)
        if thread is not None:
            thread.join()

    def _go(self, run: Run, received_at: datetime) -> None:
        given: Any = read_command(run.command, run.body.encode())
        came = len(self._kept.told(run.id))
        left = run.names[came:]
        asked = requests(
            prefix_of(run.id), run.command, given, run.actor, left, received_at, partial(secrets.token_hex, 32)
        )
        try:
            for told in done(self._handler, asked, self._now, AT_ONCE):
                self._kept.tell(run.id, came, told)
                came += len(told)
            self._kept.end(run.id, self._now())
        except Unavailable:  # the page says that it stands still, and offers to go on
            return

"""Bulk runs at work: a thread for each, which does a batch, writes down what became of it, and goes on.

What is done stands on the ledger under the run's id, so that a run whose process ended is gone on with by starting it
again: what was done before answers so, and only the rest is done. Before each batch it is asked whether the officer still
holds the post; a run whose officer does not stands still, and another officer of that role can go on with it.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from fundcall.accounts.people import Post
from states.actor import Actor
from states.errors import Refusal
from states.labels import ROLES
from workflow.bulk import Run, Told, by_whom, done, prefix_of, requests
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

    def left(self, role: str, limit: int) -> list[Run]: ...

    def pass_on(self, run: Run, account: str, actor: Actor) -> bool: ...

    def give(self, run_id: str, body: str) -> None: ...

    def begin(self, run_id: str, now: datetime) -> None: ...

    def end(self, run_id: str, now: datetime) -> None: ...

    def tell(self, run_id: str, first: int, told: Sequence[Told]) -> None: ...

    def told(self, run_id: str) -> list[Told]: ...


class Runner:
    """Does runs, each in a thread of its own. `now` is the clock of what is written; `holds` says whether an account may act
    so at that moment.
    """

    def __init__(
        self, handler: Handler, kept: Kept, now: Callable[[], datetime], holds: Callable[[str, Post], bool]
    ) -> None:
        self._handler, self._kept, self._now, self._holds = handler, kept, now, holds
        self._lock = threading.Lock()
        self._working: dict[str, threading.Thread] = {}

    def working(self, run_id: str) -> bool:
        """Whether the run is being done, here."""
        thread = self._working.get(run_id)
        return thread is not None and thread.is_alive()

    def stands(self, run: Run) -> bool:
        """Whether the run's officer still holds the post that it is done in."""
        return self._holds(run.account, Post(run.actor.role, run.actor.unit))

    def undone(self, run: Run, came: int) -> list[Told]:
        """Of a run that has come to so many applications and whose officer has lost the post: why it does not go on, for
        each of the rest.
        """
        if run.finished_at is not None or self.working(run.id) or self.stands(run):
            return []
        why = post_lost(run, came)
        return [Told(name, (why,)) for name in run.names[came:]]

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
            before = by_whom(self._handler.ledger, run.id) if run.started_at is not None else {}
            own = [replace(one, actor=before.get(one.application, one.actor)) for one in asked]
            batches = done(self._handler, own, self._now, AT_ONCE)
            while came < len(run.names):
                if not self.stands(run):
                    return  # the page says why, and lets another go on
                told = next(batches)
                self._kept.tell(run.id, came, told)
                came += len(told)
            self._kept.end(run.id, self._now())
        except Unavailable:  # the page says that it stands still, and offers to go on
            return


def post_lost(run: Run, came: int) -> Refusal:
    """Why a run has stopped after so many applications whose officer does not hold the post any more."""
    (zh, en), who, of = ROLES[run.actor.role], run.actor.id, len(run.names)
    return Refusal(
        "post_lost",
        "系统规则3（权限）",
        f"{who} 已不再担任{zh}，或其账号已停用：本批次办理{came}/{of}件后停止，该件未办理。",
        f"{who} no longer holds the post of {en}, or the account is shut: the run stopped after {came} of {of} "
        "applications, and this one was not done.",
        f"请由另一名{zh}在“我的批次”中打开本批次并继续；已办理的不会重复办理。",
        f"Another {en} opens this run under “My runs” and goes on with it; what is done is not done again.",
    )

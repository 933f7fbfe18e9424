"""Checks in the background of a server: an auditor asks for one, goes away, and finds its result when coming back."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from fundcall.auditing import replayed, verify, what_if
from fundcall.bootstrap import Proofs, System
from fundcall.calls.load import read_text
from fundcall.storage.replays import SqliteReplays
from states.funding_call import FundingCall
from workflow.checks import REPLAY, WHAT_IF, Check
from workflow.commands import Fault
from workflow.replay import Divergence

_LOG = logging.getLogger(__name__)
_TOLD_MAX = 200
"""Of divergences and decisions so many are kept with a result; their number is told in full."""
_TELL_EVERY_SECONDS = 0.5
_Tell = Callable[[int], None]


class Checks:
    """The checks of one server (`workflow.checks.Checks`); each runs in a thread, and on every core if that pays."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._kept = SqliteReplays(system.ledger)

    def replay(self, depth: int, application: str, asked_by: str) -> int:
        """Begin to replay an application, or everything."""
        ledger = self._system.ledger
        whole = sum(1 for _ in ledger.stored(application=application)) if application else ledger.head()
        work = partial(self._replayed, depth, application) if application else partial(self._verified, depth)
        return self._begin(f"{REPLAY}-{depth}", application, asked_by, whole, work)

    def what_if(self, text: str, asked_by: str) -> int | Sequence[Fault]:
        """Begin to judge by another version of a call, or say what is wrong with it."""
        call, faults = read_text(text)
        if call is None:
            return [Fault(f"{fault.line or '-'} {fault.path}".strip(), fault.zh, fault.en) for fault in faults]
        if call.id not in self._system.calls:
            return [Fault("id", f"没有申报通知“{call.id}”", f"there is no call {call.id!r} to compare with")]
        return self._begin(WHAT_IF, call.id, asked_by, self._system.ledger.head(), partial(self._otherwise, call))

    def check(self, number: int) -> Check | None:
        """A check by its number."""
        return self._kept.check(number)

    def latest(self, limit: int) -> Sequence[Check]:
        """The latest checks that were asked for, the newest first."""
        return self._kept.latest(limit)

    def watched(self) -> Sequence[Check]:
        """The last of each kind that the watch made by itself."""
        return self._kept.watched()

    def _begin(self, kind: str, subject: str, asked_by: str, whole: int, work: Callable[[_Tell], Any]) -> int:
        number, begun = self._kept.begin(kind, subject, asked_by, whole, self._system.clock.now())
        if begun:
            threading.Thread(target=self._run, args=(number, work), name=f"check-{number}", daemon=True).start()
        return number

    def _run(self, number: int, work: Callable[[_Tell], Any]) -> None:
        done, told_at = 0, time.monotonic()

        def tell(events: int) -> None:
            nonlocal done, told_at
            done += events
            if time.monotonic() - told_at >= _TELL_EVERY_SECONDS:
                told_at = time.monotonic()
                self._kept.went_on(number, done, self._system.clock.now())

        try:
            status, found = "done", work(tell)
        except Exception:  # noqa: BLE001 - it is told on the check's page, and in the log
            _LOG.exception("a check failed")
            status, found = "failed", {}
        self._kept.ended(number, status, found, self._system.clock.now())

    def _verified(self, depth: int, tell: _Tell) -> dict[str, Any]:
        verdict = verify(self._system, depth, afresh=True, tell=tell)
        found = [*Proofs(self._system).checkpoints(), *verdict.divergences]
        return result(verdict.events, verdict.root, found, verdict.remarks)

    def _replayed(self, depth: int, application: str, _: _Tell) -> dict[str, Any]:
        seen = replayed(self._system, application, None, depth)
        return result(seen.events, "", seen.divergences, seen.remarks)

    def _otherwise(self, call: FundingCall, tell: _Tell) -> dict[str, Any]:
        found = [one._asdict() for one in what_if(self._system, call, tell)]
        return {"count": len(found), "otherwise": found[:_TOLD_MAX]}


def result(events: int, root: str, found: Sequence[Divergence], remarks: Any) -> dict[str, Any]:
    """What a check found, as it is kept."""
    told = [one._asdict() for one in found[:_TOLD_MAX]]
    return {"events": events, "root": root, "count": len(found), "divergences": told, "remarks": dict(remarks)}

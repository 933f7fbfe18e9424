"""An alarm clock for deadlines and notices: APScheduler with a memory store; what is due stands in the database."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger

from workflow.deadlines import sweep
from workflow.handle import Handler

_AT_LEAST = timedelta(seconds=60)
_AT_MOST = timedelta(milliseconds=50)
_SETTLING = timedelta(seconds=10)
"""How long after a deadline it is acted on."""
_LOG = logging.getLogger(__name__)


class Heartbeat:
    """Calls `beat` when the next deadline falls due, and every minute at least; never twice at once.

    `next_due` says when something falls due next (None: nothing is armed), by the clock `now`, which may tell another
    time than the machine's. A missed beat is made up for once.
    """

    def __init__(
        self, beat: Callable[[], None], next_due: Callable[[], datetime | None], now: Callable[[], datetime]
    ) -> None:
        self._beat, self._next_due, self._now = beat, next_due, now
        self._scheduler = BackgroundScheduler(timezone="UTC")
        self._stopping = threading.Event()

    def start(self) -> None:
        """Beat once at once, and go on."""
        self._scheduler.start()
        self._arm(timedelta(0))

    def stop(self) -> None:
        """Finish the beat under way and stop."""
        self._stopping.set()
        self._scheduler.shutdown(wait=True)

    def _arm(self, wait: timedelta) -> None:
        self._scheduler.add_job(
            self._run,
            DateTrigger(datetime.now(UTC) + wait),
            id="heartbeat",
            replace_existing=True,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )

    def _run(self) -> None:
        try:
            self._beat()
        except Exception:  # noqa: BLE001 - whatever went wrong, the next beat must come
            _LOG.exception("a beat failed; the next one tries again")
        if not self._stopping.is_set():
            now = self._now()
            due = self._next_due()
            self._arm(max(min(due - now, _AT_LEAST), _AT_MOST) if due is not None else _AT_LEAST)


def of_deadlines(handler: Handler, now: Callable[[], datetime]) -> Heartbeat:
    """Deadlines are acted on a little later than they fall due, as of the instant they did: what arrived in time and waits
    in a queue, here or in another process, comes first.
    """

    def beat() -> None:
        sweep(handler, now(), behind=_SETTLING)

    return Heartbeat(beat, handler.ledger.next_due, lambda: now() - _SETTLING)

"""The time that decisions rest on: it never runs backwards, and no step of the machine's clock moves it."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DRIFT_MAX = timedelta(seconds=2)
"""How far the machine's clock may part from the steady one before it is called suspect and no longer followed."""


class SteadyClock:
    """Wall time as it was at the start, carried on by the monotonic clock.

    Small corrections (a time server slewing or stepping by less than `DRIFT_MAX`) are followed, never backwards. A larger
    step is not: the clock is `suspect` then, for an operator to look at, and goes on steadily. `not_before` is the last
    instant that the ledger knows. `ahead` is by how much it tells another time than the machine's: the demo's.
    """

    def __init__(self, not_before: datetime | None = None, ahead: timedelta = timedelta(0)) -> None:
        self._lock = threading.Lock()
        self._ahead = ahead
        wall, self._since = self._wall(), self._monotonic()
        self._anchor = max(wall, not_before or wall)
        self._last = self._anchor
        self.suspect = self._anchor - wall > DRIFT_MAX

    def now(self) -> datetime:
        """The instant, aware UTC; never before one that was told earlier."""
        with self._lock:
            steady = self._anchor + timedelta(seconds=self._monotonic() - self._since)
            wall = self._wall()
            if abs(wall - steady) <= DRIFT_MAX:
                steady, self._anchor, self._since = wall, wall, self._monotonic()
            else:
                self.suspect = True
            self._last = max(self._last, steady)
            return self._last

    def at(self, arrived_ns: int) -> datetime:
        """The instant at which the machine's clock read so many nanoseconds since 1970, to the microsecond begun; now
        where that lies ahead, or where the clock is suspect.
        """
        now = self.now()
        arrived = _EPOCH + timedelta(microseconds=arrived_ns // 1000) + self._ahead
        return now if self.suspect else min(now, arrived)

    def _wall(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def _monotonic(self) -> float:
        return time.monotonic()

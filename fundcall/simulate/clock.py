"""The simulated clock: stories wait for instants, deadlines fire in between, and what falls together is done together."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from states.calendar import local_day, midnight
from states.funding_call import FundingCall
from workflow.deadlines import sweep
from workflow.handle import Handler, Outcome, Request

Step = tuple[datetime, list[Request]]
Story = Generator[Step, list[Outcome], None]
"""One actor's course: it yields an instant with the requests made then, and is sent their outcomes."""

_BEGINNING = datetime.min.replace(tzinfo=UTC)
END = datetime(2040, 1, 1, tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)


class BackInTime(Exception):
    """A story asked for an instant before its last one: its history would not be in order."""


@dataclass(order=True)
class Waiting:
    """A story that waits for an instant, and what it will ask then."""

    at: datetime
    turn: int
    story: Story = field(compare=False)
    requests: list[Request] = field(compare=False)


@dataclass
class Clock:
    """Runs stories to their ends. `tick` is told each instant reached, after its deadlines and commands."""

    handler: Handler
    call: FundingCall
    tick: Callable[[datetime], None]
    fired: int = 0
    now: datetime = _BEGINNING
    _waiting: list[Waiting] = field(default_factory=list)
    _turn: int = 0

    def add(self, story: Story) -> None:
        """Let a story begin."""
        self._resume(story, None, _BEGINNING)

    def run(self, until: datetime | None = None) -> None:
        """Run until no story waits and no deadline is armed, or to an instant, at which nothing has happened yet."""
        last = until or END
        while self.step(last):
            pass
        self.now = until or self.now

    def step(self, last: datetime = END) -> bool:
        """Do what comes next, deadlines or a group of commands; False where nothing comes before an instant."""
        first = self.first() or _NEVER
        due = self.handler.ledger.next_due() or _NEVER
        if min(first, due) >= last:
            return False
        if due <= first:
            self._fire(due)
        else:
            self._give(self._group(first, last))
        self.tick(self.now)
        return True

    def first(self) -> datetime | None:
        """When the first of the stories goes on."""
        return self._waiting[0].at if self._waiting else None

    def _fire(self, due: datetime) -> None:
        self.now = max(self.now, due)
        swept = sweep(self.handler, self.now)
        self.fired += swept.fired
        if swept.failed:
            raise RuntimeError(f"deadlines that could not fire: {swept.failed[:3]}")

    def _group(self, first: datetime, last: datetime) -> list[Waiting]:
        """Whoever acts before the end of this slot and before the next deadline."""
        until = min(last, self._slot_end(first))
        due = self.handler.ledger.next_due()
        if due is not None:
            until = min(until, max(due, first + timedelta(microseconds=1)))
        group: list[Waiting] = []
        while self._waiting and self._waiting[0].at < until:
            group.append(heapq.heappop(self._waiting))
        self.now = max(self.now, group[-1].at)
        return group

    def _give(self, group: list[Waiting]) -> None:
        """Give all that a group asks in one transaction."""
        requests = [request for waiting in group for request in waiting.requests]
        outcomes = iter(self.handler.handle_many(requests, self.now))
        for waiting in group:
            self._resume(waiting.story, [next(outcomes) for _ in waiting.requests], waiting.at)

    def _slot_end(self, at: datetime) -> datetime:
        """Officers work by the day, applicants by the hour, the last hour by the second."""
        if timedelta(0) <= self.call.closes_at - at <= timedelta(hours=1):
            return at.replace(microsecond=0) + timedelta(seconds=1)
        if self.call.within_window(at):
            return at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        return midnight(local_day(at, self.call.timezone) + timedelta(days=1), self.call.timezone)

    def _resume(self, story: Story, outcomes: list[Outcome] | None, before: datetime) -> None:
        """Ask a story for its next step, which comes at or after the one before. Raises BackInTime."""
        try:
            at, requests = next(story) if outcomes is None else story.send(outcomes)
        except StopIteration:
            return
        if at < before:
            raise BackInTime(f"{[(r.command_id, r.name) for r in requests]} at {at}, after {before}")
        self._turn += 1
        heapq.heappush(self._waiting, Waiting(at, self._turn, story, requests))

"""Group commit, whatever the database: those who want to write wait in a queue, and whoever leads commits for all of them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar, cast

from fundcall.storage.work import Work
from workflow.ports import Unavailable

T = TypeVar("T")
_GROUP_MAX = 512


class Ticket(Generic[T]):
    """A unit of work in the queue, and its answer once that is durable. Its gate opens when it is settled or leads."""

    __slots__ = ("answer", "command_ids", "done", "error", "gate", "work")

    def __init__(self, work: Callable[[Work], T], command_ids: Sequence[str] = ()) -> None:
        self.work = work
        self.command_ids = command_ids
        self.done = False
        self.answer: T | None = None
        self.error: BaseException | None = None
        self.gate = threading.Lock()
        self.gate.acquire()

    def settle(self, error: BaseException | None = None) -> None:
        """The answer, or the error, is final."""
        self.error = error or self.error
        self.done = True


class Turns:
    """Who waits to write, and who leads. `commit` decides and writes a group and settles each of its tickets; it runs in
    the thread of whoever leads, with `held` taken, and may let in who comes meanwhile by `join`.
    """

    def __init__(self, commit: Callable[[list[Ticket[Any]]], None]) -> None:
        self.held = threading.Lock()  # held while the writing connection is in use
        self.waiting: deque[Ticket[Any]] = deque()
        self._commit = commit
        self._queue = threading.Lock()  # guards who waits, and whether somebody leads
        self._led = False

    def take(self, work: Callable[[Work], T], command_ids: Sequence[str] = ()) -> T:
        """Run the work in the next group and return its answer once that has been settled; raises what it was settled by."""
        ticket: Ticket[T] = Ticket(work, command_ids)
        with self._queue:
            self.waiting.append(ticket)
            leads, self._led = not self._led, True
        if not leads:
            try:
                ticket.gate.acquire()
            except BaseException:
                self._leave(ticket)
                raise
        if not ticket.done:
            self._lead()
        if ticket.error is not None:
            raise ticket.error
        return cast("T", ticket.answer)

    def join(self, group: list[Ticket[Any]]) -> list[Ticket[Any]]:
        """Take those who wait into the group; gives those that have joined."""
        with self._queue:
            joined = [self.waiting.popleft() for _ in range(min(len(self.waiting), _GROUP_MAX - len(group)))]
        group += joined
        return joined

    def _lead(self) -> None:
        """Commit a group of those who wait, oneself among them, hand the lead to the first of the rest, wake the group."""
        group: list[Ticket[Any]] = []
        try:
            with self.held:
                self.join(group)
                self._commit(group)
        finally:
            for ticket in group:
                if not ticket.done:
                    ticket.settle(ticket.error or Unavailable("interrupted before the commit"))
            with self._queue:
                self._hand_on()
            for ticket in group:
                ticket.gate.release()

    def _hand_on(self) -> None:
        """Give the lead to the first that waits; nobody has it where none does."""
        self._led = bool(self.waiting)
        if self._led:
            self.waiting[0].gate.release()

    def _leave(self, ticket: Ticket[Any]) -> None:
        """Whoever waited was interrupted (Ctrl-C): the work is taken back unless a leader has it, and the lead goes on."""
        with self._queue:
            if ticket in self.waiting:
                self.waiting.remove(ticket)
                if not ticket.gate.locked():
                    self._hand_on()

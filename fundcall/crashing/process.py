"""The process that dies and is started again, in a world that goes on: its clock, documents, registers, and the relay."""

from __future__ import annotations

from asyncio import Runner
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import uvloop

from fundcall.bootstrap import System, open_simulation
from fundcall.clock import DRIFT_MAX, SteadyClock
from fundcall.crashing.faulty_smtp import Fault, FaultySmtp, faulty
from fundcall.crashing.places import Place
from fundcall.crashing.plan import Turn
from fundcall.crashing.points import Crash, Plant, Points, Strike
from fundcall.messenger import TELLING, steps
from notifications.mailer import Mailer
from states.funding_call import FundingCall
from workflow.memory import MemoryDocuments, MemoryRegisters
from workflow.ports import Unavailable

T = TypeVar("T")
_EPOCH = datetime(2025, 1, 1, tzinfo=UTC)


class WrongAnswer(Exception):
    """The system did what it must not do."""


@dataclass
class World:
    """What is outside of the process and lasts. `off` is by how much the machine's clock is wrong."""

    now: datetime
    off: timedelta = timedelta(0)
    documents: MemoryDocuments = field(default_factory=MemoryDocuments)
    registers: MemoryRegisters = field(default_factory=MemoryRegisters)
    told: list[str] = field(default_factory=list)

    def tell(self, line: str) -> None:
        """Add to the trace: what follows from the seed alone."""
        self.told.append(f"{self.now:%Y-%m-%dT%H:%M:%S.%f} {line}")


class WorldClock(SteadyClock):
    """The product's own clock over the world's time instead of the machine's."""

    def __init__(self, world: World, not_before: datetime | None) -> None:
        self._world = world
        super().__init__(not_before)

    def _wall(self) -> datetime:
        return self._world.now + self._world.off

    def _monotonic(self) -> float:
        return (self._world.now - _EPOCH).total_seconds()


class Process:
    """The system as its clients know it: whatever becomes of it, it answers in the end."""

    def __init__(self, world: World, place: Place, call: FundingCall, relay: Relay, plant: Plant) -> None:
        self.world, self.points = world, Points()
        self.crashes = self.errors = 0
        self._place, self._call, self._relay, self._plant = place, call, relay, plant
        self._strikes: list[Strike] = []
        self.system = self._opened()

    def disturb(self, turn: Turn) -> None:
        """What this turn will meet. A clock that is off is off from now on."""
        self.world.off = timedelta(seconds=turn.jump_seconds)
        self._strikes = list(turn.strikes)
        self._next()

    def settle(self) -> None:
        """The turn is over: the clock is right again. A process that has seen it wrong says so, and is started anew."""
        self._strikes.clear()
        self.points.arm(None)
        clock = self.system.clock
        clock.now()
        self.world.off = timedelta(0)
        if abs(clock.now() - self.world.now) > DRIFT_MAX and not clock.suspect:
            raise WrongAnswer(f"the clock says {clock.now()} at {self.world.now}, and nobody is warned")
        if clock.suspect:
            self.restart()

    def answered(self, act: Callable[[System], T]) -> T:
        """What the system answers, however often it has to be asked."""
        while True:
            try:
                with self.points.live():
                    found = act(self.system)
            except Crash:
                self._die()
            except Unavailable:
                if not self.points.where:
                    raise
                self._struck("error")
                self._next()
            else:
                if self.points.dead:  # it has answered, and died over it: only with a fault of our own making
                    self._die()
                return found

    def restart(self) -> None:
        """Stop and start as an operator does."""
        self._place.leave()
        self.system = self._opened()

    def tell_notices(self, fault: Fault) -> None:
        """Record what is to be told and send what is queued, over a relay that goes wrong once."""
        self._relay.begin(fault)
        self.answered(self._record)
        accepted = self.answered(self._send)
        self.world.tell(f"notices: {accepted} accepted over {fault.value}")

    def _record(self, system: System) -> None:
        now = system.clock.now()
        with system.ledger.turn(TELLING) as ours:
            for step in steps(system) if ours else ():
                step()
        system.notices.reclaim(now)

    def _send(self, system: System) -> int:
        mailer = Mailer(self._relay.url, connections=1)
        try:
            return self._relay.runner.run(system.dispatcher.send(mailer, system.clock.now()))
        finally:
            self._relay.runner.run(mailer.close())

    def _next(self) -> None:
        self.points.arm(self._strikes.pop(0) if self._strikes else None)

    def _struck(self, what: str) -> None:
        self.world.tell(f"{what} {self.points.where}")
        if what == "crash":
            self.crashes += 1
        else:
            self.errors += 1

    def _die(self) -> None:
        self._struck("crash")
        self._revive()

    def _revive(self) -> None:
        """Start again after a death, which may be met by the next one. A clock that runs ahead is set before a start."""
        while True:
            self._place.die()
            self.world.off = min(self.world.off, timedelta(0))
            self._next()
            try:
                with self.points.live():
                    self.system = self._opened()
            except Crash:
                self._struck("crash")
            except Unavailable:
                self._struck("error")
            else:
                return

    def _opened(self) -> System:
        system = open_simulation(
            self._place.settings,
            self._call,
            lambda _: self._place.open(self.points, self._plant),
            lambda not_before: WorldClock(self.world, not_before),
        )
        outside = replace(system.handler, documents=self.world.documents, registers=self.world.registers)
        return replace(system, handler=outside)


@dataclass
class Relay:
    """The mail relay, in this process and thread: it works while something is sent."""

    runner: Runner
    smtp: FaultySmtp

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.smtp.port}"

    def begin(self, fault: Fault) -> None:
        """Let the first connection from now on go wrong."""
        self.smtp.faults, self.smtp.connections = (fault, Fault.NONE), 0

    def forget(self) -> None:
        """Forget what was taken."""
        self.smtp.taken.clear()
        self.smtp.wire.clear()


@contextmanager
def relay() -> Iterator[Relay]:
    """A relay for as long as it lasts."""
    with Runner(loop_factory=uvloop.new_event_loop) as runner:
        stack = AsyncExitStack()
        smtp = runner.run(stack.enter_async_context(faulty()))
        try:
            yield Relay(runner, smtp)
        finally:
            runner.run(stack.aclose())

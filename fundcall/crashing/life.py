"""One simulated world from its plan: stories as in a simulated programme, disturbed in every turn, and then looked at."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

from fundcall.bootstrap import System
from fundcall.crashing.faulty_smtp import Fault
from fundcall.crashing.places import Place
from fundcall.crashing.plan import Plan, Turn
from fundcall.crashing.points import Plant, unplanted
from fundcall.crashing.process import Process, Relay, World, WrongAnswer
from fundcall.crashing.verdict import Answer, Answers, verdict
from fundcall.simulate.case import Case
from fundcall.simulate.clock import END, Clock, Waiting
from fundcall.simulate.decision import Decision
from fundcall.simulate.experts import Drawing
from fundcall.simulate.profile import Profile, generated
from fundcall.simulate.programme import opening, story
from fundcall.solver import solver
from states.experts import Expert
from states.funding_call import FundingCall
from workflow.deadlines import sweep
from workflow.handle import Handler, Outcome, Request
from workflow.programme import handle_call
from workflow.projection import Row
from workflow.request import Rejected

T = TypeVar("T")
_REST, _RESTS_MAX = timedelta(hours=2), 20
_QUEUE = timedelta(days=3)
"""How long requests may wait for each other where they are shuffled."""
_UNDONE = frozenset({"queued", "sending"})


@dataclass(frozen=True, slots=True)
class Lived:
    """What came of a plan. The same plan gives the same `trace` and `root`, to the byte."""

    plan: Plan
    trace: tuple[str, ...]
    root: str
    violations: tuple[str, ...]
    figures: dict[str, int]

    @property
    def digest(self) -> str:
        """The SHA-256 over the trace and the root."""
        return hashlib.sha256("\n".join((*self.trace, self.root)).encode()).hexdigest()


def lived(
    plan: Plan,
    call: FundingCall,
    experts: Sequence[Expert],
    place: Place,
    relay: Relay,
    plant: Plant = unplanted,
) -> Lived:
    """Let a world live by its plan, and look at what is left. Whatever is raised in it is a violation."""
    world = World(call.opens_at)
    place.renew()
    relay.forget()
    process = Process(world, place, call, relay, plant)
    rough = Rough(process.system.handler, call, lambda _: None, process=process, plan=plan, experts=experts)
    violations, root = _tried(rough.live), ""
    violations += _tried(process.restart if violations else rough.rest)
    try:
        found = verdict(process.system, world.now, rough.answers, relay.smtp.taken)
        root, violations = found.root, [*violations, *found.violations]
    except Exception as raised:  # noqa: BLE001 - as above
        violations += [_said(raised)]
    finally:
        place.leave()
    counted = {"acknowledged": len(rough.answers.given), "points": process.points.passed, "crashes": process.crashes,
               "errors": process.errors, "deadlines": rough.fired, "mails": len(relay.smtp.taken)}  # fmt: skip
    return Lived(plan, tuple(world.told), root, tuple(violations), counted)


def _tried(act: Callable[[], None]) -> list[str]:
    """What is raised, as a violation: it is told, with the seed and the least that leads to it."""
    try:
        act()
    except Exception as raised:  # noqa: BLE001 - whatever it is
        return [_said(raised)]
    return []


def _said(raised: Exception) -> str:
    return f"{type(raised).__name__}: {raised}"


@dataclass
class Rough(Clock):
    """A simulated clock whose every step is one turn of the plan, given to a process that may die in it."""

    process: Process = field(kw_only=True)
    plan: Plan = field(kw_only=True)
    experts: Sequence[Expert] = field(kw_only=True)
    answers: Answers = field(default_factory=Answers)
    _met: Turn = field(default_factory=Turn)

    def live(self) -> None:
        """Every turn, or as many as there is something to do in."""
        profiles = [generated(self.call, self.plan.seed, n + 1) for n in range(self.plan.applicants)]
        for number, turn in enumerate(self.plan.turns):
            self._met = turn
            self.process.disturb(turn)
            if number == 0:
                self._open(profiles)
            if not self.step():
                return
            if turn.relay is not None:
                self.process.tell_notices(turn.relay)
            self.process.settle()

    def rest(self) -> None:
        """Calm: the process is started anew, what is due comes about, and what is queued is sent."""
        self.process.restart()
        for _ in range(_RESTS_MAX):
            self._sweep()
            self.process.tell_notices(Fault.NONE)
            counts = self.process.system.notices.notice_counts()
            if not any(status in _UNDONE for *_, status in counts):
                return
            self._reach(self.now + _REST)
        raise WrongAnswer("mails are queued for ever")

    def _open(self, profiles: Sequence[Profile]) -> None:
        """The call gets its money, and whoever applies begins."""
        for request in opening(self.call, profiles):
            if request.name != "PublishCall" or self.plan.published:
                self._note(request, self._ask(lambda handler: handle_call(handler, request, request.received_at)))  # noqa: B023 - asked at once
        office = Drawing(self._ask, self.call, self.experts, self.plan.seed, solver())
        decisions: list[Decision] = []

        def award_of(application: str) -> int:
            if not decisions:
                decisions.append(Decision(self.process.system.ledger, self.call))
            return decisions[0].award_of(application)

        def put_standing(unit: str, name: str) -> None:
            self.process.world.registers.lists.setdefault(unit, set()).add(name)

        def row_of(application: str) -> Row | None:
            return self.process.system.ledger.row(application)

        put, seed = self.process.world.documents.put, self.plan.seed
        for profile in profiles:
            self.add(story(Case(profile, self.call, seed, put, put_standing, row_of, award_of, office)))

    def step(self, last: datetime = END) -> bool:
        """The same, of the process that there is now."""
        self.handler = self.process.system.handler
        return super().step(last)

    # --- one turn -----------------------------------------------------------------------------------------------

    def _reach(self, at: datetime) -> None:
        self.process.world.now = self.now = max(self.now, at)

    def _ask(self, act: Callable[[Handler], T]) -> T:
        return self.process.answered(lambda system: act(system.handler))

    def _fire(self, due: datetime) -> None:
        """Deadlines come about, late if the turn says so, but before anybody acts who might rely on them."""
        late = due + timedelta(hours=self._met.late_hours)
        self._reach(min(late, self.first() or late))
        self._sweep()

    def _sweep(self) -> None:
        def swept(system: System) -> int:
            found = sweep(system.handler, system.clock.now())
            if found.failed:
                raise WrongAnswer(f"deadlines that could not fire: {found.failed[:3]}")
            return found.fired

        fired = self.process.answered(swept)
        self.fired += fired
        self.process.world.tell(f"deadlines: {fired} fired")

    def _slot_end(self, at: datetime) -> datetime:
        return at + _QUEUE if self._met.shuffled else super()._slot_end(at)

    def _give(self, group: list[Waiting]) -> None:
        """Give what a group asks, in some order, one by one or together, and something old once more."""
        self._reach(self.now)
        order = list(group)
        if self._met.shuffled:
            Random(self._met.shuffled).shuffle(order)  # noqa: S311 - a reproducible world
        requests = [request for waiting in order for request in waiting.requests]
        parts = [requests] if self._met.together else [[request] for request in requests]
        outcomes: dict[str, Outcome] = {}
        for part in filter(None, parts):
            answers = self.process.answered(lambda s, part=part: s.handler.handle_many(part, s.clock.now()))  # type: ignore[misc]
            for request, outcome in zip(part, answers, strict=True):
                outcomes[request.command_id] = outcome
                self._note(request, outcome)
        self._again()
        for waiting in group:
            self._resume(waiting.story, [outcomes[request.command_id] for request in waiting.requests], waiting.at)

    def _again(self) -> None:
        """A request that was answered before comes once more."""
        before = self.answers.kth_last(self._met.again)
        if before is not None:
            (outcome,) = self.process.answered(lambda s: s.handler.handle_many([before], s.clock.now()))
            self.answers.compare(before, outcome)
            self.process.world.tell(f"again {before.command_id}")

    def _note(self, request: Request, outcome: Answer) -> None:
        if isinstance(outcome, Rejected):
            said = f"refused {outcome.code}"
        else:
            said = f"{outcome.event.type} at {outcome.event.position}"
        self.answers.note(request, outcome)
        self.process.world.tell(f"{request.command_id} {request.name}: {said}")

"""The whole programme: every applicant's story, from the opening of the window until nothing is left to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from fundcall.simulate.award import awarded
from fundcall.simulate.case import Case, StoryBroken
from fundcall.simulate.clock import Clock, Story
from fundcall.simulate.decision import Decision, envelope
from fundcall.simulate.execution import carried_out
from fundcall.simulate.experts import Drawing, registry
from fundcall.simulate.filing import checked, filed
from fundcall.simulate.people import officer
from fundcall.simulate.profile import Profile, generated
from fundcall.simulate.review import reviewed
from fundcall.simulate.samples import samples
from states.actor import Role
from states.commands.programme import ProposeEnvelope, PublishCall, SetEnvelope
from states.funding_call import FundingCall
from workflow.draws import Solver
from workflow.handle import Handler, Rejected, Request
from workflow.memory import MemoryDocuments, MemoryRegisters
from workflow.programme import handle_call


@dataclass(frozen=True, slots=True)
class Ran:
    """What a simulated programme did."""

    applicants: int
    deadlines_fired: int
    ended_at: datetime


def applicants(call: FundingCall, count: int, seed: int) -> list[Profile]:
    """The named samples of the call first, then as many generated applicants as are asked for in all."""
    named = samples(call, seed)[:count]
    return named + [generated(call, seed, n) for n in range(len(named) + 1, count + 1)]


def story(case: Case) -> Story:
    """An applicant's whole course."""
    if not (yield from filed(case)) or not (yield from checked(case)):
        return
    if not (yield from reviewed(case)):
        return
    approved = case.standing().updated_at
    paid = yield from awarded(case, approved)
    if paid is not None:
        yield from carried_out(case, paid)


def run(
    handler: Handler,
    call: FundingCall,
    profiles: Sequence[Profile],
    seed: int,
    tick: Callable[[datetime], None],
    solver: Solver,
    until: datetime | None = None,
) -> Ran:
    """Let every profile live, to the end or to an instant. The handler's documents and registers must be the memory ones:
    stories fill them.

    Raises StoryBroken where the system does otherwise than the story expects.
    """
    documents, registers = handler.documents, handler.registers
    if not isinstance(documents, MemoryDocuments) or not isinstance(registers, MemoryRegisters):
        raise TypeError("a simulated programme needs documents and registers in memory")
    for request in opening(call, profiles):
        outcome = handle_call(handler, request, call.opens_at)
        if isinstance(outcome, Rejected):
            raise StoryBroken(f"{request.name}: {outcome.code}")
    experts = registry(call, profiles)
    handler.experts.replace(experts)
    drawing = Drawing(lambda act: act(handler), call, experts, seed, solver)
    decision = Decision(handler.ledger, call)
    clock = Clock(handler, call, tick)

    def put_standing(unit: str, name: str) -> None:
        registers.lists.setdefault(unit, set()).add(name)

    for profile in profiles:
        clock.add(
            story(
                Case(profile, call, seed, documents.put, put_standing, handler.ledger.row, decision.award_of, drawing)
            )
        )
    clock.run(until)
    return Ran(len(profiles), clock.fired, clock.now)


def opening(call: FundingCall, profiles: Sequence[Profile]) -> list[Request]:
    """The call is published as its window opens, with its money: the office is told of its course from then on."""
    budget = ProposeEnvelope(envelope_minor=envelope(profiles), reason="年度预算")
    given = enumerate((PublishCall(), budget, SetEnvelope()))
    names = ((n, command, type(command).__name__) for n, command in given)
    return [
        Request(f"{call.id}#{name}", call.id, name, command, officer(Role.APPROVING_OFFICER, n), call.opens_at)
        for n, command, name in names
    ]

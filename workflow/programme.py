"""The write path for commands about a call as a whole, and what follows from an extended window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from states.actor import SYSTEM
from states.application import FINAL, State
from states.calendar import stamp
from states.commands import PROGRAMME_COMMANDS
from states.commands.filing import FollowWindow, NoteErratum, RescheduleDeadlines
from states.commands.programme import DrawExperts
from states.decide import Decided, body
from states.draw import Basis
from states.errors import Refusal, Refused
from states.events import Recorded
from states.funding_call import FundingCall
from states.programme import (
    PROGRAMME_FIRES,
    PROGRAMME_TABLE,
    Programme,
    ProgrammeContext,
    decide_programme,
    programme_step,
)
from states.reasons import refuse
from workflow.calendars import in_force
from workflow.draws import Solver, basis
from workflow.handle import Handler
from workflow.ports import Due, Ledger, Transaction
from workflow.record import decode
from workflow.request import Rejected, Request
from workflow.rules import Rules
from workflow.writing import recorded, unknown_call

_BATCH = 500
CONCERNED: Mapping[str, tuple[State, ...]] = {
    "extension": (State.DRAFT, State.LAPSED),
    "erratum": (State.DRAFT, State.RETURNED),
    "calendar": tuple(State),
}
"""In which states applications follow what was decided about their call, by the call's own deadline."""


@dataclass(frozen=True, slots=True)
class CallMoved:
    """A command about a call was accepted: the event that stands on the ledger, and the call's course after it."""

    event: Recorded
    programme: Programme
    repeated: bool = False


def handle_call(handler: Handler, request: Request, now: datetime) -> CallMoved | Rejected:
    """Accept or refuse one command about a call (`request.application` is the call's id); durable when it returns."""
    rules = handler.calls.get(request.application)
    if rules is None:
        return Rejected((unknown_call(request.application, handler.calls),))
    return handler.ledger.transact(partial(_one, handler=handler, rules=rules, request=request, now=now))


def would_call(handler: Handler, request: Request) -> tuple[Refusal, ...]:
    """Why the command would be refused now; empty when it would be accepted. Changes nothing."""
    rules = handler.calls.get(request.application)
    if rules is None:
        return (unknown_call(request.application, handler.calls),)
    return handler.ledger.transact(partial(_would, handler=handler, rules=rules, request=request))


def _would(transaction: Transaction, handler: Handler, rules: Rules, request: Request) -> tuple[Refusal, ...]:
    try:
        decide_programme(_context(transaction, handler, rules, request))
    except Refused as refused:
        return refused.refusals
    return ()


def drawn_from(transaction: Transaction, handler: Handler, call: FundingCall, now: datetime) -> Basis:
    """What a draw of experts at that instant would rest on."""
    calendar = in_force(handler.calendars, call, transaction.programme(call.id))
    return basis(handler.ledger, handler.experts, transaction, call, calendar, now)


def draw(handler: Handler, solver: Solver, call: FundingCall, per: int, seed: int, now: datetime) -> DrawExperts:
    """The command for a draw of `per` experts for each application that waits, solved outside of any transaction.

    Raises Impossible.
    """
    found = handler.ledger.transact(partial(drawn_from, handler=handler, call=call, now=now))
    chosen = solver.assign(found, per, seed)
    return DrawExperts(per=per, seed=seed, **found._asdict(), drawn=chosen, solver=solver.name)


def _context(transaction: Transaction, handler: Handler, rules: Rules, request: Request) -> ProgrammeContext:
    programme = transaction.programme(rules.call.id)
    if request.name == "DrawExperts":
        facts = {"basis": drawn_from(transaction, handler, rules.call, request.received_at).digest}
    else:
        facts = _facts(handler.ledger, programme, request.name)
    return ProgrammeContext(
        rules.call, programme, request.name, request.command, request.actor, facts, request.received_at
    )


def _one(
    transaction: Transaction, handler: Handler, rules: Rules, request: Request, now: datetime
) -> CallMoved | Rejected:
    programme = transaction.programme(rules.call.id)
    earlier = transaction.answered(request.command_id)
    if earlier is not None:
        return _again(request, earlier, programme)
    context = _context(transaction, handler, rules, request)
    try:
        name, derived = decide_programme(context)
    except Refused as refused:
        return Rejected(refused.refusals)
    decided = Decided(name, 1, {**body(request.name, request.command), **derived})
    written_at = max(now, transaction.last_recorded_at or now)
    event = recorded(transaction, request, rules, decided, programme.version + 1, context.facts, written_at)
    after = programme_step(programme, event)
    transaction.append(event, after)
    return CallMoved(event, after)


def _again(request: Request, earlier: Recorded, programme: Programme) -> CallMoved | Rejected:
    asked = body(request.name, request.command)
    row = PROGRAMME_TABLE[request.name]
    same = (earlier.application, earlier.type, earlier.actor) == (request.application, row.event, request.actor.id)
    if not same or any(earlier.data.get(key) != value for key, value in asked.items()):
        return Rejected((refuse("command_id_reused", command_id=request.command_id),))
    return CallMoved(earlier, programme, repeated=True)


def _facts(ledger: Ledger, programme: Programme, name: str) -> dict[str, Any]:
    """What a summary is made of; nothing for the other commands."""
    if name not in ("SummariseDay", "SummariseMonth"):
        return {}
    upto, counts = ledger.head(), ledger.counts(programme.id)
    facts: dict[str, Any] = {"upto": upto, "open": sum(n for state, n in counts.items() if State(state) not in FINAL)}
    if name == "SummariseDay":
        return {**facts, "events": ledger.tally(programme.id, programme.told_upto, upto)}
    verified: dict[str, int] = {}
    for stored in ledger.of_type(programme.id, "ApplicationClosed", programme.counted_upto, upto):
        event = decode(stored.body)
        if event.data["outcome"] == "accepted":
            for target, count in event.data["verified"].items():
                verified[target] = verified.get(target, 0) + count
    return {**facts, "states": counts, "verified": verified}


def fire(handler: Handler, due: Due, now: datetime) -> CallMoved | Rejected:
    """Do what a call's own deadline asks for. What concerns applications is first given to each of them; a crash in
    between is made up for by the next sweep, since the deadline is cleared last and each has a command id of its own.
    """
    stuck = _spread(handler, due, now)
    if stuck:
        return Rejected(stuck)  # the deadline stays armed, and it is tried again
    name = PROGRAMME_FIRES[due.name]
    return handle_call(
        handler,
        Request(
            command_id=f"deadline:{due.application}:{due.name}:{stamp(due.due_at)}",
            application=due.application,
            name=name,
            command=PROGRAMME_COMMANDS[name](deadline=due.name),
            actor=SYSTEM,
            received_at=due.due_at,
        ),
        now,
    )


def _spread(handler: Handler, due: Due, now: datetime) -> tuple[Refusal, ...]:
    """Give each application that a decision about its call concerns the command that follows from it, as of then; why
    some could not follow yet.
    """
    call_id = due.application
    programme = handler.ledger.transact(lambda transaction: transaction.programme(call_id))
    if due.name == "extension" and programme.closes_at is not None:
        _give(handler, due, FollowWindow(), f"window:{{}}:{stamp(programme.closes_at)}", now)
    if due.name == "erratum":
        for number in range(1, len(programme.errata) + 1):
            _give(handler, due, NoteErratum(number=number), f"erratum:{{}}:{number}", now)
    if due.name == "calendar":
        return _give(handler, due, RescheduleDeadlines(), f"calendar:{{}}:{stamp(due.due_at)}", now)
    return ()


def _give(handler: Handler, due: Due, command: Any, key: str, now: datetime) -> tuple[Refusal, ...]:
    """Give a command to every application that this deadline concerns; `key` is its command id, but for whose it is.
    Why some could not be decided for want of a calendar.
    """
    missing: list[Refusal] = []
    for state in CONCERNED[due.name]:
        after = ""
        while rows := handler.ledger.rows(state.value, due.application, after, _BATCH):
            after = rows[-1].id
            name = type(command).__name__
            requests = [Request(key.format(row.id), row.id, name, command, SYSTEM, due.due_at) for row in rows]
            outcomes = handler.handle_many(requests, now)
            refusals = (r for outcome in outcomes if isinstance(outcome, Rejected) for r in outcome.refusals)
            missing += [refusal for refusal in refusals if refusal.code == "calendar_missing"]
    return tuple(missing[:1])

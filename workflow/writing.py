"""From a decision to the event that stands on the ledger; which refusals are worth one; whether a request came before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from states.actor import Role
from states.application import Application
from states.commands import PERSONAL
from states.context import Context
from states.deadlines import fires
from states.decide import Decided, body, whole
from states.errors import Refusal
from states.events import BY_NAME, REFUSED, REFUSED_VERSION, Recorded
from states.fold import step
from states.programme import programme_step
from states.reasons import refuse
from states.table import CREATE
from workflow.ports import Transaction
from workflow.privacy import Personal, conceal, same_values
from workflow.request import Rejected, Request
from workflow.rules import Rules

_RATE = timedelta(hours=1)
_REFUSALS_PER_RATE = 20
_CALL_EVENTS_MAX = 10_000
_AT_FIRST: Mapping[str, Any] = {"reason": ""}
"""Fields that commands must have now, as events recorded before have them; others stand at their defaults (`whole`)."""
_EDITS = frozenset({CREATE, "EditDraft", "AddDocument", "RemoveDocument"})


def recorded(
    transaction: Transaction,
    request: Request,
    rules: Rules,
    decided: Decided,
    version: int,
    facts: Mapping[str, Any],
    now: datetime,
) -> Recorded:
    """The event that stands on the ledger for a decision. The actor's unit and the version expected join the facts."""
    actor, known = request.actor, {**facts}
    if actor.unit:
        known["unit"] = actor.unit
    if request.expected_version is not None:
        known["expected_version"] = request.expected_version
    return Recorded(
        transaction.next_position,
        request.application,
        version,
        decided.type,
        decided.type_version,
        rules.hash,
        request.command_id,
        actor.id,
        actor.role.value,
        request.received_at,
        now,
        known,
        decided.data,
    )


def refused(
    transaction: Transaction,
    request: Request,
    context: Context,
    rules: Rules,
    refusals: tuple[Refusal, ...],
    now: datetime,
) -> Rejected:
    """Refuse; what an auditor would be asked about goes on the ledger, but never a flood of it."""
    if not _worth_recording(request, context, refusals):
        return Rejected(refusals)
    data: dict[str, Any] = {
        "command": request.name,
        "body": body(request.name, context.command),
        "refusals": [refusal.plain() for refusal in refusals],
    }
    application = context.application
    decided, facts = Decided(REFUSED, REFUSED_VERSION, data), context.facts.plain()
    if not application.version:  # nothing to create was created: the attempt stands with the call
        programme = transaction.programme(rules.call.id)
        if programme.version >= _CALL_EVENTS_MAX:
            return Rejected(refusals)
        event = recorded(transaction, request, rules, decided, programme.version + 1, facts, now)
        event = event._replace(application=programme.id)
        transaction.append(event, programme_step(programme, event))
        return Rejected(refusals, event)
    if _by_its_deadline(request, context):
        data["clears"] = [context.command.deadline]
    event = recorded(transaction, request, rules, decided, application.version + 1, facts, now)
    transaction.append(event, step(application, event))
    return Rejected(refusals, event)


def _by_its_deadline(request: Request, context: Context) -> bool:
    """Whether a deadline that has fallen due gives the command, and nobody else: refused, it would come back for ever."""
    name = getattr(context.command, "deadline", "")
    due = context.application.deadlines.get(name)
    if request.actor.role is not Role.SYSTEM or due is None or due > request.received_at:
        return False
    return fires(context.call, name) == request.name


def _worth_recording(request: Request, context: Context, refusals: Iterable[Refusal]) -> bool:
    codes = {refusal.code for refusal in refusals}
    late = {"too_late"} | {rule.id for rule in context.call.rules.values() if rule.check == "window"}
    if codes & {"stale_version", "not_due", "calendar_missing"} or (request.name in _EDITS and not codes & late):
        return False
    recent = context.application.refused_at
    return len(recent) < _REFUSALS_PER_RATE or request.received_at - recent[0] > _RATE


def same(request: Request, earlier: Recorded, behind: Callable[[str], Personal | None]) -> bool:
    """Whether an earlier event answers this very request: the same actor, command and fields. `behind` tells the personal
    value of a commitment.
    """
    if earlier.actor != request.actor.id or earlier.role != request.actor.role.value:
        return False
    concealed, _ = conceal(request.name, request.command, request.salt)
    asked = body(request.name, concealed)
    if earlier.type == REFUSED:
        found, name = earlier.data["body"], earlier.data["command"]
        stream = request.application if request.name != CREATE else earlier.application
    else:
        found, name, stream = earlier.data, BY_NAME[earlier.type].command, request.application
    personal, found = PERSONAL.get(request.name), whole(name, found)
    return (
        stream == earlier.application
        and name == request.name
        and all(found.get(key, _AT_FIRST.get(key)) == value for key, value in asked.items() if key != personal)
        and same_values(name, request.command, found, behind)
    )


def unknown_call(call_id: str, calls: Iterable[str], application: Application | None = None) -> Refusal:
    """Why no call is at hand: none was named, none of that id is loaded, or not the one of that application."""
    known = ", ".join(sorted(calls)) or "—"
    if application is not None:
        return refuse("call_not_loaded", "call", application=application.id, call=call_id, known=known)
    return (
        refuse("unknown_call", "call", call=call_id, known=known)
        if call_id
        else refuse("call_missing", "call", known=known)
    )

"""The one decision: from a command and the facts to the event it gives, or the reasons why not. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from states.actor import Role
from states.application import Application, State
from states.calendar import CalendarMissing, stamp
from states.commands import COMMANDS, PROGRAMME_COMMANDS
from states.context import Context
from states.derive import DERIVE
from states.errors import Refusal, Refused
from states.events import BY_COMMAND
from states.guards.filing import closed_window, may_create
from states.machine import trigger
from states.reasons import refuse
from states.table import BY_MOVE, CREATE, commands_from
from states.timetable import deadlines_cleared, deadlines_set
from states.unit_code import normal

_FIELDS: Mapping[str, tuple[str, ...]] = {
    name: tuple(f.name for f in fields(c)) for name, c in (*COMMANDS.items(), *PROGRAMME_COMMANDS.items())
}


class Decided(NamedTuple):
    """What was decided: the event's type, version and data, as plain JSON."""

    type: str
    type_version: int
    data: dict[str, Any]


def plain(value: Any) -> Any:
    """A command's value as plain JSON. Raises TypeError for floats and anything else that JSON would blur."""
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, date):
        return stamp(value) if isinstance(value, datetime) else value.isoformat()
    if is_dataclass(value):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    raise TypeError(f"{value!r} has no place on the ledger")


def body(name: str, command: Any) -> dict[str, Any]:
    """The fields of a command as plain JSON."""
    return {field: plain(getattr(command, field)) for field in _FIELDS[name]}


def _at_default(kind: type[Any]) -> dict[str, Any]:
    """The fields of a command that need not be given, as plain JSON."""
    given = {f.name: f.default for f in fields(kind) if f.default is not MISSING}
    made = {f.name: f.default_factory() for f in fields(kind) if f.default_factory is not MISSING}
    return {name: plain(value) for name, value in (*given.items(), *made.items())}


_AT_DEFAULT: Mapping[str, dict[str, Any]] = {
    name: _at_default(kind) for name, kind in (*COMMANDS.items(), *PROGRAMME_COMMANDS.items())
}


def whole(name: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """The data of an event with the fields that its command has gained since, which stand at their defaults."""
    return {**_AT_DEFAULT[name], **data}


def newborn(call_id: str, application_id: str, command: Any, now: datetime) -> Application:
    """The application that a CreateDraft would make, for its guards to look at: version 0."""
    return Application(
        id=application_id,
        call_id=call_id,
        state=State.DRAFT,
        phase="",
        version=0,
        changed_version=0,
        unit_code=normal(command.unit_code),
        unit_name=command.unit_name,
        unit_kind=command.unit_kind,
        contacts=(),
        created_at=now,
    )


def decide(ctx: Context) -> Decided:
    """The event that follows. Raises Refused with the reasons. `ctx.application` of version 0 is one not yet made."""
    try:
        return _created(ctx) if ctx.name == CREATE else _moved(ctx)
    except CalendarMissing as missing:
        raise Refused(refuse("calendar_missing", year=missing.year)) from missing


def _created(ctx: Context) -> Decided:
    if ctx.application.version:
        raise Refused(refuse("application_exists", application=ctx.application.id))
    if ctx.actor.role is not Role.APPLICANT:
        raise Refused(refuse("role_not_allowed", role=ctx.actor.role, command=ctx.name, roles=(Role.APPLICANT,)))
    if normal(ctx.actor.unit) != ctx.application.unit_code:
        raise Refused(refuse("other_unit"))
    _refuse_all(may_create(ctx))
    data = {**body(ctx.name, ctx.command), **DERIVE[CREATE](ctx)}
    return _event(ctx, data, deadlines_set(ctx, None, data), [])


def _moved(ctx: Context) -> Decided:
    application = ctx.application
    row = BY_MOVE.get((application.state, ctx.name))
    if row is None:
        if application.state is State.LAPSED:  # who comes after the close is told so, whether or not the job has run
            _refuse_all(closed_window(ctx))
        possible = commands_from(application.state, ctx.actor.role)
        raise Refused(refuse("not_allowed_in_state", state=application.state, command=ctx.name, commands=possible))
    if ctx.actor.role not in row.roles:
        raise Refused(refuse("role_not_allowed", role=ctx.actor.role, command=ctx.name, roles=row.roles))
    if row.phases and application.phase not in row.phases:
        raise Refused(refuse("not_allowed_in_phase", phase=application.phase, command=ctx.name, phases=row.phases))
    if ctx.expected_version is not None and ctx.expected_version < application.changed_version:
        changed = application.changed_version
        raise Refused(refuse("stale_version", expected=ctx.expected_version, changed=changed))
    trigger(ctx)
    derive = DERIVE.get(ctx.name)
    derived = derive(ctx) if derive else {}
    data = {**body(ctx.name, ctx.command), **derived}
    clears = deadlines_cleared(ctx, row, derived)
    return _event(ctx, data, deadlines_set(ctx, row, derived), clears)


def _refuse_all(refusals: tuple[Refusal, ...]) -> None:
    if refusals:
        raise Refused(*refusals)


def _event(ctx: Context, data: dict[str, Any], arms: Mapping[str, Any], clears: list[str]) -> Decided:
    if arms:
        data["arms"] = {name: stamp(due) for name, due in arms.items()}
    if clears:
        data["clears"] = clears
    event = BY_COMMAND[ctx.name]
    return Decided(event.name, event.version, data)


def would(ctx: Context) -> tuple[Refusal, ...]:
    """Why the command would be refused now; empty when it would be accepted. Changes nothing (a dry run)."""
    try:
        decide(ctx)
    except Refused as refused:
        return refused.refusals
    return ()

"""A call as a whole: its window and its money, which two officers set together, and what the office is told of its course.

Its events stand on the ledger in a stream of the call's own id, beside refused attempts to open a draft.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from states import amend
from states.actor import Role
from states.calendar import add_months, instant_of, local_day, on_the_wall, stamp, zone
from states.draw import draw_refused
from states.envelope import Envelope, ill_formed
from states.errors import Refusal, Refused
from states.events import REFUSED, Recorded
from states.programme_row import Derived as Derived
from states.programme_row import Programme as Programme
from states.programme_row import ProgrammeContext as ProgrammeContext
from states.programme_row import ProgrammeRow as ProgrammeRow
from states.programme_row import WindowProposal, by_another
from states.reasons import refuse

DIGEST_AT, PROGRESS_AT = time(18), time(9)
"""When on the wall of the call's place the officers' daily digest and, on the first, the monthly progress are due."""


def not_yet_published(ctx: ProgrammeContext) -> Refusal | None:
    """A call is published once."""
    return refuse("already_done", command=ctx.name) if ctx.programme.published else None


def longer(ctx: ProgrammeContext) -> Refusal | None:
    """The close proposed lies ahead, after the one in force, and before the last day of execution."""
    close, last = ctx.command.closes_at, ctx.call.execution_ends_by
    if last is not None and local_day(close, ctx.call.timezone) >= last:
        return refuse("close_past_execution", "closes_at", last=last)
    late = max(ctx.now, ctx.programme.closes_at or ctx.call.closes_at)
    return None if close > late else _not_longer(ctx)


def _not_longer(ctx: ProgrammeContext) -> Refusal:
    closes, now = (
        on_the_wall(at, ctx.call.timezone) for at in (ctx.programme.closes_at or ctx.call.closes_at, ctx.now)
    )
    return refuse("not_longer", "closes_at", closes=closes, now=now)


def with_evidence(ctx: ProgrammeContext) -> Refusal | None:
    """A reason and evidence are given."""
    for name in ("reason", "evidence"):
        if not getattr(ctx.command, name).strip():
            return refuse("reason_missing", name, field=name)
    return None


def proposed_by_another(ctx: ProgrammeContext) -> Refusal | None:
    """An extension was proposed, by somebody else, and still lies ahead."""
    proposal = ctx.programme.proposal
    refusal = by_another(ctx, "ProposeExtension")
    if refusal is not None or proposal is None:
        return refusal
    return None if proposal.closes_at > ctx.now else _not_longer(ctx)


def envelope_sound(ctx: ProgrammeContext) -> Refusal | None:
    """The envelope and its quotas are amounts of this call's directions, and a reason is given."""
    if not ctx.command.reason.strip():
        return refuse("reason_missing", "reason", field="reason")
    return ill_formed(ctx.call, ctx.command)


def envelope_by_another(ctx: ProgrammeContext) -> Refusal | None:
    """An envelope was proposed, by somebody else."""
    return by_another(ctx, "ProposeEnvelope")


def draw_sound(ctx: ProgrammeContext) -> tuple[Refusal, ...]:
    """The draw rests on what is found now, and keeps every rule."""
    return draw_refused(ctx.call.review, ctx.command, ctx.facts["basis"])


def due(ctx: ProgrammeContext) -> Refusal | None:
    """The deadline that fires is set and has fallen due."""
    at = ctx.programme.deadlines.get(ctx.command.deadline)
    return None if at is not None and at <= ctx.now else refuse("not_due", deadline=ctx.command.deadline)


def _published(ctx: ProgrammeContext) -> Derived:
    return {"arms": {"digest": stamp(next_day(ctx)), "progress": stamp(next_month(ctx))}}


def _proposed(ctx: ProgrammeContext) -> Derived:
    return {}


def _extended(ctx: ProgrammeContext) -> Derived:
    proposal, before = ctx.programme.proposal, ctx.programme.closes_at or ctx.call.closes_at
    assert proposal is not None  # noqa: S101 - the guard has refused otherwise
    told = {"closes_at": stamp(proposal.closes_at), "closed_before": stamp(before), "reason": proposal.reason}
    return {**told, "evidence": proposal.evidence, "arms": {"extension": stamp(ctx.now)}}


def _envelope_set(ctx: ProgrammeContext) -> Derived:
    proposed = ctx.programme.envelope_proposed
    assert proposed is not None  # noqa: S101 - the guard has refused otherwise
    quotas = [asdict(quota) for quota in proposed.quotas.values()]
    return {"envelope_minor": proposed.amount_minor, "quotas": quotas, "proposed_by": proposed.by}


def _told(ctx: ProgrammeContext) -> Derived:
    return {"clears": ["extension"]}


def _day(ctx: ProgrammeContext) -> Derived:
    return {**ctx.facts, **_again(ctx, "digest", next_day(ctx))}


def _month(ctx: ProgrammeContext) -> Derived:
    verified = dict(ctx.programme.verified)
    for target, count in ctx.facts["verified"].items():
        verified[target] = verified.get(target, 0) + count
    return {**ctx.facts, "verified": verified, **_again(ctx, "progress", next_month(ctx))}


def _again(ctx: ProgrammeContext, deadline: str, at: datetime) -> Derived:
    """Summaries go on until the window is shut and nothing is left in motion."""
    over = ctx.now >= (ctx.programme.closes_at or ctx.call.closes_at) and not ctx.facts["open"]
    return {"clears": [deadline]} if over else {"arms": {deadline: stamp(at)}}


def next_day(ctx: ProgrammeContext) -> datetime:
    """The next instant at which a day is summed up."""
    return _on(ctx, local_day(ctx.now, ctx.call.timezone), DIGEST_AT, timedelta(days=1))


def next_month(ctx: ProgrammeContext) -> datetime:
    """The next first of a month, in the morning."""
    first = local_day(ctx.now, ctx.call.timezone).replace(day=1)
    return _on(ctx, add_months(first, 1), PROGRESS_AT, timedelta())


def _on(ctx: ProgrammeContext, day: date, at: time, later: timedelta) -> datetime:
    found = datetime.combine(day, at, zone(ctx.call.timezone)).astimezone(UTC)
    return found if found > ctx.now else datetime.combine(day + later, at, zone(ctx.call.timezone)).astimezone(UTC)


_APPROVING, _REVIEW, _SYSTEM = (Role.APPROVING_OFFICER,), (Role.REVIEW_OFFICER,), (Role.SYSTEM,)

PROGRAMME_TABLE: Mapping[str, ProgrammeRow] = {
    "PublishCall": ProgrammeRow("CallPublished", _APPROVING, (not_yet_published,), _published, "申报通知"),
    "ProposeExtension": ProgrammeRow("ExtensionProposed", _APPROVING, (with_evidence, longer), _proposed, "{window}"),
    "ExtendWindow": ProgrammeRow("WindowExtended", _APPROVING, (proposed_by_another,), _extended, "{window}"),
    "TellExtension": ProgrammeRow("ExtensionTold", _SYSTEM, (due,), _told, "{window}"),
    "SummariseDay": ProgrammeRow("DaySummarised", _SYSTEM, (due,), _day, "内部规则"),
    "SummariseMonth": ProgrammeRow("MonthSummarised", _SYSTEM, (due,), _month, "一"),
    "ProposeEnvelope": ProgrammeRow("EnvelopeProposed", _APPROVING, (envelope_sound,), _proposed, "系统规则16（资金）"),
    "SetEnvelope": ProgrammeRow("EnvelopeSet", _APPROVING, (envelope_by_another,), _envelope_set, "系统规则16（资金）"),
    "DrawExperts": ProgrammeRow("ExpertsDrawn", _REVIEW, (draw_sound,), _proposed, "专家评审规则"),
    **amend.TABLE,
    "TellErratum": ProgrammeRow("ErratumTold", _SYSTEM, (due,), lambda _: {"clears": ["erratum"]}, amend.ERRATUM),
    "TellCalendar": ProgrammeRow("CalendarTold", _SYSTEM, (due,), lambda _: {"clears": ["calendar"]}, amend.CALENDAR),
}
"""Every command about a call as a whole."""

PROGRAMME_FIRES: Mapping[str, str] = {
    "digest": "SummariseDay",
    "progress": "SummariseMonth",
    "extension": "TellExtension",
    "erratum": "TellErratum",
    "calendar": "TellCalendar",
}
"""A call's own deadlines and the system commands that they give."""


def decide_programme(ctx: ProgrammeContext) -> tuple[str, Derived]:
    """The event that follows (its name) and what it says beside the command's own fields. Raises Refused."""
    row = PROGRAMME_TABLE[ctx.name]
    if ctx.actor.role not in row.roles:
        raise Refused(refuse("role_not_allowed", role=ctx.actor.role, command=ctx.name, roles=row.roles))
    found = [guard(ctx) for guard in row.guards]
    refusals = [refusal for one in found for refusal in (one if isinstance(one, tuple) else (one,)) if refusal]
    if refusals:
        raise Refused(*refusals)
    return row.event, row.derive(ctx)


def programme_step(programme: Programme, event: Recorded) -> Programme:
    """The call after one more event of its stream; a refused attempt to open a draft moves its version alone.

    Raises ValueError where a version is missing or the event is none of a call's.
    """
    if event.version != programme.version + 1 or (event.type != REFUSED and event.type not in PROGRAMME_EVENTS):
        raise ValueError(f"{event.application}: {event.type} at version {event.version} after {programme.version}")
    moved = replace(programme, version=event.version)
    data = event.data
    if event.type != REFUSED:
        moved = _APPLY[event.type](moved, event)
    if "arms" not in data and "clears" not in data:
        return moved
    kept = {name: at for name, at in moved.deadlines.items() if name not in data.get("clears", ())}
    return replace(moved, deadlines=kept | {name: instant_of(at) for name, at in data.get("arms", {}).items()})


def _drawn(event: Recorded) -> dict[str, tuple[tuple[str, ...], int]]:
    return {one["application"]: (tuple(one["experts"]), event.data["seed"]) for one in event.data["drawn"]}


_APPLY: Mapping[str, Callable[[Programme, Recorded], Programme]] = {
    "CallPublished": lambda p, _: replace(p, published=True),
    "ExtensionProposed": lambda p, e: replace(
        p, proposal=WindowProposal(instant_of(e.data["closes_at"]), e.data["reason"], e.data["evidence"], e.actor)
    ),
    "WindowExtended": lambda p, e: replace(p, proposal=None, closes_at=instant_of(e.data["closes_at"])),
    "ExtensionTold": lambda p, _: p,
    "DaySummarised": lambda p, e: replace(p, told_upto=e.data["upto"]),
    "MonthSummarised": lambda p, e: replace(p, counted_upto=e.data["upto"], verified=e.data["verified"]),
    "EnvelopeProposed": lambda p, e: replace(p, envelope_proposed=Envelope.of(e.data, e.actor)),
    "EnvelopeSet": lambda p, e: replace(p, envelope=Envelope.of(e.data, e.data["proposed_by"]), envelope_proposed=None),
    **amend.APPLY,
    "ErratumTold": lambda p, _: p,
    "CalendarTold": lambda p, _: p,
    "ExpertsDrawn": lambda p, e: replace(p, drawn={**p.drawn, **_drawn(e)}),
}
PROGRAMME_EVENTS = frozenset(_APPLY)
"""The events of a call's stream, refusals aside."""


def programme_table() -> list[dict[str, Any]]:
    """The commands about a call as plain JSON, for the rules hash."""
    return [
        {
            "command": name,
            "event": row.event,
            "roles": [role.value for role in row.roles],
            "guards": [guard.__name__ for guard in row.guards],
            "basis": row.basis,
        }
        for name, row in PROGRAMME_TABLE.items()
    ]

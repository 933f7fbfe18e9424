"""Guards of the credit record: an entry needs a ground, two officers and a day to end on; a unit may object once at a time."""

from __future__ import annotations

from datetime import date, datetime

from states.application import Application, CreditEntry, State
from states.calendar import local_day, midnight
from states.context import Context
from states.credit import IN_FORCE, KINDS
from states.deadlines import armed
from states.errors import Refusal
from states.guards.any_stage import proposed, text_given
from states.reasons import refuse


def gives_ground(ctx: Context, kind: str) -> bool:
    """Whether what became of the application is a ground of that kind."""
    a = ctx.application
    match kind:
        case "revocation":
            return a.state is State.REVOKED
        case "termination":
            return a.state is State.TERMINATED and a.outcome == "for_cause"
        case "failure":
            return a.state is State.CLOSED and a.outcome == "failed"
        case _:
            owed = a.recover_minor > a.recovered_minor
            return kind == "late_recovery" and owed and "recovery" in ctx.call.periods and "recovery" not in a.deadlines


def _ground(ctx: Context, kind: str, where: str = "") -> Refusal | None:
    if gives_ground(ctx, kind):
        return None
    given = tuple(one for one in KINDS if gives_ground(ctx, one))
    return refuse("credit_without_ground", where, kind=kind, kinds=given)


def ground_given(ctx: Context) -> Refusal | None:
    """What became of the application gives the ground that is named."""
    return _ground(ctx, ctx.command.kind, "kind")


def ground_left(ctx: Context) -> Refusal | None:
    """The ground for which an entry was proposed is still there."""
    proposal = ctx.application.proposal
    if proposal is None or "credit" not in ctx.call.periods:
        return refuse("no_such_item", what="信用记录", what_en="credit record")
    return _ground(ctx, proposal.detail["kind"])


def nothing_pending(ctx: Context) -> Refusal | None:
    """No other proposal waits to be confirmed: the decision on which an entry rests is final."""
    return refuse("proposal_waits") if ctx.application.proposal is not None else None


def not_entered_for_it(ctx: Context) -> Refusal | None:
    """The unit has no entry in force for the same ground."""
    same = any(e.kind == ctx.command.kind and e.status in IN_FORCE for e in ctx.application.credits)
    return refuse("credit_in_force", "kind") if same else None


def clause_and_grounds(ctx: Context) -> Refusal | None:
    """A clause and grounds are given."""
    return text_given(ctx.command.clause, "clause") or text_given(ctx.command.grounds, "grounds")


def until(ctx: Context, ended_on: date) -> datetime | None:
    """When an entry for an act that ended that day is over; None where the call keeps no entries."""
    return armed(ctx, "credit", midnight(ended_on, ctx.call.timezone)).get("credit")


def act_well_dated(ctx: Context) -> Refusal | None:
    """The act ended by today, and so late that its entry would still run."""
    ended, over = ctx.command.ended_on, until(ctx, ctx.command.ended_on)
    if over is None:
        return refuse("no_such_item", what="信用记录", what_en="credit record")
    today = local_day(ctx.now, ctx.call.timezone)
    if ended <= today and over > ctx.now:
        return None
    length = ctx.call.periods["credit"].length.text
    allowed = f"{today} - {length} … {today}"
    return refuse("value_not_allowed", "ended_on", field="ended_on", value=ended, allowed=allowed)


def credit_proposed(ctx: Context) -> Refusal | None:
    """Another officer proposed an entry."""
    return proposed(ctx, "credit", "ProposeCredit")


def entry_of(application: Application, number: int) -> CreditEntry | None:
    """The entry of that number, if it is in force."""
    entries = application.credits
    found = entries[number - 1] if 1 <= number <= len(entries) else None
    return found if found is not None and found.status in IN_FORCE else None


def _entry(ctx: Context, *statuses: str) -> Refusal | None:
    found = entry_of(ctx.application, ctx.command.entry)
    known = found is not None and found.status in statuses
    return None if known else refuse("no_such_item", "entry", what=ctx.command.entry)


def entry_live(ctx: Context) -> Refusal | None:
    """The entry is in force, and nothing objected to it waits for an answer."""
    return _entry(ctx, "live")


def entry_disputed(ctx: Context) -> Refusal | None:
    """The unit has objected to the entry."""
    return _entry(ctx, "disputed")


def entry_in_force(ctx: Context) -> Refusal | None:
    """The entry is in force."""
    return _entry(ctx, *IN_FORCE)


def not_who_entered(ctx: Context) -> Refusal | None:
    """Who answers an objection has neither proposed the entry nor confirmed it."""
    found = entry_of(ctx.application, ctx.command.entry)
    same = found is not None and ctx.actor.id in found.by
    return refuse("same_person", duty="登记信用记录", duty_en="making the entry") if same else None


def repair_proposed(ctx: Context) -> Refusal | None:
    """Another officer proposed to end an entry early, which is still in force."""
    wrong, proposal = proposed(ctx, "credit_repair", "ProposeCreditRepair"), ctx.application.proposal
    if wrong is not None or proposal is None:
        return wrong
    number = int(proposal.detail["entry"])
    return None if entry_of(ctx.application, number) else refuse("no_such_item", what=number)

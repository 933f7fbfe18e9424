"""Guards that hold wherever an application stands: whose it is, reasons, deadlines, and the rules asked anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from states.actor import Role
from states.application import Application
from states.calendar import due_on_the_wall, on_the_wall
from states.checks import Filing, Finding, findings
from states.context import Context
from states.errors import Refusal
from states.reasons import duty_of, refuse
from states.unit_code import normal


def own_unit(ctx: Context) -> Refusal | None:
    """The applicant acts for the unit whose application it is."""
    return None if normal(ctx.actor.unit) == ctx.application.unit_code else refuse("other_unit")


def not_own_unit(ctx: Context) -> Refusal | None:
    """Officers and experts stay away from applications of their own unit (回避)."""
    return refuse("own_unit") if normal(ctx.actor.unit) == ctx.application.unit_code else None


_AS_APPLICANT = ("DraftCreated", "ApplicationSubmitted", "ApplicationResubmitted")


def of_neither_side(ctx: Context) -> Refusal | None:
    """Who decides for the authority has neither filed this application nor been drawn to review it (回避)."""
    application, person = ctx.application, ctx.actor.id
    filed = person in {application.acts.get(event) for event in _AS_APPLICANT}
    took_part = filed or person in application.experts
    return refuse("same_person", duty="申报或评审", duty_en="filing or reviewing") if took_part else None


def reasoned(ctx: Context) -> Refusal | None:
    """A reason is given."""
    return None if ctx.command.reason.strip() else refuse("reason_missing", "reason", field="reason")


def deadline_due(ctx: Context) -> Refusal | None:
    """The deadline that fires is set and has fallen due."""
    due = ctx.application.deadlines.get(ctx.command.deadline)
    return None if due is not None and due <= ctx.now else refuse("not_due", deadline=ctx.command.deadline)


def not_suspended(ctx: Context) -> Refusal | None:
    """Nothing is paid, and nothing suspended twice, while the project is suspended."""
    return refuse("suspended") if "suspended" in ctx.application.flags else None


def filing_of(ctx: Context) -> Filing:
    """The application as the call's rules look at it, now."""
    application, facts = ctx.application, ctx.facts
    return Filing(
        unit_code=normal(application.unit_code),
        unit_name=application.unit_name,
        unit_kind=application.unit_kind,
        form=application.form,
        documents=application.documents,
        received_at=ctx.now,
        others=facts.others,
        exception_granted=application.exception_granted,
        standing=facts.standing,
        account_confirmed=facts.account_confirmed,
        credit=facts.credit,
        certificate=facts.certificate,
    )


def found_at(ctx: Context, stage: str) -> tuple[Finding, ...]:
    """What the call's rules find at a stage; asked once a request."""
    if stage not in ctx.asked:
        ctx.asked[stage] = findings(ctx.call, filing_of(ctx), stage)
    return ctx.asked[stage]


def overridden(application: Application, rule: str) -> bool:
    """Whether officers have overridden the finding on that rule."""
    decided = application.decided.get(rule)
    return decided is not None and decided.verdict == "override"


def _unsettled(ctx: Context, stage: str) -> tuple[Refusal, ...]:
    found = found_at(ctx, stage)
    return tuple(f.refusal() for f in found if not overridden(ctx.application, f.rule))


def rules_hold_at_approval(ctx: Context) -> tuple[Refusal, ...]:
    """What the call asks again on the day of approval holds, or was overridden."""
    return _unsettled(ctx, "approve")


def rules_hold_at_payment(ctx: Context) -> tuple[Refusal, ...]:
    """What the call asks again on the day of a payment holds, or was overridden."""
    return _unsettled(ctx, "pay")


def refusing(found: tuple[Finding, ...]) -> tuple[Refusal, ...]:
    """The findings that stand in the way, as refusals."""
    return tuple(f.refusal() for f in found if f.blocks)


def other_person_than(event: str, zh: str, en: str) -> Callable[[Context], Refusal | None]:
    """A guard: the actor is not the one who caused the latest event of that type."""

    def guard(ctx: Context) -> Refusal | None:
        same = ctx.application.acts.get(event) == ctx.actor.id
        return refuse("same_person", duty=zh, duty_en=en) if same else None

    guard.__name__ = f"other_person_than_{event}"
    return guard


def text_given(text: str, field: str) -> Refusal | None:
    """A text is more than blanks."""
    return None if text.strip() else refuse("reason_missing", field, field=field)


def grounds_given(ctx: Context) -> Refusal | None:
    """Grounds are given."""
    return text_given(ctx.command.grounds, "grounds")


def not_before(ctx: Context, deadline: str) -> Refusal | None:
    """That period is over (or was never set)."""
    due = ctx.application.deadlines.get(deadline)
    return None if due is None or ctx.now >= due else refuse("too_early", due=on_the_wall(due, ctx.call.timezone))


def while_open(ctx: Context, deadline: str) -> Refusal | None:
    """That period is set and still runs; it is half-open, so at the due instant it is over."""
    due = ctx.application.deadlines.get(deadline)
    if due is not None and ctx.now < due:
        return None
    return too_late(ctx, due)


def too_late(ctx: Context, due: datetime | None) -> Refusal:
    """The period is over, since then where that is known."""
    if due is None:
        return refuse("too_late", due="此前", due_en="an earlier time")
    return refuse("too_late", due=due_on_the_wall(due, ctx.call.timezone))


def proposed(ctx: Context, kind: str, command: str) -> Refusal | None:
    """A proposal of that kind, which that command makes, is there, made by somebody else."""
    proposal = ctx.application.proposal
    if proposal is None or proposal.kind != kind:
        return refuse("proposal_missing", commands=(command,))
    return refuse("same_person", **duty_of(command)) if proposal.by == ctx.actor.id else None


def proposal_pending(ctx: Context) -> Refusal | None:
    """A proposal is there, and whoever takes it back made it, or approves."""
    proposal = ctx.application.proposal
    if proposal is None:
        return refuse("proposal_missing", commands="提出建议", commands_en="a proposal")
    own = ctx.actor.id == proposal.by or ctx.actor.role is Role.APPROVING_OFFICER
    return None if own else refuse("not_the_proposer")

"""Guards of execution, acceptance and the ways a project ends."""

from __future__ import annotations

from datetime import date

from states.application import HEARD_FIRST, Request
from states.calendar import add_months, local_day
from states.clauses import of_call
from states.context import Context
from states.errors import Refusal
from states.guards.any_stage import grounds_given as grounds_given
from states.guards.any_stage import not_before, other_person_than, proposed, text_given
from states.guards.award import past_the_last_day
from states.guards.filing import items_complete as items_complete
from states.money import major
from states.reasons import refuse


def report_expected(ctx: Context) -> Refusal | None:
    """A report of that period is due or late, and has a summary."""
    period = ctx.command.period
    if f"report:{period}" in ctx.application.deadlines or ctx.application.reports.get(period) == "late":
        return text_given(ctx.command.summary, "summary")
    return refuse("no_such_item", "period", what=period)


def _one_of(ctx: Context, field: str, *allowed: str) -> Refusal | None:
    value = getattr(ctx.command, field)
    if value in allowed:
        return None
    return refuse("value_not_allowed", field, field=field, value=value, allowed=", ".join(allowed))


def midterm_outcome(ctx: Context) -> Refusal | None:
    """Passed, rectify or failed."""
    return _one_of(ctx, "outcome", "passed", "rectify", "failed")


def change_described(ctx: Context) -> Refusal | None:
    """The request says what is to change and how, and its cause has come about."""
    cause, today = ctx.command.caused_on, local_day(ctx.now, ctx.call.timezone)
    if cause is not None and cause > today:
        return refuse("value_not_allowed", "caused_on", field="caused_on", value=cause, allowed=f"<= {today}")
    return text_given(ctx.command.subject, "subject") or text_given(ctx.command.detail, "detail")


def extension_within_limits(ctx: Context) -> tuple[Refusal, ...]:
    """Later than now agreed, at most so many months, at most so many times, and never past the call's last day."""
    return _within_limits(ctx, ctx.command.end_on)


def _within_limits(ctx: Context, end: date) -> tuple[Refusal, ...]:
    application = ctx.application
    refusals = [past_the_last_day(ctx, end)]
    if application.end_on is None or end <= application.end_on:
        refusals.append(refuse("period_not_well_formed", "end_on", of_call("{ends_by}", ctx.call)))
    months, times = ctx.call.extension_months_max, ctx.call.extensions_max
    too_long = application.end_on is not None and end > add_months(application.end_on, months)
    if too_long or application.extensions >= times:
        refusals.append(refuse("extension_too_long", "end_on", months=months, times=times))
    return tuple(r for r in refusals if r is not None)


def request_of(ctx: Context) -> Request | None:
    """The request that a decision names, if there is one."""
    n, requests = ctx.command.request, ctx.application.requests
    return requests[n - 1] if 1 <= n <= len(requests) else None


def request_open(ctx: Context) -> Refusal | None:
    """The request is there and open."""
    request = request_of(ctx)
    known = request is not None and request.status == "open"
    return None if known else refuse("no_such_item", "request", what=ctx.command.request)


def grant_within_limits(ctx: Context) -> tuple[Refusal, ...]:
    """An extension keeps its limits when it is granted, too: another may have been granted since it was asked for. Once
    acceptance is asked for there is nothing to extend.
    """
    request = request_of(ctx)
    if request is None or request.end_on is None or not ctx.command.granted:
        return ()
    if ctx.application.phase not in EXTENDABLE:
        return (refuse("not_allowed_in_phase", phase=ctx.application.phase, command=ctx.name, phases=EXTENDABLE),)
    return _within_limits(ctx, request.end_on)


EXTENDABLE = ("running", "ended")
"""Where an extension is granted: also after the last day, on which the office had not answered."""


def hearing_kept(ctx: Context) -> Refusal | None:
    """A proposal on which the unit is heard is not lost by another kind of proposal; a revocation alone is graver."""
    proposal = ctx.application.proposal
    if proposal is None or proposal.kind not in HEARD_FIRST:
        return None
    again = ctx.name == "ProposeTermination" and proposal.kind == "termination"
    return None if again else refuse("proposal_waits")


def payments_settled(ctx: Context) -> Refusal | None:
    """Every payment recorded is confirmed: only then it is known how much there is to be paid back."""
    unconfirmed = ctx.application.paid_minor - ctx.application.confirmed_minor
    return refuse("payment_unconfirmed", amount=major(unconfirmed)) if unconfirmed else None


def suspension_proposed(ctx: Context) -> Refusal | None:
    """Another officer proposed the suspension."""
    return proposed(ctx, "suspension", "ProposeSuspension")


def is_suspended(ctx: Context) -> Refusal | None:
    """The project is suspended."""
    return None if "suspended" in ctx.application.flags else refuse("no_such_item", what="暂停", what_en="suspension")


def completion_plausible(ctx: Context) -> Refusal | None:
    """Completed after it began and not in the future."""
    start, today = ctx.application.start_on, local_day(ctx.now, ctx.call.timezone)
    good = ctx.command.completed_on <= today and (start is None or start <= ctx.command.completed_on)
    return None if good else refuse("period_not_well_formed", "completed_on", of_call("{ends_by}", ctx.call))


def achieved_countable(ctx: Context) -> Refusal | None:
    """What is said to be achieved counts towards targets of the call, in whole numbers from 0."""
    return _countable(ctx, "achieved")


def verified_countable(ctx: Context) -> Refusal | None:
    """What is verified counts towards targets of the call, in whole numbers from 0."""
    return _countable(ctx, "verified")


def _countable(ctx: Context, field: str) -> Refusal | None:
    known = [target.id for target in ctx.call.targets]
    wrong = {name: n for name, n in getattr(ctx.command, field).items() if name not in known or n < 0}
    if not wrong:
        return None
    said = ", ".join(f"{name}={n}" for name, n in wrong.items())
    return refuse("value_not_allowed", field, field=field, value=said, allowed=f"{', '.join(known)} >= 0")


def not_yet_rectified(ctx: Context) -> Refusal | None:
    """Rectification is allowed once."""
    return refuse("already_rectified") if ctx.application.rectifications else None


def outcome_known(ctx: Context) -> Refusal | None:
    """Accepted or concluded out of an acceptance; failed also without one; money back within what was paid."""
    if ctx.application.phase == "acceptance":
        wrong = _one_of(ctx, "outcome", "accepted", "concluded", "failed")
    else:
        wrong = _one_of(ctx, "outcome", "failed")
    return wrong or recovery_within_paid(ctx)


def acceptance_experts_enough(ctx: Context) -> Refusal | None:
    """An acceptance has heard as many experts as the call asks for, an odd number."""
    least, count = ctx.call.acceptance_experts_min, len(ctx.command.experts)
    if ctx.application.phase != "acceptance" or not least or (count >= least and count % 2):
        return None
    return refuse("too_few_experts", "experts", least=least, count=count, odd="且为单数", odd_en=", an odd number")


def outcome_proposed(ctx: Context) -> Refusal | None:
    """Another officer proposed the outcome, and an accepted project has all its money."""
    proposal = ctx.application.proposal
    if proposal is None or not proposal.kind.startswith("outcome."):
        return refuse("proposal_missing", commands=("ProposeOutcome",))
    if proposal.kind == "outcome.accepted":
        outstanding = ctx.application.grant_minor - ctx.application.confirmed_minor
        if outstanding > 0:
            return refuse("payment_outstanding", amount=major(outstanding))
    return proposed(ctx, proposal.kind, "ProposeOutcome")


not_the_outcomes_proposer = other_person_than("OutcomeProposed", "提出验收结论", "proposing the outcome")
not_the_outcomes_confirmer = other_person_than("ApplicationClosed", "确认验收结论", "confirming the outcome")


def evaluation_given(ctx: Context) -> Refusal | None:
    """A rating of the scale with findings, and none before it."""
    if ctx.application.performance:
        return refuse("already_evaluated")
    wrong = _one_of(ctx, "rating", "excellent", "good", "fair", "poor")
    return wrong or text_given(ctx.command.findings, "findings")


def recovery_within_paid(ctx: Context) -> Refusal | None:
    """No more is asked back than was paid, by two officers' word."""
    amount, paid = ctx.command.recover_minor, ctx.application.confirmed_minor
    if 0 <= amount <= paid:
        return None
    return refuse("amount_not_allowed", "recover_minor", amount=major(amount), allowed=f"{major(0)}–{major(paid)}")


def heard_now(ctx: Context) -> Refusal | None:
    """A termination or revocation is proposed, so there is something to answer."""
    proposal = ctx.application.proposal
    if proposal is None or proposal.kind not in HEARD_FIRST:
        return refuse("proposal_missing", commands=("ProposeTermination", "ProposeRevocation"))
    return text_given(ctx.command.text, "text")


def termination_proposed(ctx: Context) -> Refusal | None:
    """Another officer proposed the termination."""
    return proposed(ctx, "termination", "ProposeTermination")


def revocation_proposed(ctx: Context) -> Refusal | None:
    """Another officer proposed the revocation."""
    return proposed(ctx, "revocation", "ProposeRevocation")


def unit_was_heard(ctx: Context) -> Refusal | None:
    """The unit has answered, or its time to answer is over."""
    return None if "defended" in ctx.application.flags else not_before(ctx, "hearing")


def recovery_due(ctx: Context) -> Refusal | None:
    """A positive amount, no more than is still owed."""
    owed = ctx.application.recover_minor - ctx.application.recovered_minor
    if 0 < ctx.command.amount_minor <= owed:
        return None
    return refuse(
        "amount_not_allowed",
        "amount_minor",
        amount=major(ctx.command.amount_minor),
        allowed=f"{major(1)}–{major(owed)}",
    )


def recovery_complete(ctx: Context) -> Refusal | None:
    """Money was asked back, all of it is there, and another finance officer recorded it; confirmed once."""
    application = ctx.application
    owed = application.recover_minor - application.recovered_minor
    if not application.recover_minor:
        return refuse("nothing_to_recover")
    if "recovered" in application.flags:
        return refuse("already_done", command=ctx.name)
    if owed:
        return refuse("recovery_open", amount=major(owed))
    same = application.acts.get("RecoveryRecorded") == ctx.actor.id
    return refuse("same_person", duty="登记追回", duty_en="recording the recovery") if same else None

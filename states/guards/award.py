"""Guards of agreement and payment."""

from __future__ import annotations

from datetime import date

from states.application import HEARD_FIRST, Payment
from states.clauses import of_call
from states.context import Context
from states.errors import Refusal
from states.guards.any_stage import other_person_than, text_given
from states.money import major
from states.reasons import refuse


def contacts_given(ctx: Context) -> Refusal | None:
    """A unit has at least one contact."""
    return None if ctx.command.contacts else refuse("reason_missing", "contacts", field="contacts")


def dates_well_formed(ctx: Context) -> Refusal | None:
    """The first day comes before the last, and every milestone lies between them."""
    start, end = ctx.command.start_on, ctx.command.end_on
    good = start < end and all(start <= m.due_on <= end for m in ctx.command.milestones)
    return None if good else refuse("period_not_well_formed", "end_on", of_call("{ends_by}", ctx.call))


def past_the_last_day(ctx: Context, end_on: date) -> Refusal | None:
    """A last day after the call's own is refused under the rule of the call that says so."""
    last = ctx.call.execution_ends_by
    if last is None or end_on <= last:
        return None
    rule = ctx.call.rule_with("ends_by")
    if rule is None:
        return refuse("value_not_allowed", "end_on", field="end_on", value=end_on, allowed=f"<= {last}")
    text = (f"{rule.zh}（{end_on}）", f"{rule.en} ({end_on})")
    return Refusal(rule.id, rule.clause, *text, rule.remedy_zh, rule.remedy_en, "end_on")


def ends_in_time(ctx: Context) -> Refusal | None:
    """The agreed last day keeps the call's last day of execution."""
    return past_the_last_day(ctx, ctx.command.end_on)


def instalments_sum_to_grant(ctx: Context) -> Refusal | None:
    """The instalments are positive and sum to the grant."""
    parts, grant = ctx.command.instalments_minor, ctx.application.grant_minor
    if parts and min(parts) > 0 and sum(parts) == grant:
        return None
    told = {"allowed": f"各期均大于 0，合计 {major(grant)}", "allowed_en": f"each above 0, together {major(grant)}"}
    return refuse("amount_not_allowed", "instalments_minor", amount=major(sum(parts)), **told)


def instalments_within_shares(ctx: Context) -> Refusal | None:
    """At no instalment is more out than the call's shares allow until then."""
    grant, out, share = ctx.application.grant_minor, 0, 0
    shares = ctx.call.instalments_percent
    for n, part in enumerate(ctx.command.instalments_minor):
        out, share = out + part, share + (shares[n] if n < len(shares) else 0)
        if out * 100 > grant * share:
            allowed = f"<= {major(grant * share // 100 - (out - part))}"
            return refuse(
                "instalment_above_share", "instalments_minor", instalment=n + 1, amount=major(part), allowed=allowed
            )
    return None


def waits_well_formed(ctx: Context) -> Refusal | None:
    """Each instalment waits for a milestone of the agreement, or for none."""
    waits, milestones = ctx.command.waits_for, len(ctx.command.milestones)
    good = not waits or (
        len(waits) == len(ctx.command.instalments_minor) and all(0 <= number <= milestones for number in waits)
    )
    allowed = f"{len(ctx.command.instalments_minor)} × 0–{milestones}"
    return None if good else refuse("value_not_allowed", "waits_for", field="waits_for", value=waits, allowed=allowed)


def indicators_not_lowered(ctx: Context) -> tuple[Refusal, ...]:
    """What the agreement promises are indicators of the call, none below what was filed nor above what its field holds."""
    refusals = []
    for name, promised in ctx.command.indicators.items():
        field = ctx.call.indicators.get(name)
        if field is None:
            told = {"field": "indicators", "value": name, "allowed": ", ".join(ctx.call.indicators) or "—"}
            refusals.append(refuse("value_not_allowed", f"indicators.{name}", **told))
            continue
        filed = ctx.application.form.get(name) or 0
        if not filed <= promised <= field.limit:
            told = {"name": field.zh, "name_en": field.en, "promised": promised, "filed": filed, "limit": field.limit}
            refusals.append(refuse("indicator_not_kept", f"indicators.{name}", **told))
    return tuple(refusals)


def milestone_reached(ctx: Context) -> Refusal | None:
    """The milestone that the instalment waits for is reached."""
    application, n = ctx.application, ctx.command.instalment
    waits = application.agreements[-1].waits_for if application.agreements else ()
    number = waits[n - 1] if 1 <= n <= len(waits) else 0
    if not number or application.milestones[number - 1].status == "reached":
        return None
    return refuse("milestone_open", "instalment", milestone=number, title=application.milestones[number - 1].title)


def _milestone_is(ctx: Context, status: str) -> Refusal | None:
    n, milestones = ctx.command.milestone, ctx.application.milestones
    known = 1 <= n <= len(milestones) and milestones[n - 1].status == status
    return None if known else refuse("no_such_item", "milestone", what=n)


def milestone_planned(ctx: Context) -> Refusal | None:
    """The milestone is of the agreement and not reported, and what is said of it is more than blanks."""
    return _milestone_is(ctx, "planned") or text_given(ctx.command.evidence, "evidence")


def milestone_reported(ctx: Context) -> Refusal | None:
    """The milestone is reported and not decided."""
    return _milestone_is(ctx, "reported")


def nothing_paid(ctx: Context) -> Refusal | None:
    """No money has been paid."""
    paid = ctx.application.paid_minor
    return refuse("money_paid", amount=major(paid)) if paid else None


def instalment_payable(ctx: Context) -> Refusal | None:
    """The instalment is the first that is not recorded, and has the agreed amount."""
    application, n = ctx.application, ctx.command.instalment
    if any(p.instalment == n for p in application.payments):
        return refuse("already_paid", "instalment", instalment=n)
    if n != application.next_instalment:
        return refuse("no_such_item", "instalment", what=n)
    agreed = application.instalments_minor[n - 1]
    if ctx.command.amount_minor == agreed:
        return None
    return refuse(
        "amount_not_allowed", "amount_minor", amount=major(ctx.command.amount_minor), allowed=f"= {major(agreed)}"
    )


not_the_approver = other_person_than("ApplicationApproved", "批准立项", "approving the award")


def no_end_proposed(ctx: Context) -> Refusal | None:
    """Nothing more is paid while it is decided what is to be paid back: an early end, or an outcome that is not a pass."""
    proposal = ctx.application.proposal
    ends = proposal is not None and proposal.kind in (*HEARD_FIRST, "outcome.concluded", "outcome.failed")
    return refuse("proposal_waits") if ends else None


def payment_of(ctx: Context) -> Payment | None:
    """The payment named by the command, if it was recorded."""
    return next((p for p in ctx.application.payments if p.instalment == ctx.command.instalment), None)


def payment_recorded(ctx: Context) -> Refusal | None:
    """The payment is recorded and not yet confirmed."""
    payment = payment_of(ctx)
    waiting = payment is not None and not payment.confirmed_by
    return None if waiting else refuse("no_such_item", "instalment", what=ctx.command.instalment)


def not_the_payer(ctx: Context) -> Refusal | None:
    """Who recorded a payment does not confirm it."""
    payment = payment_of(ctx)
    same = payment is not None and payment.recorded_by == ctx.actor.id
    return refuse("same_person", duty="登记拨付", duty_en="recording the payment") if same else None

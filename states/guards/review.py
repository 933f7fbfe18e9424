"""Guards of expert review, public notice and the decision to fund."""

from __future__ import annotations

from states.application import Application, Assignment
from states.commands.review import SubmitScore
from states.context import Context
from states.errors import Refusal
from states.experts import TIES, Vetting
from states.funding_call import FundingCall
from states.guards.any_stage import grounds_given as grounds_given
from states.guards.any_stage import not_before, other_person_than, proposed, text_given, while_open
from states.money import major
from states.reasons import refuse

not_the_proposer = other_person_than("AwardProposed", "提出立项建议", "proposing the award")
not_the_decline_proposer = other_person_than("DeclineProposed", "提出不予立项建议", "proposing to decline")
not_the_publisher = other_person_than("ProposalPublished", "发布公示", "publishing the proposal")
not_the_format_officer = other_person_than("FormatCheckPassed", "形式审查", "the format check")

_HANDLED = {"duty": "经办该申报件", "duty_en": "handling the application"}
_ACTIVE = ("invited", "accepted", "scored")


def experts_enough(ctx: Context) -> Refusal | None:
    """As many experts as the call asks for, and an odd number where it does."""
    review, count = ctx.call.review, len(ctx.command.experts)
    if count >= review.experts_min and (not review.odd or count % 2):
        return None
    odd, odd_en = ("且为单数", ", an odd number") if review.odd else ("", "")
    return refuse("too_few_experts", "experts", least=review.experts_min, count=count, odd=odd, odd_en=odd_en)


def experts_distinct(ctx: Context) -> Refusal | None:
    """No expert twice, no two from one unit."""
    experts = ctx.command.experts
    distinct = len({e.id for e in experts}) == len({e.unit for e in experts}) == len(experts)
    return None if distinct else refuse("experts_alike", "experts")


def experts_not_of_unit(ctx: Context) -> Refusal | None:
    """No expert of the applying unit."""
    own = any(e.unit == ctx.application.unit_code for e in ctx.command.experts)
    return refuse("own_unit", "experts") if own else None


def experts_uninvolved(ctx: Context) -> Refusal | None:
    """No expert has acted on the application before, in whatever role, or names himself now."""
    handled = {*ctx.application.acts.values(), ctx.actor.id}
    known = any(e.id in handled for e in ctx.command.experts)
    return refuse("same_person", "experts", **_HANDLED) if known else None


def replacement_uninvolved(ctx: Context) -> Refusal | None:
    """The replacement has not acted on the application before, in whatever role, and is not named by himself."""
    known = ctx.command.replacement.id in {*ctx.application.acts.values(), ctx.actor.id}
    return refuse("same_person", "replacement", **_HANDLED) if known else None


def _found(ctx: Context) -> Vetting:
    return ctx.facts.experts or Vetting()


def _place(ctx: Context) -> str:
    return {"StartReview": "experts", "ReplaceExpert": "replacement", "ProposeOutcome": "experts"}.get(ctx.name, "")


def experts_known(ctx: Context) -> tuple[Refusal, ...]:
    """Every expert named is in the registry with that unit, and not away while scores are due. Without a registry
    nothing is known of anybody.
    """
    against = _found(ctx).against
    unknown = (refuse("expert_unknown", _place(ctx), expert=who) for who in against if "unknown" in against[who])
    away = (refuse("expert_away", _place(ctx), expert=who) for who in against if "away" in against[who])
    return (*unknown, *away)


def experts_untied(ctx: Context) -> tuple[Refusal, ...]:
    """Nothing binds any of the experts to the applying unit."""
    found = _found(ctx)
    tied = {who: found.ties(who) for who in found.against}
    return tuple(_tied(_place(ctx), who, names) for who, names in tied.items() if names)


def _tied(where: str, expert: str, names: tuple[str, ...]) -> Refusal:
    zh, en = ("、".join(TIES[tie][0] for tie in names), ", ".join(TIES[tie][1] for tie in names))
    return refuse("conflict_of_interest", where, expert=expert, ties=zh, ties_en=en)


def draw_followed(ctx: Context) -> Refusal | None:
    """The experts are those drawn, or a reason says why not. Without a registry there is nothing to draw from."""
    found = _found(ctx)
    same = found.drawn and set(found.drawn) == {e.id for e in ctx.command.experts} and found.seed == ctx.command.seed
    if same or not found.registered or ctx.command.reason.strip():
        return None
    drawn = {"drawn": "、".join(found.drawn) or "—", "drawn_en": ", ".join(found.drawn) or "—"}
    return refuse("draw_departed", "reason", **drawn, seed=found.seed)


def _mine(ctx: Context, *statuses: str) -> Refusal | None:
    assignment: Assignment | None = ctx.application.experts.get(ctx.actor.id)
    return None if assignment is not None and assignment.status in statuses else refuse("not_assigned")


def invited(ctx: Context) -> Refusal | None:
    """The expert is invited and has not answered."""
    return _mine(ctx, "invited")


def at_work(ctx: Context) -> Refusal | None:
    """The expert is assigned and may still step back."""
    return _mine(ctx, *_ACTIVE)


def accepted(ctx: Context) -> Refusal | None:
    """The expert has accepted and not yet scored."""
    return _mine(ctx, "accepted")


def scored(ctx: Context) -> Refusal | None:
    """The expert named has scored."""
    assignment = ctx.application.experts.get(ctx.command.expert)
    known = assignment is not None and assignment.status == "scored"
    return None if known else refuse("no_such_item", "expert", what=ctx.command.expert)


def replaceable(ctx: Context) -> Refusal | None:
    """The expert named is assigned and has not scored."""
    assignment = ctx.application.experts.get(ctx.command.expert)
    known = assignment is not None and assignment.status in ("invited", "accepted", "declined", "conflicted")
    return None if known else refuse("no_such_item", "expert", what=ctx.command.expert)


def replacement_fits(ctx: Context) -> Refusal | None:
    """The replacement is new to the application, from no assigned expert's unit, and not of the applying unit."""
    new, experts = ctx.command.replacement, ctx.application.experts
    if new.unit == ctx.application.unit_code:
        return refuse("own_unit", "replacement")
    units = {a.unit for name, a in experts.items() if a.status in _ACTIVE and name != ctx.command.expert}
    return refuse("experts_alike", "replacement") if new.id in experts or new.unit in units else None


def points_on_scale(ctx: Context) -> tuple[Refusal, ...]:
    """Whole points within the scale for every criterion of the rubric, and for no other."""
    return _off_scale(ctx.call, ctx.command)


def _off_scale(call: FundingCall, score: SubmitScore) -> tuple[Refusal, ...]:
    wrong = [c for c in call.rubric if not 0 <= score.points.get(c.id, -1) <= c.points_max]
    if not wrong and len(score.points) == len(call.rubric):
        return ()
    return tuple(
        refuse("score_out_of_scale", c.id, criterion=c.zh, criterion_en=c.en, most=c.points_max)
        for c in wrong or call.rubric
    )


def commented(ctx: Context) -> Refusal | None:
    """A score has a comment: its words go to the unit."""
    return text_given(ctx.command.comment, "comment")


def criteria_commented(ctx: Context) -> tuple[Refusal, ...]:
    """Every criterion that asks for a comment has one, and no comment is on anything else than a criterion."""
    return _uncommented(ctx.call, ctx.command)


def _uncommented(call: FundingCall, score: SubmitScore) -> tuple[Refusal, ...]:
    comments, rubric = score.comments, {c.id: c for c in call.rubric}
    unknown = tuple(refuse("no_such_item", name, what=name) for name in sorted(comments.keys() - rubric.keys()))
    owed = (c for c in call.rubric if c.comment and not comments.get(c.id, "").strip())
    return (*unknown, *(refuse("comment_missing", c.id, criterion=c.zh, criterion_en=c.en) for c in owed))


def lacking(call: FundingCall, score: SubmitScore) -> tuple[Refusal, ...]:
    """All that a score lacks at once; a decision tells what the first guard finds."""
    comment = text_given(score.comment, "comment")
    return (*_off_scale(call, score), *((comment,) if comment else ()), *_uncommented(call, score))


def spread_ppm(ctx: Context) -> int:
    """How far apart the experts' weighted totals lie, in millionths of full marks."""
    totals = [ctx.call.weighted_ppm(a.points) for a in ctx.application.experts.values() if a.status == "scored"]
    return max(totals, default=0) - min(totals, default=0)


def panel_met(application: Application) -> bool:
    """Whether a panel is recorded on the scores as they stand: after the last of them."""
    last = max((a.position for a in application.experts.values() if a.status == "scored"), default=0)
    return application.panel is not None and bool(application.panel["position"] > last)


def panel_held(ctx: Context) -> Refusal | None:
    """Where the experts disagree more than the call lets pass, a panel has met on the scores as they stand."""
    most, spread = ctx.call.review.disagreement_ppm, spread_ppm(ctx)
    if most is None or spread <= most:
        return None
    return None if panel_met(ctx.application) else refuse("panel_required", spread=percent(spread), most=percent(most))


def percent(ppm: int) -> str:
    """Millionths as a percentage, written out."""
    return f"{ppm / 10_000:g}%"


def votes_well_formed(ctx: Context) -> Refusal | None:
    """Votes are not negative, somebody voted, and there are minutes."""
    votes = (ctx.command.votes_for, ctx.command.votes_against)
    if min(votes) < 0 or not sum(votes):
        told = {"allowed": "均 >= 0，合计 > 0", "allowed_en": "each >= 0, together > 0"}
        return refuse("value_not_allowed", "votes_for", field="votes", value=str(votes), **told)
    return text_given(ctx.command.minutes, "minutes")


def scores_enough(ctx: Context) -> Refusal | None:
    """A quorum of experts has scored."""
    count = sum(a.status == "scored" for a in ctx.application.experts.values())
    least = ctx.call.review.experts_min
    return None if count >= least else refuse("scores_incomplete", count=count, least=least)


def _amount(where: str, amount: int, most: int) -> Refusal | None:
    if 0 < amount <= most:
        return None
    return refuse("amount_not_allowed", where, amount=major(amount), allowed=f"{major(1)}–{major(most)}")


def amount_within_request(ctx: Context) -> Refusal | None:
    """The amount proposed is positive and no more than was asked for."""
    most = int(ctx.application.form.get("requested_minor") or 0)
    return _amount("amount_minor", ctx.command.amount_minor, most)


def grant_within_proposal(ctx: Context) -> Refusal | None:
    """The grant is positive and no more than was published."""
    proposal = ctx.application.proposal
    return _amount("grant_minor", ctx.command.grant_minor, proposal.amount_minor if proposal else 0)


def award_proposed(ctx: Context) -> Refusal | None:
    """Somebody else proposed the award."""
    return proposed(ctx, "award", "ProposeAward")


def decline_proposed(ctx: Context) -> Refusal | None:
    """Somebody else proposed to decline."""
    return proposed(ctx, "decline", "ProposeDecline")


def notice_running(ctx: Context) -> Refusal | None:
    """The public notice still runs."""
    return while_open(ctx, "public_notice")


def objector_named(ctx: Context) -> Refusal | None:
    """Whoever objects gives a real name, an address and a mailbox."""
    return refuse("objector_unnamed", "objector") if ctx.facts.unnamed else None


def notice_over(ctx: Context) -> Refusal | None:
    """The public notice has run its full time."""
    return not_before(ctx, "public_notice")


def objection_exists(ctx: Context) -> Refusal | None:
    """The objection is there and open."""
    n, objections = ctx.command.objection, ctx.application.objections
    known = 1 <= n <= len(objections) and objections[n - 1].status == "open"
    return None if known else refuse("no_such_item", "objection", what=n)


def objections_settled(ctx: Context) -> Refusal | None:
    """Every objection is decided, and none was upheld."""
    settled = all(o.status == "dismissed" for o in ctx.application.objections)
    return None if settled else refuse("objection_open")

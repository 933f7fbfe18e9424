"""Guards of filing and the format check."""

from __future__ import annotations

from dataclasses import replace

from states.application import State
from states.checks import Finding, findings, well_typed
from states.checks.form import beside, notation
from states.clauses import of_call
from states.context import Context
from states.errors import Refusal
from states.funding_call import Field, Severity
from states.guards.any_stage import (
    filing_of,
    found_at,
    overridden,
    proposed,
    refusing,
    text_given,
    too_late,
    while_open,
)
from states.reasons import refuse


def may_create(ctx: Context) -> tuple[Refusal, ...]:
    """What the call asks before a draft is opened: the window, the account, the unit's code."""
    return refusing(found_at(ctx, "create"))


def still_open(ctx: Context) -> tuple[Refusal, ...] | Refusal | None:
    """A draft may be edited while the window is open, a returned application until its correction is due."""
    if ctx.application.state in (State.RETURNED, State.REJECTED):
        return correction_open(ctx)
    return closed_window(ctx)


def closed_window(ctx: Context) -> tuple[Refusal, ...]:
    """What the call asks of anything done to a draft: the window, above all."""
    return refusing(found_at(ctx, "edit"))


def window_shut(ctx: Context) -> Refusal | None:
    """The close in force has come: the window may have been extended since the deadline was set."""
    return None if ctx.now >= ctx.call.closes_at else refuse("not_due", deadline="submit")


def window_moved(ctx: Context) -> Refusal | None:
    """The close in force lies ahead and is another than the one this draft was told."""
    told = ctx.application.deadlines.get("submit")
    return None if told != ctx.call.closes_at > ctx.now else refuse("not_due", deadline="submit")


def erratum_unknown(ctx: Context) -> Refusal | None:
    """The correction was published after the draft was opened, and is the next that it has not been told."""
    news = ctx.facts.erratum is not None and ctx.command.number > ctx.application.errata_told
    return None if news else refuse("not_due", deadline="erratum")


def fields_known(ctx: Context) -> tuple[Refusal, ...]:
    """Every field set is one of the call's, with a value that it can hold (None clears it)."""
    refusals = []
    for name, value in ctx.command.form.items():
        field = ctx.call.fields.get(name)
        if field is None:
            refusals.append(refuse("unknown_field", name, name=name, known=", ".join(ctx.call.fields)))
        elif value is not None and not well_typed(field, value):
            refusals.append(_value_refused(field, value))
    return tuple(refusals)


def _value_refused(field: Field, value: object) -> Refusal:
    zh, en = beside(field.zh, field.id, "{}（{}）"), beside(field.en, field.id, "{} ({})")
    names = {"field": zh, "field_en": en}
    return refuse("value_not_allowed", field.id, **names, value=repr(value), allowed=notation(field))


def only_named_fields(ctx: Context) -> tuple[Refusal, ...]:
    """After the close a correction changes only what the correction notice names, also where the job has written it off."""
    if ctx.application.state not in (State.RETURNED, State.REJECTED) or ctx.call.within_window(ctx.now):
        return ()
    named = {item["field"] for item in ctx.application.correction_items}
    other = [ctx.call.fields[name] for name in ctx.command.form if name not in named and name in ctx.call.fields]
    return tuple(refuse("field_not_open", field.id, name=field.zh, name_en=field.en) for field in other)


def document_allowed(ctx: Context) -> tuple[Refusal, ...] | Refusal:
    """The document is stored whole, belongs to a material of the call, and keeps the file rules."""
    document = ctx.facts.document
    if document is None:
        return refuse("document_unknown", "sha256", sha256=ctx.command.sha256)
    if ctx.command.material not in ctx.call.materials:
        allowed = ", ".join(ctx.call.materials)
        return refuse("value_not_allowed", "material", field="material", value=ctx.command.material, allowed=allowed)
    if any(c in ctx.command.name for c in "\n\t"):
        one_line = {"allowed": "一行文字", "allowed_en": "one line"}
        return refuse("value_not_allowed", "name", field="name", value=repr(ctx.command.name), **one_line)
    filing = filing_of(ctx)
    return refusing(findings(ctx.call, replace(filing, documents=(*filing.documents, document)), "upload"))


def document_attached(ctx: Context) -> Refusal | None:
    """The document is attached."""
    if any(d.sha256 == ctx.command.sha256 for d in ctx.application.documents):
        return None
    return refuse("no_such_item", "sha256", what=ctx.command.sha256)


def passes_rules(ctx: Context) -> tuple[Refusal, ...]:
    """No finding of the call's rules is left that nobody may override."""
    return refusing(found_at(ctx, "submit"))


def findings_again(ctx: Context) -> tuple[Finding, ...]:
    """What the rules find at a resubmission: all but the window, which a correction does not need."""
    found = found_at(ctx, "submit")
    return tuple(f for f in found if ctx.call.rules[f.rule].check != "window")


def passes_rules_again(ctx: Context) -> tuple[Refusal, ...]:
    """As for a first submission, the window aside."""
    return refusing(findings_again(ctx))


def correction_open(ctx: Context) -> Refusal | None:
    """The correction period still runs, or ran when this arrived and has lapsed meanwhile."""
    if ctx.application.state is not State.REJECTED:
        return while_open(ctx, "correction")
    lapsed_at = ctx.application.lapsed_at
    if lapsed_at is not None and ctx.now < lapsed_at:
        return None
    return too_late(ctx, lapsed_at)


def not_in_public_notice(ctx: Context) -> Refusal | None:
    """Once the proposal is published the application cannot be taken back; the award can be given up later."""
    if ctx.application.phase != "public_notice":
        return None
    return refuse("not_allowed_in_phase", phase="public_notice", command=ctx.name, phases=("reviewing", "proposed"))


def finding_decidable(ctx: Context) -> Refusal | None:
    """The finding is there, is an officer's to decide, and is overridden or upheld."""
    if ctx.command.verdict not in ("override", "uphold"):
        allowed = "override, uphold"
        return refuse("value_not_allowed", "verdict", field="verdict", value=ctx.command.verdict, allowed=allowed)
    return None if ctx.command.rule in officer_rules(ctx) else refuse("no_such_item", "rule", what=ctx.command.rule)


def officer_rules(ctx: Context) -> tuple[str, ...]:
    """The rules on which an officer has to decide, each once: findings left to officers, and declarations not made."""
    found = (f["rule"] for f in ctx.application.findings if f["severity"] in _FOR_OFFICERS)
    return tuple(dict.fromkeys(found))


_FOR_OFFICERS = frozenset({Severity.OFFICER.value, Severity.DECLARE.value})


def finding_awaits_second(ctx: Context) -> Refusal | None:
    """The finding was overridden, needs a second officer, and this is another one."""
    decided = ctx.application.decided.get(ctx.command.rule)
    if decided is None or decided.verdict != "override" or decided.seconded_by:
        return refuse("no_such_item", "rule", what=ctx.command.rule)
    return (
        refuse("same_person", duty="处理审查事项", duty_en="deciding the finding")
        if decided.by == ctx.actor.id
        else None
    )


def findings_decided(ctx: Context) -> Refusal | None:
    """Every officer's finding is overridden with a reason, by two people where the rule asks for two."""
    rules = [ctx.call.rules[rule] for rule in officer_rules(ctx) if not _settled(ctx, rule)]
    told = {"findings": "；".join(rule.zh for rule in rules), "findings_en": "; ".join(rule.en for rule in rules)}
    return refuse("findings_undecided", **told) if rules else None


def _settled(ctx: Context, rule: str) -> bool:
    decided = ctx.application.decided.get(rule)
    by_all = decided is not None and bool(decided.seconded_by or not ctx.call.rules[rule].needs_second)
    return by_all and overridden(ctx.application, rule)


def topic_known(ctx: Context) -> Refusal | None:
    """The new topic is one of the call's and another than before."""
    if ctx.command.topic in ctx.call.topics and ctx.command.topic != ctx.application.topic:
        return None
    return refuse("no_such_item", "topic", what=ctx.command.topic)


def items_complete(ctx: Context) -> Refusal | None:
    """At least one item, each with clause, field and remedy (一次性告知)."""
    whole = ctx.command.items and all(
        i.clause.strip() and i.field.strip() and i.remedy.strip() for i in ctx.command.items
    )
    return None if whole else refuse("reason_missing", "items", field="items")


def round_left(ctx: Context) -> Refusal | None:
    """The application may be returned once more."""
    done = ctx.application.correction_rounds
    return refuse("correction_rounds", rounds=done) if done >= ctx.call.correction_rounds_max else None


def not_yet_extended(ctx: Context) -> Refusal | None:
    """The correction period runs and was not extended in this round."""
    if ctx.application.correction_extended:
        return refuse("too_late", due="此前（只能延长一次）", due_en="an earlier time (it is extended once only)")
    return while_open(ctx, "correction")


def grounds_given(ctx: Context) -> Refusal | None:
    """Grounds are given, and the clause where the command has one."""
    return text_given(ctx.command.grounds, "grounds") or text_given(getattr(ctx.command, "clause", "-"), "clause")


def rejection_proposed(ctx: Context) -> Refusal | None:
    """Another officer proposed the rejection."""
    return proposed(ctx, "rejection", "ProposeRejection")


def review_right_open(ctx: Context) -> Refusal | None:
    """The time to ask for a review has not run out."""
    return while_open(ctx, "review_request")


def place_free(ctx: Context) -> Refusal | None:
    """No other live application of the unit has taken its place meanwhile."""
    if not ctx.facts.others or ctx.application.exception_granted:
        return None
    clause = of_call("{one_per_unit}（同一单位原则上只能申报一个项目）", ctx.call)
    return refuse("place_taken", "", clause, others="、".join(ctx.facts.others), others_en=", ".join(ctx.facts.others))


_DECIDING = ("RejectionProposed", "ApplicationRejected", "AwardProposed", "DeclineProposed", "ApplicationDeclined",
             "ProposalPublished")  # fmt: skip


def not_decided_before(ctx: Context) -> Refusal | None:
    """Who took part in the decision does not review it."""
    took_part = ctx.actor.id in {ctx.application.acts.get(event) for event in _DECIDING}
    return refuse("same_person", duty="原决定", duty_en="the decision under review") if took_part else None

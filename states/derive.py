"""What follows from an accepted command beside its own fields: numbers and texts carried over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from states import late
from states.calendar import midnight, stamp
from states.context import Context, document_plain
from states.deadlines import armed
from states.guards.any_stage import found_at
from states.guards.award import payment_of
from states.guards.credit import until
from states.guards.execution import request_of
from states.guards.filing import findings_again
from states.reschedule import moved

Derived = dict[str, Any]


def _draft_created(ctx: Context) -> Derived:
    return {"call_id": ctx.call.id}


def _document_added(ctx: Context) -> Derived:
    assert ctx.facts.document is not None  # noqa: S101 - the guard document_allowed has refused otherwise
    return {"document": document_plain(ctx.facts.document)}


def _submitted(ctx: Context) -> Derived:
    found = found_at(ctx, "submit")
    return {
        "number": f"{ctx.call.number_prefix}{ctx.facts.sequence + 1:05d}",
        "findings": [f.plain() for f in found],
        "received_at": stamp(ctx.now),
    }


def _resubmitted(ctx: Context) -> Derived:
    return {"findings": [f.plain() for f in findings_again(ctx)], "received_at": stamp(ctx.now)}


def _withdrawn(ctx: Context) -> Derived:
    return {"may_refile": ctx.call.within_window(ctx.now)}


def _topic_reassigned(ctx: Context) -> Derived:
    """The rules are asked again, now for the new topic."""
    moved = replace(ctx.application, form={**ctx.application.form, "topic": ctx.command.topic})
    found = findings_again(replace(ctx, application=moved))
    return {"topic_before": ctx.application.topic, "findings": [f.plain() for f in found]}


def _returned(ctx: Context) -> Derived:
    return {"round": ctx.application.correction_rounds + 1, "due_at": _due(ctx, "correction")}


def _correction_extended(ctx: Context) -> Derived:
    return {"due_at": _due(ctx, "correction")}


def _due(ctx: Context, kind: str, base: datetime | None = None) -> str:
    due = armed(ctx, kind, base or ctx.now).get(kind)
    return stamp(due) if due else ""


def _rejected(ctx: Context) -> Derived:
    clause, _, grounds = _grounds(ctx).partition("\n")
    return {"clause": clause, "grounds": grounds}


def _grounds(ctx: Context) -> str:
    return ctx.application.proposal.grounds if ctx.application.proposal else ""


def _rescheduled(ctx: Context) -> Derived:
    due = ctx.application.deadlines
    dates = {name: at for name, at in moved(ctx).items() if "~" not in name}
    return {"moved": [{"deadline": n, "before": stamp(due[n]), "after": stamp(at)} for n, at in sorted(dates.items())]}


def _reminder(ctx: Context) -> Derived:
    deadline = ctx.command.deadline.partition("~")[0]
    due = ctx.application.deadlines.get(deadline)
    return {"due_at": stamp(due) if due else ""}


def _proposal_withdrawn(ctx: Context) -> Derived:
    return {"kind": ctx.application.proposal.kind if ctx.application.proposal else ""}


def _published(ctx: Context) -> Derived:
    proposal = ctx.application.proposal
    return {"amount_minor": proposal.amount_minor if proposal else 0, "ends_at": _due(ctx, "public_notice")}


def _scored(ctx: Context) -> Derived:
    return {"total_ppm": ctx.call.weighted_ppm(ctx.command.points)}


def _declined(ctx: Context) -> Derived:
    return {"opinions": [a.comment for _, a in sorted(ctx.application.experts.items()) if a.status == "scored"]}


def _payment_confirmed(ctx: Context) -> Derived:
    payment = payment_of(ctx)
    return {"amount_minor": payment.amount_minor if payment else 0}


def _execution_started(ctx: Context) -> Derived:
    return {"end_on": str(ctx.application.end_on)}


def _change_requested(ctx: Context) -> Derived:
    return {"findings": [f.plain() for f in late.of_change(ctx)]}


def _extension_requested(ctx: Context) -> Derived:
    return {"findings": [f.plain() for f in late.of_extension(ctx)]}


def _acceptance_requested(ctx: Context) -> Derived:
    return {"findings": [f.plain() for f in late.of_acceptance(ctx)]}


def _request_decided(ctx: Context) -> Derived:
    request = request_of(ctx)
    end = request.end_on if request else None
    return {"kind": request.kind if request else "", "end_on": str(end) if end else ""}


def _suspended(ctx: Context) -> Derived:
    return {"reason": _grounds(ctx)}


def _execution_ended(ctx: Context) -> Derived:
    end = ctx.application.end_on
    base = midnight(end, ctx.call.timezone) if end else ctx.now
    return {"end_on": str(end), "acceptance_due_at": _due(ctx, "acceptance_request", base)}


def _materials_returned(ctx: Context) -> Derived:
    return {"due_at": _due(ctx, "materials")}


def _rectification_required(ctx: Context) -> Derived:
    return {"due_at": _due(ctx, "rectification")}


def _closed(ctx: Context) -> Derived:
    proposal = ctx.application.proposal
    kind = proposal.kind if proposal else ""
    return {
        "outcome": kind.partition(".")[2],
        "verified": dict(proposal.verified) if proposal else {},
        "grounds": _grounds(ctx),
        "recover_minor": proposal.amount_minor if proposal else 0,
    }


def _termination_proposed(ctx: Context) -> Derived:
    return {"heard_until": _due(ctx, "hearing")}


def _revocation_proposed(ctx: Context) -> Derived:
    return {"heard_until": _due(ctx, "hearing"), "recover_minor": ctx.application.confirmed_minor}


def _ended_early(ctx: Context) -> Derived:
    proposal = ctx.application.proposal
    return {"grounds": _grounds(ctx), "recover_minor": proposal.amount_minor if proposal else 0}


def _credit_entered(ctx: Context) -> Derived:
    proposal = ctx.application.proposal
    assert proposal is not None  # noqa: S101 - the guard credit_proposed has refused otherwise
    over = until(ctx, date.fromisoformat(proposal.detail["ended_on"]))
    number = len(ctx.application.credits) + 1
    return {"entry": number, **proposal.detail, "grounds": proposal.grounds, "until": stamp(over) if over else ""}


def _credit_objected(ctx: Context) -> Derived:
    return {"due_at": _due(ctx, "credit_objection")}


def _credit_repaired(ctx: Context) -> Derived:
    proposal = ctx.application.proposal
    return {"entry": int(proposal.detail["entry"]), "reason": proposal.grounds} if proposal else {}


def _credit_expired(ctx: Context) -> Derived:
    return {"entry": int(ctx.command.deadline.partition(":")[2])}


DERIVE: Mapping[str, Callable[[Context], Derived]] = {
    "CreateDraft": _draft_created,
    "AddDocument": _document_added,
    "SubmitApplication": _submitted,
    "FollowWindow": lambda ctx: {"closes_at": stamp(ctx.call.closes_at)},
    "NoteErratum": lambda ctx: dict(ctx.facts.erratum or {}),
    "ResubmitApplication": _resubmitted,
    "WithdrawApplication": _withdrawn,
    "ReassignTopic": _topic_reassigned,
    "ReturnForCorrection": _returned,
    "ExtendCorrection": _correction_extended,
    "RejectApplication": _rejected,
    "RescheduleDeadlines": _rescheduled,
    "Remind": _reminder,
    "WithdrawProposal": _proposal_withdrawn,
    "SubmitScore": _scored,
    "PublishProposal": _published,
    "DeclineApplication": _declined,
    "ConfirmPayment": _payment_confirmed,
    "StartExecution": _execution_started,
    "RequestChange": _change_requested,
    "RequestExtension": _extension_requested,
    "RequestAcceptance": _acceptance_requested,
    "DecideRequest": _request_decided,
    "SuspendProject": _suspended,
    "EndExecution": _execution_ended,
    "ReturnAcceptanceMaterials": _materials_returned,
    "RequireRectification": _rectification_required,
    "ConfirmOutcome": _closed,
    "ProposeTermination": _termination_proposed,
    "ProposeRevocation": _revocation_proposed,
    "ConfirmTermination": _ended_early,
    "ConfirmRevocation": _ended_early,
    "EnterCredit": _credit_entered,
    "ObjectToCredit": _credit_objected,
    "RepairCredit": _credit_repaired,
    "ExpireCredit": _credit_expired,
}
"""Command to the derivation of the keys that `states.events` says its event adds."""

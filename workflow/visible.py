"""What each side may learn of an application: the office and auditors all, a unit its own case without the office's inner
work and without anybody who reviews, an expert what is to be judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from states.actor import OFFICERS, Actor, Role
from states.application import Application
from states.calendar import stamp
from states.decide import plain
from states.events import REFUSED, Recorded
from states.funding_call import FundingCall
from states.unit_code import normal
from workflow.ports import Notice

READERS = OFFICERS | {Role.AUDITOR}
"""Roles that may read every application."""

# Events of the office's inner work, and of experts: a unit is told what follows from them, in the events that tell it.
_INNER = frozenset(
    {
        "FindingDecided", "FindingSeconded", "RejectionProposed", "InvitationAccepted", "InvitationDeclined",
        "ConflictDeclared", "ExpertReplaced", "ScoreSubmitted", "ScoreReopened", "PanelRecorded", "AwardProposed",
        "DeclineProposed", "SuspensionProposed", "OutcomeProposed", "PaymentRecorded", "PaymentVoided",
    }
)  # fmt: skip
_OF_EXPERTS = frozenset(
    {
        "experts",
        "expert",
        "replacement",
        "seed",
        "points",
        "comment",
        "comments",
        "total_ppm",
        "votes_for",
        "votes_against",
    }
)
_NEVER = frozenset({"objector", "contacts"})
_OFFICE_DEADLINES = frozenset(
    {"format_check", "score", "invitation", "review_decision", "objection", "first_payment", "acceptance_decision",
     "acceptance_escalation", "report_escalation", "archive", "start"}
)  # fmt: skip
_SHOWN = (
    "call_id", "phase", "version", "number", "unit_code", "unit_name", "unit_kind", "form", "correction_rounds",
    "correction_items", "grounds", "grant_minor", "paid_minor", "instalments_minor", "agreements", "milestones", "start_on", "end_on", "reports",
    "midterm", "requests", "rectifications", "completed_on", "outcome", "performance", "recover_minor", "recovered_minor",
)  # fmt: skip
_OF_THE_OFFICE = (
    "findings",
    "decided",
    "experts",
    "panel",
    "proposal",
    "payments",
    "verified",
    "exception_granted",
    "acts",
    "flags",
)
_OF_THE_UNIT = frozenset({"unit_code", "unit_name", "unit_kind"})


def may_read(actor: Actor, application: Application) -> bool:
    """Whether somebody may see an application at all."""
    if actor.role in READERS:
        return True
    if actor.role is Role.APPLICANT:
        return bool(actor.unit) and normal(actor.unit) == application.unit_code
    return actor.role is Role.EXPERT and actor.id in application.experts


def may_read_notice(actor: Actor, application: Application, notice: Notice) -> bool:
    """Whether somebody who may see the application may see a notice about it: the office all, others those to them."""
    if actor.role in READERS:
        return True
    if actor.role is Role.APPLICANT:
        return notice.recipient in application.contacts
    return notice.recipient == f"expert:{actor.id}"


def shown(actor: Actor, application: Application, call: FundingCall) -> dict[str, Any]:
    """The application as plain JSON, as far as the actor may see it (`may_read` is asked before)."""
    names = [*_SHOWN, *(_OF_THE_OFFICE if actor.role in READERS else ())]
    if actor.role is Role.EXPERT and call.review.blind:
        names = [name for name in names if name not in _OF_THE_UNIT]
    found = {name: _value(getattr(application, name)) for name in names}
    submitted = application.submitted_at
    return {
        "id": application.id,
        "state": application.state.value,
        **found,
        "documents": [plain(document) for document in application.documents],
        "created_at": stamp(application.created_at),
        "submitted_at": stamp(submitted) if submitted else None,
        "deadlines": {n: stamp(at) for n, at in sorted(application.deadlines.items()) if _waits(actor, n)},
    }


def _value(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else plain(value)


def _waits(actor: Actor, deadline: str) -> bool:
    """Whether a deadline is one that the actor is told of: reminders are nobody's, the office's are the office's."""
    kind = deadline.partition("~")[0].partition(":")[0]
    return "~" not in deadline and (actor.role in READERS or kind not in _OFFICE_DEADLINES)


def happened(actor: Actor, event: Recorded, leaf: bytes) -> dict[str, Any] | None:
    """An event as plain JSON, as far as the actor may see it; None where it is none of theirs."""
    office = actor.role in READERS
    inner = event.type in _INNER or event.role == Role.EXPERT or (event.type == REFUSED and event.role != actor.role)
    if not office and inner and event.actor != actor.id:
        return None
    if actor.role is Role.EXPERT and event.actor != actor.id and event.role == Role.APPLICANT:
        return None
    return {
        "position": event.position,
        "version": event.version,
        "type": event.type,
        "role": event.role,
        "actor": event.actor if office or event.actor == actor.id else "",
        "effective_at": stamp(event.effective_at),
        "recorded_at": stamp(event.recorded_at),
        "leaf": leaf.hex(),
        "data": _data(event, office=office),
        **({"facts": dict(event.facts), "rules_hash": event.rules_hash} if office else {}),
    }


def _data(event: Recorded, *, office: bool) -> Mapping[str, Any]:
    hidden = _NEVER if office else _NEVER | _OF_EXPERTS | {"arms", "clears", "body"}
    if not office and event.type == "ObjectionFiled":
        hidden |= {"grounds"}
    return {key: value for key, value in event.data.items() if key not in hidden}

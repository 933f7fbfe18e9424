"""What each side may learn of an application: the office and auditors all, a unit its own case without the office's inner
work and without anybody who reviews, an expert what is to be judged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from states.actor import OFFICERS, Actor, Role
from states.application import HEARD_FIRST, Application, CreditEntry
from states.calendar import stamp
from states.checks import DocumentFacts
from states.decide import plain
from states.events import REFUSED, Recorded
from states.funding_call import FundingCall
from states.unit_code import normal
from workflow.notices import Notice

READERS = OFFICERS | {Role.AUDITOR}
"""Roles that may read every application."""

# Events of the office's inner work, and of experts: a unit is told what follows from them, in the events that tell it.
_INNER = frozenset(
    {
        "FindingDecided", "FindingSeconded", "RejectionProposed", "InvitationAccepted", "InvitationDeclined",
        "ConflictDeclared", "ExpertReplaced", "ScoreSubmitted", "ScoreReopened", "PanelRecorded", "AwardProposed",
        "DeclineProposed", "SuspensionProposed", "OutcomeProposed", "PaymentRecorded", "PaymentVoided",
        "CreditProposed", "CreditRepairProposed",
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
_WORDS_OF_THE_OFFICE = {"ObjectionFiled": frozenset({"grounds"}), "ReviewStarted": frozenset({"reason"})}
MASK = "〔申报单位〕"
"""What stands instead of the unit in texts of a blind review."""
_NEVER = frozenset({"objector", "contacts"})
_OFFICE_DEADLINES = frozenset(
    {"format_check", "score", "invitation", "decision", "review_decision", "objection", "first_payment", "acceptance_decision",
     "acceptance_escalation", "report_escalation", "milestone_escalation", "archive", "start",
     "credit_objection"}
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
    return _status(actor, application) in _REVIEWING


_REVIEWING = ("invited", "accepted", "scored")


def has_left(actor: Actor, application: Application) -> bool:
    """Whether an expert was asked to review the application and does not any more: it is not theirs to read then, least of
    all where a conflict was declared.
    """
    return _status(actor, application) not in ("", *_REVIEWING)


def _status(actor: Actor, application: Application) -> str:
    mine = application.experts.get(actor.id) if actor.role is Role.EXPERT else None
    return mine.status if mine is not None else ""


def may_read_notice(actor: Actor, application: Application, notice: Notice) -> bool:
    """Whether somebody who may see the application may see a notice about it: the office all, others those to them."""
    if actor.role in READERS:
        return True
    if actor.role is Role.APPLICANT:
        return notice.recipient.partition("~")[0] in (*application.contacts, *application.contacts_before)
    return notice.recipient == f"expert:{actor.id}"


def shown(actor: Actor, application: Application, call: FundingCall) -> dict[str, Any]:
    """The application as plain JSON, as far as the actor may see it (`may_read` is asked before)."""
    names = [*_SHOWN, *(_OF_THE_OFFICE if actor.role in READERS else ())]
    blind = _blind(actor, call)
    found = {name: _value(getattr(application, name)) for name in names if not (blind and name in _OF_THE_UNIT)}
    submitted = application.submitted_at
    whole = {
        "id": application.id,
        "state": application.state.value,
        **found,
        "documents": [_document(n, one, blind=blind) for n, one in enumerate(application.documents, 1)],
        "created_at": stamp(application.created_at),
        "submitted_at": stamp(submitted) if submitted else None,
        "credits": [_entry(entry, office=actor.role in READERS) for entry in application.credits],
        "deadlines": {n: stamp(at) for n, at in sorted(application.deadlines.items()) if _waits(actor, n)},
    }
    told: dict[str, Any] = unnamed(actor, application, call, whole)
    return told


def _entry(entry: CreditEntry, *, office: bool) -> dict[str, Any]:
    """An entry of the credit record as plain JSON; who made it is the office's to know."""
    found: dict[str, Any] = plain(entry)
    return found if office else {name: value for name, value in found.items() if name != "by"}


def _blind(actor: Actor, call: FundingCall) -> bool:
    return actor.role is Role.EXPERT and call.review.blind


def _document(number: int, document: DocumentFacts, *, blind: bool) -> dict[str, Any]:
    """A document as plain JSON; in a blind review named by its material, and without whoever sealed it."""
    found: dict[str, Any] = plain(document)
    if blind:
        found |= {"name": f"{document.material}-{number}.{document.format}", "seal_subject": ""}
    return found


def unnamed(actor: Actor, application: Application, call: FundingCall, value: Any) -> Any:
    """A plain value as the actor may read it: in a blind review no text of it has the unit's name or code."""
    if not _blind(actor, call):
        return value
    return _masked(value, [word for word in (application.unit_name.strip(), application.unit_code) if word])


def _masked(value: Any, words: Sequence[str]) -> Any:
    if isinstance(value, str):
        return reduce(lambda text, word: text.replace(word, MASK), words, value)
    if isinstance(value, Mapping):
        return {key: _masked(one, words) for key, one in value.items()}
    return [_masked(one, words) for one in value] if isinstance(value, list | tuple) else value


def _value(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else plain(value)


def _waits(actor: Actor, deadline: str) -> bool:
    """Whether a deadline is one that the actor is told of: reminders are nobody's, the office's are the office's."""
    kind = deadline.partition("~")[0].partition(":")[0]
    return "~" not in deadline and (actor.role in READERS or kind not in _OFFICE_DEADLINES)


def happened(actor: Actor, event: Recorded, leaf: bytes) -> dict[str, Any] | None:
    """An event as plain JSON, as far as the actor may see it; None where it is none of theirs.

    An expert is told the leaf of his own events alone: a hash over an event that names the unit tells whether a guess of
    the name is right.
    """
    office = actor.role in READERS
    inner = _inner(event) or event.role == Role.EXPERT or (event.type == REFUSED and event.role != actor.role)
    if not office and inner and event.actor != actor.id and not _given_back(actor, event):
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
        "leaf": leaf.hex() if actor.role is not Role.EXPERT or event.actor == actor.id else "",
        "data": _data(event, office=office),
        **({"facts": dict(event.facts), "rules_hash": event.rules_hash} if office else {}),
    }


def _inner(event: Recorded) -> bool:
    """Whether an event is of the office's inner work. A proposal taken back is, unless the unit was heard on it."""
    return event.type in _INNER or (event.type == "ProposalWithdrawn" and event.data["kind"] not in HEARD_FIRST)


def _given_back(actor: Actor, event: Recorded) -> bool:
    """Whether the event gives this very expert a score back."""
    return actor.role is Role.EXPERT and event.type == "ScoreReopened" and event.data.get("expert") == actor.id


def _data(event: Recorded, *, office: bool) -> Mapping[str, Any]:
    hidden = _NEVER if office else _NEVER | _OF_EXPERTS | {"arms", "clears", "body"}
    if not office:
        hidden |= _WORDS_OF_THE_OFFICE.get(event.type, frozenset())
    data = {key: value for key, value in event.data.items() if key not in hidden}
    if "moved" in data and not office:
        data["moved"] = [one for one in data["moved"] if one["deadline"].partition(":")[0] not in _OFFICE_DEADLINES]
    return data

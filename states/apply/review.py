"""What the events of expert review and the decision to fund change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from states.application import Application, Assignment, Objection, Proposal
from states.apply.change import Apply, Changes, Data
from states.calendar import instant_of
from states.events import Recorded


def _started(a: Application, d: Data, e: Recorded) -> Changes:
    return {
        "experts": {expert["id"]: _asked(Assignment(expert["unit"], "invited"), a, d, e) for expert in d["experts"]}
    }


def _asked(assignment: Assignment, a: Application, d: Data, e: Recorded) -> Assignment:
    """The expert owes a score from this event on, by the deadline that it sets or that is set already."""
    armed = d.get("arms", {}).get("score")
    due = instant_of(armed) if armed else a.deadlines.get("score")
    return replace(assignment, asked_at=e.effective_at, due_at=due)


def _status(a: Application, expert: str, status: str) -> Changes:
    return {"experts": {**a.experts, expert: replace(a.experts[expert], status=status)}}


def _accepted(a: Application, d: Data, e: Recorded) -> Changes:
    return _status(a, e.actor, "accepted")


def _declined_invitation(a: Application, d: Data, e: Recorded) -> Changes:
    return _status(a, e.actor, "declined")


def _conflicted(a: Application, d: Data, e: Recorded) -> Changes:
    return _status(a, e.actor, "conflicted")


def _replaced(a: Application, d: Data, e: Recorded) -> Changes:
    experts = dict(_status(a, d["expert"], "replaced")["experts"])
    experts[d["replacement"]["id"]] = _asked(Assignment(d["replacement"]["unit"], "invited"), a, d, e)
    return {"experts": experts}


def _rescheduled(a: Application, d: Data, e: Recorded) -> Changes:
    """Who still owes a score owes it by the new date."""
    due = d["arms"].get("score")
    if due is None:
        return {}
    owing = ("invited", "accepted")
    return {
        "experts": {n: replace(x, due_at=instant_of(due)) if x.status in owing else x for n, x in a.experts.items()}
    }


def _scored(a: Application, d: Data, e: Recorded) -> Changes:
    score = replace(
        a.experts[e.actor],
        status="scored",
        points=d["points"],
        comment=d["comment"],
        comments=d.get("comments", {}),
        total_ppm=d.get("total_ppm"),
        position=e.position,
    )
    return {"experts": {**a.experts, e.actor: score}}


def _reopened(a: Application, d: Data, e: Recorded) -> Changes:
    return {"experts": {**a.experts, d["expert"]: _asked(replace(a.experts[d["expert"]], status="accepted"), a, d, e)}}


def _panel(a: Application, d: Data, e: Recorded) -> Changes:
    return {"panel": {**d, "position": e.position}}


def _award_proposed(a: Application, d: Data, e: Recorded) -> Changes:
    return {"proposal": Proposal("award", d["grounds"], e.actor, d["amount_minor"])}


def _decline_proposed(a: Application, d: Data, e: Recorded) -> Changes:
    return {"proposal": Proposal("decline", d["grounds"], e.actor)}


def _objected(a: Application, d: Data, e: Recorded) -> Changes:
    return {"objections": (*a.objections, Objection(d["objector"], d["grounds"]))}


def _objection_decided(a: Application, d: Data, e: Recorded) -> Changes:
    objections, n = list(a.objections), d["objection"] - 1
    objections[n] = replace(objections[n], status="upheld" if d["upheld"] else "dismissed")
    return {"objections": tuple(objections)}


def _approved(a: Application, d: Data, e: Recorded) -> Changes:
    return {"grant_minor": d["grant_minor"], "proposal": None}


def _declined(a: Application, d: Data, e: Recorded) -> Changes:
    return {"grounds": d["grounds"], "proposal": None}


def _taken_back(a: Application, d: Data, e: Recorded) -> Changes:
    return {"proposal": None}


APPLY: Mapping[str, Apply] = {
    "ReviewStarted": _started,
    "InvitationAccepted": _accepted,
    "InvitationDeclined": _declined_invitation,
    "ConflictDeclared": _conflicted,
    "ExpertReplaced": _replaced,
    "DeadlinesRescheduled": _rescheduled,
    "ScoreSubmitted": _scored,
    "ScoreReopened": _reopened,
    "PanelRecorded": _panel,
    "ProposalWithdrawn": _taken_back,
    "AwardProposed": _award_proposed,
    "DeclineProposed": _decline_proposed,
    "ObjectionFiled": _objected,
    "ObjectionDecided": _objection_decided,
    "ApplicationApproved": _approved,
    "ApplicationDeclined": _declined,
}

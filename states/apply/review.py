"""What the events of expert review and the decision to fund change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from states.application import Application, Assignment, Objection, Proposal
from states.apply.change import Apply, Changes, Data
from states.events import Recorded


def _started(a: Application, d: Data, e: Recorded) -> Changes:
    return {"experts": {expert["id"]: Assignment(expert["unit"], "invited") for expert in d["experts"]}}


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
    experts[d["replacement"]["id"]] = Assignment(d["replacement"]["unit"], "invited")
    return {"experts": experts}


def _scored(a: Application, d: Data, e: Recorded) -> Changes:
    score = replace(a.experts[e.actor], status="scored", points=d["points"], comment=d["comment"])
    return {"experts": {**a.experts, e.actor: score}}


def _reopened(a: Application, d: Data, e: Recorded) -> Changes:
    return _status(a, d["expert"], "accepted")


def _panel(a: Application, d: Data, e: Recorded) -> Changes:
    return {"panel": dict(d)}


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

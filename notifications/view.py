"""What a template may know of an application and an event: a list of what is told, so that nothing else can slip out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from states.actor import Role
from states.application import Application
from states.events import Recorded
from states.funding_call import FundingCall
from workflow.tasks import MET_BY, kind_of

# What an event's data holds that its readers outside the office must not learn: who reviews, who objects and how.
_OF_EXPERTS = frozenset({"experts", "expert", "replacement", "seed", "points", "comment", "votes_for", "votes_against"})
_ALWAYS_HIDDEN = frozenset({"objector", "contacts", "arms", "clears", "body"})
_HIDDEN_IN = {"ObjectionFiled": frozenset({"grounds"})}
OFFICE = frozenset({"officers", "head"})
EXPERTS = frozenset({"experts", "actor", "replacement", "replaced", "invited"})


class Deadlines(dict[str, Any]):
    """Deadlines by name; "" for one that is not set."""

    def __missing__(self, name: str) -> str:
        return ""


def shown(application: Application) -> dict[str, Any]:
    """The application as notices show it: no experts, no contacts, no objectors, no scores, no reminders."""
    deadlines = {name: due for name, due in application.deadlines.items() if "~" not in name}
    name, number = ("受理编号", application.number) if application.number else ("申报件", application.id)
    return {
        "id": application.id,
        "label": f"{name} {number}",
        "label_en": number,
        "path": f"applications/{quote(application.id, safe='')}",
        "number": application.number,
        "title": application.title,
        "topic": application.topic,
        "unit_name": application.unit_name,
        "documents": [{"name": one.name, "sha256": one.sha256} for one in application.documents],
        "deadlines": Deadlines(deadlines),
        "grant_minor": application.grant_minor,
        "paid_minor": application.paid_minor,
        "instalments_minor": application.instalments_minor,
        "agreement_version": len(application.agreements),
        "milestones": [milestone.title for milestone in application.milestones],
        "recover_minor": application.recover_minor,
        "recovered_minor": application.recovered_minor,
        "start_on": application.start_on,
        "end_on": application.end_on,
        "extensions": application.extensions,
    }


def for_expert(about: dict[str, Any], application: Application, expert: str) -> dict[str, Any]:
    """The same for one expert: of the answers that are waited for, only the expert's own."""
    others = {f"invitation:{n}" for n, name in enumerate(application.experts, 1) if name != expert}
    kept = {name: due for name, due in about["deadlines"].items() if name not in others}
    return {**about, "deadlines": Deadlines(kept)}


def shown_call(call: FundingCall) -> dict[str, Any]:
    """What a notice about a call as a whole is about."""
    about = {"id": call.id, "title": call.title_zh, "unit_name": call.authority_zh}
    return {**about, "label": "", "label_en": "", "path": "", "number": "", "topic": ""}


def data_for(event: Recorded, audience: str, about: Mapping[str, Any]) -> dict[str, Any]:
    """The event's data without what this audience must not learn; `about` is the application as its reader is shown it."""
    hidden = _ALWAYS_HIDDEN if audience in OFFICE else _ALWAYS_HIDDEN | _OF_EXPERTS
    hidden |= _HIDDEN_IN.get(event.type, frozenset())
    data = {key: value for key, value in event.data.items() if key not in hidden}
    if "moved" in data and audience not in OFFICE:
        role = Role.EXPERT if audience in EXPERTS else Role.APPLICANT
        data["moved"] = [
            one
            for one in data["moved"]
            if role in MET_BY[kind_of(one["deadline"])] and one["deadline"] in about["deadlines"]
        ]
    if "moved" in data and audience in EXPERTS:
        data["moved"] = _each_kind(data["moved"])
    return data


def _each_kind(moved: list[dict[str, str]]) -> list[dict[str, str]]:
    """Deadlines that moved, without the number of the expert of each, and each told once."""
    found = {(kind_of(one["deadline"]), one["before"], one["after"]): one for one in moved}
    return [{**one, "deadline": kind} for (kind, _, _), one in found.items()]

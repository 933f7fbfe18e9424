"""The dates of a notice: those that it asks its reader to keep, those that fell away, and the first of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from notifications.rules import EXPERTS, HEAD, INVITED, OFFICERS, PUBLIC, REPLACED, REPLACEMENT, UNIT, Planned
from states import actor
from states.actor import Role
from states.events import Recorded
from workflow.tasks import MET_BY, kind_of

_EXPERT = frozenset({Role.EXPERT})
_READERS: Mapping[str, frozenset[Role]] = {
    UNIT: frozenset({Role.APPLICANT}),
    EXPERTS: _EXPERT,
    REPLACEMENT: _EXPERT,
    REPLACED: _EXPERT,
    INVITED: _EXPERT,
    OFFICERS: actor.OFFICERS - {Role.HEAD},
    HEAD: frozenset({Role.HEAD}),
}
# What a notice asks for although its event does not set it: kinds, the first that is armed.
_ASKED: Mapping[str, tuple[str, ...]] = {
    "agreement_returned": ("agreement", "agreement_grace"),
    "confirm_contacts": ("contacts",),
    "attempt_refused": ("submit", "correction"),
    "defence_received": ("hearing",),
    "expert_invitation": ("score",),
    "milestone_decided": ("milestone",),
    "score_reopened": ("score",),
    "second_filing_granted": ("submit",),
}
_BY_THE_WAY = frozenset({"contacts"})  # set half a year ahead; a notice of its own asks for it
_WITHIN = {"public_notice": "public_notice"}  # what the public may object until
_RELEASED: Mapping[str, tuple[str, ...]] = {"expert_released": ("invitation", "score"), "score_receipt": ("score",)}


def kept(planned: Planned, event: Recorded, about: Mapping[str, Any]) -> dict[str, Any]:
    """The deadlines by name that a notice asks its reader to keep, the earliest first, as they stand after the event."""
    armed = about.get("deadlines", {})
    if planned.audience == PUBLIC:
        wanted = [name for name in armed if name == _WITHIN.get(planned.template)]
    else:
        roles = _READERS.get(planned.audience, frozenset())
        wanted = [name for name in _named(planned, event, about) if _is_for(roles, kind_of(name))]
    return dict(
        sorted(((name, armed[name]) for name in wanted if name in armed), key=lambda one: (str(one[1]), one[0]))
    )


def _named(planned: Planned, event: Recorded, about: Mapping[str, Any]) -> list[str]:
    """The deadlines that an event sets, or reminds of, and what the notice asks for beside them."""
    if planned.audience == REPLACED:  # what the event sets is for whoever comes instead
        found = []
    else:
        found = [name for name in event.data.get("arms", ()) if "~" not in name and name not in _BY_THE_WAY]
    if event.type == "ReminderDue":
        found.append(event.data["deadline"].partition("~")[0])
    asked = _ASKED.get(planned.template, ())
    if planned.template == "recovery_recorded" and about["recover_minor"] > about["recovered_minor"]:
        asked = ("recovery",)
    for kind in asked:
        names = [name for name in sorted(about["deadlines"]) if kind_of(name) == kind and _of_event(name, event)]
        if names:
            return [*found, *names]
    return found


def _is_for(roles: frozenset[Role], kind: str) -> bool:
    """Whether somebody of these roles has to act before it; an escalation comes by itself."""
    return bool(MET_BY.get(kind, frozenset()) & roles) and not kind.endswith("_escalation")


def _of_event(name: str, event: Recorded) -> bool:
    """Whether a deadline is about the milestone of the event, where that has one."""
    return "milestone" not in event.data or name.partition(":")[2] == str(event.data["milestone"])


def dropped(planned: Planned, event: Recorded, about: Mapping[str, Any]) -> tuple[str, ...]:
    """The deadlines that its reader need not keep any more, as they were met or fell away; none that has just passed."""
    if planned.audience != UNIT:
        return _RELEASED.get(planned.template, ())
    armed, passed = about.get("deadlines", {}), event.data.get("deadline", "")
    names = (name for name in event.data.get("clears") or () if "~" not in name and name not in armed)
    return tuple(name for name in names if name != passed and Role.APPLICANT in MET_BY.get(kind_of(name), ()))

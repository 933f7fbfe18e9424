"""What lists of applications need to know of each: a row, and a sheet of its reviews, that follow from it alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

from states.application import Application, State
from states.calendar import stamp
from states.funding_call import Severity


class Row(NamedTuple):
    """An application in a list. `slot` is "" unless it holds its unit's place in the call.

    One unit has one place ("1"); an application with an exception has one of its own. A database constraint on
    (call_id, unit_code, slot) holds this, whatever happens at once. `claimed_by` has taken on the format check,
    `open_findings` await an officer's decision, `due_at` is the next deadline (NEVER for none).
    """

    id: str
    call_id: str
    state: str
    phase: str
    version: int
    unit_code: str
    unit_name: str
    topic: str
    number: str
    title: str
    slot: str
    requested_minor: int
    grant_minor: int
    paid_minor: int
    end_on: str
    outcome: str
    flags: str
    created_at: datetime
    updated_at: datetime
    bound_minor: int
    claimed_by: str
    open_findings: int
    due_at: datetime


NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""When an application falls due that waits for no deadline: after all others."""
_FOR_OFFICERS = frozenset({Severity.OFFICER.value, Severity.DECLARE.value})


def listed(row: Row) -> tuple[Any, ...]:
    """A row as it is stored: its instants as text."""
    return (*row[:17], stamp(row.created_at), stamp(row.updated_at), *row[19:22], stamp(row.due_at))


def next_due(application: Application) -> datetime:
    """When the next deadline of an application falls due; reminders are none."""
    return min((due for name, due in application.deadlines.items() if "~" not in name), default=NEVER)


def claimed_by(application: Application) -> str:
    """Who has taken on its format check, while that lasts."""
    checking = application.state is State.SUBMITTED and application.phase == "checking"
    return application.acts.get("FormatCheckClaimed", "") if checking else ""


def open_findings(application: Application) -> int:
    """On how many rules an officer has still to decide."""
    if application.state is not State.SUBMITTED:
        return 0
    found = {finding["rule"] for finding in application.findings if finding["severity"] in _FOR_OFFICERS}
    return len(found - application.decided.keys())


def slot_of(application: Application) -> str:
    """The place that an application holds in its call."""
    if not application.live:
        return ""
    return application.id if application.exception_granted else "1"


def project(application: Application, updated_at: datetime) -> Row:
    """The row of an application after its latest event."""
    form, flags = application.form, application.flags
    return Row(
        application.id,
        application.call_id,
        application.state.value,
        application.phase,
        application.version,
        application.unit_code,
        application.unit_name,
        application.topic,
        application.number,
        application.title,
        slot_of(application),
        int(form.get("requested_minor") or 0),
        application.grant_minor,
        application.paid_minor,
        str(application.end_on or ""),
        application.outcome,
        " ".join(sorted(flags)) if flags else "",
        application.created_at,
        updated_at,
        application.bound_minor,
        claimed_by(application),
        open_findings(application),
        next_due(application),
    )


class Sheet(NamedTuple):
    """The reviews of an application, as lean as a ranking reads them.

    `scores` is a flat JSON array (it is read by the ten thousand) of the scores that are in: expert, total_ppm or null,
    position, and on; `owed` is [[expert, status, asked_at, due_at or ""], …] of those still to come.
    """

    application: str
    call_id: str
    scores: str
    owed: str


class Reviewed(NamedTuple):
    """An application with experts, as rankings read it; `scores` as in its sheet."""

    id: str
    state: str
    phase: str
    topic: str
    number: str
    requested_minor: int
    bound_minor: int
    scores: str


def sheet(application: Application) -> Sheet | None:
    """The sheet of an application; None where it has no experts."""
    if not application.experts:
        return None
    experts = sorted(application.experts.items())
    scores = [value for name, a in experts if a.status == "scored" for value in (name, a.total_ppm, a.position)]
    at_work = reviewing(application)
    owed = [
        (name, a.status, stamp(a.asked_at) if a.asked_at else "", stamp(a.due_at) if a.due_at else "")
        for name, a in experts
        if at_work and a.status in OWING
    ]
    return Sheet(application.id, application.call_id, orjson.dumps(scores).decode(), orjson.dumps(owed).decode())


OWING = ("invited", "accepted")
"""An expert of whom a score is still to come stands so."""


def reviewing(application: Application) -> bool:
    """Whether experts are at work on the application."""
    return application.state is State.EXPERT_REVIEW and application.phase == "reviewing"

"""What lists of applications need to know of each: a row, and a sheet of its reviews, that follow from it alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import orjson

from states.application import Application, State
from states.calendar import stamp


class Row(NamedTuple):
    """An application in a list. `slot` is "" unless it holds its unit's place in the call.

    One unit has one place ("1"); an application with an exception has one of its own. A database constraint on
    (call_id, unit_code, slot) holds this, whatever happens at once.
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


def listed(row: Row) -> tuple[Any, ...]:
    """A row as it is stored: its instants as text."""
    return (*row[:-3], stamp(row.created_at), stamp(row.updated_at), row.bound_minor)


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

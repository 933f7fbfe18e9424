"""What a list of applications needs to know of each: a row that follows from the application alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from states.application import Application
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


def listed(row: Row) -> tuple[Any, ...]:
    """A row as it is stored: its instants as text."""
    return (*row[:-2], stamp(row.created_at), stamp(row.updated_at))


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
    )

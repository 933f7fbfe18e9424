"""What a list of applications needs to know of each: a row that follows from the application alone."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from states.application import Application


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


def project(application: Application, updated_at: datetime) -> Row:
    """The row of an application after its latest event."""
    slot = (application.id if application.exception_granted else "1") if application.live else ""
    return Row(
        id=application.id,
        call_id=application.call_id,
        state=application.state.value,
        phase=application.phase,
        version=application.version,
        unit_code=application.unit_code,
        unit_name=application.unit_name,
        topic=application.topic,
        number=application.number,
        title=application.title,
        slot=slot,
        requested_minor=int(application.form.get("requested_minor") or 0),
        grant_minor=application.grant_minor,
        paid_minor=application.paid_minor,
        end_on=str(application.end_on or ""),
        outcome=application.outcome,
        flags=" ".join(sorted(application.flags)),
        created_at=application.created_at,
        updated_at=updated_at,
    )

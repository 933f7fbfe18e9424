"""Whose personal values stand behind an application's commitments, and which of them have been kept long enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from fundcall.bootstrap import System
from states.application import FINAL
from states.calendar import add_months
from states.commands import PERSONAL
from states.events import BY_COMMAND
from workflow.record import decode

_FIELDS: Mapping[str, str] = {BY_COMMAND[name].name: field for name, field in PERSONAL.items()}


class Person(NamedTuple):
    """A commitment of an application's event, and the value behind it, None once erased."""

    application: str
    position: int
    commitment: str
    value: Mapping[str, Any] | None


def people_of(system: System, application: str) -> Iterator[Person]:
    """Everybody whose personal values an application's events commit to."""
    for stored in system.ledger.stored(application=application):
        field = _FIELDS.get(stored.type)
        if field is not None:
            said = decode(stored.body).data[field]
            for name in said if isinstance(said, list) else [said]:
                held = system.ledger.personal(name)
                yield Person(application, stored.position, name, orjson.loads(held.value) if held is not None else None)


def kept_long_enough(system: System, now: datetime) -> Iterator[Person]:
    """Those whose values a call keeps no longer: its `personal_kept_months` have passed since the last event of a case
    that has come to its end.
    """
    for row in system.ledger.rows():
        months = system.calls[row.call_id].call.personal_kept_months
        if months is not None and row.state in FINAL and add_months(row.updated_at.date(), months) <= now.date():
            yield from (person for person in people_of(system, row.id) if person.value is not None)

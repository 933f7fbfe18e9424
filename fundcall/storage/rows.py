"""From what a group has decided to the rows that are written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fundcall.storage.work import Group
from states.application import Application
from states.calendar import stamp
from states.events import Recorded
from states.programme import Programme
from workflow.projection import Row
from workflow.record import encode, leaf_hash


def event_row(event: Recorded) -> tuple[Any, ...]:
    """An event as a row of its table, its bytes made and hashed."""
    body = encode(event)
    return (
        event.position,
        event.application,
        event.version,
        event.type,
        event.command_id,
        stamp(event.recorded_at),
        leaf_hash(body),
        body,
    )


def bound(row: Row) -> tuple[Any, ...]:
    """A projected row as the driver takes it."""
    return (*row[:-2], stamp(row.created_at), stamp(row.updated_at))


def slot_last(row: Sequence[Any]) -> bool:
    """Rows that free a place are written before those that take one."""
    return bool(row[10])


def deadline_changes(group: Group) -> tuple[list[tuple[str, str, str]], list[tuple[str, str, str]]]:
    """The deadline rows that go and those that come, from each application and call before and after."""
    gone: list[tuple[str, str, str]] = []
    new: list[tuple[str, str, str]] = []
    nothing: dict[str, datetime] = {}
    holders: dict[str, Application | Programme] = {**group.applications, **group.programmes}
    for name, after in holders.items():
        original = group.originals[name]
        before = original.deadlines if original is not None else nothing
        if before is after.deadlines:
            continue
        gone += [(stamp(due), name, d) for d, due in before.items() if after.deadlines.get(d) != due]
        new += [(stamp(due), name, d) for d, due in after.deadlines.items() if before.get(d) != due]
    return gone, new

"""From what a group has decided to the rows that are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from fundcall.storage.work import Group
from states.application import Application
from states.calendar import stamp
from states.programme import Programme
from workflow.projection import OWING, Row, Sheet, listed, next_due, project, reviewing, sheet, slot_of
from workflow.search import Words, same_words, words


class Rows(NamedTuple):
    """The rows of a group's applications by what has to be written: all of it, or what no index, or only those by state
    and deadline, have to follow. Those that free a place come before those that take one.
    """

    whole: list[tuple[Any, ...]]
    moved: list[tuple[Any, ...]]
    unmoved: list[tuple[Any, ...]]


def application_rows(group: Group) -> Rows:
    """Each application's row after the group."""
    found = Rows([], [], [])
    latest = {event.application: event.recorded_at for event in group.events}
    for name, after in group.applications.items():
        row, before = listed(project(after, latest[name])), group.loaded[name]
        if before is None or before.number != after.number or slot_of(before) != slot_of(after):
            found.whole.append(row)
        elif before.state is not after.state or next_due(before) != next_due(after):
            found.moved.append(row)
        else:
            found.unmoved.append(row)
    found.whole.sort(key=_slot_last)
    return found


def _slot_last(row: Sequence[Any]) -> bool:
    return bool(row[_SLOT])


_SLOT = Row._fields.index("slot")


class ReviewChanges(NamedTuple):
    """Sheets to be written, and drafts of scores (application and expert) that nobody needs any more."""

    sheets: list[Sheet]
    drafts: list[tuple[str, str]]


def review_changes(group: Group) -> ReviewChanges:
    """What a group changes beside reviews: the sheet follows, and who owes no score any more keeps no draft."""
    found = ReviewChanges([], [])
    for name, after in group.applications.items():
        if not after.experts:
            continue
        before = group.loaded[name]
        if before is not None and before.experts is after.experts and reviewing(before) == reviewing(after):
            continue
        made = sheet(after)
        if made is not None:
            found.sheets.append(made)
        at_work = {expert for expert, a in after.experts.items() if reviewing(after) and a.status in OWING}
        found.drafts.extend((name, expert) for expert in (before.experts if before else ()) if expert not in at_work)
    return found


def word_changes(group: Group) -> list[Words]:
    """What applications are found by, where that has changed."""
    befores = ((group.loaded[name], after) for name, after in group.applications.items())
    return [words(after) for before, after in befores if before is None or not same_words(before, after)]


def deadline_changes(group: Group) -> tuple[list[tuple[str, str, str]], list[tuple[str, str, str]]]:
    """The deadline rows that go and those that come, from each application and call before and after."""
    gone: list[tuple[str, str, str]] = []
    new: list[tuple[str, str, str]] = []
    befores: dict[str, Application | Programme | None] = {**group.loaded, **group.loaded_programmes}
    holders: dict[str, Application | Programme] = {**group.applications, **group.programmes}
    for name, after in holders.items():
        original = befores[name]
        before = original.deadlines if original is not None else _NOTHING
        if before is after.deadlines:
            continue
        gone += [(stamp(due), name, d) for d, due in before.items() if after.deadlines.get(d) != due]
        new += [(stamp(due), name, d) for d, due in after.deadlines.items() if before.get(d) != due]
    return gone, new


_NOTHING: Mapping[str, datetime] = {}

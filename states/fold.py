"""From events to the application they make: facts are applied in order and never judged again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from states.application import Application, State
from states.apply import APPLY
from states.calendar import instant_of
from states.events import REFUSED, Recorded
from states.table import TWIN
from states.unit_code import normal

_REFUSALS_KEPT = 20


class CannotFold(Exception):
    """An event does not follow from what stands before it: the history is not whole."""


def fold(events: Iterable[Recorded], application: Application | None = None) -> Application | None:
    """The application after the events; `application`, or None, where there are none.

    Raises CannotFold where a version is missing or a move is not in the table.
    """
    own = False
    for event in events:
        application = step(application, event, own=own)
        own = True
    return application


def step(application: Application | None, event: Recorded, *, own: bool = False) -> Application:
    """The application after one more event.

    With `own` the application given was made by an earlier step and nobody else has seen it: it is moved on in place,
    which is what makes folding a long history cheap.
    """
    if application is None:
        return _born(event)
    if event.version != application.version + 1:
        raise CannotFold(f"{event.application}: version {event.version} follows {application.version}")
    if event.type == REFUSED:
        return _refused(application if own else _copy(application), event)
    move = TWIN.get((application.state, event.type))
    if move is None:
        raise CannotFold(f"{event.application}: {event.type} is no move from {application.state}")
    return _moved(application if own else _copy(application), event, *move)


def _copy(application: Application) -> Application:
    """The same application as a new object, whose fields may be set (no `__init__` is run)."""
    new: Application = object.__new__(Application)
    new.__dict__.update(application.__dict__)
    new.__dict__["acts"] = dict(application.acts)
    return new


def _moved(application: Application, event: Recorded, state: State, phase: str | None) -> Application:
    fields, data = application.__dict__, event.data
    apply = APPLY.get(event.type)
    if apply is not None:
        fields.update(apply(application, data, event))
    fields["state"] = state
    if phase is not None:
        fields["phase"] = phase
    fields["version"] = fields["changed_version"] = event.version
    if "arms" in data or "clears" in data:
        fields["deadlines"] = _deadlines(application, data.get("clears", ()), data.get("arms", {}))
    fields["acts"][event.type] = event.actor
    return application


def _deadlines(application: Application, clears: Iterable[str], arms: dict[str, str]) -> dict[str, object]:
    kept: dict[str, object] = dict(application.deadlines)
    for name in clears:
        kept.pop(name, None)
    for name, due in arms.items():
        kept[name] = instant_of(due)
    return kept


def _refused(application: Application, event: Recorded) -> Application:
    fields = application.__dict__
    fields["version"] = event.version
    fields["refused_at"] = (*application.refused_at[-_REFUSALS_KEPT + 1 :], event.effective_at)
    if "clears" in event.data:
        fields["deadlines"] = _deadlines(application, event.data["clears"], {})
    return application


def _born(event: Recorded) -> Application:
    data = event.data
    if event.version != 1 or event.type != "DraftCreated":
        raise CannotFold(f"{event.application}: begins with {event.type} at version {event.version}")
    new: Application = object.__new__(Application)
    new.__dict__.update(
        _BLANK,
        id=event.application,
        call_id=data["call_id"],
        state=State.DRAFT,
        phase="",
        version=1,
        changed_version=1,
        unit_code=normal(data["unit_code"]),
        unit_name=data["unit_name"],
        unit_kind=data["unit_kind"],
        contacts=tuple(data["contacts"]),
        created_at=event.effective_at,
        deadlines={name: instant_of(due) for name, due in data.get("arms", {}).items()},
        acts={event.type: event.actor},
    )
    return new


_BLANK = dict(Application("", "", State.DRAFT, "", 0, 0, "", "", "", (), datetime.min.replace(tzinfo=UTC)).__dict__)
"""The fields of an application of which nothing is known: what is in them is replaced, never changed in place."""

"""What two officers change of a call after it was published: corrections of its notice (更正), days of its calendar; and how
a proposal is taken back before the other has confirmed it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from states.actor import Role
from states.calendar import local_day, stamp
from states.errors import Refusal
from states.events import Recorded
from states.guards.any_stage import text_given
from states.programme_row import (
    PROPOSED,
    CalendarChange,
    Derived,
    Erratum,
    Programme,
    ProgrammeContext,
    ProgrammeRow,
    by_another,
    proposed,
)
from states.reasons import refuse

ERRATUM, CALENDAR, APPROVAL = "通知更正规则", "系统规则19（工作日历）", "系统规则15（审批）"
_APPROVING = (Role.APPROVING_OFFICER,)
_TEXTS = ("clause", "before", "after", "reason")


def erratum_whole(ctx: ProgrammeContext) -> Refusal | None:
    """It is said where the notice is corrected, what stood there, what stands there now and why; and something changes."""
    for name in _TEXTS:
        missing = text_given(getattr(ctx.command, name), name)
        if missing is not None:
            return missing
    command = ctx.command
    same = command.before.strip() == command.after.strip()
    if not same:
        return None
    allowed = {"allowed": "与原文不同的文字", "allowed_en": "words other than those that stood there"}
    return refuse("value_not_allowed", "after", field="after", value=command.after, **allowed)


def erratum_by_another(ctx: ProgrammeContext) -> Refusal | None:
    """A correction was proposed, by somebody else."""
    return by_another(ctx, "ProposeErratum")


def _erratum_published(ctx: ProgrammeContext) -> Derived:
    proposed = ctx.programme.erratum_proposed
    assert proposed is not None  # noqa: S101 - the guard has refused otherwise
    texts = {name: getattr(proposed, name) for name in _TEXTS}
    return {
        "number": len(ctx.programme.errata) + 1,
        **texts,
        "proposed_by": proposed.by,
        "arms": {"erratum": stamp(ctx.now)},
    }


def days_sound(ctx: ProgrammeContext) -> Refusal | None:
    """Days that lie ahead are named, each once, and on what the change rests."""
    off, worked = ctx.command.days_off, ctx.command.days_worked
    days, today = (*off, *worked), local_day(ctx.now, ctx.call.timezone)
    past = next((day for day in days if day <= today), None)
    twice = next((day for n, day in enumerate(days) if day in days[:n]), None)
    if not days:
        return _days_refused("—", "至少一个日期", "one day at least")
    if past is not None:
        return _days_refused(str(past), f"> {today}", f"> {today}")
    if twice is not None:
        return _days_refused(str(twice), "每个日期只填一次", "each day once")
    return text_given(ctx.command.basis, "basis")


def _days_refused(value: str, allowed: str, allowed_en: str) -> Refusal:
    return refuse(
        "value_not_allowed", "days_off", field="days_off", value=value, allowed=allowed, allowed_en=allowed_en
    )


def calendar_by_another(ctx: ProgrammeContext) -> Refusal | None:
    """A change of the calendar was proposed, by somebody else."""
    return by_another(ctx, "ProposeCalendar")


def _calendar_amended(ctx: ProgrammeContext) -> Derived:
    proposed = ctx.programme.calendar_proposed
    assert proposed is not None  # noqa: S101 - the guard has refused otherwise
    days = {"days_off": sorted(map(str, proposed.days_off)), "days_worked": sorted(map(str, proposed.days_worked))}
    return {**days, "basis": proposed.basis, "proposed_by": proposed.by, "arms": {"calendar": stamp(ctx.now)}}


def still_proposed(ctx: ProgrammeContext) -> Refusal | None:
    """What is to be taken back can be, waits still, and it is said why."""
    of = ctx.command.of
    if of not in PROPOSED:
        return refuse("value_not_allowed", "of", field="of", value=of, allowed=", ".join(PROPOSED))
    if proposed(ctx.programme, of) is None:
        return refuse("proposal_missing", commands=(of,))
    return text_given(ctx.command.reason, "reason")


def _withdrawn(ctx: ProgrammeContext) -> Derived:
    return {"proposed_by": proposed(ctx.programme, ctx.command.of).by}


TABLE: Mapping[str, ProgrammeRow] = {
    "ProposeErratum": ProgrammeRow("ErratumProposed", _APPROVING, (erratum_whole,), lambda _: {}, ERRATUM),
    "PublishErratum": ProgrammeRow("ErratumPublished", _APPROVING, (erratum_by_another,), _erratum_published, ERRATUM),
    "ProposeCalendar": ProgrammeRow("CalendarProposed", _APPROVING, (days_sound,), lambda _: {}, CALENDAR),
    "AmendCalendar": ProgrammeRow("CalendarAmended", _APPROVING, (calendar_by_another,), _calendar_amended, CALENDAR),
    "WithdrawChange": ProgrammeRow("ChangeWithdrawn", _APPROVING, (still_proposed,), _withdrawn, APPROVAL),
}
"""The commands that change a call after its publication."""


def _proposed(programme: Programme, event: Recorded) -> Programme:
    return replace(programme, erratum_proposed=_erratum(event, event.actor))


def _published(programme: Programme, event: Recorded) -> Programme:
    erratum = _erratum(event, event.data["proposed_by"])._replace(published_at=event.effective_at)
    return replace(programme, errata=(*programme.errata, erratum), erratum_proposed=None)


def _erratum(event: Recorded, by: str) -> Erratum:
    return Erratum(event.data["clause"], event.data["before"], event.data["after"], event.data["reason"], by)


def _calendar_proposed(programme: Programme, event: Recorded) -> Programme:
    return replace(programme, calendar_proposed=CalendarChange(*_days(event), event.data["basis"], event.actor))


def _amended(programme: Programme, event: Recorded) -> Programme:
    return replace(changed(programme, *_days(event)), calendar_proposed=None)


def _days(event: Recorded) -> tuple[frozenset[date], frozenset[date]]:
    off, worked = (frozenset(map(date.fromisoformat, event.data[name])) for name in ("days_off", "days_worked"))
    return off, worked


def changed(programme: Programme, off: frozenset[date], worked: frozenset[date]) -> Programme:
    """The call with these days off and those worked from now on, beside what was changed before."""
    return replace(
        programme,
        days_off=(programme.days_off - worked) | off,
        days_worked=(programme.days_worked - off) | worked,
    )


def _taken_back(programme: Programme, event: Recorded) -> Programme:
    nothing: dict[str, Any] = {PROPOSED[event.data["of"]]: None}
    return replace(programme, **nothing)


APPLY: Mapping[str, Callable[[Programme, Recorded], Programme]] = {
    "ErratumProposed": _proposed,
    "ErratumPublished": _published,
    "CalendarProposed": _calendar_proposed,
    "CalendarAmended": _amended,
    "ChangeWithdrawn": _taken_back,
}
"""What their events change."""

"""The dashboard of a call: funnel, time in each state, what waits for whom, officers' work, arrivals and targets, drawn and
in tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from fastapi import Response
from markupsafe import Markup

from fundcall.sheets.columns import Column, instant
from fundcall.web.boards.desk import Desk, Sheet, csv_of, number
from fundcall.web.charts import Bar, Pillar, Words, bars, pillars
from fundcall.web.problems import missing
from fundcall.web.visit import Visit
from fundcall.web.words import wall_of
from states.application import FINAL, State
from states.funding_call import FundingCall
from states.labels import ROLES, STATES
from workflow.course import Arrivals, Figures, Load, Stage, Waiting, funnel, waiting
from workflow.queries import Progress, progress

_DAY_S = 24 * 3600
_TIMED = (State.SUBMITTED, State.RETURNED, State.FORMAT_CHECKED, State.EXPERT_REVIEW, State.APPROVED, State.FUNDED)
"""States that are drawn with their times: those in which somebody waits for somebody. All stand in the table."""
_OFFICERS_DRAWN = 8
_LABELS_UNDER = 4
_MONTH_DAY, _DAY_HOUR = slice(5, 10), slice(8, 16)
"""What of an instant on the wall stands under a column."""


class _Found(NamedTuple):
    """Everything that the page tells."""

    figures: Figures
    waiting: tuple[Waiting, ...]
    targets: tuple[Progress, ...]


class Dashboard:
    """The page and its tables."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        desk.show("dashboard", self.page)
        desk.show("dashboard/{table}.csv", self.table)

    def page(self, visit: Visit, call: FundingCall) -> Response:
        """All of it."""
        found = self._found(visit, call)
        stages = found.figures.stages
        return self._desk.page(
            visit,
            "board_dashboard.html",
            call,
            filed=next(stage.reached for stage in stages if stage.state == State.SUBMITTED),
            open=sum(stage.now for stage in stages if stage.state not in {*FINAL, State.DRAFT}),
            awarded=next(stage.reached for stage in stages if stage.state == State.APPROVED),
            late=sum(one.late for one in found.waiting),
            charts=_charts(visit, call, found),
            sheets={sheet.key: sheet for sheet in _sheets(call, found)},
        )

    def table(self, visit: Visit, call: FundingCall) -> Response:
        """One of the tables as CSV."""
        name = visit.path("table")
        for sheet in _sheets(call, self._found(visit, call)):
            if sheet.key == name:
                return csv_of(call, sheet)
        raise missing(f"{name}.csv")

    def _found(self, visit: Visit, call: FundingCall) -> _Found:
        ledger = self._desk.api.handler.ledger
        figures = self._desk.api.courses[call.id].figures(visit.now)
        return _Found(figures, waiting(ledger, call.id, visit.now), progress(ledger, call, figures.closed))


# --- tables ---------------------------------------------------------------------------------------------------------


def _sheets(call: FundingCall, found: _Found) -> tuple[Sheet, ...]:
    return (
        _of_stages(found.figures.stages),
        _of_waiting(call, found.waiting),
        _of_officers(found.figures.officers),
        _of_arrivals(call, "days", found.figures.days),
        _of_arrivals(call, "hours", found.figures.hours),
        _of_targets(found.targets),
    )


def _of_stages(stages: Sequence[Stage]) -> Sheet:
    columns = (
        Column("state", "状态", "state"),
        number("reached", "到达过", "reached"),
        number("now", "现在", "now"),
        number("stays", "已结束的停留", "stays ended"),
        number("median", "中位数（天）", "median (days)"),
        number("p90", "九成不超过（天）", "nine in ten within (days)"),
        number("longest", "在办最长（天）", "longest open (days)"),
    )
    rows = [
        (STATES[one.state], one.reached, one.now, one.stays, *map(_days, (one.median_s, one.p90_s, one.longest_s)))
        for one in stages
    ]
    return Sheet("states", columns, rows)


def _days(seconds: int | None) -> str | None:
    return None if seconds is None else f"{seconds / _DAY_S:.1f}"


def _of_waiting(call: FundingCall, found: Sequence[Waiting]) -> Sheet:
    columns = (
        Column("role", "由谁办理", "waits for"),
        number("due", "待办期限", "deadlines ahead or past"),
        number("late", "已过期", "of them past"),
        instant("next_at", "下一个", "the next", call),
    )
    return Sheet("waiting", columns, [(ROLES[one.role], one.due, one.late, one.next_at) for one in found])


def _of_officers(found: Sequence[Load]) -> Sheet:
    columns = (
        Column("officer", "经办人", "officer"),
        Column("role", "角色", "role"),
        number("recent", "近30天办理", "acts in 30 days"),
        number("acts", "累计办理", "acts in all"),
        number("open", "在办（最后经手）", "open, last in their hands"),
    )
    return Sheet("officers", columns, [(one.officer, ROLES[one.role], one.recent, one.acts, one.open) for one in found])


def _of_arrivals(call: FundingCall, key: str, found: Sequence[Arrivals]) -> Sheet:
    columns = (
        instant("since", "自", "from", call),
        instant("until", "至（不含）", "until (not included)", call),
        number("filed", "首次提交", "first submissions"),
    )
    return Sheet(key, columns, list(found))


def _of_targets(found: Sequence[Progress]) -> Sheet:
    columns = (
        Column("target", "目标", "target"),
        number("at_least", "要求", "at least"),
        number("supported", "已支持项目", "projects supported"),
        number("verified", "验收核实", "verified"),
    )
    return Sheet("targets", columns, [((one.zh, one.en), one.at_least, one.supported, one.verified) for one in found])


# --- pictures -------------------------------------------------------------------------------------------------------


def _charts(visit: Visit, call: FundingCall, found: _Found) -> dict[str, Markup]:
    _ = visit.say
    return {
        "states": _funnel(visit, funnel(found.figures.stages)),
        "times": _times(visit, found.figures.stages),
        "waiting": _waiting(visit, found.waiting),
        "officers": _officers(visit, found.figures.officers),
        "days": _arrivals(visit, _("Arrivals by day"), _pillars(call, found.figures.days, _MONTH_DAY)),
        "hours": _arrivals(
            visit, _("Arrivals by hour before the close"), _pillars(call, found.figures.hours, _DAY_HOUR)
        ),
        "targets": _targets(visit, found.targets),
    }


def _said(visit: Visit, pair: tuple[str, str]) -> str:
    return pair[0] if visit.language == "zh-CN" else pair[1]


def _funnel(visit: Visit, stages: Sequence[Stage]) -> Markup:
    _ = visit.say
    found, before = [], 0
    for one in stages:
        share = f" ({(200 * one.reached + before) // (2 * before)}%)" if before else ""
        words = _("%(reached)s%(share)s · now %(now)s") % {
            "reached": f"{one.reached:,}",
            "share": share,
            "now": f"{one.now:,}",
        }
        found.append(Bar(_said(visit, STATES[one.state]), (("light", one.reached), ("main", one.now)), words))
        before = one.reached
    told = _(
        "How many applications ever came to each of the eight states, of those who came to the one before, and how many are in it now."
    )
    return bars(Words(_("Way through the eight states"), told), found)


def _times(visit: Visit, stages: Sequence[Stage]) -> Markup:
    _ = visit.say
    found = []
    for one in stages:
        if one.state in _TIMED and one.median_s is not None and one.p90_s is not None:
            words = _("%(median)s d · %(p90)s d") % {"median": _days(one.median_s), "p90": _days(one.p90_s)}
            found.append(Bar(_said(visit, STATES[one.state]), (("light", one.p90_s), ("main", one.median_s)), words))
    told = _(
        "For each state in which somebody waits: the days that half of the stays took at most (dark), and nine in ten (light)."
    )
    return bars(Words(_("Time in each state"), told), found)


def _waiting(visit: Visit, found: Sequence[Waiting]) -> Markup:
    _ = visit.say
    made = [
        Bar(_said(visit, ROLES[one.role]), (("main", one.due), ("bad", one.late)),
            _("%(due)s · past %(late)s") % {"due": f"{one.due:,}", "late": f"{one.late:,}"})
        for one in found
    ]  # fmt: skip
    told = _("Deadlines that each role has to meet, and how many of them are past.")
    return bars(Words(_("What waits for whom"), told), made)


def _officers(visit: Visit, found: Sequence[Load]) -> Markup:
    _ = visit.say
    busiest = sorted(found, key=lambda one: (-one.recent, -one.acts))[:_OFFICERS_DRAWN]
    made = [
        Bar(one.officer, (("light", one.acts), ("main", one.recent)),
            _("30 d %(recent)s · all %(acts)s · open %(open)s") % {"recent": f"{one.recent:,}", "acts": f"{one.acts:,}", "open": f"{one.open:,}"})
        for one in busiest
    ]  # fmt: skip
    told = _("Acts of each officer in all (light) and in the last 30 days (dark), the busiest first.")
    return bars(Words(_("Load of each officer"), told), made)


def _pillars(call: FundingCall, found: Sequence[Arrivals], label: slice) -> list[Pillar]:
    every, wall = max(1, len(found) // _LABELS_UNDER), wall_of(call)
    told = [(one.filed, wall.minute(one.since)) for one in found]
    return [Pillar(filed, f"{at}: {filed}", at[label] if n % every == 0 else "") for n, (filed, at) in enumerate(told)]


def _arrivals(visit: Visit, title: str, made: Sequence[Pillar]) -> Markup:
    _ = visit.say
    most = max((one.height for one in made), default=0)
    told = _("First submissions over time; the last column ends with the close. At most %(most)s in one.") % {
        "most": most
    }
    return pillars(Words(title, told), made, _("%(most)s at most") % {"most": most})


def _targets(visit: Visit, found: Sequence[Progress]) -> Markup:
    """Each target on a scale of its own: the lines stand under each other."""
    _ = visit.say
    made = []
    for one in found:
        told = {"verified": one.verified, "least": one.at_least, "supported": one.supported}
        parts = ("light", one.supported / one.at_least), ("main", one.verified / one.at_least)
        made.append(
            Bar(
                _said(visit, (one.zh, one.en)),
                parts,
                _("%(verified)s of %(least)s · supported %(supported)s") % told,
                1,
            )
        )
    words = _(
        "For each target of the call, on its own scale: what was verified (dark), the projects supported towards it (light), and the least that is aimed at (line)."
    )
    return bars(Words(_("Progress towards the targets"), words), made)

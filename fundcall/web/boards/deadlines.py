"""The calendar of deadlines: a month by day and kind with the days that are worked, what one day brings, and what is overdue."""

from __future__ import annotations

from calendar import Calendar, monthrange
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from fastapi import Response

from fundcall.web.boards.desk import PAGE, Desk, Query
from fundcall.web.remarks import FLAGS
from fundcall.web.visit import Visit
from fundcall.web.words import deadline_words
from states.calendar import add_months, local_day
from states.funding_call import FundingCall
from states.labels import ROLES, Pair
from workflow.calendar import deadlines_on, kinds, last_day, marked, stuck, working
from workflow.calendars import counting
from workflow.ports import Due
from workflow.tasks import MET_BY, kind_of

_LOOKED_INTO = 20


class _Day(NamedTuple):
    """A day of the month's table: whether it is worked (None: not known), how many deadlines of which kind, and what the
    call itself does on it.
    """

    day: date
    inside: bool
    worked: bool | None
    counts: Sequence[tuple[str, int]]
    marks: Sequence[Pair]

    @property
    def total(self) -> int:
        """Deadlines of all kinds."""
        return sum(count for _, count in self.counts)


class Deadlines:
    """The page."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._api = desk, desk.api
        desk.show("calendar", self.page)

    def page(self, visit: Visit, call: FundingCall) -> Response:
        """A month, and a day of it where one is chosen."""
        query = Query(visit.request.query_params)
        today = local_day(visit.now, call.timezone)
        day = query.day("day", "2026-03-31")
        month = query.day("month", "2026-03", month=True) or (day or today).replace(day=1)
        kind, offset = query.choice("kind", call.periods, ""), query.offset()
        last = month.replace(day=monthrange(month.year, month.month)[1])
        found = deadlines_on(self._api.handler.ledger, call, month, last)
        of_day = [due for due in found.get(day, ()) if kind in ("", kind_of(due.name))] if day else []
        late, late_in_all = stuck(self._api.handler, call, visit.now, _LOOKED_INTO)
        counts = kinds(found)
        return self._desk.page(
            visit,
            "board_calendar.html",
            call,
            query.status,
            wrong=query.wrong,
            month=month,
            before=add_months(month, -1),
            after=add_months(month, 1),
            today=today,
            weeks=self._weeks(call, month, counts, kind),
            totals=sum(counts.values(), Counter()),
            listed=[(one, counts[one]) for one in sorted(counts) if not kind or counts[one][kind]],
            kind=kind,
            kinds={name: (period.zh, period.en) for name, period in call.periods.items()},
            basis={name: period.basis for name, period in call.periods.items()},
            met_by={name: [ROLES[role.value] for role in sorted(roles)] for name, roles in MET_BY.items()},
            day=day,
            of_day=[
                (due, kind_of(due.name), deadline_words(call, due.name), self._row(due))
                for due in of_day[offset : offset + PAGE]
            ],
            in_day=len(of_day),
            more=offset + PAGE if offset + PAGE < len(of_day) else 0,
            late=[(one, deadline_words(call, one.due.name), self._row(one.due)) for one in late],
            late_in_all=late_in_all,
            flags=FLAGS,
            marked=[(flag, n) for flag, n in marked(self._api.handler.ledger, call.id, FLAGS).items() if n],
        )

    def _row(self, due: Due) -> object:
        return self._api.handler.ledger.row(due.application)

    def _weeks(
        self, call: FundingCall, month: date, counts: Mapping[date, Counter[str]], kind: str
    ) -> list[list[_Day]]:
        worked = counting(self._api.handler.ledger, self._api.handler.calendars, call)
        marks = self._marks(call)

        def made(day: date) -> _Day:
            found = counts.get(day, Counter()) if day.month == month.month else Counter[str]()
            wanted = [(name, found[name]) for name in call.periods if found[name] and kind in ("", name)]
            return _Day(day, day.month == month.month, working(worked, day), wanted, marks.get(day, ()))

        return [[made(day) for day in week] for week in Calendar().monthdatescalendar(month.year, month.month)]

    def _marks(self, call: FundingCall) -> dict[date, list[Pair]]:
        """What the call itself does on which day."""
        closes_at = self._api.handler.ledger.transact(lambda transaction: transaction.programme(call.id).closes_at)
        found: dict[date, list[Pair]] = {}
        found.setdefault(local_day(call.opens_at, call.timezone), []).append(("申报开始", "filing opens"))
        found.setdefault(last_day(closes_at or call.closes_at, call.timezone), []).append(("申报截止", "filing closes"))
        if call.execution_ends_by is not None:
            found.setdefault(call.execution_ends_by, []).append(("执行期最迟截止", "execution ends at the latest"))
        return found

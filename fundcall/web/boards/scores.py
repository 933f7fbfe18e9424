"""The scoring overview: who owes a score since when, each application by three measures side by side, and how experts score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Response
from markupsafe import Markup

from fundcall.sheets.columns import Column
from fundcall.web.boards.decision import MEASURES, comparable_measure
from fundcall.web.boards.desk import PAGE, Desk, Query, Sheet, csv_of, number
from fundcall.web.charts import Strip, Words, strips
from fundcall.web.visit import Visit
from states.actor import Role
from states.funding_call import FundingCall
from states.labels import Pair
from workflow.reviews import owed
from workflow.scorers import Scorer, middle, scorers
from workflow.scoring import Place, panels_met, ranked, read_scores, standings

OWING: Mapping[str, Pair] = {
    "invited": ("未答复邀请", "invited, no answer"),
    "accepted": ("已接受，未评分", "accepted, not scored"),
}
_SHOWN: Mapping[str, Pair] = {"all": ("全部", "all"), "late": ("仅逾期", "late ones")}
_FLAGGED: Mapping[str, Pair] = {
    "all": ("全部", "all"),
    "flagged": ("仅分歧较大", "disagreement"),
    "tied": ("仅并列", "ties"),
}
_DRAWN = 25
_PERCENT = 10_000
"""Millionths in a hundredth of full marks."""


class Scores:
    """The pages."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._api = desk, desk.api
        desk.show("scores", self.page)
        desk.show("owed", self.owed)
        desk.show("scorers", self.scorers)
        desk.show("scorers/scorers.csv", self.table)

    def page(self, visit: Visit, call: FundingCall) -> Response:
        """Each application with its rank by each of the measures, and every score that is in."""
        query = Query(visit.request.query_params)
        measure = query.choice("measure", MEASURES, "mean")
        direction, which = query.choice("direction", call.directions(), ""), query.choice("which", _FLAGGED, "all")
        offset = query.offset()
        found = standings(call, read_scores(call, self._api.handler.ledger))
        measure = comparable_measure(query, found, measure)
        panels = panels_met(self._api.handler.ledger, found)
        ranks = {name: _ranks(ranked(call, found, name)) for name in MEASURES}
        places = [
            place
            for name, those in ranked(call, found, measure).items()
            for place in those
            if direction in ("", name) and _wanted(place, which)
        ]
        return self._desk.page(
            visit,
            "board_scores.html",
            call,
            query.status,
            wrong=query.wrong,
            measure=measure,
            measures=MEASURES,
            direction=direction,
            names=call.directions(),
            which=which,
            choices=_FLAGGED,
            ranks=ranks,
            panels=panels,
            places=places[offset : offset + PAGE],
            in_all=len(places),
            more=offset + PAGE if offset + PAGE < len(places) else 0,
            least=call.review.experts_min,
            may_panel=visit.insider.role is Role.REVIEW_OFFICER,
            counts={
                "flagged": sum(one.flagged and one.application.id not in panels for one in found),
                "scored": sum(bool(one.scores) for one in found),
            },
        )

    def owed(self, visit: Visit, call: FundingCall) -> Response:
        """Who owes a score, what has been due longest first."""
        query = Query(visit.request.query_params)
        which, offset = query.choice("which", _SHOWN, "all"), query.offset()
        every = owed(self._api.handler.ledger, call.id, visit.now)
        found = [one for one in every if which == "all" or one.late]
        return self._desk.page(
            visit,
            "board_owed.html",
            call,
            query.status,
            wrong=query.wrong,
            which=which,
            choices=_SHOWN,
            owed=found[offset : offset + PAGE],
            numbers=self._desk.numbers(one.application for one in found[offset : offset + PAGE]),
            stands=OWING,
            in_all=len(every),
            late=sum(one.late for one in every),
            experts=len({one.expert for one in every}),
            more=offset + PAGE if offset + PAGE < len(found) else 0,
            may_replace=visit.insider.role is Role.REVIEW_OFFICER,
        )

    def scorers(self, visit: Visit, call: FundingCall) -> Response:
        """How strict or lenient each expert is: by account, without anything of a unit."""
        query = Query(visit.request.query_params)
        offset = query.offset()
        every = scorers(read_scores(call, self._api.handler.ledger))
        found = every[offset : offset + _DRAWN]
        return self._desk.page(
            visit,
            "board_scorers.html",
            call,
            query.status,
            wrong=query.wrong,
            chart=_drawn(visit, found, middle(every)),
            sheet=_sheet(found),
            in_all=len(every),
            first=offset + 1,
            last=offset + len(found),
            more=offset + _DRAWN if offset + _DRAWN < len(every) else 0,
            mean=middle(every),
        )

    def table(self, _: Visit, call: FundingCall) -> Response:
        """The same of every expert as CSV."""
        return csv_of(call, _sheet(scorers(read_scores(call, self._api.handler.ledger))))


def _ranks(found: Mapping[str, Sequence[Place]]) -> dict[str, Place]:
    return {place.standing.application.id: place for places in found.values() for place in places}


def _wanted(place: Place, which: str) -> bool:
    return which == "all" or (place.standing.flagged if which == "flagged" else place.tied > 0)


def _points(ppm: int | None) -> str | None:
    """Millionths as hundredths of full marks, with two decimals."""
    return None if ppm is None else f"{ppm / _PERCENT:.2f}"


def _sheet(found: Sequence[Scorer]) -> Sheet:
    columns = (
        Column("expert", "专家", "expert"),
        number("scores", "评分数", "scores"),
        number("mean", "平均分", "mean"),
        number("deviation", "标准差", "deviation"),
        number("lowest", "最低", "lowest"),
        number("highest", "最高", "highest"),
        number("apart", "与同件其他专家之差", "against others on the same"),
    )
    rows: list[Sequence[Any]] = [
        (
            one.expert,
            len(one.scores),
            *map(_points, (one.mean_ppm, one.deviation_ppm, one.scores[0], one.scores[-1], one.apart_ppm)),
        )
        for one in found
    ]
    return Sheet("scorers", columns, rows)


def _drawn(visit: Visit, found: Sequence[Scorer], mean: int) -> Markup:
    _ = visit.say
    low = min((one.scores[0] for one in found), default=0) // 200_000 * 20
    made = [
        Strip(one.expert, [ppm / _PERCENT for ppm in one.scores], one.mean_ppm / _PERCENT,
              _("%(n)s scores, mean %(mean)s") % {"n": len(one.scores), "mean": _points(one.mean_ppm)})
        for one in found
    ]  # fmt: skip
    told = _(
        "Each row is an expert, the strictest first; each point is a score in percent of full marks, the tall mark is the expert's mean, the dashed line is the mean of all."
    )
    ticks = range(low, 101, 20)
    return strips(Words(_("Scores of each expert"), told), made, (low, 100), mean / _PERCENT, ticks)

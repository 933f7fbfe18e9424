"""The public notice of a call (公示): for anybody, without an account, as a page, a table and JSON; never a person in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from fastapi import Response

from fundcall.sheets.columns import Column, Kind, instant, record
from fundcall.sheets.delimited import csv_bytes
from fundcall.web.frame import Door, Frame
from fundcall.web.problems import missing
from fundcall.web.visit import Visit
from states.calendar import zone
from states.clauses import in_english
from states.funding_call import FundingCall
from workflow.publication import APPROVED, DECLINED, OPEN, STOPPED, Noticeboard, Published

RUNNING = "running"
STANDINGS: Mapping[str, tuple[str, str]] = {
    RUNNING: ("公示中", "open to objection"),
    OPEN: ("公示期满，待决定", "over, to be decided"),
    APPROVED: ("已立项", "approved"),
    DECLINED: ("未立项", "not approved"),
    STOPPED: ("公示停止", "stopped"),
}
"""What has become of a publication, in words."""
_CACHE = "public, max-age=60"


def columns(call: FundingCall) -> tuple[Column, ...]:
    """What is published of each project."""
    return (
        Column("number", "受理编号", "number"),
        Column("unit", "申报单位", "unit"),
        Column("title", "项目名称", "project"),
        Column("topic", "支持方向", "topic"),
        Column("amount_minor", "拟支持金额", "amount proposed", Kind.MONEY, call.currency),
        instant("published_at", "公示开始", "published", call),
        instant("ends_at", "公示截止", "until", call),
        Column("standing", "状态", "standing"),
        Column("grant_minor", "立项金额", "granted", Kind.MONEY, call.currency),
    )


def row_of(call: FundingCall, one: Published, now: datetime) -> tuple[Any, ...]:
    """One publication as a row of those columns; an amount granted only where there is one."""
    topic = call.topics[one.topic].title_zh if one.topic in call.topics else one.topic
    granted = one.grant_minor if one.outcome == APPROVED else None
    return (one.number, one.unit_name, one.title, topic, one.amount_minor, one.published_at, one.ends_at,
            " ".join(STANDINGS[standing(one, now)]), granted)  # fmt: skip


def standing(one: Published, now: datetime) -> str:
    """Which of the standings holds at an instant."""
    return RUNNING if one.running(now) else one.outcome


def plain(board: Noticeboard, now: datetime) -> dict[str, Any]:
    """The public notice as plain JSON, amounts in minor units."""
    call = board.call
    period, asked = call.period("public_notice"), columns(call)
    return {
        "call": call.id,
        "title_zh": call.title_zh,
        "title_en": call.title_en,
        "authority_zh": call.authority_zh,
        "basis": period.basis,
        "basis_en": in_english(period.basis, call.clauses_en),
        "currency": call.currency,
        "as_at": _told(now, call),
        "errata": [
            {
                "number": n,
                "clause": e.clause,
                "clause_en": in_english(e.clause, call.clauses_en),
                "before": e.before,
                "after": e.after,
                "reason": e.reason,
                "published_at": _told(e.published_at, call) if e.published_at else None,
            }
            for n, e in enumerate(board.errata(), 1)
        ],
        "projects": [
            {**record(asked, row_of(call, one, now)), "standing": standing(one, now)} for one in board.published()
        ],
    }


def _told(at: datetime, call: FundingCall) -> str:
    """An instant with the offset of the call's place."""
    return at.astimezone(zone(call.timezone)).isoformat(timespec="seconds")


class Publications:
    """The public pages over a ledger."""

    def __init__(self, frame: Frame, boards: Mapping[str, Noticeboard]) -> None:
        self._frame, self._boards = frame, boards
        frame.show("/public", self.calls, Door.OPEN)
        frame.show("/public/calls/{call_id}/notice", self.page, Door.OPEN)
        frame.show("/public/calls/{call_id}/notice.csv", self.table, Door.OPEN)
        frame.show("/public/calls/{call_id}/notice.json", self.json, Door.OPEN)

    def calls(self, visit: Visit) -> Response:
        """Every call, with the way to its public notice."""
        return self._frame.pages.page(visit, "public_calls.html", calls=[board.call for board in self._boards.values()])

    def page(self, visit: Visit) -> Response:
        """What is open to objection now, then what was, and what became of it."""
        board = self._board(visit)
        call = board.call
        found = board.published()
        return self._frame.pages.page(
            visit,
            "public_notice.html",
            call=call,
            running=[one for one in found if one.running(visit.now)],
            past=[one for one in found if not one.running(visit.now)],
            standings=STANDINGS,
            period=call.period("public_notice"),
            errata=board.errata(),
            closes_at=board.closes_at(),
        )

    def table(self, visit: Visit) -> Response:
        """The same as CSV."""
        board = self._board(visit)
        call = board.call
        rows = (row_of(call, one, visit.now) for one in board.published())
        name = f'attachment; filename="notice-{call.id}.csv"'
        content = b"".join(csv_bytes(columns(call), rows))
        headers = {"Content-Disposition": name, "Cache-Control": _CACHE}
        return Response(content, media_type="text/csv; charset=utf-8", headers=headers)

    def json(self, visit: Visit) -> Response:
        """The same as JSON."""
        content = orjson.dumps(plain(self._board(visit), visit.now), option=orjson.OPT_INDENT_2)
        return Response(content, media_type="application/json", headers={"Cache-Control": _CACHE})

    def _board(self, visit: Visit) -> Noticeboard:
        name = visit.path("call_id")
        if name not in self._boards:
            raise missing(name)
        return self._boards[name]

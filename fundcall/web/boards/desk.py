"""What all boards stand in: for readers of every application alone, about one call, with a way from each to the others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from fastapi import Response
from fastapi.responses import RedirectResponse

from fundcall.sheets.columns import Column, Kind
from fundcall.sheets.delimited import csv_bytes
from fundcall.web.api.asking import Api
from fundcall.web.frame import Form, Frame
from fundcall.web.language import N_
from fundcall.web.visit import Visit
from states.actor import Role
from states.calendar import day_of
from states.funding_call import FundingCall
from states.labels import Pair
from workflow.visible import READERS

PAGE = 50
PARTS: Mapping[str, str] = {
    "dashboard": N_("Dashboard"),
    "publication": N_("Publication"),
    "changes": N_("Changes of the call"),
    "assignment": N_("Assignment"),
    "invitations": N_("Invitations"),
    "owed": N_("Scores to come"),
    "scores": N_("Scores"),
    "scorers": N_("Strict and lenient"),
    "decision": N_("Decision board"),
    "money": N_("Money"),
    "calendar": N_("Calendar of deadlines"),
}
"""The boards of a call by the last part of their address."""
OFFSET_MAX = 1_000_000
FIELDS: Mapping[str, str] = {
    "measure": N_("Ranked by"),
    "direction": N_("Direction"),
    "cut": N_("Cut line after rank"),
    "share": N_("Percent of what was asked"),
    "grounds": N_("Grounds"),
    "which": N_("Which"),
    "offset": N_("First line"),
    "month": N_("Month"),
    "day": N_("Day"),
    "kind": N_("Kind of deadline"),
    "per": N_("Experts for each application"),
    "seed": N_("Seed"),
    "topic": N_("Topic"),
    "verify": N_("Verification"),
    "replacement": N_("Replacement"),
    "reason": N_("Reason"),
}
"""What an address or a form asks for, as it is called on the page."""


class Sheet(NamedTuple):
    """A table that is shown and can be taken away: a cell may be a pair of Chinese and English."""

    key: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]


class Desk:
    """Adds boards to the frame: `/boards/CALL/PART`."""

    def __init__(self, frame: Frame, api: Api) -> None:
        self._frame, self.api = frame, api
        frame.show("/boards", self.calls, roles=READERS)

    def show(
        self, part: str, page: Callable[[Visit, FundingCall], Response], roles: Collection[Role] = READERS
    ) -> None:
        """Answer GET at a part of a call's boards."""
        self._frame.show(f"/boards/{{call_id}}/{part}", lambda visit: page(visit, self._call(visit)), roles=roles)

    def take(self, part: str, page: Callable[[Visit, FundingCall, Form], Response], roles: Collection[Role]) -> None:
        """Answer POST at a part of a call's boards."""
        path = f"/boards/{{call_id}}/{part}"
        self._frame.take(path, lambda visit, form: page(visit, self._call(visit), form), roles=roles)

    def calls(self, visit: Visit) -> Response:
        """The calls that have boards; straight on to the one where there is only one."""
        found = [(call, sum(self.api.handler.ledger.counts(name).values())) for name, call in self.api.calls.items()]
        used = [call for call, count in found if count]
        if len(used) == 1 and not visit.query("all"):
            return RedirectResponse(f"/boards/{used[0].id}/dashboard", 303)
        return self._frame.pages.page(visit, "board_calls.html", calls=found)

    def page(
        self, visit: Visit, name: str, call: FundingCall, status: int = 200, part: str = "", **values: Any
    ) -> Response:
        """A board from its template."""
        board = visit.request.url.path.removeprefix(f"/boards/{call.id}/").partition("/")[0]
        return self._frame.pages.page(
            visit,
            name,
            status,
            part,
            call=call,
            boards=PARTS,
            board=board,
            fields=FIELDS,
            many_calls=len(self.api.calls) > 1,
            **values,
        )

    def numbers(self, names: Iterable[str]) -> dict[str, str]:
        """What applications are called: their numbers, their ids where they have none."""
        rows = {name: self.api.handler.ledger.row(name) for name in names}
        return {name: (row.number if row is not None else "") or name for name, row in rows.items()}

    def _call(self, visit: Visit) -> FundingCall:
        return self.api.call(visit.path("call_id"))


def csv_of(call: FundingCall, sheet: Sheet) -> Response:
    """A sheet to take away; pairs stand in one cell."""
    rows = ([" ".join(cell) if isinstance(cell, tuple) else cell for cell in row] for row in sheet.rows)
    name = f'attachment; filename="{call.id}-{sheet.key}.csv"'
    content = b"".join(csv_bytes(sheet.columns, rows))
    return Response(content, media_type="text/csv; charset=utf-8", headers={"Content-Disposition": name})


def number(key: str, zh: str, en: str) -> Column:
    """A column of whole numbers."""
    return Column(key, zh, en, Kind.NUMBER)


class Query:
    """What an address asks for. What cannot be read is told in `wrong`, by name, and the default holds meanwhile."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.given, self.wrong = given, dict[str, Pair]()

    @property
    def status(self) -> int:
        """What to answer with."""
        return 422 if self.wrong else 200

    def whole(self, name: str, default: int | None, least: int, most: int) -> int | None:
        """A whole number within bounds; the default where nothing is given."""
        text = self.given.get(name, "").strip()
        if not text:
            return default
        if text.isascii() and text.isdecimal() and len(text) <= len(str(most)) and least <= int(text) <= most:
            return int(text)
        self.wrong[name] = (f"应为 {least} 至 {most} 的整数，而不是“{text[:40]}”", f"should be a whole number from {least} to {most}, not “{text[:40]}”")  # fmt: skip
        return default

    def offset(self) -> int:
        """Where a page of a list begins."""
        return self.whole("offset", 0, 0, OFFSET_MAX) or 0

    def choice(self, name: str, allowed: Collection[str], default: str) -> str:
        """One of several words; the default where nothing is given."""
        text = self.given.get(name, "")
        if not text:
            return default
        if text in allowed:
            return text
        words = allowed if isinstance(allowed, Mapping) else {}
        named = [words[one] if isinstance(words.get(one), tuple) else (one, one) for one in allowed]
        told = "、".join(zh for zh, _ in named), ", ".join(en for _, en in named)
        self.wrong[name] = (f"没有“{text[:40]}”，可选：{told[0]}", f"there is no “{text[:40]}”; choose from {told[1]}")
        return default

    def day(self, name: str, example: str, *, month: bool = False) -> date | None:
        """A day, or a month by its first."""
        text = self.given.get(name, "")
        if not text:
            return None
        try:
            found = day_of(f"{text}-01" if month else text)
        except ValueError:
            found = None
        if found is None or not 2000 <= found.year < 2100:
            self.wrong[name] = (
                f"应写成 {example}，而不是“{text[:40]}”",
                f"should be written {example}, not “{text[:40]}”",
            )
            return None
        return found

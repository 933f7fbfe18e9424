"""The office's queue: all applications, narrowed, searched, sorted, walked through, kept under names and taken out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import NamedTuple, Protocol
from urllib.parse import parse_qsl, quote

import uuid_utils.compat as uuids
from fastapi import Response
from fastapi.responses import RedirectResponse, StreamingResponse
from markupsafe import Markup

from fundcall.sheets.formats import Format
from fundcall.sheets.queue import table
from fundcall.web.api.exports import pieces
from fundcall.web.bulk import bulk_commands
from fundcall.web.frame import Form, Frame
from fundcall.web.lines import Reader, lines
from fundcall.web.narrowing import Narrowing
from fundcall.web.problems import Problem, missing
from fundcall.web.remembered import Remembered
from fundcall.web.visit import Visit
from fundcall.web.wish import Wish, nothing_to_find, read_wish, sorted_by, written
from states.funding_call import FundingCall
from states.labels import STATES
from workflow.desk import SEARCHED_MAX, SavedView, Wanted, mark_of
from workflow.handle import Handler
from workflow.ports import Ledger
from workflow.projection import Row
from workflow.visible import READERS

PAGE = 50
_AT_ONCE = 1000
_NAME_MAX = 60


class Views(Protocol):
    """Where people keep their lists."""

    def views(self, account: str) -> list[SavedView]: ...

    def view(self, view_id: str) -> SavedView | None: ...

    def keep_view(self, view: SavedView, now: datetime) -> bool: ...

    def drop_view(self, account: str, view_id: str) -> None: ...


class Page(NamedTuple):
    """A page of the queue, and the addresses of those beside it ("" for none)."""

    rows: list[Row]
    before: str
    after: str


class Queue:
    """The pages of the queue."""

    def __init__(self, frame: Frame, handler: Handler, views: Views) -> None:
        self._frame, self._handler, self._views = frame, handler, views
        self._narrowing = Narrowing(self.calls)
        self._counted: Remembered[dict[str, int]] = Remembered(handler.ledger.head)
        self._made: Remembered[tuple[Page, Markup]] = Remembered(handler.ledger.head)
        frame.show("/desk/export/{form}", self.export, roles=READERS)
        frame.show("/desk/views/{view}", self.follow, roles=READERS)
        frame.take("/desk/views", self.keep, roles=READERS)
        frame.take("/desk/views/{view}/drop", self.drop, roles=READERS)

    def queue(self, visit: Visit) -> Response:
        """The list that the address asks for. One that says things that say nothing is answered with the short address."""
        wish = self.wish(visit)
        asked_for = visit.request.url.query
        if not visit.wants_part() and any(not value for _, value in parse_qsl(asked_for, keep_blank_values=True)):
            return RedirectResponse(wish.but(), 303)
        role = visit.insider.role
        commands = bulk_commands(role)
        found, rows = self._lines(visit, wish, boxes=bool(commands))
        counts = {} if nothing_to_find(wish) else self._counts(wish.wanted._replace(states=()))
        own = self._views.views(visit.signed_in.account.id)
        answer = self._frame.pages.page(
            visit,
            "desk_queue.html",
            status=422 if wish.wrong else 200,
            part="list",
            wish=wish,
            page=found,
            rows=rows,
            counts=counts,
            total=counts.get(wish.given["state"], 0) if wish.given["state"] else sum(counts.values()),
            searched_max=SEARCHED_MAX,
            heads={column: sorted_by(wish, column) for column in _COLUMNS},
            calls=self.calls,
            choices=self._narrowing.choices(visit.language, wish.given),
            views=own,
            kept=next((view for view in own if view.query == wish.query), None),
            commands=commands,
            done=visit.query("done"),
        )
        if visit.wants_part():
            answer.headers["HX-Push-Url"] = wish.but()
        return answer

    def _lines(self, visit: Visit, wish: Wish, *, boxes: bool) -> tuple[Page, Markup]:
        """The page of the list with its lines, made once a minute for all who ask for the same."""
        if nothing_to_find(wish):
            return Page([], "", ""), Markup()
        now = visit.now.replace(second=0, microsecond=0)

        def make() -> tuple[Page, Markup]:
            found = page(self._handler.ledger, wish)
            made = lines(found.rows, Reader(visit.language, visit.now, wish.wanted.terms), self.calls)
            query = quote(wish.query, safe="")
            return found, self._frame.pages.piece(
                visit.language, "desk_rows.html", lines=made, boxes=boxes, query=query
            )

        asked_for = (wish.query, wish.wanted, wish.past, wish.back)
        return self._made.get((now, visit.language, boxes, *asked_for), make)

    def _counts(self, wanted: Wanted) -> dict[str, int]:
        return self._counted.get(wanted, partial(self._handler.ledger.queue_counts, wanted))

    @property
    def calls(self) -> Mapping[str, FundingCall]:
        """The calls by id."""
        return {name: rules.call for name, rules in self._handler.calls.items()}

    def wish(self, visit: Visit) -> Wish:
        """What the address asks for."""
        return read_wish(visit.request.query_params, visit.insider, self.calls, visit.now)

    def export(self, visit: Visit) -> Response:
        """Just this list, as a table."""
        form = {"csv": Format.CSV, "xlsx": Format.XLSX}.get(visit.path("form"))
        if form is None:
            raise missing(visit.path("form"))
        wish = self.wish(visit)
        rows = iter(()) if nothing_to_find(wish) else every(self._handler.ledger, wish)
        only = wish.wanted.call_id
        found = table(rows, {only: self.calls[only]} if only else self.calls, STATES)
        name = f'attachment; filename="applications-{visit.now:%Y%m%d}.{form}"'
        return StreamingResponse(pieces(found, form), media_type=form.media_type, headers={"Content-Disposition": name})

    def follow(self, visit: Visit) -> Response:
        """The list behind a link that somebody gave on."""
        view = self._views.view(visit.path("view"))
        if view is None:
            raise missing(visit.path("view"))
        return RedirectResponse(f"/applications?{view.query}", 303)

    def keep(self, visit: Visit, form: Form) -> Response:
        """Keep a list under a name."""
        name, query = " ".join(form.get("name", "").split()), written(dict(parse_qsl(form.get("query", ""))))
        if not 0 < len(name) <= _NAME_MAX or not name.isprintable():
            raise Problem(422, "name_missing", f"请为列表取一个名称（至多{_NAME_MAX}个字）", f"give the list a name (at most {_NAME_MAX} characters)",
                          "请返回上一页填写名称。", "Go back and fill in a name.")  # fmt: skip
        if not self._views.keep_view(SavedView(uuids.uuid7().hex, visit.signed_in.account.id, name, query), visit.now):
            raise Problem(422, "too_many_views", "您保存的列表已达上限", "you have kept as many lists as there may be",
                          "请先删除不再使用的列表。", "Delete one that you no longer use.")  # fmt: skip
        return RedirectResponse(f"/applications?{'&'.join(filter(None, (query, 'done=kept')))}", 303)

    def drop(self, visit: Visit, _: Form) -> Response:
        """Forget a list that one kept."""
        self._views.drop_view(visit.signed_in.account.id, visit.path("view"))
        return RedirectResponse("/applications?done=dropped", 303)


_COLUMNS = ("number", "title", "unit_name", "requested_minor", "due_at", "updated_at")


def page(ledger: Ledger, wish: Wish) -> Page:
    """The page of the queue that is asked for."""
    rows = ledger.queue(wish.wanted, wish.order, PAGE + 1, wish.past, back=wish.back)
    whole = len(rows) > PAGE
    shown = rows[1:] if whole and wish.back else rows[:PAGE]
    if not shown:
        return Page([], "", "")
    earlier = whole if wish.back else wish.past is not None
    later = wish.back or whole
    first, last = mark_of(shown[0], wish.order), mark_of(shown[-1], wish.order)
    return Page(shown, wish.at(first, back=True) if earlier else "", wish.at(last) if later else "")


def every(ledger: Ledger, wish: Wish) -> Iterator[Row]:
    """All that is wanted, in order, read as it is taken."""
    past = None
    while rows := ledger.queue(wish.wanted, wish.order, _AT_ONCE, past):
        yield from rows
        past = mark_of(rows[-1], wish.order)

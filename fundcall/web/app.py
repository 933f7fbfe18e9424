"""The first pages: the queue, one application's timeline, and its mails. They read; nothing here changes anything."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from fundcall.web.words import EVENTS, STATES, describe, local_time, money
from states.application import MAIN_LINE, Application, State
from states.events import REFUSED, Recorded
from states.fold import fold
from states.funding_call import FundingCall
from workflow.ports import Ledger, Notice, Notices, Stored
from workflow.record import decode
from workflow.rules import Rules

_PAGE = 50
_FOLDER = Path(__file__).parent.parent.parent / "templates" / "web"
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Site:
    """The pages over a ledger; each method answers one address."""

    def __init__(self, ledger: Ledger, notices: Notices, calls: Mapping[str, Rules]) -> None:
        self._ledger, self._notices, self._calls = ledger, notices, calls
        self._pages = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined)
        self._pages.filters.update(money=money)

    def page(self, name: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page from its template."""
        values = {"states": STATES, "main_line": [s.value for s in MAIN_LINE], **values}
        return HTMLResponse(self._pages.get_template(name).render(values), status)

    def missing(self, what: str) -> HTMLResponse:
        """The page that says that there is no such thing."""
        return self.page("missing.html", 404, what=what)

    def healthz(self) -> JSONResponse:
        """Whether the ledger can be read."""
        return JSONResponse({"ok": True, "head": self._ledger.head()})

    def queue(self, state: str = "", after: Annotated[str, Query(max_length=200)] = "") -> HTMLResponse:
        """Applications by id, of one state or all, a page at a time."""
        if state and state not in set(State):
            return self.missing(state)
        rows = self._ledger.rows(state or None, None, after, _PAGE + 1)
        return self.page(
            "queue.html",
            rows=rows[:_PAGE],
            more=rows[_PAGE - 1].id if len(rows) > _PAGE else "",
            state=state,
            counts=self._ledger.counts(),
            calls=[rules.call for rules in self._calls.values()],
            head=self._ledger.head(),
        )

    def case(self, application_id: str) -> HTMLResponse:
        """One application: where it stands, and everything that happened, with who, when, why and what was told."""
        stored = list(self._ledger.stored(application=application_id))
        events = [decode(s.body) for s in stored]
        application = fold(events) if events and events[0].type != REFUSED else None
        if application is None or application.call_id not in self._calls:
            return self.missing(application_id)
        call = self._calls[application.call_id].call
        told: dict[int, list[Notice]] = {}
        for notice in self._notices.notices(application_id):
            told.setdefault(notice.position, []).append(notice)
        due = sorted((at, name) for name, at in application.deadlines.items() if "~" not in name)
        return self.page(
            "case.html",
            a=application,
            call=call,
            entries=[_entry(e, s, call, told) for e, s in zip(events, stored, strict=True)],
            passed=_passed(events),
            waiting=[(local_time(at, call), _period(call, name)) for at, name in due],
            topic=_topic(application, call),
        )

    def mail(self, application_id: str, position: int, template: str, recipient: str) -> HTMLResponse:
        """One mail as it was sent."""
        for notice in self._notices.notices(application_id, position - 1):
            if (notice.position, notice.template, notice.recipient) == (position, template, recipient):
                message = message_from_bytes(notice.body, policy=default)
                part = message.get_body(("plain",))
                text = part.get_content() if part is not None else ""
                return self.page("mail.html", notice=notice, message=message, text=text, digest=notice.digest.hex())
        return self.missing(f"{application_id} {position}")


def build(ledger: Ledger, notices: Notices, calls: Mapping[str, Rules]) -> FastAPI:
    """The web application over a ledger."""
    app = FastAPI(title="fundcall", docs_url=None, redoc_url=None, openapi_url="/api/v1/openapi.json")
    site = Site(ledger, notices, calls)
    app.mount("/static", StaticFiles(directory=_FOLDER / "static"), name="static")
    app.get("/healthz")(site.healthz)
    app.get("/", response_class=HTMLResponse)(site.queue)
    app.get("/applications/{application_id}", response_class=HTMLResponse)(site.case)
    mail = "/applications/{application_id}/mails/{position}/{template}/{recipient}"
    app.get(mail, response_class=HTMLResponse)(site.mail)

    @app.middleware("http")
    async def headers(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await answer(request)
        response.headers.update(_HEADERS)
        return response

    @app.exception_handler(404)
    async def not_found(request: Request, _: Exception) -> Response:
        return site.missing(request.url.path)

    @app.exception_handler(Exception)
    async def broken(_: Request, __: Exception) -> Response:
        return site.page("broken.html", 500)

    return app


def _entry(event: Recorded, stored: Stored, call: FundingCall, told: Mapping[int, list[Notice]]) -> dict[str, Any]:
    return {
        "event": event,
        "at": local_time(event.effective_at, call),
        "leaf": stored.leaf.hex(),
        "words": describe(event, call),
        "title": EVENTS.get(event.type, event.type),
        "notices": told.get(event.position, []),
    }


def _passed(events: list[Recorded]) -> set[str]:
    """The states of the main line that the application has been in."""
    found: set[str] = set()
    application: Application | None = None
    for event in events:
        application = fold([event], application)
        if application is not None:
            found.add(application.state.value)
    return found


def _period(call: FundingCall, name: str) -> str:
    period = call.periods.get(name.partition(":")[0])
    detail = name.partition(":")[2]
    return f"{period.zh} {period.en} {detail}".strip() if period else name


def _topic(application: Application, call: FundingCall) -> str:
    topic = call.topics.get(application.topic)
    return f"{topic.title_zh} · {topic.title_en}" if topic else ""

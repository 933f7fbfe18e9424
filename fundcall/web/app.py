"""The first pages: the queue, one application's timeline, and its mails. They read; nothing here changes anything."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from fundcall.web.words import STATES, describe, local_time, money
from states.application import MAIN_LINE, Application, State
from states.events import REFUSED, Recorded
from states.fold import fold
from workflow.ports import Ledger, Notice, Notices
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


def build(ledger: Ledger, notices: Notices, calls: Mapping[str, Rules]) -> FastAPI:
    """The application over a ledger."""
    app = FastAPI(title="fundcall", docs_url=None, redoc_url=None, openapi_url="/api/v1/openapi.json")
    pages = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined)
    pages.filters.update(money=money)
    app.mount("/static", StaticFiles(directory=_FOLDER / "static"), name="static")

    def page(name: str, status: int = 200, **values: Any) -> HTMLResponse:
        values = {"states": STATES, "main_line": [s.value for s in MAIN_LINE], **values}
        return HTMLResponse(pages.get_template(name).render(values), status)

    def missing(what: str) -> HTMLResponse:
        return page("missing.html", 404, what=what)

    @app.middleware("http")
    async def headers(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await answer(request)
        response.headers.update(_HEADERS)
        return response

    @app.exception_handler(404)
    async def not_found(request: Request, _: Exception) -> Response:
        return missing(request.url.path)

    @app.exception_handler(Exception)
    async def broken(request: Request, _: Exception) -> Response:
        return page("broken.html", 500)

    @app.get("/healthz")
    def healthz() -> JSONResponse:
        return JSONResponse({"ok": True, "head": ledger.head()})

    @app.get("/", response_class=HTMLResponse)
    def queue(state: str = "", after: str = Query("", max_length=200)) -> HTMLResponse:
        if state and state not in set(State):
            return missing(state)
        rows = ledger.rows(state or None, None, after, _PAGE + 1)
        more = rows[_PAGE - 1].id if len(rows) > _PAGE else ""
        counts = ledger.counts()
        titles = [call.call for call in calls.values()]
        return page(
            "queue.html", rows=rows[:_PAGE], more=more, state=state, counts=counts, calls=titles, head=ledger.head()
        )

    @app.get("/applications/{application_id}", response_class=HTMLResponse)
    def case(application_id: str) -> HTMLResponse:
        stored = list(ledger.stored(application=application_id))
        events = [decode(s.body) for s in stored]
        application = fold(events) if events and events[0].type != REFUSED else None
        if application is None or application.call_id not in calls:
            return missing(application_id)
        call = calls[application.call_id].call
        told: dict[int, list[Notice]] = {}
        for notice in notices.notices(application_id):
            told.setdefault(notice.position, []).append(notice)
        entries = [
            {
                "event": event,
                "at": local_time(event.effective_at, call),
                "leaf": s.leaf.hex(),
                "words": describe(event, call),
                "notices": told.get(event.position, []),
            }
            for event, s in zip(events, stored, strict=True)
        ]
        passed = _passed(events)
        due = sorted((at, name) for name, at in application.deadlines.items() if "~" not in name)
        waiting = [(local_time(at, call), _period(call, name)) for at, name in due]
        return page("case.html", a=application, call=call, entries=entries, passed=passed, waiting=waiting,
                    topic=_topic(application, call))  # fmt: skip

    @app.get("/applications/{application_id}/mails/{position}/{template}/{recipient}", response_class=HTMLResponse)
    def mail(application_id: str, position: int, template: str, recipient: str) -> HTMLResponse:
        for notice in notices.notices(application_id, position - 1):
            if (notice.position, notice.template, notice.recipient) == (position, template, recipient):
                message = message_from_bytes(notice.body, policy=default)
                part = message.get_body(("plain",))
                text = part.get_content() if part is not None else ""
                return page("mail.html", notice=notice, message=message, text=text, digest=notice.digest.hex())
        return missing(f"{application_id} {position}")

    return app


def _passed(events: list[Recorded]) -> set[str]:
    """The states of the main line that the application has been in."""
    found: set[str] = set()
    application: Application | None = None
    for event in events:
        application = fold([event], application)
        if application is not None:
            found.add(application.state.value)
    return found


def _period(call: Any, name: str) -> str:
    period = call.periods.get(name.partition(":")[0])
    detail = name.partition(":")[2]
    return f"{period.zh} {period.en} {detail}".strip() if period else name


def _topic(application: Application, call: Any) -> str:
    topic = call.topics.get(application.topic)
    return f"{topic.title_zh} · {topic.title_en}" if topic else ""

"""The web application: the API, and the first pages (the queue, one application's timeline, its mails), which only read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.policy import default
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from anyio import to_thread
from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.types import ASGIApp

from fundcall.web.api import PREFIX, mount
from fundcall.web.api.asking import Api
from fundcall.web.api.documents import bytes_max
from fundcall.web.edge import Edge
from fundcall.web.problems import Problem, answered, missing
from fundcall.web.words import EVENTS, STATES, describe, local_time, money
from states.application import MAIN_LINE, Application, State
from states.events import REFUSED, Recorded
from states.fold import fold
from states.funding_call import FundingCall
from workflow.ports import Ledger, Notice, Notices, Stored
from workflow.record import decode
from workflow.rules import Rules

_PAGE = 50
BODY_MAX = 256 * 1024
"""What a request other than an upload may bring, in bytes."""
_THREADS = 128
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


def build(site: Site | None, api: Api) -> ASGIApp:
    """The web application: the API, and the pages where a site is given (they ask nobody who he is)."""
    app = FastAPI(
        title="fundcall",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        lifespan=_roomy,
    )
    mount(app, api)

    @app.get("/healthz", tags=["运行 · operation"])
    def healthz() -> dict[str, Any]:
        """Whether the ledger can be read."""
        return {"ok": True, "head": api.handler.ledger.head()}

    if site is not None:
        _pages(app, site)

    @app.exception_handler(StarletteHTTPException)
    async def refused(request: Request, wrong: Exception) -> Response:
        status = wrong.status_code if isinstance(wrong, StarletteHTTPException) else 500
        if site is not None and not request.url.path.startswith(PREFIX):
            return site.missing(request.url.path)
        return answered(_of_status(status, request.url.path))

    @app.exception_handler(Exception)
    async def broken(request: Request, __: Exception) -> Response:
        if site is not None and not request.url.path.startswith(PREFIX):
            return site.page("broken.html", 500)
        return answered(Problem(500, "broken", "系统出错，您的请求可能未完成", "something broke; your request may not be done",
                                "请以同一 Idempotency-Key 重试；仍然失败请联系管理员。",
                                "Try again with the same Idempotency-Key, then ask the administrator."))  # fmt: skip

    documents = bytes_max(api)
    limit = partial(_limit, documents)
    return Edge(
        app, api.now, api.at, limit, [(name.lower().encode(), value.encode()) for name, value in _HEADERS.items()]
    )


def _pages(app: FastAPI, site: Site) -> None:
    app.mount("/static", StaticFiles(directory=_FOLDER / "static"), name="static")
    pages: tuple[tuple[str, Callable[..., HTMLResponse]], ...] = (
        ("/", site.queue),
        ("/applications/{application_id}", site.case),
        ("/applications/{application_id}/mails/{position}/{template}/{recipient}", site.mail),
    )
    for path, page in pages:
        app.get(path, response_class=HTMLResponse, include_in_schema=False)(page)


def _limit(documents: int, path: str) -> int:
    return documents if path.endswith("/documents") else BODY_MAX


@asynccontextmanager
async def _roomy(_: FastAPI) -> AsyncIterator[None]:
    """Let many readers and uploads be at work, each in a thread of its own."""
    to_thread.current_default_thread_limiter().total_tokens = _THREADS
    yield


def _of_status(status: int, path: str) -> Problem:
    if status == 405:
        return Problem(405, "method_not_allowed", "该地址不支持此方法", "this address does not take that method")
    return missing(path) if status == 404 else Problem(status, "refused", "请求被拒绝", "the request was refused")


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

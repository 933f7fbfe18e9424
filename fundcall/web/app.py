"""The web application: the API, and the pages beside it, behind one edge."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from anyio import to_thread
from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.routing import Route as Plain
from starlette.types import ASGIApp

from fundcall.accounts.entrance import Entrance
from fundcall.accounts.news import News
from fundcall.accounts.people import Account
from fundcall.accounts.readings import Readings
from fundcall.web.account import AccountPages
from fundcall.web.administration import Administration, AdministrationPages
from fundcall.web.api import mount
from fundcall.web.api.asking import PREFIX, Api
from fundcall.web.api.documents import bytes_max
from fundcall.web.audit import add as add_audit
from fundcall.web.beside import Beside
from fundcall.web.boards import add as add_boards
from fundcall.web.bulk import Bulk
from fundcall.web.cases import Cases
from fundcall.web.edge import Edge
from fundcall.web.entry import Entry
from fundcall.web.files import KeptFiles
from fundcall.web.filing.beginning import Beginning
from fundcall.web.filing.desk import Desk
from fundcall.web.filing.files import Files
from fundcall.web.filing.form import Forms
from fundcall.web.filing.submission import Submission
from fundcall.web.frame import Frame
from fundcall.web.home import Home
from fundcall.web.inbox import Inbox
from fundcall.web.mail_desk import NoticePages
from fundcall.web.mail_words import WordPages
from fundcall.web.mails import Samples
from fundcall.web.moves import Moves
from fundcall.web.news import NewsPages
from fundcall.web.objections import Objections
from fundcall.web.other_ways import OtherWays, Provider
from fundcall.web.pages import STATIC, Pages
from fundcall.web.peers import Headers, Proxies
from fundcall.web.policy import Door, asks
from fundcall.web.problems import Problem, answered, broke, missing
from fundcall.web.publication import Publications
from fundcall.web.queue import Queue, Views
from fundcall.web.reviews import Reviews
from fundcall.web.runs import Kept
from fundcall.web.telling import Telling, Told, log
from fundcall.web.unit import UnitPage
from fundcall.web.watching import Meter
from fundcall.web.watching import add as add_watching
from workflow.checks import Checks
from workflow.maildesk import MailDesk
from workflow.notices import Notices
from workflow.publication import Noticeboard

BODY_MAX = 256 * 1024
"""What a request other than an upload may bring, in bytes."""
_SENT_BY_PAGE_MAX = 2**30
_THREADS = 128
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
_HSTS = "max-age=31536000; includeSubDomains"


class OfficeStore(Views, Kept, Protocol):
    """What the office keeps beside the ledger."""


@dataclass(frozen=True, slots=True)
class Site:
    """What the pages need beside the API: who people are, what was told, and where it all is."""

    entrance: Entrance
    notices: Notices
    office: OfficeStore
    public_url: str
    demo: Mapping[str, Account]
    readings: Readings
    desk: MailDesk
    administration: Administration
    news: News
    trusted: Sequence[str]
    checks: Checks | None = None
    provider: Provider | None = None
    certificates: tuple[str, str, str] = ("", "", "")


def build(site: Site, api: Api) -> ASGIApp:
    """The web application: the API for programs, the pages for people."""
    app = FastAPI(
        title="fundcall",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        lifespan=_roomy,
        redirect_slashes=False,  # its redirect would name whatever host the request claims
    )
    for route in app.routes:
        if isinstance(route, Plain) and route.path == app.openapi_url:
            asks(Door.OPEN)(route.endpoint)
    health = site.administration.health
    meter = Meter(health)
    add_watching(app, health, meter, api.gate)
    app.mount("/static", asks(Door.OPEN)(KeptFiles(directory=STATIC)), name="static")
    clauses_en = {zh: en for rules in api.handler.calls.values() for zh, en in rules.call.clauses_en.items()}
    pages = Pages(openid=site.provider is not None, clauses_en=clauses_en)
    frame = Frame(app, pages, site.entrance, api.now, site.public_url)
    _add_pages(app, frame, site, api)
    mount(app, api)  # after the pages: their routes are tried faster than the API's
    _answer_faults(app, frame)
    headers = {**_HEADERS, "Strict-Transport-Security": _HSTS} if frame.secure else _HEADERS
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    edge = Edge(app, api.now, api.at, partial(_limit, bytes_max(api)), pairs, site.readings.keep)

    def tell(told: Told) -> None:
        meter.count(told)
        log(told)

    return Telling(edge, app, Proxies(site.trusted, Headers(*site.certificates)), tell)


def _add_pages(app: FastAPI, frame: Frame, site: Site, api: Api) -> None:
    """The pages of every desk, and those for anybody."""
    OtherWays(frame, Entry(frame, site.demo), site.provider)
    AccountPages(frame)
    UnitPage(frame, api.handler)
    AdministrationPages(frame, site.administration)
    Home(frame, api.handler, site.desk)
    Bulk(frame, api, site.office)
    Cases(frame, api.handler, site.notices, Queue(frame, api.handler, site.office), Beside(frame, api))
    Moves(frame, api)
    NoticePages(frame, site.desk)
    Inbox(frame, api.handler.ledger, site.desk.notices, api.calls)
    WordPages(frame, site.desk, api.calls)
    Samples(frame, site.desk, api.calls)
    Reviews(frame, api)
    desk = Desk(frame, api)
    for part in (Beginning, Forms, Files, Submission):
        part(desk)
    boards = {name: Noticeboard(api.handler.ledger, call) for name, call in api.calls.items()}
    Publications(frame, boards)
    NewsPages(frame, site.news, app)
    add_boards(frame, api)
    add_audit(frame, api, site.readings, site.checks)
    Objections(frame, api.handler, boards, app, PREFIX)


def _answer_faults(app: FastAPI, frame: Frame) -> None:
    """Whatever goes wrong is told as a problem to programs and as a page to people."""

    @app.exception_handler(StarletteHTTPException)
    async def refused(request: Request, wrong: Exception) -> Response:
        status = wrong.status_code if isinstance(wrong, StarletteHTTPException) else 500
        problem = _of_status(status, request.url.path)
        if request.url.path.startswith(PREFIX):
            return answered(problem)
        return await run_in_threadpool(frame.told, request, problem)

    @app.exception_handler(Exception)
    async def broken(request: Request, __: Exception) -> Response:
        problem = broke()
        return answered(problem) if request.url.path.startswith(PREFIX) else frame.told_blindly(request, problem)


def _limit(documents: int, path: str) -> int:
    """What a request to a path may bring. A file that somebody sends by a page is refused in words by the page itself, which
    keeps none of it: a browser that is cut off in the middle shows nothing.
    """
    if path.startswith("/applications/") and "/files/" in path:
        return _SENT_BY_PAGE_MAX
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

"""What browsers and proxies bring: addresses of lists and boards with their cursors, heads of requests, certificates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from fastapi import Request
from starlette.datastructures import QueryParams
from starlette.types import Message, Receive, Scope, Send

from fundcall.accounts.people import Certificate
from fundcall.calls.load import load
from fundcall.storage.ledger import SqliteLedger
from fundcall.web.api.asking import command_id, version_seen
from fundcall.web.audit.moment import instant_asked, number_asked, wall_text
from fundcall.web.boards.desk import Query
from fundcall.web.edge import Edge
from fundcall.web.frame import _language
from fundcall.web.peers import CERTIFICATE, Headers, Proxies, certificate_facts, from_this_machine
from fundcall.web.problems import Problem
from fundcall.web.visit import Visit, local
from fundcall.web.wish import nothing_to_find, read_wish, sorted_by
from states.actor import Actor, Role
from states.unit_code import SCHEMES
from tests.drive import F1, sqlite_ledger, world
from tests.filings import CLIMATE, uscc
from tests.fuzzing.driving import ended
from tests.fuzzing.target import Target
from workflow.desk import SORTED

_NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
_CALLS = {name: load(name) for name in ("shanghai-ai-plus-2025", "community-climate-2026")}
_HEADERS = Headers("X-Certificate-Subject", "X-Certificate-Unit", "X-Certificate-Name")
_ACTOR = Actor("auditor-1", Role.AUDITOR)


@cache
def _office() -> tuple[TemporaryDirectory[str], SqliteLedger]:
    """A ledger with an application, for as long as this process lasts."""
    folder = TemporaryDirectory(prefix="fundcall-fuzzing-")
    ledger = sqlite_ledger(Path(folder.name))
    world(CLIMATE.call, ledger).submitted()
    return folder, ledger


def _queue(content: bytes) -> None:
    """The list that an address asks for is really asked for."""
    wish = read_wish(QueryParams(parse_qsl(content.decode("utf-8", "replace"))), F1, _CALLS, _NOW)
    nothing_to_find(wish)
    for column in SORTED[1:]:
        sorted_by(wish, column)
    ledger = _office()[1]
    for row in ledger.queue(wish.wanted, wish.order, 50, wish.past, back=wish.back):
        assert wish.wanted.terms or wish.wanted.fits(row)
    ledger.queue_counts(wish.wanted)


def _queues() -> Sequence[bytes]:
    asked = ['q=上海 A1&state=submitted&due=7&from=1,000.50&upto=9e3&sort=-requested_minor,title&after=[250000,"x","app-1"]',
             'call=community-climate-2026&topic=gardens&findings=open&hold=mine&due=2026-03-31&before=["2026-03-01T00:00:00.000000Z","app-1"]',
             "flag=score_late&phase=checking&topic=direction:ict&hold=free&due=none", 'sort=due_at&after=["9",""]']  # fmt: skip
    return ["&".join(f"{n}={quote(v)}" for n, v in parse_qsl(one)).encode() for one in asked]


def _board(content: bytes) -> None:
    """What a board is asked for; what cannot be read is told and the default holds."""
    query = Query(dict(parse_qsl(content.decode("utf-8", "replace"))))
    assert 0 <= query.offset() <= 1_000_000
    query.whole("cut", None, 0, 1_000_000)
    query.choice("measure", ("mean", "trimmed", "z"), "mean")
    query.day("month", "2026-03", month=True)
    query.day("day", "2026-03-31")


def _head(content: bytes) -> None:
    """A request line, then headers: all that is read of a head, by the edge and behind it. What uvicorn itself refuses
    (addresses that are not ASCII, lengths beyond 64 bits) does not come so far.
    """
    line, *lines = content.split(b"\n")
    if not line.isascii():
        return
    path, _, query = line.partition(b"?")
    parts = (one.partition(b":") for one in lines)
    named = ((name.strip().lower(), value.strip()) for name, _, value in parts)
    headers = [(name, value) for name, value in named if name != b"content-length" or len(value) < 19]
    scope = {"type": "http", "method": "GET", "scheme": "https", "path": unquote(path.decode()), "root_path": "",
             "query_string": query, "headers": headers, "client": ("10.0.0.1", 1), "server": ("fund.example", 443)}  # fmt: skip
    edge = Edge(_behind, lambda: _NOW, None, lambda _: 1000, [], lambda _: None)
    ended(edge(scope, _receive, _send))


async def _behind(scope: Scope, receive: Receive, send: Send) -> None:
    Proxies(["10.0.0.0/8", "::1"], _HEADERS).settle(scope)
    from_this_machine(scope)
    _check_certificate(scope["state"].get(CERTIFICATE))
    certificate_facts(scope)
    request = Request(scope, receive)
    visit = Visit(request, _NOW, _NOW, _language(request), request.cookies.get("fundcall", ""), None)
    for text in (visit.here, visit.agent, visit.address, visit.form_token):
        text.encode("utf-8", "surrogatepass")
    assert visit.same_origin in (True, False)
    assert local(visit.query("next")).startswith("/")
    if (at := instant_asked(visit, "at")) is not None:
        wall_text(at)
    number_asked(visit, "event", 1, 1000)
    version_seen(request)
    command_id(request, _ACTOR)


def _check_certificate(one: Certificate | None) -> None:
    assert one is None or any(valid(one.unit) for valid in SCHEMES.values())


async def _receive() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _send(message: Mapping[str, Any]) -> None:
    assert message["type"].startswith("http.response.")


def _heads() -> Sequence[bytes]:
    certificate = f"X-Certificate-Subject: CN=key-1\nX-Certificate-Unit: {uscc(1)}\nX-Certificate-Name: {quote('单位（上海）')}\nX-Forwarded-For: 1.2.3.4, ::ffff:10.0.0.2"
    ours = "Origin: https://fund.example\nHost: fund.example\nSec-Fetch-Site: same-origin\nCookie: fundcall=abc; fundcall-language=en"
    given = 'Content-Length: 12\nIf-Match: "7"\nIdempotency-Key: 1\nUser-Agent: x'
    asked = "/audit/case?at=2026-06-30T00:00%2B08:00&event=7&next=/applications?x=1"
    return [f"{asked}\n{certificate}\n{given}".encode(), f"{asked}\n{ours}\n{given}".encode(), f"/\n{given}\n{ours}".encode()]  # fmt: skip


TARGETS = (
    Target("queues", "addresses of the office's queue", _queue, _queues, (Problem,), runs=100),
    Target(
        "boards", "addresses of boards", _board, lambda: [b"offset=50&cut=3&measure=z&month=2026-03&day=2026-03-31"]
    ),
    Target("heads", "heads of requests, what proxies tell of certificates among them", _head, _heads, (Problem,)),
)

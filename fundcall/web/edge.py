"""What every request meets first: the stamp of its arrival, the limit on its body, the log of who reads what. Plain ASGI."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fundcall.accounts.readings import READER, Reading, reading_of
from fundcall.web.problems import problem, unavailable
from workflow.ports import Unavailable

RECEIVED_AT = "received_at"
ARRIVED_NS = "arrived_ns"
ENDED_NS = "ended_ns"
"""Where a request's scope holds when its head arrived, and the last of its body: nanoseconds since 1970 on the machine's
clock; missing if not known.
"""
BODY_MAX_SECONDS = 60
"""For how long after its head a body may come in and still count as of the head: a slow line is nobody's fault, yet nobody
opens a request before a deadline to write it after.
"""


class Edge:
    """Stamps `received_at` as the instant at which a request's head arrived, before any queue (`at` tells it where the
    kernel noted it, else it is now), stops bodies that are too large, and has it written down who reads what. A request whose
    body was held back for longer than `BODY_MAX_SECONDS` arrived when the last of it did.

    A body announced as too large is refused before any of it is read; one that turns out so, as soon as it does.
    `limit` says how many bytes a request to that path may bring; `headers` are added to every answer
    that does not say otherwise. `log` is told who asked for what before the answer goes out: what it cannot write down
    (Unavailable) is not told.
    """

    def __init__(
        self,
        app: ASGIApp,
        now: Callable[[], datetime],
        at: Callable[[int], datetime] | None,
        limit: Callable[[str], int],
        headers: list[tuple[bytes, bytes]],
        log: Callable[[Reading], None],
    ) -> None:
        self.app, self._now, self._at, self._limit, self._headers = app, now, at, limit, headers
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state[RECEIVED_AT] = self._when(state, ARRIVED_NS)

        async def framed(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(pair for pair in self._headers if pair[0] not in told)]
            await send(message)

        limit = self._limit(scope["path"])
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > limit:
            await _too_large(framed, limit)
            return

        def ended() -> None:
            last = self._when(state, ENDED_NS)
            if last - state[RECEIVED_AT] > timedelta(seconds=BODY_MAX_SECONDS):
                state[RECEIVED_AT] = last

        counter = _Counter(receive, _Logged(self._keep, scope, framed).send, limit, ended)
        with suppress(ClientDisconnect):  # there is nobody to answer, or we have answered that it is too much
            await self.app(scope, counter.receive, counter.send)

    def _when(self, state: dict[str, Any], what: str) -> datetime:
        """When the kernel had it, else now."""
        noted = state.get(what)
        return self._at(noted) if self._at and noted else self._now()

    async def _keep(self, scope: Scope, status: int) -> None:
        reader = scope["state"].get(READER)
        found = reading_of(reader, scope["method"], scope["path"], status, self._now()) if reader is not None else None
        if found is not None:
            await run_in_threadpool(self._log, found)


class _Logged:
    """Lets an answer out once it is written down who reads what; in the place of one that is not, says that."""

    def __init__(self, keep: Callable[[Scope, int], Awaitable[None]], scope: Scope, send: Send) -> None:
        self._keep, self._scope, self._send = keep, scope, send
        self._withheld = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            try:
                await self._keep(self._scope, message["status"])
            except Unavailable:
                self._withheld = True
                await _told(self._send, unavailable().body)
        if not self._withheld:
            await self._send(message)


class _Counter:
    """Counts a body as it comes; once it is too large the answer is ours and the application is told of a hang-up. `ended` is
    called when it is whole.
    """

    def __init__(self, receive: Receive, send: Send, limit: int, ended: Callable[[], None]) -> None:
        self._receive, self._send, self._limit, self._ended = receive, send, limit, ended
        self._seen = 0
        self._answered = self._over = False

    async def receive(self) -> Message:
        if self._over:
            return {"type": "http.disconnect"}
        message = await self._receive()
        self._seen += len(message.get("body", b""))
        if self._seen <= self._limit:
            if message["type"] == "http.request" and not message.get("more_body", False):
                self._ended()
            return message
        self._over = True
        if not self._answered:
            await _too_large(self._send, self._limit)
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if not self._over:
            self._answered = True
            await self._send(message)


async def _too_large(send: Send, limit: int) -> None:
    do = ("请压缩或拆分文件后重试。", "Make the file smaller, or split it, and try again.")
    await _told(send, problem(413, "too_large", f"请求超过 {limit} 字节", f"more than {limit} bytes", *do))


async def _told(send: Send, wrong: dict[str, Any]) -> None:
    body = orjson.dumps(wrong)
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": wrong["status"], "headers": headers})
    await send({"type": "http.response.body", "body": body})

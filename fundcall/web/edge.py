"""What every request meets first: the stamp of its arrival, and the limit on its body. Plain ASGI."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fundcall.web.problems import problem

RECEIVED_AT = "received_at"
ARRIVED_NS = "arrived_ns"
"""Where a request's scope holds when its head arrived: nanoseconds since 1970 on the machine's clock; missing if not known."""


class Edge:
    """Stamps `received_at` as the instant at which a request's head arrived, before any queue (`at` tells it where the
    kernel noted it, else it is now), and stops bodies that are too large.

    A body announced as too large is refused before any of it is read; one that turns out so, as soon as it does.
    `limit` says how many bytes a request to that path may bring; `headers` are added to every answer
    that does not say otherwise.
    """

    def __init__(
        self,
        app: ASGIApp,
        now: Callable[[], datetime],
        at: Callable[[int], datetime] | None,
        limit: Callable[[str], int],
        headers: list[tuple[bytes, bytes]],
    ) -> None:
        self._app, self._now, self._at, self._limit, self._headers = app, now, at, limit, headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        arrived = state.get(ARRIVED_NS)
        state[RECEIVED_AT] = self._at(arrived) if self._at and arrived else self._now()

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

        counter = _Counter(receive, framed, limit)
        await self._app(scope, counter.receive, counter.send)


class _Counter:
    """Counts a body as it comes; once it is too large the answer is ours and the application is told of a hang-up."""

    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self._receive, self._send, self._limit = receive, send, limit
        self._seen = 0
        self._answered = self._over = False

    async def receive(self) -> Message:
        if self._over:
            return {"type": "http.disconnect"}
        message = await self._receive()
        self._seen += len(message.get("body", b""))
        if self._seen <= self._limit:
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
    body = orjson.dumps(
        problem(
            413,
            "too_large",
            f"请求超过 {limit} 字节",
            f"more than {limit} bytes",
            "请压缩或拆分文件后重试。",
            "Make the file smaller, or split it, and try again.",
        )
    )
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})

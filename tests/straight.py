"""Requests given to the application as it stands, in one loop and without a server or a client's ceremony: quick enough
to ask for every address as everybody, and to live a test's whole day before it.
"""

from __future__ import annotations

import asyncio
import atexit
import threading
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urlencode

import httpx2

HOST = "fund.example"
PEER = "192.0.2.1"


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def header(self, name: str) -> str:
        return "; ".join(value for one, value in self.headers if one == name)


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """One loop, in a thread of its own, for requests from any thread (a browser's loop may be running in this one)."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def stop() -> None:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    atexit.register(stop)
    return loop


class Straight:
    """The application; all that is asked of any runs in one loop."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        peer: str = PEER,
    ) -> Answer:
        """One request. What the application raises is raised here, but for what it tells as a 500."""
        given = {"host": HOST, "content-length": str(len(body)), **(headers or {})}
        pairs = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in given.items()]
        return self.raw(method, path, pairs, body, peer)

    def raw(self, method: str, path: str, headers: list[tuple[bytes, bytes]], body: bytes, peer: str) -> Answer:
        """One request with just these headers."""
        name, _, query = path.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "https",
            "path": unquote(name),
            "raw_path": quote(name, safe="/%").encode(),
            "query_string": query.encode("utf-8", "surrogateescape"),
            "root_path": "",
            "headers": headers,
            "client": (peer, 50000),
            "server": (HOST, 443),
            "state": {},
        }
        return asyncio.run_coroutine_threadsafe(_asked(self.app, scope, body), _loop()).result()

    def form(self, path: str, fields: Mapping[str, str], headers: Mapping[str, str], peer: str = PEER) -> Answer:
        """A form sent off."""
        kind = {"content-type": "application/x-www-form-urlencoded", **headers}
        return self.ask("POST", path, kind, urlencode(fields, errors="surrogatepass").encode(), peer)


async def _asked(app: Any, scope: dict[str, Any], body: bytes) -> Answer:
    sent: list[dict[str, Any]] = []
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if not waiting:
            await asyncio.Event().wait()  # the client stays
        return waiting.pop()

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    try:
        await app(scope, receive, send)
    except Exception:
        if not sent or sent[0]["status"] != 500:
            raise
    start, *rest = sent
    headers = tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in start["headers"])
    return Answer(start["status"], headers, b"".join(message.get("body", b"") for message in rest))


class _Transport(httpx2.BaseTransport):
    """What a client's requests go through: straight to the application. What it raises without an answer is raised."""

    def __init__(self, app: Any, peer: str) -> None:
        self._straight, self._peer = Straight(app), peer

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        headers = [(name.lower(), value) for name, value in request.headers.raw]
        path = request.url.raw_path.decode("ascii")
        answer = self._straight.raw(request.method, path, headers, request.read(), self._peer)
        return httpx2.Response(answer.status, headers=list(answer.headers), content=answer.body, request=request)


class Client(httpx2.Client):
    """A client with cookies and forms that follows redirections, before the application itself (`app`)."""

    def __init__(self, app: Any, peer: str = PEER, *, follow_redirects: bool = True, **over: Any) -> None:
        self.app = app
        transport = _Transport(app, peer)
        super().__init__(transport=transport, base_url=f"https://{HOST}", follow_redirects=follow_redirects, **over)

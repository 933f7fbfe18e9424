"""Requests given to the application as it stands, in one loop and without a server or a client's ceremony: quick enough
to ask for every address as everybody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

HOST = "fund.example"


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


class Straight:
    """The application, and one loop for all that is asked of it."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self._runner = asyncio.Runner()

    def close(self) -> None:
        self._runner.close()

    def ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        peer: str = "192.0.2.1",
    ) -> Answer:
        """One request. What the application raises is raised here, but for what it tells as a 500."""
        raw, _, query = path.partition("?")
        given = {"host": HOST, "content-length": str(len(body)), **(headers or {})}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "https",
            "path": raw,
            "raw_path": quote(raw, safe="/%").encode(),
            "query_string": query.encode("utf-8", "surrogateescape"),
            "root_path": "",
            "headers": [(n.lower().encode("latin-1"), v.encode("latin-1")) for n, v in given.items()],
            "client": (peer, 50000),
            "server": (HOST, 443),
            "state": {},
        }
        return self._runner.run(_asked(self.app, scope, body))

    def form(self, path: str, fields: Mapping[str, str], headers: Mapping[str, str], peer: str = "192.0.2.1") -> Answer:
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

"""What is told of every request to those who look after the machine: a number, a line in the log, figures. Addresses are
told as templates, people by their role, commands by a digest: nothing personal, and no secret.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, NamedTuple

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fundcall.accounts.readings import READER
from fundcall.web.peers import Proxies
from fundcall.web.policy import inventory

HEADER = b"x-request-id"
_LOG = logging.getLogger("fundcall.requests")
_NOTES: ContextVar[dict[str, str] | None] = ContextVar("notes", default=None)


class Told(NamedTuple):
    """What is told of a request. `role` and `command` are "" where there is none."""

    request: str
    method: str
    route: str
    status: int
    seconds: float
    role: str
    command: str


def noted() -> Mapping[str, str]:
    """What is known of the request at hand, for a line of the log; nothing outside of one."""
    return _NOTES.get() or {}


def note_command(key: str) -> None:
    """Note which command the request gives, by a digest of its id on the ledger."""
    notes = _NOTES.get()
    if notes is not None:
        notes["command"] = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:16]


class Telling:
    """Wraps the edge: whatever it answers gets a number and is told to `tell`. `app` is what stands in the middle."""

    def __init__(self, edge: ASGIApp, app: FastAPI, proxies: Proxies, tell: Callable[[Told], None]) -> None:
        self.app, self._edge, self._proxies, self._tell = app, edge, proxies, tell
        self._paths = {id(route.endpoint): route.path for route in inventory(app)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._edge(scope, receive, send)
            return
        scope.setdefault("state", {})
        self._proxies.settle(scope)
        notes, began, status = {"request": secrets.token_hex(8)}, time.perf_counter(), 500
        _NOTES.set(notes)

        async def numbered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (HEADER, notes["request"].encode())]
            await send(message)

        try:
            await self._edge(scope, receive, numbered)
        finally:
            self._tell(self._told(scope, notes, status, time.perf_counter() - began))

    def _told(self, scope: Scope, notes: Mapping[str, str], status: int, seconds: float) -> Told:
        reader, method = scope["state"].get(READER), scope["method"]
        route = self._paths.get(id(scope.get("endpoint")), "")
        return Told(notes["request"], method if method in _METHODS else "other", route, status, seconds,
                    reader.role.value if reader is not None else "", notes.get("command", ""))  # fmt: skip


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def log(told: Told) -> None:
    """A line in the log."""
    fields: dict[str, Any] = told._asdict() | {"seconds": round(told.seconds, 6)}
    _LOG.info("request", extra={"fields": {name: value for name, value in fields.items() if value != ""}})

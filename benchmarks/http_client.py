"""A lean HTTP client for load: kept-alive connections on loopback, one request at a time each, no more parsing than needed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Sent:
    """One answer: its status, its body, and when it was asked for and answered (`time.perf_counter`)."""

    status: int
    body: dict[str, Any]
    asked: float
    answered: float

    @property
    def ms(self) -> float:
        """How long it took."""
        return (self.answered - self.asked) * 1000


def post(path: str, key: str, idempotency: str, body: bytes = b"{}", kind: str = "application/json") -> bytes:
    """A request as it goes over the wire."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\nIdempotency-Key: {idempotency}\r\n"
        f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Connection:
    """One kept-alive connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def send(self, request: bytes) -> Sent:
        """Send a request and wait for its answer."""
        asked = time.perf_counter()
        self._writer.write(request)
        await self._writer.drain()
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        body = await self._reader.readexactly(length)
        answered = time.perf_counter()
        found = orjson.loads(body) if body[:1] == b"{" else {}
        return Sent(int(head[9:12]), found, asked, answered)

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


async def connect(port: int, seconds: int = 20) -> Connection:
    """A new connection, once the server answers, which it does within so many seconds."""
    for _ in range(seconds * 20):
        try:
            return Connection(*await asyncio.open_connection("127.0.0.1", port))
        except OSError:
            await asyncio.sleep(0.05)
    raise TimeoutError(f"no server on port {port}")


async def closed_loop(port: int, clients: int, requests: Iterator[bytes], seconds: float) -> list[Sent]:
    """So many connections, each sending one request after another from a common supply, for so long."""
    connections = [await connect(port) for _ in range(clients)]
    until = time.perf_counter() + seconds
    found: list[Sent] = []

    async def one(connection: Connection) -> None:
        while time.perf_counter() < until and (request := next(requests, None)) is not None:
            found.append(await connection.send(request))

    await asyncio.gather(*map(one, connections))
    for connection in connections:
        connection.close()
    return found

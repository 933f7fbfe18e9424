"""A request arrives when the kernel has it, however long the server takes to look at it."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import uvicorn
from starlette.types import Message, Receive, Scope, Send

from fundcall.web.api.together import Together
from fundcall.web.arrival import StampedProtocol, listening
from fundcall.web.edge import ARRIVED_NS, BODY_MAX_SECONDS, ENDED_NS, RECEIVED_AT, Edge

_BUSY_SECONDS = 0.7
_SLACK_NS = 50_000_000


async def told(scope: Scope, receive: Receive, send: Send) -> None:
    """Says when a request arrived; /busy keeps the whole server from looking at anything else."""
    if scope["path"] == "/busy":
        time.sleep(_BUSY_SECONDS)  # noqa: ASYNC251 - on purpose
    while scope["path"] == "/ended" and (await receive())["more_body"]:
        pass
    body = str(scope["state"].get(ENDED_NS if scope["path"] == "/ended" else ARRIVED_NS)).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def server() -> Iterator[int]:
    listener = listening("127.0.0.1", 0)
    serving = uvicorn.Server(
        uvicorn.Config(told, loop="asyncio", http=StampedProtocol, lifespan="off", log_config=None)
    )
    thread = threading.Thread(target=serving.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        _until_stamped(listener.getsockname()[1])
        yield listener.getsockname()[1]
    finally:
        serving.should_exit = True
        thread.join()


def _until_stamped(port: int) -> None:
    """The kernel begins to stamp a moment after it was first asked to."""
    for _ in range(200):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            ask(connection, "/quick")
            if b"None" not in _body(connection):
                return
        time.sleep(0.01)


def ask(connection: socket.socket, path: str) -> tuple[int, int]:
    """Send a request; between which instants (ns) it was sent."""
    before = time.time_ns()
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return before, time.time_ns()


def answer(connection: socket.socket) -> int:
    return int(_body(connection))


def _body(connection: socket.socket) -> bytes:
    found = b""
    while b"\r\n\r\n" not in found or not found.partition(b"\r\n\r\n")[2]:
        found += connection.recv(4096)
    return found.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize("connected", ["before", "while busy"])
def test_a_request_that_waits_was_there_when_it_came(connected: str) -> None:
    with server() as port, socket.create_connection(("127.0.0.1", port)) as busy:
        early = socket.create_connection(("127.0.0.1", port)) if connected == "before" else None
        ask(busy, "/quick")
        answer(busy)
        ask(busy, "/busy")
        time.sleep(0.1)
        with early or socket.create_connection(("127.0.0.1", port)) as waiting:
            before, after = ask(waiting, "/quick")
            arrived = answer(waiting)
            assert time.time_ns() - after > 0.4e9
        assert before <= arrived <= after + _SLACK_NS


def test_each_request_on_a_connection_has_a_stamp_of_its_own() -> None:
    with server() as port, socket.create_connection(("127.0.0.1", port)) as connection:
        for _ in range(3):
            before, after = ask(connection, "/quick")
            assert before <= answer(connection) <= after + _SLACK_NS


def test_the_end_of_a_body_has_a_stamp_of_its_own() -> None:
    with server() as port, socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"POST /ended HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{")
        time.sleep(0.1)
        before = time.time_ns()
        connection.sendall(b"}")
        after = time.time_ns()
        assert before <= answer(connection) <= after + _SLACK_NS


@pytest.mark.parametrize(
    ("seconds", "as_of"), [(0, 0), (BODY_MAX_SECONDS, 0), (BODY_MAX_SECONDS + 1, BODY_MAX_SECONDS + 1)]
)
@pytest.mark.parametrize("noted", [True, False])
def test_a_body_that_is_held_back_makes_a_request_arrive_when_it_does(seconds: int, as_of: int, *, noted: bool) -> None:
    opened = datetime(2025, 9, 22, 7, 59, 59, tzinfo=UTC)
    clock, received = [opened], []
    pieces: list[Message] = [{"type": "http.request", "body": body, "more_body": body == b"{"} for body in (b"{", b"}")]
    state = {ARRIVED_NS: 1, ENDED_NS: 1 + seconds * 10**9} if noted else {}

    async def receive() -> Message:
        if len(pieces) == 1:
            clock[0] += timedelta(seconds=seconds)
        return pieces.pop(0)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["more_body"]:
            pass
        received.append(scope["state"][RECEIVED_AT])

    async def send(_: Message) -> None:
        """Nothing is answered."""

    edge = Edge(
        app, lambda: clock[0], lambda ns: opened + timedelta(microseconds=ns // 1000), lambda _: 9, [], lambda _: None
    )
    asyncio.run(edge({"type": "http", "path": "/", "method": "POST", "headers": [], "state": state}, receive, send))
    assert received == [opened + timedelta(seconds=as_of)]


def test_who_comes_while_a_group_is_answered_is_answered_with_the_next() -> None:
    groups: list[list[int]] = []

    def doubled(asked: Sequence[int]) -> list[int | Exception]:
        groups.append(list(asked))
        time.sleep(0.05)
        return [ValueError("odd") if one % 2 else 2 * one for one in asked]

    async def all_at_once() -> list[int | BaseException]:
        together: Together[int, int] = Together(doubled)
        return await asyncio.gather(*map(together.ask, range(5)), return_exceptions=True)

    found = asyncio.run(all_at_once())
    assert [str(one) for one in found] == ["0", "odd", "4", "odd", "8"]
    assert groups == [[0, 1, 2, 3, 4]]


def test_where_a_whole_group_fails_everyone_is_told_and_the_next_is_answered() -> None:
    broken = [True]

    def once(asked: Sequence[str]) -> list[str | Exception]:
        if broken.pop():
            broken.append(False)
            raise OSError("the disk is full")
        broken.append(False)
        return list(asked)

    async def twice() -> tuple[Sequence[str | BaseException], str]:
        together: Together[str, str] = Together(once)
        first = await asyncio.gather(together.ask("a"), together.ask("b"), return_exceptions=True)
        return first, await together.ask("c")

    first, second = asyncio.run(twice())
    assert ([str(one) for one in first], second) == (["the disk is full", "the disk is full"], "c")

"""When a request arrived, as the kernel saw it: before this process had its turn, however busy the machine is.

Linux notes with each piece that a socket receives when its last packet came in (socket(7), SO_TIMESTAMPNS), also for
connections that nobody has accepted yet. Elsewhere the stamp is that of the event loop taking the piece up.
"""

from __future__ import annotations

import socket
import struct
import sys
from contextlib import suppress
from typing import Any
from weakref import WeakValueDictionary

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from fundcall.web.edge import ARRIVED_NS, ENDED_NS

SO_TIMESTAMPNS = 35  # asm-generic/socket.h; the standard library does not name it
_SPEC = struct.Struct("@qq")  # struct timespec
_ROOM = socket.CMSG_SPACE(_SPEC.size)
_PIECE = 64 * 1024
_BACKLOG = 2048
_DRAIN_SECONDS = 3

_open: WeakValueDictionary[int, _Connection] = WeakValueDictionary()


class _Connection(socket.socket):
    """A connection that remembers when what it last received had arrived."""

    arrived_ns = 0

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Receive at most so many bytes, and no more than a piece."""
        content, notes, _, _ = self.recvmsg(min(size, _PIECE), _ROOM, flags)
        self.arrived_ns = 0
        for level, kind, value in notes:
            if (level, kind, len(value)) == (socket.SOL_SOCKET, SO_TIMESTAMPNS, _SPEC.size):
                seconds, nanoseconds = _SPEC.unpack(value)
                self.arrived_ns = seconds * 1_000_000_000 + nanoseconds
        return content


class _Listener(socket.socket):
    """A listening socket whose connections are of that kind."""

    def accept(self) -> tuple[socket.socket, Any]:
        """The next connection and where it comes from."""
        plain, address = super().accept()
        plain.setblocking(False)
        connection = _Connection(plain.family, plain.type, plain.proto, plain.detach())
        _open[connection.fileno()] = connection
        return connection, address


class StampedProtocol(HttpToolsProtocol):
    """Uvicorn's protocol, which puts the arrival of each request's head into its scope, and that of the last of its body."""

    def on_headers_complete(self) -> None:
        """The head is here: the piece that completes it is the one just received."""
        self._stamp(ARRIVED_NS)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The body is here."""
        self._stamp(ENDED_NS)
        super().on_message_complete()

    def _stamp(self, what: str) -> None:
        plain = self.transport.get_extra_info("socket")
        connection = _open.get(plain.fileno()) if plain is not None else None
        if connection is not None and connection.arrived_ns:
            self.scope["state"][what] = connection.arrived_ns


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there and has arrivals stamped by the kernel where it can. Raises OSError."""
    listener = _Listener(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if sys.platform == "linux":
            listener.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def handed(plain: socket.socket) -> socket.socket:
    """The same socket in another process, which got it as a plain one."""
    return _Listener(fileno=plain.detach())


def run(app: Any, listener: socket.socket) -> None:
    """Serve until interrupted; what was asked by then is answered, for a while. The loop is asyncio's own: uvloop reads without asking the kernel for its notes."""
    config = uvicorn.Config(
        app, loop="asyncio", http=StampedProtocol, log_config=None, access_log=False, proxy_headers=False,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )  # fmt: skip
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])

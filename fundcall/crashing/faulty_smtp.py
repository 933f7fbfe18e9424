"""A mail server that goes wrong on purpose: every fault that a relay or the line to it can show, one at a time."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum

MESSAGE_END = b"\r\n.\r\n"


class Fault(StrEnum):
    """What goes wrong, and where."""

    NONE = "none"
    SILENT = "silent banner"
    BUSY = "421 banner"
    ENDLESS = "endless banner"
    GARBAGE = "garbage banner"
    HANG_UP = "hangs up at once"
    CLOSING = "421 at MAIL"
    SENDER_REFUSED = "550 at MAIL"
    MAILBOX_BUSY = "450 at RCPT"
    LOCAL_ERROR = "451 at RCPT"
    FULL = "452 at RCPT"
    UNKNOWN_MAILBOX = "550 at RCPT"
    REJECTED = "554 at RCPT"
    DATA_LATER = "451 at DATA"
    DATA_REFUSED = "554 at DATA"
    CONTENT_LATER = "451 after the dot"
    CONTENT_REFUSED = "550 after the dot"
    POLICY = "554 after the dot"
    DROP_AT_RCPT = "drops at RCPT"
    DROP_IN_DATA = "drops within DATA"
    DROP_AFTER_DOT = "takes it, drops after the dot"
    STALL_AT_RCPT = "stalls at RCPT"
    STALL_AFTER_DOT = "takes it, stalls after the dot"
    GARBAGE_AFTER_DOT = "takes it, answers garbage"


_BANNERS = {
    Fault.BUSY: b"421 too busy\r\n",
    Fault.GARBAGE: b"\xff\xfe what is this?\r\n",
}
# The verb at which a fault shows, and its answer.
_ANSWERS = {
    Fault.CLOSING: (b"MAIL", b"421 closing"),
    Fault.SENDER_REFUSED: (b"MAIL", b"550 not you"),
    Fault.MAILBOX_BUSY: (b"RCPT", b"450 mailbox busy"),
    Fault.LOCAL_ERROR: (b"RCPT", b"451 try again"),
    Fault.FULL: (b"RCPT", b"452 full"),
    Fault.UNKNOWN_MAILBOX: (b"RCPT", b"550 no such user"),
    Fault.REJECTED: (b"RCPT", b"554 rejected"),
    Fault.DATA_LATER: (b"DATA", b"451 not now"),
    Fault.DATA_REFUSED: (b"DATA", b"554 no"),
}
_AFTER_DOT = {
    Fault.CONTENT_LATER: b"451 try again",
    Fault.CONTENT_REFUSED: b"550 refused",
    Fault.POLICY: b"554 against our policy",
    Fault.GARBAGE_AFTER_DOT: b"thank you!",
}


@dataclass
class FaultySmtp:
    """The server as a test sees it: where it listens, whom it met, and what it has really taken.

    `faults` go to connections in turn; the last one holds for all further ones.
    """

    faults: tuple[Fault, ...]
    port: int = 0
    connections: int = 0
    taken: list[bytes] = field(default_factory=list)
    wire: bytearray = field(default_factory=bytearray)
    stalled: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        fault = self.faults[min(self.connections, len(self.faults) - 1)]
        self.connections += 1
        try:
            await self._talk(fault, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _talk(self, fault: Fault, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if fault is Fault.HANG_UP:
            return
        if fault is Fault.SILENT:
            await self.stalled.wait()
        if fault is Fault.ENDLESS:
            while not self.stalled.is_set():
                writer.write(b"220-and on\r\n")
                await writer.drain()
                await asyncio.sleep(0.001)
        writer.write(_BANNERS.get(fault, b"220 faulty ESMTP\r\n"))
        while line := await reader.readline():
            self.wire += line
            if not await self._answer(fault, line[:4].upper(), reader, writer):
                return

    async def _answer(
        self, fault: Fault, verb: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Answer one command; whether the talk goes on."""
        at, answer = _ANSWERS.get(fault, (b"", b""))
        if verb == at:
            writer.write(answer + b"\r\n")
        elif verb == b"RCPT" and fault is Fault.DROP_AT_RCPT:
            return False
        elif verb == b"RCPT" and fault is Fault.STALL_AT_RCPT:
            await self.stalled.wait()
        elif verb == b"DATA":
            return await self._data(fault, reader, writer)
        else:
            writer.write({b"EHLO": b"250 faulty\r\n", b"QUIT": b"221 bye\r\n"}.get(verb, b"250 ok\r\n"))
        return verb != b"QUIT"

    async def _data(self, fault: Fault, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        writer.write(b"354 go on\r\n")
        if fault is Fault.DROP_IN_DATA:
            await reader.readline()
            return False
        data = await reader.readuntil(MESSAGE_END)
        self.wire += data
        if fault not in _AFTER_DOT or fault is Fault.GARBAGE_AFTER_DOT:
            self.taken.append(data)
        if fault is Fault.DROP_AFTER_DOT:
            return False
        if fault is Fault.STALL_AFTER_DOT:
            await self.stalled.wait()
        writer.write(_AFTER_DOT.get(fault, b"250 taken") + b"\r\n")
        return True


@asynccontextmanager
async def faulty(*faults: Fault, tls: ssl.SSLContext | None = None) -> AsyncIterator[FaultySmtp]:
    """A server with those faults, on a port of its own on loopback, for the time of the test."""
    smtp = FaultySmtp(faults or (Fault.NONE,))
    server = await asyncio.start_server(smtp.serve, "127.0.0.1", 0, ssl=tls, limit=1 << 24)
    smtp.port = server.sockets[0].getsockname()[1]
    try:
        yield smtp
    finally:
        smtp.stalled.set()
        server.close()
        await asyncio.sleep(0)

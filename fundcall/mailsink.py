"""A mail server that takes everything and keeps it in one mbox file; for the demo and for tests, on loopback only."""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO

import uvloop

_END = b"\r\n.\r\n"
_LINE_BYTES_MAX = 8192
_MESSAGE_BYTES_MAX = 32 * 1024 * 1024
_STOP_SECONDS = 10
# The From_ line of an mbox; a fixed day, as the message has a date of its own.
_SEPARATOR = b"From sink@localhost Thu Jan  1 00:00:00 1970\n"


class Sink(asyncio.Protocol):
    """One client's talk: the few commands that SMTP needs (RFC 5321), with PIPELINING; nothing is ever refused.

    A message is in the file, handed to the operating system, before it is answered with 250.
    """

    def __init__(self, mbox: BinaryIO) -> None:
        self._mbox = mbox
        self._buffer = bytearray()
        self._searched = 0
        self._in_data = False
        self._envelope: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # a stream's, always
        self._transport.write(b"220 localhost ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        answers: list[bytes] = []
        while self._step(answers):
            pass
        if answers:
            self._transport.write(b"".join(answers))
        if len(self._buffer) > (_MESSAGE_BYTES_MAX if self._in_data else _LINE_BYTES_MAX):
            self._transport.abort()
        elif answers and answers[-1].startswith(b"221"):
            self._transport.close()

    def _step(self, answers: list[bytes]) -> bool:
        """Take one line or one message from what has come; whether there was one."""
        return self._message(answers) if self._in_data else self._line(answers)

    def _line(self, answers: list[bytes]) -> bool:
        end = self._buffer.find(b"\n")
        if end < 0:
            return False
        line = bytes(self._buffer[: end + 1]).strip()
        del self._buffer[: end + 1]
        verb = line[:4].upper()
        if verb == b"DATA":
            self._in_data, self._searched = True, 0
            self._buffer[:0] = b"\r\n"  # an empty message ends at once
        elif verb in (b"MAIL", b"RSET", b"EHLO", b"HELO"):
            self._envelope = []
        if verb in (b"MAIL", b"RCPT"):
            self._envelope.append(line)
        answers.append(_ANSWERS.get(verb, b"250 OK\r\n"))
        return True

    def _message(self, answers: list[bytes]) -> bool:
        end = self._buffer.find(_END, self._searched)
        if end < 0:
            self._searched = max(0, len(self._buffer) - len(_END) + 1)
            return False
        self._mbox.write(entry(self._envelope, bytes(self._buffer[2 : end + 2])))
        self._mbox.flush()
        del self._buffer[: end + len(_END)]
        self._in_data, self._envelope = False, []
        answers.append(b"250 taken\r\n")
        return True


_ANSWERS = {
    b"EHLO": b"250-localhost\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 bye\r\n",
}


def entry(envelope: list[bytes], data: bytes) -> bytes:
    """A message as it stands in the file: envelope first, dots unstuffed, lines ending in LF, From_ lines quoted."""
    body = (b"\r\n" + data).replace(b"\r\n.", b"\r\n").replace(b"\r\n", b"\n")[1:]
    if body.startswith(b"From ") or b"\nFrom " in body:
        body = b"\n".join(b">" + line if line.startswith(b"From ") else line for line in body.split(b"\n"))
    names = (b"Delivered-To", b"Return-Path")
    head = b"".join(b"%s: %s\n" % (names[line[:1].upper() == b"M"], line.partition(b":")[2]) for line in envelope)
    return _SEPARATOR + head + body + b"\n"


class MailSink:
    """A sink in a process of its own."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def start(self, mbox: Path) -> int:
        """Start it; the port on 127.0.0.1 that it listens on. It ends with this process at the latest."""
        command = [sys.executable, "-m", "fundcall.mailsink", "--mbox", str(mbox), "--while-input"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)  # noqa: S603
        if self._process.stdout is None or not (port := self._process.stdout.readline()).strip():
            raise RuntimeError(f"the mail sink for {mbox} did not start")
        return int(port)

    def stop(self) -> None:
        """End it; the mails stay in the file."""
        if self._process is not None:
            self._process.terminate()
            self._process.communicate(timeout=_STOP_SECONDS)
            self._process = None


async def serve(mbox: Path, port: int, *, while_input: bool) -> None:
    """Take mails until cancelled, or, with `while_input`, until standard input ends. Prints the port."""
    loop = asyncio.get_running_loop()
    with mbox.open("ab") as file:
        server = await loop.create_server(lambda: Sink(file), "127.0.0.1", port, backlog=256)
        sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()
        if while_input:
            await loop.run_in_executor(None, sys.stdin.read)
        else:
            await server.serve_forever()


def main() -> None:
    """The command: python -m fundcall.mailsink --mbox FILE [--port N]."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mbox", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--while-input", action="store_true", help="end when standard input ends")
    asked = parser.parse_args()
    uvloop.run(serve(asked.mbox, asked.port, while_input=asked.while_input))


if __name__ == "__main__":
    main()

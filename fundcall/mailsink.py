"""A mail server that takes everything and keeps it in one mbox file; for the demo and for tests, on loopback only."""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO

_LIMIT = 16 * 1024 * 1024


class Sink:
    """An SMTP server of the few commands that a client needs (RFC 5321), with PIPELINING; it never refuses."""

    def __init__(self, mbox: BinaryIO) -> None:
        self._mbox = mbox
        self.taken = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk to one client until it leaves."""
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 sink ESMTP\r\n")
        recipients: list[bytes] = []
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"EHLO":
                writer.write(b"250-sink\r\n250-8BITMIME\r\n250 PIPELINING\r\n")
            elif verb == b"DATA":
                writer.write(b"354 go on\r\n")
                self._keep(recipients, await reader.readuntil(b"\r\n.\r\n"))
                recipients = []
                writer.write(b"250 taken\r\n")
            elif verb == b"QUIT":
                writer.write(b"221 bye\r\n")
                await writer.drain()
                return
            else:
                if verb == b"RCPT":
                    recipients.append(line)
                writer.write(b"250 ok\r\n")

    def _keep(self, recipients: list[bytes], data: bytes) -> None:
        body = data[:-3].replace(b"\r\n..", b"\r\n.").replace(b"\r\n", b"\n")
        envelope = b"".join(b"X-Envelope-To: " + r.strip()[8:] + b"\n" for r in recipients)
        body = b"\n".join(b">" + line if line.startswith(b"From ") else line for line in body.split(b"\n"))
        self._mbox.write(b"From sink@localhost Thu Jan  1 00:00:00 1970\n" + envelope + body + b"\n")
        self._mbox.flush()
        self.taken += 1


class MailSink:
    """A sink in a process of its own."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def start(self, mbox: Path) -> int:
        """Start it; the port on 127.0.0.1 that it listens on."""
        command = [sys.executable, "-m", "fundcall.mailsink", "--mbox", str(mbox)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
        if self._process.stdout is None:
            raise RuntimeError("the sink has no standard output")
        return int(self._process.stdout.readline())

    def stop(self) -> None:
        """End it; the mails stay."""
        if self._process is not None:
            self._process.terminate()
            self._process.communicate()
            self._process = None


async def _main(mbox: Path, port: int) -> None:
    with mbox.open("ab") as file:
        server = await asyncio.start_server(Sink(file).serve, "127.0.0.1", port, limit=_LIMIT)
        sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()
        parent = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)  # ends with whoever started it
        await parent
        server.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mbox", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    asked = parser.parse_args()
    asyncio.run(_main(asked.mbox, asked.port))

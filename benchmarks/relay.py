"""A relay that takes its time: the demo's sink, but each message is answered so long after its dot. `python -m … FILE MS`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import BinaryIO

import uvloop

from fundcall.mailsink import Sink

_END = b"\r\n.\r\n"


class SlowSink(Sink):
    """Takes the end of a message as if it had come later; clients that wait for each answer see nothing else of it."""

    def __init__(self, mbox: BinaryIO, seconds: float) -> None:
        super().__init__(mbox)
        self._seconds = seconds

    def data_received(self, data: bytes) -> None:
        if data.endswith(_END):
            asyncio.get_running_loop().call_later(self._seconds, super().data_received, data)
        else:
            super().data_received(data)


async def serve(mbox: Path, seconds: float) -> None:
    """Take mails until standard input ends. Prints the port."""
    loop = asyncio.get_running_loop()
    with mbox.open("ab") as file:
        server = await loop.create_server(lambda: SlowSink(file, seconds), "127.0.0.1", 0, backlog=256)
        print(server.sockets[0].getsockname()[1], flush=True)
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    uvloop.run(serve(Path(sys.argv[1]), int(sys.argv[2]) / 1000))

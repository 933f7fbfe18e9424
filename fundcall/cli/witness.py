"""`fundcall witness`: a witness for other ledgers (C2SP tlog-witness), on this machine only; a proxy may stand before it."""

from __future__ import annotations

from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Annotated

import typer

from fundcall.audit.witness import Book, book
from fundcall.cli.output import console
from fundcall.cli.whole import whole

_BYTES_MAX = 1 << 16


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("witness")(witness)


def witness(
    ledger: Annotated[list[str], typer.Option("--ledger", help="台账公钥 · the key of a ledger, NAME+HASH+BASE64")],
    folder: Annotated[Path, typer.Option("--folder", help="存放密钥与记录 · where its key and its book are")] = Path(
        "witness"
    ),
    name: Annotated[str, typer.Option("--name", help="见证方名称 · its name")] = "witness.invalid",
    port: Annotated[int, whole("--port", told="端口 · port")] = 8090,
) -> None:
    """为其他台账作见证：只收与上次一致的检查点，并签名 · Be a witness for other ledgers: take and cosign their checkpoints."""
    with WitnessServer(book(folder, name, ledger), port) as server:
        console.print(f"{server.book.by} http://127.0.0.1:{server.server_port}", markup=False, soft_wrap=True)
        server.serve_forever()


class WitnessServer(HTTPServer):
    """Answers with what a book says; port 0 takes a free one."""

    def __init__(self, book: Book, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Asked)
        self.book = book


class _Asked(BaseHTTPRequestHandler):
    server: WitnessServer

    def do_POST(self) -> None:
        """Take a checkpoint."""
        announced = self.headers.get("Content-Length", "")
        size = int(announced) if announced.isascii() and announced.isdecimal() and len(announced) < 10 else 0
        if self.path != "/add-checkpoint" or not 0 < size <= _BYTES_MAX:
            self.send_error(404)
            return
        status, text = self.server.book.add(self.rfile.read(size), datetime.now(UTC))
        self.send_response(status)
        self.send_header("Content-Type", "text/x.tlog.size" if status == 409 else "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing for each."""

"""The process that opens other people's files: `python -m fundcall.documents.child FD`, limited in time and memory.

It gets a first message (JSON: the anchors), then two for each file (JSON with the instant, or that its first page is to be
drawn; the bytes), and answers each file with JSON. It has no secrets in its environment, writes no files, and is thrown away when a file brings it down.
"""

from __future__ import annotations

import base64
import gc
import json
import os
import resource
import sys
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any

from asn1crypto import x509

from fundcall.documents.contents import findings_of, format_of
from fundcall.documents.preview import first_page
from fundcall.documents.report import Seal
from fundcall.documents.screen import screen
from fundcall.documents.seal import Trust, read_seals

MEMORY_BYTES = 256 << 20
"""What a file may take beyond what the process has at rest."""
CPU_SECONDS = 5
"""Processor time for one file: a crowded machine makes nobody's file bad."""
_FILES_OPEN = 32
_UNREADABLE = frozenset({"encrypted", "bomb", "too_many_objects", "too_many_pages", "too_deep"})
"""Where there is no use in looking for seals."""


def main(descriptor: int) -> None:
    """Examine files until the other side hangs up."""
    channel = Connection(descriptor)
    anchors = tuple(x509.Certificate.load(base64.b64decode(der)) for der in json.loads(channel.recv_bytes())["anchors"])
    gc.collect()
    gc.freeze()  # what is there at rest stays: looking through it again after every file would cost 40 ms
    _limit()
    channel.send_bytes(b"{}")
    while True:
        try:
            asked, content = json.loads(channel.recv_bytes()), channel.recv_bytes()
        except EOFError:
            return
        _limit_time()
        if asked.get("draw"):
            answer = drawn(content)
        else:
            answer = examined(content, Trust(anchors, datetime.fromisoformat(asked["now"])))
        channel.send_bytes(json.dumps(answer).encode())
        del content
        gc.collect()


def examined(content: bytes, trust: Trust) -> dict[str, Any]:
    """Format, pages, findings and seals of a file, as plain JSON."""
    found = set(findings_of(content))
    kind, pages = format_of(content), 0
    seals: tuple[Seal, ...] = ()
    if kind == "pdf":
        try:
            opened, pages, inside = screen(content)
            found |= inside
            if not opened:
                kind = "unknown"
                found.add("not_pdf")
            elif "encrypted" in inside:
                kind = "pdf_encrypted"
            seals = read_seals(content, trust) if opened and not inside & _UNREADABLE else ()
        except MemoryError:
            found.add("memory")
    told = [{"verdict": s.verdict, "subject": s.subject, "signed_at": s.signed_at, "time_source": s.time_source}
            for s in seals]  # fmt: skip
    return {"format": kind, "pages": pages, "findings": sorted(found), "seals": told}


def drawn(content: bytes) -> dict[str, Any]:
    """The first page as a picture."""
    try:
        png = first_page(content) if format_of(content) == "pdf" else b""
    except MemoryError:
        return {"findings": ["memory"], "png": ""}
    return {"findings": [], "png": base64.b64encode(png).decode()}


def _limit() -> None:
    """Bound memory by what is in use now, and forbid files and cores."""
    with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123 - a pseudo-file
        used = int(statm.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY_BYTES, used + MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES_OPEN, _FILES_OPEN))


def _limit_time() -> None:
    """Let the kernel end this process once it has used the time of one file (SIGXCPU)."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + 1 + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main(int(sys.argv[1]))
    os._exit(0)

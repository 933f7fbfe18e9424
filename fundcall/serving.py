"""Answering requests, in this process or in several that share one address."""

from __future__ import annotations

import gc
import os
import signal
import socket
import threading
from functools import partial

from fundcall.bootstrap import System, open_system, web
from fundcall.checks import Checks
from fundcall.demo_people import Welcome
from fundcall.documents.store import DocumentStore
from fundcall.logs import set_up
from fundcall.processes import Kept, Waits
from fundcall.settings import Settings

_GARBAGE_AFTER = 1_000


def answer(system: System, listener: socket.socket, people: Welcome | None = None) -> None:
    """Answer what comes to that address until SIGTERM or Ctrl-C. `people` are those of a demo."""
    from fundcall.web.arrival import run  # noqa: PLC0415 - slow to import, and most commands need no web
    from fundcall.web.telling import noted  # noqa: PLC0415

    documents = system.handler.documents
    if isinstance(documents, DocumentStore):
        documents.start()
    if people is None:  # a demo has a person before it
        set_up(noted)
    app = web(system, demo=people.accounts if people is not None else None, checks=Checks(system))
    _pause_shortly()
    run(app, listener)


def _pause_shortly() -> None:
    """Collect garbage often and little by little: a page leaves some two hundred objects that refer to each other, and what
    a bulk run's threshold lets gather holds everybody up for 30 to 300 ms. What the application itself is made of stays.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GARBAGE_AFTER, 20, 50)


def answering(settings: Settings, listener: socket.socket, count: int) -> list[Kept]:
    """So many processes that answer there, each over a system of its own."""
    plain = socket.socket(fileno=os.dup(listener.fileno()))
    return [Kept(f"web {n}", partial(_answer, settings, plain), parent=True) for n in range(1, count + 1)]


def _answer(settings: Settings, plain: socket.socket, over: Waits) -> None:
    from fundcall.web.arrival import handed  # noqa: PLC0415 - as above

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that began this one
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    threading.Thread(target=_end_with, args=(over,), daemon=True).start()
    system = open_system(settings)
    try:
        answer(system, handed(plain))
    finally:
        system.close()


def _end_with(over: Waits) -> None:
    over.wait()
    os.kill(os.getpid(), signal.SIGTERM)

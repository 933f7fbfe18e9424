"""Notices told by a process of their own: it follows the ledger, records what is to be told, and sends it.

Rendering thousands of mails in the process that answers requests would take its turns from them.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from typing import Protocol

import uvloop

from fundcall.accounts.entrance import Entrance
from fundcall.announcing import send_confirmations
from fundcall.bootstrap import System, open_system
from fundcall.letters import send_letters
from fundcall.logs import set_up
from fundcall.settings import Settings
from notifications.mailer import Mailer

_PAUSE_SECONDS = 1.0
_STOP_SECONDS = 10.0
_NICER = 10
_LOG = logging.getLogger(__name__)


class Waits(Protocol):
    """An event to wait for: of threads or of processes."""

    def is_set(self) -> bool:
        """Whether it has come."""

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for it, so many seconds at most; whether it has come."""


def deliver(system: System) -> tuple[int, int]:
    """Record what is new and send what is queued, letters about accounts too, once: how many were recorded, how many
    sent.
    """

    async def send() -> int:
        mailer = Mailer(system.settings.smtp_url)
        try:
            letters = await _send_letters(system, mailer)
            return letters + await system.dispatcher.send(mailer, system.clock.now())
        finally:
            await mailer.close()

    recorded = system.dispatcher.record()
    recorded += system.announcer.record()
    recorded += system.dispatcher.gather(system.clock.now())
    recorded += system.postmaster.turn(system.clock.now())
    return recorded, uvloop.run(send())


def follow(system: System, over: Waits) -> None:
    """Record and send, again and again, until it is over. What goes wrong is logged, and tried again."""
    mailer = Mailer(system.settings.smtp_url)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        while not over.is_set():
            _tried(lambda: runner.run(_send_letters(system, mailer)))
            _tried(system.dispatcher.record)
            _tried(system.announcer.record)
            _tried(lambda: system.dispatcher.gather(system.clock.now()))
            _tried(lambda: system.postmaster.turn(system.clock.now()))
            _tried(lambda: system.notices.reclaim(system.clock.now()))
            _tried(lambda: runner.run(system.dispatcher.send(mailer, system.clock.now())))
            over.wait(_PAUSE_SECONDS)
        runner.run(mailer.close())


async def _send_letters(system: System, mailer: Mailer) -> int:
    settings, entrance, now = system.settings, Entrance(system.accounts), system.clock.now()
    sender = settings.mail_from, settings.public_url
    letters = await send_letters(entrance, mailer, *sender, now)
    return letters + await send_confirmations(system.announcer.news, mailer, *sender, now)


def _tried(step: Callable[[], int]) -> None:
    """Take a step; a fault in one template or of the relay must not end the rest."""
    try:
        step()
    except Exception:  # noqa: BLE001 - logged; the next turn tries again
        _LOG.exception("notices: a step failed; it is tried again")


class Messenger:
    """The process of its own. It is begun anew where it ends unasked, and ends with whoever began it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._context = multiprocessing.get_context("spawn")
        self._over = self._context.Event()
        self._watch = threading.Thread(target=self._keep, name="messenger", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._watch.start()

    def stop(self) -> None:
        """End it; what it was about to send is sent at the next start."""
        self._over.set()
        self._watch.join()

    def _keep(self) -> None:
        while not self._over.is_set():
            over = _Orphaned(self._over, os.getpid())
            process = self._context.Process(target=_run, args=(self._settings, over), daemon=True)
            process.start()
            while process.is_alive() and not self._over.is_set():
                process.join(_PAUSE_SECONDS)
            process.join(_STOP_SECONDS if self._over.is_set() else None)
            if process.is_alive():
                process.terminate()
                process.join()
            if not self._over.wait(_PAUSE_SECONDS):
                _LOG.error("notices: their process ended with %s; it is begun anew", process.exitcode)


class _Orphaned:
    """An event that has also come once the parent process is gone."""

    def __init__(self, event: Waits, parent: int) -> None:
        self._event, self._parent = event, parent

    def is_set(self) -> bool:
        """Whether it has come."""
        return self._event.is_set() or os.getppid() != self._parent

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the event, so many seconds at most; whether it has come."""
        return self._event.wait(timeout) or self.is_set()


def _run(settings: Settings, over: Waits) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that began this one
    os.nice(_NICER)
    set_up()
    system = open_system(settings)
    try:
        follow(system, over)
    finally:
        system.close()

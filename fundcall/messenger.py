"""Notices told by a process of their own: it follows the ledger, records what is to be told, and sends it.

Rendering thousands of mails in the process that answers requests would take its turns from them.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Sequence
from functools import partial

import uvloop

from fundcall.accounts.entrance import Entrance
from fundcall.announcing import send_confirmations
from fundcall.bootstrap import System, open_system
from fundcall.letters import send_letters
from fundcall.logs import set_up
from fundcall.papers import typeface
from fundcall.processes import Kept, Waits
from fundcall.settings import Settings
from notifications.mailer import Mailer

_PAUSE_SECONDS = 1.0
_PATIENCE_SECONDS = 3.0
_NICER = 10
TELLING, _CONFIRMING = "telling", "confirm"
_LOG = logging.getLogger(__name__)


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

    with system.ledger.turn(TELLING) as ours:
        recorded = sum(step() for step in steps(system)) if ours else 0
    return recorded, uvloop.run(send())


def follow(system: System, over: Waits) -> None:
    """Record and send, again and again, until it is over. What goes wrong is logged, and tried again."""
    mailer = Mailer(system.settings.smtp_url)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        while not over.is_set():
            _tried(lambda: runner.run(_send_letters(system, mailer)))
            _tried(lambda: _record(system))
            _tried(lambda: system.notices.reclaim(system.clock.now()))
            _tried(lambda: runner.run(_sent(system, mailer, over)))
            over.wait(_PAUSE_SECONDS)
        runner.run(mailer.close())


def steps(system: System) -> Sequence[Callable[[], int]]:
    """What makes notices, of events and of what came back: each gives how many there were."""
    if system.dispatcher.teller.papers is not None and not typeface():
        _LOG.error(
            "notices: no Chinese font is installed; receipts leave without their papers until a new start finds one"
        )
        system.dispatcher.teller.papers = None
    dispatcher, now = system.dispatcher, system.clock.now
    daily, back = lambda: dispatcher.gather(now()), lambda: system.postmaster.turn(now())
    return dispatcher.record, system.announcer.record, daily, back


def _record(system: System) -> int:
    """Record what is to be told, if no other process is at it; a fault in one step must not end the rest."""
    with system.ledger.turn(TELLING) as ours:
        for step in steps(system) if ours else ():
            _tried(step)
    return 0


async def _sent(system: System, mailer: Mailer, over: Waits) -> int:
    """Send what is queued. Once it is over the batch in hand is finished, unless the relay takes too long: what became of
    it is not known then, and its claim ends by itself.
    """
    sending = asyncio.create_task(system.dispatcher.send(mailer, system.clock.now(), over.is_set))
    while not sending.done() and not over.is_set():
        await asyncio.wait({sending}, timeout=_PAUSE_SECONDS)
    await asyncio.wait({sending}, timeout=_PATIENCE_SECONDS)
    if not sending.done():
        sending.cancel()
    return await sending


async def _send_letters(system: System, mailer: Mailer) -> int:
    settings, entrance, now = system.settings, Entrance(system.accounts), system.clock.now()
    sender = settings.mail_from, settings.public_url
    letters = await send_letters(entrance, mailer, *sender, now)
    with system.ledger.turn(_CONFIRMING) as ours:
        return letters + (await send_confirmations(system.announcer.news, mailer, *sender, now) if ours else 0)


def _tried(step: Callable[[], int]) -> None:
    """Take a step; a fault in one template or of the relay must not end the rest."""
    try:
        step()
    except Exception:  # noqa: BLE001 - logged; the next turn tries again
        _LOG.exception("notices: a step failed; it is tried again")


class Messenger(Kept):
    """The process of its own. What it was about to send when it ended is sent at the next start."""

    def __init__(self, settings: Settings) -> None:
        super().__init__("notices", partial(_run, settings))


def _run(settings: Settings, over: Waits) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that began this one
    os.nice(_NICER)
    set_up()
    system = open_system(settings)
    try:
        follow(system, over)
    finally:
        system.close()

"""kill -9 at some instant while several threads write, and what is left of it, held to the acknowledgements."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fundcall.audit.world import check_world
from fundcall.calls.calendars import china
from fundcall.calls.load import load
from fundcall.simulate.people import uscc
from fundcall.storage.ledger import SqliteLedger
from states.actor import Actor, Role
from states.commands.filing import Contact, CreateDraft, EditDraft, SubmitApplication, WithdrawApplication
from tests.faults.planted import EARLY, HALF, HalfLedger
from tests.faults.trial import DATABASE
from tests.faults.trials import installed
from workflow.handle import Accepted, Handler, Outcome, Request
from workflow.memory import FixedCalendars, MemoryDocuments, MemoryRegisters
from workflow.memory_experts import MemoryExperts
from workflow.ports import Ledger
from workflow.rules import rules_of

CALL = load("community-climate-2026")
OPEN = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
CASES = 1000
"""More than a writer comes to."""
_SECONDS_MAX = 0.25


@dataclass(frozen=True, slots=True)
class Killed:
    """What a round left: acknowledgements, events, and everything that is wrong with them."""

    acknowledged: int
    events: int
    violations: tuple[str, ...]


def handler_of(ledger: Ledger) -> Handler:
    """The write path over a ledger, for one call."""
    return Handler(
        ledger,
        MemoryDocuments(),
        FixedCalendars(china()),
        MemoryRegisters(),
        MemoryExperts(),
        {CALL.id: rules_of(CALL)},
    )


def course(writer: int, n: int) -> list[Request]:
    """The commands of one small application: opened, edited, tried (a recorded refusal), withdrawn."""
    number = writer * CASES + n
    code, name = uscc(number), f"app-{writer}-{n:04d}"
    actor = Actor(f"unit-{writer}-{n}", Role.APPLICANT, code)
    contact = Contact(name="Contact", email="contact@example.org")
    commands: list[Any] = [
        CreateDraft(unit_code=code, unit_name="Club", unit_kind="association", contacts=(contact,)),
        EditDraft(form={"title": f"Garden {n}", "requested_minor": 100_000}),
        SubmitApplication(),
        WithdrawApplication(reason="no time"),
    ]
    return [
        Request(f"{name}#{i}", name, type(c).__name__, c, actor, OPEN, call_id=CALL.id, salt=f"{number:064x}")
        for i, c in enumerate(commands)
    ]


def requested(command_id: str) -> Request:
    """The request of that id, made anew."""
    _, writer, rest = command_id.split("-")
    n, _, i = rest.partition("#")
    return course(int(writer), int(n))[int(i)]


def answered(outcome: Outcome) -> bool:
    """Whether there is an event that an acknowledgement may rest on."""
    return isinstance(outcome, Accepted) or outcome.event is not None


def give(handler: Handler, writer: int, acks: int, *, early: bool = False) -> None:
    """Give every command of a writer, and write the id of each once it was answered; `early`: beforehand."""
    for n in range(CASES):
        for request in course(writer, n):
            line = f"{request.command_id}\n".encode()
            if early:
                os.write(acks, line)
            if answered(handler.handle(request, OPEN)) and not early:
                os.write(acks, line)


def killed(root: Path, seed: int, writers: int, plant: str = "") -> Killed:
    """One round. The acknowledgements stand in a file beside the installation."""
    folder, acks = root / "killed", root / "acks"
    shutil.copytree(installed(root), folder)
    acks.unlink(missing_ok=True)
    ready, begun = os.pipe()
    pid = os.fork()
    if not pid:
        _write(folder, acks, begun, writers, plant)
    os.close(begun)
    os.read(ready, 1)
    os.close(ready)
    time.sleep(random.Random(seed).uniform(0.0, _SECONDS_MAX))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    given = acks.read_text().split()
    with closing(SqliteLedger(folder / DATABASE)) as ledger:
        violations = tuple(f"kill {seed}: {what}" for what in _wrong(ledger, given))
        events = ledger.head()
    shutil.rmtree(folder)
    return Killed(len(given), events, violations)


def _write(folder: Path, acks: Path, begun: int, writers: int, plant: str) -> None:
    """The child's whole life."""
    try:
        handler = handler_of((HalfLedger if plant == HALF else SqliteLedger)(folder / DATABASE))
        descriptor = os.open(acks, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        threads = [
            threading.Thread(target=give, args=(handler, n, descriptor), kwargs={"early": plant == EARLY})
            for n in range(writers)
        ]
        os.write(begun, b"!")
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        os._exit(1)


def _wrong(ledger: SqliteLedger, given: Sequence[str]) -> Iterator[str]:
    """What does not hold: the whole check, personal values with their events, and the same answers once more."""
    for d in check_world(ledger, acknowledged=given).divergences:
        yield f"{d.what}: {d.expected} / {d.found}"
    drafts = ledger.query("SELECT count(*) FROM events WHERE type = 'DraftCreated'").fetchone()[0]
    people = ledger.query("SELECT count(*) FROM personal").fetchone()[0]
    if drafts != people:
        yield f"{drafts} drafts, and {people} contacts"
    head = ledger.head()
    try:
        outcomes = handler_of(ledger).handle_many([requested(command_id) for command_id in given], OPEN)
    except (sqlite3.Error, LookupError, ValueError) as wrong:
        yield f"given again: {wrong!r}"
        return
    anew = sum(not outcome.repeated for outcome in outcomes)
    if anew or ledger.head() != head:
        yield f"given again, {anew} of {len(outcomes)} acknowledged commands were new"

"""A process that gives commands to an installation and writes each acknowledgement outside of it, for others to kill.

`python -m tests.faults.driver FOLDER ACKS THREADS [early]`; `early` is the planted fault: it acknowledges beforehand.
"""

from __future__ import annotations

import os
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fundcall.calls.calendars import china
from fundcall.calls.load import load
from fundcall.simulate.people import uscc
from fundcall.storage.ledger import SqliteLedger
from fundcall.storage.migrate import upgrade
from states.actor import Actor, Role
from states.commands.filing import Contact, CreateDraft, EditDraft, SubmitApplication, WithdrawApplication
from workflow.handle import Accepted, Handler, Request
from workflow.memory import FixedCalendars, MemoryDocuments, MemoryRegisters
from workflow.ports import Unavailable
from workflow.rules import rules_of

NOW = datetime(2025, 9, 10, 6, 0, tzinfo=UTC)
CALL = load("community-climate-2026")
OPEN = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
ROUNDS = 40


def handler_of(folder: Path) -> Handler:
    """The write path over the installation in a folder."""
    ledger = SqliteLedger(folder / "fundcall.db")
    return Handler(ledger, MemoryDocuments(), FixedCalendars(china()), MemoryRegisters(), {CALL.id: rules_of(CALL)})


def course(thread: int, n: int) -> list[Request]:
    """The commands of one small application: opened, edited, tried, withdrawn."""
    code = uscc(thread * 1000 + n)
    actor = Actor(f"unit-{thread}-{n}", Role.APPLICANT, code)
    contact = Contact(name="Contact", email="contact@example.org")
    commands: list[Any] = [
        CreateDraft(unit_code=code, unit_name="Club", unit_kind="association", contacts=(contact,)),
        EditDraft(form={"title": f"Garden {n}", "requested_minor": 100_000}),
        SubmitApplication(),
        WithdrawApplication(reason="no time"),
    ]
    name = f"app-{thread}-{n:04d}"
    return [
        Request(
            f"{name}#{i}", name, type(c).__name__, c, actor, OPEN, call_id=CALL.id, salt=f"{thread * 1000 + n:064x}"
        )
        for i, c in enumerate(commands)
    ]


def give(handler: Handler, thread: int, acks: int, *, early: bool, rounds: int = ROUNDS) -> None:
    """Give every command of a thread, and write the id of each accepted one once it was answered."""
    for n in range(rounds):
        for request in course(thread, n):
            if early:
                os.write(acks, f"{request.command_id}\n".encode())
            try:
                outcome = handler.handle(request, OPEN)
            except Unavailable:
                continue
            if isinstance(outcome, Accepted) and not early:
                os.write(acks, f"{request.command_id}\n".encode())


def main(folder: Path, acks: Path, threads: int, *, early: bool) -> None:
    """Create the installation if it is new, and give commands from so many threads."""
    upgrade(folder / "fundcall.db")
    handler = handler_of(folder)
    descriptor = os.open(acks, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    os.write(1, b"ready\n")
    started = [
        threading.Thread(target=give, args=(handler, number, descriptor), kwargs={"early": early})
        for number in range(threads)
    ]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), early="early" in sys.argv[4:])

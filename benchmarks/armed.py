"""A thousand deadlines that fall due among those that do not: found and acted on, one event each; plain `sqlite3` and Django beside."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks import django_peer, floor
from benchmarks.course import CALL, accepted, file_many, open_system, request
from benchmarks.course import Move as Given
from benchmarks.measure import Measurement, measured, timed
from fundcall.bootstrap import System
from fundcall.simulate.people import officer
from states.actor import Role
from states.calendar import stamp
from states.commands.filing import ClaimFormatCheck, CorrectionItem, ReturnForCorrection
from workflow.deadlines import sweep

DUE, FEW = 1000, 2000
_BATCH, _LOOKS = 100, 200
_FAR = datetime(2027, 12, 31, 16, tzinfo=UTC)
_DAY = datetime(2025, 9, 15, 12, tzinfo=UTC)
_ITEMS = (CorrectionItem(clause="四（二）1", field="title", remedy="请完善项目名称，与申报书保持一致"),)


def ours(folder: Path, armed: int) -> list[Measurement]:
    """How long it takes to see that nothing is due, and to act on a thousand; `armed` counts all that are armed."""
    system = open_system(folder)
    due_at = _returned(system)
    others = ((stamp(_FAR + timedelta(seconds=n)), f"far-{n:07d}") for n in range(armed - DUE))
    system.ledger.write(
        [("INSERT INTO deadlines (due_at, application, name) VALUES (?, ?, 'completion')", list(others))]
    )
    ledger, early = system.ledger, due_at - timedelta(seconds=1)
    looks = []
    for _ in range(_LOOKS):
        asked = time.perf_counter()
        if ledger.due(early, _BATCH):
            raise RuntimeError("something is due too early")
        looks.append(time.perf_counter() - asked)
    acted = timed(f"fundcall sweep, {DUE:,} due{_many(armed)}", DUE, lambda: _swept(system, due_at))
    system.close()
    return [measured(f"fundcall looks, none due{_many(armed)}", _LOOKS, sum(looks), looks), acted]


def _many(armed: int) -> str:
    return f" of {FEW:,}" if armed == FEW else ""


def _returned(system: System) -> datetime:
    """File a thousand applications and return each for correction; when the first reminder of that is due, to each at once."""
    file_many(system, DUE)
    for command in (ClaimFormatCheck(), ReturnForCorrection(items=_ITEMS)):
        step = 7 if isinstance(command, ClaimFormatCheck) else 8
        asked = [
            request(n, step, Given(command, officer(Role.FORMAT_OFFICER, n)), CALL.closes_at) for n in range(1, DUE + 1)
        ]
        for outcome in system.handler.handle_many(asked, CALL.closes_at):
            accepted(outcome)
    return min(one.due_at for one in system.ledger.deadlines())


def _swept(system: System, due_at: datetime) -> None:
    if (fired := sweep(system.handler, due_at).fired) != DUE:
        raise RuntimeError(f"{fired} deadlines fired, and not {DUE}")


def raw(folder: Path, armed: int) -> Measurement:
    """The same by `sqlite3` alone, a hundred in each transaction."""
    connection = floor.connect(floor.create(folder))
    others = ((f"9{n:09d}", f"far-{n:07d}") for n in range(armed - floor.APPLICATIONS))
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO deadlines VALUES (?, ?, 'completion')", others)
    connection.execute("COMMIT")

    def act() -> None:
        for _ in range(DUE // _BATCH):
            connection.execute("BEGIN IMMEDIATE")
            found = connection.execute(
                "SELECT application FROM deadlines WHERE due_at <= ? ORDER BY due_at LIMIT ?", ("2025-09-30", _BATCH)
            )
            for (name,) in found.fetchall():
                floor.transition(connection, name)
            connection.execute("COMMIT")

    found = timed(f"raw sqlite3, {DUE:,} due", DUE, act)
    connection.close()
    return found


def django(folder: Path, armed: int) -> Measurement:
    """The same by Django's ORM, a hundred in each transaction, history and outbox rows with each."""
    models = django_peer.configure(folder)
    keys = django_peer.fill(models, DUE)
    far = (models.Deadline(application_id=keys[0], name="completion", due_at=_FAR) for _ in range(armed - DUE))
    models.Deadline.objects.bulk_create(far, batch_size=5000)

    def act() -> None:
        from django.db import transaction

        for _ in range(DUE // _BATCH):
            with transaction.atomic():
                for due in models.Deadline.objects.filter(due_at__lte=_DAY).order_by("due_at")[:_BATCH]:
                    django_peer.move(models, due.application_id)

    return timed(f"Django, {DUE:,} due", DUE, act)

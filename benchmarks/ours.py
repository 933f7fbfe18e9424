"""The product: real commands through the real write path, replay, and the demo."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.measure import Measured, once, threads
from fundcall.calls.calendars import named
from fundcall.calls.load import load
from fundcall.simulate.people import uscc
from fundcall.storage.ledger import SqliteLedger
from fundcall.storage.migrate import upgrade
from states.actor import Actor, Role
from states.commands.filing import Contact, CreateDraft, EditDraft
from states.context import Context, Facts
from states.decide import decide
from states.events import Recorded
from states.fold import step
from workflow.handle import Handler, Request
from workflow.memory import FixedCalendars, MemoryDocuments, MemoryRegisters
from workflow.replay import fold_all
from workflow.rules import rules_of

_NOW = datetime(2025, 9, 10, 6, 0, tzinfo=UTC)
_CALL = load("shanghai-ai-plus-2025")


class Bench:
    """An installation with many drafts."""

    def __init__(self, folder: Path, name: str, drafts: int) -> None:
        path = folder / name / "fundcall.db"
        upgrade(path)
        self.ledger = SqliteLedger(path)
        calendar = named("china")
        self.handler = Handler(
            self.ledger, MemoryDocuments(), FixedCalendars(calendar), MemoryRegisters(), {_CALL.id: rules_of(_CALL)}
        )
        self.units = [uscc(n) for n in range(drafts)]
        self.asked = 0
        for start in range(0, drafts, 500):
            requests = [self._create(n) for n in range(start, min(start + 500, drafts))]
            self.handler.handle_many(requests, _NOW)

    def _create(self, n: int) -> Request:
        contact = Contact(name="联系人", email="contact@example.org")
        command = CreateDraft(unit_code=self.units[n], unit_name="单位", unit_kind="company", contacts=(contact,))
        return self._request(n, command, f"create-{n}")

    def edit(self, n: int, key: str) -> Request:
        """An ordinary move: a draft's fields are set, under every guard of that command."""
        return self._request(n, EditDraft(form={"title": f"项目{key}", "requested_minor": 5_000_000}), key)

    def _request(self, n: int, command: Any, key: str) -> Request:
        actor = Actor(f"unit-{n}", Role.APPLICANT, self.units[n])
        return Request(
            key, f"app-{n:06d}", type(command).__name__, command, actor, _NOW, call_id=_CALL.id, salt=f"{n:064x}"
        )

    def close(self) -> None:
        """Let go of the database."""
        self.ledger.close()


def transitions(folder: Path, clients: int, each: int) -> Measured:
    """Durable transitions through `handle` by so many client threads."""
    bench = Bench(folder, f"ours-{clients}", 2000)

    def work(client: int, i: int) -> None:
        bench.handler.handle(bench.edit((client * each + i) % 2000, f"{client}-{i}"), _NOW)

    measured = threads(f"fundcall handle, {clients}", clients, each, work)
    bench.close()
    return measured


def bulk(folder: Path, count: int) -> Measured:
    """Many cases advanced by one bulk command."""
    bench = Bench(folder, "bulk", count)
    requests = [bench.edit(n, f"bulk-{n}") for n in range(count)]
    measured = once(f"fundcall bulk of {count}", count, lambda: bench.handler.handle_many(requests, _NOW))
    bench.close()
    return measured


def one_move(folder: Path, times: int) -> Measured:
    """Decide + fold of one move, in memory."""
    bench = Bench(folder, "move", 1)
    application = bench.ledger.transact(lambda transaction: transaction.application("app-000000"))
    if application is None:
        raise LookupError("the draft is gone")
    request = bench.edit(0, "one")
    facts = Facts(named("china"))
    context = Context(_CALL, application, request.name, request.command, request.actor, facts, _NOW)

    def work() -> None:
        for _ in range(times):
            decided = decide(context)
            step(
                application,
                Recorded(2, application.id, 2, decided.type, 1, "", "", "u", "applicant", _NOW, _NOW, {}, decided.data),
            )

    measured = once("decide + fold of one move", times, work)
    bench.close()
    return measured


def replay(folder: Path, events: int) -> Measured:
    """Replay of depth 1: hash and fold every event."""
    bench = Bench(folder, "replay", 2000)
    for k in range(events // 2000):
        bench.handler.handle_many([bench.edit(n, f"r{k}-{n}") for n in range(2000)], _NOW)
    count = bench.ledger.head()
    measured = once(f"replay depth 1 of {count} events", count, lambda: fold_all(bench.ledger.stored()))
    bench.close()
    return measured


def demo(folder: Path, applications: int) -> dict[str, Any]:
    """The headless demo as a process of its own: seconds in all, and what it says of itself."""
    command = [sys.executable, "-m", "fundcall", "demo", "--headless", "--json", "--applications", str(applications),
               "--data", str(folder / "demo")]  # fmt: skip
    began = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    summary: dict[str, Any] = json.loads(done.stdout)
    return {
        "applications": applications,
        "seconds": round(time.perf_counter() - began, 1),
        "peak_mib": summary["peak_mib"],
        "events": summary["ledger"]["events"],
        "notices": summary["notices"]["recorded"],
    }

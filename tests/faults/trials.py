"""Everything that the sweep disturbs: each command where it is accepted, and what else writes."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

from fundcall.audit.world import check_world
from fundcall.directory import FixedDirectory
from fundcall.documents.anchors import Anchors
from fundcall.documents.examiner import Examiner
from fundcall.documents.store import DocumentStore
from fundcall.storage.ledger import SqliteLedger
from fundcall.storage.migrate import HEAD, revision, upgrade
from fundcall.storage.notices import SqliteNotices
from notifications.dispatch import Dispatcher
from notifications.telling import Teller
from states.commands import COMMANDS
from tests.drive import A1, DAY, World, world
from tests.faults.inject import Ended
from tests.faults.planted import EARLY, HALF, HASTY, HalfLedger, HastyStore
from tests.faults.scenarios import LATE, SCENARIOS, Scenario
from tests.faults.trial import DATABASE, Give, Look, Trial, acknowledged, made, tables
from workflow.deadlines import sweep
from workflow.handle import Handler, Rejected, Request
from workflow.programme import handle_call

# --- commands ---------------------------------------------------------------------------------------------------------


def command(scenario: Scenario, folder: Path, plant: str) -> Trial:
    """One command where it is accepted."""
    place = _place(folder)
    request = scenario.request(place)
    place.ledger.close()  # type: ignore[attr-defined]
    kind = HalfLedger if plant == HALF else SqliteLedger
    check = partial(_sound, command_id=request.command_id)
    return made(folder, partial(_commanding, kind, place, request), check=check, early=plant == EARLY)


@contextmanager
def _commanding(kind: type[SqliteLedger], place: World, request: Request, folder: Path) -> Iterator[Give]:
    with closing(kind(folder / DATABASE)) as ledger:
        handler = replace(place.handler, ledger=ledger)
        yield lambda: _answer(handler, request, place)


def _answer(handler: Handler, request: Request, place: World) -> str:
    ask = handler.handle if request.name in COMMANDS else partial(handle_call, handler)
    outcome = ask(request, place.now)
    if isinstance(outcome, Rejected) and outcome.event is None:
        return f"refused {outcome.code}"
    return "repeated" if outcome.repeated else "accepted"


def _sound(folder: Path, ended: Ended, command_id: str = "") -> Iterator[str]:
    """What `fundcall audit verify` says, held to the acknowledgement."""
    given = [command_id] if command_id and acknowledged(ended) else []
    with closing(SqliteLedger(folder / DATABASE)) as ledger:
        for d in check_world(ledger, acknowledged=given).divergences:
            yield f"{d.what}: {d.expected} / {d.found}"


@cache
def installed(root: Path) -> Path:
    """A database with its schema and nothing in it, to be copied."""
    upgrade(root / "installed" / DATABASE)
    return root / "installed"


def _place(folder: Path) -> World:
    """A world over a new database in a folder."""
    shutil.copytree(installed(folder.parent), folder)
    ledger = SqliteLedger(folder / DATABASE)
    ledger._writer.execute("PRAGMA synchronous=OFF")  # only on the way there
    return world(ledger=ledger)


# --- what is not one command ------------------------------------------------------------------------------------------


def upgraded(since: str, folder: Path, _: str) -> Trial:
    """A database of that revision ("": none yet) comes to the newest schema."""
    folder.mkdir()
    if since:
        upgrade(folder / DATABASE, since)

    @contextmanager
    def opened(folder: Path) -> Iterator[Give]:
        def give() -> str:
            there = revision(folder / DATABASE) == HEAD
            upgrade(folder / DATABASE)
            return "repeated" if there else "accepted"

        yield give

    return made(folder, opened, check=_nothing_else)


def _nothing_else(_: Path, __: Ended) -> Iterator[str]:
    """What is seen is all there is to check."""
    return iter(())


def swept(folder: Path, _: str) -> Trial:
    """A sweep over many deadlines of many applications and of the call, in more than one transaction."""
    place = _place(folder)
    for start in (World.draft, World.submitted, World.returned):
        start(place)
    place.do_call("PublishCall", A1)
    place.extended(place.call.closes_at + DAY)
    until = place.call.closes_at + 2 * DAY
    return _over(place, folder, lambda ledger: sweep(replace(place.handler, ledger=ledger), until), courses)


def told(folder: Path, _: str) -> Trial:
    """The notices of a ledger are recorded, and the cursor moves."""
    place = _place(folder)
    for start in (World.submitted, World.returned, World.published):
        start(place)
    directory = FixedDirectory("officers@authority.example", "head@authority.example", "experts.example")

    def record(ledger: SqliteLedger) -> None:
        calls = place.handler.calls
        teller = Teller(ledger, directory, calls, "call@authority.example", "http://x", lambda _: b"")
        Dispatcher(teller, SqliteNotices(ledger), lambda: b"{}").record()

    return _over(place, folder, record, tables)


def courses(folder: Path) -> Look:
    """Everything but how the courses of applications and of the call lie among each other: a sweep may begin anew."""
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        events = connection.execute(
            "SELECT application, version, type, command_id FROM events ORDER BY 1, 2"
        ).fetchall()
    return {**tables(folder), "events": events}


def _over(place: World, folder: Path, do: Callable[[SqliteLedger], object], look: Callable[[Path], Look]) -> Trial:
    place.ledger.close()  # type: ignore[attr-defined]

    @contextmanager
    def opened(folder: Path) -> Iterator[Give]:
        with closing(SqliteLedger(folder / DATABASE)) as ledger:

            def give() -> str:
                do(ledger)
                return "accepted"

            yield give

    return made(folder, opened, look, check=_sound, at_once=False)


CONTENT = b"%PDF-1.7\n" + bytes(range(256)) * 1200 + b"\n%%EOF\n"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


def stored(folder: Path, plant: str) -> Trial:
    """A document is stored."""
    folder.mkdir()
    kind = HastyStore if plant == HASTY else DocumentStore

    @contextmanager
    def opened(folder: Path) -> Iterator[Give]:
        def give() -> str:
            store = kind(folder / "documents", Examiner(Anchors))
            there = (folder / "documents" / DIGEST[:2] / DIGEST).exists()
            store.put(CONTENT)
            return "repeated" if there else "accepted"

        yield give

    return made(folder, opened, _documents, check=_strays)


def _documents(folder: Path) -> Look:
    """The bytes of the document as they are found by its name; what is left of a broken attempt is nobody's."""
    path = folder / "documents" / DIGEST[:2] / DIGEST
    return {"document": [path.read_bytes()] if path.exists() else []}


def _strays(folder: Path, ended: Ended) -> Iterator[str]:
    """Files beside the document are left by a death, never by an error that was told."""
    files = [path.name for path in folder.rglob("*") if path.is_file() and path.name != DIGEST]
    if files and not ended.killed and "unlink" not in ended.log:
        yield f"left lying: {files}"


Make = Callable[[Path, str], Trial]
TRIALS: Mapping[str, Make] = {
    **{name: partial(command, scenario) for name, scenario in SCENARIOS.items()},
    "a recorded refusal": partial(command, LATE),
    "an installation": partial(upgraded, ""),
    "an upgrade": partial(upgraded, "0001"),
    "a sweep": swept,
    "notices": told,
    "a document": stored,
}
"""Everything that is disturbed, by name: each makes its trial in a new folder, with a fault planted or none ("")."""

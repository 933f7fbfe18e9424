"""What an installation does while strace looks on: it is made, commanded, given documents, erased from, closed and opened."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from fundcall.bootstrap import Proofs, System, install, open_system
from fundcall.documents.anchors import Anchors
from fundcall.documents.examiner import Examiner
from fundcall.documents.store import DocumentStore
from fundcall.settings import Settings
from fundcall.storage.erasures import SqliteErasures
from states.actor import Actor, Role
from states.commands.filing import AddDocument, Contact, CreateDraft, EditDraft, SubmitApplication, WithdrawApplication
from tests.documents.making import pdf
from tests.faults.disk import Disk
from tests.faults.inject import Tell, recorded
from tests.faults.kills import CALL, OPEN, answered
from tests.faults.planted import CARELESS, NORMAL
from tests.faults.trace import OPTIONS, read
from tests.filings import CLIMATE
from workflow.deadlines import sweep
from workflow.handle import Handler, Request

Ack: TypeAlias = Callable[[str], object]
DATA = "data"
UNITS = 9
"""Units that file in a recording: a third of them alone, then three at a time."""
LOG_PAGES = 24
"""When the log is copied into the database, in the second session: after fewer pages than the product's 8,192, so that a
recording sees it happen, and the log written anew from its beginning.
"""
_SIZES = (3_000, 9_000, 21_000)


@contextmanager
def looking(folder: Path, units: int) -> Iterator[Callable[[Path, str], Disk]]:
    """Gives what records in a folder. Everything has happened once, elsewhere: nothing is loaded while strace looks on, and
    the process that examines documents, which writes nothing, is there.
    """
    documents = [pdf(_SIZES[n % len(_SIZES)]) for n in range(units)]
    with closing(Examiner(Anchors(), workers=1)) as examiner:
        Run(folder / "before" / DATA, documents[:1], examiner, "").everything(lambda _: None)
        yield lambda folder, plant: _record(folder, Run(folder / "recorded" / DATA, documents, examiner, plant))


def _record(folder: Path, run: Run) -> Disk:
    """Let it all happen in a folder, and see what it did to the disk."""
    root, acks, log = folder / "recorded", folder / "acks", folder / "strace"
    root.mkdir()
    told = recorded(partial(_act, run, acks), OPTIONS, log).told
    if told != ("done",):
        raise RuntimeError(f"the recording ended otherwise: {told}")
    with log.open(encoding="ascii") as lines:
        return Disk.of(read(line.rstrip("\n") for line in lines), str(root), str(acks))


def _act(run: Run, acks: Path, tell: Tell) -> None:
    descriptor = os.open(acks, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    run.everything(lambda said: os.write(descriptor, f"{said}\n".encode()))
    tell("done")


@dataclass(frozen=True)
class Run:
    """The acts on an installation; each is acknowledged once it was answered."""

    data: Path
    documents: Sequence[bytes]
    examiner: Examiner
    plant: str

    def everything(self, ack: Ack) -> None:
        """An installation, and three times that it is opened and closed."""
        settings = Settings(data_dir=self.data)
        install(settings)
        ack("installed")
        with self._opened(settings) as (system, handler):
            alone = max(1, len(self.documents) // 3)
            for n in range(alone):
                self._file(handler, n, ack)
            self._told(system, ack)
        with self._opened(settings) as (system, handler):
            system.ledger._writer.execute(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")
            for n in range(alone, len(self.documents), 3):
                self._at_once(handler, range(n, min(n + 3, len(self.documents))), ack)
        with self._opened(settings) as (system, handler):
            self._erase(system, ack)
            sweep(replace(handler, calls={CALL.id: handler.calls[CALL.id]}), CALL.closes_at + timedelta(days=1))
            ack(f"events {system.ledger.head()}")
            self._told(system, ack)

    @contextmanager
    def _opened(self, settings: Settings) -> Any:
        with closing(open_system(settings)) as system:
            if self.plant == NORMAL:
                system.ledger._writer.execute("PRAGMA synchronous=NORMAL")
            store = CARELESS.get(self.plant, DocumentStore)(self.data / "documents", self.examiner)
            yield system, replace(system.handler, documents=store)

    def _file(self, handler: Handler, n: int, ack: Ack) -> None:
        """A unit files with a document, is refused for what is missing, and gives up or leaves it."""
        document = self.documents[n]
        digest = handler.documents.put(document)  # type: ignore[attr-defined]
        ack(f"document {digest}")
        handler.documents.preview(digest)  # type: ignore[attr-defined]
        for request in requests(n, digest):
            if answered(handler.handle(request, OPEN)):
                ack(f"command {request.command_id}")

    def _at_once(self, handler: Handler, units: Sequence[int], ack: Ack) -> None:
        threads = [threading.Thread(target=self._file, args=(handler, n, ack)) for n in units]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _told(self, system: System, ack: Ack) -> None:
        """Notices are recorded, without the papers that some bear and that take their time, and a checkpoint is kept."""
        system.dispatcher.teller.papers = None
        system.dispatcher.record()
        ack(f"notices {len(list(system.notices.notices()))}")
        Proofs(system).keep()
        ack(f"checkpoint {system.ledger.head()}")

    def _erase(self, system: System, ack: Ack) -> None:
        """Somebody's personal values are erased, which also empties the log."""
        row = system.ledger.query("SELECT commitment FROM personal ORDER BY 1 LIMIT 1").fetchone()
        SqliteErasures(system.ledger).erase([row[0]], "app-0", "privacy", "asked for", OPEN)
        ack(f"erased {row[0]}")


def requests(n: int, digest: str) -> list[Request]:
    """The commands of one unit."""
    code, name = CLIMATE.unit_code(n), f"app-{n}"
    actor = Actor(f"unit-{n}", Role.APPLICANT, code)
    contact = Contact(name="Contact", email=f"contact-{n}@example.org")
    commands: list[Any] = [
        CreateDraft(unit_code=code, unit_name="Club", unit_kind="association", contacts=(contact,)),
        EditDraft(form={"title": f"Garden {n}", "requested_minor": 100_000}),
        SubmitApplication(),
        AddDocument(material="plan", name="plan.pdf", sha256=digest),
        EditDraft(form={**CLIMATE.form, "title": f"Garden {n}"}),
        SubmitApplication(),
    ]
    commands += [WithdrawApplication(reason="no time")] if n % 3 == 2 else []
    return [
        Request(f"{name}#{i}", name, type(c).__name__, c, actor, OPEN, call_id=CALL.id, salt=f"{n:064x}")
        for i, c in enumerate(commands)
    ]

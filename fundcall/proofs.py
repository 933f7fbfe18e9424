"""What can be proved of a system's ledger, and the checkpoints that are kept of it."""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from fundcall.audit.bundle import Exported, export
from fundcall.audit.checkpoint import signer
from fundcall.audit.journal import Journal, check_tail
from fundcall.audit.proof import consistency, proofs
from fundcall.audit.receipt import receipt
from fundcall.audit.roots import Roots
from fundcall.audit.second import SecondRoots
from fundcall.audit.statutory import STATUTORY, line_of, statutory
from fundcall.audit.witness import Witnessed
from fundcall.calls.recorded import RecordedRules
from fundcall.durable import sync_folder
from fundcall.enclosures import receipt_files
from fundcall.papers import paper
from fundcall.settings import Settings
from fundcall.storage.ledger import SqlLedger
from fundcall.storage.notices import SqliteNotices
from notifications.message import File
from states.actor import Actor
from states.calendar import instant_of
from states.events import Recorded
from workflow.asof import position_at
from workflow.record import decode
from workflow.replay import Divergence
from workflow.rules import Rules
from workflow.visible import may_read


class Proved(Protocol):
    """The system whose ledger it is."""

    @property
    def settings(self) -> Settings: ...

    @property
    def ledger(self) -> SqlLedger: ...

    @property
    def notices(self) -> SqliteNotices: ...

    @property
    def calls(self) -> Mapping[str, Rules]: ...


class Proofs:
    """What can be proved of a system's ledger: checkpoints and receipts (`fundcall.web.api.asking.Proofs`)."""

    def __init__(self, system: Proved) -> None:
        self._system, settings = system, system.settings
        self._roots = Roots(system.ledger)
        self._calls = RecordedRules(system.ledger.rules)
        self._second = SecondRoots(system.ledger)
        self.signer = signer(settings.signing_key_file, settings.origin)
        self.journal = Journal(settings.data_dir / "checkpoints.txt", self.signer.verifier)
        self.witnessed = Witnessed(settings.data_dir / "witnesses")

    @property
    def verifiers(self) -> tuple[str, ...]:
        """The keys that this ledger signs and has signed with, the newest first."""
        return self.journal.verifiers()

    def checkpoint(self) -> str:
        """The signed checkpoint of the ledger as it stands."""
        return self._sealed(self._system.ledger.head())

    def _sealed(self, size: int, *extensions: str) -> str:
        second = (f"sm3 {self._second.text(size)}",) if self._system.settings.sm3 else ()
        return self.signer.sign(size, self._roots.at(size), *second, *extensions)

    def keep(self) -> str:
        """Keep the checkpoint of now beside the database, if there is news: the checkpoint, "" where there is none."""
        note = self.checkpoint()
        return note if self.journal.keep(note) else ""

    def keep_statutory(self, now: datetime) -> list[str]:
        """Keep the checkpoint of each statutory instant that has passed: over what had been recorded by then."""
        known = {said for note in self.journal.notes() if (said := line_of(note, STATUTORY))}
        made: list[str] = []
        for at, name in statutory(self._system.ledger, [rules.call for rules in self._system.calls.values()]):
            if at <= now and name not in known:
                made.append(self._sealed(position_at(self._system.ledger, at).position, f"{STATUTORY} {name}"))
                self.journal.keep(made[-1])
        return made

    def consistency_path(self, first: int, second: int) -> list[bytes]:
        """The proof that the ledger of so many events begins with that of fewer. Raises ValueError."""
        return self._roots.consistency(first, second)

    def rotate(self) -> Proofs:
        """Sign with a new key from here on; the old one's last signature says so beside the new one's first."""
        path, size = self._system.settings.signing_key_file, self._system.ledger.head()
        beside = path.with_suffix(".next")
        beside.unlink(missing_ok=True)
        self.journal.rotate(self.signer, signer(beside, self.signer.name), size, self._roots.at(size))
        beside.replace(path)
        sync_folder(path.parent)
        return Proofs(self._system)

    def tail(self) -> list[Divergence]:
        """What is wrong with the newest part of the ledger, or with the last checkpoint kept."""
        return check_tail(self._system.ledger, self.journal, self._roots)

    def checkpoints(self) -> list[Divergence]:
        """Checkpoints kept that the ledger does not lead to."""
        try:
            head = self._system.ledger.head()
            found = [*self.journal.check(self._roots, head), *self.witnessed.check(self._roots, head, self.verifiers)]
            return [*found, *self._second.check(self.journal.notes())]
        except (ValueError, TypeError) as gap:
            return [Divergence(0, "", "checkpoint", "every event", str(gap))]

    def proof(self, application_id: str, positions: Container[int] | None = None) -> dict[str, Any]:
        """The proofs of an application's events, those at some positions or all, under the checkpoint of now."""
        size = self._system.ledger.head()
        events = [
            event
            for event in self._system.ledger.stored(0, size, application_id)
            if positions is None or event.position in positions
        ]
        return proofs(self._roots, self.signer, application_id, events, size)

    def export(self, out: Path, application_id: str | None, *, redact: bool) -> Exported:
        """The evidence bundle of an application, or of the whole ledger, in a new folder. Raises FileExistsError."""
        return export(
            out, self._system.ledger, self._system.notices, self._roots, self.signer, application_id,
            self.journal.rotations(), redact=redact,
        )  # fmt: skip

    def consistency(self, first: int, second: int | None = None) -> dict[str, Any]:
        """The proof that the ledger of `second` events, by default all, begins with that of `first`. Raises ValueError."""
        size = self._system.ledger.head() if second is None else second
        return consistency(self._roots, self.signer, first, size)

    def receipt(self, application_id: str, upto: int | None = None) -> dict[str, Any] | None:
        """The receipt of an application's latest submission, up to a position of the ledger."""
        row = self._system.ledger.row(application_id)
        if row is None:
            return None
        call = self._system.calls[row.call_id].call
        return receipt(self._system.ledger, call, application_id, self._signed, upto)

    def _signed(self, size: int) -> dict[str, str]:
        return {"checkpoint": self.signer.sign(size, self._roots.at(size)), "verifier": self.signer.verifier}

    def receipt_pdf(self, application_id: str) -> bytes | None:
        """The same on paper."""
        found = self.receipt(application_id)
        return paper("receipt", found, instant_of(found["recorded_at"])) if found else None

    def dossier_pdf(self, actor: Actor, application_id: str) -> bytes | None:
        """Everything about an application on paper, as far as the actor may see it; None where that is nothing. It rests
        on the checkpoint of the last event seen: the same event and reader give the same bytes.
        """
        from fundcall.dossier import dossier, upto_seen  # noqa: PLC0415 - its words are slow to import

        if application_id in self._system.calls:
            return None
        stored = list(self._system.ledger.stored(application=application_id))
        application, history = upto_seen(actor, [decode(one.body) for one in stored], [one.leaf for one in stored])
        if application is None or not may_read(actor, application):
            return None
        found = dossier(actor, self._system.calls[application.call_id].call, application, history)
        size = found["position"]
        found |= self._signed(size)
        return paper("dossier", found, instant_of(history[-1]["recorded_at"]))

    def files(self, event: Recorded) -> tuple[File, ...]:
        """The receipt of a submission as it goes with its mail: as JSON to be verified, as PDF to be kept."""
        found = receipt(self._system.ledger, self._calls(event), event.application, self._signed, event.position)
        return receipt_files(found, event.recorded_at) if found else ()

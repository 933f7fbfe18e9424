"""The one place where everything meets: from settings to a running system."""

from __future__ import annotations

import gc
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from fundcall.accounts.entrance import Entrance
from fundcall.accounts.people import Account
from fundcall.audit.bundle import Exported, export
from fundcall.audit.checkpoint import signer
from fundcall.audit.journal import Journal, check_tail
from fundcall.audit.proof import consistency, proofs
from fundcall.audit.receipt import receipt
from fundcall.audit.roots import Roots
from fundcall.calls import calendars
from fundcall.calls.load import load, shipped
from fundcall.checking import RecordedRules
from fundcall.clock import SteadyClock
from fundcall.directory import FixedDirectory
from fundcall.documents.anchors import read_anchors
from fundcall.documents.examiner import Examiner
from fundcall.documents.store import DocumentStore
from fundcall.documents.uploads import Uploads
from fundcall.housekeeping import administration
from fundcall.mailroom import MailRoom
from fundcall.papers import paper, receipt_files
from fundcall.retelling import laid_out
from fundcall.settings import Settings
from fundcall.solver import solver
from fundcall.storage.accounts import SqliteAccounts
from fundcall.storage.desk import SqliteDesk
from fundcall.storage.drafts import SqliteDrafts
from fundcall.storage.experts import SqliteExperts
from fundcall.storage.health import SqliteHealth
from fundcall.storage.ledger import SqliteLedger
from fundcall.storage.migrate import revision, upgrade
from fundcall.storage.notices import SqliteNotices
from fundcall.storage.readings import SqliteReadings
from fundcall.storage.registers import SqliteRegisters
from fundcall.storage.tokens import SqliteTokens
from notifications.dispatch import Dispatcher
from notifications.message import File
from notifications.telling import Teller
from states.actor import Actor
from states.calendar import instant_of
from states.events import Recorded
from states.funding_call import FundingCall
from workflow.checks import Checks
from workflow.handle import Handler
from workflow.memory import FixedCalendars, MemoryDocuments, MemoryRegisters
from workflow.ports import Calendars, Documents, Registers
from workflow.record import decode
from workflow.replay import Divergence
from workflow.rules import Loaded, Rules, rules_of
from workflow.visible import may_read

_UPLOADS_TAKE = timedelta(days=1)
"""At most; what is older was left behind by a process that died."""
_SIMULATED_YEARS = range(2027, 2033)
_GARBAGE_AFTER = 50_000


class NotInstalled(Exception):
    """There is no installation in that folder."""


@dataclass(frozen=True, slots=True)
class System:
    """A running system: the write path, what was told, and where it is."""

    settings: Settings
    ledger: SqliteLedger
    notices: SqliteNotices
    tokens: SqliteTokens
    accounts: SqliteAccounts
    handler: Handler
    dispatcher: Dispatcher
    clock: SteadyClock

    @property
    def calls(self) -> Mapping[str, Rules]:
        """The rules in force, by call."""
        return self.handler.calls

    def close(self) -> None:
        """Let go of the database, and of the processes that examine documents."""
        if isinstance(self.handler.documents, DocumentStore):
            self.handler.documents.close()
        self.ledger.close()


def install(settings: Settings) -> None:
    """Create the database, or bring it to the newest schema."""
    upgrade(settings.database)


def open_system(settings: Settings) -> System:
    """Open an installation. Raises NotInstalled where there is none."""
    if revision(settings.database) is None:
        raise NotInstalled(
            f"{settings.database}: 没有数据库，请先运行 fundcall init / no database there; run fundcall init"
        )
    upgrade(settings.database)
    documents = DocumentStore(settings.data_dir / "documents", open_examiner(settings))
    documents.sweep(datetime.now(UTC) - _UPLOADS_TAKE)
    directory = FixedDirectory(settings.officers_mail, settings.head_mail)
    ledger = SqliteLedger(settings.database)
    calls = [load(name) for name in shipped()] + further_calls(settings)
    system = _system(settings, ledger, calls, documents, calendars.Published(), SqliteRegisters(ledger), directory)
    system.dispatcher.teller.papers = Proofs(system).files
    return system


def further_calls(settings: Settings) -> list[FundingCall]:
    """The calls that FUNDCALL_CALLS names. Raises FileNotFoundError, FaultyFile."""
    try:
        return [load(name) for name in map(str.strip, settings.calls.split(",")) if name]
    except FileNotFoundError as missing:
        raise FileNotFoundError(f"FUNDCALL_CALLS: {missing}") from missing


def open_examiner(settings: Settings) -> Examiner:
    """What examines documents against the installation's trusted certificates; its processes start when first needed."""
    return Examiner(lambda: read_anchors(settings.trust))


def open_simulation(settings: Settings, call: FundingCall) -> System:
    """A system for a simulated programme: documents and registers are told, and years not yet published are worked
    Monday to Friday.
    """
    upgrade(settings.database)
    calendar = calendars.provisional(_SIMULATED_YEARS) if call.calendar == "china" else calendars.named(call.calendar)
    directory = FixedDirectory("officers@authority.example.org", "head@authority.example.org", "experts.example.org")
    ledger = SqliteLedger(settings.database)
    registers = MemoryRegisters()
    return _system(settings, ledger, [call], MemoryDocuments(), FixedCalendars(calendar), registers, directory)


def _system(
    settings: Settings,
    ledger: SqliteLedger,
    calls: Sequence[FundingCall],
    documents: Documents,
    working_days: Calendars,
    registers: Registers,
    directory: FixedDirectory,
) -> System:
    gc.set_threshold(_GARBAGE_AFTER, 20, 50)  # a bulk run makes many objects and hardly any cycles
    rules = Loaded((call.id, rules_of(call)) for call in calls)
    for kept in rules.values():
        ledger.keep_rules(kept.hash, kept.call.id, kept.body)
    notices = SqliteNotices(ledger)
    handler = Handler(ledger, documents, working_days, registers, SqliteExperts(ledger), rules)
    kept_rules = RecordedRules(ledger.rules)
    teller = Teller(
        ledger, directory, rules, settings.mail_from, settings.public_url, Roots(ledger).at, call_of=kept_rules
    )
    dispatcher = Dispatcher(teller, notices, partial(laid_out, teller, directory))
    clock = SteadyClock(ledger.transact(lambda transaction: transaction.last_recorded_at) if ledger.head() else None)
    return System(settings, ledger, notices, SqliteTokens(ledger), SqliteAccounts(ledger), handler, dispatcher, clock)


def settings_for(data: Path | None, **values: str) -> Settings:
    """Settings from the environment, with the data folder and others given by hand."""
    given: dict[str, object] = {**values} | ({"data_dir": data} if data is not None else {})
    return Settings(**given)  # type: ignore[arg-type]


class Proofs:
    """What can be proved of a system's ledger: checkpoints and receipts (`fundcall.web.api.asking.Proofs`)."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._roots = Roots(system.ledger)
        self.signer = signer(system.settings.signing_key_file, system.settings.origin)
        self.journal = Journal(system.settings.data_dir / "checkpoints.txt", self.signer.verifier)

    @property
    def verifiers(self) -> tuple[str, ...]:
        """The keys that this ledger signs and has signed with, the newest first."""
        return (self.signer.verifier,)

    def checkpoint(self) -> str:
        """The signed checkpoint of the ledger as it stands."""
        size = self._system.ledger.head()
        return self.signer.sign(size, self._roots.at(size))

    def keep(self) -> bool:
        """Keep the checkpoint of now beside the database, if there is news. Whether there was."""
        return self.journal.keep(self.checkpoint())

    def tail(self) -> list[Divergence]:
        """What is wrong with the newest part of the ledger, or with the last checkpoint kept."""
        return check_tail(self._system.ledger, self.journal, self._roots)

    def checkpoints(self) -> list[Divergence]:
        """Checkpoints kept that the ledger does not lead to."""
        try:
            return list(self.journal.check(self._roots, self._system.ledger.head()))
        except ValueError as gap:
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
            out, self._system.ledger, self._system.notices, self._roots, self.signer, application_id, redact=redact
        )

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
        found = self.receipt(event.application, event.position)
        return receipt_files(found, event.recorded_at) if found else ()


def web(system: System, *, demo: Mapping[str, Account] | None = None, checks: Checks | None = None) -> Any:
    """The web application (ASGI) over a system. `demo` are one-click sign-ins by the secret in their address."""
    from fundcall.web.access import Gate  # noqa: PLC0415 - slow to import, and most commands need no web
    from fundcall.web.api.asking import Api  # noqa: PLC0415
    from fundcall.web.app import Site, build  # noqa: PLC0415

    clock, documents = system.clock, system.handler.documents
    uploads = Uploads(documents) if isinstance(documents, DocumentStore) else None
    gate = Gate(lambda key: system.tokens.actor(key, clock.now()))
    api = Api(system.handler, gate, uploads, Proofs(system), SqliteDrafts(system.ledger), clock.now, solver, clock.at)
    settings, readings = system.settings, SqliteReadings(system.ledger)
    desk = MailRoom(system.calls, settings.mail_from, settings.public_url)
    children = documents.children if isinstance(documents, DocumentStore) else dict
    health = SqliteHealth(system.ledger, clock.now, children)
    kept = administration(settings, system.ledger, system.accounts, system.tokens, system.handler.experts, health)
    site = Site(Entrance(system.accounts), system.notices, SqliteDesk(system.ledger), settings.public_url, demo or {}, readings,
                desk, kept, settings.proxies, checks)  # fmt: skip
    return build(site, api)

"""The one place where everything meets: from settings to a running system."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from fundcall.accounts.entrance import Entrance
from fundcall.accounts.people import Account
from fundcall.announcing import Announcer
from fundcall.audit.roots import FollowedRoots
from fundcall.calls import calendars
from fundcall.calls.load import load, shipped
from fundcall.calls.recorded import RecordedRules
from fundcall.clock import SteadyClock
from fundcall.directory import FixedDirectory
from fundcall.documents.anchors import read_anchors
from fundcall.documents.bucket import open_bucket
from fundcall.documents.examiner import Examiner
from fundcall.documents.store import DocumentStore
from fundcall.documents.uploads import Uploads
from fundcall.housekeeping import administration
from fundcall.mailroom import MailRoom
from fundcall.postmaster import Postmaster
from fundcall.proofs import Proofs as Proofs
from fundcall.retelling import laid_out
from fundcall.settings import Settings
from fundcall.solver import solver
from fundcall.storage.accounts import SqliteAccounts
from fundcall.storage.desk import SqliteDesk
from fundcall.storage.drafts import SqliteDrafts
from fundcall.storage.experts import SqliteExperts
from fundcall.storage.health import SqliteHealth
from fundcall.storage.ledger import SqlLedger
from fundcall.storage.maildesk import SqliteMailDesk
from fundcall.storage.migrate import revision, upgrade
from fundcall.storage.news import SqliteNews
from fundcall.storage.notices import SqliteNotices
from fundcall.storage.opening import open_ledger
from fundcall.storage.readings import SqliteReadings
from fundcall.storage.registers import SqliteRegisters
from fundcall.storage.tokens import SqliteTokens
from notifications.dispatch import Dispatcher
from notifications.telling import Teller
from states.funding_call import FundingCall
from workflow.checks import Checks
from workflow.handle import Handler
from workflow.memory import FixedCalendars, MemoryDocuments, MemoryRegisters
from workflow.ports import Calendars, Documents, Registers
from workflow.rules import Loaded, Rules, rules_of

_UPLOADS_TAKE = timedelta(days=1)
"""At most; what is older was left behind by a process that died."""
_SIMULATED_YEARS = range(2027, 2033)
_GARBAGE_AFTER = 50_000
MBOX, SUMMARY = "mails.mbox", "summary.json"
"""What a demo that ran leaves in its folder beside what any installation has there."""


class NotInstalled(Exception):
    """There is no installation in that folder."""


@dataclass(frozen=True, slots=True)
class System:
    """A running system: the write path, what was told, and where it is."""

    settings: Settings
    ledger: SqlLedger
    notices: SqliteNotices
    tokens: SqliteTokens
    accounts: SqliteAccounts
    handler: Handler
    dispatcher: Dispatcher
    postmaster: Postmaster
    announcer: Announcer
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
    upgrade(settings.where)


def is_installed(database: Path | str) -> bool:
    """Whether a database has a schema of ours."""
    return revision(database) is not None


def open_system(settings: Settings) -> System:
    """Open an installation. Raises NotInstalled where there is none."""
    if revision(settings.where) is None:
        raise NotInstalled(
            f"{settings.database_name}: 没有数据库，请先运行 fundcall init / no database there; run fundcall init"
        )
    upgrade(settings.where)
    calls = [load(name) for name in shipped()] + further_calls(settings)
    documents = DocumentStore(
        settings.data_dir / "documents",
        open_examiner(settings),
        open_bucket(settings.documents_url, settings.documents_key),
    )
    documents.sweep(datetime.now(UTC) - _UPLOADS_TAKE)
    directory = FixedDirectory(settings.officers_mail, settings.head_mail)
    ledger = open_ledger(settings.where)
    registers, clock = SqliteRegisters(ledger), _clock_of(settings.data_dir)
    system = _system(settings, ledger, calls, documents, calendars.Published(), registers, directory, clock)
    system.dispatcher.teller.papers = Proofs(system).files
    return system


def _clock_of(folder: Path) -> Callable[[datetime | None], SteadyClock]:
    """What makes the clock by which to go on from the last instant of a ledger. In the folder of a demo that ran it is the
    demo's own, which is at the instant that it came to, or that people have come to with its ledger since.
    """
    if not all((folder / name).exists() for name in (MBOX, SUMMARY)):
        return SteadyClock
    ended_at = datetime.fromisoformat(orjson.loads((folder / SUMMARY).read_bytes())["ended_at"])
    return lambda last: SteadyClock(ahead=max(ended_at, last or ended_at) - datetime.now(UTC))


def further_calls(settings: Settings) -> list[FundingCall]:
    """The calls that FUNDCALL_CALLS names. Raises FileNotFoundError, FaultyFile."""
    try:
        return [load(name) for name in map(str.strip, settings.calls.split(",")) if name]
    except FileNotFoundError as missing:
        raise FileNotFoundError(f"FUNDCALL_CALLS: {missing}") from missing


def open_examiner(settings: Settings) -> Examiner:
    """What examines documents against the installation's trusted certificates; its processes start when first needed."""
    return Examiner(lambda: read_anchors(settings.trust))


def open_simulation(
    settings: Settings,
    call: FundingCall,
    opener: Callable[[Path | str], SqlLedger] = open_ledger,
    clock: Callable[[datetime | None], SteadyClock] = SteadyClock,
) -> System:
    """A system for a simulated programme: documents and registers are told, and years not yet published are worked
    Monday to Friday. What opens the ledger, and the clock, may be other ones.
    """
    upgrade(settings.where)
    calendar = calendars.provisional(_SIMULATED_YEARS) if call.calendar == "china" else calendars.named(call.calendar)
    directory = FixedDirectory("officers@authority.example.org", "head@authority.example.org", "experts.example.org")
    ledger = opener(settings.where)
    registers = MemoryRegisters()
    return _system(settings, ledger, [call], MemoryDocuments(), FixedCalendars(calendar), registers, directory, clock)


def _system(
    settings: Settings,
    ledger: SqlLedger,
    calls: Sequence[FundingCall],
    documents: Documents,
    working_days: Calendars,
    registers: Registers,
    directory: FixedDirectory,
    steady: Callable[[datetime | None], SteadyClock] = SteadyClock,
) -> System:
    gc.set_threshold(_GARBAGE_AFTER, 20, 50)  # a bulk run makes many objects and hardly any cycles
    rules = Loaded((call.id, rules_of(call)) for call in calls)
    for kept in rules.values():
        ledger.keep_rules(kept.hash, kept.call.id, kept.body)
    notices = SqliteNotices(ledger)
    handler = Handler(ledger, documents, working_days, registers, SqliteExperts(ledger), rules)
    kept_rules = RecordedRules(ledger.rules)
    teller = Teller(
        ledger, directory, rules, settings.mail_from, settings.public_url, FollowedRoots(ledger).at, call_of=kept_rules
    )
    dispatcher = Dispatcher(teller, notices, partial(laid_out, teller, directory))
    postmaster = Postmaster(dispatcher, SqliteMailDesk(ledger), settings.bounces)
    announcer = Announcer(teller, notices, SqliteNews(ledger))
    clock = steady(ledger.transact(lambda transaction: transaction.last_recorded_at) if ledger.head() else None)
    people = SqliteTokens(ledger), SqliteAccounts(ledger)
    return System(settings, ledger, notices, *people, handler, dispatcher, postmaster, announcer, clock)


def settings_for(data: Path | None, **values: str) -> Settings:
    """Settings from the environment, with the data folder and others given by hand."""
    given: dict[str, object] = {**values} | ({"data_dir": data} if data is not None else {})
    return Settings(**given)  # type: ignore[arg-type]


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
    desk = MailRoom(system.postmaster, system.ledger)
    children = documents.children if isinstance(documents, DocumentStore) else dict
    health = SqliteHealth(system.ledger, clock.now, children, lambda: clock.suspect)
    kept = administration(settings, system.ledger, system.accounts, system.tokens, system.handler.experts, health)
    site = Site(Entrance(system.accounts), system.notices, SqliteDesk(system.ledger), settings.public_url, demo or {}, readings,
                desk, kept, system.announcer.news, settings.proxies, checks, _provider(settings), settings.certificate_headers)  # fmt: skip
    return build(site, api)


def _provider(settings: Settings) -> Any:
    """Who vouches for people, if the settings name somebody."""
    if not settings.oidc_issuer:
        return None
    from fundcall.accounts.openid import Client, OpenId  # noqa: PLC0415 - slow to import, and most have no provider

    given = (settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret, settings.public_url)
    return OpenId(Client(*given, *settings.second_factors))

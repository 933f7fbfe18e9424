"""The one place where everything meets: from settings to a running system."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fundcall.calls import calendars
from fundcall.calls.load import load, shipped
from fundcall.documents.anchors import read_anchors
from fundcall.documents.examiner import Examiner
from fundcall.documents.store import DocumentStore
from fundcall.settings import Settings
from fundcall.storage.ledger import SqliteLedger
from fundcall.storage.migrate import revision, upgrade
from fundcall.storage.notices import SqliteNotices
from notifications.dispatch import Directory, Dispatcher
from notifications.render import Recipient
from states.calendar import WorkingCalendar
from states.funding_call import FundingCall
from workflow.handle import Handler
from workflow.memory import FixedCalendars, MemoryDocuments, MemoryRegisters
from workflow.ports import Calendars, Documents
from workflow.rules import Rules, rules_of

_UPLOADS_TAKE = timedelta(days=1)
"""At most; what is older was left behind by a process that died."""
_SIMULATED_YEARS = range(2027, 2033)
_GARBAGE_AFTER = 50_000


class NotInstalled(Exception):
    """There is no installation in that folder."""


class PublishedCalendars:
    """The calendars as published, by name and by recorded version."""

    def current(self, name: str) -> WorkingCalendar:
        return calendars.named(name)

    def version(self, version: str) -> WorkingCalendar:
        return calendars.versioned(version)


class FixedDirectory:
    """Officers and heads by mailbox; experts by an address made from their account where a domain is given."""

    def __init__(self, officers: str = "", head: str = "", expert_domain: str = "") -> None:
        self._boxes = {"officers": officers, "head": head}
        self._expert_domain = expert_domain

    def people(self, audience: str, call_id: str) -> tuple[Recipient, ...]:
        if audience.startswith("expert:") and self._expert_domain:
            name = audience.removeprefix("expert:")
            return (Recipient(audience, name, f"{name}@{self._expert_domain}"),)
        box = self._boxes.get(audience, "")
        return (Recipient(audience, "", box),) if box else ()


@dataclass(frozen=True, slots=True)
class System:
    """A running system: the write path, what was told, and where it is."""

    settings: Settings
    ledger: SqliteLedger
    notices: SqliteNotices
    handler: Handler
    dispatcher: Dispatcher

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
    names = [*shipped(), *(name for name in settings.calls.split(",") if name)]
    documents = DocumentStore(settings.data_dir / "documents", open_examiner(settings))
    documents.sweep(datetime.now(UTC) - _UPLOADS_TAKE)
    directory = FixedDirectory(settings.officers_mail, settings.head_mail)
    return _system(settings, [load(name) for name in names], documents, PublishedCalendars(), directory)


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
    return _system(settings, [call], MemoryDocuments(), FixedCalendars(calendar), directory)


def _system(
    settings: Settings,
    calls: Sequence[FundingCall],
    documents: Documents,
    working_days: Calendars,
    directory: Directory,
) -> System:
    gc.set_threshold(_GARBAGE_AFTER, 20, 50)  # a bulk run makes many objects and hardly any cycles
    ledger = SqliteLedger(settings.database)
    rules = {call.id: rules_of(call) for call in calls}
    for kept in rules.values():
        ledger.keep_rules(kept.hash, kept.call.id, kept.body)
    notices = SqliteNotices(ledger)
    handler = Handler(ledger, documents, working_days, MemoryRegisters(), rules)
    dispatcher = Dispatcher(ledger, notices, directory, rules, settings.mail_from, settings.public_url)
    return System(settings, ledger, notices, handler, dispatcher)


def settings_for(data: Path | None, **values: str) -> Settings:
    """Settings from the environment, with the data folder and others given by hand."""
    given: dict[str, object] = {**values} | ({"data_dir": data} if data is not None else {})
    return Settings(**given)  # type: ignore[arg-type]

"""What the workflow needs of the world, as protocols; each has a memory twin and passes one contract suite."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol, TypeVar

from states.application import Application
from states.calendar import WorkingCalendar
from states.checks import DocumentFacts
from states.envelope import Bound
from states.events import Recorded
from states.programme import Programme
from workflow.desk import By, Mark, Wanted
from workflow.privacy import Personal
from workflow.projection import Reviewed, Row, Sheet

T = TypeVar("T")


class Unavailable(Exception):
    """The ledger cannot be written now; nothing was kept. Try again later."""


class Stored(NamedTuple):
    """An event as bytes: what is hashed, with the few columns that need no parsing."""

    position: int
    application: str
    version: int
    type: str
    leaf: bytes
    body: bytes


class Due(NamedTuple):
    """An armed deadline."""

    due_at: datetime
    application: str
    name: str


class Entry(NamedTuple):
    """An event as its whole row: the bytes, and every column beside them. `recorded_at` is text, as in the bytes."""

    position: int
    application: str
    version: int
    type: str
    command_id: str
    recorded_at: str
    leaf: bytes
    body: bytes


class History(NamedTuple):
    """All there is of one stream: its events by version, the row (as `listed`), the armed deadlines (when, which) and the
    sheet of its reviews and the words it is found by, that follow from them. Instants are text as it is stored, so that whatever stands there can be read and compared.
    """

    name: str
    entries: list[Entry]
    row: tuple[Any, ...] | None
    deadlines: list[tuple[str, str]]
    sheet: tuple[Any, ...] | None = None
    words: tuple[Any, ...] | None = None


class Transaction(Protocol):
    """The ledger as one unit of work sees it, what it has itself appended included. Everything or nothing is kept."""

    @property
    def next_position(self) -> int:
        """The position of the next event appended."""

    @property
    def last_recorded_at(self) -> datetime | None:
        """When the latest event was written."""

    def answered(self, command_id: str) -> Recorded | None:
        """The event that this command id led to, if it came before."""

    def application(self, application_id: str) -> Application | None:
        """The application as it stands."""

    def programme(self, call_id: str) -> Programme:
        """The course of a call as a whole; version 0 where its stream has no events."""

    def others(self, call_id: str, unit_code: str, besides: str) -> tuple[str, ...]:
        """The ids of the unit's other live applications in the call, sorted."""

    def credited(self, unit_code: str) -> tuple[str, ...]:
        """The ids of the unit's applications, of whatever call, with a credit entry in force, sorted."""

    def sequence(self, call_id: str) -> int:
        """How many applications of the call have been given a number."""

    def bound(self, call_id: str) -> Mapping[str, Bound]:
        """What the call's applications take of its money, by topic; topics of which none takes any are left out."""

    def append(self, event: Recorded, after: Application | Programme, personal: Sequence[Personal] = ()) -> None:
        """Append an event with the application, or the course of a call, that it leads to."""


class Ledger(Protocol):
    """The append-only ledger and what is derived from it in the same transaction: rows and armed deadlines."""

    def transact(self, work: Callable[[Transaction], T], command_ids: Sequence[str] = ()) -> T:
        """Run `work` in a transaction and return its answer once that is durable. An exception of `work` keeps nothing
        of it and is raised here; nobody else's work is touched. `command_ids` are those that `work` will ask about
        for sure, so that they can be looked up together.
        """

    def prefetch(self, transaction: Transaction, applications: Sequence[str]) -> None:
        """Read these applications at once, for work on many."""

    def head(self) -> int:
        """The position of the last event; 0 when there is none."""

    def stored(self, after: int = 0, upto: int | None = None, application: str | None = None) -> Iterator[Stored]:
        """The events with after < position <= upto in order, of one application or of all."""

    def leaves(self, after: int, upto: int) -> Iterator[bytes]:
        """The leaf hashes with after < position <= upto in order."""

    def spine(self, after: int, upto: int) -> Iterator[tuple[int, str, bytes]]:
        """Position, time of recording (as text) and leaf hash of the events with after < position <= upto in order."""

    def steps(self, after: int, upto: int) -> Iterator[tuple[int, str, str, str]]:
        """Position, stream and type of the events with after < position <= upto in order, and of each first event of an
        application the call that it belongs to ("" for all others).
        """

    def histories(self, after: str = "", upto: str | None = None) -> Iterator[History]:
        """Each stream with after < name <= upto by name, all as of one instant; also what has rows and no events."""

    def rows(
        self,
        state: str | None = None,
        call_id: str | None = None,
        after: str = "",
        limit: int | None = None,
        unit_code: str | None = None,
    ) -> list[Row]:
        """Rows of applications by id, those after an id, at most so many."""

    def row(self, application_id: str) -> Row | None:
        """One application's row."""

    def sheets(self, call_id: str | None = None) -> list[Sheet]:
        """What is known of the reviews of each application that has experts, by id, of one call or of all."""

    def reviews(self, call_id: str) -> list[Reviewed]:
        """The applications of a call that have experts, by id, each with its scores."""

    def counts(self, call_id: str | None = None) -> dict[str, int]:
        """Applications by state; states without any are left out."""

    def queue(
        self, wanted: Wanted, order: Sequence[By], limit: int | None, past: Mark | None = None, *, back: bool = False
    ) -> list[Row]:
        """Of the rows wanted those past the mark, in order, at most so many; with `back` the last before it, in order."""

    def queue_counts(self, wanted: Wanted) -> dict[str, int]:
        """The applications wanted, by state; states without any are left out."""

    def tally(self, call_id: str, after: int, upto: int) -> dict[str, int]:
        """The events of a call's applications with after < position <= upto, counted by type."""

    def of_type(self, call_id: str, type_: str, after: int, upto: int) -> list[Stored]:
        """Those of one type, in order."""

    def of_types(self, call_id: str, types: Collection[str], after: int, upto: int) -> Iterator[Stored]:
        """Those of several types, in order."""

    def commanded(self, prefix: str) -> list[Stored]:
        """The events, refusals among them, of commands whose ids begin so, in order: what became of a run."""

    def due(self, now: datetime, limit: int) -> list[Due]:
        """Deadlines that have fallen due, the earliest first."""

    def next_due(self) -> datetime | None:
        """When the next deadline falls due."""

    def deadlines(self, limit: int | None = None) -> list[Due]:
        """Every armed deadline, the earliest first."""

    def armed(self, call_id: str, since: datetime | None = None, until: datetime | None = None) -> list[Due]:
        """The armed deadlines of a call's applications with since <= due_at < until, the earliest first; no reminders."""

    def personal(self, commitment: str) -> Personal | None:
        """The personal value behind a commitment; None once erased."""

    def erase(self, commitment: str) -> bool:
        """Erase a personal value for good. Whether there was one."""

    def keep_rules(self, rules_hash: str, call_id: str, body: bytes) -> None:
        """Keep the rules of that hash beside the ledger (once)."""

    def rules(self, rules_hash: str) -> bytes | None:
        """The rules of that hash."""


class Documents(Protocol):
    """Stored documents, known by the SHA-256 of their bytes."""

    def facts(self, sha256: str, material: str, name: str) -> DocumentFacts | None:
        """What is known of a document; None when it is not stored whole."""


class Calendars(Protocol):
    """The working calendar in force, and earlier ones by version."""

    def current(self, name: str) -> WorkingCalendar:
        """The calendar that a call names, as published by now."""

    def version(self, version: str) -> WorkingCalendar:
        """The calendar of a version. Raises KeyError."""


class Registers(Protocol):
    """Lists kept by others: abnormal operation, dishonesty."""

    def standing(self, unit_code: str) -> tuple[str, ...]:
        """The bad lists on which the unit stands today, sorted."""

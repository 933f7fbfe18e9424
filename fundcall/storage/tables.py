"""The tables, as SQLModel classes: a schema, not a validation (values were validated before they came here)."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from states.application import State
from states.calendar import instant_of, stamp
from workflow.projection import NEVER


class Instant(TypeDecorator[datetime]):
    """An aware instant as text, 2025-09-22T07:59:59.999999Z, which sorts as time does. Refuses naive ones."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        return None if value is None else stamp(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else instant_of(value)


Big = BigInteger().with_variant(Integer(), "sqlite")
STRICT = {"sqlite_strict": True}
_STATES = ", ".join(f"'{state.value}'" for state in State)


def text_column(**kwargs: Any) -> Any:
    return Field(sa_type=Text, **kwargs)


class EventRow(SQLModel, table=True):
    """One event: its canonical bytes, the hash of its leaf, and the few columns that are looked up."""

    __tablename__ = "events"
    __table_args__ = (UniqueConstraint("application", "version"), STRICT)

    position: int = Field(sa_type=Big, primary_key=True, sa_column_kwargs={"autoincrement": False})
    application: str = text_column()
    version: int = Field(sa_type=Integer)
    type: str = text_column()
    command_id: str = text_column(unique=True)
    recorded_at: datetime = Field(sa_type=Instant)
    leaf: bytes = Field(sa_type=LargeBinary)
    body: bytes = Field(sa_type=LargeBinary)


class ApplicationRow(SQLModel, table=True):
    """Where an application stands, for lists; follows from its events."""

    __tablename__ = "applications"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state_known"),
        Index("applications_one_place", "call_id", "unit_code", "slot", unique=True,
              sqlite_where=text("slot <> ''"), postgresql_where=text("slot <> ''")),
        Index("applications_by_state", "call_id", "state", "id"),
        Index("applications_by_unit", "unit_code", "id"),
        Index("applications_by_due", "state", "due_at", "id"),
        Index("applications_by_number", "call_id", "number", unique=True,
              sqlite_where=text("number <> ''"), postgresql_where=text("number <> ''")),
        STRICT,
    )  # fmt: skip

    id: str = text_column(primary_key=True)
    call_id: str = text_column()
    state: str = text_column()
    phase: str = text_column()
    version: int = Field(sa_type=Integer)
    unit_code: str = text_column()
    unit_name: str = text_column()
    topic: str = text_column()
    number: str = text_column()
    title: str = text_column()
    slot: str = text_column()
    requested_minor: int = Field(sa_type=Big)
    grant_minor: int = Field(sa_type=Big)
    paid_minor: int = Field(sa_type=Big)
    end_on: str = text_column()
    outcome: str = text_column()
    flags: str = text_column()
    created_at: datetime = Field(sa_type=Instant)
    updated_at: datetime = Field(sa_type=Instant)
    bound_minor: int = Field(sa_type=Big, sa_column_kwargs={"server_default": text("0")})
    claimed_by: str = text_column(sa_column_kwargs={"server_default": text("''")})
    open_findings: int = Field(sa_type=Integer, sa_column_kwargs={"server_default": text("0")})
    due_at: datetime = Field(sa_type=Instant, sa_column_kwargs={"server_default": text(f"'{stamp(NEVER)}'")})


class SearchRow(SQLModel, table=True):
    """What an application is found by, as tokens; follows from its events. An index over the text follows it by triggers."""

    __tablename__ = "search_words"
    __table_args__ = (UniqueConstraint("application"), STRICT)

    id: int | None = Field(sa_type=Big, primary_key=True, default=None)
    application: str = text_column()
    number: str = text_column()
    title: str = text_column()
    unit_name: str = text_column()
    unit_code: str = text_column()
    marks: str = text_column()


class SheetRow(SQLModel, table=True):
    """The reviews of an application as lists read them; follows from its events."""

    __tablename__ = "score_sheets"
    __table_args__ = (Index("score_sheets_by_call", "call_id", "application"), STRICT)

    application: str = text_column(primary_key=True)
    call_id: str = text_column()
    scores: str = text_column()
    owed: str = text_column()


class ScoreDraftRow(SQLModel, table=True):
    """What an expert has written down so far; nobody else's business, and gone once the score is in."""

    __tablename__ = "score_drafts"
    __table_args__ = (STRICT,)

    application: str = text_column(primary_key=True)
    expert: str = text_column(primary_key=True)
    body: str = text_column()
    saved_at: datetime = Field(sa_type=Instant)


class DeadlineRow(SQLModel, table=True):
    """An armed deadline, clustered by when it falls due; gone once it has fired or was cleared."""

    __tablename__ = "deadlines"
    __table_args__ = ({"sqlite_strict": True, "sqlite_with_rowid": False},)

    due_at: datetime = Field(sa_type=Instant, primary_key=True)
    application: str = text_column(primary_key=True)
    name: str = text_column(primary_key=True)


class PersonalRow(SQLModel, table=True):
    """A personal value behind a commitment on the ledger; the one table whose rows may be erased."""

    __tablename__ = "personal"
    __table_args__ = (STRICT,)

    commitment: str = text_column(primary_key=True)
    salt: str = text_column()
    value: bytes = Field(sa_type=LargeBinary)


class RulesRow(SQLModel, table=True):
    """The rules (state table and call) that events were decided under, by their hash."""

    __tablename__ = "rules"
    __table_args__ = (STRICT,)

    hash: str = text_column(primary_key=True)
    call_id: str = text_column()
    body: bytes = Field(sa_type=LargeBinary)


class NoticeRow(SQLModel, table=True):
    """A notice that follows from an event, and what became of it. Told once a recipient."""

    __tablename__ = "notices"
    __table_args__ = (
        CheckConstraint("status IN ('queued', 'sending', 'accepted', 'failed', 'unknown', 'unaddressed', 'bounced', 'held', 'digested')", name="status_known"),
        Index("notices_by_status", "status", "kind", "position"),
        Index("notices_by_application", "application", "position"),
        STRICT,
    )  # fmt: skip

    position: int = Field(sa_type=Big, primary_key=True)
    recipient: str = text_column(primary_key=True)
    template: str = text_column(primary_key=True)
    application: str = text_column()
    ref: str = text_column()
    kind: str = text_column()
    subject: str = text_column()
    message_id: str = text_column(unique=True)
    digest: bytes = Field(sa_type=LargeBinary)
    status: str = text_column()
    answer: str = text_column()
    attempts: int = Field(sa_type=Integer)
    retry_at: str = text_column()
    settled_at: str = text_column()
    wording: str = text_column(sa_column_kwargs={"server_default": text("''")})


class MailRow(SQLModel, table=True):
    """The bytes of a notice as they are sent, compressed; they never change."""

    __tablename__ = "mails"
    __table_args__ = (STRICT,)

    message_id: str = text_column(primary_key=True)
    body: bytes = Field(sa_type=LargeBinary)


class CursorRow(SQLModel, table=True):
    """How far a follower of the ledger has come."""

    __tablename__ = "cursors"
    __table_args__ = (STRICT,)

    name: str = text_column(primary_key=True)
    position: int = Field(sa_type=Big)


class TokenRow(SQLModel, table=True):
    """A key to the API: the SHA-256 of a secret that only its holder has, and who acts with it."""

    __tablename__ = "tokens"
    __table_args__ = (STRICT,)

    digest: str = text_column(primary_key=True)
    actor: str = text_column()
    role: str = text_column()
    unit: str = text_column()
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    revoked: int = Field(sa_type=Integer)


class RegisterRow(SQLModel, table=True):
    """A unit on a list kept by others, as last imported: of which list, from where, and as of which day."""

    __tablename__ = "registers"
    __table_args__ = (Index("registers_by_unit", "unit_code"), STRICT)

    list: str = text_column(primary_key=True)
    unit_code: str = text_column(primary_key=True)
    source: str = text_column()
    as_of: str = text_column()


class ExpertRow(SQLModel, table=True):
    """An expert in the registry: who may be drawn for what, and what binds him or her. Lists as JSON."""

    __tablename__ = "experts"
    __table_args__ = (STRICT,)

    id: str = text_column(primary_key=True)
    unit: str = text_column()
    topics: str = text_column()
    load_max: int = Field(sa_type=Integer)
    name: str = text_column()
    email: str = text_column()
    away: str = text_column()
    declared: str = text_column()
    past: str = text_column()


class UnitGroupRow(SQLModel, table=True):
    """A unit of a group of units that belong together."""

    __tablename__ = "unit_groups"
    __table_args__ = (Index("unit_groups_by_unit", "unit"), STRICT)

    name: str = text_column(primary_key=True)
    unit: str = text_column(primary_key=True)

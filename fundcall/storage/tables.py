"""The tables, as SQLModel classes: a schema, not a validation (values were validated before they came here)."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
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


class Instant(TypeDecorator[datetime]):
    """An aware instant: timestamptz on PostgreSQL, 2025-09-22T07:59:59.999999Z as text on SQLite. Refuses naive ones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        text = stamp(value)
        return text if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return instant_of(value) if isinstance(value, str) else value


Big = BigInteger().with_variant(Integer(), "sqlite")
_STRICT = {"sqlite_strict": True}
_STATES = ", ".join(f"'{state.value}'" for state in State)


def _text(**kwargs: Any) -> Any:
    return Field(sa_type=Text, **kwargs)


class EventRow(SQLModel, table=True):
    """One event: its canonical bytes, the hash of its leaf, and the few columns that are looked up."""

    __tablename__ = "events"
    __table_args__ = (UniqueConstraint("application", "version"), _STRICT)

    position: int = Field(sa_type=Big, primary_key=True, sa_column_kwargs={"autoincrement": False})
    application: str = _text()
    version: int = Field(sa_type=Integer)
    type: str = _text()
    command_id: str = _text(unique=True)
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
        Index("applications_by_number", "call_id", "number", unique=True,
              sqlite_where=text("number <> ''"), postgresql_where=text("number <> ''")),
        _STRICT,
    )  # fmt: skip

    id: str = _text(primary_key=True)
    call_id: str = _text()
    state: str = _text()
    phase: str = _text()
    version: int = Field(sa_type=Integer)
    unit_code: str = _text()
    unit_name: str = _text()
    topic: str = _text()
    number: str = _text()
    title: str = _text()
    slot: str = _text()
    requested_minor: int = Field(sa_type=Big)
    grant_minor: int = Field(sa_type=Big)
    paid_minor: int = Field(sa_type=Big)
    end_on: str = _text()
    outcome: str = _text()
    flags: str = _text()
    created_at: datetime = Field(sa_type=Instant)
    updated_at: datetime = Field(sa_type=Instant)
    bound_minor: int = Field(sa_type=Big, sa_column_kwargs={"server_default": text("0")})


class SheetRow(SQLModel, table=True):
    """The reviews of an application as lists read them; follows from its events."""

    __tablename__ = "score_sheets"
    __table_args__ = (Index("score_sheets_by_call", "call_id", "application"), _STRICT)

    application: str = _text(primary_key=True)
    call_id: str = _text()
    scores: str = _text()
    owed: str = _text()


class ScoreDraftRow(SQLModel, table=True):
    """What an expert has written down so far; nobody else's business, and gone once the score is in."""

    __tablename__ = "score_drafts"
    __table_args__ = (_STRICT,)

    application: str = _text(primary_key=True)
    expert: str = _text(primary_key=True)
    body: str = _text()
    saved_at: datetime = Field(sa_type=Instant)


class DeadlineRow(SQLModel, table=True):
    """An armed deadline, clustered by when it falls due; gone once it has fired or was cleared."""

    __tablename__ = "deadlines"
    __table_args__ = ({"sqlite_strict": True, "sqlite_with_rowid": False},)

    due_at: datetime = Field(sa_type=Instant, primary_key=True)
    application: str = _text(primary_key=True)
    name: str = _text(primary_key=True)


class PersonalRow(SQLModel, table=True):
    """A personal value behind a commitment on the ledger; the one table whose rows may be erased."""

    __tablename__ = "personal"
    __table_args__ = (_STRICT,)

    commitment: str = _text(primary_key=True)
    salt: str = _text()
    value: bytes = Field(sa_type=LargeBinary)


class RulesRow(SQLModel, table=True):
    """The rules (state table and call) that events were decided under, by their hash."""

    __tablename__ = "rules"
    __table_args__ = (_STRICT,)

    hash: str = _text(primary_key=True)
    call_id: str = _text()
    body: bytes = Field(sa_type=LargeBinary)


class NoticeRow(SQLModel, table=True):
    """A notice that follows from an event, and what became of it. Told once a recipient."""

    __tablename__ = "notices"
    __table_args__ = (
        CheckConstraint("status IN ('queued', 'sending', 'accepted', 'failed', 'unknown', 'unaddressed')", name="status_known"),
        Index("notices_by_status", "status", "kind", "position"),
        Index("notices_by_application", "application", "position"),
        _STRICT,
    )  # fmt: skip

    position: int = Field(sa_type=Big, primary_key=True)
    recipient: str = _text(primary_key=True)
    template: str = _text(primary_key=True)
    application: str = _text()
    ref: str = _text()
    kind: str = _text()
    subject: str = _text()
    message_id: str = _text(unique=True)
    digest: bytes = Field(sa_type=LargeBinary)
    status: str = _text()
    answer: str = _text()
    attempts: int = Field(sa_type=Integer)
    retry_at: str = _text()
    settled_at: str = _text()


class MailRow(SQLModel, table=True):
    """The bytes of a notice as they are sent, compressed; they never change."""

    __tablename__ = "mails"
    __table_args__ = (_STRICT,)

    message_id: str = _text(primary_key=True)
    body: bytes = Field(sa_type=LargeBinary)


class CursorRow(SQLModel, table=True):
    """How far a follower of the ledger has come."""

    __tablename__ = "cursors"
    __table_args__ = (_STRICT,)

    name: str = _text(primary_key=True)
    position: int = Field(sa_type=Big)


class TokenRow(SQLModel, table=True):
    """A key to the API: the SHA-256 of a secret that only its holder has, and who acts with it."""

    __tablename__ = "tokens"
    __table_args__ = (_STRICT,)

    digest: str = _text(primary_key=True)
    actor: str = _text()
    role: str = _text()
    unit: str = _text()
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    revoked: int = Field(sa_type=Integer)


class RegisterRow(SQLModel, table=True):
    """A unit on a list kept by others, as last imported: of which list, from where, and as of which day."""

    __tablename__ = "registers"
    __table_args__ = (Index("registers_by_unit", "unit_code"), _STRICT)

    list: str = _text(primary_key=True)
    unit_code: str = _text(primary_key=True)
    source: str = _text()
    as_of: str = _text()


class AccountRow(SQLModel, table=True):
    """A person's account; name and address stand here, never on the ledger."""

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("email"), _STRICT)

    id: str = _text(primary_key=True)
    email: str = _text()
    name: str = _text()
    password: str = _text()
    totp_secret: str = _text()
    totp_step: int = Field(sa_type=Integer)
    disabled: int = Field(sa_type=Integer)
    created_at: datetime = Field(sa_type=Instant)


class PostRow(SQLModel, table=True):
    """What an account may act as, or asks to."""

    __tablename__ = "posts"
    __table_args__ = (Index("posts_by_unit", "unit", "account"), _STRICT)

    account: str = _text(primary_key=True)
    role: str = _text(primary_key=True)
    unit: str = _text(primary_key=True)
    pending: int = Field(sa_type=Integer)


class SessionRow(SQLModel, table=True):
    """Somebody signed in: the SHA-256 of the secret in the cookie, and the post that is acted in ("" for none)."""

    __tablename__ = "sessions"
    __table_args__ = (Index("sessions_by_account", "account"), _STRICT)

    digest: str = _text(primary_key=True)
    account: str = _text()
    role: str = _text()
    unit: str = _text()
    second: int = Field(sa_type=Integer)
    agent: str = _text()
    created_at: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)


class SlipRow(SQLModel, table=True):
    """What a link in a letter stands for, by the SHA-256 of its secret; gone once used."""

    __tablename__ = "slips"
    __table_args__ = (_STRICT,)

    digest: str = _text(primary_key=True)
    account: str = _text()
    purpose: str = _text()
    expires_at: datetime = Field(sa_type=Instant)


class LetterRow(SQLModel, table=True):
    """A letter about an account that is still to be written and sent."""

    __tablename__ = "letters"
    __table_args__ = (_STRICT,)

    account: str = _text(primary_key=True)
    purpose: str = _text(primary_key=True)
    retry_at: datetime = Field(sa_type=Instant)
    attempts: int = Field(sa_type=Integer)


class TryRow(SQLModel, table=True):
    """How often something was tried in the hour since the first time, by the SHA-256 of what and by whom."""

    __tablename__ = "tries"
    __table_args__ = (_STRICT,)

    key: str = _text(primary_key=True)
    count: int = Field(sa_type=Integer)
    since: datetime = Field(sa_type=Instant)

"""The tables of the audit: who read what, and the checks that auditors asked for. Schema only, as in `tables`."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, Integer, LargeBinary, text
from sqlmodel import Field, SQLModel

from fundcall.storage.tables import STRICT, Big, Instant, text_column


class ReadingRow(SQLModel, table=True):
    """Somebody read something: an account and ids, nothing personal. Only ever appended to, until it is old enough."""

    __tablename__ = "readings"
    __table_args__ = (Index("readings_by_time", "read_at"), STRICT)

    id: int = Field(sa_type=Big, primary_key=True)
    read_at: datetime = Field(sa_type=Instant)
    actor: str = text_column()
    role: str = text_column()
    what: str = text_column()
    subject: str = text_column()
    item: str = text_column()


class StationeryRow(SQLModel, table=True):
    """What notices rest on beside the ledger, from the position where it came into use. Only ever appended to."""

    __tablename__ = "stationery"
    __table_args__ = (STRICT,)

    id: int = Field(sa_type=Big, primary_key=True)
    position: int = Field(sa_type=Big)
    body: bytes = Field(sa_type=LargeBinary)


class ErasureRow(SQLModel, table=True):
    """A personal value was erased: whose request or which rule asked for it, and which mails went with it (digests)."""

    __tablename__ = "erasures"
    __table_args__ = (Index("erasures_by_application", "application"), STRICT)

    id: int = Field(sa_type=Big, primary_key=True)
    erased_at: datetime = Field(sa_type=Instant)
    commitment: str = text_column(unique=True)
    application: str = text_column()
    asked_by: str = text_column()
    basis: str = text_column()
    mails: str = text_column()


class ReplayRow(SQLModel, table=True):
    """A check that an auditor asked for, how far it has come, and what it found. One runs at a time."""

    __tablename__ = "replays"
    __table_args__ = (
        CheckConstraint("status IN ('running', 'done', 'failed', 'interrupted')", name="status_known"),
        Index("replays_one_running", "status", unique=True,
              sqlite_where=text("status = 'running'"), postgresql_where=text("status = 'running'")),
        STRICT,
    )  # fmt: skip

    id: int = Field(sa_type=Big, primary_key=True)
    kind: str = text_column()
    subject: str = text_column()
    asked_by: str = text_column()
    begun_at: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant)
    status: str = text_column()
    done: int = Field(sa_type=Integer)
    whole: int = Field(sa_type=Integer)
    found: str = text_column()

"""The tables of the office's desk: lists that people kept, bulk runs, and what became of each application in them."""

from datetime import datetime

from sqlalchemy import Integer, UniqueConstraint
from sqlmodel import Field, SQLModel

from fundcall.storage.tables import STRICT, Instant, text_column


class ViewRow(SQLModel, table=True):
    """A list that somebody kept under a name: what its address asks for."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("account", "name"), STRICT)

    id: str = text_column(primary_key=True)
    account: str = text_column()
    name: str = text_column()
    query: str = text_column()
    created_at: datetime = Field(sa_type=Instant)


class RunRow(SQLModel, table=True):
    """A bulk run: which command, by whom, for which applications (JSON, in order), and how far it has come."""

    __tablename__ = "bulk_runs"
    __table_args__ = (STRICT,)

    id: str = text_column(primary_key=True)
    account: str = text_column()
    actor: str = text_column()
    role: str = text_column()
    command: str = text_column()
    body: str = text_column()
    names: str = text_column()
    query: str = text_column()
    created_at: datetime = Field(sa_type=Instant)
    started_at: str = text_column()
    finished_at: str = text_column()


class OutcomeRow(SQLModel, table=True):
    """What became of one application in a run; `refusals` as JSON. The ledger alone says what was done."""

    __tablename__ = "bulk_outcomes"
    __table_args__ = (STRICT,)

    run: str = text_column(primary_key=True)
    place: int = Field(sa_type=Integer, primary_key=True)
    application: str = text_column()
    before: int = Field(sa_type=Integer)
    refusals: str = text_column()

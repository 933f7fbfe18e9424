"""Tables about mails beside the notices: words of somebody's own, mails that did not arrive, what was read."""

from datetime import datetime

from sqlalchemy import Index, Integer, LargeBinary
from sqlmodel import Field, SQLModel

from fundcall.storage.tables import STRICT, Big, Instant, text_column


class WordingRow(SQLModel, table=True):
    """The bytes of words that notices were written with, by their SHA-256; kept once, for writing them again."""

    __tablename__ = "wordings"
    __table_args__ = (STRICT,)

    digest: str = text_column(primary_key=True)
    body: bytes = Field(sa_type=LargeBinary)


class OverrideRow(SQLModel, table=True):
    """Other words for a template in a call: the highest version holds; "" goes back to those that ship."""

    __tablename__ = "wording_overrides"
    __table_args__ = (STRICT,)

    call_id: str = text_column(primary_key=True)
    template: str = text_column(primary_key=True)
    version: int = Field(sa_type=Integer, primary_key=True)
    source: str = text_column()
    actor: str = text_column()
    saved_at: datetime = Field(sa_type=Instant)


class BounceRow(SQLModel, table=True):
    """A mail that did not arrive, or not yet, and what the office did about it."""

    __tablename__ = "bounces"
    __table_args__ = (Index("bounces_by_state", "hard", "closed_at"), STRICT)

    message_id: str = text_column(primary_key=True)
    reported_at: datetime = Field(sa_type=Instant)
    hard: int = Field(sa_type=Integer)
    status: str = text_column()
    diagnostic: str = text_column()
    told: int = Field(sa_type=Integer)
    closed_at: str = text_column()
    closed_by: str = text_column()
    note: str = text_column()


class MailModeRow(SQLModel, table=True):
    """How a mailbox of the office is told: at once, or once a day."""

    __tablename__ = "mail_modes"
    __table_args__ = (STRICT,)

    audience: str = text_column(primary_key=True)
    mode: str = text_column()
    actor: str = text_column()
    saved_at: datetime = Field(sa_type=Instant)


class NoticeReadRow(SQLModel, table=True):
    """A notice that somebody of the unit has opened on the site."""

    __tablename__ = "notices_read"
    __table_args__ = (STRICT,)

    account: str = text_column(primary_key=True)
    position: int = Field(sa_type=Big, primary_key=True)
    template: str = text_column(primary_key=True)
    read_at: datetime = Field(sa_type=Instant)

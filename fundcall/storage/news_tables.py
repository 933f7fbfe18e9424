"""The tables of those who want to be told of new calls. Schema only, as in `tables`."""

from datetime import datetime

from sqlalchemy import Integer, UniqueConstraint
from sqlmodel import Field, SQLModel

from fundcall.storage.tables import STRICT, Instant, text_column


class NewsRequestRow(SQLModel, table=True):
    """Somebody asked to be told and has not confirmed: the SHA-256 of the link ("" before the letter is written), and when
    the letter is to be tried ("" once it was handed over).
    """

    __tablename__ = "news_requests"
    __table_args__ = (STRICT,)

    email: str = text_column(primary_key=True)
    language: str = text_column()
    link: str = text_column()
    expires_at: datetime = Field(sa_type=Instant)
    retry_at: str = text_column()
    attempts: int = Field(sa_type=Integer)


class SubscriberRow(SQLModel, table=True):
    """Somebody who is told of new calls, and the secret that each mail brings to leave with."""

    __tablename__ = "subscribers"
    __table_args__ = (UniqueConstraint("secret"), STRICT)

    email: str = text_column(primary_key=True)
    language: str = text_column()
    secret: str = text_column()
    confirmed_at: datetime = Field(sa_type=Instant)

"""The tables of accounts: people, their roles, sessions, letters and tries. Schema only, as in `tables`."""

from datetime import datetime

from sqlalchemy import Index, Integer, UniqueConstraint
from sqlmodel import Field, SQLModel

from fundcall.storage.tables import STRICT, Big, Instant, text_column


class AccountRow(SQLModel, table=True):
    """A person's account; name and address stand here, never on the ledger."""

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("email"), STRICT)

    id: str = text_column(primary_key=True)
    email: str = text_column()
    name: str = text_column()
    password: str = text_column()
    totp_secret: str = text_column()
    totp_step: int = Field(sa_type=Integer)
    disabled: int = Field(sa_type=Integer)
    created_at: datetime = Field(sa_type=Instant)


class PostRow(SQLModel, table=True):
    """What an account may act as, or asks to."""

    __tablename__ = "posts"
    __table_args__ = (Index("posts_by_unit", "unit", "account"), STRICT)

    account: str = text_column(primary_key=True)
    role: str = text_column(primary_key=True)
    unit: str = text_column(primary_key=True)
    pending: int = Field(sa_type=Integer)


class SessionRow(SQLModel, table=True):
    """Somebody signed in: the SHA-256 of the secret in the cookie, and the post that is acted in ("" for none)."""

    __tablename__ = "sessions"
    __table_args__ = (Index("sessions_by_account", "account"), STRICT)

    digest: str = text_column(primary_key=True)
    account: str = text_column()
    role: str = text_column()
    unit: str = text_column()
    second: int = Field(sa_type=Integer)
    agent: str = text_column()
    created_at: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)


class SlipRow(SQLModel, table=True):
    """What a link in a letter stands for, by the SHA-256 of its secret; gone once used."""

    __tablename__ = "slips"
    __table_args__ = (STRICT,)

    digest: str = text_column(primary_key=True)
    account: str = text_column()
    purpose: str = text_column()
    expires_at: datetime = Field(sa_type=Instant)


class LetterRow(SQLModel, table=True):
    """A letter about an account that is still to be written and sent."""

    __tablename__ = "letters"
    __table_args__ = (STRICT,)

    account: str = text_column(primary_key=True)
    purpose: str = text_column(primary_key=True)
    retry_at: datetime = Field(sa_type=Instant)
    attempts: int = Field(sa_type=Integer)


class TryRow(SQLModel, table=True):
    """How often something was tried in the hour since the first time, by the SHA-256 of what and by whom."""

    __tablename__ = "tries"
    __table_args__ = (STRICT,)

    key: str = text_column(primary_key=True)
    count: int = Field(sa_type=Integer)
    since: datetime = Field(sa_type=Instant)


class CertificateRow(SQLModel, table=True):
    """A unit's certificate that somebody signs in with, by the SHA-256 of its subject, as it was last seen."""

    __tablename__ = "certificates"
    __table_args__ = (Index("certificates_by_unit", "unit"), STRICT)

    subject: str = text_column(primary_key=True)
    account: str = text_column()
    unit: str = text_column()
    name: str = text_column()
    seen_at: datetime = Field(sa_type=Instant)


class PostRequestRow(SQLModel, table=True):
    """A post that an administrator asks for somebody, until a second one decides."""

    __tablename__ = "post_requests"
    __table_args__ = (STRICT,)

    number: int = Field(sa_type=Big, primary_key=True)
    account: str = text_column()
    role: str = text_column()
    unit: str = text_column()
    asked_by: str = text_column()
    asked_at: datetime = Field(sa_type=Instant)


class DeskActRow(SQLModel, table=True):
    """Something done at the administrator's desk: accounts and roles, nothing personal. Only ever appended to."""

    __tablename__ = "desk_acts"
    __table_args__ = (STRICT,)

    number: int = Field(sa_type=Big, primary_key=True)
    done_at: datetime = Field(sa_type=Instant)
    administrator: str = text_column()
    what: str = text_column()
    subject: str = text_column()
    detail: str = text_column()

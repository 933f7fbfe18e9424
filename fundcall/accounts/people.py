"""An account, what it may act as, and its sessions, as plain data."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from states.actor import OFFICERS, Actor, Role

STAFF = OFFICERS | {Role.AUDITOR, Role.ADMINISTRATOR}
"""Roles that nobody acts in without a second factor."""
IDLE_MAX = timedelta(hours=2)
SESSION_MAX = timedelta(hours=12)


class Account(NamedTuple):
    """A person. `id` is what the ledger knows; name and address stand here alone, beside it.

    `password` is an argon2 hash, "" before one was chosen. `totp_step` is the last time step whose code was used; below
    zero while `totp_secret` ("" for none) has not yet been proved to be in the person's hands.
    """

    id: str
    email: str
    name: str
    password: str = ""
    totp_secret: str = ""
    totp_step: int = -1
    disabled: bool = False

    @property
    def has_second(self) -> bool:
        """Whether a second factor was set up and proved."""
        return bool(self.totp_secret) and self.totp_step >= 0


class Post(NamedTuple):
    """What a person may act as: a role, for a unit where the role is a unit's. Pending: asked for, not yet granted."""

    role: Role
    unit: str = ""
    pending: bool = False


class Session(NamedTuple):
    """Somebody signed in, known by the digest of a secret. `second`: whether the second factor was shown."""

    digest: str
    account: str
    post: Post | None
    second: bool
    agent: str
    created_at: datetime
    seen_at: datetime


class Lacking(StrEnum):
    """What a session still needs before it may act."""

    CODE = "code"  # of the second factor
    ENROLMENT = "enrolment"  # a second factor is to be set up
    POST = "post"  # nobody has granted a role yet


class Guest(NamedTuple):
    """Who stands behind a session, with all that the person may act as."""

    account: Account
    session: Session
    posts: tuple[Post, ...]

    @property
    def lacking(self) -> Lacking | None:
        """What is still needed; None for a person who may act."""
        if self.account.has_second and not self.session.second:
            return Lacking.CODE
        if not self.account.has_second and any(post.role in STAFF for post in self.posts) and not self.session.second:
            return Lacking.ENROLMENT
        return None if self.session.post is not None else Lacking.POST

    @property
    def actor(self) -> Actor | None:
        """Who acts; None while something is lacking."""
        post = self.session.post
        if post is None or self.lacking is not None:
            return None
        return Actor(self.account.id, post.role, post.unit)


class Purpose(StrEnum):
    """Why a letter with a link was sent."""

    CONFIRM = "confirm"
    RESET = "reset"
    INVITE = "invite"
    KNOWN = "known"  # somebody registered an address that has an account; its link resets


VALID_FOR = {
    Purpose.CONFIRM: timedelta(hours=24),
    Purpose.RESET: timedelta(minutes=30),
    Purpose.INVITE: timedelta(days=14),
    Purpose.KNOWN: timedelta(minutes=30),
}


class Slip(NamedTuple):
    """What a link in a letter stands for, until it is used or has run out."""

    account: str
    purpose: Purpose
    expires_at: datetime


class Letter(NamedTuple):
    """A letter that is to be written and sent; its link is made when it is, so no secret waits in the database."""

    account: Account
    purpose: Purpose
    attempts: int


class Vouched(NamedTuple):
    """Whom a provider of identities vouches for: a verified address, whether a second factor was shown there, and the page
    that the person was going to.
    """

    email: str
    second: bool
    on: str


class Certificate(NamedTuple):
    """A unit's certificate (法人一证通): the digest of its subject, the code of the unit, and the unit's name on it."""

    subject: str
    unit: str
    name: str


class Reason(StrEnum):
    """Why somebody was not let in, or something not done."""

    CREDENTIALS = "credentials"
    TOO_MANY = "too_many"
    CODE = "code"
    LINK = "link"
    PASSWORD_LENGTH = "password_length"  # noqa: S105 - a name
    PASSWORD_PLAIN = "password_plain"  # noqa: S105 - a name
    EMAIL = "email"
    NAME = "name"
    UNIT = "unit"
    SECOND = "second"
    UNKNOWN = "unknown"
    AWAY = "away"
    PROVIDER = "provider"
    UNVERIFIED = "unverified"
    CERTIFICATE = "certificate"
    CERTIFICATE_UNIT = "certificate_unit"


class Denied(Exception):
    """Not let in, or not done."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason

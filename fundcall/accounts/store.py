"""Where accounts are kept, as a protocol: what comes in with an account is asked of it, and nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from fundcall.accounts.people import Account, Certificate, Guest, Letter, Post, Purpose, Session, Slip


class Store(Protocol):
    """Accounts and what belongs to them. Secrets come as digests."""

    def by_email(self, email: str) -> Account | None:
        """The account of an address."""

    def by_id(self, account_id: str) -> Account | None:
        """The account of an id."""

    def accounts(self) -> list[tuple[Account, tuple[Post, ...]]]:
        """Every account with what it may act as, by id."""

    def add(self, account: Account, posts: tuple[Post, ...], now: datetime) -> bool:
        """Add an account. False where its id or address is taken; nothing is kept then."""

    def rename(self, account_id: str, name: str, asked: Post) -> None:
        """Another name, and this post asked for in the place of those that were."""

    def grant(self, account_id: str, post: Post) -> None:
        """Let the account act so, besides what it may already."""

    def set_password(self, account_id: str, password: str) -> None:
        """Another password (hash); every session, slip and letter of the account ends, and every key to the API that it
        had. A first password leaves the keys that were issued before there was one.
        """

    def set_second(self, account_id: str, secret: str) -> None:
        """Another second factor, not yet proved; "" for none."""

    def use_step(self, account_id: str, step: int) -> bool:
        """Write down the time step whose code was used; False where it, or a later one, was used before."""

    def set_disabled(self, account_id: str, *, disabled: bool) -> None:
        """Shut or open an account. Shutting ends its sessions."""

    def posts(self, account_id: str) -> tuple[Post, ...]:
        """What the account may act as, pending ones too."""

    def settle_in(self, account_id: str) -> None:
        """Grant pending posts for units of which nobody is there yet, and no application."""

    def admit(self, account_id: str, unit: str, *, yes: bool) -> bool:
        """Grant or strike out a pending post for a unit; whether there was one."""

    def members(self, unit: str) -> list[tuple[Account, bool]]:
        """Who may act for a unit, and whether that is still pending."""

    def begin(self, session: Session, expires_at: datetime) -> None:
        """Write down a new session."""

    def guest(self, digest: str, now: datetime) -> Guest | None:
        """Who stands behind a session that is neither over nor of a shut account; notes that it was seen. Its post
        is None where it has been taken away.
        """

    def sessions(self, account_id: str, now: datetime) -> list[Session]:
        """The sessions that are not over, the latest seen first."""

    def turn(self, digest: str, post: Post) -> None:
        """Let a session act in another post."""

    def end(self, account_id: str, digest: str = "") -> None:
        """End one session of an account, or all."""

    def give_slip(self, digest: str, slip: Slip) -> None:
        """Write down what a link stands for."""

    def slip(self, digest: str, now: datetime) -> Slip | None:
        """What a link stands for; None once it was used or has run out."""

    def take_slip(self, digest: str, now: datetime) -> Slip | None:
        """The same, and it is used up: of two who come at once one gets it."""

    def ask_letter(self, account_id: str, purpose: Purpose, now: datetime) -> None:
        """Have a letter written; one that waits already is not doubled."""

    def take_letter(self, now: datetime, until: datetime) -> Letter | None:
        """A letter whose time has come; nobody else gets it before `until`, unless it is settled."""

    def settle_letter(self, letter: Letter, retry_at: datetime | None) -> None:
        """It was handed over (None), or is to be tried again."""

    def count(self, key: str, now: datetime) -> int:
        """Count one more try; how many there were in the hour since the first."""

    def forget(self, key: str) -> None:
        """Count anew."""

    def uncount(self, key: str) -> None:
        """Take one try back: it was none."""

    def linked(self, subject: str) -> tuple[str, Certificate] | None:
        """The account that a certificate is linked to, and the certificate as it was last seen."""

    def link_certificate(self, account_id: str, one: Certificate, now: datetime) -> None:
        """Link a certificate to an account, in the place of another; or write down how it was seen."""

    def certified(self, unit: str) -> list[str]:
        """The names that a unit has on its certificates, the latest seen first."""

"""News of calls: who wants to be told when one is published, and where that is kept. Whoever asks confirms by mail first."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from fundcall.accounts.proofs import digest

CONFIRM_WITHIN = timedelta(hours=24)
"""How long the link in a letter holds; what nobody confirms is forgotten then."""


class Asked(NamedTuple):
    """Somebody asks for news, in a language; the letter with the link was tried so often."""

    email: str
    language: str
    attempts: int


class Subscriber(NamedTuple):
    """Somebody who gets the news. The secret stands in each mail, to leave with; it is good for nothing else."""

    email: str
    language: str
    secret: str

    @property
    def id(self) -> str:
        """The name that notices know; it tells nothing of the person."""
        return subscriber_id(self.secret)


def subscriber_id(secret: str) -> str:
    """The name under which the holder of a secret is told."""
    return f"subscriber:{digest(secret)[:16]}"


class News(Protocol):
    """Who asked, and who is told. Links come as digests of their secrets."""

    def ask(self, email: str, language: str, now: datetime) -> None:
        """Have a letter written to confirm with; one that waits already is not doubled. Nothing else changes."""

    def asked(self, now: datetime) -> list[Asked]:
        """Those whose letter is to be written now. Whoever did not confirm in time is forgotten."""

    def give_link(self, email: str, link: str, now: datetime) -> None:
        """From now on this link confirms, in the place of an earlier one."""

    def settle(self, asked: Asked, retry_at: datetime | None) -> None:
        """The letter was handed over (None), or is to be tried again."""

    def may_confirm(self, link: str, now: datetime) -> bool:
        """Whether the link holds, without using it."""

    def confirm(self, link: str, secret: str, now: datetime) -> bool:
        """Use the link: who asked is told from now on, in the language asked for, and can leave by the secret (one who was
        told before keeps the old one). False where the link does not hold.
        """

    def subscribers(self) -> list[Subscriber]:
        """Everybody who is told, by address."""

    def leave(self, secret: str) -> bool:
        """Tell the holder of the secret no more, and forget the address with every mail that bears it; whether there was one."""

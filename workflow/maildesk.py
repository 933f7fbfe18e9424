"""What the office's mail desk works with: mails to look at, notices to find, those that did not arrive, other words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from states.actor import Actor
from workflow.notices import Notice


class Specimen(NamedTuple):
    """A mail written to be looked at: by which template to whom, and what it says. `number` names it among its call's."""

    number: int
    template: str
    ref: str
    audience: str
    kind: str
    subject: str
    subject_en: str
    text: str
    html: str
    calendars: tuple[str, ...]


class Wanted(NamedTuple):
    """Which notices to find; "" for any."""

    status: str = ""
    kind: str = ""
    application: str = ""


DEAD = ("failed", "unknown", "unaddressed", "bounced")
"""What a notice is that will not be tried again by itself."""


class Bounce(NamedTuple):
    """A report (RFC 3464) that a mail did not arrive, or not yet. `hard` ones are final."""

    message_id: str
    hard: bool
    status: str
    diagnostic: str


class Undelivered(NamedTuple):
    """A statutory notice that did not arrive, as something for an officer to do."""

    notice: Notice
    reported_at: datetime
    status: str
    diagnostic: str


class Version(NamedTuple):
    """Words that somebody gave a template in a call; "" for a return to those that ship."""

    version: int
    source: str
    actor: str
    saved_at: datetime


class Fault(NamedTuple):
    """Why words cannot be saved: in which sample, and what is wrong, in Chinese and English."""

    sample: str
    zh: str
    en: str


class NoticeDesk(Protocol):
    """The notices as the desk sees them, without the bytes of their mails where it lists them."""

    def page(self, wanted: Wanted, before: tuple[int, str, str] | None, limit: int) -> list[Notice]:
        """Notices, the newest first; those before one of them, named by position, recipient and template."""

    def one(self, message_id: str) -> Notice | None:
        """A notice with its bytes."""

    def requeue(self, wanted: Wanted, message_ids: Sequence[str] = ()) -> int:
        """Try dead letters again, those named or all that are wanted; how many."""

    def bounced(self, bounces: Sequence[Bounce], at: datetime) -> int:
        """Write down reports about notices of ours; how many were news. A hard one marks its notice as bounced."""

    def undelivered(self, limit: int) -> list[Undelivered]:
        """Statutory notices that did not arrive and that nobody has dealt with, the oldest first."""

    def untold(self) -> list[Undelivered]:
        """Those of them that the office has not been mailed about."""

    def tell(self, message_ids: Sequence[str]) -> None:
        """Note that the office was."""

    def close(self, message_id: str, actor: str, note: str, at: datetime) -> bool:
        """Note that somebody dealt with one, and how. Whether it was open."""

    def versions(self, call_id: str, template: str) -> list[Version]:
        """Every words that a template had in a call, the newest first."""

    def override(self, call_id: str, template: str, source: str, actor: str, at: datetime) -> None:
        """Give a template other words in a call, or "" for those that ship."""

    def set_mode(self, audience: str, mode: str, actor: str, at: datetime) -> None:
        """Tell a mailbox of the office at once ("once") or once a day ("daily"); what was held for the day goes out."""

    def modes(self) -> dict[str, str]:
        """How mailboxes are told."""

    def read(self, account: str) -> set[tuple[int, str]]:
        """The notices that somebody has opened, by position and template."""

    def mark_read(self, account: str, position: int, template: str, at: datetime) -> None:
        """Note that somebody has opened a notice."""


class MailDesk(Protocol):
    """Mails written for the office to look at and to send to itself; nothing of it changes an application."""

    @property
    def notices(self) -> NoticeDesk:
        """The notices."""

    def specimens(self, call_id: str) -> Sequence[Specimen]:
        """One mail of every kind and audience, with the words that hold in the call."""

    def specimen(self, call_id: str, number: int) -> Specimen | None:
        """One of them."""

    def preview(self, application: str, template: str) -> Sequence[Specimen]:
        """A template as it would read for an application with its present data, by the event that last gave it or that of
        a sample; nothing where the application or the template is not known.
        """

    def send_sample(self, call_id: str, number: int, name: str, address: str, at: datetime) -> None:
        """Have a mail of the samples sent to somebody, marked as a test."""

    def source(self, call_id: str, template: str) -> str:
        """The words that hold for a template in a call. Raises LookupError for a template that is not there."""

    def shipped(self, template: str) -> str:
        """The words that ship. Raises LookupError for a template that is not there."""

    def templates(self) -> Sequence[str]:
        """The names of all templates that follow from events."""

    def overridden(self, call_id: str) -> frozenset[str]:
        """The templates that have other words in a call."""

    def tried(self, call_id: str, template: str, source: str) -> Sequence[Specimen]:
        """The samples of a template in other words, which have no faults."""

    def faults(self, call_id: str, template: str, source: str) -> list[Fault]:
        """What is wrong with other words: every sample of the template is written with them."""

    def readdress(self, message_id: str, address: str, actor: Actor, at: datetime) -> bool:
        """Send an undelivered notice again to a mended address, and close it. Whether it was open."""

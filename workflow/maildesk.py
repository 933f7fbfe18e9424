"""What the office's mail desk works with, and what it needs of others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol


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


class MailDesk(Protocol):
    """Mails written for the office to look at; nothing of it changes an application."""

    def specimens(self, call_id: str) -> Sequence[Specimen]:
        """One mail of every kind and audience, with the words that hold in the call."""

    def specimen(self, call_id: str, number: int) -> Specimen | None:
        """One of them."""

"""What was told, to whom, and what became of it: notices as they are recorded, and whoever keeps them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

BESIDE = frozenset({"undelivered", "office_daily", "audit_daily", "call_published"})
"""Templates of notices that rest on more than an event: on a report of failure, on a day's other notices, on what the watch
found, on who had asked to be told by then."""


LEASE = timedelta(minutes=5)
"""How long whoever claimed a notice has it alone, unless kept; clocks of the senders may differ by a minute or two."""


class Notice(NamedTuple):
    """A notice that follows from the event at `position`, and what became of it.

    `kind`: statutory, reminder or information. `status`: queued, sending, accepted (by the relay), failed, unknown
    (handed over, no answer), unaddressed, bounced (sent back later), held (for the day's one mail) or digested (told in
    it). `digest` is the SHA-256 of `body`, the message as it is sent; `wording` that of the words it was written with.
    `attempts` numbers the claims of it; `retry_at` is when a queued one is due, and when the claim of one being sent ends.
    """

    position: int
    recipient: str
    template: str
    application: str
    ref: str
    kind: str
    subject: str
    message_id: str
    digest: bytes
    body: bytes
    status: str
    answer: str = ""
    attempts: int = 0
    retry_at: str = ""
    settled_at: str = ""
    wording: str = ""

    @property
    def of_event(self) -> bool:
        """Whether it follows from its event alone: not a second copy, a day's summary, a test, or word of a failure."""
        return self.position > 0 and "~" not in self.recipient and self.template not in BESIDE


class Settled(NamedTuple):
    """What became of one attempt to send a notice, the `attempts`th."""

    position: int
    recipient: str
    template: str
    attempts: int
    status: str
    answer: str
    retry_at: str
    settled_at: str


class Notices(Protocol):
    """The notices recorded so far. One event tells one recipient by one template once, whatever crashes."""

    def cursor(self, name: str) -> int:
        """How far the follower of that name has come in the ledger."""

    def record(
        self, notices: Sequence[Notice], name: str, position: int, wordings: Mapping[str, bytes] | None = None
    ) -> int:
        """Record notices and move the cursor in one transaction, and keep the bytes of words by their digest; how many
        notices were new.
        """

    def add(self, notices: Sequence[Notice], wordings: Mapping[str, bytes] | None = None) -> int:
        """Record notices that follow from no new event; how many were new."""

    def wording(self, digest: str) -> bytes | None:
        """The bytes of the words of that digest."""

    def overrides(self) -> dict[tuple[str, str], str]:
        """The words of somebody's own that hold, by call and template."""

    def modes(self) -> dict[str, str]:
        """How mailboxes of the office are told, by audience: "once" or "daily"."""

    def held(self, now: datetime) -> list[Notice]:
        """Notices held for a day's one mail whose time has come."""

    def digest(self, held: Sequence[Notice], mail: Notice, wordings: Mapping[str, bytes]) -> None:
        """Record the day's one mail, and that these notices were told in it."""

    def lay_out(self, position: int, stationery: bytes) -> None:
        """Keep what notices rest on beside the ledger from that position on, unless it is what is kept already."""

    def claim(self, now: datetime, limit: int, lease: timedelta = LEASE) -> list[Notice]:
        """Take queued notices whose time has come, statutory first, and mark them as being sent; of those who come at
        once each gets others.
        """

    def keep(self, claimed: Sequence[Notice], until: datetime) -> None:
        """Have them so much longer, where nobody else has claimed them meanwhile."""

    def settle(self, outcomes: Sequence[Settled]) -> int:
        """Write down what became of attempts, unless somebody has claimed the notice again since; how many."""

    def reclaim(self, now: datetime) -> int:
        """Free the claims that have ended: statutory notices go out again, the others are left as unknown."""

    def notices(self, application: str | None = None, after: int = 0, limit: int | None = None) -> list[Notice]:
        """Notices in order of position, of one application or of all."""

    def notice_counts(self) -> dict[tuple[str, str, str, str], int]:
        """How many notices there are by (ref, template, kind, status)."""

"""One mail a day for a mailbox of the office, in the place of the hundreds that would tell it the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import quote

from notifications.letter import Wording, shipped
from notifications.recording import recorded
from notifications.render import Recipient
from notifications.rules import INFORMATION, OFFICERS, REMINDER, Planned
from notifications.telling import Teller, Told
from notifications.view import shown_call
from states.calendar import zone
from workflow.notices import Notice
from workflow.record import decode

KINDS = frozenset({INFORMATION, REMINDER})
"""What may wait for it; what the law or an overdue matter asks for is told at once."""
TEMPLATE = "office_daily"
_HOUR = 8
_LISTED = 200


def morning_after(at: datetime, timezone: str) -> datetime:
    """Eight in the morning after an instant, on the clock of that place."""
    local = at.astimezone(zone(timezone))
    morning = local.replace(hour=_HOUR, minute=0, second=0, microsecond=0)
    return morning if morning > local else morning + timedelta(days=1)


def daily(teller: Teller, held: Sequence[Notice], now: datetime) -> tuple[Notice, Wording]:
    """The mail of now that tells a mailbox what waited for it, and its words. `held` are of one recipient, in order."""
    last = held[-1]
    (stored,) = teller.ledger.stored(last.position - 1, last.position)
    event = decode(stored.body)
    call = teller.calls[event.application].call if event.application in teller.calls else teller.concerning(event)[1]
    base = teller.public_url.rstrip("/")
    lines = [{"subject": n.subject, "url": f"{base}/{_path(teller, n)}"} for n in held[:_LISTED]]
    data = {"count": len(held), "lines": lines, "more": max(0, len(held) - _LISTED)}
    people = teller.directory.people(last.recipient, call.id) or (Recipient(last.recipient, "", ""),)
    plan = Planned(TEMPLATE, "N06", last.recipient if last.recipient == "head" else OFFICERS, INFORMATION)
    summed = event._replace(type="DayTold", data=data, recorded_at=now, effective_at=now)
    told, words = Told(plan, people[0], shown_call(call), call), shipped(TEMPLATE)
    return recorded(plan, people[0], event, teller.rendered(told, summed, stored.leaf, words), words, call.id), words


def _path(teller: Teller, notice: Notice) -> str:
    """Where a notice leads: to its application; to the first page where it is about a call as a whole."""
    return "" if notice.application in teller.calls else f"applications/{quote(notice.application, safe='')}"

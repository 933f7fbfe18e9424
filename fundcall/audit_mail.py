"""The auditors' mail of the day (N56): the last checkpoint, and what the watch found; to their mailbox, once each morning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from fundcall.auditing import sentence
from fundcall.bootstrap import System
from notifications.letter import shipped
from notifications.recording import recorded
from notifications.render import Recipient
from notifications.rules import INFORMATION, Planned
from notifications.telling import Told
from notifications.view import shown_call
from states.calendar import zone
from states.funding_call import FundingCall
from workflow.checks import Check
from workflow.record import decode
from workflow.replay import Divergence

_PLAN = Planned("audit_daily", "N56", "auditors", INFORMATION)
_HOUR = 8
_LISTED = 20
_RECENT = timedelta(days=1)
KINDS: Mapping[str, tuple[str, str]] = {
    "watch-0": ("末段核对（每分钟）", "the newest part, every minute"),
    "watch-1": ("全部序列核对（每小时，深度1）", "all streams, every hour (depth 1)"),
    "watch-3": ("全面核对（每日，深度3）", "everything, every day (depth 3)"),
}
"""What the watch does, by the kind of its checks."""


def tell_auditors(
    system: System, now: datetime, checks: Sequence[Check], notes: Sequence[str], told_on: date | None
) -> date | None:
    """Queue the mail of the day, once it is eight in the morning on the clock of a call and unless it was queued before.
    The day that was told last, there. `checks` are the last of each kind, `notes` the last checkpoint kept.
    """
    head, box = system.ledger.head(), system.settings.auditors_mail
    if not box or not head:
        return told_on
    (stored,) = system.ledger.stored(head - 1, head)
    event, teller = decode(stored.body), system.dispatcher.teller
    call = _call(system, event.application)
    local = now.astimezone(zone(call.timezone))
    to = Recipient(f"auditors~{local:%Y-%m-%d}", "", box)
    if local.hour < _HOUR or local.date() == told_on:
        return told_on
    if not system.notices.told(to.id):
        words, about = shipped(_PLAN.template), {**shown_call(call), "path": "audit"}
        summed = event._replace(
            type="LedgerWatched", data=_data(head, checks, notes, now), recorded_at=now, effective_at=now
        )
        made = teller.rendered(Told(_PLAN, to, about, call), summed, stored.leaf, words)
        system.notices.add([recorded(_PLAN, to, event, made, words, call.id)], {words.digest: words.body})
    return local.date()


def _call(system: System, name: str) -> FundingCall:
    """The call that the ledger's last event is about; any where it is about none."""
    row = system.ledger.row(name)
    wanted = row.call_id if row is not None else name
    return (system.calls.get(wanted) or next(iter(system.calls.values()))).call


def _data(head: int, checks: Sequence[Check], notes: Sequence[str], now: datetime) -> dict[str, Any]:
    """What the mail says: a check of the newest part counts for a day, as it is written down only where it finds something."""
    told = [one for one in checks if one.kind != "watch-0" or now - one.begun_at < _RECENT]
    lines = list(dict.fromkeys(sentence(Divergence(**d)) for one in told for d in one.found["divergences"]))
    return {
        "events": head,
        "bad": any(one.found["count"] for one in told),
        "checks": [
            {"zh": KINDS[one.kind][0], "en": KINDS[one.kind][1], "at": one.begun_at, "events": one.whole,
             "count": one.found["count"]}
            for one in told
        ],
        "lines": lines[:_LISTED],
        "more": max(0, len(lines) - _LISTED),
        "note": [line for note in notes for line in note.splitlines() if line],
    }  # fmt: skip

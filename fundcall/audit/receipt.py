"""The receipt of a submission: what was filed, when it arrived, where it stands on the ledger, and the signed checkpoint
that covers it. It is made from the ledger, so the same submission gives the same receipt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from states.application import Application
from states.calendar import stamp, zone
from states.decide import plain
from states.events import Recorded
from states.fold import step
from states.funding_call import FundingCall
from workflow.following import Events
from workflow.ports import Stored
from workflow.record import decode

FORMAT = "fundcall-receipt-1"
Signed = Callable[[int], Mapping[str, str]]
"""The signed `checkpoint` over so many events, and the `verifier` that it holds under."""
_FILED = ("ApplicationSubmitted", "ApplicationResubmitted")


def receipt(
    ledger: Events, call: FundingCall, application_id: str, signed: Signed, upto: int | None = None
) -> dict[str, Any] | None:
    """The receipt of the latest submission (up to a position), as plain JSON; None where nothing was filed."""
    application: Application | None = None
    filed: tuple[Stored, Recorded, Application] | None = None
    submissions = 0
    for stored in ledger.stored(0, upto, application_id):
        event = decode(stored.body)
        application = step(application, event)
        if event.type in _FILED:
            submissions += 1
            filed = stored, event, application
    if filed is None:
        return None
    stored, event, application = filed
    documents = [
        {name: plain(getattr(d, name)) for name in ("material", "name", "size_bytes", "sha256", "seal")}
        for d in application.documents
    ]
    return {
        "format": FORMAT,
        "call": call.id,
        "call_title_zh": call.title_zh,
        "call_title_en": call.title_en,
        "authority_zh": call.authority_zh,
        "authority_en": call.authority_en,
        "application": application.id,
        "number": application.number,
        "submission": submissions,
        "unit_code": application.unit_code,
        "unit_name": application.unit_name,
        "title": application.title,
        "received_at": stamp(event.effective_at),
        "received_local": local(event.effective_at, call),
        "recorded_at": stamp(event.recorded_at),
        "documents": documents,
        "position": stored.position,
        "leaf": stored.leaf.hex(),
        **signed(stored.position),
    }


def local(instant: datetime, call: FundingCall) -> str:
    """An instant on the wall there, to the microsecond, with its zone."""
    at = instant.astimezone(zone(call.timezone))
    return f"{at:%Y-%m-%d %H:%M:%S.%f} {call.timezone_zh} ({call.timezone}, UTC{at:%z})"

"""What the events between approval and execution change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from states.application import Application, Payment
from states.apply.change import Apply, Changes, Data
from states.events import Recorded


def _signed(a: Application, d: Data, e: Recorded) -> Changes:
    return {
        "instalments_minor": tuple(d["instalments_minor"]),
        "start_on": date.fromisoformat(d["start_on"]),
        "end_on": date.fromisoformat(d["end_on"]),
    }


def _given_up(a: Application, d: Data, e: Recorded) -> Changes:
    return {"outcome": "waived"}


def _paid(a: Application, d: Data, e: Recorded) -> Changes:
    return {"payments": (*a.payments, Payment(d["instalment"], d["amount_minor"], e.actor))}


def _confirmed(a: Application, d: Data, e: Recorded) -> Changes:
    return {
        "payments": tuple(
            replace(p, confirmed_by=e.actor) if p.instalment == d["instalment"] else p for p in a.payments
        )
    }


APPLY: Mapping[str, Apply] = {
    "AgreementSigned": _signed,
    "AwardWaived": _given_up,
    "AwardLapsed": _given_up,
    "PaymentRecorded": _paid,
    "PaymentConfirmed": _confirmed,
}

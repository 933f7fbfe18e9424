"""The money of a call: the envelope and the quotas of directions, put forward by one approving officer and set by another."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from fastapi import Response
from fastapi.responses import RedirectResponse

from fundcall.web.boards.desk import Desk
from fundcall.web.boards.proposals import another_waits, waiting
from fundcall.web.frame import Form
from fundcall.web.giving import by_form
from fundcall.web.inputs import Input, read
from fundcall.web.language import N_
from fundcall.web.visit import Visit
from states.actor import Role
from states.errors import Refusal
from states.funding_call import FundingCall
from states.labels import Pair
from workflow.commands import Fault, Malformed, read_command
from workflow.handle import Rejected
from workflow.programme import handle_call
from workflow.record import decode

SETTERS = frozenset({Role.APPROVING_OFFICER})
_EVENTS = {
    "EnvelopeProposed": ("提议", "proposed"),
    "EnvelopeSet": ("确定", "set"),
    "ChangeWithdrawn": ("收回提议", "taken back"),
}
_TOLD = {
    "ProposeEnvelope": N_("Put forward. Another approving officer sets it."),
    "SetEnvelope": N_("Set. From now on no proposal may exceed what is left."),
    "WithdrawChange": N_("The proposal was taken back."),
}
_OWN = "ProposeEnvelope"
_NONE: Pair = ("", "")


class _Past(NamedTuple):
    """An event of the money; there is no amount where a proposal was taken back."""

    words: Pair
    at: Any
    by: str
    amount_minor: int | None
    quotas: Sequence[Mapping[str, Any]]
    reason: str


class Money:
    """The page, and the two officers' forms on it."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._api = desk, desk.api
        desk.show("money", self.page)
        desk.take("money", self.propose, SETTERS)
        desk.take("money/set", self.confirm, SETTERS)

    def page(self, visit: Visit, call: FundingCall) -> Response:
        """What is set, what is proposed, and how it came about."""
        return self._page(visit, call, {}, (), ())

    def propose(self, visit: Visit, call: FundingCall, form: Form) -> Response:
        """Put an envelope forward."""
        found, faults = read(_inputs(call), form)
        quotas = found.pop("quotas", None) or {}
        names = [*call.directions()]
        found["quotas"] = [{"direction": names[int(n)], **limits} for n, limits in quotas.items()]
        command = None
        try:
            command = read_command(_OWN, orjson.dumps(found))
        except Malformed as wrong:
            told = {fault.where for fault in faults}
            faults += [fault for fault in wrong.faults if fault.where not in told]
        if faults:
            return self._page(visit, call, form, faults, ())
        return self._given(visit, call, form, _OWN, command)

    def confirm(self, visit: Visit, call: FundingCall, form: Form) -> Response:
        """Set what another officer has put forward: what was read, and nothing else."""
        if another_waits(self._api.handler.ledger, call.id, _OWN, form.get("sure", "")):
            return self._page(visit, call, form, (), (), moved=True)
        return self._given(visit, call, form, "SetEnvelope", read_command("SetEnvelope", b"{}"))

    def _given(self, visit: Visit, call: FundingCall, form: Form, name: str, command: Any) -> Response:
        given = by_form(visit, command, form.get("attempt", ""), call.id)
        outcome = handle_call(self._api.handler, given, self._api.now())
        if isinstance(outcome, Rejected):
            return self._page(visit, call, form, (), outcome.refusals)
        return RedirectResponse(f"/boards/{call.id}/money?done={name}", 303)

    def _page(
        self,
        visit: Visit,
        call: FundingCall,
        form: Form,
        faults: Sequence[Fault],
        refusals: Sequence[Refusal],
        *,
        moved: bool = False,
    ) -> Response:
        programme = self._api.handler.ledger.transact(lambda transaction: transaction.programme(call.id))
        who = visit.insider
        return self._desk.page(
            visit,
            "board_money.html",
            call,
            409 if moved else 422 if faults or refusals else 200,
            envelope=programme.envelope,
            proposed=programme.envelope_proposed,
            stands=waiting(self._api.handler.ledger, call.id).get(_OWN),
            moved=moved,
            past=self._past(call),
            told=_TOLD.get(visit.query("done"), ""),
            names=call.directions(),
            given=form,
            wrong={fault.where: (fault.zh, fault.en) for fault in faults},
            refusals=refusals,
            attempt=secrets.token_hex(16),
            may_set=who.role in SETTERS,
            own=programme.envelope_proposed is not None and programme.envelope_proposed.by == who.id,
        )

    def _past(self, call: FundingCall) -> list[_Past]:
        """Every proposal and every envelope set, the latest first."""
        stored = (one for one in self._api.handler.ledger.stored(application=call.id) if one.type in _EVENTS)
        events = [event for one in stored if (event := decode(one.body)).data.get("of", _OWN) == _OWN]
        return [
            _Past(
                _EVENTS[e.type],
                e.effective_at,
                e.actor,
                e.data.get("envelope_minor"),
                e.data.get("quotas", ()),
                e.data.get("reason", ""),
            )
            for e in reversed(events)
        ]


def _inputs(call: FundingCall) -> tuple[Input, ...]:
    """The form: the amount, a reason, and for each direction how many awards and how much at most."""
    quotas = tuple(
        Input(f"quotas.{n}", "group", name, required=False, parts=(
            Input(f"quotas.{n}.awards_max", "whole", _NONE, required=False, whole=True),
            Input(f"quotas.{n}.amount_max_minor", "money", _NONE, required=False)))
        for n, name in enumerate(call.directions().values())
    )  # fmt: skip
    return (
        Input("envelope_minor", "money", _NONE),
        Input("quotas", "group", _NONE, required=False, parts=quotas),
        Input("reason", "long", _NONE),
    )

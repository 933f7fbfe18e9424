"""Taking back what one officer has proposed of a call and no other has confirmed yet: its page says what it was and asks why."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from fastapi import Response
from fastapi.responses import RedirectResponse

from fundcall.web.boards.desk import Desk
from fundcall.web.boards.proposals import BOARDS, another_waits, waiting
from fundcall.web.frame import Form
from fundcall.web.giving import by_form
from fundcall.web.inputs import inputs_of, judged
from fundcall.web.moves import command_of
from fundcall.web.problems import missing
from fundcall.web.visit import Visit
from states.actor import Role
from states.errors import Refusal
from states.funding_call import FundingCall
from states.labels import MOVES
from states.programme_row import PROPOSED
from workflow.commands import Fault
from workflow.handle import Rejected
from workflow.programme import handle_call

_TAKERS = frozenset({Role.APPROVING_OFFICER})


class Withdrawing:
    """The page, and its button."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._api = desk, desk.api
        desk.show("withdraw/{command}", self.page, _TAKERS)
        desk.take("withdraw/{command}", self.give, _TAKERS)

    def page(self, visit: Visit, call: FundingCall) -> Response:
        """What was proposed, by whom and when."""
        return self._page(visit, call, _asked(visit), {})

    def give(self, visit: Visit, call: FundingCall, form: Form) -> Response:
        """Take it back; the one that was read, and no other."""
        of = _asked(visit)
        given: Mapping[str, str] = {**form, "of": of}
        command, faults = command_of("WithdrawChange", inputs_of("WithdrawChange", call, {}, given), given)
        if faults:
            return self._page(visit, call, of, form, faults)
        if another_waits(self._api.handler.ledger, call.id, of, form.get("sure", "")):
            return self._page(visit, call, of, form, moved=True)
        request = by_form(visit, command, form.get("attempt", ""), call.id)
        outcome = handle_call(self._api.handler, request, self._api.now())
        if isinstance(outcome, Rejected):
            return self._page(visit, call, of, {**form, "attempt": ""}, refusals=outcome.refusals)
        return RedirectResponse(f"/boards/{call.id}/{BOARDS[of]}?done=WithdrawChange", 303)

    def _page(
        self,
        visit: Visit,
        call: FundingCall,
        of: str,
        form: Form,
        faults: Sequence[Fault] = (),
        refusals: Sequence[Refusal] = (),
        *,
        moved: bool = False,
    ) -> Response:
        asked = tuple(one for one in inputs_of("WithdrawChange", call, {}, form) if one.name != "of")
        return self._desk.page(
            visit,
            "board_withdraw.html",
            call,
            409 if moved else 422 if faults or refusals else 200,
            of=of,
            label=MOVES["WithdrawChange"],
            proposed=MOVES[of],
            back=BOARDS[of],
            stands=waiting(self._api.handler.ledger, call.id).get(of),
            values=form,
            **judged(asked, form, faults, refusals),
            moved=moved,
            attempt=form.get("attempt") or secrets.token_hex(16),
        )


def _asked(visit: Visit) -> str:
    """The proposal that the address names, by its command. Raises Problem 404."""
    name = visit.path("command")
    if name not in PROPOSED:
        raise missing(name)
    return name

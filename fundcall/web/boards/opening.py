"""The publication of a call: when filing opens and closes, and the button by which an approving officer makes it known."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from fastapi import Response
from fastapi.responses import RedirectResponse

from fundcall.web.boards.desk import Desk
from fundcall.web.frame import Form
from fundcall.web.giving import by_form
from fundcall.web.visit import Visit
from states.actor import Role
from states.commands.programme import PublishCall
from states.errors import Refusal
from states.funding_call import FundingCall
from workflow.handle import Rejected
from workflow.programme import handle_call
from workflow.record import decode

_PUBLISHERS = frozenset({Role.APPROVING_OFFICER})


class Opening:
    """The page, and its one button."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._api = desk, desk.api
        desk.show("publication", self.page)
        desk.take("publication", self.publish, _PUBLISHERS)

    def page(self, visit: Visit, call: FundingCall) -> Response:
        """The window, and whether the call is published: since when, and by whom."""
        return self._page(visit, call, ())

    def publish(self, visit: Visit, call: FundingCall, form: Form) -> Response:
        """Publish the call, once."""
        given = by_form(visit, PublishCall(), form.get("attempt", ""), call.id)
        outcome = handle_call(self._api.handler, given, self._api.now())
        if isinstance(outcome, Rejected):
            return self._page(visit, call, outcome.refusals)
        return RedirectResponse(f"/boards/{call.id}/publication?done=1", 303)

    def _page(self, visit: Visit, call: FundingCall, refusals: Sequence[Refusal]) -> Response:
        ledger = self._api.handler.ledger
        programme = ledger.transact(lambda transaction: transaction.programme(call.id))
        stored = ledger.stored(application=call.id) if programme.published else ()
        return self._desk.page(
            visit,
            "board_publication.html",
            call,
            422 if refusals else 200,
            closes_at=programme.closes_at or call.closes_at,
            published=next((decode(one.body) for one in stored if one.type == "CallPublished"), None),
            may_publish=visit.insider.role in _PUBLISHERS,
            refusals=refusals,
            attempt=secrets.token_hex(16),
        )

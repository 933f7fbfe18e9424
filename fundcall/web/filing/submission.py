"""The last steps: everything that the rules find, submitting (asked twice), and the receipt."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import quote

import orjson
from fastapi import Response
from fastapi.responses import RedirectResponse

from fundcall.web.filing import values
from fundcall.web.filing.desk import APPLICANT, Desk, Filing
from fundcall.web.frame import Form
from fundcall.web.giving import by_form
from fundcall.web.problems import missing
from fundcall.web.visit import Visit
from states.application import State
from states.commands.filing import ResubmitApplication, SubmitApplication
from states.errors import Refusal
from workflow.handle import Accepted
from workflow.visible import READERS

_AT = "/applications/{application_id}"
_PAPERS = READERS | APPLICANT
"""Who may see a receipt, as the API has it."""


class Submission:
    """The pages from the pre-check to the receipt."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._api = desk, desk.api
        desk.frame.show(f"{_AT}/check", self.check, roles=APPLICANT)
        desk.frame.show(f"{_AT}/submit", self.show, roles=APPLICANT)
        desk.frame.take(f"{_AT}/submit", self.take, roles=APPLICANT)
        desk.frame.show(f"{_AT}/receipt", self.receipt, roles=_PAPERS)
        desk.frame.show(f"{_AT}/receipt.pdf", self.receipt_pdf, roles=_PAPERS)
        desk.frame.show(f"{_AT}/receipt.json", self.receipt_json, roles=_PAPERS)

    def check(self, visit: Visit) -> Response:
        """Everything that a submission now would be told, refusing first."""
        filing = self._desk.filing(visit)
        return self._desk.page(visit, filing, "filing_check.html")

    def show(self, visit: Visit) -> Response:
        """What would be filed, and the question; on to the receipt where it is filed already."""
        filing = self._desk.filing(visit)
        if not filing.writable:
            return RedirectResponse(_at(filing, "/receipt" if filing.application.submitted_at else ""), 303)
        return self._page(visit, filing)

    def take(self, visit: Visit, form: Form) -> Response:
        """File it: what counts is when the request's head arrived. Sent twice it is filed once."""
        filing = self._desk.filing(visit)
        application = filing.application
        again = application.state is State.RETURNED or form.get("command") == "ResubmitApplication"
        command: Any = ResubmitApplication() if again else SubmitApplication()
        request = by_form(visit, command, form.get("attempt", ""), application.id, application.call_id)
        outcome = self._api.handler.handle(request, self._api.now())
        if isinstance(outcome, Accepted):
            return RedirectResponse(_at(filing, "/receipt?done=1"), 303)
        return self._page(visit, filing, outcome.refusals)

    def receipt(self, visit: Visit) -> Response:
        """The receipt of the latest submission."""
        filing, found = self._receipt(visit)
        return self._desk.page(visit, filing, "filing_receipt.html", receipt=found, done=visit.query("done"))

    def receipt_pdf(self, visit: Visit) -> Response:
        """The same on paper."""
        filing, found = self._receipt(visit)
        return _download(
            self._api.proofs.receipt_pdf(filing.application.id) or b"",
            "application/pdf",
            f"receipt-{found['number']}.pdf",
        )

    def receipt_json(self, visit: Visit) -> Response:
        """The same for programs that verify it."""
        _, found = self._receipt(visit)
        content = orjson.dumps(found, option=orjson.OPT_INDENT_2)
        return _download(content, "application/json", f"receipt-{found['number']}.json")

    def _receipt(self, visit: Visit) -> tuple[Filing, dict[str, Any]]:
        filing = self._desk.filing(visit)
        found = self._api.proofs.receipt(filing.application.id)
        if found is None:
            raise missing("receipt")
        return filing, found

    def _page(self, visit: Visit, filing: Filing, refusals: tuple[Refusal, ...] = ()) -> Response:
        call, form = filing.call, filing.application.form
        topic = filing.application.topic
        rows = [
            (values.label(one), values.said(one, form.get(one.id), call.currency))
            for one in call.fields.values()
            if one.id != "topic" and one.concerns(topic)
        ]
        return self._desk.page(
            visit,
            filing,
            "filing_submit.html",
            422 if refusals else 200,
            rows=rows,
            topic=call.topics.get(topic),
            documents=filing.application.documents,
            refusals=refusals,
            late=any(call.rules[one.code].check == "window" for one in refusals if one.code in call.rules),
            attempt=secrets.token_hex(16),
            command="ResubmitApplication" if filing.application.state is State.RETURNED else "SubmitApplication",
        )


def _at(filing: Filing, rest: str) -> str:
    return _AT.format(application_id=quote(filing.application.id, safe="")) + rest


def _download(content: bytes, kind: str, name: str) -> Response:
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{quote(name)}"'})

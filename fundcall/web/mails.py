"""The office's pages about mails: every mail there is, written to be looked at."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Response
from fastapi.responses import HTMLResponse

from fundcall.web.frame import Frame
from fundcall.web.problems import missing
from fundcall.web.visit import Visit
from states.actor import Role
from states.funding_call import FundingCall
from workflow.maildesk import MailDesk, Specimen
from workflow.visible import READERS

STAFF = READERS | {Role.ADMINISTRATOR}
_OF_A_MAIL = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""A mail has its style within; nothing of it may run, send or load anything."""


class Samples:
    """Every mail, with the words that hold in a call."""

    def __init__(self, frame: Frame, desk: MailDesk, calls: Mapping[str, FundingCall]) -> None:
        self._frame, self._desk, self._calls = frame, desk, calls
        frame.show("/mails/samples", self.all, roles=STAFF)
        frame.show("/mails/samples/{call}/{number}", self.one, roles=STAFF)
        frame.show("/mails/samples/{call}/{number}/html", self.html, roles=STAFF)

    def all(self, visit: Visit) -> Response:
        """All of them on one page, each in both languages."""
        call = visit.query("call") or next(iter(self._calls))
        if call not in self._calls:
            raise missing(call)
        return self._frame.pages.page(
            visit, "mail_samples.html", mails=self._desk.specimens(call), call=call, calls=self._calls
        )

    def one(self, visit: Visit) -> Response:
        """One of them, with its calendar."""
        return self._frame.pages.page(visit, "mail_sample.html", mail=self._found(visit), call=visit.path("call"))

    def html(self, visit: Visit) -> Response:
        """As a mail program shows it."""
        return as_mailed(self._found(visit).html)

    def _found(self, visit: Visit) -> Specimen:
        call, number = visit.path("call"), visit.path("number")
        known = call in self._calls and number.isascii() and number.isdecimal() and len(number) < 6
        found = self._desk.specimen(call, int(number)) if known else None
        if found is None:
            raise missing(number)
        return found


def as_mailed(html: str) -> Response:
    """The HTML of a mail by itself, in a sandbox."""
    return HTMLResponse(html, headers={"Content-Security-Policy": _OF_A_MAIL})

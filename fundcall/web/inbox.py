"""The inbox of a unit: every notice to its people on the site, in full, newest first, with what was not read yet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email import message_from_bytes
from email.policy import default

from fastapi import Response

from fundcall.web.frame import Frame
from fundcall.web.problems import missing
from fundcall.web.visit import Visit
from states.actor import Role
from states.application import Application
from states.funding_call import FundingCall
from states.unit_code import normal
from workflow.maildesk import NoticeDesk, Wanted
from workflow.notices import Notice
from workflow.ports import Ledger
from workflow.record import decode
from workflow.visible import may_read, may_read_notice

_SHOWN = 200
_OF_ONE = 500


class Inbox:
    """Over the notices and the ledger that says whose they are."""

    def __init__(self, frame: Frame, ledger: Ledger, notices: NoticeDesk, calls: Mapping[str, FundingCall]) -> None:
        self._frame, self._ledger, self._notices, self._calls = frame, ledger, notices, calls
        frame.show("/notices", self.all, roles=(Role.APPLICANT,))
        frame.show("/notices/one", self.one, roles=(Role.APPLICANT,))

    def all(self, visit: Visit) -> Response:
        """All notices to the unit, each once however many of its people were told."""
        actor, account = visit.insider, visit.signed_in.account.id
        found: dict[tuple[int, str], Notice] = {}
        titles: dict[str, str] = {}
        call_of: dict[str, FundingCall | None] = {}
        at: dict[int, datetime] = {}
        for row in self._ledger.rows(unit_code=normal(actor.unit)) if actor.unit else ():
            application = self._application(row.id)
            if application is None or not may_read(actor, application):
                continue
            titles[row.id], call_of[row.id] = row.title, self._calls.get(row.call_id)
            at |= {one.position: decode(one.body).effective_at for one in self._ledger.stored(application=row.id)}
            for notice in self._notices.page(Wanted(application=row.id), None, _OF_ONE):
                if may_read_notice(actor, application, notice):
                    found.setdefault((notice.position, notice.template), notice)
        newest = sorted(found.values(), key=lambda one: (one.position, one.template), reverse=True)
        return self._frame.pages.page(
            visit,
            "inbox.html",
            notices=newest[:_SHOWN],
            more=max(0, len(newest) - _SHOWN),
            read=self._notices.read(account),
            titles=titles,
            call_of=call_of,
            at=at,
        )

    def one(self, visit: Visit) -> Response:
        """One notice in full; it counts as read from then on."""
        actor, account, wanted = visit.insider, visit.signed_in.account.id, visit.query("id")
        notice = self._notices.one(wanted)
        application = self._application(notice.application) if notice is not None else None
        if (
            notice is None
            or application is None
            or not may_read(actor, application)
            or not may_read_notice(actor, application, notice)
        ):
            raise missing(wanted)
        self._notices.mark_read(account, notice.position, notice.template, visit.now)
        message = message_from_bytes(notice.body, policy=default)
        body = message.get_body(("plain",))
        attached = [name for part in message.iter_attachments() if (name := part.get_filename())]
        text = body.get_content() if body is not None else ""
        return self._frame.pages.page(
            visit,
            "inbox_one.html",
            call=self._calls.get(application.call_id),
            notice=notice,
            text=text,
            attached=attached,
            sent=message["Date"].datetime,
        )

    def _application(self, name: str) -> Application | None:
        found: Application | None = self._ledger.transact(lambda transaction: transaction.application(name))
        return found

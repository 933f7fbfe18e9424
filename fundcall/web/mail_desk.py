"""The office's pages about notices: all of them, those that did not arrive, and those that will not be tried again."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default
from urllib.parse import urlencode

from fastapi import Response
from fastapi.responses import RedirectResponse

from fundcall.web.frame import Form, Frame
from fundcall.web.mails import as_mailed
from fundcall.web.problems import Problem, missing
from fundcall.web.visit import Visit
from fundcall.web.words import MAIL_STATUSES
from states.actor import OFFICERS
from states.mailbox import is_mailbox
from workflow.maildesk import MailDesk, Wanted
from workflow.notices import Notice
from workflow.visible import READERS

KINDS = ("statutory", "reminder", "information")
_PAGE = 50
_OPEN = 200
_NOTE_MAX = 500


class NoticePages:
    """Over the desk's notices."""

    def __init__(self, frame: Frame, desk: MailDesk) -> None:
        self._frame, self._desk = frame, desk
        frame.show("/mails", self.all, roles=READERS)
        frame.show("/mails/notice", self.one, roles=READERS)
        frame.show("/mails/notice/html", self.html, roles=READERS)
        frame.show("/mails/undelivered", self.undelivered, roles=READERS)
        frame.take("/mails/retry", self.retry, roles=OFFICERS)
        frame.take("/mails/undelivered/close", self.close, roles=OFFICERS)
        frame.take("/mails/undelivered/send", self.send, roles=OFFICERS)

    def all(self, visit: Visit) -> Response:
        """Notices by filter, the newest first, a page at a time."""
        wanted = _wanted(visit)
        last = self._desk.notices.one(visit.query("before")) if visit.query("before") else None
        found = self._desk.notices.page(wanted, last[:3] if last is not None else None, _PAGE + 1)
        return self._frame.pages.page(
            visit,
            "mail_notices.html",
            part="list",
            notices=found[:_PAGE],
            more=found[_PAGE - 1].message_id if len(found) > _PAGE else "",
            wanted=wanted,
            query=urlencode({name: value for name, value in wanted._asdict().items() if value}),
            statuses=MAIL_STATUSES,
            kinds=KINDS,
            may_retry=_officer(visit),
            done=visit.query("done"),
        )

    def one(self, visit: Visit) -> Response:
        """One of them as it was sent."""
        notice = self._found(visit.query("id"))
        message = message_from_bytes(notice.body, policy=default)
        body = message.get_body(("plain",))
        return self._frame.pages.page(
            visit,
            "mail_notice.html",
            notice=notice,
            message=message,
            text=body.get_content() if body is not None else "",
            attached=[name for part in message.iter_attachments() if (name := part.get_filename())],
            may_retry=_officer(visit),
        )

    def html(self, visit: Visit) -> Response:
        """The same as a mail program shows it."""
        message = message_from_bytes(self._found(visit.query("id")).body, policy=default)
        body = message.get_body(("html",))
        return as_mailed(body.get_content() if body is not None else "")

    def _found(self, message_id: str) -> Notice:
        found = self._desk.notices.one(message_id)
        if found is None:
            raise missing(message_id)
        return found

    def retry(self, visit: Visit, form: Form) -> Response:
        """Try dead letters again: one, or all that the filter finds."""
        one = form.get("id", "")
        wanted = Wanted(*(form.get(name, "") for name in Wanted._fields))
        count = self._desk.notices.requeue(wanted, (one,) if one else ())
        query = {name: value for name, value in wanted._asdict().items() if value}
        return RedirectResponse(f"/mails?{urlencode({**query, 'done': count})}", 303)

    def undelivered(self, visit: Visit) -> Response:
        """Statutory notices that did not arrive, each with what may be done about it."""
        return self._frame.pages.page(
            visit,
            "mail_undelivered.html",
            open=[(one, self._address(one.notice.message_id)) for one in self._desk.notices.undelivered(_OPEN)],
            may_close=_officer(visit),
            done=visit.query("done"),
        )

    def _address(self, message_id: str) -> str:
        return str(message_from_bytes(self._found(message_id).body, policy=default)["To"])

    def close(self, visit: Visit, form: Form) -> Response:
        """Note how the unit was told."""
        note = form.get("note", "").strip()
        if not 4 <= len(note) <= _NOTE_MAX:
            raise Problem(422, "note_missing", "请写明如何告知了申报单位（4至500字）", "say how the unit was told, in 4 to 500 characters",
                          "返回上一页，填写说明后再办结。", "Go back, write the note and close it again.")  # fmt: skip
        if not self._desk.notices.close(form.get("id", ""), visit.insider.id, note, visit.now):
            raise _gone()
        return RedirectResponse("/mails/undelivered?done=closed", 303)

    def send(self, visit: Visit, form: Form) -> Response:
        """Send it again to a mended address."""
        address = form.get("address", "").strip()
        if not is_mailbox(address):
            raise Problem(422, "not_a_mailbox", f"“{address}”不是一个邮箱地址", f"{address!r} is not the address of one mailbox",
                          "返回上一页，核对后重新填写，例如 li@example.org。", "Go back and mend it, for example li@example.org.")  # fmt: skip
        if not self._desk.readdress(form.get("id", ""), address, visit.insider, visit.now):
            raise _gone()
        return RedirectResponse("/mails/undelivered?done=sent", 303)


def _gone() -> Problem:
    return Problem(409, "already_done", "该件已处理，或不在未送达之列", "that one was dealt with already, or is not among the undelivered",
                   "返回“未送达”页查看现况。", "Look at the page of undelivered notices again.")  # fmt: skip


def _wanted(visit: Visit) -> Wanted:
    """The filter of an address; what is none of ours is as if it were not there."""
    status, kind = visit.query("status"), visit.query("kind")
    return Wanted(
        status if status in MAIL_STATUSES else "", kind if kind in KINDS else "", visit.query("application").strip()
    )


def _officer(visit: Visit) -> bool:
    return visit.actor is not None and visit.actor.role in OFFICERS

"""The desk's pages about words: a template for any case, a mail sent to oneself, other words for a call, one mail a day."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Response
from fastapi.responses import RedirectResponse

from fundcall.web.frame import Form, Frame
from fundcall.web.problems import Problem, missing
from fundcall.web.visit import Visit
from states.actor import OFFICERS, Role
from states.funding_call import FundingCall
from workflow.maildesk import MailDesk
from workflow.visible import READERS

MAY_WORD = frozenset({Role.APPROVING_OFFICER, Role.HEAD, Role.ADMINISTRATOR})
"""Who may put a notice into other words."""
LOOKS = READERS | {Role.ADMINISTRATOR}
MODES = ("once", "daily")
AUDIENCES: Mapping[str, frozenset[Role]] = {"officers": OFFICERS - {Role.HEAD}, "head": frozenset({Role.HEAD})}
"""The office's mailboxes, and whose they are."""


class WordPages:
    """Over the desk."""

    def __init__(self, frame: Frame, desk: MailDesk, calls: Mapping[str, FundingCall]) -> None:
        self._frame, self._desk, self._calls = frame, desk, calls
        frame.show("/mails/preview", self.preview, roles=READERS)
        frame.take("/mails/samples/send", self.send, roles=OFFICERS | {Role.ADMINISTRATOR})
        frame.show("/mails/words", self.templates, roles=LOOKS)
        frame.show("/mails/words/{call}/{template}", self.words, roles=LOOKS)
        frame.take("/mails/words/{call}/{template}", self.save, roles=MAY_WORD)
        frame.show("/mails/settings", self.settings, roles=OFFICERS)
        frame.take("/mails/settings", self.set, roles=OFFICERS)

    def preview(self, visit: Visit) -> Response:
        """Any template for any application, with the data of now."""
        application, template = visit.query("application").strip(), visit.query("template")
        asked = bool(application and template in self._desk.templates())
        found = self._desk.preview(application, template) if asked else []
        return self._frame.pages.page(
            visit,
            "mail_preview.html",
            application=application,
            template=template,
            templates=self._desk.templates(),
            mails=found,
            asked=asked,
        )

    def send(self, visit: Visit, form: Form) -> Response:
        """A mail of the samples to one's own address."""
        call, number, account = form.get("call", ""), form.get("number", ""), visit.signed_in.account
        known = call in self._calls and number.isascii() and number.isdecimal() and len(number) < 6
        if not known or self._desk.specimen(call, int(number)) is None:
            raise missing(number)
        self._desk.send_sample(call, int(number), account.name, account.email, visit.now)
        return RedirectResponse(f"/mails/samples/{call}/{number}?done=sent", 303)

    def templates(self, visit: Visit) -> Response:
        """The templates of a call, and which of them have other words."""
        call = visit.query("call") or next(iter(self._calls))
        if call not in self._calls:
            raise missing(call)
        return self._frame.pages.page(
            visit,
            "mail_words.html",
            call=call,
            calls=self._calls,
            templates=self._desk.templates(),
            own=self._desk.overridden(call),
        )

    def words(self, visit: Visit) -> Response:
        """The words of one template in a call, and those it had."""
        return self._form(visit, "", [], 200)

    def save(self, visit: Visit, form: Form) -> Response:
        """Save other words, once every sample could be written with them; or go back to those that ship."""
        call, template = self._place(visit)
        source = form.get("source", "").replace("\r\n", "\n").strip() + "\n"
        if form.get("do") == "back":
            source = ""
        elif faults := self._desk.faults(call, template, source):
            return self._form(visit, source, faults, 422)
        elif form.get("do") == "try":
            return self._form(visit, source, [], 200, tried=True)
        self._desk.notices.override(call, template, source, visit.insider.id, visit.now)
        return RedirectResponse(f"/mails/words/{call}/{template}?done=saved", 303)

    def _form(self, visit: Visit, source: str, faults: object, status: int, *, tried: bool = False) -> Response:
        call, template = self._place(visit)
        return self._frame.pages.page(
            visit,
            "mail_word.html",
            status,
            call=call,
            template=template,
            source=source or self._desk.source(call, template),
            shipped=self._desk.shipped(template),
            versions=self._desk.notices.versions(call, template),
            faults=faults,
            mails=self._desk.tried(call, template, source) if tried else [],
            may_save=visit.insider.role in MAY_WORD,
            done=visit.query("done"),
        )

    def _place(self, visit: Visit) -> tuple[str, str]:
        call, template = visit.path("call"), visit.path("template")
        if call not in self._calls or template not in self._desk.templates():
            raise missing(template)
        return call, template

    def settings(self, visit: Visit) -> Response:
        """How the mailboxes of the office are told."""
        modes = self._desk.notices.modes()
        return self._frame.pages.page(
            visit,
            "mail_settings.html",
            boxes=[(name, modes.get(name, "once"), visit.insider.role in roles) for name, roles in AUDIENCES.items()],
            modes=MODES,
            done=visit.query("done"),
        )

    def set(self, visit: Visit, form: Form) -> Response:
        """Tell one's mailbox at once, or once a day."""
        audience, mode = form.get("audience", ""), form.get("mode", "")
        if audience not in AUDIENCES or mode not in MODES:
            raise missing(audience)
        if visit.insider.role not in AUDIENCES[audience]:
            raise Problem(403, "role_not_allowed", "只能更改自己所用邮箱的设置", "only those who read a mailbox may change how it is told",
                          "请由使用该邮箱的人员更改。", "Ask somebody who reads it.")  # fmt: skip
        self._desk.notices.set_mode(audience, mode, visit.insider.id, visit.now)
        return RedirectResponse("/mails/settings?done=saved", 303)

"""News of calls for anybody, without an account: ask for them, confirm it by the link in a letter, leave by the link in a mail."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from fundcall.accounts.news import News
from fundcall.accounts.people import Denied, Reason
from fundcall.accounts.proofs import digest, new_secret
from fundcall.web.entry import DENIED, FIELD_OF
from fundcall.web.frame import Door, Form, Frame
from fundcall.web.language import LANGUAGES
from fundcall.web.policy import asks
from fundcall.web.problems import unavailable
from fundcall.web.visit import Visit
from workflow.ports import Unavailable

_HOME = "/public/news"
_LEAVE = f"{_HOME}/leave"


class NewsPages:
    """The pages over the lists of an installation."""

    def __init__(self, frame: Frame, news: News, app: FastAPI) -> None:
        self._frame, self._news = frame, news
        frame.show(_HOME, self.form, Door.OPEN)
        frame.take(_HOME, self.asked, Door.OPEN)
        frame.show(f"{_HOME}/confirm", self.sure, Door.OPEN)
        frame.take(f"{_HOME}/confirm", self.confirmed, Door.OPEN)
        frame.show(_LEAVE, self.leave, Door.OPEN)
        app.add_route(_LEAVE, self._by_one_click(), ["POST"], include_in_schema=False)

    def form(self, visit: Visit, given: Form | None = None, denied: Reason | None = None) -> Response:
        """The form; again with what was wrong, or with what has just been done."""
        wrong = {FIELD_OF.get(denied, ""): DENIED[denied]} if denied is not None else {}
        return self._frame.pages.page(visit, "news.html", 200 if denied is None else 422, given=given or {}, wrong=wrong,
                                      done=visit.query("done"), languages=LANGUAGES)  # fmt: skip

    def asked(self, visit: Visit, form: Form) -> Response:
        """The same words whether or not the address is told already."""
        language = form.get("language", "")
        try:
            email = self._frame.entrance.subscribing(form.get("email", ""), visit.address, visit.now)
        except Denied as denied:
            return self.form(visit, form, denied.reason)
        self._news.ask(email, language if language in LANGUAGES else visit.language, visit.now)
        return self._frame.pages.page(visit, "letter_sent.html", email=form.get("email", "").strip())

    def sure(self, visit: Visit) -> Response:
        """Opening the link uses nothing up: programs that look into mails open every link."""
        link = visit.query("link")
        if not self._news.may_confirm(digest(link), visit.now):
            return self.form(visit, None, Reason.LINK)
        return self._frame.pages.page(visit, "news_confirm.html", link=link)

    def confirmed(self, visit: Visit, form: Form) -> Response:
        """On the list from now on."""
        if not self._news.confirm(digest(form.get("link", "")), new_secret(), visit.now):
            return self.form(visit, None, Reason.LINK)
        return RedirectResponse(f"{_HOME}?done=confirmed", 303)

    def leave(self, visit: Visit) -> Response:
        """Asks once more, with the button; says nothing of whose link it is, nor whether it is anybody's."""
        return self._frame.pages.page(visit, "news_leave.html", action=visit.here, left=False)

    def left(self, request: Request) -> Response:
        """Off the list, whoever it was."""
        visit = self._frame.visit(request)
        try:
            self._news.leave(visit.query("link"))
        except Unavailable:
            return self._frame.pages.problem(visit, unavailable())
        return self._frame.pages.page(visit, "news_leave.html", action=visit.here, left=True)

    def _by_one_click(self) -> Callable[[Request], Awaitable[Response]]:
        """Answer the button, and the mail programs that send it themselves (RFC 8058): those have neither cookie nor token.
        The secret in the address stands for both, as no other site knows it.
        """

        async def answer(request: Request) -> Response:
            return await run_in_threadpool(partial(self.left, request))

        return asks(Door.OPEN)(answer)

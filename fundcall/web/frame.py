"""What all pages stand in: who may open them, forms that are proved to be ours, the template, refusals in words."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime
from functools import partial
from urllib.parse import quote, urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect

from fundcall.accounts.entrance import Entrance
from fundcall.accounts.people import Lacking
from fundcall.accounts.proofs import form_token, new_secret
from fundcall.accounts.readings import READER
from fundcall.papers import NoTypeface
from fundcall.web.edge import RECEIVED_AT
from fundcall.web.kept import keep_form, kept_form
from fundcall.web.language import DEFAULT, LANGUAGES
from fundcall.web.pages import Pages
from fundcall.web.parcel import Parcel, opened
from fundcall.web.policy import Door, asks
from fundcall.web.problems import Problem, interrupted, no_typeface, unavailable
from fundcall.web.visit import Visit, host_of
from states.actor import Role
from workflow.ports import Unavailable

__all__ = ["Door", "Form", "Frame"]
Form = Mapping[str, str]
Show = Callable[[Visit], Response]
Take = Callable[[Visit, Form], Response]
TakeFile = Callable[[Visit, Parcel], Awaitable[Response]]
_LANGUAGE = "fundcall-language"
_YEAR_SECONDS = 365 * 24 * 3600
_OF_LACKING = {Lacking.CODE: "/sign-in/code", Lacking.ENROLMENT: "/account/second"}


class Frame:
    """Adds pages to an application. A page that changes something cannot be added without the check of its form."""

    def __init__(
        self, app: FastAPI, pages: Pages, entrance: Entrance, now: Callable[[], datetime], public_url: str
    ) -> None:
        self.pages, self.entrance = pages, entrance
        self._app, self.now = app, now
        self.secure = urlsplit(public_url).scheme == "https"
        self.cookie = "__Host-fundcall" if self.secure else "fundcall"

    def show(self, path: str, page: Show, door: Door = Door.INSIDE, roles: Collection[Role] = ()) -> None:
        """Answer GET at a path: it may be repeated and changes nothing."""

        async def answer(request: Request) -> Response:
            return await run_in_threadpool(self._shown, request, page, door, roles)

        self._app.add_route(path, asks(door, roles)(answer), ["GET"], include_in_schema=False)

    def take(self, path: str, page: Take, door: Door = Door.INSIDE, roles: Collection[Role] = ()) -> None:
        """Answer POST at a path, with the fields of a form that came from a page of ours."""

        async def answer(request: Request) -> Response:
            async with request.form(max_files=0, max_fields=500) as given:
                form = {name: value for name, value in given.items() if not isinstance(value, UploadFile)}
            return await run_in_threadpool(self._taken, request, page, form, door, roles)

        self._app.add_route(path, asks(door, roles)(answer), ["POST"], include_in_schema=False)

    def take_file(self, path: str, page: TakeFile, roles: Collection[Role] = ()) -> None:
        """Answer POST at a path with a file, which comes in pieces after the fields of its form. Whose form it is, and who
        sends it, is known before anything of the file is read: by a header, or by the field that comes first.
        """

        async def answer(request: Request) -> Response:
            visit = await run_in_threadpool(self.visit, request)
            try:
                self._check_site(visit)
                stopped = await run_in_threadpool(self._stopped, visit, Door.INSIDE, roles)
                if stopped is not None:
                    return stopped
                header = request.headers.get("x-form-token")
                if header is not None:
                    self._check_token(visit, header)
                parcel = await opened(request)
                if header is None:
                    self._check_token(visit, parcel.fields.get("form_token", ""))
                return await page(visit, parcel)
            except Problem as wrong:
                told = wrong
            except ClientDisconnect:
                told = interrupted()
            except Unavailable:
                told = unavailable()
            return await run_in_threadpool(partial(self.pages.problem, visit, told))

        self._app.add_route(path, asks(Door.INSIDE, roles)(answer), ["POST"], include_in_schema=False)

    def visit(self, request: Request) -> Visit:
        """The request as pages see it."""
        secret = request.cookies.get(self.cookie, "")
        now, received_at = self.now(), request.scope["state"][RECEIVED_AT]
        guest = self.entrance.guest(secret, now)
        if guest is not None and guest.actor is not None:
            request.scope["state"][READER] = guest.actor
        return Visit(request, now, received_at, _language(request), secret or new_secret(), guest)

    def _shown(self, request: Request, page: Show, door: Door, roles: Collection[Role]) -> Response:
        visit = self.visit(request)
        try:
            answer = self._stopped(visit, door, roles) or page(visit)
        except Problem as wrong:
            answer = self.pages.problem(visit, wrong)
        except Unavailable:
            answer = self.pages.problem(visit, unavailable())
        except NoTypeface:
            answer = self.pages.problem(visit, no_typeface())
        if self.cookie not in request.cookies and self.cookie not in answer.headers.get("set-cookie", ""):
            self.keep(answer, visit.secret)
        return answer

    def _taken(self, request: Request, page: Take, form: Form, door: Door, roles: Collection[Role]) -> Response:
        visit = self.visit(request)
        try:
            self._check_site(visit)
            if not self._of_this_session(visit, form.get("form_token", "")):
                if door is not Door.INSIDE or not visit.same_origin:
                    raise _not_ours()
                return self.kept(visit, form)
            return self._stopped(visit, door, roles, form) or page(visit, form)
        except Problem as wrong:
            return self.pages.problem(visit, wrong)
        except Unavailable:
            return self.pages.problem(visit, unavailable())

    def _stopped(self, visit: Visit, door: Door, roles: Collection[Role], form: Form | None = None) -> Response | None:
        """Where to go first; None for those who may come in. Raises Problem 403 for other roles."""
        if door is Door.OPEN:
            return None
        if visit.guest is None:
            return self.kept(visit, form) if form is not None else RedirectResponse(_sign_in(visit), 303)
        lacking = visit.guest.lacking
        if door is Door.INSIDE and lacking in _OF_LACKING:
            return RedirectResponse(_OF_LACKING[lacking], 303)
        if door is Door.INSIDE and visit.actor is None:
            return RedirectResponse("/account", 303)
        if roles and (visit.actor is None or visit.actor.role not in roles):
            raise Problem(403, "role_not_allowed", "您当前的角色不能使用此页", "your present role may not use this page",
                          "如您另有角色，请在“我的账号”中切换。", "If you hold another role, change to it in “My account”.")  # fmt: skip
        return None

    def kept(self, visit: Visit, form: Form) -> Response:
        """What was typed in a form whose session has ended, to be sent once more: after signing in, or at once by who has
        signed in again meanwhile. A script that saves by itself is told that nothing was saved.
        """
        if visit.wants_part():
            return Response(status_code=401)
        given = keep_form(visit.here, form)
        if visit.guest is not None:
            return self.resume(visit, given)
        answer = self.pages.page(visit, "sign_in.html", 401, given={}, wrong={}, on="/", notice="ended", kept=given)
        return self.keep(answer, visit.secret)

    def resume(self, visit: Visit, given: str) -> Response:
        """A page that holds what was typed, to be sent by the session of the visit. Raises Problem."""
        path, form = kept_form(given)
        return self.pages.page(visit, "resume.html", path=path, form=form)

    def _check_site(self, visit: Visit) -> None:
        """Raises Problem 403 for a form that another site had the browser send."""
        headers = visit.request.headers
        origin, site = headers.get("origin"), headers.get("sec-fetch-site", "same-origin")
        foreign = origin is not None and host_of(origin) != headers.get("host", "")
        if foreign or site not in ("same-origin", "none"):
            raise _not_ours()

    def _check_token(self, visit: Visit, given: str) -> None:
        """Raises Problem 403 for a form that did not come from a page that we gave to this very browser."""
        if not self._of_this_session(visit, given):
            raise _not_ours()

    def _of_this_session(self, visit: Visit, given: str) -> bool:
        held = visit.request.cookies.get(self.cookie, "")
        return bool(held) and secrets.compare_digest(given.encode("utf-8", "replace"), form_token(held).encode())

    # --- cookies ------------------------------------------------------------------------------------------------

    def keep(self, answer: Response, secret: str) -> Response:
        """Give the browser the secret, which no script can read and no other site can send with a form."""
        answer.set_cookie(self.cookie, secret, secure=self.secure, httponly=True, samesite="lax")
        return answer

    def forget(self, answer: Response) -> Response:
        """Take it back, and whatever the browser has kept of the pages."""
        # Not by delete_cookie, which writes the time of day: an answer would differ from its like by the second.
        answer.set_cookie(self.cookie, max_age=0, secure=self.secure, httponly=True, samesite="lax")
        answer.headers["Clear-Site-Data"] = '"cache", "storage"'
        return answer

    def speak(self, answer: Response, language: str) -> Response:
        """Remember the language."""
        answer.set_cookie(_LANGUAGE, language, _YEAR_SECONDS, secure=self.secure, httponly=True, samesite="lax")
        return answer

    # --- what goes wrong ----------------------------------------------------------------------------------------

    def told(self, request: Request, wrong: Problem) -> Response:
        """A problem as a page, in the frame of whoever asked."""
        return self.pages.problem(self.visit(request), wrong)

    def told_blindly(self, request: Request, wrong: Problem) -> Response:
        """The same where nothing can be looked up any more."""
        at: datetime = request.scope["state"][RECEIVED_AT]
        return self.pages.problem(Visit(request, at, at, _language(request), new_secret(), None), wrong)


def _language(request: Request) -> str:
    asked = request.cookies.get(_LANGUAGE, DEFAULT)
    return asked if asked in LANGUAGES else DEFAULT


def _not_ours() -> Problem:
    return Problem(403, "form_not_ours", "这份表单已失效，或不是由本站页面提交", "this form has run out, or did not come from our page",
                   "没有任何内容被更改。请返回上一页，刷新后重试；浏览器须允许本站的 Cookie。",
                   "Nothing was changed. Go back, reload the page and try again; allow this site's cookie.")  # fmt: skip


def _sign_in(visit: Visit) -> str:
    coming_back = visit.here if visit.request.method == "GET" else "/"
    return f"/sign-in?next={quote(coming_back, safe='')}"

"""Pages for coming in: sign-in, the code of the second factor, registering, links from letters, the language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from fastapi import Response
from fastapi.responses import RedirectResponse

from fundcall.accounts.people import Account, Denied, Lacking, Reason
from fundcall.accounts.proofs import PASSWORD_MAX, PASSWORD_MIN
from fundcall.web.frame import Door, Form, Frame
from fundcall.web.language import LANGUAGES, N_
from fundcall.web.problems import missing
from fundcall.web.visit import Visit, local

DENIED: Mapping[Reason, str] = {
    Reason.CREDENTIALS: N_("The address or the password is wrong. Check both, or choose another password."),
    Reason.TOO_MANY: N_("That was tried too often. Wait for an hour and try again."),
    Reason.CODE: N_("The code is wrong, or was used already. Wait for the next one and type that."),
    Reason.LINK: N_("This link has been used or has run out. Ask for a new one."),
    Reason.PASSWORD_LENGTH: N_("A password has 12 to 128 characters. Choose a longer or shorter one."),
    Reason.PASSWORD_PLAIN: N_("This password is too plain: vary the characters, and leave out your address."),
    Reason.EMAIL: N_("This is no e-mail address. Write it as name@example.org."),
    Reason.NAME: N_("Give your name, in at most 80 characters."),
    Reason.SECOND: N_("This takes another administrator: neither the one who asked, nor the person whom it is about."),
    Reason.UNKNOWN: N_(
        "There is no open account for this address here. Register for a unit below, or ask the administrator of this office for an invitation."
    ),
    Reason.AWAY: N_("The identity provider does not answer. Try again in a minute, or sign in with your password."),
    Reason.PROVIDER: N_(
        "The identity provider did not let you in, or its answer does not hold. Begin again from this page, in one window."
    ),
    Reason.UNVERIFIED: N_(
        "The identity provider does not vouch for your e-mail address. Have it verified there, or sign in with your password."
    ),
    Reason.CERTIFICATE: N_(
        "This certificate is not linked to an account yet. Sign in with your password, then link it under “My account”."
    ),
    Reason.CERTIFICATE_UNIT: N_(
        "The certificate is of another unit than the one that you act for. Use the certificate of your unit."
    ),
    Reason.UNIT: N_("This is no unit code. Copy the 18 characters from the unit's licence."),
}
"""Why somebody was not let in, with what to do."""
FIELD_OF: Mapping[Reason, str] = {
    Reason.CREDENTIALS: "password",
    Reason.CODE: "code",
    Reason.PASSWORD_LENGTH: "password",
    Reason.PASSWORD_PLAIN: "password",
    Reason.EMAIL: "email",
    Reason.NAME: "name",
    Reason.UNIT: "unit",
}
"""The field that a reason stands beside; those of no field stand above the form."""


class Entry:
    """The pages for coming in. `demo` are one-click sign-ins by the secret in their address."""

    def __init__(self, frame: Frame, demo: Mapping[str, Account]) -> None:
        self._frame, self._demo = frame, demo
        self._entrance = frame.entrance
        for path, show, take in (
            ("/sign-in", self.sign_in, self.signed_in),
            ("/register", self.register, self.registered),
            ("/forgot", self.forgot, self.asked),
            ("/password", self.password, self.chosen),
        ):
            frame.show(path, show, Door.OPEN)
            frame.take(path, take, Door.OPEN)
        frame.show("/sign-in/code", self.code, Door.GUEST)
        frame.take("/sign-in/code", self.shown, Door.GUEST)
        frame.take("/sign-out", self.sign_out, Door.OPEN)
        frame.show("/language/{code}", self.speak, Door.OPEN)
        if demo:
            frame.show("/demo/{key}", self.enter_demo, Door.OPEN)

    # --- signing in and out -------------------------------------------------------------------------------------

    def sign_in(self, visit: Visit, given: Form | None = None, denied: Reason | None = None) -> Response:
        """The form; again with what was wrong."""
        on = local((given or {}).get("next", visit.query("next")))
        status = 200 if denied is None else 422
        notice = visit.query("done")
        kept = (given or {}).get("kept", "")
        return self._page(visit, "sign_in.html", given, denied, status, on=on, notice=notice, kept=kept)

    def signed_in(self, visit: Visit, form: Form) -> Response:
        """In, or the form again."""
        given = (form.get("email", ""), form.get("password", ""), visit.address, visit.agent)
        try:
            secret = self._entrance.sign_in(*given, visit.now, visit.certificate)
        except Denied as denied:
            return self.sign_in(visit, form, denied.reason)
        return self.onward(visit, secret, form)

    def sign_out(self, visit: Visit, form: Form) -> Response:
        """Out; the session is over for whoever holds its cookie."""
        if visit.guest is not None:
            self._entrance.store.end(visit.guest.account.id, visit.guest.session.digest)
        return self._frame.forget(RedirectResponse("/sign-in?done=out", 303))

    def code(self, visit: Visit, given: Form | None = None, denied: Reason | None = None) -> Response:
        """The form for the code of the moment."""
        if visit.guest is None or visit.guest.lacking is not Lacking.CODE:
            return RedirectResponse("/", 303)
        on = local((given or {}).get("next", visit.query("next")))
        kept = (given or {}).get("kept", "")
        return self._page(visit, "code.html", given, denied, 200 if denied is None else 422, on=on, kept=kept)

    def shown(self, visit: Visit, form: Form) -> Response:
        """Wholly in, in a new session, or the form again."""
        if visit.guest is None or visit.guest.lacking is not Lacking.CODE:
            return RedirectResponse("/", 303)
        try:
            secret = self._entrance.show_code(visit.guest, form.get("code", ""), visit.now)
        except Denied as denied:
            return self.code(visit, form, denied.reason)
        return self.onward(visit, secret, form)

    def onward(self, visit: Visit, secret: str, form: Form) -> Response:
        """On to where somebody was going, or to what they had typed when their session ended; the code comes first."""
        if visit.guest is not None:
            self._entrance.store.end(visit.guest.account.id, visit.guest.session.digest)
        inside = replace(visit, secret=secret, guest=self._entrance.guest(secret, visit.now))
        kept, on = form.get("kept", ""), local(form.get("next", "/"))
        lacks_code = inside.guest is not None and inside.guest.lacking is Lacking.CODE
        if kept:
            answer = self.code(inside, form) if lacks_code else self._frame.resume(inside, kept)
        else:
            answer = RedirectResponse(f"/sign-in/code?{urlencode({'next': on})}" if lacks_code else on, 303)
        return self._frame.keep(answer, secret)

    def enter_demo(self, visit: Visit) -> Response:
        """In, without asking: a demo's data is nobody's."""
        account = self._demo.get(visit.path("key"))
        if account is None:
            raise missing(visit.path("key"))
        secret = self._entrance.begin(account, visit.agent, visit.now, second=True)
        return self._frame.keep(RedirectResponse("/", 303), secret)

    # --- accounts and links -------------------------------------------------------------------------------------

    def register(self, visit: Visit, given: Form | None = None, denied: Reason | None = None) -> Response:
        """The form of somebody new, who will file for a unit."""
        return self._page(visit, "register.html", given, denied, 200 if denied is None else 422)

    def registered(self, visit: Visit, form: Form) -> Response:
        """The same words whether or not the address is known."""
        email, name, unit = (form.get(field, "").strip() for field in ("email", "name", "unit"))
        try:
            self._entrance.register(email, name, unit, visit.address, visit.now)
        except Denied as denied:
            return self.register(visit, form, denied.reason)
        return self._frame.pages.page(visit, "letter_sent.html", email=email)

    def forgot(self, visit: Visit, given: Form | None = None, denied: Reason | None = None) -> Response:
        """The form of somebody who forgot the password."""
        return self._page(visit, "forgot.html", given, denied, 200 if denied is None else 422)

    def asked(self, visit: Visit, form: Form) -> Response:
        """The same words whether or not the address is known."""
        try:
            self._entrance.forgot(form.get("email", ""), visit.address, visit.now)
        except Denied as denied:
            return self.forgot(visit, form, denied.reason)
        return self._frame.pages.page(visit, "letter_sent.html", email=form.get("email", "").strip())

    def password(self, visit: Visit, given: Form | None = None, denied: Reason | None = None) -> Response:
        """Whom a link from a letter is for, and the form to choose a password. Opening it uses nothing up."""
        link = (given or {}).get("link", visit.query("link"))
        try:
            account, slip = self._entrance.behind(link, visit.now)
        except Denied as gone:
            return self.forgot(visit, None, gone.reason)
        asked = [post.unit for post in self._entrance.store.posts(account.id) if post.unit]
        values = {"link": link, "account": account, "purpose": slip.purpose.value, "units": asked}
        return self._page(visit, "password.html", given, denied, 200 if denied is None else 422,
                          least=PASSWORD_MIN, most=PASSWORD_MAX, **values)  # fmt: skip

    def chosen(self, visit: Visit, form: Form) -> Response:
        """A password was chosen: sign in with it."""
        try:
            before = self._entrance.choose_password(form.get("link", ""), form.get("password", ""), visit.now)
        except Denied as denied:
            return self.password(visit, form, denied.reason)
        return RedirectResponse(f"/sign-in?done={'reset' if before.password else 'password'}", 303)

    def speak(self, visit: Visit) -> Response:
        """The same page in another language."""
        code = visit.path("code")
        if code not in LANGUAGES:
            raise missing(code)
        return self._frame.speak(RedirectResponse(local(visit.query("next")), 303), code)

    def _page(
        self, visit: Visit, name: str, given: Form | None, denied: Reason | None, status: int, **values: Any
    ) -> Response:
        wrong = {FIELD_OF.get(denied, ""): DENIED[denied]} if denied is not None else {}
        return self._frame.pages.page(visit, name, status, given=given or {}, wrong=wrong, **values)

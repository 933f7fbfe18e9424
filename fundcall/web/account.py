"""The page of one's own account: roles, sessions and the second factor."""

from __future__ import annotations

import segno
from fastapi import Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup

from fundcall.accounts.people import Denied, Post, Reason
from fundcall.accounts.proofs import new_totp_secret, totp_address
from fundcall.web.entry import DENIED
from fundcall.web.frame import Door, Form, Frame
from fundcall.web.problems import missing
from fundcall.web.visit import Visit

_ISSUER = "fundcall"


class AccountPages:
    """What everybody may see and change of their own account."""

    def __init__(self, frame: Frame) -> None:
        self._frame, self._store = frame, frame.entrance.store
        frame.show("/account", self.account, Door.GUEST)
        frame.take("/account/post", self.turn)
        frame.take("/account/sessions/end", self.end)
        frame.show("/account/second", self.second, Door.GUEST)
        frame.take("/account/second", self.begin_second, Door.GUEST)
        frame.take("/account/second/proof", self.prove, Door.GUEST)

    def account(self, visit: Visit) -> Response:
        """Who one is here, as what one may act, and where one is signed in."""
        guest, shown = visit.signed_in, visit.certificate
        linked = self._store.linked(shown.subject) if shown is not None else None
        return self._frame.pages.page(
            visit,
            "account.html",
            certificate_linked=linked is not None and linked[0] == guest.account.id,
            posts=self._store.posts(guest.account.id),
            sessions=self._store.sessions(guest.account.id, visit.now),
        )

    def turn(self, visit: Visit, form: Form) -> Response:
        """Act in another of one's roles."""
        guest = visit.signed_in
        chosen = next((post for post in guest.posts if _named(post) == form.get("post", "")), None)
        if chosen is None:
            raise missing(form.get("post", ""))
        self._store.turn(guest.session.digest, chosen)
        return RedirectResponse("/", 303)

    def end(self, visit: Visit, form: Form) -> Response:
        """End one of one's sessions, or all of them."""
        guest, digest = visit.signed_in, form.get("session", "")
        self._store.end(guest.account.id, digest)
        gone = digest in ("", guest.session.digest)
        return (
            self._frame.forget(RedirectResponse("/sign-in?done=out", 303))
            if gone
            else RedirectResponse("/account", 303)
        )

    # --- the second factor --------------------------------------------------------------------------------------

    def second(self, visit: Visit, denied: Reason | None = None) -> Response:
        """What to scan and where to type the code."""
        account = visit.signed_in.account
        picture, secret = Markup(""), ""
        if account.totp_secret and not account.has_second:
            drawn = segno.make(totp_address(account, _ISSUER), error="m")
            picture = Markup(drawn.svg_inline(scale=5, light="white", dark="black"))  # noqa: S704 - drawn by us
            secret = " ".join(account.totp_secret[i : i + 4] for i in range(0, len(account.totp_secret), 4))
        wrong = {"code": DENIED[denied]} if denied is not None else {}
        return self._frame.pages.page(visit, "second.html", 200 if denied is None else 422,
                                      picture=picture, secret=secret, wrong=wrong)  # fmt: skip

    def begin_second(self, visit: Visit, form: Form) -> Response:
        """A new second factor, to be proved. One that is proved already is kept: only an administrator takes it away."""
        account = visit.signed_in.account
        if not account.has_second:
            self._store.set_second(account.id, new_totp_secret())
        return RedirectResponse("/account/second", 303)

    def prove(self, visit: Visit, form: Form) -> Response:
        """The first code proves that the factor is in the person's hands."""
        guest = visit.signed_in
        if guest.account.has_second:
            return RedirectResponse("/account/second", 303)
        try:
            secret = self._frame.entrance.show_code(guest, form.get("code", ""), visit.now)
        except Denied as denied:
            return self.second(visit, denied.reason)
        return self._frame.keep(RedirectResponse("/account/second", 303), secret)


def _named(post: Post) -> str:
    return f"{post.role.value}:{post.unit}"

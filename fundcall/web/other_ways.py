"""Pages for coming in otherwise than by a password: by a provider of identities, or a unit's certificate."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from fastapi import Response
from fastapi.responses import RedirectResponse

from fundcall.accounts.people import Certificate, Denied, Vouched
from fundcall.web.entry import Entry
from fundcall.web.frame import Door, Form, Frame
from fundcall.web.problems import Problem, missing
from fundcall.web.visit import Visit, local
from states.actor import Role


class Provider(Protocol):
    """A provider of identities. Raises Denied."""

    def leave(self, secret: str, on: str, now: datetime) -> str:
        """The address there for the holder of a cookie."""

    def come_back(self, secret: str, query: dict[str, str], now: datetime) -> Vouched:
        """Whom it vouches for, by what the browser brought back."""


class OtherWays:
    """The other ways in; each answers 404 where it is not set up."""

    def __init__(self, frame: Frame, entry: Entry, provider: Provider | None) -> None:
        self._frame, self._entry, self._provider = frame, entry, provider
        frame.show("/sign-in/openid", self.leave, Door.OPEN)
        frame.show("/sign-in/openid/back", self.come_back, Door.OPEN)
        frame.take("/sign-in/certificate", self.certified, Door.OPEN)
        frame.take("/account/certificate", self.linked, roles={Role.APPLICANT})

    def leave(self, visit: Visit) -> Response:
        """Off to the provider. A link, not a form: what a form leads to must be ours (form-action)."""
        try:
            away = self._known().leave(visit.secret, local(visit.query("next")), visit.now)
        except Denied as denied:
            return self._entry.sign_in(visit, None, denied.reason)
        return RedirectResponse(away, 303)

    def come_back(self, visit: Visit) -> Response:
        """In, with the account of the address that the provider vouches for; or the sign-in page with what was wrong."""
        try:
            self._frame.entrance.knock(visit.address, visit.now)
            one = self._known().come_back(visit.secret, dict(visit.request.query_params), visit.now)
            secret = self._frame.entrance.vouched(one, visit.agent, visit.now, visit.certificate)
        except Denied as denied:
            return self._entry.sign_in(visit, None, denied.reason)
        self._frame.entrance.let_in(visit.address)
        return self._entry.onward(visit, secret, {"next": one.on})

    def certified(self, visit: Visit, form: Form) -> Response:
        """In, with the account that the certificate was linked to."""
        try:
            self._frame.entrance.knock(visit.address, visit.now)
            secret = self._frame.entrance.certified(_shown(visit), visit.agent, visit.now)
        except Denied as denied:
            return self._entry.sign_in(visit, form, denied.reason)
        self._frame.entrance.let_in(visit.address)
        return self._entry.onward(visit, secret, form)

    def linked(self, visit: Visit, form: Form) -> Response:
        """The certificate that the browser shows signs in to this account from now on. Raises Problem 403."""
        try:
            self._frame.entrance.link_certificate(visit.signed_in, _shown(visit), visit.now)
        except Denied as wrong:
            raise _other_unit() from wrong
        return RedirectResponse("/account", 303)

    def _known(self) -> Provider:
        if self._provider is None:
            raise missing("openid")
        return self._provider


def _shown(visit: Visit) -> Certificate:
    """The certificate that came through a trusted proxy. Raises Problem 404."""
    if visit.certificate is None:
        raise missing("certificate")
    return visit.certificate


def _other_unit() -> Problem:
    wrong = Problem(403, "other_unit", "所示法人一证通不属于您当前办理的单位", "the certificate is of another unit than the one you act for",
                    "请插入本单位的法人一证通，或在“我的账号”中切换单位。", "Use your unit's certificate, or change the unit in “My account”.")  # fmt: skip
    wrong.body["clause"] = "申报通知"
    return wrong

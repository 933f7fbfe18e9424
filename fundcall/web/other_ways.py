"""Pages for coming in otherwise than by a password: by a provider of identities."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from fastapi import Response
from fastapi.responses import RedirectResponse

from fundcall.accounts.people import Denied, Vouched
from fundcall.web.entry import Entry
from fundcall.web.frame import Door, Frame
from fundcall.web.problems import missing
from fundcall.web.visit import Visit, local


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
            secret = self._frame.entrance.vouched(one, visit.agent, visit.now)
        except Denied as denied:
            return self._entry.sign_in(visit, None, denied.reason)
        return self._entry.onward(visit, secret, {"next": one.on})

    def _known(self) -> Provider:
        if self._provider is None:
            raise missing("openid")
        return self._provider

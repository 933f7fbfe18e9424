"""Keys to the API for one's own programs: made by the person whom they act as, never by another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from fastapi import Response
from fastapi.responses import RedirectResponse

from fundcall.web.frame import Form, Frame
from fundcall.web.language import N_
from fundcall.web.problems import missing
from fundcall.web.visit import Visit
from states.actor import Actor

_DAYS_MAX = 365


class Keys(Protocol):
    """The keys of the installation; each has a digest, an actor, expires_at and revoked."""

    def issue(self, actor: Actor, now: datetime, expires_at: datetime) -> str:
        """A new key, told this once."""

    def tokens(self) -> Sequence[Any]:
        """Every key, the oldest first."""

    def revoke(self, digest: str) -> bool:
        """End a key; whether there was just one such."""


class OwnKeys:
    """The page of one's keys."""

    def __init__(self, frame: Frame, keys: Keys) -> None:
        self._frame, self._keys = frame, keys
        frame.show("/account/keys", self.show)
        frame.take("/account/keys", self.make)
        frame.take("/account/keys/end", self.end)

    def show(self, visit: Visit, secret: str = "", wrong: str = "") -> Response:
        """One's keys, and the new one this once."""
        return self._frame.pages.page(visit, "account_keys.html", 422 if wrong else 200, keys=self._own(visit),
                                      secret=secret, wrong={"days": wrong} if wrong else {})  # fmt: skip

    def make(self, visit: Visit, form: Form) -> Response:
        """A key in the role of now."""
        days, actor = form.get("days", ""), visit.insider
        if not (days.isascii() and days.isdecimal() and len(days) < 4 and 0 < int(days) <= _DAYS_MAX):
            return self.show(visit, wrong=N_("Write a number of days, 1 to 365."))
        return self.show(visit, self._keys.issue(actor, visit.now, visit.now + timedelta(days=int(days))))

    def end(self, visit: Visit, form: Form) -> Response:
        """End one of one's keys."""
        digest = form.get("key", "")
        if digest not in {key.digest for key in self._own(visit)}:
            raise missing(digest[:12])
        self._keys.revoke(digest)
        return RedirectResponse("/account/keys", 303)

    def _own(self, visit: Visit) -> list[Any]:
        return [key for key in self._keys.tokens() if key.actor.id == visit.signed_in.account.id]

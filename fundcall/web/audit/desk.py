"""The auditor's desk: the ledger in figures, whole calls at any moment, two moments compared, proofs, who read what."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import NamedTuple

from fastapi import Response

from fundcall.accounts.readings import Readings
from fundcall.web.api.asking import Api
from fundcall.web.audit.moment import instant_asked, number_asked, wall_text
from fundcall.web.frame import Frame
from fundcall.web.problems import missing
from fundcall.web.visit import Visit
from fundcall.web.words import wall_of
from states.actor import Role
from states.calendar import stamp
from workflow.asof import position_at
from workflow.moments import Moments
from workflow.record import decode

_AUDITOR = (Role.AUDITOR,)
_READS_READINGS = (Role.AUDITOR, Role.HEAD, Role.ADMINISTRATOR)
_PAGE = 100
_KEPT_SHOWN = 20


class Kept(NamedTuple):
    """A signed checkpoint that was kept: over how many events, under which root."""

    size: int
    root: str
    note: str


class Desk:
    """The pages over a ledger."""

    def __init__(self, frame: Frame, api: Api, readings: Readings, moments: Moments) -> None:
        self._frame, self._api, self._readings, self._moments = frame, api, readings, moments
        frame.show("/audit/calls/{call_id}", self.call, roles=_AUDITOR)
        frame.show("/audit/diff", self.diff, roles=_AUDITOR)
        frame.show("/audit/consistency", self.consistency, roles=_AUDITOR)
        frame.show("/audit/access", self.access, roles=_READS_READINGS)

    def call(self, visit: Visit) -> Response:
        """A call as the ledger stood at a position, or as recorded by an instant: its states and its funnel."""
        name, ledger = visit.path("call_id"), self._api.handler.ledger
        if name not in self._api.calls:
            raise missing(name)
        call = self._api.calls[name]
        wall = wall_of(call)
        head, instant = ledger.head(), instant_asked(visit, "as_of", wall)
        position = number_asked(visit, "position", 0, head)
        if instant is not None:
            position = position_at(ledger, instant).position
        position = head if position is None else position
        at = self._recorded_at(position)
        return self._frame.pages.page(
            visit,
            "audit_call.html",
            part="standing",
            call=call,
            position=position,
            head=head,
            step=max(1, head // 500),
            recorded_at=at,
            wall=wall,
            at=wall_text(at or visit.now, wall),
            standing=self._moments.standing(name, position),
        )

    def diff(self, visit: Visit) -> Response:
        """What became of each application between two instants of recording."""
        ledger = self._api.handler.ledger
        since, until = instant_asked(visit, "since"), instant_asked(visit, "until")
        found, positions = [], (0, 0)
        if since is not None and until is not None:
            since, until = sorted((since, until))
            positions = position_at(ledger, since).position, position_at(ledger, until).position
            found = self._moments.changed(*positions)
        after = number_asked(visit, "after", 0, len(found)) or 0
        return self._frame.pages.page(
            visit,
            "audit_diff.html",
            part="list",
            since=wall_text(since) if since is not None else "",
            until=wall_text(until) if until is not None else "",
            until_at=stamp(until) if until is not None else "",
            asked=until is not None and since is not None,
            positions=positions,
            changed=found[after : after + _PAGE],
            count=len(found),
            more=after + _PAGE if after + _PAGE < len(found) else 0,
        )

    def consistency(self, visit: Visit) -> Response:
        """The proof that the ledger at a later size begins with that at an earlier one."""
        head = self._api.handler.ledger.head()
        first, second = (number_asked(visit, name, 0, head) for name in ("first", "second"))
        pair = sorted((first if first is not None else 0, second if second is not None else head))
        return self._frame.pages.page(
            visit, "audit_consistency.html", proof=self._api.proofs.consistency(*pair), head=head
        )

    def access(self, visit: Visit) -> Response:
        """Who read what, when, as which role, the newest first."""
        account, subject = visit.query("account").strip(), visit.query("subject").strip()
        since, until = instant_asked(visit, "since"), instant_asked(visit, "until")
        before = number_asked(visit, "before", 0, 2**53)
        found = self._readings.find(
            actor=account, subject=subject, since=since, until=until, before=before, limit=_PAGE + 1
        )
        return self._frame.pages.page(
            visit,
            "audit_access.html",
            part="list",
            readings=[one for _, one in found[:_PAGE]],
            more=found[_PAGE - 1][0] if len(found) > _PAGE else 0,
            account=account,
            subject=subject,
            since=visit.query("since"),
            until=visit.query("until"),
        )

    def _recorded_at(self, position: int) -> datetime | None:
        stored = next(self._api.handler.ledger.stored(position - 1, position), None) if position else None
        return decode(stored.body).recorded_at if stored is not None else None


def kept(notes: list[str]) -> list[Kept]:
    """Checkpoints as they were signed, the newest first, so many as are shown."""
    return [_kept(note) for note in reversed(notes[-_KEPT_SHOWN:])]


def _kept(note: str) -> Kept:
    _, size, root, *_ = note.split("\n")
    return Kept(int(size), base64.b64decode(root).hex(), note)

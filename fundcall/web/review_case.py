"""An application as it is put before one expert."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from fundcall.web.giving import by_form
from fundcall.web.visit import Visit
from states.actor import Actor
from states.application import Application, Assignment
from states.funding_call import FundingCall
from states.labels import Pair
from workflow.handle import Request
from workflow.projection import OWING, reviewing
from workflow.reviews import ScoreDraft, may_draft
from workflow.visible import unnamed


class ReviewCase(NamedTuple):
    """Who asks about which assignment."""

    actor: Actor
    application: Application
    call: FundingCall

    @property
    def mine(self) -> Assignment:
        """The assignment."""
        return self.application.experts[self.actor.id]

    @property
    def owed(self) -> bool:
        """Whether a score is still to come."""
        return may_draft(self.actor, self.application) is None

    @property
    def title(self) -> str:
        """The title as the expert may read it."""
        return str(unnamed(self.actor, self.application, self.call, self.application.title))

    def due_at(self) -> datetime | None:
        """By when the next thing is asked: the answer to the invitation, else the score."""
        number = [*self.application.experts].index(self.actor.id) + 1
        invited = self.application.deadlines.get(f"invitation:{number}")
        return invited if invited is not None and self.mine.status == "invited" else self.mine.due_at

    def request(self, visit: Visit, command: Any, attempt: str) -> Request:
        """A command of the expert; the same attempt is the same command."""
        return by_form(visit, command, attempt, self.application.id, self.application.call_id)

    @property
    def before(self) -> ScoreDraft:
        """What was given before a score was given back: it need not be typed again."""
        return ScoreDraft(self.mine.points, self.mine.comment, self.mine.comments)

    def plain(self) -> dict[str, Any]:
        """What every page about the case says."""
        return {
            "case": self.application.id,
            "number": self.application.number,
            "title": self.title,
            "call": self.call,
            "mine": self.mine,
            "owed": self.owed,
            "open": reviewing(self.application) and self.mine.status in (*OWING, "scored"),
            "due_at": self.due_at(),
        }


def opens(call: FundingCall, document: Mapping[str, Any]) -> bool:
    """Whether the call lets experts open a document."""
    material = call.materials.get(document["material"])
    return material is not None and material.experts


def withheld(call: FundingCall) -> list[Pair]:
    """The materials that the call does not open to experts."""
    return [(one.zh, one.en) for one in call.materials.values() if not one.experts]

"""Invitations: who was asked for what, what they answered, by when; and another expert in somebody's place, with a reason."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import orjson
from fastapi import Response
from fastapi.responses import RedirectResponse

from fundcall.web.access import readable
from fundcall.web.boards.assignment import DRAWERS, FITS
from fundcall.web.boards.desk import Desk, Query
from fundcall.web.frame import Form
from fundcall.web.giving import by_form
from fundcall.web.problems import missing
from fundcall.web.visit import Visit
from states.application import Application, State
from states.commands.review import ExpertRef, ReplaceExpert
from states.errors import Refusal
from states.funding_call import FundingCall
from states.labels import Pair
from workflow.handle import Accepted
from workflow.projection import reviewing
from workflow.substitutes import REPLACEABLE, substitutes

STATUS: Mapping[str, Pair] = {
    "invited": ("未答复", "no answer yet"),
    "accepted": ("已接受", "accepted"),
    "declined": ("已谢绝", "declined"),
    "conflicted": ("申请回避", "conflict declared"),
    "replaced": ("已更换", "replaced"),
    "scored": ("已评分", "scored"),
}
_WHICH: Mapping[str, Pair] = {
    "all": ("全部", "all"),
    "open": ("待答复", "answers awaited"),
    "late": ("已逾期", "past their time"),
    "short": ("专家不足", "short of experts"),
}
_PAGE, _OFFERED = 20, 12


class _Invited(NamedTuple):
    """An expert on an application: how they stand, until when they may answer, by when the score is due."""

    expert: str
    unit: str
    status: str
    asked_at: datetime | None
    answer_by: datetime | None
    score_by: datetime | None


class Invitations:
    """The pages."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._api = desk, desk.api
        desk.show("invitations", self.page)
        desk.show("invitations/{application}/{expert}", self.show)
        desk.take("invitations/{application}/{expert}", self.replace, DRAWERS)

    def page(self, visit: Visit, call: FundingCall) -> Response:
        """The applications in review with their experts, those that ask for something first where that is wanted."""
        query = Query(visit.request.query_params)
        which, offset = query.choice("which", _WHICH, "all"), query.offset()
        groups = self._groups(call, visit.now)
        names = groups[which][offset : offset + _PAGE]
        done = visit.query("done")
        return self._desk.page(
            visit,
            "board_invitations.html",
            call,
            query.status,
            wrong=query.wrong,
            which=which,
            choices=_WHICH,
            counts={name: len(those) for name, those in groups.items()},
            cases=[(found, _invited(found)) for found in map(self._application, names) if found is not None],
            more=offset + _PAGE if offset + _PAGE < len(groups[which]) else 0,
            stands=STATUS,
            replaceable=REPLACEABLE,
            may_replace=visit.insider.role in DRAWERS,
            done=done if done in groups["all"] else "",
        )

    def show(self, visit: Visit, call: FundingCall) -> Response:
        """Who could take an expert's place."""
        return self._form(visit, call, {}, {}, ())

    def replace(self, visit: Visit, call: FundingCall, form: Form) -> Response:
        """Put another expert in the place of one."""
        application, leaving = self._asked(visit, call)
        chosen, reason = form.get("replacement", ""), form.get("reason", "").strip()
        known = self._api.handler.experts.named([chosen]).get(chosen) if chosen else None
        wrong: dict[str, Pair] = {}
        if known is None:
            wrong["replacement"] = (
                "请选择接替的专家（专家库中的账号）",
                "choose who takes the place: an account of the registry",
            )
        if not reason:
            wrong["reason"] = ("请写明更换理由", "say why")
        if known is None or wrong:
            return self._form(visit, call, form, wrong, ())
        command = ReplaceExpert(expert=leaving, replacement=ExpertRef(id=known.id, unit=known.unit), reason=reason)
        given = by_form(visit, command, form.get("attempt") or secrets.token_hex(16), application.id)
        outcome = self._api.handler.handle(given, self._api.now())
        if isinstance(outcome, Accepted):
            return RedirectResponse(f"/boards/{call.id}/invitations?done={application.id}", 303)
        return self._form(visit, call, form, {}, outcome.refusals)

    def _form(
        self, visit: Visit, call: FundingCall, form: Form, wrong: Mapping[str, Pair], refusals: Sequence[Refusal]
    ) -> Response:
        application, leaving = self._asked(visit, call)
        found = substitutes(self._api.handler, call, application, leaving, visit.now)
        return self._desk.page(
            visit,
            "board_replace.html",
            call,
            422 if wrong or refusals else 200,
            a=application,
            leaving=next(one for one in _invited(application) if one.expert == leaving),
            stands=STATUS,
            may_replace=visit.insider.role in DRAWERS and application.experts[leaving].status in REPLACEABLE and reviewing(application),
            found=found[:_OFFERED],
            rest=max(0, len(found) - _OFFERED),
            fits=FITS,
            given=form,
            wrong=wrong,
            refusals=refusals,
            attempt=secrets.token_hex(16),
        )  # fmt: skip

    def _asked(self, visit: Visit, call: FundingCall) -> tuple[Application, str]:
        """The application and the expert of the address. Raises Problem 404."""
        name, leaving = visit.path("application"), visit.path("expert")
        application = readable(visit.insider, self._application(name), name)
        if application.call_id != call.id or leaving not in application.experts:
            raise missing(f"{name}/{leaving}")
        return application, leaving

    def _application(self, name: str) -> Application | None:
        found: Application | None = self._api.handler.ledger.transact(lambda transaction: transaction.application(name))
        return found

    def _groups(self, call: FundingCall, now: datetime) -> dict[str, list[str]]:
        """The applications under review by what they ask for: every one, and those of each kind."""
        ledger = self._api.handler.ledger
        at_work = {row.id for row in ledger.rows(State.EXPERT_REVIEW.value, call.id) if row.phase == "reviewing"}
        late = {due.application for due in ledger.armed(call.id, until=now) if due.name.startswith("invitation:")}
        found: dict[str, list[str]] = {name: [] for name in _WHICH}
        for sheet in ledger.sheets(call.id):
            if sheet.application not in at_work:
                continue
            owed = orjson.loads(sheet.owed)
            past = any(due and datetime.fromisoformat(due) <= now for *_, due in owed)
            tells = {
                "all": True,
                "open": any(status == "invited" for _, status, *_ in owed),
                "late": past or sheet.application in late,
                "short": len(owed) + len(orjson.loads(sheet.scores)) // 3 < call.review.experts_min,
            }
            for name, holds in tells.items():
                if holds:
                    found[name].append(sheet.application)
        return found


def _invited(application: Application) -> list[_Invited]:
    """The experts of an application in the order in which they were asked."""
    return [
        _Invited(
            name,
            one.unit,
            one.status,
            one.asked_at,
            application.deadlines.get(f"invitation:{n}") if one.status == "invited" else None,
            one.due_at if one.status in ("invited", "accepted") else None,
        )
        for n, (name, one) in enumerate(application.experts.items(), 1)
    ]

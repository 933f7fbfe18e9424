"""Scores over HTTP: an expert's draft, who owes what, the ranking, and the decision board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool

from fundcall.web.api.asking import Api
from fundcall.web.api.parameters import Whole
from fundcall.web.policy import asks
from fundcall.web.problems import Problem, missing, of_malformed, of_refusals
from states.actor import Actor, Role
from states.application import Application
from states.calendar import stamp
from states.funding_call import FundingCall
from workflow.board import drawn
from workflow.commands import Malformed
from workflow.reviews import may_draft, owed, read_draft
from workflow.scoring import Place, incomparable, ranked, read_scores, standings
from workflow.visible import READERS

Measure = Literal["mean", "trimmed", "z"]
Direction = Annotated[str | None, Query(max_length=200)]
Offset = Annotated[Whole, Query(ge=0, le=1_000_000)]
Limit = Annotated[Whole, Query(ge=1, le=500)]


def routes(api: Api) -> APIRouter:
    """The routes."""
    router = api.router("评分 · scores")
    _drafts(router, api)
    _owed(router, api)

    @router.get("/calls/{call_id}/ranking")
    @asks(roles=READERS)
    def ranking(
        request: Request,
        call_id: str,
        measure: Measure = "mean",
        direction: Direction = None,
        offset: Offset = 0,
        limit: Limit = 100,
    ) -> dict[str, Any]:
        """各方向排序 · The ranking of each direction, ties and disagreement shown, every figure with its events."""
        call = api.call(call_id)
        found = _ranked(api, call, measure)
        places = [place for name, those in found.items() if direction in (None, name) for place in those]
        shown = [place.plain() for place in places[offset : offset + limit]]
        return {"measure": measure, "places_in_all": len(places), "places": shown}

    @router.get("/calls/{call_id}/board")
    @asks(roles=READERS)
    def board(
        request: Request,
        call_id: str,
        measure: Measure = "mean",
        direction: Direction = None,
        cut: Annotated[Whole | None, Query(ge=0, le=1_000_000)] = None,
        share_percent: Annotated[Whole, Query(ge=1, le=100)] = 100,
        offset: Offset = 0,
        limit: Limit = 100,
    ) -> dict[str, Any]:
        """决策看板：移动分数线，看资金、配额与目标 · Move the cut line, see money, quotas and targets; changes nothing."""
        call, ledger = api.call(call_id), api.handler.ledger
        envelope = ledger.transact(lambda transaction: transaction.programme(call.id).envelope)
        found = drawn(call, envelope, _ranked(api, call, measure), measure, cut, share_percent).of(direction)
        return found.plain(offset, limit)

    return router


def _ranked(api: Api, call: FundingCall, measure: str) -> Mapping[str, Sequence[Place]]:
    """The places of each direction. Raises Problem where the measure says nothing yet."""
    found = standings(call, read_scores(call, api.handler.ledger))
    why = incomparable(found, measure)
    if why is not None:
        raise Problem(409, "not_comparable", *why, "请改按平均分或去极值平均分。", "Rank by mean or trimmed instead.")
    return ranked(call, found, measure)


def _owed(router: APIRouter, api: Api) -> None:

    @router.get("/calls/{call_id}/reviews")
    @asks(roles=READERS)
    def reviews(request: Request, call_id: str, *, late: bool = False) -> list[dict[str, Any]]:
        """尚未提交的评分（late=true：仅逾期） · Scores still to come, who owes them and since when."""
        found = owed(api.handler.ledger, api.call(call_id).id, api.now())
        return [_plain(one._asdict()) for one in found if one.late or not late]


def _plain(found: dict[str, Any]) -> dict[str, Any]:
    return {name: stamp(value) if isinstance(value, datetime) else value for name, value in found.items()}


def _drafts(router: APIRouter, api: Api) -> None:

    @router.get("/applications/{application_id}/score-draft")
    @asks(roles={Role.EXPERT})
    def show(request: Request, application_id: str) -> dict[str, Any]:
        """本人的评分草稿 · The asking expert's own draft of a score; nobody else reads it."""
        actor = api.gate.actor(request)
        _mine(api, actor, application_id)
        found = api.drafts.draft(application_id, actor.id)
        if found is None:
            raise missing("score-draft")
        return found.draft._asdict()

    @router.put("/applications/{application_id}/score-draft", openapi_extra=_BODY)
    @asks(roles={Role.EXPERT})
    async def keep(request: Request, application_id: str) -> dict[str, Any]:
        """保存本人的评分草稿（提交评分后删除） · Keep the asking expert's draft; it is gone once the score is in."""
        actor = api.gate.actor(request)
        return await run_in_threadpool(_kept, api, actor, application_id, await request.body())


_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "points": {"type": "object", "additionalProperties": {"type": "integer"}},
                        "comment": {"type": "string"},
                        "comments": {"type": "object", "additionalProperties": {"type": "string"}},
                    },
                    "additionalProperties": False,
                }
            }
        },
    }
}


def _kept(api: Api, actor: Actor, name: str, body: bytes) -> dict[str, Any]:
    application = _mine(api, actor, name)
    try:
        draft = read_draft(api.calls[application.call_id], body)
    except Malformed as wrong:
        raise of_malformed(wrong) from wrong
    api.drafts.keep(name, actor.id, draft, api.now())
    return draft._asdict()


def _mine(api: Api, actor: Actor, name: str) -> Application:
    """The application, of which the actor still owes a score. Raises Problem."""
    application = api.application(actor, name)
    refusal = may_draft(actor, application)
    if refusal is not None:
        raise of_refusals((refusal,))
    return application

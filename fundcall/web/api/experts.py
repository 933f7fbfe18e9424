"""Experts over HTTP: the registry, draws, their verification, and the reviews that follow a draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from fundcall.web.api.asking import Api, command_id
from fundcall.web.api.calls import body_schema
from fundcall.web.edge import RECEIVED_AT
from fundcall.web.policy import asks
from fundcall.web.problems import Problem, missing, of_malformed, of_refusals
from states.actor import Actor, Role
from states.commands.programme import DrawExperts
from states.errors import Refusal
from workflow.bulk import done
from workflow.commands import Malformed, read_json
from workflow.draws import Impossible, Kept, differences, kept, starts, summary
from workflow.handle import Rejected
from workflow.handle import Request as Command
from workflow.programme import draw, handle_call, would_call
from workflow.visible import READERS


class Asked(BaseModel):
    """What a draw is asked for: how many experts for each (the call's least without), and the seed."""

    model_config = ConfigDict(extra="forbid", strict=True)

    seed: Annotated[int, Field(ge=0, lt=2**63)]
    per: Annotated[int, Field(ge=1, le=99)] | None = None
    dry_run: bool = False


_BODY = body_schema(Asked)


def routes(api: Api) -> APIRouter:
    """The routes."""
    router = api.router("专家 · experts")

    @router.get("/experts")
    @asks(roles=READERS)
    def registry(request: Request) -> list[dict[str, Any]]:
        """专家库，不含姓名与邮箱 · The registry, without names and addresses."""
        everyone = api.handler.experts.everyone()
        return [{"id": e.id, "unit": e.unit, "topics": e.topics, "load_max": e.load_max} for e in everyone]

    @router.get("/calls/{call_id}/draws")
    @asks(roles=READERS)
    def draws(request: Request, call_id: str) -> list[dict[str, Any]]:
        """历次专家抽取 · The draws of a call, in figures."""
        return [
            {"position": one.position, **summary(one.command)} for one in kept(api.handler.ledger, api.call(call_id).id)
        ]

    @router.post("/calls/{call_id}/draws", openapi_extra=_BODY)
    @asks(roles={Role.REVIEW_OFFICER})
    async def draw_experts(request: Request, call_id: str) -> dict[str, Any]:
        """抽取专家并记入台账；dry_run 只预览 · Draw experts for the applications that wait; `dry_run` records nothing."""
        actor = api.gate.actor(request)
        asked = _read(await request.body())
        given = Command(
            command_id(request, actor),
            api.call(call_id).id,
            "DrawExperts",
            None,
            actor,
            request.scope["state"][RECEIVED_AT],
        )
        return await run_in_threadpool(_drawn, api, given, asked)

    @router.get("/calls/{call_id}/draws/{position}/verification")
    @asks(roles=READERS)
    def verify(request: Request, call_id: str, position: str) -> dict[str, Any]:
        """按台账记录重新求解并比对 · Solve the recorded problem again by its seed, and compare."""
        found, solver = _one(api, call_id, position), api.solver()
        other = differences(found.command, solver)
        told = [{"application": name, "recorded": was, "again": again} for name, was, again in other]
        return {"position": found.position, **summary(found.command), "solver_now": solver.name, "differences": told}

    @router.post("/calls/{call_id}/draws/{position}/start")
    @asks(roles={Role.REVIEW_OFFICER})
    def start(request: Request, call_id: str, position: str) -> dict[str, Any]:
        """按抽取结果启动评审 · Begin each review with the experts drawn; give it again to go on."""
        actor = api.gate.actor(request)
        return _started(api, actor, _one(api, call_id, position))

    return router


def _read(body: bytes) -> Asked:
    try:
        return Asked.model_validate(read_json(body))
    except Malformed as wrong:
        raise of_malformed(wrong) from wrong
    except ValidationError as wrong:
        faults = [
            {"where": ".".join(map(str, e["loc"])), "zh": "取值不符合要求", "en": str(e["msg"])} for e in wrong.errors()
        ]
        raise Problem(422, "malformed", "请求内容有误", "the body is wrong", faults=faults) from wrong


def _drawn(api: Api, given: Command, asked: Asked) -> dict[str, Any]:
    """Draw, and give the command; what was drawn before under the same key is told again."""
    call = api.call(given.application)
    earlier = api.handler.ledger.transact(lambda transaction: transaction.answered(given.command_id))
    if earlier is not None and (earlier.type, earlier.data.get("seed")) == ("ExpertsDrawn", asked.seed):
        return _told(_one(api, call.id, str(earlier.position)), repeated=True)
    per = asked.per or call.review.experts_min
    try:
        command = draw(api.handler, api.solver(), call, per, asked.seed, given.received_at)
    except Impossible as wrong:
        zh, _, en = str(wrong).partition(" / ")
        raise Problem(409, "no_assignment", zh, en) from wrong
    request = replace(given, command=command)
    if asked.dry_run:
        _refuse(would_call(api.handler, request))
        return _told(Kept(0, command), repeated=False) | {"position": None}
    moved = handle_call(api.handler, request, api.now())
    if isinstance(moved, Rejected):
        raise of_refusals(moved.refusals)
    return _told(Kept(moved.event.position, command), repeated=moved.repeated)


def _refuse(refusals: Sequence[Refusal]) -> None:
    if refusals:
        raise of_refusals(tuple(refusals))


def _told(one: Kept, *, repeated: bool) -> dict[str, Any]:
    drawn = {each.application: list(each.experts) for each in one.command.drawn}
    return {"position": one.position, "repeated": repeated, **summary(one.command), "drawn": drawn}


def _one(api: Api, call_id: str, position: str) -> Kept:
    found = [one for one in kept(api.handler.ledger, api.call(call_id).id) if str(one.position) == position]
    if not found:
        raise missing(position)
    return found[0]


def _started(api: Api, actor: Actor, found: Kept) -> dict[str, Any]:
    command: DrawExperts = found.command
    requests = starts(command, actor, api.now(), found.position)
    told = chain.from_iterable(done(api.handler, requests, api.now))
    refused = {one.application: [refusal.plain() for refusal in one.refusals] for one in told if one.refusals}
    return {"started": len(requests) - len(refused), "refused": refused}

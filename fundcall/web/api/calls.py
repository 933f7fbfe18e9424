"""Calls: what may be filed and by when, attempts that were refused, and commands about a call as a whole."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from copy import deepcopy
from datetime import datetime
from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import PlainTextResponse
from pydantic import TypeAdapter

from fundcall.web.api.asking import Api, asked_of_call
from fundcall.web.api.parameters import Instant, Whole
from fundcall.web.policy import Door, asks
from fundcall.web.problems import Problem
from states.actor import SYSTEM
from states.calendar import stamp, zone
from states.commands import PROGRAMME_COMMANDS
from states.decide import plain
from states.funding_call import FundingCall
from states.programme import PROGRAMME_TABLE
from workflow.course import told, waiting
from workflow.queries import attempts, progress
from workflow.visible import READERS

_OWN = tuple(name for name, row in PROGRAMME_TABLE.items() if SYSTEM.role not in row.roles)


def routes(api: Api) -> APIRouter:
    """The routes."""
    router = api.router("通知 · calls")
    _witness(router, api)

    @router.get("/calls")
    @asks(Door.OPEN)
    def list_calls() -> list[dict[str, Any]]:
        """每个申报通知及其受理时间 · Each call with its window."""
        return [_head(api, call) for call in api.calls.values()]

    @router.get("/calls/{call_id}")
    @asks(Door.OPEN)
    def show_call(call_id: str) -> dict[str, Any]:
        """通知的表单、材料、方向与规则 · A call's form, materials, topics and rules."""
        call = api.call(call_id)
        return {
            **_head(api, call),
            "fields": [plain(field) for field in call.fields.values()],
            "materials": [plain(material) for material in call.materials.values()],
            "topics": [plain(topic) for topic in call.topics.values()],
            "rules": [_rule(rule) for rule in call.rules.values()],
        }

    _add_figures(router, api)
    _add_commands(router, api)
    return router


def _add_figures(router: APIRouter, api: Api) -> None:
    """How a call goes, for the office."""

    @router.get("/calls/{call_id}/targets")
    @asks(roles=READERS)
    def targets(request: Request, call_id: str) -> list[dict[str, Any]]:
        """计划目标的进展 · How far the call has come towards each target."""
        return [one._asdict() for one in progress(api.handler.ledger, api.call(call_id))]

    @router.get("/calls/{call_id}/stats")
    @asks(roles=READERS)
    def stats(request: Request, call_id: str) -> dict[str, Any]:
        """申报进程的数字：各状态、经办人、到达与待办 · The call in figures: states, officers, arrivals, and what waits."""
        ledger, now = api.handler.ledger, api.now()
        return told(api.courses[api.call(call_id).id].figures(now), waiting(ledger, call_id, now))

    @router.get("/calls/{call_id}/attempts")
    @asks(roles=READERS)
    def list_attempts(
        request: Request, call_id: str, since: Instant, until: Instant | None = None
    ) -> list[dict[str, Any]]:
        """被拒绝的申报尝试 · Attempts to file that were refused, for the office (after an outage, say)."""
        call = api.call(call_id)
        found = attempts(api.handler.ledger, call.id, since, until)
        return [{**attempt._asdict(), "at": stamp(attempt.at)} for attempt in found]


def _add_commands(router: APIRouter, api: Api) -> None:
    """Commands about a call as a whole."""
    for name in _OWN:
        kind = PROGRAMME_COMMANDS[name]
        router.add_api_route(
            f"/calls/{{call_id}}/commands/{name}",
            _command(api, name),
            methods=["POST"],
            name=name,
            description=kind.__doc__,
            openapi_extra=body_schema(kind),
        )


def _witness(router: APIRouter, api: Api) -> None:
    """What anybody may hold the ledger to."""

    @router.get("/checkpoint", response_class=PlainTextResponse)
    @asks(Door.OPEN)
    def checkpoint() -> str:
        """台账的签名检查点（公开） · The ledger's signed checkpoint, for anybody."""
        return api.proofs.checkpoint()

    @router.get("/consistency")
    @asks(Door.OPEN)
    def consistency(
        first: Annotated[Whole, Query(ge=0)] = 0, second: Annotated[Whole | None, Query(ge=0)] = None
    ) -> dict[str, Any]:
        """两个检查点的一致性证明（公开） · That the ledger of `second` events begins with that of `first`, for anybody."""
        try:
            return api.proofs.consistency(first, second)
        except ValueError as wrong:
            raise Problem(422, "no_such_size", "台账没有这样的规模", str(wrong)) from wrong


def _command(api: Api, name: str) -> Callable[[Request, str], Coroutine[Any, Any, dict[str, Any]]]:
    @asks()
    async def give(request: Request, call_id: str) -> dict[str, Any]:
        moved = await asked_of_call(api, request, name, call_id)
        event = moved.event
        return {"position": event.position, "version": event.version, "event": event.type, "repeated": moved.repeated}

    return give


def body_schema(kind: type[Any]) -> dict[str, Any]:
    """What OpenAPI says of a command's body and headers."""
    schema = deepcopy(_schema(kind))  # type: ignore[arg-type] # mypy: a class has no __hash__
    key = {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    }
    return {"parameters": [key], "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


@cache
def _schema(kind: type[Any]) -> dict[str, Any]:
    schema = TypeAdapter(kind).json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    return schema


def _head(api: Api, call: FundingCall) -> dict[str, Any]:
    closes_at = api.handler.ledger.transact(lambda transaction: transaction.programme(call.id).closes_at)
    return {
        "id": call.id,
        "title_zh": call.title_zh,
        "title_en": call.title_en,
        "opens_at": _local(call.opens_at, call),
        "closes_at": _local(closes_at or call.closes_at, call),
        "now": _local(api.now(), call),
        "timezone": call.timezone,
        "currency": call.currency,
    }


def _local(instant: datetime, call: FundingCall) -> str:
    return instant.astimezone(zone(call.timezone)).isoformat(timespec="microseconds")


def _rule(rule: Any) -> dict[str, Any]:
    names = ("id", "ref", "clause", "quote", "severity", "zh", "en", "remedy_zh", "remedy_en", "stages", "topics")
    return {name: plain(getattr(rule, name)) for name in names}

"""One command for many applications: first what would happen to each, then all that can be done."""

from __future__ import annotations

import secrets
from typing import Any

import orjson
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from fundcall.web.access import only
from fundcall.web.api.asking import Api, command_id
from fundcall.web.api.calls import body_schema
from fundcall.web.edge import RECEIVED_AT
from fundcall.web.problems import Problem, of_malformed
from states.actor import OFFICERS
from states.errors import Refusal
from states.table import ROWS
from workflow.commands import Malformed, read_command, read_json
from workflow.handle import Rejected
from workflow.handle import Request as Command

APPLICATIONS_MAX = 5000
BYTES_MAX = 250 * 1024
_OFFICE = frozenset(row.command for row in ROWS if OFFICERS & set(row.roles))


def routes(api: Api) -> APIRouter:
    """The route."""
    router = APIRouter(tags=["批量 · bulk"])

    @router.post("/bulk/{command}", openapi_extra=_BODY)
    async def bulk(request: Request, command: str) -> dict[str, Any]:
        """对多件申报执行同一命令；dry_run 只预览 · One command for many; `dry_run` says what would happen."""
        actor = api.gate.actor(request)
        only(actor, *OFFICERS)
        key = command_id(request, actor)
        if command not in _OFFICE:
            raise Problem(
                404, "not_found", f"没有可批量执行的命令“{command}”", f"{command} is no command of the office"
            )
        many = _read(await request.body())
        names = list(dict.fromkeys(many.applications))
        try:
            given = read_command(command, orjson.dumps(many.data))
        except Malformed as wrong:
            raise of_malformed(wrong) from wrong
        at = request.scope["state"][RECEIVED_AT]
        asked = [
            Command(f"{key}:{name}", name, command, given, actor, at, salt=secrets.token_hex(32)) for name in names
        ]
        if many.dry_run:
            refusals = await run_in_threadpool(api.handler.would_many, asked)
            return _told(names, refusals, dry_run=True)
        outcomes = await run_in_threadpool(api.handler.handle_many, asked, api.now())
        told = _told(names, [o.refusals if isinstance(o, Rejected) else () for o in outcomes], dry_run=False)
        return told | {"before": [name for name, o in zip(names, outcomes, strict=True) if o.repeated]}

    return router


class Many(BaseModel):
    """Which applications, with what fields of the command, and whether only to say what would happen."""

    model_config = ConfigDict(extra="forbid", strict=True)

    applications: list[str] = Field(min_length=1, max_length=APPLICATIONS_MAX)
    data: dict[str, Any] = {}
    dry_run: bool = False


_BODY = body_schema(Many)


def _read(body: bytes) -> Many:
    try:
        return Many.model_validate(read_json(body))
    except Malformed as wrong:
        raise of_malformed(wrong) from wrong
    except ValidationError as wrong:
        raise Problem(422, "malformed", "请求格式有误", 'write {"applications": [...], "data": {...}, "dry_run": false}',
                      f"applications 为1至{APPLICATIONS_MAX}个编号。", f"Name 1 to {APPLICATIONS_MAX} applications.") from wrong  # fmt: skip


def _told(names: list[str], refusals: list[tuple[Refusal, ...]], *, dry_run: bool) -> dict[str, Any]:
    refused = [
        {"application": n, "refusals": [r.plain() for r in rs]} for n, rs in zip(names, refusals, strict=True) if rs
    ]
    accepted = [name for name, rs in zip(names, refusals, strict=True) if not rs]
    return {"dry_run": dry_run, "accepted": accepted, "refused": refused}

"""One command for many applications: first what would happen to each, then all that can be done."""

from __future__ import annotations

import secrets
from functools import partial
from typing import Any

import orjson
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from fundcall.web.api.asking import Api, command_id
from fundcall.web.api.calls import body_schema
from fundcall.web.edge import RECEIVED_AT
from fundcall.web.policy import asks
from fundcall.web.problems import Problem, of_malformed
from states.actor import OFFICERS
from states.table import ROWS
from workflow.bulk import Told, done, foreseen, requests
from workflow.commands import Malformed, read_command, read_json

APPLICATIONS_MAX = 5000
BYTES_MAX = 250 * 1024
_OFFICE = frozenset(row.command for row in ROWS if OFFICERS & set(row.roles))


def routes(api: Api) -> APIRouter:
    """The route."""
    router = api.router("批量 · bulk")

    @router.post("/bulk/{command}", openapi_extra=_BODY)
    @asks(roles=OFFICERS)
    async def bulk(request: Request, command: str) -> dict[str, Any]:
        """对多件申报执行同一命令；dry_run 只预览 · One command for many; `dry_run` says what would happen."""
        actor = api.gate.actor(request)
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
        asked = requests(f"{key}:", command, given, actor, names, at, partial(secrets.token_hex, 32))
        if many.dry_run:
            return _told(await run_in_threadpool(foreseen, api.handler, asked), dry_run=True)
        batches = await run_in_threadpool(lambda: list(done(api.handler, asked, api.now, APPLICATIONS_MAX)))
        told = [one for batch in batches for one in batch]
        return _told(told, dry_run=False) | {"before": [one.application for one in told if one.before]}

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


def _told(found: list[Told], *, dry_run: bool) -> dict[str, Any]:
    refused = [
        {"application": one.application, "refusals": [r.plain() for r in one.refusals]} for one in found if one.refusals
    ]
    return {"dry_run": dry_run, "accepted": [one.application for one in found if not one.refusals], "refused": refused}

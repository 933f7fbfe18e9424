"""Documents: taken in as they come, examined, and attached; whole on the disk before anybody is told."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from fundcall.web.api.applications import answer
from fundcall.web.api.asking import Api, asked, command_id
from fundcall.web.policy import asks
from fundcall.web.problems import Problem
from states.actor import Role

BYTES_MAX = 5 * 1024 * 1024
"""What a document may have where the call says nothing else."""


def bytes_max(api: Api) -> int:
    """The largest document that any call takes."""
    rules = (rule for call in api.calls.values() for rule in call.rules.values() if rule.check == "document_size")
    return max((rule.params["bytes_max"] for rule in rules), default=BYTES_MAX)


def routes(api: Api) -> APIRouter:
    """The route."""
    router = APIRouter(tags=["材料 · documents"])
    largest = bytes_max(api)

    @router.post("/applications/{application_id}/documents", status_code=201, openapi_extra=_BODY)
    @asks(roles={Role.APPLICANT})
    async def add(
        request: Request,
        application_id: str,
        material: Annotated[str, Query(min_length=1, max_length=100)],
        name: Annotated[str, Query(min_length=1, max_length=200)],
    ) -> dict[str, Any]:
        """上传并附上一份材料（请求体即文件） · Attach a document: the body is the file itself."""
        actor = api.gate.actor(request)
        command_id(request, actor)
        await run_in_threadpool(api.see, actor, application_id)
        digest = await _taken_in(api, request, largest)
        examined = await run_in_threadpool(_uploads(api).examined, digest)
        body = orjson.dumps({"material": material, "name": name, "sha256": digest})
        return {**answer(await asked(api, request, "AddDocument", application_id, body)), "document": examined}

    return router


_BODY: dict[str, Any] = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "schema": {"type": "string", "minLength": 1, "maxLength": 200},
        }
    ],
    "requestBody": {
        "required": True,
        "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
    },
}


def _uploads(api: Api) -> Any:
    if api.uploads is None:
        raise Problem(503, "unavailable", "演示系统不接收文件", "the demo takes no documents")
    return api.uploads


async def _taken_in(api: Api, request: Request, largest: int) -> str:
    """Store the body as it comes; its SHA-256. The edge has stopped what is too large."""
    with _uploads(api).receive(largest) as incoming:
        try:
            async for piece in request.stream():
                incoming.write(piece)
        except ClientDisconnect as gone:
            raise Problem(400, "interrupted", "上传中断，文件未保存", "the upload was cut off; nothing was kept",
                          "请重新上传。", "Upload it again.") from gone  # fmt: skip
        found: str = await run_in_threadpool(incoming.keep)
        return found

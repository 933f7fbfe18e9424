"""Documents: taken in as they come, examined, and attached; whole on the disk before anybody is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from fundcall.web.api.applications import answer
from fundcall.web.api.asking import Api, Uploads, asked, command_id
from fundcall.web.policy import asks
from fundcall.web.problems import Problem, interrupted
from states.actor import Role

BYTES_MAX = 5 * 1024 * 1024
"""What a document may have where the call says nothing else."""


def bytes_max(api: Api) -> int:
    """The largest document that any call takes."""
    rules = (rule for call in api.calls.values() for rule in call.rules.values() if rule.check == "document_size")
    return max((rule.params["bytes_max"] for rule in rules), default=BYTES_MAX)


def routes(api: Api) -> APIRouter:
    """The route."""
    router = api.router("材料 · documents")
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
        digest = await taken_in(uploads(api), request.stream(), largest)
        examined = await run_in_threadpool(uploads(api).examined, digest)
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


def uploads(api: Api) -> Uploads:
    """Where documents go. Raises Problem 503 where none are taken."""
    if api.uploads is None:
        raise Problem(503, "unavailable", "演示系统不接收文件", "the demo takes no documents")
    return api.uploads


async def taken_in(store: Uploads, pieces: AsyncIterator[bytes], largest: int) -> str:
    """Store a document as it comes; its SHA-256. What is too large is stopped by whoever gives the pieces."""
    with store.receive(largest) as incoming:
        try:
            async for piece in pieces:
                incoming.write(piece)
        except ClientDisconnect as gone:
            raise interrupted() from gone
        return await run_in_threadpool(incoming.keep)

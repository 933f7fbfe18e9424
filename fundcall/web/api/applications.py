"""Applications: opened, looked at, checked beforehand, moved by commands, and receipted."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response

from fundcall.web.api.asking import Api, asked, found_at
from fundcall.web.api.calls import body_schema
from fundcall.web.api.parameters import Instant, Whole
from fundcall.web.peers import certificate_facts
from fundcall.web.policy import asks
from fundcall.web.problems import Problem, missing
from states.actor import Actor, Role
from states.application import State
from states.calendar import stamp
from states.commands import COMMANDS
from states.table import CREATE, ROWS
from workflow.commands import Malformed, read_json
from workflow.handle import Accepted
from workflow.projection import Row
from workflow.queries import worksheet
from workflow.record import decode
from workflow.visible import READERS, happened, shown, unnamed

_OWN = tuple(dict.fromkeys(row.command for row in ROWS if row.roles != (Role.SYSTEM,)))
_PAGE_MAX = 500
_LISTED = (
    "id",
    "call_id",
    "state",
    "phase",
    "version",
    "unit_code",
    "unit_name",
    "topic",
    "number",
    "title",
    "end_on",
    "outcome",
)


def routes(api: Api) -> APIRouter:
    """The routes."""
    router = api.router("申报 · applications")
    _standing(router, api)
    _proving(router, api)
    _papers(router, api)

    @router.post("/applications", status_code=201, openapi_extra=_creation())
    @asks()
    async def create(request: Request, response: Response) -> dict[str, Any]:
        """建立草稿 · Open a draft: `call` beside the fields of CreateDraft."""
        call_id, body = _split(await request.body())
        accepted = await asked(api, request, CREATE, "", body, call_id)
        response.headers["Location"] = f"/api/v1/applications/{accepted.application.id}"
        return answer(accepted)

    for name in _OWN:
        router.add_api_route(
            f"/applications/{{application_id}}/commands/{name}",
            _command(api, name),
            methods=["POST"],
            name=name,
            description=COMMANDS[name].__doc__,
            openapi_extra=body_schema(COMMANDS[name]),
        )
    return router


def _standing(router: APIRouter, api: Api) -> None:

    @router.get("/applications")
    @asks(roles={Role.APPLICANT, *READERS})
    def list_applications(
        request: Request,
        state: State | None = None,
        call: Annotated[str | None, Query(max_length=200)] = None,
        after: Annotated[str, Query(max_length=200)] = "",
        limit: Annotated[Whole, Query(ge=1, le=_PAGE_MAX)] = 50,
    ) -> dict[str, Any]:
        """列出申报件 · Applications by id: a unit's own, or all for the office."""
        actor = api.gate.actor(request)
        rows = _rows(api, actor, state, call, after, limit + 1)
        more = rows[limit - 1].id if len(rows) > limit else None
        return {"applications": [{n: getattr(row, n) for n in _LISTED} for row in rows[:limit]], "after": more}

    @router.get("/applications/{application_id}")
    @asks()
    def show(request: Request, application_id: str, as_of: Instant | None = None) -> dict[str, Any]:
        """查看申报件（可指定时点） · An application, as it stood at an instant if one is given."""
        actor = api.gate.actor(request)
        found = api.application(actor, application_id, as_of)
        return shown(actor, found, api.calls[found.call_id])

    @router.get("/applications/{application_id}/history")
    @asks()
    def history(request: Request, application_id: str) -> list[dict[str, Any]]:
        """全部经过 · Everything that happened, as far as the asker may see it."""
        actor = api.gate.actor(request)
        found = api.application(actor, application_id)
        stored = api.handler.ledger.stored(application=application_id)
        events = (happened(actor, decode(one.body), one.leaf) for one in stored)
        call = api.calls[found.call_id]
        return [unnamed(actor, found, call, event) for event in events if event is not None]


def _proving(router: APIRouter, api: Api) -> None:

    @router.get("/applications/{application_id}/findings")
    @asks(roles={Role.APPLICANT, *READERS})
    def precheck(request: Request, application_id: str) -> dict[str, Any]:
        """预检：现在提交会发现什么 · What the rules would find were it submitted now; nothing is changed."""
        actor = api.gate.actor(request)
        api.see(actor, application_id)
        found = found_at(api, application_id, api.now(), certificate_facts(request.scope))
        return {"clean": not any(one["blocks"] for one in found), "findings": found}

    @router.get("/applications/{application_id}/worksheet")
    @asks(roles=READERS)
    def sheet(request: Request, application_id: str) -> list[dict[str, Any]]:
        """形式审查工作单 · The format check's worksheet: findings with their state, and the list for people."""
        actor = api.gate.actor(request)
        found = api.application(actor, application_id)
        return [item._asdict() for item in worksheet(api.calls[found.call_id], found)]

    @router.get("/applications/{application_id}/receipt")
    @asks(roles={Role.APPLICANT, *READERS})
    def receipt(request: Request, application_id: str) -> dict[str, Any]:
        """申报回执（JSON） · The receipt of the latest submission."""
        api.see(api.gate.actor(request), application_id)
        found = api.proofs.receipt(application_id)
        if found is None:
            raise missing("receipt")
        return found

    @router.get("/applications/{application_id}/proof")
    @asks()
    def proof(request: Request, application_id: str) -> dict[str, Any]:
        """各事件在台账中的证明 · That the events which the asker may see stand on the ledger (C2SP tlog-proof)."""
        actor = api.gate.actor(request)
        api.application(actor, application_id)
        stored = api.handler.ledger.stored(application=application_id)
        told = ((one.position, happened(actor, decode(one.body), one.leaf)) for one in stored)
        seen = {position for position, event in told if event is not None and event["leaf"]}
        return api.proofs.proof(application_id, seen)


def _papers(router: APIRouter, api: Api) -> None:

    @router.get("/applications/{application_id}/dossier.pdf", response_class=Response)
    @asks()
    def dossier_pdf(request: Request, application_id: str) -> Response:
        """项目档案（PDF） · Everything about an application on paper, as far as the asker may see it."""
        actor = api.gate.actor(request)
        api.application(actor, application_id)
        found = api.proofs.dossier_pdf(actor, application_id)
        if found is None:
            raise missing(application_id)
        return Response(
            found, media_type="application/pdf", headers={"Content-Disposition": 'attachment; filename="dossier.pdf"'}
        )

    @router.get("/applications/{application_id}/receipt.pdf", response_class=Response)
    @asks(roles={Role.APPLICANT, *READERS})
    def receipt_pdf(request: Request, application_id: str) -> Response:
        """申报回执（PDF） · The receipt on paper."""
        api.see(api.gate.actor(request), application_id)
        found = api.proofs.receipt_pdf(application_id)
        if found is None:
            raise missing("receipt")
        return Response(
            found, media_type="application/pdf", headers={"Content-Disposition": 'attachment; filename="receipt.pdf"'}
        )


def _rows(api: Api, actor: Actor, state: State | None, call: str | None, after: str, limit: int) -> list[Row]:
    ledger, value = api.handler.ledger, state.value if state else None
    if actor.role in READERS:
        return ledger.rows(value, call, after, limit)
    if actor.role is Role.APPLICANT and actor.unit:
        return ledger.rows(value, call, after, limit, actor.unit)
    raise Problem(403, "role_not_allowed", "该角色没有列表可看", "this role has no list to see")


def _split(body: bytes) -> tuple[str, bytes]:
    """The call's id and the rest of a body that names it. Raises Problem."""
    try:
        found = read_json(body)
    except Malformed:
        return "", body  # read again, and answered, as the command
    if not isinstance(found, dict) or not isinstance(found.get("call"), str):
        raise Problem(422, "malformed", "缺少申报通知编号 call", "the call's id is missing: call")
    call = found.pop("call")
    return call, orjson.dumps(found)


def _creation() -> dict[str, Any]:
    extra = body_schema(COMMANDS[CREATE])
    schema = extra["requestBody"]["content"]["application/json"]["schema"]
    schema["properties"] = {"call": {"type": "string"}, **schema["properties"]}
    schema["required"] = ["call", *schema["required"]]
    return extra


def _command(api: Api, name: str) -> Callable[[Request, str], Coroutine[Any, Any, dict[str, Any]]]:
    @asks()
    async def give(request: Request, application_id: str) -> dict[str, Any]:
        return answer(await asked(api, request, name, application_id))

    return give


def answer(accepted: Accepted) -> dict[str, Any]:
    """What an accepted command answers: where the application stands now, and where it is written."""
    event, application = accepted.event, accepted.application
    return {
        "application": application.id,
        "state": application.state.value,
        "phase": application.phase,
        "version": application.version,
        "number": application.number,
        "event": event.type,
        "position": event.position,
        "received_at": stamp(event.effective_at),
        "recorded_at": stamp(event.recorded_at),
        "repeated": accepted.repeated,
    }

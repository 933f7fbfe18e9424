"""Objections to what is in the public notice (异议), by anybody, without an account: a form, and the interface's own way."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool

from fundcall.accounts.entrance import Entrance
from fundcall.accounts.people import Denied
from fundcall.web.api.asking import command_id_of
from fundcall.web.api.calls import body_schema
from fundcall.web.edge import RECEIVED_AT
from fundcall.web.frame import Door, Form, Frame
from fundcall.web.policy import asks
from fundcall.web.problems import Problem, missing, of_malformed, of_refusals
from fundcall.web.visit import Visit
from states.actor import Actor, Role
from states.calendar import stamp
from states.commands.review import FileObjection
from states.funding_call import FundingCall
from workflow.commands import Malformed, read_command
from workflow.handle import Handler, Rejected
from workflow.handle import Request as Command
from workflow.publication import Noticeboard, Published

ANYBODY = Actor("public", Role.PUBLIC)
"""Who objects, as far as the ledger's bytes say."""
_FIELDS = ("name", "email", "address", "phone")


class Objections:
    """The ways for the public to object, over the write path that everybody uses."""

    def __init__(
        self, frame: Frame, handler: Handler, boards: Mapping[str, Noticeboard], app: FastAPI, prefix: str
    ) -> None:
        self._frame, self._handler, self._boards, self._entrance = frame, handler, boards, frame.entrance
        path = "/public/calls/{call_id}/notice/{number}/objection"
        frame.show(path, self.form, Door.OPEN)
        frame.take(path, self.filed, Door.OPEN)
        app.add_api_route(
            f"{prefix}/calls/{{call_id}}/notice/{{number}}/objections",
            self._interface(),
            methods=["POST"],
            status_code=201,
            name="object",
            description="公示期内实名提出异议，无需账号 · Object while the public notice runs, by real name; needs no key.",
            tags=["公示 · public notice"],
            openapi_extra=body_schema(FileObjection),
        )

    def form(self, visit: Visit, given: Form | None = None, wrong: Problem | None = None, sure: str = "") -> Response:
        """The form; again with what was wrong, or to be read again before it is filed."""
        call, one = self._find(visit.path("call_id"), visit.path("number"))
        if wrong is None and not one.running(visit.now):
            raise _over(one)
        return self._frame.pages.page(
            visit,
            "objection.html",
            status=200 if wrong is None else wrong.status,
            call=call,
            one=one,
            given=given or {},
            sure=sure,
            key=(given or {}).get("key") or secrets.token_hex(16),
            wrong=wrong.body if wrong is not None else None,
        )

    def filed(self, visit: Visit, form: Form) -> Response:
        """The receipt, or the form again: to be mended, or to be read once more before it is filed. The same form sent
        twice is one objection.
        """
        call, one = self._find(visit.path("call_id"), visit.path("number"))
        objector = {name: form.get(name, "").strip() for name in _FIELDS}
        body = orjson.dumps({"objector": objector, "grounds": form.get("grounds", "").replace("\r\n", "\n")})
        try:
            key, seen = command_id_of(form.get("key", ""), ANYBODY), hashlib.sha256(body).hexdigest()
            if form.get("sure") != seen:
                self._try(one, key, body, visit.received_at)
                return self.form(visit, form, sure=seen)
            receipt = self._give(one, key, body, visit.address, visit.received_at, visit.now)
        except Problem as wrong:
            return self.form(visit, form, wrong)
        return self._frame.pages.page(visit, "objection_filed.html", call=call, one=one, receipt=receipt)

    def _interface(self) -> Any:
        @asks(Door.OPEN)
        async def give(request: Request, call_id: str, number: str) -> dict[str, Any]:
            _, one = await run_in_threadpool(self._find, call_id, number)
            key = command_id_of(request.headers.get("idempotency-key", ""), ANYBODY)
            address = request.client.host if request.client else ""
            body = await request.body()
            at, now = request.scope["state"][RECEIVED_AT], self._frame.now()
            return dict(await run_in_threadpool(self._give, one, key, body, address, at, now))

        return give

    def _try(self, one: Published, key: str, body: bytes, received_at: datetime) -> None:
        """Say what stands in the way of an objection; nothing is kept. Raises Problem."""
        refusals = self._handler.would(_command(one, key, body, received_at))
        if refusals:
            raise of_refusals(refusals)

    def _give(
        self, one: Published, key: str, body: bytes, address: str, received_at: datetime, now: datetime
    ) -> Mapping[str, Any]:
        """File the objection; its receipt. Raises Problem."""
        given = _command(one, key, body, received_at)
        _throttle(self._entrance, given.command, address, now)
        outcome = self._handler.handle(given, now)
        if isinstance(outcome, Rejected):
            raise of_refusals(outcome.refusals)
        receipt = f"{one.number}-Y{outcome.event.position}"
        return {"receipt": receipt, "number": one.number, "position": outcome.event.position,
                "received_at": stamp(outcome.event.effective_at), "repeated": outcome.repeated}  # fmt: skip

    def _find(self, call_id: str, number: str) -> tuple[FundingCall, Published]:
        """The call and the latest publication under a number. Raises Problem 404."""
        if call_id not in self._boards:
            raise missing(call_id)
        found = [one for one in self._boards[call_id].published() if one.number == number]
        if not found:
            raise missing(number)
        return self._boards[call_id].call, found[-1]


def _command(one: Published, key: str, body: bytes, received_at: datetime) -> Command:
    """The objection as the handler takes it. Raises Problem 422 for what is none."""
    try:
        command = read_command("FileObjection", body)
    except Malformed as wrong:
        raise of_malformed(wrong) from wrong
    salt, name = secrets.token_hex(32), one.application
    return Command(f"{key}:{name}", name, "FileObjection", command, ANYBODY, received_at, salt=salt)


def _over(one: Published) -> Problem:
    return Problem(409, "notice_over", f"“{one.title}”不在公示期内，不再受理异议",
                   "the public notice of this project does not run; objections are not taken any more",
                   "可向主管部门来信反映。", "You may still write to the authority.")  # fmt: skip


def _throttle(entrance: Entrance, command: Any, address: str, now: datetime) -> None:
    """Raises Problem 429."""
    email = getattr(command.objector, "email", "")
    try:
        entrance.objecting(email, address, now)
    except Denied as denied:
        raise Problem(429, "too_many", "提交过于频繁", "too many objections came from here",
                      "请一小时后再试。", "Wait for an hour and try again.") from denied  # fmt: skip

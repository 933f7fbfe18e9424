"""What the routes of the API share: the system they speak to, and how a request becomes a command."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Container, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool

from fundcall.web.access import Gate, readable
from fundcall.web.api.together import Together
from fundcall.web.edge import RECEIVED_AT
from fundcall.web.peers import certificate_facts
from fundcall.web.problems import Problem, missing, of_malformed, of_refusals
from fundcall.web.telling import note_command
from states.actor import Actor, Role
from states.application import Application
from states.checks import CertificateFacts
from states.errors import Refused
from states.events import REFUSED
from states.fold import fold
from states.funding_call import FundingCall
from states.table import CREATE
from states.unit_code import normal
from workflow.commands import Malformed, read_command
from workflow.course import Course
from workflow.draws import Solver
from workflow.handle import Accepted, Handler, Outcome, Rejected
from workflow.handle import Request as Command
from workflow.ports import Unavailable
from workflow.programme import CallMoved, handle_call
from workflow.record import decode
from workflow.reviews import KeptDraft, ScoreDraft
from workflow.visible import READERS, has_left

PREFIX = "/api/v1"
_KEY_MAX = 200


class Incoming(Protocol):
    """A document on its way in."""

    def write(self, piece: bytes) -> None: ...

    def keep(self) -> str: ...


class Uploads(Protocol):
    """Where documents go, and what their examination found."""

    def receive(self, bytes_max: int) -> AbstractContextManager[Incoming]: ...

    def examined(self, digest: str) -> dict[str, Any]: ...

    def content(self, digest: str) -> bytes | None: ...

    def preview(self, digest: str) -> bytes: ...


class Keeper(Protocol):
    """Where signed checkpoints are kept."""

    def notes(self) -> list[str]: ...


class Signing(Protocol):
    """What signs checkpoints, by the key that they hold under."""

    @property
    def verifier(self) -> str: ...


class Proofs(Protocol):
    """What can be proved of the ledger."""

    @property
    def journal(self) -> Keeper: ...

    @property
    def signer(self) -> Signing: ...

    def export(self, out: Path, application_id: str | None, *, redact: bool) -> object: ...

    def checkpoint(self) -> str: ...

    def proof(self, application_id: str, positions: Container[int] | None = None) -> dict[str, Any]: ...

    def consistency(self, first: int, second: int | None = None) -> dict[str, Any]: ...

    def receipt(self, application_id: str) -> dict[str, Any] | None: ...

    def receipt_pdf(self, application_id: str) -> bytes | None: ...

    def dossier_pdf(self, actor: Actor, application_id: str) -> bytes | None: ...


class Drafts(Protocol):
    """Where experts' drafts of scores are kept."""

    def keep(
        self, application: str, expert: str, draft: ScoreDraft, now: datetime, over: str | None = None
    ) -> KeptDraft | None: ...

    def draft(self, application: str, expert: str) -> KeptDraft | None: ...


@dataclass(slots=True)
class Api:
    """The system as the API's routes see it. `at` tells the instant of an arrival from the machine's clock, in ns."""

    handler: Handler
    gate: Gate
    uploads: Uploads | None
    proofs: Proofs
    drafts: Drafts
    now: Callable[[], datetime]
    solver: Callable[[], Solver]
    at: Callable[[int], datetime] | None = None
    together: Together[Command, Outcome] = field(init=False)
    courses: Mapping[str, Course] = field(init=False)

    def __post_init__(self) -> None:
        self.courses = {name: Course(self.handler.ledger, call) for name, call in self.calls.items()}
        self.together = Together(partial(_given, self))

    @property
    def calls(self) -> Mapping[str, FundingCall]:
        """The calls by id."""
        return {name: rules.call for name, rules in self.handler.calls.items()}

    def router(self, heading: str) -> APIRouter:
        """Where routes are registered under a heading of the interface's description, each behind the gate."""
        return APIRouter(prefix=PREFIX, dependencies=[Depends(self.gate.hold)], tags=[heading])

    def call(self, name: str) -> FundingCall:
        """A call. Raises Problem 404."""
        if name not in self.handler.calls:
            raise missing(name)
        return self.handler.calls[name].call

    def application(self, actor: Actor, name: str, as_of: datetime | None = None) -> Application:
        """An application that the actor may see now, as it stood at an instant of recording. Raises Problem 404."""
        events = [decode(stored.body) for stored in self.handler.ledger.stored(application=name)]
        whole = events and name not in self.handler.calls and events[0].type != REFUSED
        found = readable(actor, fold(events) if whole else None, name)
        if as_of is None:
            return found
        return readable(actor, fold(event for event in events if event.recorded_at <= as_of), name)

    def see(self, actor: Actor, name: str) -> None:
        """Make sure that the actor may speak of the application: an expert who has left is told so by the write path. Raises
        Problem 404.
        """
        row = self.handler.ledger.row(name)
        own = row is not None and actor.role is Role.APPLICANT and normal(actor.unit) == row.unit_code
        if row is None or not (own or actor.role in READERS):
            found = self.handler.ledger.transact(lambda transaction: transaction.application(name))
            if found is None or not has_left(actor, found):
                readable(actor, found, name)


def command_id(request: Request, actor: Actor) -> str:
    """The idempotency key, the actor's own. Raises Problem 400."""
    return command_id_of(request.headers.get("idempotency-key", ""), actor)


def command_id_of(key: str, actor: Actor) -> str:
    """The same of a key that came otherwise. Raises Problem 400."""
    if not 0 < len(key) <= _KEY_MAX or not key.isprintable():
        raise Problem(400, "idempotency_key_missing", "请求头缺少有效的 Idempotency-Key", "a valid Idempotency-Key is needed",
                      f"每个新操作使用一个新的编号（至多{_KEY_MAX}个字符），重试时沿用。",
                      f"Use a new one for each new action (at most {_KEY_MAX} characters), the same one to try again.")  # fmt: skip
    found = f"{actor.role}:{actor.id}:{key}"
    note_command(found)
    return found


def new_id(command: str) -> str:
    """The id of the application that a command makes: trying again makes the same one."""
    return f"app-{hashlib.sha256(command.encode()).hexdigest()[:20]}"


def version_seen(request: Request) -> int | None:
    """The version in If-Match, if it is there. Raises Problem 400."""
    found = request.headers.get("if-match", "").strip().strip('"')
    if found in ("", "*"):
        return None
    if not found.isascii() or not found.isdecimal() or len(found) > 9:
        raise Problem(400, "version_malformed", "If-Match 应为所见的版本号", "If-Match should be the version you saw")
    return int(found)


async def asked(
    api: Api, request: Request, name: str, application: str, body: bytes | None = None, call_id: str = ""
) -> Accepted:
    """Give a command as the request says, and its answer. Raises Problem."""
    actor = api.gate.actor(request)
    key, version = command_id(request, actor), version_seen(request)
    try:
        command = read_command(name, await request.body() if body is None else body)
    except Malformed as wrong:
        raise of_malformed(wrong) from wrong
    received_at: datetime = request.scope["state"][RECEIVED_AT]
    given = Command(
        command_id=key,
        application=application or new_id(key),
        name=name,
        command=command,
        actor=actor,
        received_at=received_at,
        expected_version=version,
        call_id=call_id,
        salt=secrets.token_hex(32),
        certificate=certificate_facts(request.scope),
    )
    outcome = await api.together.ask(given)
    if isinstance(outcome, Rejected):
        both = await run_in_threadpool(_both, api, outcome, given)
        raise of_refusals(outcome.refusals, **both)
    return outcome


def _given(api: Api, commands: Sequence[Command]) -> list[Outcome | Exception]:
    """Give commands, each about an application that its actor may see; what became of each."""
    found = [_hidden(api, command) for command in commands]
    seen = [command for command, hidden in zip(commands, found, strict=True) if hidden is None]
    outcomes = iter(_handled(api, seen) if seen else ())
    return [next(outcomes) if hidden is None else hidden for hidden in found]


def _hidden(api: Api, command: Command) -> Exception | None:
    """Why the actor may not see what the command is about; None where he may."""
    if command.name == CREATE:
        return None
    try:
        api.see(command.actor, command.application)
    except Exception as hidden:  # noqa: BLE001 - the answer to this one alone
        return hidden
    return None


def _handled(api: Api, commands: Sequence[Command]) -> Sequence[Outcome | Exception]:
    """What became of each; where the group fails, each by itself, so that one sinks nobody else."""
    try:
        return api.handler.handle_many(commands, api.now())
    except Unavailable as wrong:
        return [wrong] * len(commands)
    except Exception as wrong:  # noqa: BLE001 - one of them; each is answered for itself
        if len(commands) == 1:
            return [wrong]
        return [_handled(api, [command])[0] for command in commands]


def _both(api: Api, outcome: Rejected, given: Command) -> dict[str, Any]:
    """Where two people edited at once: what the second one sent, and what stands there meanwhile."""
    if outcome.code != "stale_version" or given.name != "EditDraft":
        return {}
    current = api.handler.ledger.transact(lambda transaction: transaction.application(given.application))
    if current is None:
        return {}
    return {"yours": dict(given.command.form), "theirs": {"version": current.version, "form": dict(current.form)}}


async def asked_of_call(api: Api, request: Request, name: str, call_id: str) -> CallMoved:
    """Give a command about a call. Raises Problem."""
    actor = api.gate.actor(request)
    key = command_id(request, actor)
    api.call(call_id)
    try:
        command = read_command(name, await request.body())
    except Malformed as wrong:
        raise of_malformed(wrong) from wrong
    received_at: datetime = request.scope["state"][RECEIVED_AT]
    given = Command(key, call_id, name, command, actor, received_at)
    outcome = await run_in_threadpool(handle_call, api.handler, given, api.now())
    if isinstance(outcome, Rejected):
        raise of_refusals(outcome.refusals)
    return outcome


def found_at(api: Api, name: str, at: datetime, shown: CertificateFacts | None) -> list[dict[str, Any]]:
    """Everything the rules would find, as plain JSON. Raises Problem."""
    try:
        findings = api.handler.findings(name, at, shown)
    except Refused as refused:
        raise of_refusals(refused.refusals) from refused
    return [{**finding.plain(), "blocks": finding.blocks} for finding in findings]

"""A real installation behind its HTTP API, with a clock that tests set and a key for everybody."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pikepdf

from fundcall.bootstrap import System, open_system, settings_for, web
from fundcall.clock import SteadyClock
from fundcall.documents.examiner import Examiner
from fundcall.documents.store import DocumentStore
from states.actor import Actor, Role
from states.calendar import instant_of
from states.funding_call import FundingCall
from tests.databases import fresh
from tests.filings import CLIMATE
from tests.straight import Client
from workflow.deadlines import sweep

PLAN = {"material": "plan", "name": "plan.pdf"}
OPEN = ("/healthz", "/readyz", "/api/v1/calls", "/api/v1/checkpoint", "/api/v1/consistency", "/api/v1/openapi.json")
"""What anybody may ask without a key."""


class Clock:
    """A clock that stands still until it is set; `later` is what it tells after having been asked once."""

    suspect = False

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.later: datetime | None = None

    def now(self) -> datetime:
        found = self.at
        if self.later is not None:
            self.at = self.later
        return found


def pdf(pages: int = 1) -> bytes:
    """A plain PDF of blank pages."""
    made = pikepdf.new()
    for _ in range(pages):
        made.add_blank_page(page_size=(595, 842))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@dataclass
class Office:
    """The installation, and what people send it."""

    system: System
    clock: Clock
    client: Client
    sent: int = 0
    keys: dict[Actor, str] = field(default_factory=dict)

    @property
    def call(self) -> FundingCall:
        return self.system.calls[CLIMATE.call].call

    def key(self, actor: Actor) -> str:
        if actor not in self.keys:
            now = self.clock.at
            self.keys[actor] = self.system.tokens.issue(actor, now, now + timedelta(days=4000))
        return self.keys[actor]

    def headers(self, actor: Actor | None, key: str = "", version: int | None = None) -> dict[str, str]:
        self.sent += 1
        found = {"Idempotency-Key": key or f"k{self.sent}"}
        if actor is not None:
            found["Authorization"] = f"Bearer {self.key(actor)}"
        if version is not None:
            found["If-Match"] = f'"{version}"'
        return found

    def get(self, path: str, actor: Actor | None = None) -> Any:
        return self.client.get(path, headers=self.headers(actor))

    def post(self, path: str, actor: Actor | None, body: Any = None, key: str = "", version: int | None = None) -> Any:
        return self.client.post(f"/api/v1{path}", headers=self.headers(actor, key, version), json=body or {})

    def do(self, application: str, command: str, actor: Actor, **fields: Any) -> Any:
        return self.post(f"/applications/{application}/commands/{command}", actor, fields)

    def upload(self, application: str, actor: Actor, content: bytes, **over: str) -> Any:
        headers = {**self.headers(actor), "Content-Type": "application/pdf"}
        path = f"/api/v1/applications/{application}/documents"
        return self.client.post(path, headers=headers, params={**PLAN, **over}, content=content)

    def unit(self, n: int = 1) -> Actor:
        return Actor(f"unit-{n}", Role.APPLICANT, CLIMATE.unit_code(n))

    def open_draft(self, unit: Actor, key: str = "") -> Any:
        return self.post("/applications", unit, creation(self.call, unit), key)

    def draft(self, n: int = 1, document: bytes | None = None) -> str:
        """A draft that could be submitted as it is."""
        unit = self.unit(n)
        application = str(ok(self.open_draft(unit), 201)["application"])
        ok(self.do(application, "EditDraft", unit, form=dict(CLIMATE.form)))
        ok(self.upload(application, unit, document or pdf()), 201)
        return application

    def submitted(self, n: int = 1) -> str:
        application = self.draft(n)
        ok(self.do(application, "SubmitApplication", self.unit(n)))
        return application

    def sweep(self) -> None:
        sweep(self.system.handler, self.clock.at)


def creation(call: FundingCall, unit: Actor) -> dict[str, Any]:
    """What opens a draft."""
    contacts = [{"name": c.name, "email": c.email, "phone": c.phone} for c in CLIMATE.contacts]
    return {
        "call": call.id,
        "unit_code": unit.unit,
        "unit_name": f"单位{unit.id}",
        "unit_kind": CLIMATE.unit_kind,
        "contacts": contacts,
    }


def ok(answer: Any, status: int = 200) -> Any:
    """The body of an answer that was expected to be yes."""
    assert answer.status_code == status, f"{answer.status_code} {answer.text}"
    return answer.json()


def code(answer: Any) -> tuple[int, str]:
    """The status and code of a refusal, which must be a whole problem."""
    body: Mapping[str, Any] = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "code", "clause", "detail", "detail_en", "remedy"} <= body.keys()
    assert body["status"] == answer.status_code
    return answer.status_code, body["code"]


def open_office(folder: Path, examiner: Examiner) -> Office:
    """A new installation at noon of the third day of the climate call's window."""
    fresh(folder)
    return enter_office(folder, examiner)


def enter_office(folder: Path, examiner: Examiner, database_url: str = "") -> Office:
    """The installation that is there, at that noon."""
    settings = settings_for(
        folder, database_url=database_url, mail_from="noreply@fund.example", public_url="https://fund.example"
    )
    system = open_system(settings)
    clock = Clock(system.calls[CLIMATE.call].call.opens_at + timedelta(days=3))
    handler = replace(system.handler, documents=DocumentStore(folder / "documents", examiner))
    system = replace(system, handler=handler, clock=cast("SteadyClock", clock))
    client = Client(web(system))
    return Office(system, clock, client)


def instant(text: str) -> datetime:
    return instant_of(text)

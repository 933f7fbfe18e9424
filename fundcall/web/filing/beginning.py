"""Beginning an application for an open call: who the unit is and whom to reach; the unit is that of the account."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import orjson
from fastapi import Response
from fastapi.responses import RedirectResponse

from fundcall.web.api.asking import command_id_of, new_id
from fundcall.web.filing.desk import APPLICANT, Desk
from fundcall.web.frame import Form
from fundcall.web.visit import Visit
from states.actor import Actor
from states.checks.unit import UNIT_KINDS
from states.errors import Refusal
from states.funding_call import FundingCall
from states.mailbox import is_mailbox
from states.table import CREATE
from states.unit_code import normal
from workflow.commands import Fault, Malformed, read_command
from workflow.handle import Accepted, Request

CONTACTS_MAX = 3
_PERSON = ("name", "email", "phone")


class Beginning:
    """The page that opens a draft."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        path = "/calls/{call_id}/begin"
        desk.frame.show(path, self.show, roles=APPLICANT)
        desk.frame.take(path, self.take, roles=APPLICANT)

    def show(self, visit: Visit) -> Response:
        """The form, with what is known of the unit and of the person."""
        call = self._desk.call(visit.path("call_id"))
        person = visit.guest.account if visit.guest is not None else None
        last = self._last(visit.actor)
        given = {
            "unit_name": last.unit_name if last else "",
            "name.0": person.name if person else "",
            "email.0": person.email if person else "",
        }
        return self._page(visit, call, given, attempt=_attempt(visit))

    def take(self, visit: Visit, form: Form) -> Response:
        """Open the draft and go on to its form; or this form again. Sent twice it opens one draft."""
        call, actor = self._desk.call(visit.path("call_id")), visit.insider
        attempt = form.get("attempt", "")
        key = command_id_of(f"page-{attempt}", actor)
        try:
            command = read_command(CREATE, orjson.dumps(_body(actor, form)))
        except Malformed as wrong:
            return self._page(visit, call, form, attempt=attempt, faults=wrong.faults)
        request = Request(
            key, new_id(key), CREATE, command, actor, visit.received_at, None, call.id, secrets.token_hex(32)
        )
        faults = _empty(form)
        if faults:
            return self._page(visit, call, form, attempt=attempt, faults=faults)
        outcome = self._desk.api.handler.handle(request, self._desk.api.now())
        if isinstance(outcome, Accepted):
            return RedirectResponse(f"/applications/{quote(outcome.application.id)}/form?begun=1", 303)
        return self._page(visit, call, form, attempt=_attempt(visit), refusals=outcome.refusals)

    def _page(
        self,
        visit: Visit,
        call: FundingCall,
        given: Mapping[str, str],
        *,
        attempt: str,
        faults: Sequence[Fault] = (),
        refusals: Sequence[Refusal] = (),
    ) -> Response:
        own = self._rows(visit.actor)
        return self._desk.frame.pages.page(
            visit,
            "filing_begin.html",
            422 if faults or refusals else 200,
            call=call,
            given=given,
            attempt=attempt,
            kinds=_kinds(call),
            rows=range(CONTACTS_MAX),
            wrong={_name(fault.where): (fault.zh, fault.en) for fault in faults},
            refusals=refusals,
            others=[row for row in own if row.call_id == call.id and row.state != "withdrawn"],
        )

    def _rows(self, actor: Actor | None) -> list[Any]:
        if actor is None or not actor.unit:
            return []
        return self._desk.api.handler.ledger.rows(unit_code=normal(actor.unit))

    def _last(self, actor: Actor | None) -> Any:
        found = self._rows(actor)
        return found[-1] if found else None


def _attempt(visit: Visit) -> str:
    """What tells one rendering of the form from the person's others: two of them are never the same microsecond's."""
    return f"begin-{visit.received_at:%Y%m%d%H%M%S%f}"


def _kinds(call: FundingCall) -> list[tuple[str, tuple[str, str], bool]]:
    """The kinds of units, those that the call takes first; whether it does."""
    asked = [rule.params for rule in call.rules.values() if rule.check == "unit_kind"]
    taken = {kind for params in asked for kind in (*params["allowed"], *params.get("officer", ()))}
    kinds = [(kind, words, not asked or kind in taken) for kind, words in UNIT_KINDS.items()]
    return sorted(kinds, key=lambda one: not one[2])


def _body(actor: Actor, form: Form) -> dict[str, Any]:
    people = [{part: form.get(f"{part}.{n}", "").strip() for part in _PERSON} for n in range(CONTACTS_MAX)]
    return {
        "unit_code": normal(actor.unit),
        "unit_name": form.get("unit_name", "").strip(),
        "unit_kind": form.get("unit_kind", ""),
        "contacts": [person for person in people if any(person.values())],
    }


_UNIT_NAME_MAX, _PERSON_MAX = 200, 80


def _empty(form: Form) -> list[Fault]:
    """What a person has to fill in that a program would be believed about."""
    name = form.get("unit_name", "").strip()
    faults = []
    if not 0 < len(name) <= _UNIT_NAME_MAX:
        faults.append(
            Fault("unit_name", f"请填写单位名称，与营业执照一致，最多{_UNIT_NAME_MAX}字", f"give the unit's name as on its licence, in at most {_UNIT_NAME_MAX} characters")
        )  # fmt: skip
    if form.get("unit_kind", "") not in UNIT_KINDS:
        faults.append(Fault("unit_kind", "请从列表中选择", "choose from the list"))
    for n in range(CONTACTS_MAX):
        name, email, phone = (form.get(f"{part}.{n}", "").strip() for part in _PERSON)
        if n and not (name or email or phone):
            continue
        if not 0 < len(name) <= _PERSON_MAX:
            faults.append(
                Fault(
                    f"name.{n}", f"请填写姓名，最多{_PERSON_MAX}字", f"give a name of at most {_PERSON_MAX} characters"
                )
            )
        if not is_mailbox(email):
            faults.append(
                Fault(
                    f"email.{n}", "应为电子邮箱，例如 name@example.org", "should be an address such as name@example.org"
                )
            )
        if len(phone) > _PERSON_MAX:
            faults.append(Fault(f"phone.{n}", f"最多{_PERSON_MAX}字", f"at most {_PERSON_MAX} characters"))
    return faults


def _name(where: str) -> str:
    """The input of a place in the command: contacts.0.email is email.0."""
    parts = where.split(".")
    return f"{parts[2]}.{parts[1]}" if parts[0] == "contacts" and len(parts) == 3 else where

"""Saving the form: what was changed here, what was changed elsewhere meanwhile, and what both of them changed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from fundcall.web.api.asking import Api, command_id_of
from fundcall.web.filing import values
from fundcall.web.problems import of_malformed
from states.actor import Actor
from states.application import Application
from states.errors import Refusal
from states.fold import fold
from states.funding_call import Field, FundingCall
from states.labels import Pair
from workflow.commands import Malformed, read_command
from workflow.handle import Accepted, Request
from workflow.record import decode

_TRIES = 3


@dataclass(slots=True)
class Saved:
    """What became of a form that was sent: the application after it; by field what cannot be read, and what somebody else
    saved there meanwhile. Those fields were not saved; all others were, unless there are refusals.
    """

    application: Application
    changed: frozenset[str] = frozenset()
    faults: dict[str, Pair] = field(default_factory=dict)
    clashes: dict[str, Any] = field(default_factory=dict)
    refusals: tuple[Refusal, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether everything that was sent is kept."""
        return not (self.faults or self.clashes or self.refusals)


def save(
    api: Api, actor: Actor, application: Application, call: FundingCall, form: Mapping[str, str], at: datetime
) -> Saved:
    """Save what a form changed, at the version that the write path is told (If-Match); what others saved meanwhile stays."""
    saved = _once(api, actor, application, call, form, at)
    for _ in range(_TRIES):
        if not any(one.code == "stale_version" for one in saved.refusals):
            break
        saved = _once(api, actor, api.application(actor, application.id), call, form, at)
    return saved


def _once(
    api: Api, actor: Actor, application: Application, call: FundingCall, form: Mapping[str, str], at: datetime
) -> Saved:
    saved, changes = _merged(api, application, call, form)
    _give(api, actor, saved, changes, at)
    return saved


def _merged(
    api: Api, application: Application, call: FundingCall, form: Mapping[str, str]
) -> tuple[Saved, dict[str, Any]]:
    """What a form changes of an application that may have moved on since the version that the form shows."""
    saved, changes = Saved(application), {}
    base = _at(api, application, form.get("version", "")).form
    for name, one in call.fields.items():
        choice = form.get(f"choose.{name}", "")
        if not values.given(one, form) or choice == "theirs":
            continue
        try:
            mine = values.read(one, form)
        except values.Unreadable as wrong:
            saved.faults[name] = wrong.pair
            continue
        now = application.form.get(name)
        if values.same(one, mine, now):
            continue
        if choice != "mine" and (f"clash.{name}" in form or _both(one, mine, base.get(name), now)):
            saved.clashes[name] = now
        elif choice == "mine" or not values.same(one, mine, base.get(name)):
            changes[name] = mine
    return saved, changes


def _both(one: Field, mine: Any, base: Any, now: Any) -> bool:
    return not values.same(one, mine, base) and not values.same(one, now, base)


def _at(api: Api, application: Application, version: str) -> Application:
    """The application as it stood at a version; as it stands where that is none."""
    if not version.isascii() or not version.isdecimal() or len(version) > 9 or int(version) >= application.version:
        return application
    events = (decode(one.body) for one in api.handler.ledger.stored(application=application.id))
    return fold([event for event in events if event.version <= int(version)]) or application


def _give(api: Api, actor: Actor, saved: Saved, changes: dict[str, Any], at: datetime) -> None:
    """Give the changes; what is refused or cannot be read of one field leaves the others alone."""
    while changes:
        try:
            command = read_command("EditDraft", orjson.dumps({"form": changes}))
        except Malformed as wrong:
            told = {fault.where.removeprefix("form."): (fault.zh, fault.en) for fault in wrong.faults}
            if not _set_aside(saved, changes, told):
                raise of_malformed(wrong) from wrong
            continue
        key, now = command_id_of(f"page-{secrets.token_hex(16)}", actor), saved.application
        request = Request(key, now.id, "EditDraft", command, actor, at, now.version, now.call_id)
        outcome = api.handler.handle(request, api.now())
        if isinstance(outcome, Accepted):
            saved.application, saved.changed = outcome.application, frozenset(changes)
            return
        told = {one.where: (f"{one.zh}{one.remedy_zh}", f"{one.en} {one.remedy_en}") for one in outcome.refusals}
        if not _set_aside(saved, changes, told):
            saved.refusals = outcome.refusals
            return


def _set_aside(saved: Saved, changes: dict[str, Any], told: Mapping[str, Pair]) -> bool:
    """Leave out the fields that something is said of; False where something is said of none of them."""
    if not told or not told.keys() <= changes.keys():
        return False
    for name, pair in told.items():
        del changes[name]
        saved.faults[name] = pair
    return True

"""The page of a unit: what it is, what it has filed, who is told of that, and who may act for it."""

from __future__ import annotations

from typing import NamedTuple

from fastapi import Response
from fastapi.responses import RedirectResponse

from fundcall.web.frame import Form, Frame
from fundcall.web.problems import Problem
from fundcall.web.visit import Visit
from states.actor import Role
from states.application import Application
from states.checks.unit import UNIT_KINDS
from states.commands.filing import Contact
from states.table import commands_from
from states.unit_code import normal
from workflow.handle import Handler
from workflow.queries import contacts_of


class _Filed(NamedTuple):
    """An application of the unit, the contacts that stand for it, and whether they can be named anew."""

    application: Application
    contacts: tuple[Contact, ...]
    open: bool


class UnitPage:
    """What everybody who acts for a unit sees of it."""

    def __init__(self, frame: Frame, handler: Handler) -> None:
        self._frame, self._ledger, self._store = frame, handler.ledger, frame.entrance.store
        frame.show("/unit", self.unit, roles={Role.APPLICANT})
        frame.take("/unit/people", self.admit, roles={Role.APPLICANT})

    def unit(self, visit: Visit) -> Response:
        """The unit by its code and as its latest application names it, its applications, and its people: the reader, too,
        who may have come without a password of their own.
        """
        own, members = visit.signed_in.account, self._store.members(visit.insider.unit)
        if own.id not in {who.id for who, _ in members}:
            members = [(own, False), *members]
        filed = self._filed(visit.insider.unit)
        latest = max((one.application for one in filed), key=lambda one: one.created_at, default=None)
        return self._frame.pages.page(
            visit, "unit.html", own=own, members=members, filed=filed, latest=latest, kinds=UNIT_KINDS
        )

    def _filed(self, unit: str) -> list[_Filed]:
        rows = self._ledger.rows(unit_code=normal(unit)) if unit else []
        found = filter(None, (self._application(row.id) for row in rows))
        return [
            _Filed(one, contacts_of(self._ledger, one), "ConfirmContacts" in commands_from(one.state, Role.APPLICANT))
            for one in found
        ]

    def _application(self, name: str) -> Application | None:
        return self._ledger.transact(lambda transaction: transaction.application(name))

    def admit(self, visit: Visit, form: Form) -> Response:
        """Let somebody act for the unit, or refuse it."""
        if not self._store.admit(form.get("account", ""), visit.insider.unit, yes=form.get("answer") == "yes"):
            raise Problem(409, "already_done", "此申请已处理过", "this was decided already",
                          "请刷新页面查看现状。", "Reload the page to see how it stands.")  # fmt: skip
        return RedirectResponse("/unit", 303)

"""A command that somebody gives by a form of a page."""

from __future__ import annotations

from typing import Any

from fundcall.web.api.asking import command_id_of
from fundcall.web.visit import Visit
from workflow.handle import Request


def by_form(visit: Visit, command: Any, attempt: str, stream: str, call_id: str = "") -> Request:
    """The command as the handler takes it, of whoever visits and as of the arrival of the form. The same attempt is the
    same command: sent twice, it is given once. Raises Problem 400 for what cannot be an attempt.
    """
    key, actor = command_id_of(f"page-{attempt}", visit.insider), visit.insider
    name, shown = type(command).__name__, visit.certificate_facts
    return Request(key, stream, name, command, actor, visit.received_at, None, call_id, certificate=shown)

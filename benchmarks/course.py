"""The course that measured applications take: real commands by real roles, from the draft to the published proposal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from fundcall.bootstrap import System, open_simulation, settings_for
from fundcall.calls.load import load
from fundcall.simulate.filing import attach
from fundcall.simulate.people import expert, officer, unit_code
from fundcall.simulate.profile import call_kinds, documents, form_of, period_of
from states.actor import Actor, Role
from states.checks import CertificateFacts, DocumentFacts
from states.commands.filing import ClaimFormatCheck, Contact, CreateDraft, EditDraft, PassFormatCheck, SubmitApplication
from states.commands.review import AcceptInvitation, ExpertRef, ProposeAward, PublishProposal, StartReview, SubmitScore
from workflow.handle import Accepted, Outcome, Request
from workflow.memory import MemoryDocuments

CALL = load("shanghai-ai-plus-2025")
NOW = CALL.opens_at + timedelta(days=9)
_ASKED_MINOR = 300_000_000
_EXPERTS = tuple(expert(n) for n in range(3))
_TOPICS = tuple(CALL.topics.values())
_FORMS = [form_of(CALL, topic, topic.title_zh, period_of(CALL, Random(7)), _ASKED_MINOR) for topic in _TOPICS]
_KIND = call_kinds(CALL)[0]
_POINTS = {criterion.id: 8 for criterion in CALL.rubric}


class Move(NamedTuple):
    """A command and who gives it."""

    command: Any
    actor: Actor


def open_system(folder: Path) -> System:
    """The real system in a folder: real handler, ledger on SQLite, calendars; documents and registers are told."""
    return open_simulation(settings_for(folder, database_url=""), CALL)


def filing(n: int, put: Callable[[DocumentFacts], None]) -> Iterator[Move]:
    """The n-th application up to its submission; each unit has one, the topics take turns."""
    code = unit_code(CALL, n, _KIND)
    unit = Actor(f"unit-{n:05d}", Role.APPLICANT, code)
    contact = Contact(name=f"联系人{n:05d}", email=f"contact@unit{n:05d}.example.org", phone="021-00000000")
    name = f"上海乌有智能科技第{n}有限公司"
    yield Move(CreateDraft(unit_code=code, unit_name=name, unit_kind=_KIND, contacts=(contact,)), unit)
    yield Move(EditDraft(form=_FORMS[n % len(_FORMS)]), unit)
    for document in documents(CALL, 7, f"app-{n:05d}", name):
        put(document)
        yield Move(attach(document), unit)
    yield Move(SubmitApplication(), unit)


def reviewing(n: int) -> Iterator[Move]:
    """The same application from its format check to the published proposal."""
    checker, reviewer = officer(Role.FORMAT_OFFICER, n), officer(Role.REVIEW_OFFICER, n)
    yield Move(ClaimFormatCheck(), checker)
    yield Move(PassFormatCheck(), checker)
    yield Move(StartReview(experts=tuple(ExpertRef(id=e.id, unit=e.unit) for e in _EXPERTS), seed=n), reviewer)
    for who in _EXPERTS:
        yield Move(AcceptInvitation(), who)
    for who in _EXPERTS:
        yield Move(SubmitScore(points=_POINTS, comment="技术路线可行，示范价值明确"), who)
    yield Move(ProposeAward(amount_minor=_ASKED_MINOR, grounds="专家评审平均分达到立项标准"), reviewer)
    yield Move(PublishProposal(), officer(Role.APPROVING_OFFICER, n))


def course(n: int, put: Callable[[DocumentFacts], None]) -> Iterator[Move]:
    """All moves of the n-th application."""
    yield from filing(n, put)
    yield from reviewing(n)


def request(n: int, step: int, move: Move, at: datetime = NOW) -> Request:
    """A move as it arrives, with the unit's certificate."""
    command_id, name, actor = f"app-{n:05d}#{step:03d}", type(move.command).__name__, move.actor
    return Request(command_id, f"app-{n:05d}", name, move.command, actor, at, call_id=CALL.id, salt=f"{n:064x}",
                   certificate=CertificateFacts(actor.unit) if actor.role is Role.APPLICANT else None)  # fmt: skip


def accepted(outcome: Outcome) -> Accepted:
    """The outcome, which must be that the move was accepted: a refused move would be measured for nothing."""
    if not isinstance(outcome, Accepted):
        raise TypeError(f"refused: {[refusal.plain() for refusal in outcome.refusals]}")
    return outcome


def documents_of(system: System) -> MemoryDocuments:
    """The documents of a system that `open_system` opened."""
    found = system.handler.documents
    if not isinstance(found, MemoryDocuments):
        raise TypeError("documents are not in memory")
    return found


def file_many(system: System, count: int, group: int = 500) -> None:
    """Bring so many applications to their submission, in large transactions."""
    put = documents_of(system).put
    for first in range(1, count + 1, group):
        numbers = range(first, min(first + group, count + 1))
        requests = [request(n, step, move) for n in numbers for step, move in enumerate(filing(n, put), 1)]
        for outcome in system.handler.handle_many(requests, NOW):
            accepted(outcome)

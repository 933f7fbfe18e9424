"""The one write path: every change by people, API, command line or deadline comes through `Handler`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from states.actor import SYSTEM
from states.application import Application
from states.checks import CertificateFacts, Finding
from states.commands.filing import SubmitApplication
from states.context import Context, Facts
from states.credit import IN_FORCE, LiveEntry
from states.decide import decide, newborn
from states.envelope import Purse, purse_of
from states.errors import Refusal, Refused
from states.events import REFUSED, Recorded
from states.fold import fold, step
from states.funding_call import FundingCall
from states.guards.any_stage import found_at
from states.naming import faults
from states.reasons import refuse
from states.table import CREATE
from workflow.calendars import in_force, timed
from workflow.errata import news
from workflow.experts import ASKED as _ASK_EXPERTS
from workflow.experts import review_days, vetting
from workflow.ports import Calendars, Documents, Ledger, Registers, Transaction
from workflow.privacy import Personal, conceal
from workflow.record import decode
from workflow.registry import Experts
from workflow.request import Accepted as Accepted
from workflow.request import Outcome as Outcome
from workflow.request import Rejected as Rejected
from workflow.request import Request as Request
from workflow.rules import Rules
from workflow.writing import recorded, refused, same, unknown_call

_ASK_STANDING = frozenset(
    {"SubmitApplication", "ResubmitApplication", "ProposeAward", "ApproveApplication", "RecordPayment"}
)
_FILED = frozenset({"SubmitApplication", "ResubmitApplication"})
_ASK_OTHERS = frozenset({"SubmitApplication", "ResubmitApplication", "UpholdReview"})
_ASKED = _ASK_STANDING | _ASK_OTHERS | {"AddDocument"} | _ASK_EXPERTS


class _Undone(Exception):
    """A trial is over: nothing of it is to be kept."""


@dataclass(frozen=True, slots=True)
class Handler:
    """The write path over its ports. `calls` holds the rules in force by call id."""

    ledger: Ledger
    documents: Documents
    calendars: Calendars
    registers: Registers
    experts: Experts
    calls: Mapping[str, Rules]

    def handle(self, request: Request, now: datetime) -> Outcome:
        """Accept or refuse one request; the answer comes once it is durable. `now` is when it is written."""
        return self.ledger.transact(partial(self._one, request=request, now=now), (request.command_id,))

    def foresee(self, requests: Sequence[Request], now: datetime) -> list[Outcome]:
        """What `handle_many` would answer, each request after those before it; nothing of it is kept."""
        kept: list[list[Outcome]] = []

        def try_all(transaction: Transaction) -> None:
            kept.append(self._many(transaction, requests, now))
            raise _Undone

        with suppress(_Undone):
            self.ledger.transact(try_all, [request.command_id for request in requests])
        return kept[-1]

    def handle_many(self, requests: Sequence[Request], now: datetime) -> list[Outcome]:
        """The same for many in one transaction; each is accepted or refused by itself."""
        ids = [request.command_id for request in requests]
        return self.ledger.transact(partial(self._many, requests=requests, now=now), ids)

    def would(self, request: Request) -> tuple[Refusal, ...]:
        """Why the request would be refused now; empty when it would be accepted. Changes nothing."""
        return self.ledger.transact(partial(self._would, request=request))

    def would_many(self, requests: Sequence[Request]) -> list[tuple[Refusal, ...]]:
        """The same for many, each as if it stood alone."""

        def ask(transaction: Transaction) -> list[tuple[Refusal, ...]]:
            self.ledger.prefetch(transaction, [request.application for request in requests])
            return [self._would(transaction, request) for request in requests]

        return self.ledger.transact(ask)

    def findings(
        self, application_id: str, at: datetime, certificate: CertificateFacts | None = None
    ) -> tuple[Finding, ...]:
        """Everything the call's rules find, were the application submitted at that instant with that certificate. Changes
        nothing.

        Raises Refused where there is no such application.
        """
        submit = SubmitApplication()
        request = Request("", application_id, "SubmitApplication", submit, SYSTEM, at, certificate=certificate)
        context, _, _ = self.ledger.transact(partial(self._context, request=request))
        return found_at(context, "submit")

    def _many(self, transaction: Transaction, requests: Sequence[Request], now: datetime) -> list[Outcome]:
        self.ledger.prefetch(transaction, [request.application for request in requests])
        return [self._one(transaction, request, now) for request in requests]

    def _would(self, transaction: Transaction, request: Request) -> tuple[Refusal, ...]:
        try:
            context, _, _ = self._context(transaction, request)
            decide(context)
        except Refused as why:
            return why.refusals
        return ()

    def _one(self, transaction: Transaction, request: Request, now: datetime) -> Outcome:
        earlier = transaction.answered(request.command_id)
        if earlier is not None:
            return self._again(transaction, request, earlier)
        try:
            context, rules, personal = self._context(transaction, request)
        except Refused as why:
            return Rejected(why.refusals)
        written_at = max(now, transaction.last_recorded_at or now)
        try:
            decided = decide(context)
        except Refused as why:
            return refused(transaction, request, context, rules, why.refusals, written_at)
        event = recorded(
            transaction, request, rules, decided, context.application.version + 1, context.facts.plain(), written_at
        )
        after = step(context.application if context.application.version else None, event)
        transaction.append(event, after, personal)
        return Accepted(event, after)

    def _again(self, transaction: Transaction, request: Request, earlier: Recorded) -> Outcome:
        """The earlier answer to a command id, or a refusal where it came with another command."""
        if not same(request, earlier, self.ledger.personal):
            return Rejected((refuse("command_id_reused", command_id=request.command_id),))
        if earlier.type == REFUSED:
            return Rejected(tuple(Refusal(**found) for found in earlier.data["refusals"]), earlier, repeated=True)
        application = transaction.application(request.application)
        if application is not None and application.version != earlier.version:
            history = self.ledger.stored(0, earlier.position, request.application)
            application = fold(decode(stored.body) for stored in history)
        if application is None:
            raise LookupError(f"{request.application}: has an event but no application")
        return Accepted(earlier, application, repeated=True)

    def _context(self, transaction: Transaction, request: Request) -> tuple[Context, Rules, tuple[Personal, ...]]:
        application = transaction.application(request.application)
        call_id = application.call_id if application is not None else request.call_id
        rules = self.calls.get(call_id)
        if application is None and request.name != CREATE:
            raise Refused(refuse("unknown_application", application=request.application))
        if rules is None:
            raise Refused(unknown_call(call_id, self.calls, application))
        command, personal = conceal(request.name, request.command, request.salt)
        facts = self._facts(transaction, request, application, rules)
        if application is None:
            application = newborn(rules.call.id, request.application, command, request.received_at)
        context = Context(
            rules.call.until(facts.closes_at),
            application,
            request.name,
            command,
            request.actor,
            facts,
            request.received_at,
            request.expected_version,
        )
        return context, rules, personal

    def _facts(
        self, transaction: Transaction, request: Request, application: Application | None, rules: Rules
    ) -> Facts:
        """What the guards of this command need to know beside the application."""
        name, call = request.name, rules.call
        programme = transaction.programme(call.id)
        calendar, closes_at = in_force(self.calendars, call, programme), programme.closes_at
        if name == "FileObjection":
            return Facts(calendar, closes_at=closes_at, unnamed=bool(faults(request.command.objector)))
        if name == "NoteErratum" and application is not None:
            erratum = news(programme, request.command.number, application)
            return Facts(calendar, closes_at=closes_at, erratum=erratum)
        if name == "RescheduleDeadlines" and application is not None:
            found = timed(self.ledger, self.calendars, application, calendar.version)
            return Facts(calendar, closes_at=closes_at, timed=found)
        if application is None or name not in _ASKED:
            return Facts(calendar, closes_at=closes_at)
        if name == "AddDocument":
            command = request.command
            document = self.documents.facts(command.sha256, command.material, command.name)
            return Facts(calendar, document=document, closes_at=closes_at)
        if name in _ASK_EXPERTS:
            asked, days = (name, request.command, request.actor), review_days(call, calendar, request.received_at)
            vetted = vetting(self.ledger, self.experts, application, programme, asked, days)
            return Facts(calendar, closes_at=closes_at, experts=vetted)
        asks_others, asks_standing = name in _ASK_OTHERS, name in _ASK_STANDING
        return Facts(
            calendar,
            closes_at=closes_at,
            others=transaction.others(call.id, application.unit_code, application.id) if asks_others else (),
            standing=self.registers.standing(application.unit_code) if asks_standing else (),
            credit=_credit(transaction, application, request.received_at) if asks_standing else (),
            sequence=transaction.sequence(call.id) if name == "SubmitApplication" else 0,
            certificate=request.certificate if name in _FILED else None,
            purse=_purse(transaction, application, call) if name == "ProposeAward" else None,
        )


def _credit(transaction: Transaction, application: Application, at: datetime) -> tuple[LiveEntry, ...]:
    """The unit's entries in its credit record that are in force at that instant, but for those on this application."""
    others = (transaction.application(n) for n in transaction.credited(application.unit_code) if n != application.id)
    return tuple(
        LiveEntry(other.id, n, entry.status == "disputed")
        for other in others
        if other is not None
        for n, entry in enumerate(other.credits, 1)
        if entry.status in IN_FORCE and at < entry.until
    )


def _purse(transaction: Transaction, application: Application, call: FundingCall) -> Purse | None:
    """The call's money as this application finds it; None where no envelope was set."""
    envelope = transaction.programme(call.id).envelope
    if envelope is None:
        return None
    return purse_of(call, envelope, transaction.bound(call.id), application.topic, application.bound_minor)

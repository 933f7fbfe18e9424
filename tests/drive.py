"""Drives the real write path for tests: people of every role, two calls, and applications in any state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fundcall.calls.calendars import china, named, provisional
from fundcall.calls.load import load
from fundcall.storage.ledger import SqliteLedger
from fundcall.storage.migrate import upgrade
from states.actor import Actor, Role
from states.application import Application, State
from states.calendar import WorkingCalendar, local_day
from states.checks import CertificateFacts
from states.commands import COMMANDS, PROGRAMME_COMMANDS
from states.commands.award import Milestone
from states.commands.programme import DrawExperts, Drawn, Quota
from states.commands.review import ExpertRef, Objector
from states.context import Context
from states.errors import Refusal
from states.fold import fold
from states.funding_call import FundingCall
from states.programme import Programme, programme_step
from states.table import BY_MOVE
from states.table.row import Row
from tests.filings import CLIMATE, SHANGHAI, Profile
from workflow.deadlines import Swept, sweep
from workflow.handle import Accepted, Handler, Outcome, Rejected, Request
from workflow.memory import FixedCalendars, MemoryDocuments, MemoryLedger, MemoryRegisters
from workflow.memory_experts import MemoryExperts
from workflow.ports import Ledger
from workflow.programme import CallMoved, drawn_from, handle_call
from workflow.record import decode
from workflow.rules import rules_of

PROFILES: Mapping[str, Profile] = {profile.call: profile for profile in (SHANGHAI, CLIMATE)}
CALLS = tuple(sorted(PROFILES))
BEIJING = ZoneInfo("Asia/Shanghai")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

F1, F2 = Actor("format-1", Role.FORMAT_OFFICER), Actor("format-2", Role.FORMAT_OFFICER)
R1, R2 = Actor("review-1", Role.REVIEW_OFFICER), Actor("review-2", Role.REVIEW_OFFICER)
A1, A2, A3 = (Actor(f"approving-{n}", Role.APPROVING_OFFICER) for n in (1, 2, 3))
M1, M2 = Actor("finance-1", Role.FINANCE_OFFICER), Actor("finance-2", Role.FINANCE_OFFICER)
C1, C2, C3 = (Actor(f"acceptance-{n}", Role.ACCEPTANCE_OFFICER) for n in (1, 2, 3))
CITIZEN = Actor("citizen-1", Role.PUBLIC)
OBJECTOR = Objector(name="李子虚", email="li@zixu.example", address="上海市虚构路1号")
ACCEPTORS = tuple(ExpertRef(id=f"acceptor-{n}", unit=f"INSTITUTE{n}") for n in (1, 2, 3))
"""Who is heard at an acceptance meeting."""
EXPERTS = tuple(Actor(f"expert-{n}", Role.EXPERT, f"EMPLOYER{n}") for n in range(1, 8))


def beijing(text: str) -> datetime:
    """An instant on the wall in Beijing, as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING).astimezone(UTC)


def sqlite_ledger(folder: Path) -> SqliteLedger:
    """A new ledger on SQLite in a folder, with its schema."""
    upgrade(folder / "fundcall.db")
    return SqliteLedger(folder / "fundcall.db")


@dataclass
class World:
    """A call with its people, at an instant: the real handler over a ledger, either of the two."""

    call_id: str
    ledger: Ledger
    handler: Handler
    documents: MemoryDocuments
    registers: MemoryRegisters
    calendars: FixedCalendars
    now: datetime
    units: int = 0
    commands: int = 0

    @property
    def call(self) -> FundingCall:
        return self.handler.calls[self.call_id].call

    @property
    def registry(self) -> MemoryExperts:
        assert isinstance(self.handler.experts, MemoryExperts)
        return self.handler.experts

    @property
    def profile(self) -> Profile:
        return PROFILES[self.call_id]

    # --- asking ---------------------------------------------------------------------------------------------------

    def request(self, name: str, by: Actor, application: str, /, **fields: Any) -> Request:
        """A request at this instant. `at`, `version`, `id` and `certificate` are the envelope's; the rest is the command's."""
        self.commands += 1
        at, version = fields.pop("at", self.now), fields.pop("version", None)
        command_id = fields.pop("id", f"c{self.commands}")
        shown = fields.pop("certificate", self.certificate(by))
        salt = f"{self.commands:064x}"
        command = COMMANDS[name](**fields)
        return Request(command_id, application, name, command, by, at, version, self.call_id, salt, shown)

    def certificate(self, by: Actor) -> CertificateFacts | None:
        """What units show of themselves in a call that asks for it."""
        return CertificateFacts(by.unit) if self.call_id == SHANGHAI.call and by.role is Role.APPLICANT else None

    def ask(self, name: str, by: Actor, application: str, /, **fields: Any) -> Outcome:
        return self.handler.handle(self.request(name, by, application, **fields), self.now)

    def do(self, name: str, by: Actor, application: str, /, **fields: Any) -> Accepted:
        """Ask, and expect the answer yes."""
        outcome = self.ask(name, by, application, **fields)
        assert isinstance(outcome, Accepted), f"{name}: {[r.en for r in outcome.refusals]}"
        return outcome

    def codes(self, name: str, by: Actor, application: str, /, **fields: Any) -> tuple[str, ...]:
        """Ask, and give the codes of the refusals; none when it was accepted."""
        outcome = self.ask(name, by, application, **fields)
        return tuple(r.code for r in outcome.refusals) if isinstance(outcome, Rejected) else ()

    def would(self, name: str, by: Actor, application: str, /, **fields: Any) -> tuple[Refusal, ...]:
        return self.handler.would(self.request(name, by, application, **fields))

    def ask_call(self, name: str, by: Actor, /, **fields: Any) -> CallMoved | Rejected:
        """Ask something of the call as a whole."""
        self.commands += 1
        at, command_id = fields.pop("at", self.now), fields.pop("id", f"c{self.commands}")
        command = PROGRAMME_COMMANDS[name](**fields)
        return handle_call(self.handler, Request(command_id, self.call_id, name, command, by, at), self.now)

    def do_call(self, name: str, by: Actor, /, **fields: Any) -> CallMoved:
        """Ask it of the call, and expect the answer yes."""
        outcome = self.ask_call(name, by, **fields)
        assert isinstance(outcome, CallMoved), f"{name}: {[r.en for r in outcome.refusals]}"
        return outcome

    def drawing(self, experts: Sequence[Actor], seed: int) -> DrawExperts:
        """A draw of these experts for every application that waits."""
        found = self.ledger.transact(lambda t: drawn_from(t, self.handler, self.call, self.now))
        chosen = tuple(Drawn(application=one.id, experts=tuple(e.id for e in experts)) for one in found.applications)
        return DrawExperts(per=len(experts), seed=seed, **found._asdict(), drawn=chosen, solver="by hand")

    def draw(self, experts: Sequence[Actor], seed: int) -> CallMoved:
        """Draw them."""
        made = self.drawing(experts, seed)
        return self.do_call("DrawExperts", R1, **{f.name: getattr(made, f.name) for f in fields(made)})

    def programme(self) -> Programme:
        """The call as its stored events make it."""
        found = Programme(self.call_id)
        for stored in self.ledger.stored(application=self.call_id):
            found = programme_step(found, decode(stored.body))
        return found

    def extended(self, closes_at: datetime) -> None:
        """Keep the window open for all until then; drafts are moved by the next sweep."""
        self.do_call("ProposeExtension", A1, closes_at=closes_at, reason="系统故障", evidence="监控记录")
        self.do_call("ExtendWindow", A2)

    def corrected(self) -> None:
        """Correct the notice; drafts are told by the next sweep."""
        words = {"clause": "四(二)1", "before": "16时前", "after": "16时（不含）前", "reason": "表述不清"}
        self.do_call("ProposeErratum", A1, **words)
        self.do_call("PublishErratum", A2)

    def days_off(self, *days: date, worked: tuple[date, ...] = ()) -> None:
        """Change the working calendar; deadlines are moved by the next sweep."""
        self.do_call("ProposeCalendar", A1, days_off=days, days_worked=worked, basis="国务院办公厅通知")
        self.do_call("AmendCalendar", A2)

    def money(self, envelope_minor: int, *quotas: Quota) -> None:
        """Set how much money the call has."""
        self.do_call("ProposeEnvelope", A1, envelope_minor=envelope_minor, quotas=quotas, reason="年度预算")
        self.do_call("SetEnvelope", A2)

    def context(self, request: Request) -> Context:
        """What a guard would look at for that request."""
        return self.ledger.transact(lambda transaction: self.handler._context(transaction, request)[0])

    def row(self, request: Request) -> Row:
        return BY_MOVE[self.state(request.application), request.name]

    # --- looking --------------------------------------------------------------------------------------------------

    def application(self, application: str) -> Application:
        """The application as its stored events make it."""
        found = fold(decode(event.body) for event in self.ledger.stored(application=application))
        assert found is not None
        return found

    def state(self, application: str) -> State:
        return self.application(application).state

    def events(self, application: str | None = None) -> list[str]:
        """The types of what stands on the ledger."""
        return [event.type for event in self.ledger.stored(application=application)]

    def unit(self, application: str) -> Actor:
        """Who acts for the application's unit."""
        code = self.application(application).unit_code
        return Actor(f"unit-{code}", Role.APPLICANT, code)

    # --- time -----------------------------------------------------------------------------------------------------

    def at(self, instant: datetime) -> Swept:
        """Let it be that instant, with every deadline fired that has fallen due by then."""
        self.now = instant
        return sweep(self.handler, instant)

    def after(self, **span: int) -> Swept:
        return self.at(self.now + timedelta(**span))

    def when_due(self, application: str, deadline: str) -> Swept:
        return self.at(self.application(application).deadlines[deadline])

    # --- applications in a state ----------------------------------------------------------------------------------

    def empty(self, unit_code: str = "", unit_kind: str = "") -> str:
        """A draft with nothing in it, of a new unit unless one is named."""
        self.units += 1
        code = unit_code or self.profile.unit_code(self.units)
        unit = Actor(f"unit-{code}", Role.APPLICANT, code)
        application = f"app-{self.units:04d}"
        kind = unit_kind or self.profile.unit_kind
        self.do("CreateDraft", unit, application, unit_code=code, unit_name=f"单位{self.units}", unit_kind=kind,
                contacts=self.profile.contacts)  # fmt: skip
        return application

    def draft(self, unit_code: str = "", unit_kind: str = "", **form: Any) -> str:
        """A draft that could be submitted as it is; form values are set over the profile's."""
        application = self.empty(unit_code, unit_kind)
        unit = self.unit(application)
        self.do("EditDraft", unit, application, form={**self.profile.form, **form})
        for document in self.profile.documents:
            self.documents.put(document)
            fields = {"material": document.material, "name": document.name, "sha256": document.sha256}
            self.do("AddDocument", unit, application, **fields)
        return application

    def submitted(self, unit_code: str = "", unit_kind: str = "", **form: Any) -> str:
        application = self.draft(unit_code, unit_kind, **form)
        self.do("SubmitApplication", self.unit(application), application)
        return application

    def returned(self, *fields: str, **form: Any) -> str:
        application = self.submitted(**form)
        items = self.items(*(fields or ("title",)))
        self.do("ReturnForCorrection", F1, application, items=items)
        return application

    def items(self, *fields: str) -> tuple[Any, ...]:
        return tuple(self.profile.item(field) for field in fields)

    def rejected(self, **form: Any) -> str:
        application = self.submitted(**form)
        self.do("ProposeRejection", F1, application, clause="四(一)1", grounds="不符合条件")
        self.do("RejectApplication", F2, application)
        return application

    def format_checked(self, **form: Any) -> str:
        application = self.submitted(**form)
        self.do("ClaimFormatCheck", F1, application)
        self.do("PassFormatCheck", F1, application)
        return application

    def in_review(self, **form: Any) -> str:
        application = self.format_checked(**form)
        self.do("StartReview", R1, application, experts=self.experts(), seed=7)
        return application

    def experts(self, actors: Sequence[Actor] = EXPERTS[:3]) -> tuple[Any, ...]:
        return tuple(self.profile.expert(actor.id, actor.unit) for actor in actors)

    def points(self, points: int = 8) -> dict[str, int]:
        return {criterion.id: points for criterion in self.call.rubric}

    def scored(self, **form: Any) -> str:
        application = self.in_review(**form)
        for expert in EXPERTS[:3]:
            self.do("AcceptInvitation", expert, application)
            self.do("SubmitScore", expert, application, points=self.points(), comment="可行")
        return application

    def proposed(self, **form: Any) -> str:
        application = self.scored(**form)
        self.do("ProposeAward", R1, application, amount_minor=self.profile.grant_minor, grounds="评审通过")
        return application

    def published(self, **form: Any) -> str:
        application = self.proposed(**form)
        self.do("PublishProposal", A1, application)
        return application

    def declined(self, **form: Any) -> str:
        application = self.scored(**form)
        self.do("ProposeDecline", R1, application, grounds="排序靠后")
        self.do("DeclineApplication", A2, application, grounds="排序靠后")
        return application

    def noticed(self, **form: Any) -> str:
        """Published, and the notice is over: all but the approval."""
        application = self.published(**form)
        self.when_due(application, "public_notice")
        return application

    def approved(self, **form: Any) -> str:
        application = self.noticed(**form)
        self.do("ApproveApplication", A2, application, grant_minor=self.profile.grant_minor)
        return application

    def agreement(self, application: str, **over: Any) -> dict[str, Any]:
        """The fields of the agreement that the unit signs."""
        found = self.application(application)
        fields = {
            "instalments_minor": self.profile.instalments(found.grant_minor),
            "milestones": (),
            "start_on": found.start_on,
            "end_on": found.end_on,
        }
        return {**fields, **over}

    def signed(self, **form: Any) -> str:
        application = self.approved(**form)
        self.do("SignAgreement", self.unit(application), application, **self.agreement(application))
        return application

    def agreed(self, **form: Any) -> str:
        application = self.signed(**form)
        self.do("CountersignAgreement", A1, application)
        return application

    def agreed_with_milestones(self, **form: Any) -> str:
        """An agreement of which every instalment waits for the first of two milestones."""
        application = self.approved(**form)
        plan = self.agreement(application)
        reached = tuple(Milestone(title=title, due_on=plan["end_on"]) for title in ("样机", "验收"))
        waits = (1,) * len(plan["instalments_minor"])
        self.do(
            "SignAgreement", self.unit(application), application, **{**plan, "milestones": reached, "waits_for": waits}
        )
        self.do("CountersignAgreement", A1, application)
        return application

    def pay(self, application: str, instalment: int) -> None:
        amount = self.application(application).instalments_minor[instalment - 1]
        self.do("RecordPayment", M1, application, instalment=instalment, amount_minor=amount)
        self.do("ConfirmPayment", M2, application, instalment=instalment)

    def funded(self, **form: Any) -> str:
        application = self.agreed(**form)
        self.pay(application, 1)
        return application

    def in_execution(self, **form: Any) -> str:
        application = self.funded(**form)
        self.at(max(self.now, self.application(application).deadlines["start"]))
        return application

    def in_acceptance(self, **form: Any) -> str:
        """In execution, completed a day before its last day, all money paid, and acceptance asked for."""
        application = self.in_execution(**form)
        for n in range(2, len(self.application(application).instalments_minor) + 1):
            self.pay(application, n)
        self.at(self.application(application).deadlines["execution_end"] - DAY)
        day = self.now.astimezone(ZoneInfo(self.call.timezone)).date()
        self.do(
            "RequestAcceptance",
            self.unit(application),
            application,
            completed_on=day,
            achieved={self.call.targets[0].id: 1},
        )
        return application

    def closed(self, outcome: str = "accepted", recover_minor: int = 0, **form: Any) -> str:
        application = self.in_acceptance(**form)
        self.do("ProposeOutcome", C1, application, outcome=outcome, verified={self.call.targets[0].id: 1}, grounds="验收意见",
                recover_minor=recover_minor, experts=ACCEPTORS)  # fmt: skip
        self.do("ConfirmOutcome", C2, application)
        return application

    def terminated(self, recover_minor: int = 0, **form: Any) -> str:
        application = self.in_execution(**form)
        self.do("ProposeTermination", R1, application, grounds="中期检查不通过", recover_minor=recover_minor)
        self.do("SubmitDefence", self.unit(application), application, text="陈述意见")
        self.do("ConfirmTermination", A1, application)
        return application

    def revoked(self, **form: Any) -> str:
        application = self.in_execution(**form)
        self.do("ProposeRevocation", A1, application, grounds="重复获得财政资金")
        self.do("SubmitDefence", self.unit(application), application, text="陈述意见")
        self.do("ConfirmRevocation", A2, application)
        return application

    def propose_credit(self, application: str, kind: str = "revocation") -> None:
        """Propose an entry in the unit's credit record for an act that ended today."""
        ended_on = local_day(self.now, self.call.timezone)
        fields = {"clause": "四(一)5", "grounds": "弄虚作假", "ended_on": ended_on}
        self.do("ProposeCredit", A1, application, kind=kind, **fields)

    def credited(self, **form: Any) -> str:
        """Revoked, with an entry in the unit's credit record."""
        application = self.revoked(**form)
        self.propose_credit(application)
        self.do("EnterCredit", A2, application)
        return application


def calendar_of(call_id: str) -> WorkingCalendar:
    """China as published and weekends for 2027 to 2029, or weekends alone, as the call asks."""
    name = load(call_id).calendar
    return provisional(range(max(china().years) + 1, 2030)) if name == "china" else named(name)


def beside_of(place: World, ledger: Ledger) -> World:
    """The same database through another ledger, as another process would have it; its names are its own."""
    other = world(ledger=ledger)
    other.documents, other.commands, other.units = place.documents, 10_000, 500
    other.handler = replace(place.handler, ledger=ledger)
    return other


def world(call_id: str = SHANGHAI.call, ledger: Ledger | None = None, calendar: WorkingCalendar | None = None) -> World:
    """A world at noon of the tenth day of the call's window, in memory unless a ledger is given."""
    ledger = ledger or MemoryLedger()
    rules = {name: rules_of(load(name)) for name in CALLS}
    documents, registers, experts = MemoryDocuments(), MemoryRegisters(), MemoryExperts()
    calendars = FixedCalendars(calendar or calendar_of(call_id))
    handler = Handler(ledger, documents, calendars, registers, experts, rules)
    for rule in rules.values():
        ledger.keep_rules(rule.hash, rule.call.id, rule.body)
    return World(call_id, ledger, handler, documents, registers, calendars, rules[call_id].call.opens_at + 9 * DAY)

"""How each command comes to where it is accepted: a start, who asks, and what; taken from the cases of the guards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any

from states.actor import SYSTEM, Actor, Role
from states.commands import COMMANDS, PROGRAMME_COMMANDS
from states.commands.programme import DrawExperts
from states.deadlines import fires
from states.programme import PROGRAMME_FIRES
from tests.drive import A1, A2, DAY, EXPERTS, R1, World
from tests.states import cases_credit, cases_execution, cases_filing, cases_review, cases_undo
from tests.states.case import By, SetUp, told, unit, whom
from tests.states.cases_experts import register
from tests.states.cases_filing import returned_late
from workflow.handle import Request
from workflow.ports import Due

NEW, NEW_UNIT = "app-new", Actor("unit-new", Role.APPLICANT, "91310000FAKE00013Y")


@dataclass(frozen=True)
class Scenario:
    """`start` gives the application (or the call) that the command is given to; fields may be asked of the world."""

    command: str
    start: SetUp
    by: By
    fields: Mapping[str, Any] = field(default_factory=dict)

    def request(self, world: World) -> Request:
        """Bring the world to where the command is accepted, and the command as a request then."""
        application = self.start(world)
        fields = told(dict(self.fields), world, application)
        if self.command in COMMANDS:
            return world.request(self.command, whom(self.by, world, application), application, **fields)
        at, command = fields.pop("at", world.now), PROGRAMME_COMMANDS[self.command](**fields)
        return Request("c-call", application, self.command, command, whom(self.by, world, application), at)


def the_call(world: World) -> str:
    return world.call_id


def published(world: World) -> str:
    world.do_call("PublishCall", A1)
    return world.call_id


def extension_proposed(world: World) -> str:
    world.do_call("ProposeExtension", A1, closes_at=world.call.closes_at + DAY, reason="系统故障", evidence="监控记录")
    return world.call_id


def envelope_proposed(world: World) -> str:
    world.do_call("ProposeEnvelope", A1, envelope_minor=100, reason="年度预算")
    return world.call_id


def erratum_proposed(world: World) -> str:
    world.do_call("ProposeErratum", A1, **ERRATUM)
    return world.call_id


def corrected(world: World) -> str:
    world.corrected()
    return world.call_id


def calendar_proposed(world: World) -> str:
    world.do_call("ProposeCalendar", A1, **HOLIDAY)
    return world.call_id


def another_calendar(world: World) -> str:
    world.days_off(*HOLIDAY["days_off"])
    return world.call_id


def extended(world: World) -> str:
    world.extended(world.call.closes_at + DAY)
    return world.call_id


def nothing(world: World) -> str:
    """An application that is not there yet, beside one that is."""
    world.submitted()
    return NEW


def first(world: World, application: str, command: str) -> tuple[str, datetime]:
    """The earliest of the application's deadlines that give that command, and when it falls due."""
    armed = world.application(application).deadlines
    due, name = min((due, name) for name, due in armed.items() if fires(world.call, name) == command)
    return name, due


def after(start: SetUp, *commands: str) -> SetUp:
    """What has become of a start once deadlines have given these commands, one after another."""

    def later(world: World) -> str:
        application = start(world)
        for command in commands:
            world.at(first(world, application, command)[1])
        return application

    return later


def of_system(command: str, start: SetUp) -> Scenario:
    """A command that a deadline gives, at the instant at which the first such deadline falls due."""

    def deadline(world: World, application: str) -> str:
        return first(world, application, command)[0]

    def at(world: World, application: str) -> datetime:
        return first(world, application, command)[1]

    return Scenario(command, start, SYSTEM, {"deadline": deadline, "at": at})


def of_the_call(command: str, start: SetUp) -> Scenario:
    """A command that one of the call's own deadlines gives."""

    def due(world: World) -> Due:
        return next(d for d in world.ledger.deadlines() if PROGRAMME_FIRES.get(d.name) == command)

    return Scenario(
        command, start, SYSTEM, {"deadline": lambda world, _: due(world).name, "at": lambda world, _: due(world).due_at}
    )


def waiting(world: World) -> str:
    """An application waits for review, and there is a registry to draw from."""
    world.format_checked()
    register(world)
    return world.call_id


DRAW = {
    name: partial(lambda field, world, _: getattr(world.drawing(EXPERTS[1:4], 7), field), name)
    for name in DrawExperts.__dataclass_fields__
}
HOLIDAY: dict[str, Any] = {"days_off": (date(2025, 9, 25),), "basis": "国务院办公厅通知"}
ERRATUM = {"clause": "四(二)1", "before": "16时前", "after": "16时（不含）前", "reason": "表述不清"}
OUTAGE = {"reason": "系统故障", "evidence": "监控记录"}
_OWN = (
    Scenario(
        "CreateDraft",
        nothing,
        NEW_UNIT,
        {
            "unit_code": NEW_UNIT.unit,
            "unit_name": "上海子虚有限公司",
            "unit_kind": "company",
            "contacts": lambda world, _: world.profile.contacts,
        },
    ),
    Scenario("ProposeRevocation", World.in_execution, A1, {"grounds": "重复获得财政资金"}),
    of_system("LapseCorrection", returned_late),
    of_system("Remind", World.draft),
    of_system("LapseAward", after(World.approved, "PassDeadline")),
    of_system("AskContacts", World.agreed),
    of_system("StartExecution", World.funded),
    of_system("MarkReportLate", World.in_execution),
    of_system("EscalateReport", after(World.in_execution, "MarkReportLate")),
    of_system("EndExecution", World.in_execution),
    of_system("MarkAcceptanceOverdue", after(World.in_execution, "EndExecution")),
    of_system("EscalateAcceptance", after(World.in_execution, "EndExecution", "MarkAcceptanceOverdue")),
    of_system("ArchiveApplication", World.closed),
    Scenario("PublishCall", the_call, A1),
    Scenario("ProposeExtension", the_call, A1, {**OUTAGE, "closes_at": lambda world, _: world.call.closes_at + DAY}),
    Scenario("ExtendWindow", extension_proposed, A2),
    Scenario("ProposeEnvelope", the_call, A1, {"envelope_minor": 100, "reason": "年度预算"}),
    Scenario("SetEnvelope", envelope_proposed, A2),
    Scenario("DrawExperts", waiting, R1, DRAW),
    of_the_call("TellExtension", extended),
    Scenario("ProposeErratum", the_call, A1, ERRATUM),
    Scenario("PublishErratum", erratum_proposed, A2),
    of_the_call("TellErratum", corrected),
    Scenario("ProposeCalendar", the_call, A1, HOLIDAY),
    Scenario("AmendCalendar", calendar_proposed, A2),
    Scenario("WithdrawChange", calendar_proposed, A2, {"of": "ProposeCalendar", "reason": "有误"}),
    of_the_call("TellCalendar", another_calendar),
    of_the_call("SummariseDay", published),
    of_the_call("SummariseMonth", published),
)


def _of_cases() -> dict[str, Scenario]:
    """The accepted half of a case of each command that has one."""
    cases = (*cases_filing.CASES, *cases_review.CASES, *cases_execution.CASES, *cases_undo.CASES, *cases_credit.CASES)
    return {c.command: Scenario(c.command, c.good_from or c.start, c.good_by or c.by, c.good) for c in cases}


SCENARIOS: Mapping[str, Scenario] = _of_cases() | {scenario.command: scenario for scenario in _OWN}
"""A way to every command, of an application or of a call, by its name."""

LATE = Scenario(
    "SubmitApplication", World.draft, unit, {"at": lambda world, name: world.application(name).deadlines["submit"]}
)
"""A submission that is refused, and whose refusal is recorded."""

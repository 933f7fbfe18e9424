"""Cases of the guards of the credit record."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from states.actor import SYSTEM, Role
from tests.drive import A1, A2, A3, BEIJING, DAY, M1, M2, World
from tests.states.case import TICK, Case, unit
from tests.states.cases_filing import DUTIES, VALUE, WHY
from tests.states.cases_review import DECIDE, an_expert

CREDIT = "系统规则21（信用）"

OBJECTION = {"entry": 1, "grounds": "x"}
DECISION = {"entry": 1, "upheld": False, "reason": "x"}
REPAIR = {"entry": 1, "reason": "x"}


def today(world: World) -> date:
    return world.now.astimezone(BEIJING).date()


def proposing(**over: Any) -> dict[str, Any]:
    """The fields of a proposed entry; the act ended today."""
    fields = {"kind": "revocation", "clause": "四(一)5", "grounds": "x", "ended_on": lambda world, _: today(world)}
    return fields | over


def proposed(world: World) -> str:
    application = world.revoked()
    world.propose_credit(application)
    return application


def disputed(world: World) -> str:
    application = world.credited()
    world.do("ObjectToCredit", world.unit(application), application, **OBJECTION)
    return application


def repair_proposed(world: World) -> str:
    application = world.credited()
    world.do("ProposeCreditRepair", A1, application, **REPAIR)
    return application


def repair_of_a_struck_entry(world: World) -> str:
    """A repair is proposed of an entry while the unit objects to it; another one is made meanwhile."""
    application = repair_proposed(world)
    world.do("ObjectToCredit", world.unit(application), application, **OBJECTION)
    world.do("DecideCreditObjection", A3, application, entry=1, upheld=True, reason="x")
    return application


def failed_twice_over(world: World) -> str:
    """Failed, and late with paying back."""
    application = world.closed("failed", 100)
    world.when_due(application, "recovery")
    return application


def paid_after_all(world: World) -> str:
    """An entry was proposed for money not paid back, which then came."""
    application = failed_twice_over(world)
    world.propose_credit(application, "late_recovery")
    world.do("RecordRecovery", M1, application, amount_minor=100)
    world.do("CloseRecovery", M2, application)
    return application


def five_years(days: int) -> Any:
    """The day so many days short of five years ago."""

    def day(world: World, _: str) -> date:
        now = today(world)
        return now.replace(year=now.year - 5) + timedelta(days=days)

    return day


def pending(world: World) -> str:
    application = world.closed("failed", 0)
    world.do("ProposeRevocation", A1, application, grounds="x")
    return application


def tomorrow(world: World, _: str) -> date:
    return (world.now + DAY).astimezone(BEIJING).date()


def over(world: World, application: str) -> datetime:
    """When the entry is over by rights."""
    return world.application(application).credits[0].until.astimezone(UTC)


CASES = (
    Case("of_neither_side", "ProposeCredit", World.revoked, an_expert(Role.APPROVING_OFFICER), proposing(), ("same_person",),
         DUTIES, proposing(), good_by=A1),
    Case("nothing_pending", "ProposeCredit", pending, A1, proposing(kind="failure"), ("proposal_waits",), "系统规则15（审批）",
         proposing(kind="failure"), lambda world: world.closed("failed", 0)),
    Case("nothing_pending", "ProposeCreditRepair", repair_proposed, A2, REPAIR, ("proposal_waits",), "系统规则15（审批）", REPAIR,
         World.credited),
    Case("ground_given", "ProposeCredit", World.closed, A1, proposing(kind="failure"), ("credit_without_ground",), CREDIT,
         proposing(kind="failure"), lambda world: world.closed("failed", 0)),
    Case("ground_given", "ProposeCredit", World.terminated, A1, proposing(), ("credit_without_ground",), CREDIT,
         proposing(kind="termination")),
    Case("ground_given", "ProposeCredit", lambda world: world.closed("failed", 100), A1, proposing(kind="late_recovery"),
         ("credit_without_ground",), CREDIT, proposing(kind="late_recovery"), failed_twice_over),
    Case("ground_given", "ProposeCredit", World.revoked, A1, proposing(kind="x"), ("credit_without_ground",), CREDIT,
         proposing()),
    Case("not_entered_for_it", "ProposeCredit", World.credited, A1, proposing(), ("credit_in_force",), CREDIT, proposing(),
         repair_of_a_struck_entry),
    Case("clause_and_grounds", "ProposeCredit", World.revoked, A1, proposing(clause=" "), ("reason_missing",), WHY,
         proposing()),
    Case("clause_and_grounds", "ProposeCredit", World.revoked, A1, proposing(grounds=""), ("reason_missing",), WHY,
         proposing()),
    Case("act_well_dated", "ProposeCredit", World.revoked, A1, proposing(ended_on=tomorrow), ("value_not_allowed",), VALUE,
         proposing()),
    Case("act_well_dated", "ProposeCredit", World.revoked, A1, proposing(ended_on=five_years(-1)), ("value_not_allowed",),
         VALUE, proposing(ended_on=five_years(0))),
    Case("of_neither_side", "EnterCredit", proposed, an_expert(Role.APPROVING_OFFICER), {}, ("same_person",), DUTIES,
         good_by=A2),
    Case("credit_proposed", "EnterCredit", World.revoked, A2, {}, ("proposal_missing",), DECIDE, {}, proposed),
    Case("credit_proposed", "EnterCredit", proposed, A1, {}, ("same_person",), DUTIES, good_by=A2),
    Case("ground_left", "EnterCredit", paid_after_all, A2, {}, ("credit_without_ground",), CREDIT, {}, proposed),
    Case("entry_live", "ObjectToCredit", World.credited, unit, {**OBJECTION, "entry": 2}, ("no_such_item",), VALUE, OBJECTION),
    Case("entry_live", "ObjectToCredit", World.credited, unit, {**OBJECTION, "entry": 0}, ("no_such_item",), VALUE, OBJECTION),
    Case("entry_live", "ObjectToCredit", disputed, unit, OBJECTION, ("no_such_item",), VALUE, OBJECTION, World.credited),
    Case("grounds_given", "ObjectToCredit", World.credited, unit, {**OBJECTION, "grounds": " "}, ("reason_missing",), WHY,
         OBJECTION),
    Case("of_neither_side", "DecideCreditObjection", disputed, an_expert(Role.APPROVING_OFFICER), DECISION, ("same_person",),
         DUTIES, DECISION, good_by=A3),
    Case("reasoned", "DecideCreditObjection", disputed, A3, {**DECISION, "reason": ""}, ("reason_missing",), WHY, DECISION),
    Case("entry_disputed", "DecideCreditObjection", World.credited, A3, DECISION, ("no_such_item",), VALUE, DECISION, disputed),
    Case("not_who_entered", "DecideCreditObjection", disputed, A1, DECISION, ("same_person",), DUTIES, DECISION, good_by=A3),
    Case("not_who_entered", "DecideCreditObjection", disputed, A2, DECISION, ("same_person",), DUTIES, DECISION, good_by=A3),
    Case("of_neither_side", "ProposeCreditRepair", World.credited, an_expert(Role.APPROVING_OFFICER), REPAIR,
         ("same_person",), DUTIES, REPAIR, good_by=A1),
    Case("reasoned", "ProposeCreditRepair", World.credited, A1, {**REPAIR, "reason": " "}, ("reason_missing",), WHY, REPAIR),
    Case("entry_in_force", "ProposeCreditRepair", repair_of_a_struck_entry, A1, REPAIR, ("no_such_item",), VALUE, REPAIR,
         disputed),
    Case("of_neither_side", "RepairCredit", repair_proposed, an_expert(Role.APPROVING_OFFICER), {}, ("same_person",), DUTIES,
         good_by=A2),
    Case("repair_proposed", "RepairCredit", World.credited, A2, {}, ("proposal_missing",), DECIDE, {}, repair_proposed),
    Case("repair_proposed", "RepairCredit", repair_proposed, A1, {}, ("same_person",), DUTIES, good_by=A2),
    Case("repair_proposed", "RepairCredit", repair_of_a_struck_entry, A2, {}, ("proposal_missing",), DECIDE, {},
         repair_proposed),
    Case("deadline_due", "ExpireCredit", World.credited, SYSTEM, {"deadline": "credit:1", "at": lambda w, a: over(w, a) - TICK},
         ("not_due",), "系统规则7（期限）", {"deadline": "credit:1", "at": over}),
)  # fmt: skip

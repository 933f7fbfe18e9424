"""Cases of the guards of agreements, milestones, evaluations, and of what the office takes back."""

from __future__ import annotations

from datetime import date
from typing import Any

from states.actor import Role
from states.commands.award import Milestone
from tests.drive import A1, A2, C1, C2, C3, F1, F2, M1, M2, R1, R2, World
from tests.states.case import Case, unit
from tests.states.cases_execution import FIRST, GRANT, PAY, REST, recorded, signing, termination_proposed
from tests.states.cases_filing import DUTIES, ITEM, VALUE, WHY
from tests.states.cases_review import DECIDE, MONEY, an_expert

X = {"reason": "x"}
VOID = {"instalment": 1, "reason": "x"}
EVALUATED = {"rating": "good", "findings": "x"}
REPORTED = {"milestone": 1, "evidence": "x"}
DECIDED = {"milestone": 1, "reached": True, "reason": "x"}
TWO = (Milestone(title="样机", due_on=date(2026, 6, 1)), Milestone(title="验收", due_on=date(2027, 6, 1)))


def rejection_proposed(world: World) -> str:
    application = world.submitted()
    world.do("ProposeRejection", F1, application, clause="四(一)1", grounds="x")
    return application


def reported(world: World) -> str:
    application = world.agreed_with_milestones()
    world.do("ReportMilestone", world.unit(application), application, **REPORTED)
    return application


def reached(world: World) -> str:
    application = reported(world)
    world.do("DecideMilestone", R1, application, **DECIDED)
    return application


def evaluated(world: World) -> str:
    application = world.closed()
    world.do("EvaluatePerformance", C3, application, **EVALUATED)
    return application


def promising(world: World) -> str:
    return world.approved(contributes_count=2)


def waiting(**over: Any) -> dict[str, Any]:
    return signing(milestones=TWO, **over)


CASES = (
    Case("instalments_within_shares", "SignAgreement", World.approved, unit,
         signing(instalments_minor=(FIRST + 1, REST - 1)), ("instalment_above_share",), MONEY, signing()),
    Case("instalments_within_shares", "SignAgreement", World.approved, unit, signing(instalments_minor=(GRANT,)),
         ("instalment_above_share",), MONEY, signing(instalments_minor=(FIRST - 1, 1, REST))),
    Case("waits_well_formed", "SignAgreement", World.approved, unit, waiting(waits_for=(0, 3)), ("value_not_allowed",),
         VALUE, waiting(waits_for=(0, 2))),
    Case("indicators_not_lowered", "SignAgreement", promising, unit, signing(indicators={"contributes_count": 1}),
         ("indicator_not_kept",), "项目协议规则", signing(indicators={"contributes_count": 2})),
    Case("indicators_not_lowered", "SignAgreement", promising, unit, signing(indicators={"contributes_count": 1001}),
         ("indicator_not_kept",), "项目协议规则", signing(indicators={"contributes_count": 1000})),
    Case("indicators_not_lowered", "SignAgreement", World.approved, unit, signing(indicators={"contributes_count": -1}),
         ("indicator_not_kept",), "项目协议规则", signing(indicators={"contributes_count": 0})),
    Case("indicators_not_lowered", "SignAgreement", World.approved, unit, signing(indicators={"users": 1}),
         ("value_not_allowed",), VALUE, signing(indicators={})),
    Case("waits_well_formed", "SignAgreement", World.approved, unit, waiting(waits_for=(1,)), ("value_not_allowed",),
         VALUE, waiting()),
    Case("of_neither_side", "ReturnAgreement", World.signed, an_expert(Role.APPROVING_OFFICER), {"items": (ITEM,)},
         ("same_person",), DUTIES, {"items": (ITEM,)}, good_by=A1),
    Case("items_complete", "ReturnAgreement", World.signed, A1, {"items": ()}, ("reason_missing",), WHY,
         {"items": (ITEM,)}),
    Case("milestone_reached", "RecordPayment", reported, M1, PAY, ("milestone_open",), MONEY, PAY, reached),
    Case("milestone_planned", "ReportMilestone", World.agreed_with_milestones, unit, {**REPORTED, "milestone": 3},
         ("no_such_item",), VALUE, {**REPORTED, "milestone": 2}),
    Case("milestone_planned", "ReportMilestone", reported, unit, REPORTED, ("no_such_item",), VALUE, REPORTED,
         World.agreed_with_milestones),
    Case("milestone_planned", "ReportMilestone", World.agreed_with_milestones, unit, {**REPORTED, "evidence": " "},
         ("reason_missing",), WHY, REPORTED),
    Case("milestone_reported", "DecideMilestone", World.agreed_with_milestones, R1, DECIDED, ("no_such_item",), VALUE,
         DECIDED, reported),
    Case("milestone_reported", "DecideMilestone", reached, R1, DECIDED, ("no_such_item",), VALUE, DECIDED, reported),
    Case("of_neither_side", "DecideMilestone", reported, an_expert(Role.REVIEW_OFFICER), DECIDED, ("same_person",), DUTIES,
         DECIDED, good_by=R2),
    Case("reasoned", "DecideMilestone", reported, R1, {**DECIDED, "reason": " "}, ("reason_missing",), WHY, DECIDED),
    Case("payment_recorded", "VoidPayment", World.funded, M1, VOID, ("no_such_item",), VALUE, VOID, recorded),
    Case("payment_recorded", "VoidPayment", World.agreed, M1, VOID, ("no_such_item",), VALUE, VOID, recorded),
    Case("reasoned", "VoidPayment", recorded, M2, {**VOID, "reason": ""}, ("reason_missing",), WHY, VOID),
    Case("of_neither_side", "VoidPayment", recorded, an_expert(Role.FINANCE_OFFICER), VOID, ("same_person",), DUTIES, VOID,
         good_by=M2),
    Case("reasoned", "ReopenFormatCheck", World.format_checked, F1, {"reason": " "}, ("reason_missing",), WHY, X),
    Case("proposal_pending", "WithdrawProposal", World.submitted, F1, X, ("proposal_missing",), DECIDE, X,
         rejection_proposed),
    Case("proposal_pending", "WithdrawProposal", rejection_proposed, F2, X, ("not_the_proposer",), DUTIES, X, good_by=A1),
    Case("proposal_pending", "WithdrawProposal", World.proposed, R2, X, ("not_the_proposer",), DUTIES, X, good_by=R1),
    Case("reasoned", "WithdrawProposal", World.proposed, R1, {"reason": ""}, ("reason_missing",), WHY, X),
    Case("proposal_pending", "WithdrawProposal", termination_proposed, R2, X, ("not_the_proposer",), DUTIES, X, good_by=A2),
    Case("evaluation_given", "EvaluatePerformance", World.closed, C3, {**EVALUATED, "rating": "splendid"},
         ("value_not_allowed",), VALUE, EVALUATED),
    Case("evaluation_given", "EvaluatePerformance", World.closed, C3, {**EVALUATED, "findings": " "}, ("reason_missing",),
         WHY, EVALUATED),
    Case("evaluation_given", "EvaluatePerformance", evaluated, C3, EVALUATED, ("already_evaluated",), "系统规则18（验收）",
         EVALUATED, World.closed),
    Case("other_person_than_OutcomeProposed", "EvaluatePerformance", World.closed, C1, EVALUATED, ("same_person",), DUTIES,
         EVALUATED, good_by=C3),
    Case("other_person_than_ApplicationClosed", "EvaluatePerformance", World.closed, C2, EVALUATED, ("same_person",), DUTIES,
         EVALUATED, good_by=C3),
)  # fmt: skip

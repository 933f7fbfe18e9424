"""Cases of the guards from the agreement to close-out."""

from __future__ import annotations

from datetime import date
from typing import Any

from states.actor import Role
from states.commands.award import Milestone
from tests.drive import A1, A2, ACCEPTORS, C1, C2, DAY, M1, M2, R1, World
from tests.filings import SHANGHAI
from tests.states.case import STRANGER, TICK, Case, due, unit
from tests.states.cases_filing import DUTIES, ITEM, PERIOD, VALUE, WHY
from tests.states.cases_review import DECIDE, MONEY, an_expert, hat

GRANT = SHANGHAI.grant_minor
FIRST, REST = SHANGHAI.instalments(GRANT)
DATES = "四(一)4"
AGREEMENT = {
    "instalments_minor": (FIRST, REST),
    "milestones": (),
    "start_on": date(2026, 1, 1),
    "end_on": date(2027, 12, 31),
}
SHORT = {"start_on": "2026-01-01", "end_on": "2026-12-31"}
OUTCOME: dict[str, Any] = {
    "outcome": "accepted",
    "verified": {},
    "grounds": "x",
    "recover_minor": 0,
    "experts": ACCEPTORS,
}
PAY = {"instalment": 1, "amount_minor": FIRST}
SECOND = {"instalment": 2, "amount_minor": REST}
GRANTED = {"request": 1, "granted": True, "reason": "x"}


def signing(**over: Any) -> dict[str, Any]:
    return {**AGREEMENT, **over}


def milestone(day: date) -> tuple[Milestone, ...]:
    return (Milestone(title="中期", due_on=day),)


def recorded(world: World) -> str:
    application = world.agreed()
    world.do("RecordPayment", M1, application, **PAY)
    return application


def suspended(world: World) -> str:
    application = world.in_execution()
    world.do("ProposeSuspension", A1, application, reason="核查")
    world.do("SuspendProject", A2, application)
    return application


def suspension_proposed(world: World) -> str:
    application = world.in_execution()
    world.do("ProposeSuspension", A1, application, reason="核查")
    return application


def listed(world: World) -> str:
    application = world.agreed()
    world.registers.lists[world.application(application).unit_code] = {"dishonesty"}
    return application


def short(world: World) -> str:
    return world.in_execution(**SHORT)


def change_requested(world: World) -> str:
    application = world.in_execution()
    world.do("RequestChange", world.unit(application), application, subject="负责人", detail="李子虚")
    return application


def change_granted(world: World) -> str:
    application = change_requested(world)
    world.do("DecideRequest", A1, application, request=1, granted=True, reason="同意")
    return application


def extension_granted(world: World) -> str:
    application = short(world)
    world.do("RequestExtension", world.unit(application), application, end_on=date(2027, 1, 31), reason="延期")
    world.do("DecideRequest", A1, application, request=1, granted=True, reason="同意")
    return application


def rectified(world: World) -> str:
    application = world.in_acceptance()
    world.do("RequireRectification", C1, application, items=(ITEM,))
    again: dict[str, Any] = {"completed_on": world.application(application).completed_on, "achieved": {}}
    world.do("RequestAcceptance", world.unit(application), application, **again)
    return application


def outcome_proposed(world: World) -> str:
    application = world.in_acceptance()
    world.do("ProposeOutcome", C1, application, **OUTCOME)
    return application


def unpaid_outcome(world: World) -> str:
    """Accepted in proposal, with the last instalment never paid."""
    application = world.in_execution()
    world.at(world.application(application).deadlines["execution_end"] - DAY)
    world.do("RequestAcceptance", world.unit(application), application, completed_on=date(2027, 12, 1), achieved={})
    world.do("ProposeOutcome", C1, application, **OUTCOME)
    return application


def termination_proposed(world: World) -> str:
    application = world.in_execution()
    world.do("ProposeTermination", R1, application, grounds="x", recover_minor=0)
    return application


def revocation_proposed(world: World) -> str:
    application = world.in_execution()
    world.do("ProposeRevocation", A1, application, grounds="x")
    return application


def heard_with_a_payment_open(world: World) -> str:
    """In execution, with the second instalment recorded and not confirmed."""
    application = world.in_execution()
    world.do("RecordPayment", M1, application, **SECOND)
    return application


def acceptance_with_a_payment_open(world: World) -> str:
    """A failure is proposed, and the second instalment is recorded and not confirmed."""
    application = unpaid_outcome(world)
    world.do("RecordPayment", M1, application, **SECOND)
    world.do("ProposeOutcome", C1, application, **{**OUTCOME, "outcome": "failed"})
    return application


def failure_proposed(world: World) -> str:
    application = unpaid_outcome(world)
    world.do("ProposeOutcome", C1, application, **{**OUTCOME, "outcome": "failed"})
    return application


def extensions_asked(world: World) -> str:
    """Two extensions are asked for, and the first is granted."""
    application = short(world)
    for end_on in (date(2027, 1, 31), date(2027, 6, 30)):
        world.do("RequestExtension", world.unit(application), application, end_on=end_on, reason="延期")
    world.do("DecideRequest", A1, application, request=1, granted=True, reason="同意")
    return application


def extension_asked(world: World) -> str:
    application = short(world)
    world.do("RequestExtension", world.unit(application), application, end_on=date(2027, 6, 30), reason="延期")
    return application


def acceptance_asked_beside_an_extension(world: World) -> str:
    application = extension_asked(world)
    world.at(world.application(application).deadlines["execution_end"])
    world.do("RequestAcceptance", world.unit(application), application, completed_on=date(2026, 12, 1), achieved={})
    return application


def owing(world: World) -> str:
    return world.terminated(recover_minor=100)


def recovered(world: World) -> str:
    application = owing(world)
    world.do("RecordRecovery", M1, application, amount_minor=100)
    return application


def all_back(world: World) -> str:
    application = recovered(world)
    world.do("CloseRecovery", M2, application)
    return application


def reporting(world: World) -> str:
    return world.in_execution()


REPORT = {"period": "2026H1", "summary": "进展顺利"}
TODAY = date(2027, 12, 1)


def near_the_end(world: World) -> str:
    application = world.in_execution()
    world.at(world.application(application).deadlines["execution_end"] - 30 * DAY)
    return application


CASES = (
    Case("contacts_given", "ConfirmContacts", World.submitted, unit, {"contacts": ()}, ("reason_missing",), WHY,
         {"contacts": SHANGHAI.contacts}),
    Case("contacts_given", "ConfirmContacts", World.agreed, unit, {"contacts": ()}, ("reason_missing",), WHY,
         {"contacts": SHANGHAI.contacts}),
    Case("own_unit", "ConfirmContacts", World.agreed, STRANGER, {"contacts": SHANGHAI.contacts}, ("other_unit",),
         "系统规则3（权限）", {"contacts": SHANGHAI.contacts}, good_by=unit),
    Case("not_the_approver", "RecordPayment", World.agreed, hat(A2, Role.FINANCE_OFFICER), PAY, ("same_person",), DUTIES,
         PAY, good_by=M1),
    Case("not_the_approver", "ConfirmPayment", recorded, hat(A2, Role.FINANCE_OFFICER), {"instalment": 1},
         ("same_person",), DUTIES, {"instalment": 1}, good_by=M2),
    Case("of_neither_side", "CountersignAgreement", World.signed, an_expert(Role.APPROVING_OFFICER), {}, ("same_person",),
         DUTIES, good_by=A1),
    Case("of_neither_side", "RecordPayment", World.agreed, an_expert(Role.FINANCE_OFFICER), PAY, ("same_person",), DUTIES,
         PAY, good_by=M1),
    Case("of_neither_side", "ConfirmPayment", recorded, an_expert(Role.FINANCE_OFFICER), {"instalment": 1},
         ("same_person",), DUTIES, {"instalment": 1}, good_by=M2),
    Case("of_neither_side", "ConfirmOutcome", outcome_proposed, an_expert(Role.ACCEPTANCE_OFFICER), {}, ("same_person",),
         DUTIES, good_by=C2),
    Case("dates_well_formed", "SignAgreement", World.approved, unit, signing(end_on=date(2026, 1, 1)),
         ("period_not_well_formed",), DATES, signing(end_on=date(2026, 1, 2))),
    Case("dates_well_formed", "SignAgreement", World.approved, unit, signing(milestones=milestone(date(2025, 12, 31))),
         ("period_not_well_formed",), DATES, signing(milestones=milestone(date(2026, 1, 1)))),
    Case("ends_in_time", "SignAgreement", World.approved, unit, signing(end_on=date(2028, 1, 1)), ("ends_by_2027",), DATES,
         signing()),
    Case("instalments_sum_to_grant", "SignAgreement", World.approved, unit, signing(instalments_minor=(FIRST, REST - 1)),
         ("amount_not_allowed",), MONEY, signing()),
    Case("instalments_sum_to_grant", "SignAgreement", World.approved, unit, signing(instalments_minor=(GRANT, 0)),
         ("amount_not_allowed",), MONEY, signing()),
    Case("instalments_sum_to_grant", "SignAgreement", World.approved, unit, signing(instalments_minor=()),
         ("amount_not_allowed",), MONEY, signing()),
    Case("nothing_paid", "WaiveAward", recorded, unit, {"reason": "x"}, ("money_paid",), MONEY, {"reason": "x"},
         World.agreed),
    Case("instalment_payable", "RecordPayment", recorded, M1, PAY, ("already_paid",), MONEY, PAY, World.agreed),
    Case("instalment_payable", "RecordPayment", World.agreed, M1, {"instalment": 2, "amount_minor": REST},
         ("no_such_item",), VALUE, PAY),
    Case("instalment_payable", "RecordPayment", World.agreed, M1, {**PAY, "amount_minor": FIRST + 1},
         ("amount_not_allowed",), MONEY, PAY),
    Case("rules_hold_at_payment", "RecordPayment", listed, M1, PAY, ("credit_good",), "四(一)1", PAY, World.agreed),
    Case("not_suspended", "RecordPayment", suspended, M1, {"instalment": 2, "amount_minor": REST}, ("suspended",),
         "系统规则8（暂停）", {"instalment": 2, "amount_minor": REST}, World.in_execution),
    Case("payment_recorded", "ConfirmPayment", World.agreed, M2, {"instalment": 1}, ("no_such_item",), VALUE,
         {"instalment": 1}, recorded),
    Case("payment_recorded", "ConfirmPayment", World.funded, M2, {"instalment": 1}, ("no_such_item",), VALUE,
         {"instalment": 1}, recorded),
    Case("not_the_payer", "ConfirmPayment", recorded, M1, {"instalment": 1}, ("same_person",), DUTIES, {"instalment": 1},
         good_by=M2),
    Case("report_expected", "SubmitReport", reporting, unit, {**REPORT, "period": "2030H1"}, ("no_such_item",), VALUE,
         REPORT),
    Case("report_expected", "SubmitReport", reporting, unit, {**REPORT, "summary": " "}, ("reason_missing",), WHY, REPORT),
    Case("midterm_outcome", "DecideMidTerm", reporting, R1, {"outcome": "maybe", "reason": "x"}, ("value_not_allowed",),
         VALUE, {"outcome": "rectify", "reason": "x"}),
    Case("change_described", "RequestChange", reporting, unit, {"subject": "", "detail": "x"}, ("reason_missing",), WHY,
         {"subject": "x", "detail": "x"}),
    Case("change_described", "RequestChange", World.approved, unit, {"subject": "x", "detail": " "}, ("reason_missing",),
         WHY, {"subject": "x", "detail": "x"}),
    Case("change_described", "RequestChange", World.approved, unit,
         {"subject": "x", "detail": "x", "caused_on": date(2027, 12, 31)}, ("value_not_allowed",), VALUE,
         {"subject": "x", "detail": "x", "caused_on": date(2025, 9, 1)}),
    Case("extension_within_limits", "RequestExtension", short, unit, {"end_on": date(2028, 1, 1), "reason": "x"},
         ("ends_by_2027", "extension_too_long"), DATES, {"end_on": date(2027, 12, 31), "reason": "x"}),
    Case("extension_within_limits", "RequestExtension", short, unit, {"end_on": date(2026, 12, 31), "reason": "x"},
         ("period_not_well_formed",), DATES, {"end_on": date(2027, 1, 1), "reason": "x"}),
    Case("extension_within_limits", "RequestExtension", extension_granted, unit,
         {"end_on": date(2027, 6, 30), "reason": "x"}, ("extension_too_long",), "系统规则17（延期）",
         {"end_on": date(2027, 6, 30), "reason": "x"}, short),
    Case("request_open", "DecideRequest", change_requested, A1, {"request": 2, "granted": True, "reason": "x"},
         ("no_such_item",), VALUE, {"request": 1, "granted": True, "reason": "x"}),
    Case("request_open", "DecideRequest", change_granted, A1, {"request": 1, "granted": False, "reason": "x"},
         ("no_such_item",), VALUE, {"request": 1, "granted": False, "reason": "x"}, change_requested),
    Case("grant_within_limits", "DecideRequest", extensions_asked, A1, {**GRANTED, "request": 2}, ("extension_too_long",),
         "系统规则17（延期）", {**GRANTED, "request": 2, "granted": False}),
    Case("grant_within_limits", "DecideRequest", acceptance_asked_beside_an_extension, A1, GRANTED,
         ("not_allowed_in_phase",), "系统规则2（状态表）", GRANTED, extension_asked),
    Case("no_end_proposed", "RecordPayment", termination_proposed, M1, SECOND, ("proposal_waits",), DECIDE, SECOND,
         suspension_proposed),
    Case("no_end_proposed", "RecordPayment", failure_proposed, M1, SECOND, ("proposal_waits",), DECIDE, SECOND,
         unpaid_outcome),
    Case("hearing_kept", "ProposeSuspension", revocation_proposed, A1, {"reason": "x"}, ("proposal_waits",), DECIDE,
         {"reason": "x"}, World.in_execution),
    Case("hearing_kept", "ProposeOutcome", termination_proposed, C1, {**OUTCOME, "outcome": "failed"}, ("proposal_waits",),
         DECIDE, {**OUTCOME, "outcome": "failed"}, World.in_execution),
    Case("hearing_kept", "ProposeTermination", revocation_proposed, R1, {"grounds": "x", "recover_minor": 0},
         ("proposal_waits",), DECIDE, {"grounds": "x", "recover_minor": 0}, termination_proposed),
    Case("payments_settled", "ProposeTermination", heard_with_a_payment_open, R1, {"grounds": "x", "recover_minor": 0},
         ("payment_unconfirmed",), MONEY, {"grounds": "x", "recover_minor": 0}, World.in_execution),
    Case("payments_settled", "ProposeRevocation", heard_with_a_payment_open, A1, {"grounds": "x"}, ("payment_unconfirmed",),
         MONEY, {"grounds": "x"}, World.in_execution),
    Case("payments_settled", "ConfirmOutcome", acceptance_with_a_payment_open, C2, {}, ("payment_unconfirmed",), MONEY, {},
         failure_proposed),
    Case("not_suspended", "ProposeSuspension", suspended, A1, {"reason": "x"}, ("suspended",), "系统规则8（暂停）",
         {"reason": "x"}, World.in_execution),
    Case("suspension_proposed", "SuspendProject", reporting, A2, {}, ("proposal_missing",), DECIDE, {},
         suspension_proposed),
    Case("suspension_proposed", "SuspendProject", suspension_proposed, A1, {}, ("same_person",), DUTIES, good_by=A2),
    Case("is_suspended", "ResumeProject", reporting, A1, {"reason": "x"}, ("no_such_item",), VALUE, {"reason": "x"},
         suspended),
    Case("completion_plausible", "RequestAcceptance", near_the_end, unit,
         {"completed_on": date(2027, 12, 3), "achieved": {}}, ("period_not_well_formed",), DATES,
         {"completed_on": date(2027, 12, 2), "achieved": {}}),
    Case("completion_plausible", "RequestAcceptance", near_the_end, unit,
         {"completed_on": date(2025, 12, 31), "achieved": {}}, ("period_not_well_formed",), DATES,
         {"completed_on": date(2026, 1, 1), "achieved": {}}),
    Case("achieved_countable", "RequestAcceptance", near_the_end, unit,
         {"completed_on": date(2027, 12, 2), "achieved": {"nonsense": 1}}, ("value_not_allowed",), VALUE,
         {"completed_on": date(2027, 12, 2), "achieved": {"platform": 0, "breakthrough": 2}}),
    Case("verified_countable", "ProposeOutcome", World.in_acceptance, C1, {**OUTCOME, "verified": {"platform": -1}},
         ("value_not_allowed",), VALUE, {**OUTCOME, "verified": {"platform": 0}}),
    Case("verified_countable", "ProposeOutcome", World.in_acceptance, C1, {**OUTCOME, "verified": {"garden": 1}},
         ("value_not_allowed",), VALUE, {**OUTCOME, "verified": {"demonstration": 1}}),
    Case("items_complete", "ReturnAcceptanceMaterials", World.in_acceptance, C1, {"items": ()}, ("reason_missing",), WHY,
         {"items": (ITEM,)}),
    Case("not_yet_rectified", "RequireRectification", rectified, C1, {"items": (ITEM,)}, ("already_rectified",),
         "系统规则18（验收）", {"items": (ITEM,)}, World.in_acceptance),
    Case("acceptance_experts_enough", "ProposeOutcome", World.in_acceptance, C1, {**OUTCOME, "experts": ACCEPTORS[:2]},
         ("too_few_experts",), "系统规则14（评审）", {**OUTCOME, "experts": ACCEPTORS}),
    Case("experts_distinct", "ProposeOutcome", World.in_acceptance, C1, {**OUTCOME, "experts": (*ACCEPTORS[:2],) * 2 + ACCEPTORS[2:]},
         ("experts_alike",), "系统规则14（评审）", {**OUTCOME, "experts": ACCEPTORS}),
    Case("outcome_known", "ProposeOutcome", reporting, C1, OUTCOME, ("value_not_allowed",), VALUE, OUTCOME,
         World.in_acceptance),
    Case("outcome_known", "ProposeOutcome", World.in_acceptance, C1, {**OUTCOME, "outcome": "splendid"},
         ("value_not_allowed",), VALUE, {**OUTCOME, "outcome": "concluded"}),
    Case("outcome_known", "ProposeOutcome", reporting, C1, {**OUTCOME, "outcome": "failed", "recover_minor": FIRST + 1},
         ("amount_not_allowed",), MONEY, {**OUTCOME, "outcome": "failed", "recover_minor": FIRST}),
    Case("grounds_given", "ProposeOutcome", World.in_acceptance, C1, {**OUTCOME, "grounds": ""}, ("reason_missing",), WHY,
         OUTCOME),
    Case("outcome_proposed", "ConfirmOutcome", World.in_acceptance, C2, {}, ("proposal_missing",), DECIDE, {},
         outcome_proposed),
    Case("outcome_proposed", "ConfirmOutcome", outcome_proposed, C1, {}, ("same_person",), DUTIES, good_by=C2),
    Case("outcome_proposed", "ConfirmOutcome", unpaid_outcome, C2, {}, ("payment_outstanding",), MONEY, {},
         outcome_proposed),
    Case("grounds_given", "ProposeTermination", reporting, R1, {"grounds": " ", "recover_minor": 0}, ("reason_missing",),
         WHY, {"grounds": "x", "recover_minor": 0}),
    Case("recovery_within_paid", "ProposeTermination", reporting, R1, {"grounds": "x", "recover_minor": FIRST + 1},
         ("amount_not_allowed",), MONEY, {"grounds": "x", "recover_minor": FIRST}),
    Case("recovery_within_paid", "ProposeTermination", reporting, R1, {"grounds": "x", "recover_minor": -1},
         ("amount_not_allowed",), MONEY, {"grounds": "x", "recover_minor": 0}),
    Case("heard_now", "SubmitDefence", reporting, unit, {"text": "x"}, ("proposal_missing",), DECIDE, {"text": "x"},
         termination_proposed),
    Case("heard_now", "SubmitDefence", revocation_proposed, unit, {"text": " "}, ("reason_missing",), WHY, {"text": "x"}),
    Case("termination_proposed", "ConfirmTermination", reporting, A1, {}, ("proposal_missing",), DECIDE,
         {"at": due("hearing")}, termination_proposed),
    Case("termination_proposed", "ConfirmTermination", termination_proposed,
         lambda *_: type(A1)(R1.id, A1.role), {"at": due("hearing")}, ("same_person",), DUTIES, {"at": due("hearing")},
         good_by=A1),
    Case("revocation_proposed", "ConfirmRevocation", termination_proposed, A2, {}, ("proposal_missing",), DECIDE,
         {"at": due("hearing")}, revocation_proposed),
    Case("revocation_proposed", "ConfirmRevocation", revocation_proposed, A1, {"at": due("hearing")}, ("same_person",),
         DUTIES, {"at": due("hearing")}, good_by=A2),
    Case("unit_was_heard", "ConfirmTermination", termination_proposed, A1, {"at": due("hearing", TICK)}, ("too_early",),
         PERIOD, {"at": due("hearing")}),
    Case("unit_was_heard", "ConfirmRevocation", revocation_proposed, A2, {"at": due("hearing", TICK)}, ("too_early",),
         PERIOD, {"at": due("hearing")}),
    Case("recovery_due", "RecordRecovery", owing, M1, {"amount_minor": 101}, ("amount_not_allowed",), MONEY,
         {"amount_minor": 100}),
    Case("recovery_due", "RecordRecovery", owing, M1, {"amount_minor": 0}, ("amount_not_allowed",), MONEY,
         {"amount_minor": 1}),
    Case("recovery_complete", "CloseRecovery", owing, M2, {}, ("recovery_open",), MONEY, {}, recovered),
    Case("recovery_complete", "CloseRecovery", World.terminated, M2, {}, ("nothing_to_recover",), MONEY, {}, recovered),
    Case("recovery_complete", "CloseRecovery", World.closed, M2, {}, ("nothing_to_recover",), MONEY, {}, recovered),
    Case("recovery_complete", "CloseRecovery", all_back, M2, {}, ("already_done",), "系统规则2（状态表）", {}, recovered),
    Case("recovery_complete", "CloseRecovery", recovered, M1, {}, ("same_person",), DUTIES, good_by=M2),
)  # fmt: skip

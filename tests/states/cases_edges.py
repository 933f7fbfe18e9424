"""Cases of guards at the second edge they have: what lies just beyond on another side than the first case of each tries."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from states.actor import SYSTEM
from states.checks import CertificateFacts
from tests.drive import A1, A2, ACCEPTORS, C1, C2, DAY, F1, F2, M1, M2, R1, R2, World
from tests.filings import uscc
from tests.states.case import TICK, Case, SetUp, unit
from tests.states.cases_credit import CREDIT, failed_twice_over, proposing, today
from tests.states.cases_execution import (
    DATES,
    OUTCOME,
    REPORT,
    change_requested,
    milestone,
    owing,
    short,
    signing,
)
from tests.states.cases_filing import (
    ADD,
    DUTIES,
    ITEM,
    LONG,
    OTHER_MONEY,
    OVERRIDE,
    PERIOD,
    SECOND,
    VALUE,
    WHY,
    corrected,
    replaced_meanwhile,
    returned_late,
    window_extended,
    with_document,
    with_finding,
)
from tests.states.cases_review import E1, MONEY, REVIEW, accepted, replaced_by
from tests.states.cases_undo import DECIDED, REPORTED, TWO, reached, waiting

PLACE = "四(一)3"
AGAIN = {"grounds": "x"}


def swept(start: SetUp, deadline: str) -> SetUp:
    """The same, once that deadline has fired."""

    def later(world: World) -> str:
        application = start(world)
        world.when_due(application, deadline)
        return application

    return later


def two_findings(world: World) -> str:
    return world.submitted(**LONG, **OTHER_MONEY)


def judged(verdict: str) -> SetUp:
    def start(world: World) -> str:
        application = with_finding(world)
        world.do("DecideFinding", F1, application, **{**OVERRIDE, "verdict": verdict})
        return application

    return start


def money_upheld(world: World) -> str:
    application = world.submitted(**OTHER_MONEY)
    world.do("DecideFinding", F1, application, **{**SECOND, "verdict": "uphold"})
    return application


def money_overridden(world: World) -> str:
    application = world.submitted(**OTHER_MONEY)
    world.do("DecideFinding", F1, application, **SECOND)
    return application


def excepted(world: World) -> str:
    """Replaced meanwhile, but the unit was granted a second filing."""
    application = world.draft()
    world.do("GrantSecondFiling", A2, application, reason="另一方向")
    world.do("SubmitApplication", world.unit(application), application)
    world.do("ProposeRejection", F1, application, clause="四(一)1", grounds="不符合条件")
    world.do("RejectApplication", F2, application)
    world.do("RequestReview", world.unit(application), application, grounds="有异议")
    world.submitted(unit_code=world.application(application).unit_code)
    return application


def second_draft(world: World) -> str:
    return world.draft(unit_code=world.application(world.submitted()).unit_code)


def granted_second(world: World) -> str:
    application = second_draft(world)
    world.do("GrantSecondFiling", A1, application, reason="另一方向")
    return application


def lapsed_late(world: World) -> str:
    return swept(returned_late, "correction")(world)


def lapsed_at(world: World, application: str) -> Any:
    return world.application(application).lapsed_at


def stepped_back(world: World) -> str:
    application = world.in_review()
    world.do("DeclineInvitation", E1, application, reason="时间冲突")
    return application


def conflicted(world: World) -> str:
    application = world.in_review()
    world.do("DeclareConflict", E1, application, reason="有合作")
    return application


def two_milestones(world: World) -> str:
    """The first instalment waits for nothing and is paid, the second for the second milestone; the first one is reached."""
    application = world.approved()
    world.do("SignAgreement", world.unit(application), application, **waiting(waits_for=(0, 2)))
    world.do("CountersignAgreement", A1, application)
    world.pay(application, 1)
    world.do("ReportMilestone", world.unit(application), application, **REPORTED)
    world.do("DecideMilestone", R1, application, **DECIDED)
    return application


def both_reached(world: World) -> str:
    application = two_milestones(world)
    world.do("ReportMilestone", world.unit(application), application, **{**REPORTED, "milestone": 2})
    world.do("DecideMilestone", R1, application, **{**DECIDED, "milestone": 2})
    return application


def both_reported(world: World) -> str:
    application = world.agreed_with_milestones()
    for n in (1, 2):
        world.do("ReportMilestone", world.unit(application), application, **{**REPORTED, "milestone": n})
    return application


def second_recorded(world: World) -> str:
    """The first instalment was recorded by M1 and confirmed, the second recorded by M2."""
    application = world.funded()
    world.do(
        "RecordPayment", M2, application, instalment=2, amount_minor=world.application(application).instalments_minor[1]
    )
    return application


def all_paid(world: World) -> str:
    application = world.funded()
    world.pay(application, 2)
    return application


def unconfirmed(world: World) -> str:
    """An accepted outcome is proposed while the last instalment is recorded, but not confirmed."""
    application = world.in_execution()
    left = world.application(application).instalments_minor[1]
    world.do("RecordPayment", M1, application, instalment=2, amount_minor=left)
    world.at(world.application(application).deadlines["execution_end"] - DAY)
    world.do("RequestAcceptance", world.unit(application), application, completed_on=date(2027, 12, 1), achieved={})
    world.do("ProposeOutcome", C1, application, **OUTCOME)
    return application


def confirmed(world: World) -> str:
    application = unconfirmed(world)
    world.do("ConfirmPayment", M2, application, instalment=2)
    return application


def extension_refused(world: World) -> str:
    application = short(world)
    world.do("RequestExtension", world.unit(application), application, end_on=date(2027, 1, 31), reason="x")
    world.do("DecideRequest", A1, application, request=1, granted=False, reason="不同意")
    return application


def partly_recovered(world: World) -> str:
    application = owing(world)
    world.do("RecordRecovery", M1, application, amount_minor=40)
    return application


def short_with_a_change(world: World) -> str:
    application = short(world)
    world.do("RequestChange", world.unit(application), application, subject="负责人", detail="x")
    world.do("DecideRequest", A1, application, request=1, granted=True, reason="同意")
    return application


def told_of_a_correction(world: World) -> str:
    application = corrected(world)
    world.do("NoteErratum", SYSTEM, application, number=1)
    return application


def undeclared(world: World) -> str:
    return world.submitted(declares_owner=False)


def declared_after_all(world: World) -> str:
    application = undeclared(world)
    world.do("DecideFinding", F1, application, rule="unit_owns", verdict="override", reason="补充声明")
    return application


def paid_back_late(world: World) -> str:
    application = failed_twice_over(world)
    world.do("RecordRecovery", M1, application, amount_minor=100)
    return application


def changing(days: int) -> dict[str, Any]:
    """A change whose cause comes about so many days from today."""
    return {"subject": "x", "detail": "x", "caused_on": lambda world, _: today(world) + days * DAY}


def waived(world: World) -> str:
    application = world.approved()
    world.do("WaiveAward", world.unit(application), application, reason="x")
    return application


def failure_entered(world: World) -> str:
    application = failed_twice_over(world)
    world.propose_credit(application, "failure")
    world.do("EnterCredit", A2, application)
    return application


def second_instalment(world: World, application: str) -> int:
    return world.application(application).instalments_minor[1]


NEXT: dict[str, Any] = {"instalment": 2, "amount_minor": second_instalment}
FILING = (
    Case("items_complete", "ReturnForCorrection", World.submitted, F1, {"items": (ITEM, replace(ITEM, clause=" "))},
         ("reason_missing",), WHY, {"items": (ITEM,)}),
    Case("items_complete", "ReturnForCorrection", World.submitted, F1, {"items": (replace(ITEM, field=""), ITEM)},
         ("reason_missing",), WHY, {"items": (ITEM,)}),
    Case("findings_decided", "PassFormatCheck", two_findings, F1, {}, ("findings_undecided",), "系统规则13（审查）", {},
         World.submitted),
    Case("findings_decided", "PassFormatCheck", judged("uphold"), F1, {}, ("findings_undecided",), "系统规则13（审查）", {},
         judged("override")),
    Case("finding_awaits_second", "SecondFinding", money_upheld, F2, {"rule": "no_other_city_funds", "reason": "x"},
         ("no_such_item",), VALUE, {"rule": "no_other_city_funds", "reason": "x"}, money_overridden),
    Case("finding_awaits_second", "SecondFinding", two_findings, F2, {"rule": "no_other_city_funds", "reason": "x"},
         ("no_such_item",), VALUE, {"rule": "no_other_city_funds", "reason": "x"}, money_overridden),
    Case("findings_decided", "PassFormatCheck", undeclared, F1, {}, ("findings_undecided",), "系统规则13（审查）", {},
         declared_after_all),
    Case("erratum_unknown", "NoteErratum", told_of_a_correction, SYSTEM, {"number": 1}, ("not_due",), PERIOD, {"number": 1},
         corrected),
    Case("review_right_open", "RequestReview", swept(World.rejected, "review_request"), unit, AGAIN, ("too_late",), PERIOD,
         AGAIN, World.rejected),
    Case("correction_open", "ResubmitApplication", World.rejected, unit, {}, ("too_late",), PERIOD, {}, World.returned),
    Case("correction_open", "ResubmitApplication", lapsed_late, unit, {"at": lapsed_at}, ("too_late",), PERIOD,
         {"at": lambda world, application: lapsed_at(world, application) - TICK}),
    Case("window_moved", "FollowWindow", window_extended, SYSTEM, {"at": lambda world, _: world.call.closes_at + DAY},
         ("not_due",), PERIOD, {"at": lambda world, _: world.call.closes_at + DAY - TICK}),
    Case("place_free", "UpholdReview", replaced_meanwhile, A1, {"reason": "x"}, ("place_taken",),
         "四(一)3（同一单位原则上只能申报一个项目）", {"reason": "x"}, excepted),
    Case("only_named_fields", "EditDraft", returned_late, unit, {"form": {"requested_minor": 1}}, ("field_not_open",),
         "系统规则11（补正）", {"form": {"requested_minor": 1}}, World.returned),
    Case("document_allowed", "AddDocument", with_document(), unit, {**ADD, "name": "a\nb.pdf"}, ("value_not_allowed",), VALUE,
         {**ADD, "name": "X 光.pdf"}),
    Case("document_allowed", "AddDocument", with_document(), unit, {**ADD, "name": "a\tb.pdf"}, ("value_not_allowed",), VALUE,
         ADD),
    Case("passes_rules", "SubmitApplication", second_draft, unit, {}, ("one_per_unit",), PLACE, {}, granted_second),
    Case("passes_rules", "SubmitApplication", World.draft, unit, {"certificate": CertificateFacts(uscc(77))},
         ("certificate_linked",), "四(二)1", {}),
)  # fmt: skip
REVIEWS = (
    Case("at_work", "DeclineInvitation", stepped_back, E1, {"reason": "x"}, ("not_assigned",), REVIEW, {"reason": "x"},
         accepted),
    Case("at_work", "DeclareConflict", conflicted, E1, {"reason": "x"}, ("not_assigned",), REVIEW, {"reason": "x"},
         World.scored),
    Case("replaceable", "ReplaceExpert", World.in_review, R1, {**replaced_by("expert-4", "EMPLOYER4"), "expert": "expert-7"},
         ("no_such_item",), VALUE, replaced_by("expert-4", "EMPLOYER4"), stepped_back),
    Case("replaceable", "ReplaceExpert", World.scored, R1, replaced_by("expert-4", "EMPLOYER4"), ("no_such_item",), VALUE,
         replaced_by("expert-4", "EMPLOYER4"), conflicted),
    Case("replaceable", "ReplaceExpert", World.scored, R1, replaced_by("expert-4", "EMPLOYER4"), ("no_such_item",), VALUE,
         replaced_by("expert-4", "EMPLOYER4"), accepted),
    Case("replacement_uninvolved", "ReplaceExpert", World.in_review, R2, replaced_by(R2.id, "EMPLOYER9"), ("same_person",),
         DUTIES, replaced_by("expert-4", "EMPLOYER9")),
    Case("replacement_fits", "ReplaceExpert", accepted, R1,
         {**replaced_by("expert-4", "EMPLOYER1"), "expert": "expert-2"}, ("experts_alike",), REVIEW,
         {**replaced_by("expert-4", "EMPLOYER1"), "expert": "expert-2"}, stepped_back),
)  # fmt: skip
AWARD = (
    Case("dates_well_formed", "SignAgreement", World.approved, unit, signing(milestones=milestone(date(2028, 1, 1))),
         ("period_not_well_formed",), DATES, signing(milestones=milestone(date(2027, 12, 31)))),
    Case("dates_well_formed", "SignAgreement", World.approved, unit,
         signing(milestones=(*TWO, *milestone(date(2025, 12, 31)))), ("period_not_well_formed",), DATES,
         signing(milestones=TWO)),
    Case("waits_well_formed", "SignAgreement", World.approved, unit, waiting(waits_for=(-1, 0)), ("value_not_allowed",),
         VALUE, waiting(waits_for=(0, 0))),
    Case("milestone_reached", "RecordPayment", two_milestones, M1, NEXT, ("milestone_open",), MONEY, NEXT, both_reached),
    Case("milestone_planned", "ReportMilestone", World.agreed_with_milestones, unit, {**REPORTED, "milestone": 0},
         ("no_such_item",), VALUE, REPORTED),
    Case("milestone_reported", "DecideMilestone", reached, R1, {**DECIDED, "milestone": 0}, ("no_such_item",), VALUE,
         {**DECIDED, "milestone": 2}, both_reported),
    Case("instalment_payable", "RecordPayment", all_paid, M1, {"instalment": 3, "amount_minor": 1}, ("no_such_item",), VALUE,
         NEXT, World.funded),
    Case("instalment_payable", "RecordPayment", all_paid, M1, NEXT, ("already_paid",), MONEY, NEXT, World.funded),
    Case("instalment_payable", "RecordPayment", World.agreed, M1, {"instalment": 0, "amount_minor": 1}, ("no_such_item",),
         VALUE, {"instalment": 1, "amount_minor": lambda w, a: w.application(a).instalments_minor[0]}),
    Case("not_the_payer", "ConfirmPayment", second_recorded, M2, {"instalment": 2}, ("same_person",), DUTIES,
         {"instalment": 2}, good_by=M1),
    Case("payment_recorded", "ConfirmPayment", second_recorded, M1, {"instalment": 1}, ("no_such_item",), VALUE,
         {"instalment": 2}),
)  # fmt: skip
EXECUTION = (
    Case("report_expected", "SubmitReport", swept(World.in_execution, "report:2026H1"), unit, {**REPORT, "summary": ""},
         ("reason_missing",), WHY, REPORT),
    Case("change_described", "RequestChange", World.in_execution, unit, changing(1), ("value_not_allowed",),
         VALUE, changing(0)),
    Case("extension_within_limits", "RequestExtension", short, unit, {"end_on": date(2026, 6, 1), "reason": "x"},
         ("period_not_well_formed",), DATES, {"end_on": date(2027, 6, 1), "reason": "x"}, extension_refused),
    Case("extension_within_limits", "RequestExtension", short, unit, {"end_on": date(2026, 12, 31), "reason": "x"},
         ("period_not_well_formed",), DATES, {"end_on": date(2027, 1, 1), "reason": "x"}, short_with_a_change),
    Case("recovery_due", "RecordRecovery", partly_recovered, M1, {"amount_minor": 61}, ("amount_not_allowed",), MONEY,
         {"amount_minor": 60}),
    Case("request_open", "DecideRequest", change_requested, A1, {"request": 0, "granted": True, "reason": "x"},
         ("no_such_item",), VALUE, {"request": 1, "granted": True, "reason": "x"}),
    Case("acceptance_experts_enough", "ProposeOutcome", World.in_acceptance, C1,
         {**OUTCOME, "experts": (*ACCEPTORS, replace(ACCEPTORS[0], id="acceptor-4", unit="INSTITUTE4"))},
         ("too_few_experts",), "系统规则14（评审）", {**OUTCOME, "outcome": "failed", "experts": ()}, World.in_execution),
    Case("outcome_proposed", "ConfirmOutcome", unconfirmed, C2, {}, ("payment_outstanding",), MONEY, {}, confirmed),
    Case("ground_given", "ProposeCredit", waived, A1, proposing(kind="termination"), ("credit_without_ground",), CREDIT,
         proposing(kind="termination"), World.terminated),
    Case("ground_given", "ProposeCredit", paid_back_late, A1, proposing(kind="late_recovery"), ("credit_without_ground",),
         CREDIT, proposing(kind="late_recovery"), failed_twice_over),
    Case("not_entered_for_it", "ProposeCredit", failure_entered, A1, proposing(kind="failure"), ("credit_in_force",), CREDIT,
         proposing(kind="late_recovery")),
)  # fmt: skip
CASES = (*FILING, *REVIEWS, *AWARD, *EXECUTION)

"""What a unit did in time is not undone by an office that is slow or decides twice."""

from datetime import date

from states.application import State
from tests.drive import A1, A2, A3, C1, CITIZEN, DAY, F1, F2, M1, M2, OBJECTOR, R1, World

ENDS = date(2027, 10, 31)


def test_an_award_that_the_unit_has_signed_for_does_not_lapse_while_the_office_countersigns(place: World) -> None:
    application = place.signed()
    place.after(days=60)
    assert (place.state(application), place.application(application).phase) == (State.APPROVED, "signed")
    place.do("CountersignAgreement", A1, application)


def test_a_unit_whose_agreement_is_returned_has_its_whole_time_anew_and_loses_the_award_after_it(place: World) -> None:
    application = place.signed()
    place.after(days=60)
    place.do("ReturnAgreement", A1, application, items=place.items("title"))
    place.when_due(application, "agreement")
    assert place.state(application) is State.APPROVED
    place.when_due(application, "agreement_grace")
    assert place.state(application) is State.TERMINATED


def test_a_rejection_proposed_of_one_filing_is_not_confirmed_on_the_corrected_one(place: World) -> None:
    application = place.submitted()
    place.do("ProposeRejection", F1, application, clause="四(一)1", grounds="未盖章")
    place.do("ReturnForCorrection", F2, application, items=place.items("title"))
    place.do("ResubmitApplication", place.unit(application), application)
    assert place.codes("RejectApplication", F2, application) == ("proposal_missing",)


def test_a_rejection_proposed_before_the_check_was_passed_is_not_confirmed_when_it_is_reopened(place: World) -> None:
    application = place.submitted()
    place.do("ProposeRejection", F1, application, clause="四(一)1", grounds="未盖章")
    place.do("PassFormatCheck", F2, application)
    place.do("ReopenFormatCheck", F2, application, reason="复查")
    assert place.codes("RejectApplication", F2, application) == ("proposal_missing",)


def test_a_payment_voided_behind_one_that_was_confirmed_is_recorded_again(place: World) -> None:
    application = place.agreed()
    first, second = place.application(application).instalments_minor
    place.do("RecordPayment", M1, application, instalment=1, amount_minor=first)
    place.do("RecordPayment", M1, application, instalment=2, amount_minor=second)
    place.do("ConfirmPayment", M2, application, instalment=2)
    place.do("VoidPayment", M1, application, instalment=1, reason="账号有误")
    assert place.codes("RecordPayment", M1, application, instalment=0, amount_minor=second) == ("no_such_item",)
    place.pay(application, 1)
    found = place.application(application)
    assert (found.confirmed_minor, found.next_instalment) == (first + second, None)
    assert place.codes("RecordPayment", M1, application, instalment=0, amount_minor=second) == ("no_such_item",)


def test_an_extension_asked_for_in_time_and_granted_after_the_last_day_puts_the_project_back_in_execution(
    place: World,
) -> None:
    application = place.in_execution(end_on="2026-12-31")
    place.at(place.application(application).deadlines["execution_end"] - DAY)
    place.do("RequestExtension", place.unit(application), application, end_on=ENDS, reason="设备延期")
    place.when_due(application, "execution_end")
    place.when_due(application, "acceptance_request")
    place.do("DecideRequest", A1, application, request=1, granted=True, reason="同意")
    found = place.application(application)
    left = {name for name in found.deadlines if name.startswith(("acceptance", "materials"))}
    assert (found.phase, found.end_on, left) == ("running", ENDS, set())
    assert found.flags & {"execution_ended", "acceptance_overdue"} == set()
    place.when_due(application, "execution_end")
    found = place.application(application)
    assert (found.phase, "acceptance_request" in found.deadlines) == ("ended", True)


def test_an_extension_granted_after_acceptance_materials_were_returned_leaves_no_date_for_them(place: World) -> None:
    application = place.in_execution(end_on="2026-12-31")
    unit = place.unit(application)
    place.at(place.application(application).deadlines["execution_end"] - DAY)
    place.do("RequestExtension", unit, application, end_on=ENDS, reason="设备延期")
    place.do("RequestAcceptance", unit, application, completed_on=date(2026, 12, 1), achieved={})
    place.do("ReturnAcceptanceMaterials", C1, application, items=place.items("title"))
    place.do("DecideRequest", A1, application, request=1, granted=True, reason="同意")
    found = place.application(application)
    assert (found.phase, "materials" in found.deadlines, "execution_end" in found.deadlines) == ("running", False, True)


def test_of_two_extensions_asked_for_the_second_does_not_shorten_the_first(place: World) -> None:
    application = place.in_execution(end_on="2026-12-31")
    unit = place.unit(application)
    place.do("RequestExtension", unit, application, end_on=ENDS, reason="设备延期")
    place.do("RequestExtension", unit, application, end_on=date(2027, 3, 31), reason="人员变动")
    place.do("DecideRequest", A1, application, request=1, granted=True, reason="同意")
    fields = {"request": 2, "granted": True, "reason": "同意"}
    assert place.codes("DecideRequest", A1, application, **fields) == ("period_not_well_formed", "extension_too_long")
    assert place.application(application).end_on == ENDS
    place.do("DecideRequest", A1, application, request=2, granted=False, reason="已延期一次")


def test_a_unit_that_gives_up_its_award_leaves_no_proposal_to_end_it(place: World) -> None:
    application = place.agreed()
    place.do("ProposeTermination", R1, application, grounds="停产", recover_minor=0)
    place.do("WaiveAward", place.unit(application), application, reason="放弃")
    assert place.application(application).proposal is None


def test_a_unit_that_wins_its_review_is_not_held_back_by_the_objection_on_which_it_was_declined(place: World) -> None:
    application = place.published()
    place.do("FileObjection", CITIZEN, application, objector=OBJECTOR, grounds="权属争议")
    place.do("DecideObjection", A2, application, objection=1, upheld=True, reason="成立")
    place.do("ProposeDecline", R1, application, grounds="异议成立")
    place.do("DeclineApplication", A1, application, grounds="异议成立")
    place.do("RequestReview", place.unit(application), application, grounds="权属证明")
    place.do("UpholdReview", A3, application, reason="异议不成立")
    grant = place.profile.grant_minor
    place.do("ProposeAward", R1, application, amount_minor=grant, grounds="复核成立")
    place.do("PublishProposal", A1, application)
    place.when_due(application, "public_notice")
    place.do("ApproveApplication", A2, application, grant_minor=grant)

"""Projects that end early: the unit is heard on each proposal anew, and all money that is owed comes back."""

from states.actor import Actor
from states.application import State
from tests.drive import A1, A2, M1, M2, R1, World

FIRST, GRANT = 300_000_000, 500_000_000


def pay_back(place: World, application: str, amount_minor: int) -> None:
    place.do("RecordRecovery", M1, application, amount_minor=amount_minor)
    place.do("CloseRecovery", M2, application)


def test_a_unit_heard_on_a_termination_is_heard_again_on_a_revocation(place: World) -> None:
    application = place.in_execution()
    place.do("ProposeTermination", R1, application, grounds="进展缓慢", recover_minor=0)
    place.do("SubmitDefence", place.unit(application), application, text="陈述意见")
    place.do("ProposeRevocation", A1, application, grounds="重复资助")
    assert place.codes("ConfirmRevocation", A2, application) == ("too_early",)
    place.do("SubmitDefence", place.unit(application), application, text="再次陈述")
    place.do("ConfirmRevocation", A2, application)
    assert place.state(application) is State.REVOKED


def test_a_unit_that_does_not_answer_has_its_full_time(place: World) -> None:
    application = place.in_execution()
    place.do("ProposeTermination", R1, application, grounds="进展缓慢", recover_minor=0)
    place.when_due(application, "hearing")
    place.do("ProposeRevocation", A1, application, grounds="重复资助")
    assert place.codes("ConfirmRevocation", A2, application) == ("too_early",)
    place.when_due(application, "hearing")
    place.do("ConfirmRevocation", A2, application)


def test_a_project_that_failed_and_paid_back_and_is_then_revoked_owes_the_rest(place: World) -> None:
    application = place.closed("failed", recover_minor=5)
    pay_back(place, application, 5)
    place.do("ProposeRevocation", A1, application, grounds="提供虚假材料")
    place.do("SubmitDefence", place.unit(application), application, text="陈述意见")
    place.do("ConfirmRevocation", A2, application)
    found = place.application(application)
    assert (found.recover_minor, found.recovered_minor, "recovery" in found.deadlines) == (GRANT, 5, True)
    assert place.codes("CloseRecovery", M2, application) == ("recovery_open",)
    pay_back(place, application, GRANT - 5)
    found = place.application(application)
    assert (found.recovered_minor, "recovered" in found.flags, "recovery" in found.deadlines) == (GRANT, True, False)


def test_a_revocation_after_everything_was_paid_back_asks_for_nothing_more(place: World) -> None:
    application = place.closed("failed", recover_minor=GRANT)
    pay_back(place, application, GRANT)
    place.do("ProposeRevocation", A1, application, grounds="提供虚假材料")
    place.do("SubmitDefence", place.unit(application), application, text="陈述意见")
    place.do("ConfirmRevocation", A2, application)
    found = place.application(application)
    assert ("recovery" in found.deadlines, "recovered" in found.flags) == (False, True)


def test_money_owed_comes_back_in_parts_and_never_more_than_owed(place: World) -> None:
    application = place.terminated(recover_minor=FIRST)
    place.do("RecordRecovery", M1, application, amount_minor=FIRST - 1)
    assert place.codes("CloseRecovery", M2, application) == ("recovery_open",)
    assert place.codes("RecordRecovery", M1, application, amount_minor=2) == ("amount_not_allowed",)
    pay_back(place, application, 1)
    assert place.codes("RecordRecovery", M1, application, amount_minor=1) == ("amount_not_allowed",)
    assert place.codes("CloseRecovery", M2, application) == ("already_done",)


def said(place: World, command: str, actor: Actor, application: str, **fields: object) -> list[tuple[str, str]]:
    refusals = place.handler.would(place.request(command, actor, application, **fields))
    return [(refusal.en, refusal.remedy_en) for refusal in refusals]


def test_closing_a_recovery_where_nothing_was_asked_back_is_refused_in_just_these_words(place: World) -> None:
    application = place.terminated(recover_minor=0)
    assert said(place, "CloseRecovery", M2, application) == [
        (
            "Nothing was asked back from this project, so there is nothing to confirm.",
            "There is nothing to do; the case is archived when its time comes.",
        )
    ]


def test_closing_a_recovery_says_what_is_still_to_come_and_then_that_it_is_done(place: World) -> None:
    owing = place.terminated(recover_minor=FIRST)
    place.do("RecordRecovery", M1, owing, amount_minor=FIRST - 123_456)
    assert said(place, "CloseRecovery", M2, owing) == [
        ("1,234.56 is still to be paid back.", "Record what comes in; confirm when all of it is there.")
    ]
    pay_back(place, owing, 123_456)
    assert said(place, "CloseRecovery", M2, owing) == [
        ("“Confirm that all came back” has been done.", "Nothing to do.")
    ]


def test_an_award_with_money_on_its_way_is_ended_and_not_waived(place: World) -> None:
    application = place.agreed()
    place.do("RecordPayment", M1, application, instalment=1, amount_minor=FIRST)
    assert said(place, "WaiveAward", place.unit(application), application, reason="x") == [
        (
            "A payment of 3,000,000.00 is recorded; the award can no longer be waived.",
            "Ask the officer in charge to void it where no money has gone out, or else to end the project.",
        )
    ]


def test_who_owes_nothing_has_no_date_to_pay_by(place: World) -> None:
    application = place.terminated(recover_minor=0)
    assert ["recovery" in place.application(application).deadlines, place.state(application)] == [
        False,
        State.TERMINATED,
    ]


def test_a_revocation_asks_for_all_that_was_paid_and_nothing_that_was_not(place: World) -> None:
    application = place.revoked()
    assert place.application(application).recover_minor == FIRST


def test_nothing_is_paid_between_a_revocation_proposed_and_confirmed(place: World) -> None:
    application = place.in_execution()
    place.do("ProposeRevocation", A1, application, grounds="重复资助")
    assert place.codes("RecordPayment", M1, application, instalment=2, amount_minor=GRANT - FIRST) == (
        "proposal_waits",
    )
    place.when_due(application, "hearing")
    place.do("ConfirmRevocation", A2, application)
    assert place.application(application).recover_minor == FIRST


def test_money_is_asked_back_only_once_it_is_known_to_have_gone_out(place: World) -> None:
    application = place.in_execution()
    place.do("RecordPayment", M1, application, instalment=2, amount_minor=GRANT - FIRST)
    assert place.codes("ProposeRevocation", A1, application, grounds="重复资助") == ("payment_unconfirmed",)
    place.do("VoidPayment", M2, application, instalment=2, reason="未汇出")
    place.do("ProposeRevocation", A1, application, grounds="重复资助")
    place.when_due(application, "hearing")
    place.do("ConfirmRevocation", A2, application)
    assert place.application(application).recover_minor == FIRST


def test_a_revocation_on_which_the_unit_is_heard_is_not_lost_by_a_suspension(place: World) -> None:
    application = place.in_execution()
    place.do("ProposeRevocation", A1, application, grounds="重复资助")
    assert place.codes("ProposeSuspension", A1, application, reason="核查") == ("proposal_waits",)
    place.when_due(application, "hearing")
    place.do("ConfirmRevocation", A2, application)

"""What every move asks of whoever gives it, and which deadlines it sets and ends: the rules that hold across the rows of the table."""

from __future__ import annotations

import pytest

from states.actor import Role
from states.application import FINAL
from states.commands import COMMANDS
from states.table import ROWS

ASKED = {
    "not_own_unit": (
        "ClaimFormatCheck DecideFinding ReturnForCorrection ProposeRejection PassFormatCheck ReopenFormatCheck "
        "AcceptInvitation SubmitScore"
    ),
    "of_neither_side": (
        "GrantSecondFiling ClaimFormatCheck DecideFinding SecondFinding ReassignTopic ReturnForCorrection ExtendCorrection "
        "ProposeRejection RejectApplication PassFormatCheck ReopenFormatCheck WithdrawProposal UpholdReview DismissReview "
        "StartReview ReplaceExpert ReopenScore RecordPanel ProposeAward ProposeDecline PublishProposal DecideObjection ApproveApplication DeclineApplication ReturnAgreement CountersignAgreement "
        "RecordPayment ConfirmPayment VoidPayment DecideMilestone ProposeOutcome ConfirmOutcome EvaluatePerformance "
        "DecideMidTerm DecideRequest ProposeSuspension SuspendProject ResumeProject ReturnAcceptanceMaterials RequireRectification "
        "ProposeTermination ProposeRevocation ConfirmTermination ConfirmRevocation RecordRecovery CloseRecovery "
        "ProposeCredit EnterCredit DecideCreditObjection ProposeCreditRepair RepairCredit"
    ),
    "not_suspended": "RecordPayment ConfirmPayment ProposeSuspension",
    "experts_distinct": "StartReview ProposeOutcome",
    "experts_not_of_unit": "StartReview ProposeOutcome",
    "experts_uninvolved": "StartReview ProposeOutcome",
    "experts_known": "StartReview ReplaceExpert ProposeOutcome",
    "experts_untied": "StartReview ReplaceExpert AcceptInvitation SubmitScore ProposeOutcome",
    "other_person_than_ApplicationApproved": "RecordPayment ConfirmPayment",
    "other_person_than_AwardProposed": "PublishProposal ApproveApplication",
    "other_person_than_DeclineProposed": "DeclineApplication",
    "not_decided_before": "UpholdReview DismissReview",
    "place_free": "UpholdReview",
    "payment_recorded": "ConfirmPayment VoidPayment",
    "not_the_payer": "ConfirmPayment",
    "instalment_payable": "RecordPayment",
    "milestone_reached": "RecordPayment",
    "rules_hold_at_payment": "RecordPayment",
    "contacts_given": "ConfirmContacts",
    "still_open": "EditDraft AddDocument RemoveDocument",
    "unit_was_heard": "ConfirmTermination ConfirmRevocation",
    "proposal_pending": "WithdrawProposal",
    "grant_within_limits": "DecideRequest",
    "no_end_proposed": "RecordPayment",
    "payments_settled": "ConfirmOutcome ProposeTermination ProposeRevocation",
    "hearing_kept": "ProposeSuspension ProposeOutcome ProposeTermination",
}
"""Guards that keep people apart, experts fit and money whole, with the commands that ask them in every row they have."""
DEADLINES = {
    "submit": ("FollowWindow", "SubmitApplication FollowWindow"),
    "format_check": (
        "SubmitApplication ResubmitApplication ReopenFormatCheck UpholdReview:rejected",
        "PassFormatCheck ReturnForCorrection",
    ),
    "correction": ("ReturnForCorrection ExtendCorrection", "ExtendCorrection ResubmitApplication"),
    "review_request": ("RejectApplication LapseCorrection DeclineApplication", "RequestReview ResubmitApplication"),
    "review_decision": ("RequestReview", "UpholdReview:rejected UpholdReview:declined DismissReview"),
    "decision": ("PassFormatCheck UpholdReview:declined", "ReopenFormatCheck ApproveApplication"),
    "invitation": ("StartReview", "ProposeAward ProposeDecline"),
    "score": ("StartReview", "ProposeAward ProposeDecline"),
    "public_notice": ("PublishProposal", "ProposeDecline ApproveApplication"),
    "objection": ("FileObjection", "DecideObjection ApproveApplication"),
    "agreement": ("ApproveApplication ReturnAgreement", "SignAgreement ReturnAgreement CountersignAgreement"),
    "agreement_grace": ("", "SignAgreement ReturnAgreement CountersignAgreement"),
    "contacts": ("CountersignAgreement AskContacts ConfirmContacts:approved", "ConfirmContacts:approved"),
    "first_payment": ("CountersignAgreement", "ConfirmPayment:approved"),
    "start": ("ConfirmPayment:approved", ""),
    "report": ("StartExecution", "RequestAcceptance"),
    "report_escalation": ("MarkReportLate", ""),
    "milestone": ("CountersignAgreement DecideMilestone", "RequestAcceptance"),
    "milestone_escalation": ("DecideMilestone", "RequestAcceptance"),
    "execution_end": ("StartExecution", "RequestAcceptance"),
    "acceptance_request": ("EndExecution", "RequestAcceptance"),
    "acceptance_escalation": ("MarkAcceptanceOverdue", "RequestAcceptance"),
    "acceptance_decision": ("RequestAcceptance", "ReturnAcceptanceMaterials RequireRectification"),
    "materials": ("ReturnAcceptanceMaterials", "RequestAcceptance"),
    "rectification": ("RequireRectification", "RequestAcceptance"),
    "archive": ("WaiveAward LapseAward ConfirmOutcome ConfirmTermination ConfirmRevocation", ""),
    "recovery": ("ConfirmOutcome ConfirmTermination ConfirmRevocation", "CloseRecovery"),
    "hearing": ("ProposeTermination ProposeRevocation", "WithdrawProposal:approved"),
    "credit": ("EnterCredit", ""),
    "credit_objection": ("ObjectToCredit", ""),
}
"""Each deadline: the moves that set it and those that end it before it is due; of a command with several rows, from which state."""


def asking(guard: str, *, in_every_row: bool) -> set[str]:
    """The commands that ask a guard, in all their rows or in some."""
    names = [(row.command, guard in {one.__name__ for one in row.guards}) for row in ROWS]
    return {name for name, _ in names if (all if in_every_row else any)(asks for one, asks in names if one == name)}


def with_field(field: str) -> set[str]:
    return {row.command for row in ROWS if field in COMMANDS[row.command].__dataclass_fields__}


@pytest.mark.parametrize("guard", ASKED)
def test_a_guard_that_several_moves_share_is_asked_by_those_written_here_wherever_they_stand(guard: str) -> None:
    wanted = set(ASKED[guard].split())
    assert (asking(guard, in_every_row=True), asking(guard, in_every_row=False)) == (wanted, wanted)


def test_whatever_a_unit_alone_may_do_asks_first_whether_the_application_is_its_own() -> None:
    first = [row for row in ROWS if row.guards[0].__name__ == "own_unit"]
    assert first == [row for row in ROWS if row.roles == (Role.APPLICANT,)]


def test_every_reason_that_a_command_has_room_for_must_be_given_but_where_the_draw_says_when() -> None:
    assert asking("reasoned", in_every_row=True) == with_field("reason") - {"StartReview"}


def test_grounds_that_a_command_has_room_for_must_be_given() -> None:
    assert asking("grounds_given", in_every_row=True) == with_field("grounds") - {"ProposeCredit"}
    assert asking("clause_and_grounds", in_every_row=True) == {"ProposeCredit"}


def test_every_list_of_items_must_be_complete() -> None:
    assert asking("items_complete", in_every_row=True) == with_field("items")


def test_a_deadline_fires_in_every_row_that_has_one_to_fire() -> None:
    assert asking("deadline_due", in_every_row=True) == with_field("deadline")


def label(row_command: str, source: str) -> str:
    several = sum(row.command == row_command for row in ROWS) > 1
    return f"{row_command}:{source}" if several else row_command


@pytest.mark.parametrize("kind", DEADLINES)
def test_a_deadline_is_set_and_ended_by_the_moves_written_here(kind: str) -> None:
    sets = {label(row.command, row.sources[0]) for row in ROWS if kind in row.arms}
    ends = {label(row.command, row.sources[0]) for row in ROWS if kind in row.clears}
    assert (sets, ends) == tuple(set(names.split()) for names in DEADLINES[kind])


def test_no_other_deadline_is_named_in_the_table() -> None:
    assert {kind for row in ROWS for kind in (*row.arms, *row.clears)} == {*DEADLINES, "*"}


def test_whatever_ends_an_application_ends_all_its_deadlines_and_nothing_else_does() -> None:
    ending = [row.command for row in ROWS if row.target in FINAL and row.target not in row.sources]
    assert [row.command for row in ROWS if row.clears == ("*",)] == ending

"""From where each command may be given and where it leads, written out by hand beside the table: state, phase within it, late filings."""

from __future__ import annotations

from typing import Any

from states.actor import Role
from states.application import State
from states.events import BY_COMMAND
from states.table import ROWS, TWIN, commands_from, described
from states.table.row import Row
from tests.states.test_matrix import MAY

EVERY = " ".join(State)
AFTER_AWARD = "approved funded in_execution"
WITHOUT_AWARD = "draft submitted format_checked expert_review closed returned rejected declined terminated revoked"
WITH_MILESTONES = "approved/agreed approved/ approved/running approved/ended approved/acceptance approved/rectifying"
OPEN = "in_execution/running in_execution/ended in_execution/acceptance in_execution/rectifying"
FILING = (
    ("draft returned lapsed rejected", "", "EditDraft AddDocument RemoveDocument"),
    ("draft", "", "GrantSecondFiling"),
    ("draft lapsed", "submitted/queued", "SubmitApplication"),
    ("draft", "lapsed", "LapseDraft"),
    ("draft lapsed", "draft", "FollowWindow"),
    ("draft returned", "", "NoteErratum"),
    ("draft submitted returned format_checked expert_review", "withdrawn/", "WithdrawApplication"),
    ("submitted", "/checking", "ClaimFormatCheck"),
    ("submitted", "", "DecideFinding SecondFinding ProposeRejection WithdrawProposal"),
    ("submitted format_checked", "", "ReassignTopic"),
    ("submitted", "returned/", "ReturnForCorrection"),
    ("returned", "", "ExtendCorrection"),
    ("returned rejected", "submitted/queued", "ResubmitApplication"),
    ("returned", "rejected/", "LapseCorrection"),
    ("submitted", "rejected/", "RejectApplication"),
    ("submitted", "format_checked/", "PassFormatCheck"),
    ("format_checked", "submitted/checking", "ReopenFormatCheck"),
)
REVIEW = (
    ("format_checked", "expert_review/reviewing", "StartReview"),
    (
        "expert_review/reviewing",
        "",
        "AcceptInvitation DeclineInvitation DeclareConflict ReplaceExpert SubmitScore ReopenScore RecordPanel",
    ),
    ("expert_review/reviewing expert_review/proposed", "/proposed", "ProposeAward"),
    (
        "expert_review/reviewing expert_review/proposed expert_review/public_notice",
        "/decline_proposed",
        "ProposeDecline",
    ),
    ("expert_review/proposed expert_review/decline_proposed", "/reviewing", "WithdrawProposal"),
    ("expert_review/proposed", "/public_notice", "PublishProposal"),
    ("expert_review/public_notice", "", "FileObjection DecideObjection"),
    ("expert_review/public_notice", "approved/agreement_due", "ApproveApplication"),
    ("expert_review/decline_proposed", "declined/", "DeclineApplication"),
    ("rejected/ declined/", "/review_requested", "RequestReview"),
    ("rejected/review_requested", "submitted/queued", "UpholdReview"),
    ("declined/review_requested", "expert_review/reviewing", "UpholdReview"),
    ("rejected/review_requested declined/review_requested", "/dismissed", "DismissReview"),
)
AWARD = (
    ("approved/agreement_due", "/signed", "SignAgreement"),
    ("approved/signed", "/agreement_due", "ReturnAgreement"),
    ("approved/signed", "/agreed", "CountersignAgreement"),
    ("approved", "terminated/", "WaiveAward"),
    ("approved/agreement_due", "terminated/", "LapseAward"),
    ("approved/agreed funded in_execution", "", "RecordPayment"),
    ("approved/agreed", "funded/", "ConfirmPayment"),
    ("funded in_execution", "", "ConfirmPayment"),
    (AFTER_AWARD, "", "VoidPayment DecideMilestone AskContacts RequestChange DecideRequest ProposeTermination"),
    (
        " ".join(WITH_MILESTONES.replace("approved", state) for state in AFTER_AWARD.split()),
        "",
        "ReportMilestone",
    ),
    (f"{AFTER_AWARD} {WITHOUT_AWARD}", "", "ConfirmContacts"),
    ("funded", "in_execution/running", "StartExecution"),
)
EXECUTION = (
    ("in_execution", "", "SubmitReport MarkReportLate EscalateReport MarkAcceptanceOverdue EscalateAcceptance"),
    ("in_execution/running", "", "DecideMidTerm RequestExtension"),
    ("funded in_execution", "", "ProposeSuspension SuspendProject ResumeProject"),
    ("in_execution/running", "/ended", "EndExecution"),
    ("in_execution/running in_execution/ended in_execution/rectifying", "/acceptance", "RequestAcceptance"),
    ("in_execution/acceptance", "/ended", "ReturnAcceptanceMaterials"),
    ("in_execution/acceptance", "/rectifying", "RequireRectification"),
    (OPEN, "", "ProposeOutcome"),
    (OPEN, "closed/", "ConfirmOutcome"),
    ("closed", "", "EvaluatePerformance"),
    (f"{AFTER_AWARD} closed", "", "ProposeRevocation SubmitDefence"),
    (f"{AFTER_AWARD} closed terminated revoked", "", "WithdrawProposal"),
    (AFTER_AWARD, "terminated/", "ConfirmTermination"),
    (f"{AFTER_AWARD} closed", "revoked/", "ConfirmRevocation"),
    ("closed terminated revoked", "", "RecordRecovery CloseRecovery ArchiveApplication"),
    (
        "closed terminated revoked",
        "",
        "ProposeCredit EnterCredit ObjectToCredit DecideCreditObjection ProposeCreditRepair RepairCredit ExpireCredit",
    ),
)
MOVES = (*FILING, *REVIEW, *AWARD, *EXECUTION, (EVERY, "", "PassDeadline RescheduleDeadlines Remind"))
"""From (states, each with a phase after a stroke where only that will do), to (state and phase after it; what is not said stays), by."""

Place = tuple[str, str | None]


def place(text: str) -> Place:
    """A state, and a phase where one is named; "" is the phase without a name."""
    state, stroke, phase = text.partition("/")
    return state, phase if stroke else None


def written() -> dict[tuple[str, Place], Place]:
    return {
        (command, place(source)): (place(target)[0] or place(source)[0], place(target)[1])
        for sources, target, commands in MOVES
        for command in commands.split()
        for source in sources.split()
    }


def tabled() -> dict[tuple[str, Place], Place]:
    return {
        (row.command, (source.value, phase)): ((row.target or source).value, row.to_phase)
        for row in ROWS
        for source in row.sources
        for phase in (row.phases or (None,))
    }


def test_every_command_is_possible_where_it_is_written_here_and_leads_where_it_is_written() -> None:
    assert tabled() == written()


def test_what_a_fold_needs_of_a_move_is_where_it_leads_whatever_the_phase_before() -> None:
    moves = {(State(state), BY_COMMAND[name].name): to for (name, (state, _)), to in written().items()}
    assert {cell: (after.value, phase) for cell, (after, phase) in TWIN.items()} == moves


def offered(role: Role | None) -> dict[State, set[str]]:
    """What is written here as possible in each state, but for what is only taken late, and for the role."""
    late = {(state, row.command) for row in ROWS for state in row.late}
    cells = {(State(state), name) for (name, (state, _)) in written() if role is None or role in MAY[name]}
    return {state: {name for at, name in cells - late if at is state} for state in State}


def test_a_role_is_offered_what_it_may_do_in_a_state_and_nobody_what_is_only_taken_late() -> None:
    for role in (None, *Role):
        assert {state: set(commands_from(state, role)) for state in State} == offered(role)


def of_line(line: dict[str, Any]) -> dict[str, Any]:
    """The fields of a row again, of what is told of it."""
    fields = {name: tuple(told) if isinstance(told, list) else told for name, told in {"late": (), **line}.items()}
    return {**fields, "sources": tuple(map(State, line["sources"])), "late": tuple(map(State, fields["late"]))}


def fields_of(row: Row) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in Row.__dataclass_fields__}
    guards = tuple(guard.__name__ for guard in row.guards)
    return {**told, "guards": guards, "event": BY_COMMAND[row.command].name, "target": row.target or ""}


def test_the_table_told_as_data_says_all_of_every_row_and_the_event_it_gives() -> None:
    assert [of_line(line) for line in described()] == [fields_of(row) for row in ROWS]


def test_late_sources_are_told_of_the_rows_that_have_them_alone() -> None:
    assert [("late" in line) for line in described()] == [bool(row.late) for row in ROWS]

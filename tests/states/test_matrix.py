"""Who may do what from where: every cell of role × command × state, allowed and refused."""

from datetime import UTC, datetime
from itertools import product

import pytest

from fundcall.calls.load import load
from states.actor import OFFICERS, Actor, Role
from states.application import Application, State
from states.calendar import WorkingCalendar
from states.commands import COMMANDS
from states.context import Context, Facts
from states.decide import would
from states.table import BY_MOVE, CREATE
from tests.states.examples import example

NOON = datetime(2025, 9, 12, 4, tzinfo=UTC)
UNIT = "91310000FAKE00013Y"
MOVES = [name for name in COMMANDS if name != CREATE]
EXAMPLES = {name: example(name) for name in COMMANDS}

U, F, R, A = {Role.APPLICANT}, {Role.FORMAT_OFFICER}, {Role.REVIEW_OFFICER}, {Role.APPROVING_OFFICER}
M, C, E, S = {Role.FINANCE_OFFICER}, {Role.ACCEPTANCE_OFFICER}, {Role.EXPERT}, {Role.SYSTEM}
SAID: tuple[tuple[set[Role], str], ...] = (
    (
        U,
        (
            "EditDraft AddDocument RemoveDocument SubmitApplication WithdrawApplication ResubmitApplication RequestReview "
            "SignAgreement WaiveAward SubmitReport ReportMilestone RequestChange RequestExtension RequestAcceptance SubmitDefence "
            "ObjectToCredit ConfirmContacts"
        ),
    ),
    (
        F,
        (
            "ClaimFormatCheck DecideFinding SecondFinding ReturnForCorrection ExtendCorrection ProposeRejection "
            "RejectApplication PassFormatCheck ReopenFormatCheck"
        ),
    ),
    (F | R, "ReassignTopic"),
    (
        R,
        (
            "StartReview ReplaceExpert ReopenScore RecordPanel ProposeAward ProposeDecline DecideMidTerm "
            "ProposeTermination DecideMilestone"
        ),
    ),
    (
        A,
        (
            "GrantSecondFiling UpholdReview DismissReview PublishProposal DecideObjection ApproveApplication "
            "DeclineApplication ReturnAgreement CountersignAgreement DecideRequest ProposeSuspension SuspendProject ResumeProject "
            "ProposeRevocation ConfirmTermination ConfirmRevocation ProposeCredit EnterCredit DecideCreditObjection "
            "ProposeCreditRepair RepairCredit"
        ),
    ),
    (M, "RecordPayment ConfirmPayment VoidPayment RecordRecovery CloseRecovery"),
    (C, "ReturnAcceptanceMaterials RequireRectification ProposeOutcome ConfirmOutcome EvaluatePerformance"),
    (F | R | A | C, "WithdrawProposal"),
    (E, "AcceptInvitation DeclineInvitation DeclareConflict SubmitScore"),
    ({Role.PUBLIC} | U | E | set(OFFICERS), "FileObjection"),
    (
        S,
        (
            "LapseDraft FollowWindow AskContacts NoteErratum RescheduleDeadlines LapseCorrection PassDeadline Remind LapseAward StartExecution MarkReportLate EscalateReport "
            "EndExecution MarkAcceptanceOverdue EscalateAcceptance ArchiveApplication ExpireCredit"
        ),
    ),
)
MAY = {name: roles for roles, names in SAID for name in names.split()}
"""Written out by hand, beside the table: who may give each command in some state."""


def context(state: State, name: str, role: Role) -> Context:
    application = Application(
        id="app-1",
        call_id="shanghai-ai-plus-2025",
        state=state,
        phase="",
        version=1,
        changed_version=1,
        unit_code=UNIT,
        unit_name="上海子虚有限公司",
        unit_kind="company",
        contacts=(),
        created_at=NOON,
    )
    actor = Actor("somebody", role, UNIT if role is Role.APPLICANT else "")
    call = load("shanghai-ai-plus-2025")
    return Context(call, application, name, EXAMPLES[name], actor, Facts(WorkingCalendar("weekends")), NOON)


def codes(state: State, name: str, role: Role) -> tuple[str, ...]:
    return tuple(refusal.code for refusal in would(context(state, name, role)))


def test_the_roles_written_here_are_those_of_the_table() -> None:
    assert {name: {role for (_, n), row in BY_MOVE.items() if n == name for role in row.roles} for name in MOVES} == MAY


@pytest.mark.parametrize("state", State)
def test_a_command_from_a_state_without_its_row_is_refused_whoever_asks(state: State) -> None:
    outside = [(name, role) for name, role in product(MOVES, Role) if (state, name) not in BY_MOVE]
    assert {codes(state, name, role) for name, role in outside} == {("not_allowed_in_state",)}


@pytest.mark.parametrize("state", State)
def test_a_command_by_a_role_outside_its_row_is_refused(state: State) -> None:
    others = [(n, r) for n, r in product(MOVES, Role) if (state, n) in BY_MOVE and r not in MAY[n]]
    assert {codes(state, name, role) for name, role in others} == {("role_not_allowed",)}


@pytest.mark.parametrize("state", State)
def test_a_command_by_its_role_from_its_state_comes_to_the_guards(state: State) -> None:
    cells = [(n, r) for n, r in product(MOVES, Role) if (state, n) in BY_MOVE and r in MAY[n]]
    barred = {"role_not_allowed", "not_allowed_in_state"}
    assert [cell for cell in cells if barred & set(codes(state, *cell))] == []


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.APPLICANT])
def test_only_an_applicant_opens_a_draft(role: Role) -> None:
    context_of_new = context(State.DRAFT, CREATE, role)
    object.__setattr__(context_of_new.application, "version", 0)
    assert tuple(r.code for r in would(context_of_new)) == ("role_not_allowed",)


def test_nobody_opens_a_draft_that_is_there() -> None:
    assert codes(State.DRAFT, CREATE, Role.APPLICANT) == ("application_exists",)


def test_the_public_the_auditor_and_the_administrator_change_nothing_but_for_objections() -> None:
    for role in (Role.AUDITOR, Role.ADMINISTRATOR):
        assert {name for name, roles in MAY.items() if role in roles} == set()
    assert {name for name, roles in MAY.items() if Role.PUBLIC in roles} == {"FileObjection"}

"""Moves of execution, acceptance and close-out, and the ways a project ends early."""

from __future__ import annotations

from states.actor import Role
from states.application import State
from states.guards import any_stage as g
from states.guards import execution as e
from states.table.row import Row

_RUN = (State.IN_EXECUTION,)
_AWARDED = (State.APPROVED, State.FUNDED, State.IN_EXECUTION)
_U, _R, _A, _C = (Role.APPLICANT,), (Role.REVIEW_OFFICER,), (Role.APPROVING_OFFICER,), (Role.ACCEPTANCE_OFFICER,)
_M, _SYS = (Role.FINANCE_OFFICER,), (Role.SYSTEM,)
_OPEN = ("running", "ended", "acceptance", "rectifying")
_BEFORE = ("running", "ended", "rectifying")

ROWS = (
    Row("SubmitReport", _RUN, None, _U, "项目管理规则（进展报告）", (g.own_unit, e.report_expected), clears=()),
    Row("MarkReportLate", _RUN, None, _SYS, "项目管理规则（进展报告）", (g.deadline_due,), arms=("report_escalation",)),
    Row("EscalateReport", _RUN, None, _SYS, "项目管理规则（进展报告）", (g.deadline_due,)),
    Row(
        "DecideMidTerm",
        _RUN,
        None,
        _R,
        "项目管理规则（中期检查）",
        (g.reasoned, e.midterm_outcome),
        phases=("running",),
    ),
    Row("RequestChange", _AWARDED, None, _U, "项目管理规则（变更）", (g.own_unit, e.change_described)),
    Row(
        "RequestExtension",
        _RUN,
        None,
        _U,
        "四(一)4、项目管理规则（延期）",
        (g.own_unit, g.reasoned, e.extension_within_limits),
        phases=("running",),
    ),
    Row(
        "DecideRequest",
        _AWARDED,
        None,
        _A,
        "四(一)4、项目管理规则（变更、延期）",
        (g.reasoned, e.request_open, e.grant_in_time),
    ),
    Row(
        "ProposeSuspension",
        (State.FUNDED, State.IN_EXECUTION),
        None,
        _A,
        "项目管理规则（暂停）",
        (g.reasoned, g.not_suspended),
    ),
    Row(
        "SuspendProject", (State.FUNDED, State.IN_EXECUTION), None, _A, "项目管理规则（暂停）", (e.suspension_proposed,)
    ),
    Row(
        "ResumeProject",
        (State.FUNDED, State.IN_EXECUTION),
        None,
        _A,
        "项目管理规则（暂停）",
        (g.reasoned, e.is_suspended),
    ),
    Row(
        "EndExecution",
        _RUN,
        None,
        _SYS,
        "四(一)4",
        (g.deadline_due,),
        phases=("running",),
        to_phase="ended",
        arms=("acceptance_request",),
    ),
    Row(
        "RequestAcceptance",
        _RUN,
        None,
        _U,
        "验收规则",
        (g.own_unit, e.completion_plausible),
        phases=_BEFORE,
        to_phase="acceptance",
        arms=("acceptance_decision",),
        clears=("execution_end", "report", "acceptance_request", "acceptance_escalation", "rectification", "materials"),
    ),
    Row(
        "ReturnAcceptanceMaterials",
        _RUN,
        None,
        _C,
        "验收规则",
        (e.items_complete,),
        phases=("acceptance",),
        to_phase="ended",
        arms=("materials",),
        clears=("acceptance_decision",),
    ),
    Row(
        "RequireRectification",
        _RUN,
        None,
        _C,
        "验收规则",
        (e.items_complete, e.not_yet_rectified),
        phases=("acceptance",),
        to_phase="rectifying",
        arms=("rectification",),
        clears=("acceptance_decision",),
    ),
    Row(
        "ProposeOutcome",
        _RUN,
        None,
        _C,
        "验收规则",
        (g.of_neither_side, e.outcome_known, e.grounds_given),
        phases=_OPEN,
    ),
    Row(
        "ConfirmOutcome",
        _RUN,
        State.CLOSED,
        _C,
        "验收规则",
        (g.of_neither_side, e.outcome_proposed),
        phases=_OPEN,
        to_phase="",
        arms=("archive", "recovery"),
        clears=("*",),
    ),
    Row("MarkAcceptanceOverdue", _RUN, None, _SYS, "验收规则", (g.deadline_due,), arms=("acceptance_escalation",)),
    Row("EscalateAcceptance", _RUN, None, _SYS, "验收规则", (g.deadline_due,)),
    Row(
        "ProposeTermination",
        _AWARDED,
        None,
        _R,
        "项目管理规则（终止）",
        (e.grounds_given, e.recovery_within_paid),
        arms=("hearing",),
    ),
    Row(
        "ProposeRevocation",
        (*_AWARDED, State.CLOSED),
        None,
        _A,
        "四(一)5、项目管理规则（撤销）",
        (e.grounds_given,),
        arms=("hearing",),
    ),
    Row("SubmitDefence", (*_AWARDED, State.CLOSED), None, _U, "项目管理规则（陈述申辩）", (g.own_unit, e.heard_now)),
    Row(
        "ConfirmTermination",
        _AWARDED,
        State.TERMINATED,
        _A,
        "项目管理规则（终止）",
        (e.termination_proposed, e.unit_was_heard),
        to_phase="",
        arms=("archive", "recovery"),
        clears=("*",),
    ),
    Row(
        "ConfirmRevocation",
        (*_AWARDED, State.CLOSED),
        State.REVOKED,
        _A,
        "四(一)5、项目管理规则（撤销）",
        (e.revocation_proposed, e.unit_was_heard),
        to_phase="",
        arms=("archive", "recovery"),
        clears=("*",),
    ),
    Row(
        "RecordRecovery",
        (State.TERMINATED, State.REVOKED, State.CLOSED),
        None,
        _M,
        "资金拨付规则（追回）",
        (e.recovery_due,),
    ),
    Row(
        "CloseRecovery",
        (State.TERMINATED, State.REVOKED, State.CLOSED),
        None,
        _M,
        "资金拨付规则（追回）",
        (e.recovery_complete,),
        clears=("recovery",),
    ),
    Row(
        "ArchiveApplication", (State.CLOSED, State.TERMINATED, State.REVOKED), None, _SYS, "归档规则", (g.deadline_due,)
    ),
)

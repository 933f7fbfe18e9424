"""Moves from the approval to the start of execution: agreement, payments, giving up."""

from __future__ import annotations

from states.actor import Role
from states.application import State
from states.guards import any_stage as g
from states.guards import award as a
from states.guards.filing import items_complete
from states.table.row import Row

_APPROVED, _FUNDED, _RUNNING = State.APPROVED, State.FUNDED, State.IN_EXECUTION
_U, _A, _M, _SYS = (Role.APPLICANT,), (Role.APPROVING_OFFICER,), (Role.FINANCE_OFFICER,), (Role.SYSTEM,)

_AWARDED = (_APPROVED, _FUNDED, _RUNNING)
_CONTACTS = "项目管理规则（联系人）"

ROWS = (
    Row(
        "ConfirmContacts",
        _AWARDED,
        None,
        _U,
        _CONTACTS,
        (g.own_unit, a.contacts_given),
        arms=("contacts",),
        clears=("contacts",),
    ),
    Row(
        "ConfirmContacts",
        tuple(state for state in State if state not in (*_AWARDED, State.LAPSED, State.WITHDRAWN)),
        None,
        _U,
        _CONTACTS,
        (g.own_unit, a.contacts_given),
    ),
    Row("AskContacts", _AWARDED, None, _SYS, _CONTACTS, (g.deadline_due,), arms=("contacts",)),
    Row(
        "SignAgreement",
        (_APPROVED,),
        None,
        _U,
        "四(一)4、项目协议规则",
        (
            g.own_unit,
            a.dates_well_formed,
            a.ends_in_time,
            a.instalments_sum_to_grant,
            a.instalments_within_shares,
            a.waits_well_formed,
        ),
        phases=("agreement_due",),
        to_phase="signed",
    ),
    Row(
        "ReturnAgreement",
        (_APPROVED,),
        None,
        _A,
        "项目协议规则",
        (g.of_neither_side, items_complete),
        phases=("signed",),
        to_phase="agreement_due",
    ),
    Row(
        "CountersignAgreement",
        (_APPROVED,),
        None,
        _A,
        "项目协议规则",
        (g.of_neither_side,),
        phases=("signed",),
        to_phase="agreed",
        arms=("first_payment", "milestone", "contacts"),
        clears=("agreement", "agreement_grace"),
    ),
    Row(
        "WaiveAward",
        (_APPROVED,),
        State.TERMINATED,
        _U,
        "项目协议规则",
        (g.own_unit, g.reasoned, a.nothing_paid),
        to_phase="",
        arms=("archive",),
        clears=("*",),
    ),
    Row(
        "LapseAward",
        (_APPROVED,),
        State.TERMINATED,
        _SYS,
        "项目协议规则",
        (g.deadline_due,),
        phases=("agreement_due", "signed"),
        to_phase="",
        arms=("archive",),
        clears=("*",),
    ),
    Row(
        "RecordPayment",
        (_APPROVED,),
        None,
        _M,
        "资金拨付规则",
        (
            g.not_suspended,
            g.of_neither_side,
            a.not_the_approver,
            a.instalment_payable,
            a.milestone_reached,
            g.rules_hold_at_payment,
        ),
        phases=("agreed",),
    ),
    Row(
        "RecordPayment",
        (_FUNDED, _RUNNING),
        None,
        _M,
        "资金拨付规则",
        (
            g.not_suspended,
            g.of_neither_side,
            a.not_the_approver,
            a.instalment_payable,
            a.milestone_reached,
            g.rules_hold_at_payment,
        ),
    ),
    Row(
        "ConfirmPayment",
        (_APPROVED,),
        _FUNDED,
        _M,
        "资金拨付规则",
        (g.not_suspended, g.of_neither_side, a.not_the_approver, a.payment_recorded, a.not_the_payer),
        phases=("agreed",),
        to_phase="",
        arms=("start",),
        clears=("first_payment",),
    ),
    Row(
        "ConfirmPayment",
        (_FUNDED, _RUNNING),
        None,
        _M,
        "资金拨付规则",
        (g.not_suspended, g.of_neither_side, a.not_the_approver, a.payment_recorded, a.not_the_payer),
    ),
    Row(
        "VoidPayment",
        (_APPROVED, _FUNDED, _RUNNING),
        None,
        _M,
        "资金拨付规则",
        (g.reasoned, g.of_neither_side, a.payment_recorded),
    ),
    Row(
        "ReportMilestone",
        (_APPROVED, _FUNDED, _RUNNING),
        None,
        _U,
        "项目协议规则（里程碑）",
        (g.own_unit, a.milestone_planned),
        phases=("agreed", "", "running", "ended", "acceptance", "rectifying"),
    ),
    Row(
        "DecideMilestone",
        (_APPROVED, _FUNDED, _RUNNING),
        None,
        (Role.REVIEW_OFFICER,),
        "项目协议规则（里程碑）",
        (g.of_neither_side, g.reasoned, a.milestone_reported),
        arms=("milestone", "milestone_escalation"),
    ),
    Row(
        "StartExecution",
        (_FUNDED,),
        _RUNNING,
        _SYS,
        "四(一)4",
        (g.deadline_due,),
        to_phase="running",
        arms=("report", "execution_end"),
    ),
)

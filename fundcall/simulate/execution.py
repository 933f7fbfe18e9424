"""How a simulated project is carried out, accepted, ended early or closed."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import date, datetime, timedelta
from itertools import accumulate, islice
from typing import Any, NamedTuple

from fundcall.simulate.award import milestone, milestones, payment
from fundcall.simulate.case import Case, Part, latest, wait
from fundcall.simulate.clock import Step
from fundcall.simulate.credit import credited
from fundcall.simulate.experts import bound_to
from fundcall.simulate.people import EXPERTS, expert
from states.actor import Actor, Role
from states.calendar import add_months, local_day, midnight
from states.commands.execution import (
    CloseRecovery,
    ConfirmOutcome,
    ConfirmRevocation,
    ConfirmTermination,
    DecideMidTerm,
    DecideRequest,
    EvaluatePerformance,
    ProposeOutcome,
    ProposeRevocation,
    ProposeSuspension,
    ProposeTermination,
    RecordRecovery,
    RequestAcceptance,
    RequestChange,
    RequestExtension,
    RequireRectification,
    ResumeProject,
    ReturnAcceptanceMaterials,
    SubmitDefence,
    SubmitReport,
    SuspendProject,
)
from states.commands.filing import CorrectionItem
from states.commands.review import ExpertRef
from states.deadlines import report_periods
from workflow.handle import Outcome

_REVIEW, _APPROVE = Role.REVIEW_OFFICER, Role.APPROVING_OFFICER
_ACCEPT, _FINANCE = Role.ACCEPTANCE_OFFICER, Role.FINANCE_OFFICER


def carried_out(case: Case, paid_at: datetime) -> Part:
    """From the start to the end of execution and on to the close, by fate."""
    start = date.fromisoformat(case.profile.form["start_on"])
    began = latest(paid_at, case.later(start, 1))
    yield from wait(began)
    end = date.fromisoformat(case.standing().end_on)
    fate = case.profile.run
    if fate == "revoked":
        yield from revoked(case, latest(case.soon(began), case.later(start, 120, 200)))
        return
    asked = report_periods(start, end) if "report" in case.call.periods else ()
    reports = [(name, last) for name, last in asked if last > local_day(began, case.call.timezone)]
    if fate == "terminated" and reports:
        yield from terminated_for_reports(case, reports[0][1])
        return
    stops = [*_wishes(case, began, end), *(_report(case, began, name, last) for name, last in reports)]
    stops += _milestones(case, began)
    early = end - timedelta(days=40) if fate == "early" else None
    for stop in sorted(stops, key=lambda stop: stop.at):
        if early is not None and local_day(stop.at, case.call.timezone) >= early:
            break
        if stop.refused:
            yield from case.refused(stop.at, stop.actor, stop.command, stop.refused)
        else:
            yield from case.do(stop.at, stop.actor, stop.command)
    end = date.fromisoformat(case.standing().end_on)
    yield from closed(case, end, early)


class _Stop(NamedTuple):
    """Something done on the way; `refused` is the code it is refused with, "" where it is accepted."""

    at: datetime
    actor: Actor
    command: Any
    refused: str = ""


def _wishes(case: Case, began: datetime, end: date) -> list[_Stop]:
    """What this project asks for on the way and the answers to it, and its mid-term check."""
    first = local_day(began, case.call.timezone)
    middle = first + (end - first) / 2
    wish = {
        "extension": lambda: _extension(case, case.later(end - timedelta(days=110), 0, 10), end),
        "too_long_extension": lambda: _too_long(case, case.later(end - timedelta(days=103), 0), end),
        "change": lambda: _change(case, case.later(middle, 0, 20)),
        "suspended": lambda: _suspension(case, case.later(middle, 0, 20)),
    }
    wished = wish[case.profile.run]() if case.profile.run in wish else []
    passed = DecideMidTerm(outcome="passed", reason="中期目标按期完成")
    checked = [_Stop(case.later(middle, 21, 25), case.officer(_REVIEW), passed)]
    return [stop for stops in (wished, checked) if stops and stops[0].at > began + timedelta(days=1) for stop in stops]


def _report(case: Case, began: datetime, period: str, last: date) -> _Stop:
    """Hand in a report; the late ones come after the deadline, some after it went to the head."""
    at = latest(case.soon(began), case.later(last, -6, 7))
    if case.profile.run == "late_report" and period.endswith("H1"):
        at = case.later(at, 16, 24)
    return _Stop(at, case.applicant, SubmitReport(period=period, summary="按计划推进，经费使用合规"))


def _milestones(case: Case, began: datetime) -> list[_Stop]:
    """Report the milestones in their last days; one that is late comes after the head has been told.

    Who is done early reports the last one with the request for acceptance.
    """
    found = []
    for number, planned in enumerate(milestones(case), 1):
        at = latest(case.soon(began), case.later(planned.due_on, -6, -1))
        if case.profile.run == "late_report" and number == 1:
            at = case.later(at, 16, 20)
        if case.profile.run != "early" or number == 1:
            found += [_Stop(*step) for step in milestone(case, at, number)]
    return found


def _extension(case: Case, at: datetime, end: date) -> list[_Stop]:
    """Ask for three months more, or up to the call's last day."""
    last = case.call.execution_ends_by or add_months(end, 3)
    months = min(3, case.call.extension_months_max)
    wanted = min(add_months(end, months), last)
    if wanted <= end:
        return []
    granted = DecideRequest(request=1, granted=True, reason="理由充分，同意延期")
    return [
        _Stop(at, case.applicant, RequestExtension(end_on=wanted, reason="集成测试需要更多时间")),
        _Stop(case.later(at, 5, 15), case.officer(_APPROVE), granted),
    ]


def _too_long(case: Case, at: datetime, end: date) -> list[_Stop]:
    """Ask for more than the call's last day allows."""
    wanted = (case.call.execution_ends_by or end) + timedelta(days=91)
    rule = next(r.id for r in case.call.rules.values() if r.check == "ends_by")
    return [_Stop(at, case.applicant, RequestExtension(end_on=wanted, reason="设备到货延迟"), rule)]


def _change(case: Case, at: datetime) -> list[_Stop]:
    """Ask for another head of the project."""
    granted = DecideRequest(request=1, granted=True, reason="同意变更")
    return [
        _Stop(at, case.applicant, RequestChange(subject="项目负责人", detail="因人员调动变更")),
        _Stop(case.later(at, 3, 10), case.officer(_APPROVE), granted),
    ]


def _suspension(case: Case, at: datetime) -> list[_Stop]:
    """Two officers hold the project; it goes on a month later."""
    return [
        _Stop(at, case.officer(_APPROVE), ProposeSuspension(reason="核查资金使用情况")),
        _Stop(case.later(at, 1), case.officer(_APPROVE, 1), SuspendProject()),
        _Stop(case.later(at, 25, 30), case.officer(_APPROVE), ResumeProject(reason="核查完毕，恢复执行")),
    ]


def closed(case: Case, end: date, early: date | None) -> Part:
    """Acceptance, early or within its three months; the overdue ones are flagged, escalated and dealt with."""
    over = midnight(end + timedelta(days=1), case.call.timezone)
    if case.profile.run == "overdue":
        late = add_months(end, 5)
        yield from wait(case.later(late, 1))
        if case.profile.n % 2:
            yield from ended(case, case.later(late, 3), "逾期未申请验收，经催告仍未办理")
            return
        completed, asked = end, case.later(late, 5)
    elif early is not None:
        completed, asked = early - timedelta(days=5), case.later(early, 0)
    else:
        completed, asked = end, case.later(over, 3, 24)
    yield from accepted(case, completed, asked)


def accepted(case: Case, completed: date, asked: datetime) -> Part:
    """From the request for acceptance to the close."""
    fate, first, second = case.profile.acceptance, case.officer(_ACCEPT), case.officer(_ACCEPT, 1)
    count = case.profile.form.get("contributes_count", 1) if fate != "concluded" else 0
    target = case.profile.topic.contributes
    achieved = {target: min(int(count), 2) or 1} if target else {}
    request = RequestAcceptance(completed_on=completed, achieved=achieved)
    if case.profile.run == "early":
        for at, actor, command in milestone(case, asked, 2):
            yield from case.do(at, actor, command)
            asked = case.soon(at)
    yield from case.do(asked, case.applicant, request)
    items = (CorrectionItem(clause="验收规则", field="documents", remedy="补充第三方测试报告"),)
    if fate == "materials":
        yield from case.do(case.later(asked, 3), first, ReturnAcceptanceMaterials(items=items))
        asked = case.later(asked, 10, 20)
        yield from case.do(asked, case.applicant, request)
    if fate == "rectified":
        yield from case.do(case.later(asked, 20), first, RequireRectification(items=items))
        asked = case.later(asked, 50, 70)
        yield from case.do(asked, case.applicant, request)
    at = case.later(asked, 15, 35)
    outcome = fate if fate in ("concluded", "failed") else "accepted"
    paid = case.standing().paid_minor
    for instalment in _unpaid(case, paid) if outcome == "accepted" else ():
        yield from payment(case, at, instalment)
        at = case.later(at, 3)
    verified = achieved if outcome == "accepted" else {}
    recover = paid // 2 if outcome == "failed" else 0
    proposal = ProposeOutcome(
        outcome=outcome, verified=verified, grounds="验收专家组意见", recover_minor=recover, experts=_meeting(case)
    )
    yield from case.do(at, first, proposal)
    done = case.later(at, 2, 5)
    yield from case.do(done, second, ConfirmOutcome())
    if case.profile.n % 3 == 0:
        rating = ("excellent", "good", "fair")[case.profile.n % 9 // 3] if outcome == "accepted" else "poor"
        evaluation = EvaluatePerformance(rating=rating, findings="产出与效益指标见验收材料")
        yield from case.do(case.later(done, 1, 4), case.officer(_ACCEPT, 2), evaluation)
    if recover:
        yield from recovered(case, case.later(done, 5, 20), recover)


def _unpaid(case: Case, paid: int) -> Iterator[int]:
    """The numbers of the instalments that what was paid does not cover."""
    ends = accumulate(case.call.instalments(case.standing().grant_minor))
    return (number for number, end in enumerate(ends, 1) if paid < end)


def _meeting(case: Case) -> tuple[ExpertRef, ...]:
    """As many experts as an acceptance asks for, none of whom reviewed the application or is bound to its unit."""
    bound = bound_to(case.office.experts, case.profile.unit_code)
    taken = {*case.office.experts_of(case.id), *({bound.id} if bound else ())}
    others = (expert((case.profile.n * 7 + EXPERTS // 2 + i) % EXPERTS) for i in range(EXPERTS))
    free = (ExpertRef(id=one.id, unit=one.unit) for one in others if one.id not in taken)
    return tuple(islice(free, case.call.acceptance_experts_min))


def terminated_for_reports(case: Case, first_report: date) -> Part:
    """No report came, the mid-term check failed: the project is ended and unspent money comes back."""
    at = case.later(first_report, 30, 40)
    yield from case.do(at, case.officer(_REVIEW), DecideMidTerm(outcome="failed", reason="未提交进展报告，未开展建设"))
    yield from ended(case, case.later(at, 5), "中期检查不合格，经通知仍未整改")


def ended(case: Case, at: datetime, grounds: str) -> Part:
    """Propose the termination, hear the unit, confirm, and take unspent money back."""
    recover = case.standing().paid_minor // 2
    proposal = ProposeTermination(grounds=grounds, recover_minor=recover)
    application = yield from case.do(at, case.officer(_REVIEW), proposal)
    if case.profile.n % 4 == 0:
        yield from case.do(case.later(at, 1), case.applicant, SubmitDefence(text="单位经营困难，请求从轻处理"))
    confirmed = case.later(application.deadlines["hearing"], 1, 4)
    yield from case.do(confirmed, case.officer(_APPROVE), ConfirmTermination())
    closed_at = confirmed
    if recover:
        closed_at = yield from recovered(case, case.later(confirmed, 5, 20), recover)
    yield from credited(case, "termination", "项目管理规则（终止）", confirmed, case.later(closed_at, 3, 9))


def revoked(case: Case, at: datetime) -> Part:
    """Double funding comes to light: the award is undone and all money comes back."""
    grounds = "审计发现同一项目已获其他财政资金支持"
    application = yield from case.do(at, case.officer(_APPROVE), ProposeRevocation(grounds=grounds))
    confirmed = case.later(application.deadlines["hearing"], 1, 4)
    application = yield from case.do(confirmed, case.officer(_APPROVE, 1), ConfirmRevocation())
    back = yield from recovered(case, case.later(confirmed, 5, 20), application.recover_minor)
    yield from credited(case, "revocation", _double_funding(case), confirmed, case.later(back, 3, 9))


def _double_funding(case: Case) -> str:
    """The clause against other public money, where the call has one."""
    excludes = case.call.rule_with("excludes")
    return excludes.clause if excludes is not None else "项目管理规则（撤销）"


def recovered(case: Case, at: datetime, amount: int) -> Generator[Step, list[Outcome], datetime]:
    """The money comes back; another officer closes the recovery, at the instant returned."""
    yield from case.do(at, case.officer(_FINANCE), RecordRecovery(amount_minor=amount))
    done = case.later(at, 1)
    yield from case.do(done, case.officer(_FINANCE, 1), CloseRecovery())
    return done

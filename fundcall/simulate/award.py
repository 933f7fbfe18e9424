"""How a simulated award becomes an agreement and money."""

from __future__ import annotations

from collections.abc import Generator
from datetime import date, datetime
from typing import Any

from fundcall.simulate.case import Case, Part, StoryBroken, wait
from fundcall.simulate.clock import Step
from states.actor import Actor, Role
from states.commands.award import (
    ConfirmPayment,
    CountersignAgreement,
    DecideMilestone,
    Milestone,
    RecordPayment,
    ReportMilestone,
    ReturnAgreement,
    SignAgreement,
    VoidPayment,
    WaiveAward,
)
from states.commands.filing import CorrectionItem
from workflow.handle import Outcome

_APPROVE, _FINANCE = Role.APPROVING_OFFICER, Role.FINANCE_OFFICER


def awarded(case: Case, approved_at: datetime) -> Generator[Step, list[Outcome], datetime | None]:
    """From the approval to the first confirmed payment; None where the award was given up."""
    fate = case.profile.award
    if fate == "never_signs":
        yield from wait(case.later(approved_at, 45))
        if case.standing().state != "terminated":
            raise StoryBroken(f"{case.id}: an agreement that nobody signed should have lapsed")
        return None
    if fate == "waives":
        yield from case.do(case.later(approved_at, 5, 15), case.applicant, WaiveAward(reason="单位计划调整，放弃立项"))
        return None
    form, grant = case.profile.form, case.standing().grant_minor
    start, end = date.fromisoformat(form["start_on"]), date.fromisoformat(form["end_on"])
    agreement = SignAgreement(
        instalments_minor=case.call.instalments(grant),
        milestones=milestones(case),
        start_on=start,
        end_on=end,
        waits_for=waits(case),
        indicators=indicators(case),
    )
    signed = case.later(approved_at, 3, 12)
    yield from case.do(signed, case.applicant, agreement)
    if case.profile.n % 9 == 4:
        items = (CorrectionItem(clause="项目协议规则", field="milestones", remedy="请写明中期目标的考核方式"),)
        yield from case.do(case.soon(signed, 90), case.officer(_APPROVE), ReturnAgreement(items=items))
        signed = case.later(signed, 1, 3)
        yield from case.do(signed, case.applicant, agreement)
    countersigned = case.later(signed, 1, 3)
    yield from case.do(countersigned, case.officer(_APPROVE), CountersignAgreement())
    paid = case.later(countersigned, 3, 20)
    yield from payment(case, paid, 1)
    return case.later(paid, 4)


def indicators(case: Case) -> dict[str, int]:
    """What was filed; one unit in four promises more."""
    more = case.profile.n % 4 == 1
    filed = {name: case.profile.form.get(name) for name in case.call.indicators}
    return {
        name: min(value + more, case.call.fields[name].limit) for name, value in filed.items() if isinstance(value, int)
    }


def waits(case: Case) -> tuple[int, ...]:
    """For which milestone each instalment waits: in half of the cases the last one waits for the first."""
    parts = len(case.call.instalments_percent)
    return (*[0] * (parts - 1), 1) if parts > 1 and case.profile.n % 2 == 0 else ()


def milestones(case: Case) -> tuple[Milestone, ...]:
    """What the agreement plans: half of the work at half of the time, all of it at the end."""
    start, end = (date.fromisoformat(case.profile.form[name]) for name in ("start_on", "end_on"))
    half = start + (end - start) / 2
    return (Milestone(title="中期目标", due_on=half), Milestone(title="完成建设", due_on=end))


def milestone(case: Case, at: datetime, number: int) -> tuple[tuple[datetime, Actor, Any], ...]:
    """A milestone is reported at that time and confirmed some days later: when, by whom, what."""
    title = milestones(case)[number - 1].title
    report = ReportMilestone(milestone=number, evidence=f"{title}已实现，附测试报告")
    reached = DecideMilestone(milestone=number, reached=True, reason="核对测试报告，符合协议")
    return (at, case.applicant, report), (case.later(at, 1, 3), case.officer(Role.REVIEW_OFFICER), reached)


def payment(case: Case, at: datetime, instalment: int) -> Part:
    """One finance officer records, another confirms; some record twice, which is refused."""
    payer, confirmer = case.officer(_FINANCE), case.officer(_FINANCE, 1)
    amount = case.call.instalments(case.standing().grant_minor)[instalment - 1]
    record = RecordPayment(instalment=instalment, amount_minor=amount)
    yield from case.do(at, payer, record)
    if case.profile.n % 13 == 6 and instalment == 1:
        void = VoidPayment(instalment=instalment, reason="收款账号录入有误")
        yield from case.do(case.soon(at, 5), payer, void, record)
    if case.profile.award == "paid_twice":
        yield from case.refused(case.soon(at), confirmer, record, "already_paid")
    yield from case.refused(case.soon(at, 20), payer, ConfirmPayment(instalment=instalment), "same_person")
    yield from case.do(case.later(at, 1, 2), confirmer, ConfirmPayment(instalment=instalment))

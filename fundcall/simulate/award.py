"""How a simulated award becomes an agreement and money."""

from __future__ import annotations

from collections.abc import Generator
from datetime import date, datetime

from fundcall.simulate.case import Case, Part, StoryBroken, instalments, wait
from fundcall.simulate.clock import Step
from states.actor import Role
from states.commands.award import (
    ConfirmPayment,
    CountersignAgreement,
    Milestone,
    RecordPayment,
    SignAgreement,
    WaiveAward,
)
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
    half = start + (end - start) / 2
    agreement = SignAgreement(
        instalments_minor=instalments(case.call, grant),
        milestones=(Milestone(title="中期目标", due_on=half), Milestone(title="完成建设", due_on=end)),
        start_on=start,
        end_on=end,
    )
    signed = case.later(approved_at, 3, 16)
    yield from case.do(signed, case.applicant, agreement)
    countersigned = case.later(signed, 1, 3)
    yield from case.do(countersigned, case.officer(_APPROVE), CountersignAgreement())
    paid = case.later(countersigned, 3, 20)
    yield from payment(case, paid, 1)
    return case.later(paid, 4)


def payment(case: Case, at: datetime, instalment: int) -> Part:
    """One finance officer records, another confirms; some record twice, which is refused."""
    payer, confirmer = case.officer(_FINANCE), case.officer(_FINANCE, 1)
    amount = instalments(case.call, case.standing().grant_minor)[instalment - 1]
    record = RecordPayment(instalment=instalment, amount_minor=amount)
    yield from case.do(at, payer, record)
    if case.profile.award == "paid_twice":
        yield from case.refused(case.soon(at), confirmer, record, "already_paid")
    yield from case.refused(case.soon(at, 20), payer, ConfirmPayment(instalment=instalment), "same_person")
    yield from case.do(case.later(at, 1, 2), confirmer, ConfirmPayment(instalment=instalment))

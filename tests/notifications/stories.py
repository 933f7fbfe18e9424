"""Applications that go every way there is, so that every event type has happened in both calls: notices are made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from typing import Any, NamedTuple

from notifications.render import Recipient, Rendered, render
from notifications.rules import Planned, planned
from notifications.view import shown
from states.application import Application, State
from states.calendar import local_day
from states.events import REFUSED, Recorded
from states.fold import step
from states.funding_call import FundingCall
from states.programme import PROGRAMME_EVENTS
from tests.drive import A1, A2, A3, C1, C3, CITIZEN, DAY, EXPERTS, F1, F2, M1, M2, OBJECTOR, R1, R2, World, world
from tests.filings import CLIMATE, SHANGHAI
from workflow.record import decode, leaf_hash

SENDER = "notices@fund.example"
PUBLIC_URL = "https://fund.example"
PEOPLE = Recipient("sha256:ab", "张乌有", "zhang@zixu.example")
ROOT = bytes(range(32))
CALLS = (SHANGHAI.call, CLIMATE.call)


class Told(NamedTuple):
    """A notice with what it was made of."""

    planned: Planned
    event: Recorded
    application: Application
    call: FundingCall
    leaf: bytes

    def render(self, recipient: Recipient = PEOPLE, **over: Any) -> Rendered:
        values: dict[str, Any] = {
            "event": self.event,
            "about": shown(self.application),
            "call": self.call,
            "recipient": recipient,
            "sender": SENDER,
            "public_url": PUBLIC_URL,
            "leaf": self.leaf,
            "root": ROOT,
        }
        return render(self.planned, **{**values, **over})


def filing(w: World) -> None:
    a = w.draft()
    w.do("RemoveDocument", w.unit(a), a, sha256=w.application(a).documents[0].sha256)
    w.do("GrantSecondFiling", A1, a, reason="两个项目互不相关")
    w.do("WithdrawApplication", w.unit(a), a, reason="改期申报")
    w.ask("SubmitApplication", w.unit(b := w.empty()), b)
    w.do("WithdrawApplication", w.unit(c := w.submitted()), c, reason="改期申报")


def format_check(w: World) -> None:
    a = w.submitted()
    w.do("ClaimFormatCheck", F1, a)
    other = next(topic for topic in w.call.topics if topic != w.application(a).topic)
    w.do("ReassignTopic", F1, a, topic=other, reason="更符合该方向")
    w.rejected()
    b = w.returned()
    w.do("ExtendCorrection", F1, b, reason="系统维护")
    w.do("EditDraft", w.unit(b), b, form={"title": "更正后的名称"})
    w.do("ResubmitApplication", w.unit(b), b)


def lapses(w: World) -> None:
    a, b = w.draft(), w.returned()
    w.when_due(a, "submit")
    if w.application(b).deadlines.get("correction"):
        w.when_due(b, "correction")


def longer_window(w: World) -> None:
    a = w.draft()
    w.extended(w.call.closes_at + DAY)
    w.after(seconds=1)
    w.at(w.call.closes_at + DAY)
    assert w.state(a) is State.LAPSED


def correction(w: World) -> None:
    w.draft()
    w.returned()
    w.corrected()
    w.after(seconds=1)


def moved(w: World) -> None:
    """Holidays are announced while experts score and a correction is due, and while a unit is heard."""
    w.returned()
    w.in_review()
    holidays(w)
    w.do("ProposeTermination", R1, w.in_execution(), grounds="进度滞后", recover_minor=0)
    holidays(w)


def holidays(w: World) -> None:
    """The next days are off."""
    days = (local_day(w.now, w.call.timezone) + timedelta(days=n) for n in range(1, 12))
    w.days_off(*(day for day in days if day.weekday() < 5))
    w.after(seconds=1)


def reviews(w: World) -> None:
    for reject, decide in (("rejected", "UpholdReview"), ("rejected", "DismissReview")):
        a = getattr(w, reject)()
        w.do("RequestReview", w.unit(a), a, grounds="材料齐全")
        w.do(decide, A1, a, reason="经核实")
    w.do("RequestReview", w.unit(b := w.declined()), b, grounds="程序有误")
    if "review_decision" in w.call.periods:
        w.when_due(b, "review_decision")


def experts(w: World) -> None:
    a = w.in_review()
    w.do("AcceptInvitation", EXPERTS[0], a)
    w.do("DeclineInvitation", EXPERTS[1], a, reason="时间冲突")
    w.do("DeclareConflict", EXPERTS[2], a, reason="曾任职于该单位")
    w.do("ReplaceExpert", R1, a, expert=EXPERTS[1].id, replacement=w.experts(EXPERTS[3:4])[0], reason="已谢绝")
    w.do("SubmitScore", EXPERTS[0], a, points=w.points(), comment="可行")
    w.do("ReopenScore", R1, a, expert=EXPERTS[0].id, reason="评语过短")
    b = w.scored()
    w.do("RecordPanel", R1, b, votes_for=3, votes_against=0, minutes="会议纪要")
    w.when_due(a, "score")


def objections(w: World) -> None:
    a = w.published()
    for _ in range(2):
        w.do("FileObjection", CITIZEN, a, objector=OBJECTOR, grounds="与已有项目重复")
    w.do("DecideObjection", A2, a, objection=1, upheld=False, reason="查无实据")
    if "objection" in w.call.periods:
        w.when_due(a, "objection:2")
    w.do("DecideObjection", A2, a, objection=2, upheld=True, reason="部分属实")


def awards(w: World) -> None:
    w.do("WaiveAward", w.unit(a := w.approved()), a, reason="自筹资金不足")
    b = w.approved()
    w.when_due(b, "agreement")
    w.when_due(b, "agreement_grace")


def unpaid(w: World) -> None:
    w.when_due(w.agreed(), "first_payment")


def contacts(w: World) -> None:
    a = w.agreed()
    w.do("ConfirmContacts", w.unit(a), a, contacts=w.profile.contacts)
    w.when_due(a, "contacts")


def late_milestone(w: World) -> None:
    a = w.agreed_with_milestones()
    w.when_due(a, "milestone:1~7d")
    w.when_due(a, "milestone:1")
    w.when_due(a, "milestone_escalation:1")
    w.do("ReportMilestone", w.unit(a), a, milestone=1, evidence="测试报告")


def undecided(w: World) -> None:
    w.when_due(w.scored(), "decision")


def running(w: World) -> None:
    a = w.in_execution(**({"end_on": "2027-06-30"} if w.call.id == SHANGHAI.call else {"start_on": "2026-05-15"}))
    unit = w.unit(a)
    w.do("DecideMidTerm", R1, a, outcome="rectify", reason="进度滞后")
    w.do("RequestChange", unit, a, subject="负责人", detail="变更为李子虚")
    w.do("DecideRequest", A1, a, request=1, granted=True, reason="理由充分")
    end = w.application(a).end_on
    assert end is not None
    w.do(
        "RequestExtension",
        unit,
        a,
        end_on=min(end + timedelta(days=20), w.call.execution_ends_by or end),
        reason="疫情",
    )
    w.do("DecideRequest", A1, a, request=2, granted=w.call.id == CLIMATE.call, reason="理由充分")
    w.do("ProposeSuspension", A1, a, reason="核查中")
    w.do("SuspendProject", A2, a)
    w.do("ResumeProject", A1, a, reason="核查完毕")
    report(w, a)
    w.when_due(a, "execution_end")
    w.when_due(a, "acceptance_request")
    w.when_due(a, "acceptance_escalation")


def report(w: World, a: str) -> None:
    """The first report late, escalated and handed in at last."""
    name = next((n for n in sorted(w.application(a).deadlines) if n.startswith("report:") and "~" not in n), None)
    if name is not None:
        period = name.partition(":")[2]
        w.when_due(a, name)
        w.when_due(a, f"report_escalation:{period}")
        w.do("SubmitReport", w.unit(a), a, period=period, summary="进展顺利")


def acceptance(w: World) -> None:
    a = w.in_acceptance()
    w.do("ReturnAcceptanceMaterials", C1, a, items=w.items("title"))
    w.when_due(a, "materials")
    w.do("RequestAcceptance", w.unit(a), a, completed_on=w.application(a).completed_on, achieved={})
    w.do("RequireRectification", C1, a, items=w.items("title"))
    w.when_due(a, "rectification")
    w.do("RequestAcceptance", w.unit(a), a, completed_on=w.application(a).completed_on, achieved={})
    w.when_due(a, "acceptance_decision")


def accepted(w: World) -> None:
    w.when_due(a := w.closed(), "archive")
    assert "archived" in w.application(a).flags


def concluded(w: World) -> None:
    w.closed("concluded")


def failed(w: World) -> None:
    a = w.closed("failed", 100)
    w.do("RecordRecovery", M1, a, amount_minor=40)
    w.do("RecordRecovery", M1, a, amount_minor=60)
    w.do("CloseRecovery", M2, a)


def terminated(w: World) -> None:
    w.when_due(w.terminated(recover_minor=200), "recovery")


def revoked(w: World) -> None:
    w.revoked()


def credit(w: World) -> None:
    """An entry in the credit record: objected to, answered late, repaired; another one struck out, and one that runs its time."""
    a = w.credited()
    for entry, upheld in ((1, False), (2, True)):
        w.do("ObjectToCredit", w.unit(a), a, entry=entry, grounds="与事实不符")
        w.when_due(a, f"credit_objection:{entry}")
        w.do("DecideCreditObjection", A3, a, entry=entry, upheld=upheld, reason="经核实")
        if not upheld:
            w.do("ProposeCreditRepair", A1, a, entry=entry, reason="已经纠正")
            w.do("RepairCredit", A2, a)
        w.propose_credit(a)
        w.do("EnterCredit", A2, a)
    w.when_due(a, "credit:3")


def doubtful(w: World) -> None:
    """An officer lets a filing pass that a rule stopped, and another one agrees."""
    a = w.submitted(
        **({"other_funding": ["municipal_awarded"]} if w.call.id == SHANGHAI.call else {"people_reached": 1})
    )
    for finding in w.application(a).findings:
        w.ask("DecideFinding", F1, a, rule=finding["rule"], verdict="override", reason="情况属实")
        w.ask("SecondFinding", F2, a, rule=finding["rule"], reason="同意")


def undone(w: World) -> None:
    """What the office takes back: a passed check, proposals, a recorded payment; and a unit signs twice."""
    a = w.format_checked()
    w.do("ReopenFormatCheck", F1, a, reason="材料存疑")
    w.do("WithdrawProposal", R1, b := w.proposed(), reason="金额有误")
    assert w.application(b).phase == "reviewing"
    c = w.signed()
    w.do("ReturnAgreement", A1, c, items=w.items("title"))
    w.do("SignAgreement", w.unit(c), c, **w.agreement(c))
    w.do("CountersignAgreement", A1, c)
    w.do("RecordPayment", M1, c, instalment=1, amount_minor=w.application(c).instalments_minor[0])
    w.do("VoidPayment", M2, c, instalment=1, reason="账号有误")
    w.do("ProposeTermination", R1, c, grounds="拒不整改", recover_minor=0)
    w.do("WithdrawProposal", A1, c, reason="已经整改")


def milestones(w: World) -> None:
    a = w.agreed_with_milestones()
    for reached in (False, True):
        w.do("ReportMilestone", w.unit(a), a, milestone=1, evidence="测试报告")
        w.do("DecideMilestone", R1, a, milestone=1, reached=reached, reason="核对报告")
    w.pay(a, 1)


def evaluated(w: World) -> None:
    w.do("EvaluatePerformance", C3, w.closed(), rating="excellent", findings="超额完成")


STORIES: tuple[Callable[[World], None], ...] = (
    filing, format_check, lapses, longer_window, correction, moved, reviews, experts, objections, awards, unpaid, contacts, late_milestone, undecided, running, acceptance, accepted,
    concluded, failed, terminated, revoked, credit, doubtful, undone, milestones, evaluated,
)  # fmt: skip


@cache
def told(call: str) -> tuple[Told, ...]:
    """Every notice that the stories give in a call."""
    found: list[Told] = []
    for story in STORIES:
        w = world(call)
        story(w)
        found += notices(w)
    return tuple(found)


def notices(w: World) -> Iterator[Told]:
    """The notices that follow from what stands on a ledger."""
    applications: dict[str, Application] = {}
    for stored in w.ledger.stored():
        event = decode(stored.body)
        if event.type in PROGRAMME_EVENTS or (event.type == REFUSED and event.application not in applications):
            continue
        application = step(applications.get(event.application), event)
        applications[event.application] = application
        for plan in planned(event, application):
            yield Told(plan, event, application, w.call, leaf_hash(stored.body))


@cache
def happened(call: str) -> frozenset[str]:
    """The event types that the stories make happen."""
    found: set[str] = set()
    for story in STORIES:
        w = world(call)
        story(w)
        found |= set(w.events())
    return frozenset(found)


__all__ = ["CALLS", "DAY", "F2", "PEOPLE", "R2", "Told", "happened", "notices", "told"]

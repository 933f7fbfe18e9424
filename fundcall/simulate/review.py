"""How a simulated application is reviewed, published and decided."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from datetime import datetime, timedelta

from fundcall.simulate.case import Case, Part, wait
from fundcall.simulate.clock import Step
from fundcall.simulate.experts import bound_to
from fundcall.simulate.people import EXPERTS, expert
from states.actor import Actor, Role
from states.calendar import local_day, midnight
from states.commands.filing import DismissReview, RequestReview
from states.commands.review import (
    AcceptInvitation,
    ApproveApplication,
    DecideObjection,
    DeclareConflict,
    DeclineApplication,
    DeclineInvitation,
    ExpertRef,
    FileObjection,
    Objector,
    ProposeAward,
    ProposeDecline,
    PublishProposal,
    RecordPanel,
    ReplaceExpert,
    StartReview,
    SubmitScore,
    WithdrawProposal,
)
from workflow.handle import Outcome

BOARD_MEETS = timedelta(days=50)
"""How long after the close the office decides by the ranking; every score is in by then."""
_APART = 35
_REVIEW, _APPROVE = Role.REVIEW_OFFICER, Role.APPROVING_OFFICER


def reviewed(case: Case) -> Generator[Step, list[Outcome], bool]:
    """From the format check to the decision; whether it was approved."""
    yield from scored(case)
    met = midnight(local_day(case.call.closes_at, case.call.timezone) + BOARD_MEETS, case.call.timezone)
    yield from wait(met)
    amount = case.award_of(case.id)
    if not amount:
        yield from declined(case, case.later(met, 2, 6))
        return False
    return (yield from proposed(case, case.later(met, 2, 6), amount))


def scored(case: Case) -> Part:
    """Draw experts, let them answer, replace who cannot, score, and let a panel meet where they disagree."""
    yield from wait(case.office.at)
    units = {one.id: one.unit for one in case.office.experts}
    drawn = [Actor(name, Role.EXPERT, units[name]) for name in case.office.experts_of(case.id)]
    k, at = len(drawn), case.later(case.call.closes_at, 24, 30)
    yield from begun(case, at, drawn)
    leaves = case.random.random()
    if leaves < 0.08:
        drawn[0] = yield from replaced(case, case.later(at, 1), drawn[0], conflict=leaves < 0.03)
    for answered, who in sorted(((case.later(at, 2), who) for who in drawn), key=lambda one: one[0]):
        yield from case.do(answered, who, AcceptInvitation())
    scored_at = sorted(case.later(at, 4, 9) for _ in drawn)
    disagrees = case.random.random() < 0.08
    for i, who in enumerate(drawn):
        less = _APART if disagrees and i and i == len(drawn) - 1 else i
        points = {c.id: _points(case, c.points_max, less) for c in case.call.rubric}
        comment = "技术路线清晰，示范作用明显。" if case.profile.merit > 70 else "创新性不足，实施方案不够具体。"
        yield from case.do(scored_at[i], who, SubmitScore(points=points, comment=comment))
    if disagrees and k > 1 and case.call.review.disagreement_ppm is not None:
        yield from conferred(case, case.later(at, 14, 16))


def begun(case: Case, at: datetime, drawn: Sequence[Actor]) -> Part:
    """Review begins with the experts drawn; to put one in who is bound to the unit is refused, whatever the reason."""
    refs = tuple(ExpertRef(id=e.id, unit=e.unit) for e in drawn)
    bound = bound_to(case.office.experts, case.profile.unit_code)
    if bound is not None:
        wrong = StartReview(
            experts=(ExpertRef(id=bound.id, unit=bound.unit), *refs[1:]), seed=case.office.seed, reason="熟悉该领域"
        )
        yield from case.refused(at, case.officer(_REVIEW), wrong, "conflict_of_interest")
    yield from case.do(at, case.officer(_REVIEW), StartReview(experts=refs, seed=case.office.seed))


def conferred(case: Case, at: datetime) -> Part:
    """Experts who disagree are heard by a panel; until then nothing can be proposed."""
    officer = case.officer(_REVIEW)
    yield from case.refused(at, officer, ProposeDecline(grounds="专家意见分歧"), "panel_required")
    good = case.profile.merit > 70
    panel = RecordPanel(
        votes_for=3 if good else 1, votes_against=0 if good else 2, minutes="评审会议纪要：充分讨论后表决。"
    )
    yield from case.do(case.soon(at, 60), officer, panel)


def _points(case: Case, most: int, less: int) -> int:
    return min(most, (case.profile.merit + case.random.randint(-6, 6) - less) * most // 100)


def replaced(case: Case, at: datetime, leaver: Actor, *, conflict: bool) -> Generator[Step, list[Outcome], Actor]:
    """An expert declines or declares a conflict, and another one comes."""
    leaves = (
        DeclareConflict(reason="与申报单位有合作关系，申请回避")
        if conflict
        else DeclineInvitation(reason="近期无法参加")
    )
    yield from case.do(at, leaver, leaves)
    taken = {*case.office.experts_of(case.id), getattr(bound_to(case.office.experts, case.profile.unit_code), "id", "")}
    new = next(one for i in range(EXPERTS) if (one := expert((case.profile.n * 7 + i) % EXPERTS)).id not in taken)
    ref = ExpertRef(id=new.id, unit=new.unit)
    command = ReplaceExpert(expert=leaver.id, replacement=ref, reason="原专家回避或不能参加")
    yield from case.do(case.soon(at, 20), case.officer(_REVIEW), command)
    return new


def proposed(case: Case, at: datetime, amount: int) -> Generator[Step, list[Outcome], bool]:
    """Propose, publish, hear objections, approve; False where an objection was upheld."""
    first, second = case.officer(_APPROVE), case.officer(_APPROVE, 1)
    award = ProposeAward(amount_minor=amount, grounds="专家评审得分及综合平衡意见")
    yield from case.do(at, case.officer(_REVIEW), award)
    if case.profile.n % 19 == 3:
        again = WithdrawProposal(reason="依据需补充"), award
        yield from case.do(case.soon(at, 30), case.officer(_REVIEW), *again)
    out = case.later(at, 2, 4)
    application = yield from case.do(out, first, PublishProposal())
    ends = application.deadlines["public_notice"]
    yield from case.refused(case.soon(out, 30), second, ApproveApplication(grant_minor=amount), "too_early")
    if case.profile.review.startswith("objection"):
        upheld = case.profile.review == "objection_upheld"
        yield from objected(case, out, second, upheld=upheld)
        if upheld:
            yield from declined(case, case.later(ends, 3))
            return False
    yield from case.do(case.later(ends, 2, 6), second, ApproveApplication(grant_minor=amount))
    return True


def objected(case: Case, out: datetime, decider: Actor, *, upheld: bool) -> Part:
    """Somebody objects by real name; an officer who did not publish the proposal decides."""
    objector = Objector(name="异议人（虚构）", email=f"objector{case.profile.n:05d}@example.org", address="虚构路1号")
    somebody = Actor(f"public-{case.profile.n:05d}", Role.PUBLIC)
    objection = FileObjection(objector=objector, grounds="对项目产权归属提出异议")
    yield from case.do(case.soon(out, 90), somebody, objection)
    reason = "经核查，异议成立" if upheld else "经核查，产权清晰，异议不成立"
    yield from case.do(case.later(out, 1, 2), decider, DecideObjection(objection=1, upheld=upheld, reason=reason))


def declined(case: Case, at: datetime) -> Part:
    """Propose and decide not to fund; some ask for a review, which confirms it."""
    grounds = "综合评审意见，本次不予立项"
    yield from case.do(at, case.officer(_REVIEW), ProposeDecline(grounds=grounds))
    decided = case.later(at, 3, 6)
    yield from case.do(decided, case.officer(_APPROVE, 1), DeclineApplication(grounds=grounds))
    if case.profile.review == "review_asked":
        asks = case.later(decided, 2, 10)
        yield from case.do(asks, case.applicant, RequestReview(grounds="评审程序存在疑问，请求复核"))
        reason = "程序合规；学术判断不属于复核范围"
        yield from case.do(case.later(asks, 10, 40), case.officer(_APPROVE, 3), DismissReview(reason=reason))

"""Where an application is, as its unit is told: in which words, who has it now, since when, what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import inf
from typing import NamedTuple
from urllib.parse import quote

from fundcall.web.remarks import FLAGS, OUTCOMES
from states.application import Application, State
from states.events import Recorded
from states.fold import fold
from states.funding_call import FundingCall
from states.labels import MOVES, Pair
from workflow.tasks import kind_of

_UNIT = ("本单位", "your unit")
_NOBODY = ("无人（已结束）", "nobody: it is over")
_INNER = frozenset({"reviewing", "proposed", "decline_proposed"})
"""Phases of expert review that a unit is not told apart."""


_DECIDED = (State.REJECTED, State.DECLINED)


class Step(NamedTuple):
    """Words for one place on the way: what the unit reads, what is waited for, what comes next. {authority} is the call's."""

    seen: Pair
    waits: Pair
    follows: Pair


_STEPS: Mapping[tuple[str, str], Step] = {
    (State.DRAFT, ""): Step(("填报中", "being filled in"), _UNIT, ("填写完整、上传材料、预检后提交；截止前未提交的草稿失效", "fill it in, attach the files, check and submit; a draft that is not submitted by the close lapses")),
    (State.SUBMITTED, "queued"): Step(("已提交，待形式审查", "filed, waiting for the format check"), ("{authority}形式审查", "{authority}: format check"), ("形式审查；材料有缺漏的，会一次性告知补正", "the format check; whatever is missing is told once and completely")),
    (State.SUBMITTED, "checking"): Step(("形式审查中", "in the format check"), ("{authority}形式审查", "{authority}: format check"), ("受理、退回补正或不予受理", "it is taken in, returned for correction, or not taken in")),
    (State.RETURNED, ""): Step(("退回补正", "returned for correction"), _UNIT, ("按所列事项补正后再次提交；逾期视为未补正", "mend what is listed and submit again; after the deadline the application is not taken in")),
    (State.FORMAT_CHECKED, ""): Step(("已受理", "taken in"), ("{authority}组织专家评审", "{authority}: to begin the expert review"), ("专家评审", "expert review")),
    (State.EXPERT_REVIEW, ""): Step(("专家评审中", "in expert review"), ("评审专家和{authority}", "the experts and {authority}"), ("评审结论；拟立项的先公示", "the result; an award is put to public notice first")),
    (State.EXPERT_REVIEW, "public_notice"): Step(("公示中", "in public notice"), ("社会公众提出异议（公示期）", "the public, who may object"), ("公示期满、异议处理完毕后作出立项决定", "the decision, once the notice is over and objections are dealt with")),
    (State.APPROVED, "agreement_due"): Step(("已立项，待签订协议", "approved, agreement to be signed"), _UNIT, ("签署项目协议；逾期视为放弃立项", "sign the agreement; whoever does not gives the award up")),
    (State.APPROVED, "signed"): Step(("已立项，本单位已签协议", "approved, signed by your unit"), ("{authority}签署协议", "{authority}: to countersign"), ("协议生效，拨付首期资金", "the agreement comes into force, then the first payment")),
    (State.APPROVED, "agreed"): Step(("协议已签，待拨款", "agreement in force, payment to come"), ("{authority}拨付首期资金", "{authority}: first payment"), ("首期资金拨付，进入执行期", "the first payment, then execution")),
    (State.FUNDED, ""): Step(("首期资金已拨付", "first instalment paid"), ("执行期开始日", "the first day of execution"), ("按协议执行，按期报告", "carry the project out, report in time")),
    (State.IN_EXECUTION, "running"): Step(("执行中", "in execution"), _UNIT, ("按期提交进展报告；需要变更或延期的，及时申请；完成后申请验收", "report in time; ask in good time for changes or an extension; ask for acceptance when done")),
    (State.IN_EXECUTION, "ended"): Step(("执行期届满，待申请验收", "term over, acceptance to be asked for"), _UNIT, ("申请验收", "ask for acceptance")),
    (State.IN_EXECUTION, "acceptance"): Step(("验收中", "in acceptance"), ("{authority}组织验收", "{authority}: acceptance"), ("验收结论", "the outcome")),
    (State.IN_EXECUTION, "rectifying"): Step(("验收整改", "to be rectified"), _UNIT, ("完成整改后再次申请验收", "rectify, then ask for acceptance again")),
    (State.CLOSED, ""): Step(("已结项", "closed"), _NOBODY, ("归档", "it is archived")),
    (State.LAPSED, ""): Step(("逾期未提交", "not submitted in time"), _NOBODY, ("草稿未提交，不再受理；申报时间延长的，本草稿自动恢复", "nothing was filed; if the window is extended for all, this draft opens again")),
    (State.WITHDRAWN, ""): Step(("已撤回", "withdrawn"), _NOBODY, ("申报期内可以重新申报", "while the window is open you may file anew")),
    (State.REJECTED, ""): Step(("不予受理", "not taken in"), _UNIT, ("对决定有异议的，可在期限内申请复核", "whoever disagrees may ask for a review within the time given")),
    (State.DECLINED, ""): Step(("未立项", "not funded"), _UNIT, ("对决定有异议的，可在期限内申请复核", "whoever disagrees may ask for a review within the time given")),
    (State.REJECTED, "review_requested"): Step(("不予受理，复核中", "not taken in, under review"), ("{authority}复核", "{authority}: review"), ("复核决定", "the decision on the review")),
    (State.DECLINED, "review_requested"): Step(("未立项，复核中", "not funded, under review"), ("{authority}复核", "{authority}: review"), ("复核决定", "the decision on the review")),
    (State.REJECTED, "dismissed"): Step(("不予受理（复核维持）", "not taken in; upheld on review"), _NOBODY, ("无", "nothing more")),
    (State.DECLINED, "dismissed"): Step(("未立项（复核维持）", "not funded; upheld on review"), _NOBODY, ("无", "nothing more")),
    (State.TERMINATED, ""): Step(("已终止", "ended"), _NOBODY, ("有应退回资金的，按期退回", "money that is due back is to be paid back in time")),
    (State.REVOKED, ""): Step(("立项已撤销", "award revoked"), _NOBODY, ("有应退回资金的，按期退回", "money that is due back is to be paid back in time")),
}  # fmt: skip


class Standing(NamedTuple):
    """A place on the way with its instant: `since` is when it was reached."""

    seen: Pair
    waits: Pair
    follows: Pair
    since: datetime
    ours: bool


_MET_BY: Mapping[str, tuple[str, ...]] = {
    "SubmitApplication": ("submit",),
    "ResubmitApplication": ("correction",),
    "RequestReview": ("review_request",),
    "SignAgreement": ("agreement", "agreement_grace"),
    "SubmitReport": ("report",),
    "ReportMilestone": ("milestone",),
    "RequestAcceptance": ("acceptance_request", "rectification", "materials"),
    "SubmitDefence": ("hearing",),
}
"""The deadlines that a move of the unit meets."""


class Open(NamedTuple):
    """A move that the unit has now: what it is called, its page, and by when; None where nothing presses."""

    label: Pair
    href: str
    due_at: datetime | None


def open_moves(application: Application, moves: Sequence[str]) -> list[Open]:
    """The unit's moves, what is due first first. Submitting has a page of its own."""
    at = f"/applications/{quote(application.id, safe='')}"
    found = []
    for name in moves:
        href = f"{at}/submit" if name in ("SubmitApplication", "ResubmitApplication") else f"{at}/moves/{name}"
        found.append(Open(MOVES[name], href, _due(application, name)))
    return sorted(found, key=lambda one: one.due_at.timestamp() if one.due_at else inf)


def _due(application: Application, command: str) -> datetime | None:
    kinds = _MET_BY.get(command, ())
    return min(
        (at for name, at in application.deadlines.items() if "~" not in name and kind_of(name) in kinds), default=None
    )


def standing(application: Application, events: Sequence[Recorded], call: FundingCall) -> Standing:
    """Where the application is, by as much as a unit is told."""
    step = _step(application)
    if application.state in _DECIDED and not application.phase and "review_request" not in application.deadlines:
        step = Step(step.seen, _NOBODY, ("申请复核的期限已过", "the time to ask for a review is over"))
    names = {"authority": call.authority_zh}, {"authority": call.authority_en}
    waits = (step.waits[0].format(**names[0]), step.waits[1].format(**names[1]))
    return Standing(_seen(application, step), waits, step.follows, _since(events), step.waits is _UNIT)


def _seen(application: Application, step: Step) -> Pair:
    """The words for the place, with how it ended or that it rests."""
    more = OUTCOMES.get(application.outcome) if application.state is State.CLOSED else None
    if "suspended" in application.flags:
        more = FLAGS["suspended"]
    return (f"{step.seen[0]}（{more[0]}）", f"{step.seen[1]} ({more[1]})") if more else step.seen


def _step(application: Application) -> Step:
    state, phase = application.state, _told(application)
    return _STEPS.get((state, phase)) or next(step for (name, _), step in _STEPS.items() if name == state)


def _told(application: Application) -> str:
    return "" if application.phase in _INNER else application.phase


def _since(events: Sequence[Recorded]) -> datetime:
    """When the place was reached where the events end."""
    now: Application | None = None
    place, since = "", events[0].effective_at
    for event in events:
        now = fold([event], now)
        if now is not None and (here := f"{now.state}/{_told(now)}") != place:
            place, since = here, event.effective_at
    return since

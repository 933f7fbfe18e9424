"""How a simulated application is filed and checked for form."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from fundcall.simulate.case import Case, Part, StoryBroken, wait
from fundcall.simulate.clock import Step
from fundcall.simulate.profile import digest
from states.actor import Role
from states.application import Application
from states.checks import DocumentFacts
from states.commands.filing import (
    AddDocument,
    ClaimFormatCheck,
    Contact,
    CorrectionItem,
    CreateDraft,
    DecideFinding,
    DismissReview,
    EditDraft,
    PassFormatCheck,
    ProposeRejection,
    RejectApplication,
    RemoveDocument,
    ReopenFormatCheck,
    RequestReview,
    ResubmitApplication,
    ReturnForCorrection,
    SecondFinding,
    SubmitApplication,
    WithdrawApplication,
)
from states.funding_call import Severity
from workflow.handle import Outcome

_FORM = Role.FORMAT_OFFICER
_REJECTED = frozenset({"outside", "completed", "dishonest"})


def attach(document: DocumentFacts) -> AddDocument:
    """The command that attaches a document."""
    return AddDocument(material=document.material, name=document.name, sha256=document.sha256)


def drafted(case: Case) -> Part:
    """Open the draft, fill the form, upload the documents; some of it wrong at first."""
    p, at = case.profile, case.profile.created_at
    contact = Contact(name=f"联系人{p.n:05d}", email=p.email, phone="000-00000000")
    create = CreateDraft(unit_code=p.unit_code, unit_name=p.unit_name, unit_kind=p.unit_kind, contacts=(contact,))
    yield from case.do(at, case.applicant, create, EditDraft(form=first_form(case)))
    for document in p.documents:
        case.put_document(document)
    upload = at + (p.submits_at - at) * 0.5
    if p.filing == "oversize":
        huge = replace(p.documents[0], sha256=digest(case.seed, case.id, "huge"), size_bytes=50 * 1024 * 1024 + 1)
        case.put_document(huge)
        rule = next(r.id for r in case.call.rules.values() if r.check == "document_size")
        yield from case.refused(upload, case.applicant, attach(huge), rule)
        upload = case.soon(upload, 1)
    given = p.documents[:-1] if p.filing == "missing_material" and len(p.documents) > 1 else p.documents
    if p.filing == "broken_seal":
        broken = replace(p.documents[0], sha256=digest(case.seed, case.id, "broken"), seal="changed")
        case.put_document(broken)
        given = (broken, *p.documents[1:])
    if given:
        yield from case.do(upload, case.applicant, *(attach(d) for d in given))


def first_form(case: Case) -> dict[str, Any]:
    """The form as first filled in: some fates begin with a mistake."""
    p, call = case.profile, case.call
    if p.first_form:
        return {**p.form, **p.first_form}
    if p.filing == "too_long" and call.execution_ends_by:
        return {**p.form, "end_on": (call.execution_ends_by + timedelta(days=1)).isoformat()}
    if p.filing == "completed" and "completion_percent" in p.form:
        return {**p.form, "completion_percent": 100}
    if p.filing == "misses_figure":
        return {**p.form, **missed(case)}
    return p.form


def missed(case: Case) -> dict[str, int]:
    """The topic's figures at their bounds, where "more than" is not reached."""
    rules = case.call.rules_at("submit", case.profile.topic.id)
    form = case.profile.form
    bounds = [r.params for r in rules if r.check == "threshold" and r.severity is Severity.OFFICER]
    asked = [p for p in bounds if p["op"] == ">" and all(form.get(k) == v for k, v in p.get("when", {}).items())]
    return {p["field"]: p["value"] for p in asked if p["field"] in form}


def filed(case: Case) -> Generator[Step, list[Outcome], bool]:
    """From nothing to a submitted application; False where it ends before or at the close."""
    p, call = case.profile, case.call
    yield from drafted(case)
    at, submit = p.submits_at, SubmitApplication()
    if p.filing == "never":
        return False
    if p.filing == "dishonest":
        case.put_standing(p.unit_code, "dishonesty")
    if barred := _bars(case):
        yield from case.refused(at, case.applicant, submit, barred)
        return False
    if p.filing == "too_long" and call.execution_ends_by:
        yield from case.refused(at, case.applicant, submit, _rule(case, "ends_by"))
        at = _still(case, at)
        yield from case.do(at, case.applicant, EditDraft(form=p.form))
    if p.filing == "broken_seal" and _rule(case, "sealed"):
        yield from case.refused(at, case.applicant, submit, _rule(case, "sealed"))
        at = _still(case, at)
        broken = RemoveDocument(sha256=digest(case.seed, case.id, "broken"))
        yield from case.do(at, case.applicant, broken, attach(p.documents[0]))
    if p.filing == "missing_material" and _refuses(case, "materials") and len(p.documents) > 1:
        yield from case.refused(at, case.applicant, submit, _rule(case, "materials"))
        at = _still(case, at)
        yield from case.do(at, case.applicant, attach(p.documents[-1]))
    at = at if at == p.again_at else _still(case, at)
    yield from case.do(at, case.applicant, submit)
    if p.filing.startswith("withdraws"):
        return (yield from withdrawn(case, at))
    return True


def withdrawn(case: Case, filed_at: datetime) -> Generator[Step, list[Outcome], bool]:
    """Take the application back; some file again while the window is open."""
    at = filed_at + (case.call.closes_at - filed_at) * 0.3
    yield from case.do(at, case.applicant, WithdrawApplication(reason="申报内容需调整"))
    if case.profile.filing != "withdraws_and_refiles":
        return False
    again = at + (case.call.closes_at - at) * 0.5
    case.id += "b"
    case.profile = replace(
        case.profile, id=case.id, created_at=at + (again - at) * 0.1, submits_at=again, first_form={}
    )
    yield from drafted(case)
    yield from case.do(again, case.applicant, SubmitApplication())
    return True


def _still(case: Case, at: datetime) -> datetime:
    """An instant a little later that is still within the window."""
    if case.profile.again_at is not None and at == case.profile.submits_at:
        return case.profile.again_at
    return at + (case.call.closes_at - at) * 0.4 if at < case.call.closes_at else at


_BARS = {
    "late": "window", "branch": "unit_kind", "outside": "unit_region", "completed": "not_completed",
    "dishonest": "standing",
}  # fmt: skip
"""Fates that no correction helps, and the check that finds them."""


def _bars(case: Case) -> str:
    """The rule that bars the applicant by its fate at once; "" where there is none, or an officer decides."""
    fate = case.profile.filing
    if fate == "second":
        return _rule(case, "one_per_unit")
    return _rule(case, _BARS[fate]) if fate in _BARS and _refuses(case, _BARS[fate]) else ""


def _refuses(case: Case, check: str) -> bool:
    """Whether the call has the system refuse what a check finds."""
    return any(rule.check == check and rule.severity is Severity.REFUSE for rule in case.call.rules.values())


def _rule(case: Case, check: str) -> str:
    rule = case.call.rule_with(check)
    return rule.id if rule is not None else ""


def _clause(case: Case, check: str) -> str:
    """The clause on which a check rests, or else the first of the call's."""
    rule = case.call.rule_with(check) or next(iter(case.call.rules.values()), None)
    return rule.clause if rule is not None else "1"


def checked(case: Case) -> Generator[Step, list[Outcome], bool]:
    """The format check; False where the application ends there."""
    p, first, second = case.profile, case.officer(_FORM), case.officer(_FORM, 1)
    at = case.later(case.call.closes_at, 1, 9)
    application = yield from case.do(at, first, ClaimFormatCheck())
    found = tuple(dict.fromkeys(f["rule"] for f in application.findings if f["severity"] == "officer"))
    keeps_missing = p.filing == "misses_figure" and p.n % 2 == 0
    if p.check == "rejected" or (found and (p.filing in _REJECTED or keeps_missing)):
        yield from rejected(case, application, found[0] if found else "")
        return False
    if p.check == "correction_lapses":
        yield from returned(case, at, found)
        yield from wait(case.later(at, 20))
        if case.standing().state != "rejected":
            raise StoryBroken(f"{case.id}: a correction that nobody answered should have lapsed")
        return False
    if p.check == "corrected" or (found and p.filing in ("missing_material", "misses_figure")):
        yield from returned(case, at, found)
        at, application = yield from corrected(case, at)
        found = tuple(dict.fromkeys(f["rule"] for f in application.findings if f["severity"] == "officer"))
    at = case.soon(at, 30)
    yield from decided(case, at, found)
    passed = case.soon(at, 60)
    yield from case.do(passed, second, PassFormatCheck())
    if p.n % 23 == 5:
        reopened = ReopenFormatCheck(reason="复查发现附件页码缺失，需再次核对")
        yield from case.do(case.soon(passed, 5), second, reopened, PassFormatCheck())
    return True


def decided(case: Case, at: datetime, rules: tuple[str, ...]) -> Part:
    """Override each finding with a reason; two officers where the rule asks for two."""
    first, second = case.officer(_FORM), case.officer(_FORM, 1)
    for rule in rules:
        reason = "已核实补充说明及证明材料，符合申报要求"
        yield from case.do(at, first, DecideFinding(rule=rule, verdict="override", reason=reason))
        if case.call.rules[rule].needs_second:
            yield from case.do(case.soon(at, 5), second, SecondFinding(rule=rule, reason="同意"))


def returned(case: Case, at: datetime, rules: tuple[str, ...]) -> Part:
    """Return the application with one complete list."""
    items = [_item(case, rule) for rule in rules] or [
        CorrectionItem(clause=_clause(case, "required"), field="title", remedy="请完善项目名称")
    ]
    yield from case.do(case.soon(at), case.officer(_FORM), ReturnForCorrection(items=tuple(items)))


def _item(case: Case, rule: str) -> CorrectionItem:
    asked = case.call.rules[rule]
    where = asked.params.get("field", "documents")
    return CorrectionItem(clause=asked.clause, field=str(where), remedy=asked.remedy_zh or asked.zh)


def corrected(case: Case, at: datetime) -> Generator[Step, list[Outcome], tuple[datetime, Application]]:
    """Answer the correction in time."""
    p, again = case.profile, case.later(at, 1, 2)
    commands: list[Any] = []
    if p.filing == "missing_material" and len(p.documents) > 1 and not _refuses(case, "materials"):
        commands.append(attach(p.documents[-1]))
    elif p.filing == "misses_figure" and missed(case):
        commands.append(EditDraft(form={name: value + 1 for name, value in missed(case).items()}))
    elif p.check == "corrected":
        commands.append(EditDraft(form={"title": f"{p.title}（修订）"}))
    application = yield from case.do(again, case.applicant, *commands, ResubmitApplication())
    return case.later(again, 1, 3), application


def rejected(case: Case, application: Application, rule: str) -> Part:
    """Propose and confirm the rejection; some ask for a review, which confirms it."""
    first, second, approver = case.officer(_FORM), case.officer(_FORM, 1), case.officer(Role.APPROVING_OFFICER, 2)
    asked = case.call.rules.get(rule)
    clause, grounds = (
        (asked.clause, asked.zh) if asked else (_clause(case, "unit_kind"), "申报材料与通知要求不符，且无法补正")
    )
    at = case.later(application.submitted_at or case.call.closes_at, 3)
    at = max(at, case.later(case.call.closes_at, 10, 12))
    yield from case.do(at, first, ProposeRejection(clause=clause, grounds=grounds))
    confirmed = case.later(at, 1)
    yield from case.do(confirmed, second, RejectApplication())
    if case.profile.n % 3 == 0:
        asks = case.later(confirmed, 3, 9)
        yield from case.do(asks, case.applicant, RequestReview(grounds="请求复核形式审查结论"))
        yield from case.do(case.later(asks, 5, 30), approver, DismissReview(reason="原结论依据充分，予以维持"))

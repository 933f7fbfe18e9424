"""What the fields of a command may be on this very case, and what most probably they will be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import chain

from fundcall.web.inputs import Options
from states.application import Application
from states.clauses import in_english
from states.funding_call import Choice, Field, FundingCall, Material

Likely = Mapping[str, str]
"""Names of inputs to the text that stands in them at first."""


def options(application: Application, call: FundingCall) -> Options:
    """The choices that the call and the case give, by field; for objects with free keys, the keys."""
    rubric = tuple(Choice(c.id, f"{c.zh}（0–{c.points_max}）", f"{c.en} (0-{c.points_max})") for c in call.rubric)
    targets = tuple(Choice(t.id, t.zh, t.en) for t in call.targets)
    found = [call.rules[finding["rule"]] for finding in application.findings]
    clauses = dict.fromkeys(rule.clause for rule in call.rules.values())
    return {
        "points": rubric,
        "comments": rubric,
        "achieved": targets,
        "verified": targets,
        "indicators": tuple(Choice(one.id, one.zh, one.en) for one in _indicators(application, call)),
        "rule": tuple({rule.id: Choice(rule.id, rule.zh, rule.en) for rule in found}.values()),
        "clause": tuple(Choice(clause, clause, in_english(clause, call.clauses_en)) for clause in clauses),
        "field": tuple(Choice(one.id, one.zh, one.en) for one in chain[Field | Material](call.fields.values(), call.materials.values())),
        "topic": tuple(Choice(t.id, f"{t.direction_zh}：{t.title_zh}", f"{t.direction_en}: {t.title_en}") for t in call.topics.values()),
        "expert": tuple(Choice(name, name, name) for name, one in application.experts.items() if one.status != "replaced"),
        "objection": _numbered(one.grounds for one in application.objections),
        "request": _numbered(one.detail for one in application.requests),
        "instalment": _numbered(_yuan(minor) for minor in application.instalments_minor),
        "milestone": _numbered(one.title for one in application.milestones),
        "entry": _numbered(one.grounds for one in application.credits),
        "period": tuple(Choice(period, period, period) for period in _reports(application)),
    }  # fmt: skip


def likely(command: str, application: Application, call: FundingCall) -> Likely:
    """What most probably will be given: what was proposed, what is due next."""
    found = _LIKELY.get(command)
    return found(application, call) if found is not None else {}


def _numbered(words: Iterable[str]) -> tuple[Choice, ...]:
    return tuple(Choice(str(n), f"{n}. {one}", f"{n}. {one}") for n, one in enumerate(words, 1))


def _reports(application: Application) -> list[str]:
    armed = {name.partition(":")[2] for name in application.deadlines if name.startswith("report:") and "~" not in name}
    return sorted(armed | {period for period, status in application.reports.items() if status == "late"})


def _yuan(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


def _award(application: Application, _: FundingCall) -> Likely:
    return {"grant_minor": _yuan(application.proposal.amount_minor)} if application.proposal is not None else {}


def _asked(application: Application, _: FundingCall) -> Likely:
    asked = application.form.get("requested_minor")
    return {"amount_minor": _yuan(asked)} if isinstance(asked, int) else {}


def _indicators(application: Application, call: FundingCall) -> list[Field]:
    """The indicators that concern the application's topic."""
    return [one for one in call.indicators.values() if one.concerns(application.topic)]


def _agreement(application: Application, call: FundingCall) -> Likely:
    shares = call.instalments(application.grant_minor)
    found = {f"instalments_minor.{n}": _yuan(minor) for n, minor in enumerate(shares)}
    days = {"start_on": application.start_on, "end_on": application.end_on}
    filed = {one.id: application.form.get(one.id) for one in _indicators(application, call)}
    found |= {f"indicators.{name}": str(value) for name, value in filed.items() if value is not None}
    return found | {name: day.isoformat() for name, day in days.items() if day is not None}


def _next_payment(application: Application, _: FundingCall) -> Likely:
    n, parts = application.next_instalment, application.instalments_minor
    return {"instalment": str(n), "amount_minor": _yuan(parts[n - 1])} if n is not None else {}


def _unconfirmed(application: Application, _: FundingCall) -> Likely:
    open_ones = [payment.instalment for payment in application.payments if not payment.confirmed_by]
    return {"instalment": str(open_ones[0])} if open_ones else {}


_LIKELY: Mapping[str, Callable[[Application, FundingCall], Likely]] = {
    "ProposeAward": _asked,
    "ApproveApplication": _award,
    "SignAgreement": _agreement,
    "RecordPayment": _next_payment,
    "ConfirmPayment": _unconfirmed,
    "VoidPayment": _unconfirmed,
}

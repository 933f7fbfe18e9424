"""What must fit together in a call file beyond the shape of its tables; rules and quotes have modules of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from fundcall.calls.calendars import NAMES as CALENDARS
from fundcall.calls.gaps import gaps
from fundcall.calls.judgements import (
    LONGEST,
    at_least,
    at_most,
    is_zone,
    known_topics,
    not_too_long,
    one_of,
    short,
    well_named,
)
from fundcall.calls.quotes import quote_faults
from fundcall.calls.rules import rule_faults
from fundcall.calls.shape import Fault, Parts, Path, Values
from states.unit_code import SCHEMES

_TYPES = ("text", "int", "minor", "ppm", "date", "flag", "choice", "choices")
_BASES = ("event", "close", "start_on", "end_on")
_COUNTS = (
    "correction_rounds_max", "extensions_max", "extension_months_max", "change_cause_days", "change_before_end_days",
    "extension_notice_months", "acceptance_experts_min", "personal_kept_months",
)  # fmt: skip
_LENGTHS: Mapping[str, str] = {
    "extension_months_max": "months", "change_cause_days": "days", "change_before_end_days": "days",
    "extension_notice_months": "months", "personal_kept_months": "months",
}  # fmt: skip
"""Numbers at the top that are lengths of time, and in which unit."""
_NEEDED_FIELDS: Mapping[str, str] = {
    "topic": "text",
    "title": "text",
    "start_on": "date",
    "end_on": "date",
    "requested_minor": "minor",
}
"""Fields that every application has, whatever the call: the system itself reads them."""
_CURRENCY = re.compile("[A-Z]{3}")
_OTHER_MINORS = frozenset((
    "BHD", "BIF", "CLF", "CLP", "DJF", "GNF", "IQD", "ISK", "JOD", "JPY", "KMF", "KRW", "KWD",
    "LYD", "OMR", "PYG", "RWF", "TND", "UGX", "UYI", "UYW", "VND", "VUV", "XAF", "XOF", "XPF",
))  # fmt: skip
"""Currencies whose minor unit is none or another than a hundredth (ISO 4217): amounts would be told wrong by powers of ten."""
_NOTED = ("PassDeadline",)
FIRES: Mapping[str, tuple[str, ...]] = {
    "submit": ("LapseDraft",),
    "format_check": _NOTED,
    "correction": ("LapseCorrection",),
    "review_request": _NOTED,
    "review_decision": _NOTED,
    "invitation": _NOTED,
    "score": _NOTED,
    "decision": _NOTED,
    "public_notice": _NOTED,
    "objection": _NOTED,
    "agreement": ("PassDeadline", "LapseAward"),
    "agreement_grace": ("LapseAward",),
    "first_payment": _NOTED,
    "start": ("StartExecution",),
    "report": ("MarkReportLate",),
    "report_escalation": ("EscalateReport",),
    "milestone": _NOTED,
    "milestone_escalation": _NOTED,
    "execution_end": ("EndExecution",),
    "acceptance_request": ("MarkAcceptanceOverdue",),
    "acceptance_escalation": ("EscalateAcceptance",),
    "acceptance_decision": _NOTED,
    "rectification": ("MarkAcceptanceOverdue",),
    "materials": ("MarkAcceptanceOverdue",),
    "archive": ("ArchiveApplication",),
    "recovery": _NOTED,
    "hearing": _NOTED,
    "credit": ("ExpireCredit",),
    "contacts": ("AskContacts",),
    "credit_objection": _NOTED,
}
"""Kinds of periods that the transition table sets, and the commands that may be given when they are over."""
_NEEDED_PERIODS = ("submit", "correction", "review_request", "public_notice", "agreement", "agreement_grace", "start",
                   "execution_end", "acceptance_request", "hearing")  # fmt: skip
"""Without these an application would be stuck, or a right would have no term."""


def inconsistencies(parts: Parts) -> list[Fault]:
    """Every fault between the parts of a call file. What could not be read is judged no further."""
    return [
        *_head(parts.head),
        *at_least(parts.review, "experts_min", 1, ("review",)),
        *at_least(parts.review, "trimmed", 0, ("review",)),
        *at_least(parts.review, "disagreement_ppm", 0, ("review",)),
        *_window(parts.head),
        *_shares(parts),
        *_names(parts),
        *_materials(parts),
        *_topics(parts),
        *_fields(parts),
        *_periods(parts),
        *rule_faults(parts),
        *gaps(parts),
        *quote_faults(parts),
    ]


def _head(head: Values) -> Iterator[Fault]:
    yield from well_named(head, ())
    yield from one_of(head, "unit_scheme", SCHEMES, ())
    yield from one_of(head, "calendar", CALENDARS, ())
    if "currency" in head and (not _CURRENCY.fullmatch(head["currency"]) or head["currency"] in _OTHER_MINORS):
        said = short(head["currency"])
        yield Fault(
            ("currency",),
            f"“{said}”应为三个大写字母，且为有百分之一辅币的货币",
            f"{said!r} should be three capital letters, of a currency with hundredths",
        )
    yield from at_least(head, "version", 1, ())
    for name in _COUNTS:
        yield from at_least(head, name, 0, ())
    for name, unit in _LENGTHS.items():
        yield from at_most(head, name, LONGEST[unit], ())
    if "timezone" in head and not is_zone(head["timezone"]):
        said = short(head["timezone"])
        yield Fault(("timezone",), f"未知的时区“{said}”", f"no such time zone: {said!r}")


def _window(head: Values) -> Iterator[Fault]:
    naive = [name for name in ("opens_at", "closes_at") if name in head and head[name].tzinfo is None]
    for name in naive:
        yield Fault((name,), "时间须注明时区，如 +08:00", "an instant needs its offset, such as +08:00")
    opens, closes, ends = (head.get(name) for name in ("opens_at", "closes_at", "execution_ends_by"))
    if opens and closes and not naive and opens >= closes:
        yield Fault(("closes_at",), "截止时间须晚于开始时间", "closes before it opens")
    if opens and ends and ends < opens.date():
        yield Fault(("execution_ends_by",), "执行期结束早于受理开始", "execution ends before filing opens")


def _shares(parts: Parts) -> Iterator[Fault]:
    criteria = parts.lists["criterion"]
    weights = [criterion["weight_percent"] for criterion in criteria if "weight_percent" in criterion]
    if sum(weights) != 100 or min(weights) <= 0:
        total = sum(weights)
        yield Fault(("criterion",), f"评分权重须为正且合计100，现合计{total}", f"weights sum to {total}, not 100")
    for i, criterion in enumerate(criteria):
        yield from at_least(criterion, "points_max", 1, ("criterion", i))
    shares = parts.head.get("instalments_percent", (100,))
    if sum(shares) != 100 or min(shares) <= 0:
        yield Fault(("instalments_percent",), "各期比例须为正且合计100", "shares must be positive and sum to 100")


def _names(parts: Parts) -> Iterator[Fault]:
    for name in ("topic", "target", "material", "field", "rule", "criterion"):
        for i, item in enumerate(parts.lists[name]):
            yield from well_named(item, (name, i))


def _materials(parts: Parts) -> Iterator[Fault]:
    for i, material in enumerate(parts.lists["material"]):
        if parts.review.get("blind") and material.get("experts") and material.get("sealed"):
            said = (
                "盲评中专家可打开的材料不得加盖申报单位印章",
                "in a blind review, what experts may open may not bear the unit's seal",
            )
            yield Fault(("material", i, "experts"), *said)


def _topics(parts: Parts) -> Iterator[Fault]:
    if not parts.lists["topic"]:
        yield Fault(("topic",), "至少要有一个支持方向", "a call needs a topic at least")
    targets = {target["id"] for target in parts.lists["target"] if "id" in target}
    for i, topic in enumerate(parts.lists["topic"]):
        if topic.get("contributes"):
            yield from one_of(topic, "contributes", sorted(targets), ("topic", i))
    for i, target in enumerate(parts.lists["target"]):
        yield from at_least(target, "at_least", 1, ("target", i))


def _fields(parts: Parts) -> Iterator[Fault]:
    types = {field.get("id"): field.get("type") for field in parts.lists["field"]}
    for name, wanted in _NEEDED_FIELDS.items():
        if types.get(name) != wanted:
            yield Fault(("field",), f"须有字段“{name}”（{wanted}）", f"a field {name!r} of type {wanted} is needed")
    for i, field in enumerate(parts.lists["field"]):
        yield from one_of(field, "type", _TYPES, ("field", i))
        yield from at_least(field, "limit", 1, ("field", i))
        if field.get("type") in ("int", "minor", "ppm") and "limit" not in field:
            yield Fault(("field", i, "limit"), "数字须注明最大值", "a number needs the largest that it may be")
        if field.get("indicator") is True and field.get("type") not in ("int", "ppm"):
            yield Fault(("field", i, "indicator"), "考核指标须为 int 或 ppm", "an indicator is an int or a ppm")
        yield from known_topics(parts, field, ("field", i))
        yield from _choices(field, ("field", i, "choices"))


def _choices(field: Values, at: Path) -> Iterator[Fault]:
    choices = [choice.value for choice in field.get("choices", ())]
    if field.get("type") in ("choice", "choices") and not choices:
        yield Fault(at, "缺少选项", "a choice needs choices")
    if len(set(choices)) < len(choices):
        yield Fault(at, "选项重复", "a choice stands there twice")


def _periods(parts: Parts) -> Iterator[Fault]:
    kinds = {period.get("kind") for period in parts.lists["period"]}
    for kind in _NEEDED_PERIODS:
        if kind not in kinds:
            yield Fault(("period",), f"缺少期限“{kind}”", f"a period {kind!r} is needed")
    for i, period in enumerate(parts.lists["period"]):
        yield from one_of(period, "kind", FIRES, ("period", i))
        yield from one_of(period, "base", _BASES, ("period", i))
        yield from one_of(period, "fires", FIRES.get(period.get("kind", ""), _commands()), ("period", i))
        if "length" in period:
            yield from not_too_long(period["length"], ("period", i, "length"))
        for n, reminder in enumerate(period.get("reminders", ())):
            yield from not_too_long(reminder, ("period", i, "reminders", n))


def _commands() -> tuple[str, ...]:
    return tuple(dict.fromkeys(command for commands in FIRES.values() for command in commands))

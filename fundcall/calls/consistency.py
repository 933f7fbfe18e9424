"""What must fit together in a call file beyond the shape of its tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fundcall.calls.calendars import NAMES as CALENDARS
from fundcall.calls.shape import Fault, Head
from states.calendar import UNITS
from states.checks import CHECKS, PARAMS
from states.commands import COMMANDS
from states.unit_code import SCHEMES

STAGES = frozenset({"create", "edit", "upload", "submit", "change", "approve", "pay"})
_TYPES = frozenset({"text", "int", "minor", "ppm", "date", "flag", "choice", "choices"})
_OPERATORS = frozenset({">", ">=", "<", "<="})
_WRITTEN = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日(\d{1,2}):(\d{2})")
Lists = Mapping[str, list[Any]]


def inconsistencies(head: Head, lists: Lists, notice: str | None) -> list[Fault]:
    """Every fault between the parts of a call file."""
    return [
        *_head(head),
        *_weights(head, lists),
        *_rules(head, lists),
        *_periods(lists),
        *_fields(lists),
        *_quotes(lists, notice),
    ]


def _head(head: Head) -> Iterator[Fault]:
    for name in ("opens_at", "closes_at"):
        if getattr(head, name).tzinfo is None:
            yield Fault((name,), "时间须注明时区，如 +08:00", "an instant needs its offset, such as +08:00")
            return
    if head.opens_at >= head.closes_at:
        yield Fault(("closes_at",), "截止时间须晚于开始时间", "closes before it opens")
    try:
        ZoneInfo(head.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        yield Fault(("timezone",), "未知的时区", f"no such time zone: {head.timezone!r}")
    if head.unit_scheme not in SCHEMES:
        yield Fault(("unit_scheme",), "未知的单位代码体系", f"one of {', '.join(SCHEMES)}")
    if head.calendar not in CALENDARS:
        yield Fault(("calendar",), "未知的工作日历", f"one of {', '.join(CALENDARS)}")
    if min(head.correction_rounds_max, head.extensions_max, head.extension_months_max) < 0:
        yield Fault(("correction_rounds_max",), "次数不能为负", "counts cannot be negative")


def _weights(head: Head, lists: Lists) -> Iterator[Fault]:
    weight = sum(c.weight_percent for c in lists["criterion"] if c)
    if weight != 100:
        yield Fault(("criterion",), f"评分权重合计应为100，现为{weight}", f"weights sum to {weight}, not 100")
    if sum(head.instalments_percent) != 100 or min(head.instalments_percent, default=0) <= 0:
        yield Fault(("instalments_percent",), "各期比例须为正且合计100", "shares must be positive and sum to 100")
    if not lists["topic"]:
        yield Fault(("topic",), "至少要有一个支持方向", "a call needs a topic at least")


def _rules(head: Head, lists: Lists) -> Iterator[Fault]:
    topics = [topic.id for topic in lists["topic"] if topic]
    for i, rule in enumerate(lists["rule"]):
        if rule is None:
            continue
        at = ("rule", i)
        if rule.check != "none" and rule.check not in CHECKS:
            yield Fault(
                (*at, "check"), f"没有检查“{rule.check}”", f"no check {rule.check!r}; there are {', '.join(CHECKS)}"
            )
        for stage in rule.stages:
            if stage not in STAGES:
                yield Fault(
                    (*at, "stages"), f"没有阶段“{stage}”", f"no stage {stage!r}; there are {', '.join(sorted(STAGES))}"
                )
        for prefix in rule.topics:
            if not any(topic.startswith(prefix) for topic in topics):
                yield Fault((*at, "topics"), f"没有支持方向“{prefix}”", f"no topic begins with {prefix!r}")
        yield from _params(rule, lists, at)
    dated = [(i, rule) for i, rule in enumerate(lists["rule"]) if rule and rule.check == "window"]
    for i, rule in dated:
        yield from _slips(head, rule.quote, ("rule", i, "quote"))


def _params(rule: Any, lists: Lists, at: tuple[str, int]) -> Iterator[Fault]:
    must, may = PARAMS.get(rule.check, (frozenset(), frozenset()))
    for name in sorted(must - rule.params.keys()):
        yield Fault((*at, "params"), f"缺少参数“{name}”", f"the check {rule.check!r} needs {name!r}")
    for name in sorted(rule.params.keys() - must - may):
        yield Fault((*at, "params"), f"未知参数“{name}”", f"the check {rule.check!r} takes no {name!r}")
    known = {field.id for field in lists["field"] if field}
    named = [rule.params["field"]] if isinstance(rule.params.get("field"), str) else []
    for name in (*named, *rule.params.get("when", {})):
        if name not in known:
            yield Fault((*at, "params"), f"申报书没有字段“{name}”", f"the form has no field {name!r}")
    if rule.check == "threshold" and rule.params.get("op") not in _OPERATORS:
        yield Fault((*at, "params"), "比较符有误", f"op must be one of {', '.join(sorted(_OPERATORS))}")
    if rule.check == "threshold" and type(rule.params.get("value")) is not int:
        yield Fault((*at, "params"), "界限须为整数", "the bound must be a whole number")
    materials = {material.id for material in lists["material"] if material}
    if rule.check == "form_document" and rule.params.get("material") not in materials:
        yield Fault((*at, "params"), "没有该材料", f"no material {rule.params.get('material')!r}")


def _slips(head: Head, quote: str, path: tuple[str, int, str]) -> Iterator[Fault]:
    """The instants that a window rule quotes are those of the window: real notices contain slips of this kind."""
    if head.opens_at.tzinfo is None:
        return
    zone = ZoneInfo(head.timezone)
    for match in _WRITTEN.finditer(quote):
        year, month, day, hour, minute = (int(group) for group in match.groups())
        written = datetime(year, month, day, hour, minute, tzinfo=zone)
        if written not in (head.opens_at, head.closes_at):
            yield Fault(path, f"引文时间 {match[0]} 与受理时间不一致", f"{match[0]} is neither opens_at nor closes_at")


def _periods(lists: Lists) -> Iterator[Fault]:
    for i, period in enumerate(lists["period"]):
        if period is None:
            continue
        if period.base not in ("event", "close", "start_on", "end_on"):
            yield Fault(("period", i, "base"), "起算点有误", "base must be event, close, start_on or end_on")
        command = COMMANDS.get(period.fires)
        if command is None or "deadline" not in command.__dataclass_fields__:
            yield Fault(
                ("period", i, "fires"), f"没有期限命令“{period.fires}”", f"no deadline command {period.fires!r}"
            )
        if period.length.unit not in UNITS:
            yield Fault(("period", i, "length"), "单位有误", f"unit must be one of {', '.join(UNITS)}")


def _fields(lists: Lists) -> Iterator[Fault]:
    for i, field in enumerate(lists["field"]):
        if field is not None and field.type not in _TYPES:
            yield Fault(("field", i, "type"), "字段类型有误", f"type must be one of {', '.join(sorted(_TYPES))}")
        if field is not None and field.type in ("choice", "choices") and not field.choices:
            yield Fault(("field", i, "choices"), "缺少选项", "a choice needs choices")


def _quotes(lists: Lists, notice: str | None) -> Iterator[Fault]:
    """Every sentence quoted stands in the notice (a topic's text may join its heading's opening to its own part)."""
    if notice is None:
        return
    quoted: tuple[tuple[str, Callable[[Any], str]], ...] = (
        ("rule", lambda item: item.quote),
        ("target", lambda item: item.quote),
        ("topic", lambda item: item.text_zh),
    )
    for name, text_of in quoted:
        for i, item in enumerate(lists[name]):
            if item is not None and not all(sentence in notice for sentence in text_of(item).split("。")):
                key = "text_zh" if name == "topic" else "quote"
                yield Fault((name, i, key), "引文与通知原文不符", "not the notice's words")

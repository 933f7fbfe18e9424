"""What a call file says and has nobody look after: a demand without a rule that checks it, a bound that no value reaches."""

from __future__ import annotations

from collections.abc import Iterator

from fundcall.calls.calendars import NAMES, named
from fundcall.calls.judgements import is_zone
from fundcall.calls.shape import Fault, Parts
from states.calendar import CalendarMissing, after
from states.checks import CHECKS

_WINDOW = (
    '没有规则在提交时核对受理时间（check = "window"）：任何时间的申报都会被接受',
    'no rule checks the window at submission (check = "window"): filings would be taken at any time',
)
_UNCHECKED = {
    "required": ("必填项空缺", "required fields that are empty"),
    "topic": ("支持方向不在通知之列", "topics that the call does not have"),
    "unit_code": ("单位代码有误", "wrong codes of units"),
    "period_well_formed": ("起止日期颠倒或缺失", "days that are missing or the wrong way round"),
    "ends_by": ("晚于 execution_ends_by 的结束日期", "last days after execution_ends_by"),
    "materials": ("必备材料缺失", "required materials that are missing"),
    "sealed": ("应盖章的材料未盖章", "seals that are missing"),
    "document_format": ("任何格式的文件", "files of any format"),
    "document_size": ("大文件（上限为系统自身的上限）", "large files, up to the system's own limit"),
    "document_safe": ("损坏或含有脚本等活动内容的文件", "files that are broken or have scripts in them"),
}
"""Checks that nearly every call needs, and what is let pass where no rule asks for them."""


def gaps(parts: Parts) -> Iterator[Fault]:
    """A call without a window is none; what else is left open is a warning, as a notice may mean it."""
    rules = parts.lists["rule"]
    if not any(rule.get("check") == "window" and "submit" in rule.get("stages", ("submit",)) for rule in rules):
        yield Fault(("rule",), *_WINDOW)
    asked = {rule.get("check", "none") for rule in rules}
    for check in _demanded(parts) if asked <= {*CHECKS, "none"} else ():  # one misspelt may be the one that is missed
        if check not in asked:
            zh, en = _UNCHECKED[check]
            said = (
                f"没有使用检查“{check}”的规则：{zh}不会被发现",
                f"no rule has the check {check!r}: nothing finds {en}",
            )
            yield Fault(("rule",), *said, warning=True)
    yield from _out_of_reach(parts)
    yield from _beyond_the_calendar(parts)


def _beyond_the_calendar(parts: Parts) -> Iterator[Fault]:
    """Nothing can be filed where the format check is reckoned into a year whose working days are not known."""
    head = parts.head
    closes, name, timezone = head.get("closes_at"), head.get("calendar"), str(head.get("timezone", ""))
    found = next((period for period in parts.lists["period"] if period.get("kind") == "format_check"), {})
    if closes is None or closes.tzinfo is None or name not in NAMES or "length" not in found or not is_zone(timezone):
        return
    try:
        after(closes, found["length"], timezone, named(name), rolls=found.get("rolls", False))
    except OverflowError:  # a length that is itself a fault
        return
    except CalendarMissing as missing:
        said = (
            f"形式审查期限进入{missing.year}年，该年工作日历尚未公布：在其补入之前，任何申报都不能提交",
            f"the format check runs into {missing.year}, whose working days are not published: until they are, nothing can be filed",
        )
        yield Fault(("calendar",), *said, warning=True)


def _demanded(parts: Parts) -> Iterator[str]:
    """The checks that what the file says elsewhere calls for."""
    materials = parts.lists["material"]
    if any(field.get("required") for field in parts.lists["field"]):
        yield "required"
    yield from ("topic", "unit_code", "period_well_formed")
    if "execution_ends_by" in parts.head:
        yield "ends_by"
    if any(material.get("required") for material in materials):
        yield "materials"
    if any(material.get("sealed") for material in materials):
        yield "sealed"
    if materials:
        yield from ("document_format", "document_size", "document_safe")


def _out_of_reach(parts: Parts) -> Iterator[Fault]:
    """Thresholds above what the field they look at may hold."""
    limits = {field.get("id"): field.get("limit") for field in parts.lists["field"]}
    for i, rule in enumerate(parts.lists["rule"]):
        params = rule.get("params", {})
        limit, bound = limits.get(str(params.get("field"))), params.get("value")
        if rule.get("check") != "threshold" or type(limit) is not int or type(bound) is not int:
            continue
        if params.get("op") in (">", ">=") and bound + (params["op"] == ">") > limit:
            said = (
                f"字段“{params['field']}”最大为{limit}，不可能满足此界限",
                f"the field {params['field']!r} holds {limit} at most, which never meets this bound",
            )
            yield Fault(("rule", i, "params", "value"), *said)

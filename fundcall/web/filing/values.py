"""Values of the application form as people write them, and as the ledger holds them: read exactly or not at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fundcall.web.inputs import half_width, scaled
from states.checks import well_typed
from states.checks.form import empty
from states.funding_call import Field
from states.labels import Pair
from states.money import major

_PPM_OF_PERCENT = 10_000
_UNIT_IN_LABEL = re.compile(r"\s*[（(][^（）()]*[）)]$")
_LARGE = {"万": 10_000, "亿": 100_000_000}
_SIGNS = str.maketrans("", "", "%¥￥元 \u00a0\u3000")


class Unreadable(Exception):
    """A text is no value of its field: what it should be, in Chinese and English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.pair: Pair = (zh, en)


def label(field: Field) -> Pair:
    """What the field is called on a page; amounts and shares are asked for in another unit than they are kept in."""
    if field.type not in ("minor", "ppm"):
        return field.zh, field.en
    return _UNIT_IN_LABEL.sub("", field.zh), _UNIT_IN_LABEL.sub("", field.en)


def given(field: Field, form: Mapping[str, str]) -> bool:
    """Whether a form had the field on it at all; boxes that are not ticked send nothing of their own."""
    return field.id in form or f"has.{field.id}" in form


def read(field: Field, form: Mapping[str, str]) -> Any:
    """The value that a form gives a field; None for nothing. Raises Unreadable."""
    if field.type == "flag":
        return form.get(field.id) == "yes" or None
    if field.type == "choices":
        return [c.value for c in field.choices if f"{field.id}.{c.value}" in form] or None
    text = form.get(field.id, "").replace("\r\n", "\n").strip()
    if not text:
        return None
    value = _number(field, text) if field.type in ("int", "minor", "ppm") else _as_written(field, text)
    if not well_typed(field, value):
        raise _out_of(field, value)
    return value


def written(field: Field, value: Any) -> str:
    """A value as it stands in its input; "" for none, and for what boxes show."""
    if value is None or field.type in ("flag", "choices"):
        return ""
    if field.type == "minor" and type(value) is int:
        return major(value)
    if field.type == "ppm" and type(value) is int:
        return f"{value // _PPM_OF_PERCENT}.{value % _PPM_OF_PERCENT:04d}".rstrip("0").rstrip(".")
    return f"{value:,}" if field.type == "int" and type(value) is int else str(value)


def said(field: Field, value: Any, currency: str) -> Pair:
    """A value in words, for who reads it."""
    if empty(value):
        return "—", "—"
    if field.type == "flag":
        return ("是", "yes") if value is True else ("否", "no")
    if field.type in ("choice", "choices"):
        chosen = [c for c in field.choices if c.value in (value if isinstance(value, list) else [value])]
        return "、".join(c.zh for c in chosen) or str(value), ", ".join(c.en for c in chosen) or str(value)
    text = written(field, value) + {"ppm": "%", "minor": f" {currency}"}.get(field.type, "")
    return text, text


def same(field: Field, one: Any, other: Any) -> bool:
    """Whether two values say the same: nothing said is nothing said, however it is kept."""
    return one == other or (_nothing(one) and _nothing(other))


def _nothing(value: Any) -> bool:
    return value is False or empty(value)


def ten_thousands(value: Any) -> str:
    """An amount of at least ten thousand in 万, as people say it; "" for a smaller one or none."""
    if type(value) is not int or value < 1_000_000:
        return ""
    whole = f"{value // 1_000_000:,}.{value % 1_000_000:06d}"
    return whole.rstrip("0").rstrip(".")


def _as_written(field: Field, text: str) -> str:
    if field.type == "date":
        parts = re.fullmatch(r"([0-9]{4})\D+([0-9]{1,2})\D+([0-9]{1,2})\D*", half_width(text))
        return f"{parts[1]}-{int(parts[2]):02d}-{int(parts[3]):02d}" if parts else text
    return text


def _number(field: Field, text: str) -> int:
    plain = half_width(text).translate(_SIGNS)
    times = {"minor": 100, "ppm": _PPM_OF_PERCENT, "int": 1}[field.type]
    if field.type != "ppm" and plain[-1:] in _LARGE:
        plain, times = plain[:-1], times * _LARGE[plain[-1]]
    try:
        return scaled(plain, times)
    except ValueError as wrong:
        raise _out_of(field, text) from wrong


def _out_of(field: Field, value: object) -> Unreadable:
    """What the field takes, said so that one sees what is wrong."""
    match field.type:
        case "text":
            length = len(str(value))
            return Unreadable(
                f"最多{field.limit}字，现有{length}字，请缩短",
                f"at most {field.limit} characters; there are {length}: shorten it",
            )
        case "minor":
            most = f"{field.limit // 100:,}"
            return Unreadable(
                f"应为金额，以元计，至多两位小数，不超过 {most}，例如 12,500.00",
                f"should be an amount of at most {most} with at most two decimals, such as 12,500.00",
            )
        case "ppm":
            return Unreadable(
                "应为0至100之间的百分数，至多四位小数，例如 99.9",
                "should be percent from 0 to 100 with at most four decimals, such as 99.9",
            )
        case "int":
            return Unreadable(
                f"应为0至{field.limit:,}之间的整数", f"should be a whole number from 0 to {field.limit:,}"
            )
        case "date":
            return Unreadable("应为日期，例如 2026-01-31", "should be a date, such as 2026-01-31")
        case _:
            return Unreadable("请从所列选项中选择", "choose from the list")  # fmt: skip

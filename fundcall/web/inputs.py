"""The fields of a command as the inputs of a form, and a form that came back as the JSON that the API would be sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from fundcall.web.labels import VALUES, Pair, field_label
from states.funding_call import Choice
from workflow.commands import Fault
from workflow.shapes import KINDS

Options = Mapping[str, tuple[Choice, ...]]
"""What a field may be where the case or the call says so; for an object with free keys, its keys."""
_LONG = frozenset(
    {"reason", "grounds", "comment", "comments", "minutes", "summary", "evidence", "detail", "text", "findings", "remedy"}
)  # fmt: skip
_EMPTY_ROWS = 2
ROWS_MAX = 50
_YES = {"yes": True, "no": False}
_KINDS: Mapping[Any, str] = {str: "text", int: "whole", bool: "yes_no", date: "day", datetime: "instant"}


@dataclass(frozen=True, slots=True)
class Input:
    """One input, or several under a heading. `kind`: text, long, whole, money, day, instant, yes_no, choice, group, rows.

    `name` is its path in the JSON (items.0.remedy); `parts` are the inputs of a group, or of all rows, one group a row.
    """

    name: str
    kind: str
    label: Pair
    required: bool = True
    choices: tuple[Choice, ...] = ()
    parts: tuple[Input, ...] = ()

    @property
    def long(self) -> bool:
        """Whether it takes more than a line."""
        return self.kind == "long"


def inputs_of(command: str, options: Options, given: Iterable[str]) -> tuple[Input, ...]:
    """The inputs of a command. `given` are the names that have a value already: rows are counted by them."""
    return tuple(_members(KINDS[command], "", command, options, frozenset(given)))


def _members(
    kind: type[Any], path: str, command: str, options: Options, given: frozenset[str], *, row: bool = False
) -> Iterator[Input]:
    hints = get_type_hints(kind)
    for f in fields(kind):
        required = not row and f.default is MISSING and f.default_factory is MISSING
        yield _input(hints[f.name], f.name, f"{path}{f.name}", required, (command, options, given))


def _input(hint: Any, field: str, name: str, required: bool, about: tuple[str, Options, frozenset[str]]) -> Input:
    command, options, given = about
    label, origin = field_label(field), get_origin(hint)
    if origin is UnionType:
        kinds = [arg for arg in get_args(hint) if arg is not NoneType]
        hint = next((arg for arg in kinds if is_dataclass(arg)), kinds[0])
    if origin is tuple:
        rows = tuple(_row(get_args(hint)[0], field, f"{name}.{n}", about) for n in range(_rows(name, given)))
        return Input(name, "rows", label, required, parts=rows)
    if origin is not None and origin is not UnionType:
        each = get_args(hint)[1]
        parts = tuple(
            Input(f"{name}.{key.value}", _plain(each, field), (key.zh, key.en), required and field == "points")
            for key in options.get(field, ())
        )
        return Input(name, "group", label, required, parts=parts)
    if is_dataclass(hint):
        return Input(
            name, "group", label, required, parts=tuple(_members(_type(hint), f"{name}.", command, options, given))
        )
    choices = options.get(field) or VALUES.get(f"{command}.{field}") or VALUES.get(field) or ()
    return Input(name, "choice" if choices else _plain(hint, field), label, required, choices)


def _row(kind: Any, field: str, name: str, about: tuple[str, Options, frozenset[str]]) -> Input:
    number = int(name.rpartition(".")[2]) + 1
    label = (f"第{number}项", f"No. {number}")
    if not is_dataclass(kind):
        return Input(name, _plain(kind, field), label, required=False)
    command, options, given = about
    parts = tuple(_members(_type(kind), f"{name}.", command, options, given, row=True))
    return Input(name, "group", label, required=False, parts=parts)


def _type(kind: Any) -> type[Any]:
    assert isinstance(kind, type)  # noqa: S101 - fields are declared by classes, not by instances
    return kind


def _plain(kind: Any, field: str) -> str:
    if kind is int and field.endswith("_minor"):
        return "money"
    return "long" if field in _LONG else _KINDS[kind]


def _rows(name: str, given: frozenset[str]) -> int:
    """As many rows as were given, and some empty ones."""
    numbers = [
        part for other in given if other.startswith(f"{name}.") and (part := other.split(".")[name.count(".") + 1])
    ]
    last = max((int(n) for n in numbers if n.isdecimal() and len(n) < len(str(ROWS_MAX)) + 1), default=-1)
    return min(ROWS_MAX, last + 1 + _EMPTY_ROWS)


# --- a form that came back ------------------------------------------------------------------------------------------


def read(inputs: Iterable[Input], form: Mapping[str, str]) -> tuple[dict[str, Any], list[Fault]]:
    """What a form says, as JSON, and what in it cannot be read. What was left empty and need not be given is left out."""
    found: dict[str, Any] = {}
    faults: list[Fault] = []
    for one in inputs:
        value = _read(one, form, faults)
        if value is not None:
            found[one.name.rpartition(".")[2]] = value
    return found, faults


def _read(one: Input, form: Mapping[str, str], faults: list[Fault]) -> Any:
    if one.kind == "rows":
        values = [_read(row, form, faults) for row in one.parts]
        kept = [value for value in values if value is not None]
        return kept if kept or one.required else None
    if one.parts or one.kind == "group":
        inner, wrong = read(one.parts, form)
        faults += wrong
        return inner if inner or one.required else None
    text = form.get(one.name, "").replace("\r\n", "\n").strip()
    if not text:
        return "" if one.required and one.kind in ("text", "long", "choice") else None
    try:
        return _value(one, text)
    except (ValueError, InvalidOperation):
        faults.append(Fault(one.name, *_SHOULD[one.kind]))
        return None


def _value(one: Input, text: str) -> Any:
    """The JSON value of a text. Raises ValueError, InvalidOperation."""
    if one.kind == "money":
        minor = Decimal(text.replace(",", "").replace("，", "")) * 100
        if minor != minor.to_integral_value() or abs(minor) >= 2**53:
            raise ValueError(text)
        return int(minor)
    if one.kind == "whole" or (one.kind == "choice" and one.name.rpartition(".")[2] in _NUMBERED):
        return int(text)
    if one.kind == "yes_no":
        if text not in _YES:
            raise ValueError(text)
        return _YES[text]
    if one.kind == "instant":
        return f"{datetime.fromisoformat(text).replace(tzinfo=None).isoformat()}+08:00"
    return text


_NUMBERED = frozenset({"objection", "request", "instalment", "milestone"})
_SHOULD: Mapping[str, Pair] = {
    "money": ("应为金额（元），至多两位小数，例如 12,500.00", "should be an amount with at most two decimals, such as 12,500.00"),
    "whole": ("应为整数", "should be a whole number"),
    "choice": ("请从列表中选择", "choose from the list"),
    "yes_no": ("请选择“是”或“否”", "choose yes or no"),
    "instant": ("应为日期和时间", "should be a date and a time"),
    "day": ("应为日期，例如 2026-01-31", "should be a date, such as 2026-01-31"),
}  # fmt: skip

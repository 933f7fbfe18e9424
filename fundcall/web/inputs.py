"""The fields of a command as the inputs of a form, and a form that came back as the JSON that the API would be sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import Any, NamedTuple

from fundcall.web.words import Wall, wall_of
from states.calendar import day_of, zone
from states.errors import Refusal
from states.funding_call import Choice, FundingCall
from states.labels import VALUES, Pair, field_label
from workflow.commands import Fault
from workflow.shapes import Shape, shape_of

Options = Mapping[str, tuple[Choice, ...]]
"""What a field may be where the case or the call says so; for an object with free keys, its keys."""
_LONG = frozenset(
    {"reason", "grounds", "comment", "comments", "minutes", "summary", "evidence", "detail", "text", "findings", "remedy",
     "before", "after"}
)  # fmt: skip
_EMPTY_ROWS = 3
ROWS_MAX = 50
_YES = {"yes": True, "no": False}
_EXACT = Context(prec=40, traps=[InvalidOperation, Inexact])
_NUMBER = re.compile(r"-?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?")
_HALF_WIDTH = str.maketrans("０１２３４５６７８９，．－％", "0123456789,.-%")
_KINDS: Mapping[Any, str] = {str: "text", int: "whole", bool: "yes_no", date: "day", datetime: "instant"}


@dataclass(frozen=True, slots=True)
class Input:
    """One input, or several under a heading. `kind`: text, long, whole, money, day, instant, yes_no, choice, group, rows.

    `name` is its path in the JSON (items.0.remedy); `parts` are the inputs of a group, or of all rows, one group a row;
    `whole` that what is given or chosen is a whole number; `wall` the clock that an instant is read from.
    """

    name: str
    kind: str
    label: Pair
    required: bool = True
    choices: tuple[Choice, ...] = ()
    parts: tuple[Input, ...] = ()
    whole: bool = False
    wall: Wall | None = None


def inputs_of(command: str, call: FundingCall, options: Options, given: Iterable[str]) -> tuple[Input, ...]:
    """The inputs of a command in a call. `given` are the names that have a value already: rows are counted by them."""
    return _members(shape_of(command), "", _About(command, wall_of(call), options, frozenset(given)), required=True)


class _About(NamedTuple):
    command: str
    wall: Wall
    options: Options
    given: frozenset[str]


def _members(shape: Shape, path: str, about: _About, *, required: bool) -> tuple[Input, ...]:
    """An input for each member; a group that need not be given and has nothing to give is none."""
    found = (
        _input(member, field, f"{path}{field}", about, required=required and member.required)
        for field, member in (shape.members or {}).items()
    )
    return tuple(one for one in found if one.kind != "group" or one.parts or one.required)


def _input(shape: Shape, field: str, name: str, about: _About, *, required: bool) -> Input:
    label, each = field_label(field, about.command), shape.each
    if shape.members is not None:
        parts = _members(shape, f"{name}.", about, required=required)
        return Input(name, "group", label, required, parts=parts)
    if each is not None and shape.kind is tuple:
        parts = tuple(_row(each, field, name, n, about) for n in range(_rows(name, about.given)))
        return Input(name, "rows", label, required, parts=parts)
    if each is not None:
        wanted = required and field == "points"  # a comment on each criterion, or a figure for each target, need not be
        parts = tuple(
            Input(f"{name}.{key.value}", _plain(each.kind, field), (key.zh, key.en), wanted, whole=each.kind is int)
            for key in about.options.get(field, ())
        )
        return Input(name, "group", label, required, parts=parts)
    choices = about.options.get(field) or VALUES.get(f"{about.command}.{field}") or VALUES.get(field) or ()
    kind = "choice" if choices else _plain(shape.kind, field)
    wall = about.wall if kind == "instant" else None
    return Input(name, kind, label, required, choices, whole=shape.kind is int, wall=wall)


def _row(each: Shape, field: str, name: str, n: int, about: _About) -> Input:
    return replace(_input(each, field, f"{name}.{n}", about, required=False), label=(f"第{n + 1}项", f"No. {n + 1}"))


def _plain(kind: Any, field: str) -> str:
    if kind is int and field.endswith("_minor"):
        return "money"
    return "long" if field in _LONG else _KINDS[kind]


def _rows(name: str, given: frozenset[str]) -> int:
    """As many rows as were given, and some empty ones."""
    numbers = [
        part for other in given if other.startswith(f"{name}.") and (part := other.split(".")[name.count(".") + 1])
    ]
    last = max(
        (int(n) for n in numbers if n.isascii() and n.isdecimal() and len(n) < len(str(ROWS_MAX)) + 1), default=-1
    )
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
    if one.kind == "group":
        inner, wrong = read(one.parts, form)
        faults += wrong
        return inner if inner or one.required else None
    text = form.get(one.name, "").replace("\r\n", "\n").strip()
    if not text:
        if one.required and one.kind in _SAID and not one.whole:
            return ""  # whoever judges it says on what rule it has to be given
        if one.required:
            faults.append(_fault(one))
        return None
    try:
        return _value(one, text)
    except (ValueError, OverflowError):
        faults.append(_fault(one))
        return None


def _fault(one: Input) -> Fault:
    """What an input asks for, in the way in which the form shows it."""
    zh, en = _SHOULD[one.kind]
    if one.wall is not None:
        zh, en = f"{zh}（{one.wall.zh}）", f"{en} ({one.wall.en})"
    return Fault(one.name, zh, en)


def unsaid(inputs: Iterable[Input], form: Mapping[str, str]) -> list[Fault]:
    """What has to be given and is empty still."""
    found: list[Fault] = []
    for one in inputs:
        if one.parts:
            found += unsaid(one.parts, form)
        elif one.required and not form.get(one.name, "").strip():
            found.append(_fault(one))
    return found


def _value(one: Input, text: str) -> Any:
    """The JSON value of a text. Raises ValueError."""
    if one.kind == "money":
        return scaled(text, 100)
    if one.whole:
        return scaled(text, 1)
    if one.kind == "yes_no":
        if text not in _YES:
            raise ValueError(text)
        return _YES[text]
    if one.kind == "day":
        return f"{day_of(text)}"
    if one.wall is not None:
        return read_instant(text, one.wall).isoformat()
    return text


def read_instant(text: str, wall: Wall) -> datetime:
    """An instant as a field for dates and times holds it, by a clock where it names no zone. Raises ValueError, OverflowError."""
    found, there = datetime.fromisoformat(text), zone(wall.zone)
    found = found if found.tzinfo is not None else found.replace(tzinfo=there)
    return found.astimezone(there).astimezone(UTC)  # either may be out of range


def half_width(text: str) -> str:
    """A text with the digits and signs that Chinese keyboards write in full width as plain ones: １２，５００．００ is 12,500.00."""
    return text.translate(_HALF_WIDTH)


def scaled(text: str, times: int) -> int:
    """A decimal number times a power of ten, as a whole number, exactly. Raises ValueError.

    Digits are plain or full-width, with commas between thousands or none: what Python takes for a number beyond that (digits
    of other scripts, 1_000, 1e3) is none, nor is 12,50, which somebody may have meant as twelve and a half.
    """
    plain = half_width(text)
    if not _NUMBER.fullmatch(plain):
        raise ValueError(text)
    try:
        found = _EXACT.multiply(Decimal(plain.replace(",", "")), times).to_integral_exact(context=_EXACT)
    except (InvalidOperation, Inexact) as wrong:
        raise ValueError(text) from wrong
    if abs(found) >= 2**53:
        raise ValueError(text)
    return int(found)


_SAID = frozenset({"text", "long", "choice"})
"""Kinds that are words: left empty they are an empty text."""
_SHOULD: Mapping[str, Pair] = {
    "text": ("请填写", "this has to be filled in"),
    "long": ("请填写", "this has to be filled in"),
    "money": ("应为金额，至多两位小数，例如 12,500.00", "should be an amount with at most two decimals, such as 12,500.00"),
    "whole": ("应为整数", "should be a whole number"),
    "choice": ("请从列表中选择", "choose from the list"),
    "yes_no": ("请选择“是”或“否”", "choose yes or no"),
    "instant": ("应为日期和时间，例如 2026-01-31 16:00", "should be a date and a time, such as 2026-01-31 16:00"),
    "day": ("应为日期，例如 2026-01-31", "should be a date, such as 2026-01-31"),
}  # fmt: skip


def judged(
    inputs: Sequence[Input], form: Mapping[str, str], faults: Sequence[Fault], refusals: Sequence[Refusal]
) -> dict[str, Any]:
    """What a page shows of inputs that came back: what is `wrong` at each of them, all that is empty still among it, and the
    faults that stand at none (`stray`).
    """
    names = set(_names(inputs))
    empty = unsaid(inputs, form) if faults or refusals else ()
    told: tuple[Fault | Refusal, ...] = (*empty, *faults, *refusals)
    return {
        "inputs": inputs,
        "faults": faults,
        "refusals": refusals,
        "wrong": {one.where: (one.zh, one.en) for one in told if one.where in names},
        "stray": [fault for fault in faults if fault.where not in names],
    }


def _names(inputs: Iterable[Input]) -> list[str]:
    return [name for one in inputs for name in (one.name, *_names(one.parts))]

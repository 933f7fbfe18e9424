"""What the fields of each command hold, in words and by example: for who writes them, and for who got them wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from datetime import date, datetime
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from states.commands import COMMANDS, PROGRAMME_COMMANDS

KINDS: Mapping[str, type[Any]] = {**COMMANDS, **PROGRAMME_COMMANDS}
"""Every command by name."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a value must be, in both languages, and one that is.

    `kind` is what it is read as: str, int, bool, date, datetime, tuple for an array, dict for an object. `members` are the fields of an
    object by name, None where it is none; `each` is what every element of an array, or every value of an object with free keys, must be.
    """

    zh: str
    en: str
    example: Any
    kind: type[Any]
    required: bool = True
    members: Mapping[str, Shape] | None = None
    each: Shape | None = None

    def at(self, part: str | int) -> Shape | None:
        """The shape of a member or an element."""
        return self.members.get(str(part)) if self.members is not None else self.each


_SCALARS: Mapping[Any, Shape] = {
    str: Shape("文字", "text", "…", str),
    int: Shape("整数，例如 1", "a whole number, such as 1", 1, int),
    bool: Shape("true 或 false", "true or false", True, bool),
    date: Shape("日期，例如 2026-01-31", "a date, such as 2026-01-31", "2026-01-31", date),
    datetime: Shape(
        "带时区的时间，例如 2026-01-31T16:00:00+08:00",
        "an instant with its offset, such as 2026-01-31T16:00:00+08:00",
        "2026-01-31T16:00:00+08:00",
        datetime,
    ),
}
_MONEY = Shape(
    "以最小货币单位（分）计的整数，例如 1250000 即 12,500.00",
    "a whole number of minor units, such as 1250000 for 12,500.00",
    1_250_000,
    int,
)
_ANY = Shape(
    "文字、整数、true/false、文字数组或 null", "text, a whole number, true/false, an array of texts or null", "…", str
)
_EXAMPLES: Mapping[str, str] = {
    "unit_code": "91310000MA1FL0007C",
    "unit_name": "上海某某科技有限公司",
    "unit_kind": "company",
    "email": "li@example.org",
    "phone": "021-00000000",
    "unit": "91310000MA1FL0007C",
    "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "name": "李某",
    "id": "expert-01",
    "expert": "expert-01",
    "verdict": "override",
    "outcome": "accepted",
    "DecideMidTerm.outcome": "passed",
    "AddDocument.name": "申报书.pdf",
    "material": "application_form",
    "period": "2026H1",
}
"""Texts that say more than “…”, by field, or by command and field."""
_KEYED: Mapping[str, Mapping[str, Any]] = {
    "form": {"title": "…", "start_on": "2026-01-31", "requested_minor": 1_250_000},
    "points": {"innovation": 80},
    "comments": {"innovation": "…"},
    "achieved": {"platform": 1},
    "indicators": {"contributes_count": 2},
    "verified": {"platform": 1},
}
"""Objects whose keys are the call's own."""


def shape_of(command: str) -> Shape:
    """The shape of a command's fields. Raises KeyError where there is no such command."""
    return _object(KINDS[command], command)


def _object(kind: type[Any], command: str) -> Shape:
    hints = get_type_hints(kind)
    members: dict[str, Shape] = {}
    for f in fields(kind):
        found = _shape(hints[f.name], f.name, command)
        required = f.default is MISSING and f.default_factory is MISSING
        members[f.name] = replace(found, required=required)
    names = ", ".join(members) or "—"
    example = {name: member.example for name, member in members.items() if member.required}
    return Shape(f"JSON对象，字段：{names}", f"a JSON object of {names}", example, dict, members=members)


def _shape(hint: Any, name: str, command: str) -> Shape:
    origin = get_origin(hint)
    if origin is UnionType:
        kinds = [arg for arg in get_args(hint) if arg is not NoneType]
        kind: Any = next((arg for arg in kinds if is_dataclass(arg)), None)
        if kind is None:
            return _shape(kinds[0], name, command) if len(kinds) == 1 else _ANY
        return _object(kind, command)
    if origin is tuple:
        each = _shape(get_args(hint)[0], name, command)
        return Shape(f"数组，每项为{each.zh}", f"an array, each of it {each.en}", [each.example], tuple, each=each)
    if origin is not None:
        each = _shape(get_args(hint)[1], "", command)
        zh, en = (
            f"JSON对象，键由申报通知规定，值为{each.zh}",
            f"a JSON object with the call's keys, each value {each.en}",
        )
        return Shape(zh, en, _KEYED[name], dict, each=each)
    if hint not in _SCALARS:
        return _object(hint, command)
    if hint is int and name.endswith("_minor"):
        return _MONEY
    found = _SCALARS[hint]
    if hint is not str:
        return found
    return replace(found, example=_EXAMPLES.get(f"{command}.{name}", _EXAMPLES.get(name, found.example)))


def key_faults(shape: Shape, value: Any, where: str = "") -> Iterator[tuple[str, str, str]]:
    """Keys that an object lacks or should not have, at any depth: where, and why in both languages."""
    if isinstance(value, Mapping) and shape.members is not None:
        known = ", ".join(shape.members) or "—"
        for key in sorted(value.keys() - shape.members.keys()):
            yield _under(where, key), f"未知的字段；可用的字段：{known}", f"no such field; there are {known}"
        for name, member in shape.members.items():
            if name not in value and member.required:
                yield _under(where, name), f"缺少该字段：应为{member.zh}", f"missing: should be {member.en}"
    parts = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for part, inner in parts:
        below = shape.at(part)
        if below is not None:
            yield from key_faults(below, inner, _under(where, part))


def _under(where: str, part: str | int) -> str:
    return f"{where}.{part}" if where else str(part)

"""From TOML's values to typed ones: strict, and with every fault named rather than the first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields
from datetime import date, datetime
from enum import StrEnum
from types import UnionType
from typing import Any, Final, get_args, get_origin, get_type_hints

from fundcall.calls.shape import LISTS, Fault, Head, Path, Values
from states.calendar import Offset
from states.funding_call import Choice, Review
from workflow.commands import YEARS

BAD: Final = object()
"""In the place of a value that could not be read."""
_INTEGER_MAX = 2**63 - 1
_TABLES = (Choice,)
"""What may stand inside the table of something else."""
_HINTS: Mapping[Any, Mapping[str, Any]] = {
    kind: get_type_hints(kind) for kind in (Head, Review, *_TABLES, *(kind for kind, _ in LISTS.values()))
}
_SCALARS: Mapping[Any, tuple[str, str]] = {
    str: ("应为文字", "should be text"),
    int: ("应为整数", "should be a whole number"),
    bool: ("应为 true 或 false", "should be true or false"),
    datetime: ("应为带时区的时间，如 2025-09-03T10:00:00+08:00", "should be an instant: 2025-09-03T10:00:00+08:00"),
    date: ("应为日期，如 2027-12-31", "should be a date: 2027-12-31"),
}
Faults = list[Fault]


def record(kind: type[Any], data: Any, at: Path, faults: Faults) -> Values:
    """The values of a table that a dataclass describes. Unknown, missing and wrong ones are added to `faults`."""
    if not isinstance(data, Mapping):
        faults.append(Fault(at, "应为一个表", "should be a table"))
        return {}
    known = {f.name: f for f in fields(kind)}
    faults += [Fault((*at, key), "未知的项", f"unknown key {key!r}") for key in data if key not in known]
    faults += [Fault((*at, name), "缺少该项", "missing") for name, f in known.items() if name not in data and _must(f)]
    read = {name: value(_HINTS[kind][name], data[name], (*at, name), faults) for name in known if name in data}
    return {name: found for name, found in read.items() if found is not BAD}


def _must(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def value(hint: Any, data: Any, at: Path, faults: Faults) -> Any:
    """One value of that type, or BAD with the reason added to `faults`."""
    origin = get_origin(hint)
    if origin is UnionType:  # X | None: TOML has no null, so what stands there is an X
        return value(get_args(hint)[0], data, at, faults)
    if origin is tuple:
        return _sequence(get_args(hint)[0], data, at, faults)
    if origin is not None:
        return _plain_table(data, at, faults)
    if hint is Offset:
        said = ("期限长度有误，应如 5wd、10d、3m、24h", "should be a length of time such as 5wd, 10d, 3m or 24h")
        return _tried(Offset.parse, data, at, faults, said)
    if hint in _TABLES:
        return _table(hint, data, at, faults)
    if issubclass(hint, StrEnum):
        return _tried(
            hint, data, at, faults, (f"应为其中之一：{'、'.join(hint)}", f"should be one of {', '.join(hint)}")
        )
    return _scalar(hint, data, at, faults)


def _scalar(hint: Any, data: Any, at: Path, faults: Faults) -> Any:
    if type(data) is not hint:
        faults.append(Fault(at, *_SCALARS[hint]))
        return BAD
    if hint is int and abs(data) > _INTEGER_MAX:
        faults.append(Fault(at, "整数过大", "the number is too large"))
        return BAD
    if isinstance(data, date) and data.year not in YEARS:
        first, last = YEARS[0], YEARS[-1]
        faults.append(Fault(at, f"年份应为{first}至{last}", f"should be of a year from {first} to {last}"))
        return BAD
    return data


def _tried(make: Callable[[str], Any], data: Any, at: Path, faults: Faults, said: tuple[str, str]) -> Any:
    try:
        return make(data) if isinstance(data, str) else _scalar(str, data, at, faults)
    except ValueError:
        faults.append(Fault(at, *said))
        return BAD


def _table(hint: type[Any], data: Any, at: Path, faults: Faults) -> Any:
    before = len(faults)
    found = record(hint, data, at, faults)
    return hint(**found) if len(faults) == before else BAD


def _sequence(hint: Any, data: Any, at: Path, faults: Faults) -> Any:
    if not isinstance(data, list):
        faults.append(Fault(at, "应为数组", "should be an array"))
        return BAD
    found = tuple(value(hint, item, (*at, i), faults) for i, item in enumerate(data))
    return BAD if BAD in found else found


def _plain_table(data: Any, at: Path, faults: Faults) -> Any:
    """A table of anything that is plain JSON without fractions; it is handed on, so that its other keys are judged."""
    if not isinstance(data, Mapping):
        faults.append(Fault(at, "应为一个表", "should be a table"))
        return BAD
    _check_plain(data, at, faults)
    return data


def _check_plain(data: Any, at: Path, faults: Faults) -> None:
    if isinstance(data, Mapping):
        for key, item in data.items():
            _check_plain(item, (*at, key), faults)
    elif isinstance(data, list):
        for i, item in enumerate(data):
            _check_plain(item, (*at, i), faults)
    elif type(data) not in (str, bool):
        _scalar(int, data, at, faults)


def plain(data: Any) -> Any:
    """A call's data as plain JSON: instants and dates as text."""
    if isinstance(data, Mapping):
        return {key: plain(item) for key, item in data.items()}
    if isinstance(data, list):
        return [plain(item) for item in data]
    return data.isoformat() if isinstance(data, date) else data

"""The strict gate from JSON to a command: nothing that could not be stored, shown and read again gets through."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from workflow.shapes import KINDS, Shape, key_faults, shape_of

BYTES_MAX = 256 * 1024
DEPTH_MAX = 8
TEXT_MAX = 20_000
NUMBER_MAX = 2**53 - 1
YEARS = range(1900, 2200)
_ALLOWED_CONTROLS = frozenset("\n\t")
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNSEEN = frozenset("\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff\u00ad")
_ADAPTERS: Mapping[str, TypeAdapter[Any]] = {name: TypeAdapter(kind) for name, kind in KINDS.items()}


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a request: where (a path such as form.title), and why."""

    where: str
    zh: str
    en: str


class Malformed(Exception):
    """The request is no command; nothing was changed. Carries every fault found."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(f"{f.where or 'request'}: {f.zh} / {f.en}" for f in faults))
        self.faults = faults


def read_json(body: bytes) -> Any:
    """Plain JSON of bounded size and depth: no floats, no duplicate keys, no text that cannot be stored or shown.

    Raises Malformed.
    """
    if len(body) > BYTES_MAX:
        raise Malformed(Fault("", f"请求超过 {BYTES_MAX} 字节", f"more than {BYTES_MAX} bytes"))
    try:
        text = body.decode("utf-8")
        if _depth(text) > DEPTH_MAX:
            raise Malformed(Fault("", "嵌套过深", f"nested deeper than {DEPTH_MAX}"))
        found = json.loads(
            text, object_pairs_hook=_object, parse_float=_no_float, parse_constant=_no_float, parse_int=_int
        )
    except UnicodeDecodeError as wrong:
        raise Malformed(Fault("", "不是UTF-8编码", "not UTF-8")) from wrong
    except (json.JSONDecodeError, RecursionError) as wrong:
        raise Malformed(Fault("", "不是有效的JSON", f"not JSON: {wrong}")) from wrong
    faults = tuple(_bad_texts(found, ""))
    if faults:
        raise Malformed(*faults)
    return found


def read_command(name: str, body: bytes) -> Any:
    """The command of that name with the fields that the JSON object gives. Raises Malformed with every fault."""
    if name not in KINDS:
        raise Malformed(Fault("command", f"没有命令“{name}”", f"no command {name!r}; there are {', '.join(KINDS)}"))
    found = read_json(body)
    if not isinstance(found, dict):
        raise Malformed(Fault("", "应为JSON对象", "should be a JSON object"))
    shape = shape_of(name)
    faults = [Fault(*fault) for fault in key_faults(shape, found)]
    try:
        command = _ADAPTERS[name].validate_json(orjson.dumps(found), strict=True)
    except ValidationError as wrong:
        raise Malformed(*faults, *_wrong(shape, found, wrong, {fault.where for fault in faults})) from wrong
    faults += _untimely(command)
    if faults:
        raise Malformed(*faults)
    return command


def command_of(name: str, fields: Mapping[str, Any]) -> Any:
    """The command that a recorded event answers, from its fields as plain JSON. Raises KeyError, ValueError."""
    return _ADAPTERS[name].validate_json(orjson.dumps(fields), strict=True)


def _wrong(shape: Shape, found: Any, wrong: ValidationError, told: set[str]) -> Iterator[Fault]:
    """Each value that is not what it should be, once, at its own place, whichever readings of it were tried."""
    places = {place: should for place, should in (_place(shape, found, error) for error in wrong.errors()) if should}
    for place, should in places.items():
        if not any(other.startswith(f"{place}.") for other in (*places, *told)):  # else what is inside it is told
            yield Fault(place, f"应为{should.zh}", f"should be {should.en}")


def _place(shape: Shape, found: Any, error: Any) -> tuple[str, Shape | None]:
    """Where in the data an error lies, as far as shapes go, and what should stand there; None for a key's own fault."""
    if error["type"] in ("missing", "unexpected_keyword_argument"):
        return "", None
    at: list[str] = []
    for part in _path(found, error["loc"]):
        inner = shape.at(part)
        if inner is None:
            break
        shape = inner
        at.append(str(part))
    return ".".join(at), shape


def _path(found: Any, loc: Iterable[str | int]) -> list[str | int]:
    """The keys and indices of a place in the data, without the names of what it was read as."""
    path: list[str | int] = []
    for part in loc:
        try:
            found = found[part]
        except (LookupError, TypeError):
            continue
        path.append(part)
    return path


def _untimely(command: Any) -> Iterator[Fault]:
    """Instants without a zone or at the ends of time, and days from which nothing can be counted."""
    for f in fields(command):
        value = getattr(command, f.name)
        if isinstance(value, datetime):
            if value.tzinfo is None:
                zh, en = "时间须带时区，例如 2025-09-22T18:00:00+08:00", "an instant needs its zone, as in +08:00"
                yield Fault(f.name, zh, en)
            elif not _on_every_clock(value):
                yield Fault(f.name, "时间超出范围", "an instant out of range")
        elif isinstance(value, date) and value.year not in YEARS:
            first, last = YEARS[0], YEARS[-1]
            yield Fault(f.name, f"年份应为{first}至{last}", f"should be of a year from {first} to {last}")


def _on_every_clock(instant: datetime) -> bool:
    """Whether there is such an instant by the clocks of every zone."""
    try:
        return all(instant.astimezone(UTC) + timedelta(hours=ahead) for ahead in (-14, 14))
    except OverflowError:
        return False


def _depth(text: str) -> int:
    """The deepest nesting of brackets outside strings."""
    depth = most = 0
    quoted = escaped = False
    for character in text:
        if quoted:
            quoted = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            quoted = True
        elif character in "[{":
            depth += 1
            most = max(most, depth)
        elif character in "]}":
            depth -= 1
    return most


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed(Fault("", "字段重复", "a key stands there twice"))
    return found


def _no_float(text: str) -> Any:
    raise Malformed(
        Fault(
            "",
            f"不接受小数（金额以分计，1250000 即 12,500.00）：{text[:40]}",
            f"no fractions here (money is in minor units: 1250000 is 12,500.00): {text[:40]}",
        )
    )


def _int(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > NUMBER_MAX:
        raise Malformed(Fault("", "整数超出范围", f"beyond ±{NUMBER_MAX}"))
    return int(text)


def _bad_texts(value: Any, where: str) -> Iterator[Fault]:
    if isinstance(value, str):
        yield from bad_text(value, where)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from bad_text(key, f"{where}.{key}".strip("."))
            yield from _bad_texts(item, f"{where}.{key}".strip("."))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _bad_texts(item, f"{where}.{i}".strip("."))


_CHECKS: tuple[tuple[Callable[[str], bool], str, str], ...] = (
    (lambda t: len(t) > TEXT_MAX, "文字过长", f"longer than {TEXT_MAX} characters"),
    (lambda t: any("\ud800" <= c <= "\udfff" for c in t), "含有无效字符", "a lone surrogate"),
    (
        lambda t: any(unicodedata.category(c) == "Cc" and c not in _ALLOWED_CONTROLS for c in t),
        "含有控制字符",
        "a control character",
    ),
    (lambda t: not _UNSEEN.isdisjoint(t), "含有不可见的字符", "a character that cannot be seen"),
    (lambda t: not _BIDI.isdisjoint(t), "含有改变书写方向的字符", "a character that turns the writing direction"),
)


def bad_text(text: str, where: str) -> Iterator[Fault]:
    """At most one fault a text; the first that holds."""
    for wrong, zh, en in _CHECKS:
        if wrong(text):
            yield Fault(where.encode("utf-8", "replace").decode(), zh, en)
            return

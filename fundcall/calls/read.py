"""From the plain data of a call file to a FundingCall, or every fault in it at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import UTC
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from fundcall.calls.consistency import inconsistencies
from fundcall.calls.shape import LISTS, CallFaults, Fault, Head, Path
from states.calendar import Offset
from states.funding_call import FundingCall, Review

_ADAPTERS: Mapping[type[Any], TypeAdapter[Any]] = {
    kind: TypeAdapter(kind) for kind in (Head, Review, *(kind for kind, _ in LISTS.values()))
}
_ZH = {
    "missing": "缺少该项",
    "extra": "未知的项",
    "string_type": "应为文字",
    "int_type": "应为整数",
    "bool_type": "应为 true 或 false",
    "enum": "取值不在允许范围内",
}


def _json(data: Any) -> bytes:
    return orjson.dumps(data, default=str)


def _entry(kind: type[Any], data: Any, path: Path, faults: list[Fault]) -> Any:
    """One table as an instance of its class, or None and the faults."""
    if not isinstance(data, Mapping):
        faults.append(Fault(path, "应为一个表", "should be a table"))
        return None
    known = {f.name for f in fields(kind)}
    faults += [Fault((*path, key), _ZH["extra"], f"unknown key {key!r}") for key in data if key not in known]
    try:
        return _ADAPTERS[kind].validate_json(_json({k: v for k, v in data.items() if k in known}), strict=True)
    except ValidationError as wrong:
        for error in wrong.errors():
            zh = _ZH.get(error["type"], "取值有误")
            faults.append(Fault((*path, *error["loc"]), zh, error["msg"]))
    return None


def _with_offsets(item: Mapping[str, Any], path: Path, faults: list[Fault]) -> dict[str, Any]:
    """A period with its lengths of time read."""
    found = dict(item)
    try:
        if isinstance(item.get("length"), str):
            found["length"] = _offset(item["length"])
        found["reminders"] = [_offset(text) for text in item.get("reminders", [])]
    except ValueError as wrong:
        faults.append(Fault(path, "期限长度有误，应如 5wd、10d、3m、24h", str(wrong)))
        found["length"], found["reminders"] = _offset("1d"), []
    return found


def _offset(text: str) -> dict[str, Any]:
    offset = Offset.parse(text)
    return {"n": offset.n, "unit": offset.unit}


def _lists(data: Mapping[str, Any], faults: list[Fault]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for name, (kind, _) in LISTS.items():
        items = data.get(name, [])
        if not isinstance(items, list):
            faults.append(Fault((name,), "应为表的数组", "should be an array of tables"))
            continue
        found[name] = []
        for i, item in enumerate(items):
            if name == "period" and isinstance(item, Mapping):
                item = _with_offsets(item, (name, i), faults)
            found[name].append(_entry(kind, item, (name, i), faults))
        faults += _twice(name, items)
    return found


def _twice(name: str, items: list[Any]) -> Iterator[Fault]:
    key = "kind" if name == "period" else "id"
    ids = [item.get(key) if isinstance(item, Mapping) else None for item in items]
    counts = Counter(ids)
    for i, known in enumerate(ids):
        if known is not None and counts[known] > 1:
            yield Fault((name, i, key), f"重复：{known}", f"{known!r} stands there {counts[known]} times")


def read_call(data: Mapping[str, Any], notice: str | None = None) -> FundingCall:
    """The call that the data describes. Raises CallFaults with every fault. `notice` is the text quotes come from."""
    faults: list[Fault] = []
    lists = _lists(data, faults)
    review = _entry(Review, data.get("review", {}), ("review",), faults)
    head = _entry(Head, {k: v for k, v in data.items() if k not in LISTS and k != "review"}, (), faults)
    if head is not None:
        faults += inconsistencies(head, lists, notice)
    if faults or head is None or review is None:
        raise CallFaults(tuple(faults))
    keyed: dict[str, Any] = {
        field: tuple(lists[name])
        if name in ("criterion", "target")
        else {getattr(item, "kind" if name == "period" else "id"): item for item in lists[name]}
        for name, (_, field) in LISTS.items()
    }
    single: dict[str, Any] = {f.name: getattr(head, f.name) for f in fields(Head) if f.name != "notice"}
    single |= {name: single[name].astimezone(UTC) for name in ("opens_at", "closes_at")}
    return FundingCall(**single, **keyed, review=review, source=orjson.loads(_json(data)))

"""From the plain data of a call file to a FundingCall, or every fault in it at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any

from fundcall.calls.consistency import inconsistencies
from fundcall.calls.shape import LISTS, CallFaults, Fault, Head, Parts, Path, Values
from fundcall.calls.values import plain, record
from states.funding_call import FundingCall, Review


def read_call(data: Mapping[str, Any], notice: str | None = None) -> FundingCall:
    """The call that the data describes. Raises CallFaults with every fault. `notice` is the text quotes come from."""
    parts, faults = examined(data, notice)
    if any(not fault.warning for fault in faults):
        raise CallFaults(faults)
    return _built(parts, data)


def recorded_call(source: Mapping[str, Any]) -> FundingCall:
    """The call whose `source` that is, as the ledger keeps it beside its rules. Raises CallFaults.

    Its quotes were held against the notice when the file was read.
    """
    data = {key: value for key, value in source.items() if key != "notice"}
    for name, read in (("opens_at", datetime), ("closes_at", datetime), ("execution_ends_by", date)):
        if isinstance(data.get(name), str):
            data[name] = read.fromisoformat(data[name])
    parts, faults = examined(data, None)
    if any(not fault.warning for fault in faults):
        raise CallFaults(faults)
    return _built(parts, source)


def examined(
    data: Mapping[str, Any], notice: str | None, looked_at: tuple[str, ...] = ()
) -> tuple[Parts, tuple[Fault, ...]]:
    """What could be read of the data, and everything that is wrong with it, warnings too.

    `looked_at` names the places where the notice was looked for.
    """
    faults: list[Fault] = []
    head = record(Head, {k: v for k, v in data.items() if k not in LISTS and k != "review"}, (), faults)
    review = record(Review, data.get("review", {}), ("review",), faults)
    lists = {name: _list(name, data.get(name, []), faults) for name in LISTS}
    parts = Parts(head, review, lists, notice, looked_at)
    misshapen = {_without_index(fault.path) for fault in faults}
    faults += [fault for fault in inconsistencies(parts) if fault.path not in misshapen]
    return parts, tuple(faults)


def _without_index(path: Path) -> Path:
    """The key that a path belongs to: a wrong element makes its whole array wrong."""
    return _without_index(path[:-1]) if path and isinstance(path[-1], int) else path


def _list(name: str, items: Any, faults: list[Fault]) -> list[Values]:
    if not isinstance(items, list):
        faults.append(Fault((name,), "应为表的数组", "should be an array of tables"))
        return []
    kind, _ = LISTS[name]
    found = [record(kind, item, (name, i), faults) for i, item in enumerate(items)]
    faults += _twice(name, found)
    return found


def _key(name: str) -> str:
    return "kind" if name == "period" else "id"


def _twice(name: str, items: list[Values]) -> Iterator[Fault]:
    key = _key(name)
    counts = Counter(item[key] for item in items if key in item)
    for i, item in enumerate(items):
        if counts.get(item.get(key, ""), 0) > 1:
            times = counts[item[key]]
            yield Fault((name, i, key), f"重复：{item[key]}", f"{item[key]!r} stands there {times} times")


def _built(parts: Parts, data: Mapping[str, Any]) -> FundingCall:
    head = Head(**parts.head)
    single = {f.name: getattr(head, f.name) for f in fields(Head) if f.name != "notice"}
    single |= {name: single[name].astimezone(UTC) for name in ("opens_at", "closes_at")}
    keyed: dict[str, Any] = {}
    for name, (kind, field) in LISTS.items():
        items = [kind(**item) for item in parts.lists[name]]
        in_order = field in ("rubric", "targets")
        keyed[field] = tuple(items) if in_order else {getattr(item, _key(name)): item for item in items}
    return FundingCall(**single, **keyed, review=Review(**parts.review), source=plain(data))

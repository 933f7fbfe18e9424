"""The office's queue as a table: just what is on the list, of one call or of several."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from fundcall.sheets.columns import Column, Kind, instant
from fundcall.sheets.exports import Export, Words
from states.funding_call import FundingCall
from workflow.projection import NEVER, Row

_CASE = (
    Column("number", "受理编号", "number"),
    Column("application", "申报件", "application"),
    Column("unit", "申报单位", "unit"),
    Column("unit_code", "统一社会信用代码", "unit code"),
    Column("title", "项目名称", "project"),
    Column("call", "申报通知", "call"),
    Column("topic", "支持方向", "topic"),
    Column("state", "状态", "state"),
    Column("state_words", "状态名称", "state in words"),
    Column("phase", "阶段", "phase"),
    Column("open_findings", "待处理审查事项", "findings to decide", Kind.NUMBER),
    Column("claimed_by", "受领人", "claimed by"),
)


def table(rows: Iterator[Row], calls: Mapping[str, FundingCall], words: Words) -> Export:
    """The table; amounts stand in the currency of the calls, instants by their clock."""
    currencies = "/".join(sorted({call.currency for call in calls.values()}))
    amount = Column("requested_minor", "申请金额", "requested", Kind.MONEY, currencies)
    columns = (
        *_CASE,
        instant("due_at", "下一期限", "next deadline", *calls.values()),
        Column("flags", "标记", "flags"),
        instant("updated_at", "最近变动", "last moved", *calls.values()),
        amount,
    )
    return Export("applications", columns, _lines(rows, calls, words), None)


def _lines(rows: Iterable[Row], calls: Mapping[str, FundingCall], words: Words) -> Iterator[Sequence[Any]]:
    for r in rows:
        call = calls.get(r.call_id)
        topic = call.topics.get(r.topic) if call is not None else None
        yield (r.number, r.id, r.unit_name, r.unit_code, r.title, r.call_id, topic.title_zh if topic else r.topic, r.state,
               " ".join(words[r.state]), r.phase, r.open_findings, r.claimed_by, r.due_at if r.due_at < NEVER else None,
               r.flags, r.updated_at, r.requested_minor)  # fmt: skip

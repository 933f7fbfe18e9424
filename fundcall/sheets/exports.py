"""What the office takes out of a call as a table: applications, payments, scores, objections, targets.

Rows are made as they are asked for, from pages of rows and of events, so that memory does not grow with a call. Events
are those up to the ledger's head when an export begins.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from fundcall.sheets.columns import Column, Kind, instant
from states.application import State
from states.events import Recorded
from states.funding_call import FundingCall
from workflow.ports import Ledger
from workflow.projection import Row
from workflow.queries import progress
from workflow.record import decode
from workflow.scoring import read_scores

_PAGE = 1000
_WINDOW = 20_000
_KEPT = 2048
Words = Mapping[str, tuple[str, str]]
"""States by their stored names, in Chinese and English."""


class What(StrEnum):
    """What can be exported."""

    APPLICATIONS = "applications"
    PAYMENTS = "payments"
    SCORES = "scores"
    OBJECTIONS = "objections"
    TARGETS = "targets"


class Export(NamedTuple):
    """A table to be written. `expected` is how many rows it will have, None where that is not known beforehand."""

    title: str
    columns: tuple[Column, ...]
    rows: Iterator[Sequence[Any]]
    expected: int | None


class _Source(NamedTuple):
    """What rows are made from; `state` narrows them to applications that stand in it."""

    ledger: Ledger
    call: FundingCall
    state: State | None
    words: Words
    row: Callable[[str], Row | None]

    def about(self, application: str) -> Row | None:
        """The application's row, if it is one that is asked for."""
        found = self.row(application)
        return found if found is not None and self.state in (None, found.state) else None

    def events(self, *types: str) -> Iterator[Recorded]:
        """The events of these types by window of the ledger, in order within each."""
        head = self.ledger.head()
        for after in range(0, head, _WINDOW):
            upto = min(after + _WINDOW, head)
            found = [stored for name in types for stored in self.ledger.of_type(self.call.id, name, after, upto)]
            yield from (decode(stored.body) for stored in sorted(found))


def export(ledger: Ledger, call: FundingCall, what: What, state: State | None, words: Words) -> Export:
    """The table of that name, of applications in one state or in all. Targets are the call's, whatever the state."""
    source = _Source(ledger, call, state, words, lru_cache(_KEPT)(ledger.row))
    columns, rows = _TABLES[what]
    counts = ledger.counts(call.id)
    expected = None
    if what is What.APPLICATIONS:
        expected = counts.get(state, 0) if state is not None else sum(counts.values())
    return Export(what.value, columns(call), rows(source), expected)


def _money(key: str, zh: str, en: str, call: FundingCall) -> Column:
    return Column(key, zh, en, Kind.MONEY, call.currency)


_CASE = (Column("number", "受理编号", "number"), Column("application", "申报件", "application"))
_NAMED = (*_CASE, Column("unit", "申报单位", "unit"), Column("title", "项目名称", "project"))


def _case(row: Row) -> tuple[str, ...]:
    return row.number, row.id, row.unit_name, row.title


# --- applications -------------------------------------------------------------------------------------------------


def _application_columns(call: FundingCall) -> tuple[Column, ...]:
    return (
        *_NAMED,
        Column("unit_code", "统一社会信用代码", "unit code"),
        Column("topic", "支持方向", "topic"),
        Column("state", "状态", "state"),
        Column("state_words", "状态名称", "state in words"),
        Column("phase", "阶段", "phase"),
        _money("requested_minor", "申请金额", "requested", call),
        _money("grant_minor", "立项金额", "granted", call),
        _money("paid_minor", "已拨付", "paid", call),
        Column("end_on", "执行期止", "ends on"),
        Column("outcome", "结项结论", "outcome"),
        Column("flags", "标记", "flags"),
        instant("created_at", "建立时间", "created", call),
        instant("updated_at", "最近变动", "last moved", call),
    )


def _applications(source: _Source) -> Iterator[Sequence[Any]]:
    state, after = source.state.value if source.state else None, ""
    topics = source.call.topics
    while page := source.ledger.rows(state, source.call.id, after, _PAGE):
        for r in page:
            topic = topics[r.topic].title_zh if r.topic in topics else r.topic
            yield (*_case(r), r.unit_code, topic, r.state, " ".join(source.words[r.state]), r.phase, r.requested_minor,
                   r.grant_minor, r.paid_minor, r.end_on, r.outcome, r.flags, r.created_at, r.updated_at)  # fmt: skip
        after = page[-1].id


# --- payments -----------------------------------------------------------------------------------------------------


def _payment_columns(call: FundingCall) -> tuple[Column, ...]:
    return (
        *_NAMED,
        Column("instalment", "期次", "instalment", Kind.NUMBER),
        _money("amount_minor", "金额", "amount", call),
        Column("status", "状态", "status"),
        instant("recorded_at", "登记时间", "recorded", call),
        Column("recorded_by", "登记人", "recorded by"),
        instant("settled_at", "确认或作废时间", "confirmed or voided", call),
        Column("settled_by", "确认或作废人", "by"),
        Column("position", "台账位置", "ledger position", Kind.NUMBER),
    )


_SETTLED = {"PaymentConfirmed": "已确认 confirmed", "PaymentVoided": "已作废 voided"}


def _payments(source: _Source) -> Iterator[Sequence[Any]]:
    """Each payment recorded, with the first confirmation or voiding of its instalment after it."""
    settled: dict[tuple[str, int], list[tuple[Any, ...]]] = defaultdict(list)
    for e in source.events(*_SETTLED):
        settled[e.application, e.data["instalment"]].append((e.position, _SETTLED[e.type], e.effective_at, e.actor))
    for e in source.events("PaymentRecorded"):
        row = source.about(e.application)
        if row is None:
            continue
        later = (found for found in settled.get((e.application, e.data["instalment"]), ()) if found[0] > e.position)
        _, status, at, by = next(later, (0, "待确认 to be confirmed", None, ""))
        yield (*_case(row), e.data["instalment"], e.data["amount_minor"], status, e.effective_at, e.actor, at, by,
               e.position)  # fmt: skip


# --- scores -------------------------------------------------------------------------------------------------------


def _score_columns(call: FundingCall) -> tuple[Column, ...]:
    points = (
        Column(f"points_{c.id}", f"{c.zh}（满分{c.points_max}）", f"{c.en} (of {c.points_max})", Kind.NUMBER)
        for c in call.rubric
    )
    return (
        *_CASE,
        Column("title", "项目名称", "project"),
        Column("expert", "专家账号", "expert"),
        *points,
        Column("total_ppm", "加权总分（满分的百万分之一）", "weighted total (millionths of full marks)", Kind.NUMBER),
        Column("comment", "评语", "comment"),
        instant("at", "提交时间", "submitted", call),
        Column("position", "台账位置", "ledger position", Kind.NUMBER),
    )


def _scores(source: _Source) -> Iterator[Sequence[Any]]:
    """The scores that count: those taken back are left out."""
    totals: dict[int, int] = {}
    for _, flat in read_scores(source.call, source.ledger):
        totals.update(zip(flat[2::3], flat[1::3], strict=True))
    for e in source.events("ScoreSubmitted"):
        row = source.about(e.application) if e.position in totals else None
        if row is not None:
            points = (e.data["points"].get(criterion.id) for criterion in source.call.rubric)
            yield (row.number, row.id, row.title, e.actor, *points, totals[e.position], e.data.get("comment", ""),
                   e.effective_at, e.position)  # fmt: skip


# --- objections ---------------------------------------------------------------------------------------------------


def _objection_columns(call: FundingCall) -> tuple[Column, ...]:
    return (
        *_NAMED,
        Column("receipt", "异议编号", "objection"),
        instant("filed_at", "提出时间", "filed", call),
        Column("grounds", "异议内容", "grounds"),
        Column("status", "状态", "status"),
        instant("decided_at", "处理时间", "decided", call),
        Column("decided_by", "处理人", "decided by"),
        Column("reason", "处理理由", "reason"),
    )


def _objections(source: _Source) -> Iterator[Sequence[Any]]:
    """Each objection with its decision, without who objected."""
    decided = {(e.application, e.data["objection"]): e for e in source.events("ObjectionDecided")}
    counted: dict[str, int] = defaultdict(int)
    for e in source.events("ObjectionFiled"):
        counted[e.application] += 1
        row, d = source.about(e.application), decided.get((e.application, counted[e.application]))
        if row is None:
            continue
        yield (*_case(row), f"{row.number}-Y{e.position}", e.effective_at, e.data["grounds"], _status(d),
               d.effective_at if d else None, d.actor if d else "", d.data["reason"] if d else "")  # fmt: skip


def _status(decided: Recorded | None) -> str:
    if decided is None:
        return "待处理 open"
    return "成立 upheld" if decided.data["upheld"] else "不成立 dismissed"


# --- targets ------------------------------------------------------------------------------------------------------


def _target_columns(_: FundingCall) -> tuple[Column, ...]:
    return (
        Column("target", "目标编号", "target"),
        Column("zh", "目标", "in Chinese"),
        Column("en", "英文", "in English"),
        Column("clause", "条款", "clause"),
        Column("at_least", "至少", "at least", Kind.NUMBER),
        Column("supported", "已支持", "supported", Kind.NUMBER),
        Column("verified", "已核实", "verified", Kind.NUMBER),
    )


def _targets(source: _Source) -> Iterator[Sequence[Any]]:
    yield from progress(source.ledger, source.call)


_Make = tuple[Callable[[FundingCall], tuple[Column, ...]], Callable[[_Source], Iterator[Sequence[Any]]]]
_TABLES: Mapping[What, _Make] = {
    What.APPLICATIONS: (_application_columns, _applications),
    What.PAYMENTS: (_payment_columns, _payments),
    What.SCORES: (_score_columns, _scores),
    What.OBJECTIONS: (_objection_columns, _objections),
    What.TARGETS: (_target_columns, _targets),
}

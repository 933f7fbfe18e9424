"""What became of a bulk run, as a table: a line for each reason of a refusal, one for each application that was, or would
be, accepted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from fundcall.sheets.columns import Column
from workflow.bulk import Told

REPORT = (
    Column("application", "申报件", "application"),
    Column("result", "结果", "result"),
    Column("code", "原因编号", "code"),
    Column("clause", "条款", "clause"),
    Column("zh", "原因", "reason"),
    Column("en", "英文", "in English"),
    Column("remedy_zh", "如何办理", "what to do"),
    Column("remedy_en", "英文", "in English"),
)


def report(found: Iterable[Told], *, done: bool) -> Iterator[Sequence[Any]]:
    """The lines; `done` says whether it was done or only foreseen."""
    for one in found:
        if not one.refusals:
            result = "done before" if one.before else "done" if done else "would be done"
            yield (one.application, result, *[""] * 6)
        for r in one.refusals:
            yield (one.application, "refused", r.code, r.clause, r.zh, r.en, r.remedy_zh, r.remedy_en)

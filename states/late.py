"""What a unit asks for later than the call wants it: findings for the officer who decides, never refusals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from states.calendar import Offset, before, day_and_hour, local_day, midnight
from states.checks import Finding
from states.context import Context
from states.deadlines import armed
from states.funding_call import Severity


def of_change(ctx: Context) -> Iterator[Finding]:
    """A change asked for long after its cause, or shortly before the end."""
    today, cause, days = local_day(ctx.now, ctx.call.timezone), ctx.command.caused_on, ctx.call.change_cause_days
    if cause is not None and days is not None and today > cause + timedelta(days=days):
        yield _finding(
            "change_after_cause",
            "项目管理规则（变更）",
            (
                f"变更原因发生于 {cause}，超过{days}天才提出",
                f"caused on {cause}, asked for more than {days} days later",
            ),
            "caused_on",
        )
    end, days = ctx.application.end_on, ctx.call.change_before_end_days
    if end is not None and days is not None and today > end - timedelta(days=days):
        yield _finding(
            "change_before_end",
            "项目管理规则（变更）",
            (f"距执行期届满（{end}）不足{days}天", f"less than {days} days before the last day, {end}"),
        )


def of_extension(ctx: Context) -> Iterator[Finding]:
    """An extension asked for in the last months of the period."""
    end, months = ctx.application.end_on, ctx.call.extension_notice_months
    if end is None:
        return
    last = before(midnight(end, ctx.call.timezone), Offset(months, "months"), ctx.call.timezone, ctx.facts.calendar)
    if ctx.now >= last:
        yield _finding(
            "extension_before_end",
            "项目管理规则（延期）",
            (f"距执行期届满（{end}）不足{months}个月", f"less than {months} months before the last day, {end}"),
        )


def of_acceptance(ctx: Context) -> Iterator[Finding]:
    """A request for acceptance after its time."""
    end = ctx.application.end_on
    if end is None:
        return
    due = armed(ctx, "acceptance_request", midnight(end, ctx.call.timezone)).get("acceptance_request")
    if due is not None and ctx.now >= due:
        day, hour = day_and_hour(due, ctx.call.timezone)
        words = (f"申请验收的期限（{day} {hour}）已过", f"acceptance was to be asked for before {day} {hour}")
        yield _finding("acceptance_after_time", "验收规则", words)


def _finding(rule: str, clause: str, words: tuple[str, str], where: str = "") -> Finding:
    remedy = ("请说明迟延的理由；由审批人员酌定", "Say why it is late; the deciding officer weighs it")
    return Finding(rule, Severity.OFFICER, clause, *words, *remedy, where)

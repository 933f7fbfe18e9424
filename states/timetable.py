"""Which deadlines each accepted command sets and which it clears."""

from __future__ import annotations

from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any

from states.application import Application
from states.calendar import instant_of, midnight
from states.context import Context
from states.deadlines import arm_all, armed, cleared, report_periods
from states.reschedule import moved
from states.table.row import Row

Derived = dict[str, Any]


def deadlines_set(ctx: Context, row: Row | None, derived: Derived) -> dict[str, datetime]:
    """The deadlines that the accepted command sets."""
    application, command = ctx.application, ctx.command
    match ctx.name:
        case "CreateDraft":
            return armed(ctx, "submit", ctx.call.closes_at)
        case "CountersignAgreement":
            return arm_all(ctx, ("first_payment", "contacts"), application.start_on, application.end_on) | _milestones(
                ctx
            )
        case "DecideMilestone":
            return {} if command.reached else _milestone_again(ctx, command.milestone)
        case "StartExecution":
            return _execution_deadlines(ctx, application)
        case "StartReview":
            invited = (armed(ctx, f"invitation:{n}", ctx.now) for n in range(1, len(command.experts) + 1))
            return reduce(or_, invited, arm_all(ctx, ("score",), None, None))
        case "ReplaceExpert":
            return armed(ctx, f"invitation:{len(application.experts) + 1}", ctx.now) | _scores_again(ctx)
        case "ReopenScore":
            return _scores_again(ctx)
        case "FileObjection":
            return armed(ctx, f"objection:{len(application.objections) + 1}", ctx.now)
        case "MarkReportLate":
            return armed(ctx, f"report_escalation:{command.deadline.partition(':')[2]}", ctx.now)
        case "DecideRequest" if command.granted and derived["kind"] == "extension":
            return _moved_end(ctx, application, date.fromisoformat(derived["end_on"]))
        case "PassDeadline" if command.deadline == "agreement":
            return armed(ctx, "agreement_grace", ctx.now)
        case "PassDeadline" if command.deadline.startswith("milestone:"):
            return armed(ctx, f"milestone_escalation:{command.deadline.partition(':')[2]}", ctx.now)
        case "RescheduleDeadlines":
            return moved(ctx)
        case "EnterCredit":
            return {f"credit:{derived['entry']}": instant_of(derived["until"])}
        case "ObjectToCredit":
            return armed(ctx, f"credit_objection:{command.entry}", ctx.now)
        case "ConfirmOutcome" | "ConfirmTermination" | "ConfirmRevocation" if (
            derived["recover_minor"] <= application.recovered_minor
        ):
            kinds = tuple(kind for kind in (row.arms if row else ()) if kind != "recovery")
            return arm_all(ctx, kinds, application.start_on, application.end_on)
        case _:
            return arm_all(ctx, row.arms if row else (), application.start_on, application.end_on)


def _scores_again(ctx: Context) -> dict[str, datetime]:
    """Who comes in, or is asked again, after the time for scores has run out or all were in has the whole time anew."""
    return {} if "score" in ctx.application.deadlines else armed(ctx, "score", ctx.now)


def _execution_deadlines(ctx: Context, application: Application) -> dict[str, datetime]:
    start, end = application.start_on, application.end_on
    found = arm_all(ctx, ("execution_end",), start, end)
    if start and end:
        for name, last in report_periods(start, end):
            found |= _if_ahead(ctx, armed(ctx, f"report:{name}", midnight(last, ctx.call.timezone)))
    return found


def _milestones(ctx: Context) -> dict[str, datetime]:
    """The deadlines of the agreement's milestones."""
    numbers = range(1, len(ctx.application.milestones) + 1)
    return reduce(or_, (_milestone(ctx, n) for n in numbers), {})


def _milestone_again(ctx: Context, n: int) -> dict[str, datetime]:
    """A milestone not reached is due on its day as before; where that is past, the head hears of it again."""
    return _milestone(ctx, n) or armed(ctx, f"milestone_escalation:{n}", ctx.now)


def _milestone(ctx: Context, n: int) -> dict[str, datetime]:
    """The deadline of a milestone, the end of its day; none where that is past."""
    due_on = midnight(ctx.application.milestones[n - 1].due_on, ctx.call.timezone)
    return _if_ahead(ctx, armed(ctx, f"milestone:{n}", due_on))


def _if_ahead(ctx: Context, deadlines: dict[str, datetime]) -> dict[str, datetime]:
    """The deadlines, or none where the last of them is past: nobody owes what was due before the money came."""
    return deadlines if max(deadlines.values(), default=ctx.now) > ctx.now else {}


def _moved_end(ctx: Context, application: Application, end: date) -> dict[str, datetime]:
    found = arm_all(ctx, ("execution_end",), application.start_on, end)
    start = application.start_on
    known = {name.partition("~")[0] for name in application.deadlines} | {f"report:{p}" for p in application.reports}
    for name, last in report_periods(start, end) if start else ():
        if f"report:{name}" not in known:
            found |= _if_ahead(ctx, armed(ctx, f"report:{name}", midnight(last, ctx.call.timezone)))
    return found


def _invitation(application: Application, expert: str) -> str:
    """The deadline of an expert's answer: by number, so that its name tells nobody who reviews."""
    return f"invitation:{tuple(application.experts).index(expert) + 1}"


def deadlines_cleared(ctx: Context, row: Row | None, derived: Derived) -> list[str]:
    """The names of the deadlines that the accepted command clears."""
    kinds = _kinds_cleared(ctx, row, derived)
    found = cleared(ctx.application.deadlines, kinds) if kinds else []
    fired = getattr(ctx.command, "deadline", "")
    return sorted({*found, fired}) if fired else found


def _kinds_cleared(ctx: Context, row: Row | None, derived: Derived) -> tuple[str, ...]:
    """The kinds or full names of the deadlines that the command clears, whether or not they are set."""
    match ctx.name:
        case "SubmitReport":
            return (f"report:{ctx.command.period}", f"report_escalation:{ctx.command.period}")
        case "ReportMilestone":
            return (f"milestone:{ctx.command.milestone}", f"milestone_escalation:{ctx.command.milestone}")
        case "SubmitScore":
            others = (a for name, a in ctx.application.experts.items() if name != ctx.actor.id)
            return ("score",) if all(a.status in _DONE_REVIEWING for a in others) else ()
        case "DecideObjection":
            return (f"objection:{ctx.command.objection}",)
        case "DecideCreditObjection":
            ended = (f"credit:{ctx.command.entry}",) if ctx.command.upheld else ()
            return (f"credit_objection:{ctx.command.entry}", *ended)
        case "RepairCredit" | "ExpireCredit":
            return (f"credit_objection:{derived['entry']}", f"credit:{derived['entry']}")
        case "DecideRequest" if ctx.command.granted and derived["kind"] == "extension":
            return _OF_THE_OLD_END
        case "AcceptInvitation" | "DeclineInvitation" | "DeclareConflict":
            return (_invitation(ctx.application, ctx.actor.id),)
        case "ReplaceExpert":
            return (_invitation(ctx.application, ctx.command.expert),)
        case _:
            return row.clears if row else ()


_OF_THE_OLD_END = ("execution_end", "acceptance_request", "acceptance_escalation", "materials")
"""What hangs on a last day that an extension moves: a project past it is in execution again."""

_DONE_REVIEWING = ("scored", "declined", "conflicted", "replaced")

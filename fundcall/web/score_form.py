"""The form of a score: what it says as a draft, what of it cannot be read, and where on it a refusal belongs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from fundcall.web.inputs import half_width
from states.commands.review import SubmitScore
from states.errors import Refusal
from states.funding_call import Criterion, FundingCall
from states.guards.review import lacking
from states.labels import FIELDS, Pair
from workflow.reviews import ScoreDraft

_DIGITS_MAX = 6


class Filled(NamedTuple):
    """A form as it came back: what of it can be kept, and what is wrong, by the name of the input."""

    draft: ScoreDraft
    wrong: Mapping[str, Pair]


def filled(call: FundingCall, form: Mapping[str, str]) -> Filled:
    """What a form says. An input left empty is no fault: a draft may be unfinished."""
    points: dict[str, int] = {}
    wrong: dict[str, Pair] = {}
    for criterion in call.rubric:
        text = form.get(f"points.{criterion.id}", "").strip()
        value = _whole(text)
        if value is not None and 0 <= value <= criterion.points_max:
            points[criterion.id] = value
        elif text:
            wrong[f"points.{criterion.id}"] = _off_scale(criterion)
    comments = {c.id: text for c in call.rubric if (text := _text(form, f"comments.{c.id}"))}
    return Filled(ScoreDraft(points, _text(form, "comment"), comments), wrong)


def _whole(text: str) -> int | None:
    plain = half_width(text)
    return int(plain) if plain.isascii() and plain.isdecimal() and len(plain) <= _DIGITS_MAX else None


def _text(form: Mapping[str, str], name: str) -> str:
    return form.get(name, "").replace("\r\n", "\n").replace("\0", "").strip()


def _off_scale(criterion: Criterion) -> Pair:
    most = criterion.points_max
    return (f"应为 0 至 {most} 的整数，未保存此项", f"takes whole points from 0 to {most}; this was not kept")


def inputs_of(draft: ScoreDraft) -> dict[str, str]:
    """What stands in the inputs for a draft."""
    return {
        **{f"points.{name}": str(value) for name, value in draft.points.items()},
        **{f"comments.{name}": text for name, text in draft.comments.items()},
        "comment": draft.comment,
    }


def places(call: FundingCall) -> dict[str, Pair]:
    """The inputs in their order, and what each asks for."""
    found: dict[str, Pair] = {}
    for one in call.rubric:
        found |= {f"points.{one.id}": (one.zh, one.en), f"comments.{one.id}": (f"{one.zh}：意见", f"{one.en}: comment")}
    return {**found, "comment": FIELDS["comment"]}


def command_of(draft: ScoreDraft) -> SubmitScore:
    """The command that a draft would be."""
    return SubmitScore(points=draft.points, comment=draft.comment, comments=draft.comments)


def placed(refusals: Iterable[Refusal], call: FundingCall, given: Filled) -> dict[str, Pair]:
    """What keeps a score from being taken, by the input that it is about: refusals, the others left out, and all else that
    it lacks, as a decision tells what it finds first.
    """
    criteria = {criterion.id for criterion in call.rubric}
    found: dict[str, Pair] = dict(given.wrong)
    for reason in (*refusals, *lacking(call, command_of(given.draft))):
        about = "comments" if reason.code == "comment_missing" else "points"
        where = f"{about}.{reason.where}" if reason.where in criteria else reason.where
        if where == "comment" or reason.where in criteria:
            found.setdefault(where, (f"{reason.zh} {reason.remedy_zh}", f"{reason.en} {reason.remedy_en}"))
    return found


def hundredths(ppm: int) -> str:
    """Millionths of full marks as points of a hundred, exactly."""
    return f"{Decimal(ppm) / 10_000:f}"

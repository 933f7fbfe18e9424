"""Applications as lines of the office's lists: what was searched for marked, remarks in words, all ready to be shown.

A page shows fifty of them and is asked for all day, so that everything is put into words here and the template only sets
it into cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from markupsafe import Markup, escape

from fundcall.web.language import DEFAULT, translations
from fundcall.web.remarks import FLAGS, OUTCOMES, remark
from fundcall.web.words import local_due, money, time_left
from states.funding_call import FundingCall
from states.labels import PHASES, STATES, Pair
from workflow.projection import NEVER, Row
from workflow.search import Term, spans

_OPEN_FINDINGS = ("%d项待处理", "%d to decide")
_BREAK = Markup("<br>")


class Line(NamedTuple):
    """An application in a list. `due` is the next deadline by the clock of its call, "" where none runs."""

    id: str
    number: Markup
    title: Markup
    unit_name: Markup
    unit_code: Markup
    state: str
    phase: str
    topic: Markup
    requested: str
    due_at: str
    due: str
    left: str
    late: bool
    claimed_by: str
    remarks: Markup


class Reader(NamedTuple):
    """For whom lines are made: in which language, at what instant, searching for what."""

    language: str
    now: datetime
    terms: Sequence[Term]

    def say(self, pair: Pair) -> str:
        """One of two texts."""
        return pair[0] if self.language == DEFAULT else pair[1]


def lines(rows: Iterable[Row], reader: Reader, calls: Mapping[str, FundingCall]) -> list[Line]:
    """The rows as lines."""
    return [_line(row, reader, calls.get(row.call_id)) for row in rows]


def _line(row: Row, reader: Reader, call: FundingCall | None) -> Line:
    topic = call.topics.get(row.topic) if call is not None else None
    runs, say = row.due_at < NEVER, reader.say
    return Line(
        row.id,
        _marked(row.number or row.id, reader.terms),
        _marked(row.title, reader.terms),
        _marked(row.unit_name, reader.terms),
        _marked(row.unit_code, reader.terms),
        say(STATES[row.state]),
        say(remark(PHASES, row.phase)) if row.phase else "",
        _marked(say((topic.title_zh, topic.title_en)) if topic is not None else "", reader.terms),
        money(row.requested_minor, call.currency if call is not None else "") if row.requested_minor else "—",
        row.due_at.isoformat() if runs else "",
        say(local_due(row.due_at, call)) if runs else "",
        time_left(row.due_at, reader.now, translations(reader.language).gettext) if runs else "",
        row.due_at <= reader.now,
        row.claimed_by,
        _BREAK.join(map(say, _remarks(row))),
    )


def _remarks(row: Row) -> Iterable[Pair]:
    if row.open_findings:
        zh, en = _OPEN_FINDINGS
        yield zh % row.open_findings, en % row.open_findings
    if row.outcome:
        yield remark(OUTCOMES, row.outcome)
    for flag in row.flags.split():
        yield remark(FLAGS, flag)


def _marked(text: str, terms: Sequence[Term]) -> Markup:
    if not terms:
        return escape(text)
    pieces = (Markup("<mark>{}</mark>").format(piece) if hit else escape(piece) for piece, hit in spans(text, terms))
    return Markup("").join(pieces)

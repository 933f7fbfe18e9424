"""The application form in sections, made of the call's data; it is saved while one types, and by a button without that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from fastapi import Response
from fastapi.responses import RedirectResponse

from fundcall.web.filing import values
from fundcall.web.filing.desk import APPLICANT, Desk, Filing, Told, by_field
from fundcall.web.filing.saving import Saved, save
from fundcall.web.frame import Form
from fundcall.web.language import N_
from fundcall.web.visit import Visit
from states.checks.form import empty
from states.errors import Refusal
from states.funding_call import Field, FundingCall, Topic
from states.labels import Pair

PATH = "/applications/{application_id}/form"
_LONG = 200
"""A text that may be longer than this gets room for several lines."""


class Line(NamedTuple):
    """A field on the page: what stands in it, what it says in words, and everything that is to be said of it."""

    field: Field
    label: Pair
    text: str
    value: Any
    words: Pair
    large: str
    open: bool
    fault: Pair | None
    clash: Pair | None
    told: Sequence[Told]

    @property
    def kind(self) -> str:
        """What it is filled in with."""
        if self.field.id == "topic":
            return "topic"
        return "long" if self.field.type == "text" and self.field.limit > _LONG else self.field.type

    @property
    def blank(self) -> bool:
        """Whether nothing has been filled in: that is told softly."""
        return empty(self.value) or (self.value is False and self.field.type == "flag")


class Section(NamedTuple):
    """Fields under one heading."""

    id: str
    words: str
    lines: Sequence[Line]


class Forms:
    """The page of the form."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        desk.frame.show(PATH, self.show, roles=APPLICANT)
        desk.frame.take(PATH, self.take, roles=APPLICANT)

    def show(self, visit: Visit) -> Response:
        """The form as it was saved last."""
        filing = self._desk.filing(visit)
        return self._page(visit, filing, Saved(filing.application), {})

    def take(self, visit: Visit, form: Form) -> Response:
        """Save what was changed. What could not be kept comes back with why, and as it was typed."""
        before = self._desk.filing(visit)
        given = before.actor, before.application, before.call, form, visit.received_at
        saved = save(self._desk.api, *given) if before.writable else Saved(before.application, refusals=(_too_late(),))
        filing = self._desk.filing(visit, saved.application)
        if visit.wants_part():
            return self._page(visit, filing, saved, form, name="filing_saved.html")
        if saved.whole:
            path = PATH.format(application_id=quote(filing.application.id, safe=""))
            on = form.get("go", "")
            return RedirectResponse(
                path.replace("/form", f"/{on}") if on in ("files", "check") else f"{path}?saved=1", 303
            )
        return self._page(visit, filing, saved, form, status=422 if before.writable else 409)

    def _page(
        self, visit: Visit, filing: Filing, saved: Saved, form: Form, status: int = 200, name: str = "filing_form.html"
    ) -> Response:
        sections = _sections(filing, saved, form, filing.open_fields(visit.now))
        topic = filing.call.topics.get(filing.application.topic)
        return self._desk.page(
            visit,
            filing,
            name,
            status,
            sections=sections,
            saved=saved,
            unsaved=() if filing.writable else _unsaved(filing, form),
            topic=topic,
            topics=_by_direction(filing.call) if "topic" in filing.call.fields else (),
            moved=form.get("shown_topic", filing.application.topic) != filing.application.topic,
            items=filing.application.correction_items if filing.application.state == "returned" else (),
        )


_HEADINGS = (
    ("what", N_("Topic")),
    ("project", N_("The project")),
    ("money", N_("Money")),
    ("figures", N_("Figures that this topic asks for")),
    ("declared", N_("Declarations")),
)


def _section_of(field: Field) -> str:
    if field.id == "topic":
        return "what"
    if field.topics:
        return "figures"
    if field.type == "flag":
        return "declared"
    return "money" if field.type in ("minor", "choices") else "project"


def _sections(filing: Filing, saved: Saved, form: Form, may: frozenset[str]) -> list[Section]:
    """The fields that the topic asks for, in the call's order, under the headings that have any."""
    topic, told = filing.application.topic, by_field(filing.of("form"))
    asked = [f for f in filing.call.fields.values() if f.concerns(topic)]
    lines: dict[str, list[Line]] = {}
    for one in asked:
        lines.setdefault(_section_of(one), []).append(
            _line(filing, one, saved, form, told.get(one.id, ()), one.id in may)
        )
    return [
        Section(name, words, lines.get(name, [])) for name, words in _HEADINGS if name in lines or name == "figures"
    ]


def _line(filing: Filing, one: Field, saved: Saved, form: Form, told: Sequence[Told], may: bool) -> Line:
    value = filing.application.form.get(one.id)
    typed = one.id in saved.faults or one.id in saved.clashes or saved.refusals
    text = form[one.id] if typed and one.id in form else values.written(one, value)
    shown = _ticked(one, form) if typed and one.type in ("flag", "choices") and values.given(one, form) else value
    clash = values.said(one, saved.clashes[one.id], filing.call.currency) if one.id in saved.clashes else None
    large = values.ten_thousands(value) if one.type == "minor" else ""
    return Line(
        one,
        values.label(one),
        text,
        shown,
        values.said(one, value, filing.call.currency),
        large,
        may,
        saved.faults.get(one.id),
        clash,
        told,
    )


def _ticked(one: Field, form: Mapping[str, str]) -> Any:
    return values.read(one, form)


def _by_direction(call: FundingCall) -> list[tuple[Pair, list[Topic]]]:
    """The topics under the headings of the call."""
    found: dict[str, list[Topic]] = {}
    for topic in call.topics.values():
        found.setdefault(topic.direction, []).append(topic)
    names = call.directions()
    return [(names[direction], topics) for direction, topics in found.items()]


def _unsaved(filing: Filing, form: Form) -> list[tuple[Pair, str]]:
    """What somebody typed into a form that can no longer be written in, so that it can be copied from the page."""
    texts = ((one, form.get(one.id, "").strip()) for one in filing.call.fields.values())
    kept = filing.application.form
    return [
        (values.label(one), text)
        for one, text in texts
        if text and text not in (kept.get(one.id), values.written(one, kept.get(one.id)), "yes")
    ]


def _too_late() -> Refusal:
    return Refusal("not_allowed_in_state", "系统规则2（状态表）", "申报件已进入下一步，不能再修改", "the application has moved on and can no longer be changed",
                   "请返回申报件页面，查看现在可以办理的事项。", "Go back to the application and see what can be done now.")  # fmt: skip

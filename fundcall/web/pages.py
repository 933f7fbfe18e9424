"""From a template to an answer: one environment a language, and what every template may use."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from jinja2_fragments import render_block
from markupsafe import Markup

import templates
from fundcall.web import words
from fundcall.web.language import DEFAULT, LANGUAGES, translations
from fundcall.web.problems import Problem
from fundcall.web.spoken import Spoken
from fundcall.web.telling import noted
from fundcall.web.visit import Visit
from states.application import MAIN_LINE
from states.calendar import instant_of
from states.clauses import in_english
from states.funding_call import FundingCall
from states.labels import MOVES, STATES, Pair, field_label

FOLDER = Path(templates.__file__).parent / "web"
STATIC = Path(__file__).parent / "static"


class Pages:
    """Renders templates in the language of a visit. `openid`: whether people may sign in by a provider of identities;
    `clauses_en`: what calls name their clauses in English.
    """

    def __init__(self, *, openid: bool = False, clauses_en: Mapping[str, str] | None = None) -> None:
        self._environments = {language: environment(language, clauses_en or {}) for language in LANGUAGES}
        for one in self._environments.values():
            one.globals["openid"] = openid

    def page(self, visit: Visit, name: str, status: int = 200, part: str = "", **values: Any) -> HTMLResponse:
        """A page from its template; only the block `part` of it where htmx asks for that."""
        pages = self._environments[visit.language]
        values = {"visit": visit, **values}
        if part and visit.wants_part():
            answer = HTMLResponse(render_block(pages, name, part, **values), status)
        else:
            answer = HTMLResponse(pages.get_template(name).render(values), status)
        if part:
            answer.headers["Vary"] = "HX-Request"
        return answer

    def piece(self, language: str, name: str, **values: Any) -> Markup:
        """A piece of a page that is the same for everybody who speaks the language, to be kept and set into pages."""
        return Markup(self._environments[language].get_template(name).render(values))  # noqa: S704 - escaped by the template

    def problem(self, visit: Visit, wrong: Problem) -> HTMLResponse:
        """The page that says what was wrong, under which clause, and what to do."""
        number = noted().get("request", "") if wrong.status >= 500 else ""
        answer = self.page(visit, "problem.html", wrong.status, wrong=wrong.body, number=number)
        if wrong.status == 503:
            answer.headers["Retry-After"] = "5"
        return answer


def environment(language: str, clauses_en: Mapping[str, str]) -> Environment:
    """The templates in one language."""
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", Spoken],
        auto_reload=False,
    )
    spoken = translations(language)
    made.install_gettext_callables(spoken.gettext, spoken.ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.extend(says=spoken.gettext)
    made.globals.update(language=language, languages=LANGUAGES, states=STATES, main_line=MAIN_LINE, static=static,
                        left_words="|".join(map(spoken.gettext, words.LEFT)),
                        second_word=spoken.gettext(words.SECOND),
                        clock=_clock, chinese=language == DEFAULT)  # fmt: skip
    named = _in_english(clauses_en)
    made.filters.update(
        money=words.money,
        pair=partial(_one_of, chinese=language == DEFAULT),
        label=field_label,
        move=MOVES.__getitem__,
        clause=str if language == DEFAULT else named,
        clause_en=named,
        size=words.size,
        mail_status=lambda status: spoken.gettext(words.MAIL_STATUSES[status]),
        runs=words.runs,
        told=instant_of,
        left=lambda due, now: words.time_left(due, now, spoken.gettext),
    )
    for name, tell in {"when": words.on_wall, "due": words.local_due, "micro": words.local_micro}.items():
        made.filters[name] = _by_the_clock(tell, chinese=language == DEFAULT)
    return made


def _by_the_clock(tell: Callable[[datetime, FundingCall | None], Pair], *, chinese: bool) -> Callable[..., str]:
    """A filter that tells an instant by the clock of the call that is named, or else of the page's own; Shanghai's where it
    has none.
    """

    @pass_context
    def told(context: Context, instant: datetime, call: FundingCall | None = None) -> str:
        return _one_of(tell(instant, call or _call_of(context)), chinese=chinese)

    return told


def _in_english(clauses_en: Mapping[str, str]) -> Callable[[Context, str], str]:
    """A filter that names a clause in English as the page's call does; where it has no call, as any does."""

    @pass_context
    def named(context: Context, clause: str) -> str:
        call = _call_of(context)
        return in_english(clause, clauses_en if call is None else call.clauses_en)

    return named


@pass_context
def _clock(context: Context) -> words.Wall:
    """The clock by which a page tells the time."""
    return words.wall_of(_call_of(context))


def _call_of(context: Context) -> FundingCall | None:
    found = context.get("call")
    return found if isinstance(found, FundingCall) else None


def _one_of(words: tuple[str, str] | str, *, chinese: bool) -> str:
    """The Chinese or the English of two texts that belong together; a text that is the same in both as it is."""
    return words if isinstance(words, str) else words[0] if chinese else words[1]


@cache
def static(name: str) -> str:
    """The address of a file that is kept by browsers until its content changes."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"

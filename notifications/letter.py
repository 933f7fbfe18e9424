"""What a notice says, by its template: the words in both languages, and the letter around them as text and as HTML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import StrictUndefined, Template, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

import templates
from notifications.message import one_line
from notifications.words import FILTERS, Language

FOLDER = Path(templates.__file__).parent / "mail"


class Parts(NamedTuple):
    """The compiled parts of one notice's template."""

    subject: Template
    subject_en: Template
    zh: Template
    en: Template


class Words(NamedTuple):
    """What a notice says in one language: the two lines that lead (what happened; what to do by when), the rest.

    A further line comes with whether it is an item of a list.
    """

    lead: tuple[str, ...]
    rest: tuple[tuple[bool, str], ...]


class Said(NamedTuple):
    """What a notice says, in Chinese and in English."""

    subject: str
    subject_en: str
    zh: Words
    en: Words


def said(notice: Parts, values: Mapping[str, Any], zh: Language, en: Language) -> Said:
    """The template with its values. Raises jinja2's UndefinedError where it asks for what is not there."""
    in_zh, in_en = _context(notice.zh, {**values, "language": zh}), _context(notice.en, {**values, "language": en})
    return Said(
        _filled(notice.subject, in_zh),
        one_line(_filled(notice.subject_en, in_en)),
        words_of(_filled(notice.zh, in_zh)),
        words_of(_filled(notice.en, in_en)),
    )


def laid_out(letter: dict[str, Any]) -> tuple[str, str]:
    """The letter as text and as HTML."""
    text, html = _layouts()
    return _filled(text, _context(text, letter)), _filled(html, _context(html, letter))


def _context(template: Template, values: dict[str, Any]) -> Context:
    """The values alone, without Jinja's own globals, which no template of ours uses: several times as fast."""
    return template.new_context(values, shared=True)


def _filled(template: Template, context: Context) -> str:
    """What `render` does, over a context that several templates share."""
    try:
        return "".join(template.root_render_func(context))
    except Exception:  # noqa: BLE001 - whatever a template raises
        template.environment.handle_exception()  # raised again, with the line of the template


def sections(source: str) -> dict[str, str]:
    """The parts of a template file: each begins with a line such as "== zh"."""
    found: dict[str, str] = {}
    for block in f"\n{source}".split("\n== ")[1:]:
        name, _, text = block.partition("\n")
        found[name.strip()] = text.strip("\n")
    return found


def environment(*, layout: bool = False, html: bool = False) -> ImmutableSandboxedEnvironment:
    """The sandbox that notices are rendered in: no attribute games, no undefined names.

    Values are put on one line each, so that none can pose as a line of ours; a layout gets them so.
    """
    found = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=html,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=None if layout else _on_one_line,
    )
    found.filters.update({name: _filter(name) for name in FILTERS})
    return found


def _on_one_line(value: Any) -> Any:
    return one_line(value) if type(value) is str else value


def _filter(name: str) -> Callable[[Context, Any], str]:
    @pass_context
    def apply(context: Context, value: Any) -> str:
        found: str = getattr(context["language"], name)(value)
        return found

    return apply


@cache
def parts(template: str) -> Parts:
    """The compiled template of a notice. Raises FileNotFoundError, KeyError where a part is missing."""
    found = sections((FOLDER / f"{template}.j2").read_text(encoding="utf-8"))
    return Parts(*(_sandbox().from_string(found[name]) for name in Parts._fields))


@cache
def _sandbox() -> ImmutableSandboxedEnvironment:
    return environment()


@cache
def _layouts() -> tuple[Template, Template]:
    text, html = ((FOLDER / f"layout.{kind}.j2").read_text(encoding="utf-8") for kind in ("txt", "html"))
    return environment(layout=True).from_string(text), environment(layout=True, html=True).from_string(html)


def words_of(text: str) -> Words:
    """The lines of a rendered part, without the empty ones."""
    full = [line for line in map(str.strip, text.split("\n")) if line]
    return Words(tuple(full[:2]), tuple((_is_item(line), line) for line in full[2:]))


def _is_item(line: str) -> bool:
    return line.startswith(("· ", "- ")) or line.partition(".")[0].isdecimal()

"""What a notice says, by its template: the words in both languages, and the letter around them as text and as HTML."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

import templates
from notifications.message import one_line
from notifications.words import FILTERS, Language
from workflow.record import canonical

FOLDER = Path(templates.__file__).parent / "mail"


class Parts(NamedTuple):
    """The compiled parts of one notice's template."""

    subject: Template
    subject_en: Template
    zh: Template
    en: Template


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of a notice and the layouts around them, compiled. `body` are all of their bytes, known by `digest`: what
    was written with them can be written again when they have changed.
    """

    parts: Parts
    text: Template
    html: Template
    body: bytes
    digest: str


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


def said(parts: Parts, values: Mapping[str, Any], zh: Language, en: Language) -> Said:
    """The template with its values. Raises jinja2's UndefinedError where it asks for what is not there."""
    in_zh, in_en = _context(parts.zh, {**values, "language": zh}), _context(parts.en, {**values, "language": en})
    return Said(
        _filled(parts.subject, in_zh),
        one_line(_filled(parts.subject_en, in_en)),
        words_of(_filled(parts.zh, in_zh)),
        words_of(_filled(parts.en, in_en)),
    )


def laid_out(wording: Wording, letter: dict[str, Any]) -> tuple[str, str]:
    """The letter as text and as HTML."""
    return _filled(wording.text, _context(wording.text, letter)), _filled(wording.html, _context(wording.html, letter))


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


def _filter(name: str) -> Callable[[Context, Any], Any]:
    @pass_context
    def apply(context: Context, value: Any) -> Any:
        return getattr(context["language"], name)(value)

    return apply


@cache
def shipped(template: str) -> Wording:
    """A notice's words as they ship. Raises FileNotFoundError, KeyError where a part is missing."""
    return worded(source_of(template), _LAYOUTS.get(template, "layout"))


def ready() -> None:
    """Compile all that ships, so that the first notice of each kind takes no longer than the next."""
    for path in FOLDER.glob("*.j2"):
        if not path.stem.startswith("layout"):
            shipped(path.stem)


def source_of(template: str) -> str:
    """The text of a template file. Raises FileNotFoundError."""
    return (FOLDER / f"{template}.j2").read_text(encoding="utf-8")


_LAYOUTS: Mapping[str, str] = {"call_published": "layout_news"}
"""The letters that stand in other layouts than most."""


def worded(source: str, layout: str = "layout") -> Wording:
    """Words of somebody's own in our layouts. Raises KeyError where a part is missing, jinja2's TemplateSyntaxError."""
    text, html = ((FOLDER / f"{layout}.{kind}.j2").read_text(encoding="utf-8") for kind in ("txt", "html"))
    return compiled(canonical({"words": source, "text": text, "html": html}))


@lru_cache(maxsize=1024)
def compiled(body: bytes) -> Wording:
    """The words of those bytes."""
    held = orjson.loads(body)
    found = sections(held["words"])
    return Wording(
        Parts(*(_sandbox().from_string(found[name]) for name in Parts._fields)),
        _layout(held["text"], html=False),
        _layout(held["html"], html=True),
        body,
        hashlib.sha256(body).hexdigest(),
    )


@lru_cache(maxsize=64)
def _layout(source: str, *, html: bool) -> Template:
    """A layout: all words that stand in it share it."""
    return environment(layout=True, html=html).from_string(source)


_PLAIN = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.Name, nodes.Getattr, nodes.Getitem,
    nodes.Slice, nodes.Filter, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Const, nodes.Call,
    nodes.Add, nodes.Sub, nodes.Concat, nodes.Test, nodes.CondExpr, nodes.Tuple, nodes.List, nodes.Neg,
)  # fmt: skip
_USED_FILTERS = frozenset(
    (*FILTERS, "default", "dictsort", "int", "length", "list", "selectattr", "join", "first", "last")
)
_USED_METHODS = frozenset({"get", "startswith", "rstrip"})


def wrong_in(text: str) -> list[str]:
    """What in a part of a template is more than words, values, choices and lists; or where it cannot be read."""
    try:
        return _more_in(_sandbox().parse(text))
    except TemplateSyntaxError as wrong:
        return [f"{wrong.lineno}: {wrong.message}"]
    except (RecursionError, ValueError) as wrong:  # nested too deeply; a number too long
        return [str(wrong)]


def _more_in(tree: nodes.Template) -> list[str]:
    found = [type(node).__name__ for node in _all(tree) if not isinstance(node, _PLAIN)]
    found += [f"|{node.name}" for node in tree.find_all(nodes.Filter) if node.name not in _USED_FILTERS]
    for call in tree.find_all(nodes.Call):
        name = call.node.attr if isinstance(call.node, nodes.Getattr) else ""
        if name not in _USED_METHODS:
            found.append(f"{name or '…'}()")
    return found


def _all(node: nodes.Node) -> Iterator[nodes.Node]:
    yield node
    for child in node.iter_child_nodes():
        yield from _all(child)


@cache
def _sandbox() -> ImmutableSandboxedEnvironment:
    return environment()


def words_of(text: str) -> Words:
    """The lines of a rendered part, without the empty ones."""
    full = [line for line in map(str.strip, text.split("\n")) if line]
    return Words(tuple(full[:2]), tuple((_is_item(line), line) for line in full[2:]))


def _is_item(line: str) -> bool:
    return line.startswith(("· ", "- ")) or line.partition(".")[0].isdecimal()

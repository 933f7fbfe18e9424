"""From an event to the bytes of a message: the same event gives the same bytes, today and in ten years."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from jinja2 import StrictUndefined, Template, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

import templates
from notifications import ics
from notifications.basis import clauses
from notifications.message import Content, Envelope, File, message_id, one_line, written
from notifications.rules import REMINDER, STATUTORY, Planned
from notifications.view import EXPERTS, data_for
from notifications.words import FILTERS, Language
from states.calendar import instant_of
from states.events import Recorded
from states.funding_call import FundingCall

FOLDER = Path(templates.__file__).parent / "mail"
# The deadlines that the unit itself must keep; the others are the office's or the experts'.
KEPT_BY_UNIT = frozenset(
    {
        "submit",
        "correction",
        "review_request",
        "agreement",
        "agreement_grace",
        "report",
        "execution_end",
        "acceptance_request",
        "rectification",
        "materials",
        "recovery",
        "hearing",
    }
)
_STANDING = {
    STATUTORY: (
        "以平台收件箱中的本通知为准，本邮件为其副本。",
        "The notice in your inbox on the platform is the one that counts; this mail is a copy of it.",
    ),
    REMINDER: (
        "本提醒仅为方便，期限不以收到提醒为条件。",
        "This is a courtesy: the time runs whether or not a reminder arrives.",
    ),
}


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody to be told; an empty address means that none is known."""

    id: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message: its id, its subject in plain words, and the complete RFC 5322 bytes."""

    message_id: str
    subject: str
    body: bytes


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


def render(
    planned: Planned,
    *,
    event: Recorded,
    about: Mapping[str, Any],
    call: FundingCall,
    recipient: Recipient,
    sender: str,
    public_url: str,
    leaf: bytes,
    files: tuple[File, ...] = (),
) -> Rendered:
    """The message of a planned notice; `about` is the application, or the call, as `notifications.view` shows it.

    Raises jinja2's UndefinedError where a template asks for what is not there.
    """
    zh, en = Language(call, "zh"), Language(call, "en")
    notice, app = parts(planned.template), about
    values = {
        "a": app,
        "d": data_for(event, planned.audience),
        "call": call,
        "at": event.effective_at,
        "open": call.within_window(event.effective_at),
        "audience": planned.audience,
    }
    in_zh, in_en = {**values, "language": zh}, {**values, "language": en}
    subject = one_line(f"【{call.short_zh}】{notice.subject.render(in_zh)}{app['label']}")
    link = f"{public_url.rstrip('/')}/{app['path']}"
    basis = clauses(planned.template, event, call)
    letter = {
        "subject": subject,
        "subject_en": one_line(notice.subject_en.render(in_en)),
        "authority": f"{call.authority_zh} · {call.authority_en}",
        "zh": words_of(notice.zh.render(in_zh)),
        "en": words_of(notice.en.render(in_en)),
        "facts_zh": _facts_zh(planned, event, app, zh, (*basis, *call.legal_basis), recipient),
        "facts_en": _facts_en(planned, event, app, en),
        "link": link,
        "standing": _STANDING.get(planned.kind, ("", "")),
        "foot": f"{planned.ref} · 台账位置 / ledger position {event.position} · 叶摘要 / leaf {leaf.hex()}",
    }
    text, html = _layouts()
    own = message_id(event.position, planned.template, recipient.id, sender)
    envelope = Envelope(sender, call.authority_zh, recipient.email, recipient.name, event.recorded_at, own, subject)
    calendar = _calendar(planned, event, app, zh, own, link)
    headers = (("X-Fundcall-Notice", f"{planned.ref}; kind={planned.kind}; position={event.position}"),)
    content = Content(text.render(letter), html.render(letter), calendar, files)
    return Rendered(own, subject, written(envelope, headers, content))


def words_of(text: str) -> Words:
    """The lines of a rendered part, without the empty ones."""
    full = [line for line in map(str.strip, text.split("\n")) if line]
    return Words(tuple(full[:2]), tuple((_is_item(line), line) for line in full[2:]))


def _is_item(line: str) -> bool:
    return line.startswith(("· ", "- ")) or line.partition(".")[0].isdecimal()


def _facts_zh(
    planned: Planned,
    event: Recorded,
    app: Mapping[str, Any],
    words: Language,
    basis: Iterable[str],
    recipient: Recipient,
) -> tuple[tuple[str, str], ...]:
    call = words.call
    about = (
        (("支持方向", words.topic(app["topic"])),)
        if planned.audience in EXPERTS
        else (
            ("项目", app["title"] or "（未命名）"),
            ("单位", app["unit_name"]),
        )
    )
    copy = (("抄送", "供经办人员知悉"),) if planned.audience in ("officers", "head") else ()
    named = (("收件人", recipient.name),) if recipient.name else ()
    return _clean(
        (
            *named,
            *about,
            ("时间", words.precise(event.effective_at)),
            ("依据", "；".join(basis)),
            ("咨询", f"{call.authority_zh}，{call.contact_zh}"),
            *copy,
        )
    )


def _facts_en(
    planned: Planned, event: Recorded, app: Mapping[str, Any], words: Language
) -> tuple[tuple[str, str], ...]:
    call = words.call
    about = (
        (("Topic", words.topic(app["topic"])),)
        if planned.audience in EXPERTS
        else (("Project", app["title"] or "(none)"),)
    )
    return _clean(
        (
            *about,
            ("When", words.precise(event.effective_at)),
            ("Under", f"{call.title_en}; clauses as quoted in the Chinese part"),
            ("Questions", f"{call.authority_en}, {call.contact_en}"),
        )
    )


def _clean(facts: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, one_line(value)) for name, value in facts)


def _calendar(planned: Planned, event: Recorded, app: Mapping[str, Any], words: Language, own: str, link: str) -> str:
    """The dates that this notice asks the unit to keep, "" for none."""
    if planned.audience != "unit":
        return ""
    named: Mapping[str, str] = dict(event.data.get("arms", {}))
    if event.data.get("due_at") and "deadline" in event.data:
        named = {event.data["deadline"].partition("~")[0]: event.data["due_at"]}
    host = own.rpartition("@")[2].rstrip(">")
    kept = {n: due for n, due in named.items() if "~" not in n and n.partition(":")[0] in KEPT_BY_UNIT}
    date = partial(_date, app=app, words=words, host=host)
    return ics.calendar((date(n, due) for n, due in kept.items()), event.version, event.recorded_at, link)


def _date(name: str, due: str, app: Mapping[str, Any], words: Language, host: str) -> ics.Date:
    summary = f"【{words.call.short_zh}】{words.deadline(name)} {words.detail(name)}".rstrip()
    return ics.Date(f"{quote(app['id'], safe='')}.{quote(name, safe='')}@{host}", instant_of(due), one_line(summary))

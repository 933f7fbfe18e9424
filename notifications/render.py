"""From an event to the bytes of a message: the same event gives the same bytes, today and in ten years."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

from notifications import ics
from notifications.basis import clauses
from notifications.letter import laid_out, parts, said
from notifications.message import Content, Envelope, File, message_id, one_line, written
from notifications.rules import OBJECTOR, REMINDER, STATUTORY, Planned
from notifications.view import EXPERTS, data_for
from notifications.words import Language
from states.calendar import instant_of
from states.events import Recorded
from states.funding_call import FundingCall

# The deadlines that the unit itself must keep; the others are the office's or the experts'.
KEPT_BY_UNIT = frozenset(
    {
        "submit",
        "correction",
        "review_request",
        "agreement",
        "agreement_grace",
        "report",
        "milestone",
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
    app = about
    notice_url = f"{public_url.rstrip('/')}/public/calls/{quote(call.id, safe='')}/notice"
    values = {
        "a": app,
        "d": data_for(event, planned.audience),
        "call": call,
        "at": event.effective_at,
        "open": call.within_window(event.effective_at),
        "audience": planned.audience,
        "position": event.position,
        "notice_url": notice_url,
    }
    words = said(parts(planned.template), values, zh, en)
    subject = one_line(f"【{call.short_zh}】{words.subject}{app['label']}")
    link = notice_url if planned.audience == OBJECTOR else f"{public_url.rstrip('/')}/{app['path']}"
    basis = clauses(planned.template, event, call)
    letter = {
        "subject": subject,
        "subject_en": words.subject_en,
        "authority": f"{call.authority_zh} · {call.authority_en}",
        "zh": words.zh,
        "en": words.en,
        "facts_zh": _facts_zh(planned, event, app, zh, (*basis, *call.legal_basis), recipient),
        "facts_en": _facts_en(planned, event, app, en),
        "link": link,
        "standing": _STANDING.get(planned.kind, ("", "")),
        "foot": f"{planned.ref} · 台账位置 / ledger position {event.position} · 叶摘要 / leaf {leaf.hex()}",
    }
    own = message_id(event.position, planned.template, recipient.id, sender)
    envelope = Envelope(sender, call.authority_zh, recipient.email, recipient.name, event.recorded_at, own, subject)
    calendar = _calendar(planned, event, app, zh, own, link)
    headers = (("X-Fundcall-Notice", f"{planned.ref}; kind={planned.kind}; position={event.position}"),)
    content = Content(*laid_out(letter), calendar, files)
    return Rendered(own, subject, written(envelope, headers, content))


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

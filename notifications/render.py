"""From an event to the bytes of a message: the same event gives the same bytes, today and in ten years."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import quote

from notifications import ics
from notifications.basis import clauses
from notifications.dates import dropped, kept
from notifications.letter import Wording, laid_out, said, shipped
from notifications.message import Content, Envelope, File, message_id, one_line, written
from notifications.rules import INVITED, OBJECTOR, REMINDER, REPLACED, STATUTORY, UNIT, Planned
from notifications.view import EXPERTS, OFFICE, data_for
from notifications.words import Language
from states.calendar import instant_of
from states.events import Recorded
from states.funding_call import FundingCall
from workflow.tasks import kind_of

_STANDING = {
    STATUTORY: (
        "以平台收件箱中的本通知为准，本邮件为其副本。",
        "The notice in your inbox on the platform is the one that counts; this mail is a copy of it.",
    ),
    REMINDER: (
        "本邮件只是提醒；无论是否收到提醒，期限都不变。",
        "This is a courtesy: the time runs whether or not a reminder arrives.",
    ),
}


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody to be told; an empty address means that none is known. `language` is which of the two comes first ("" for
    Chinese), `leaving_url` where somebody who asked for the notice leaves ("" for notices that nobody can decline).
    """

    id: str
    name: str
    email: str
    language: str = ""
    leaving_url: str = ""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message: its id, its subject in plain words, and the complete RFC 5322 bytes."""

    message_id: str
    subject: str
    body: bytes


class Letter(NamedTuple):
    """What a notice says, before it is a message: its subject in both languages, and its content."""

    subject: str
    subject_en: str
    content: Content


def render(
    planned: Planned,
    *,
    event: Recorded,
    recipient: Recipient,
    sender: str,
    call: FundingCall,
    files: tuple[File, ...] = (),
    **about: Any,
) -> Rendered:
    """The message of a planned notice, its content as `composed` gives it."""
    found = composed(planned, event=event, recipient=recipient, sender=sender, call=call, **about)
    own = message_id(event.position, planned.template, recipient.id, sender)
    subject = found.subject_en if recipient.language == "en" else found.subject
    envelope = Envelope(sender, call.authority_zh, recipient.email, recipient.name, event.recorded_at, own, subject)
    headers = (
        ("X-Fundcall-Notice", f"{planned.ref}; kind={planned.kind}; position={event.position}"),
        *_leaving(recipient.leaving_url),
    )
    return Rendered(own, subject, written(envelope, headers, found.content._replace(files=files)))


def _leaving(url: str) -> tuple[tuple[str, str], ...]:
    """What lets a mail program leave by one click (RFC 2369, RFC 8058); such a header is in ASCII."""
    if not url or not url.isascii():
        return ()
    return ("List-Unsubscribe", f"<{url}>"), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")


def composed(
    planned: Planned,
    *,
    event: Recorded,
    about: Mapping[str, Any],
    call: FundingCall,
    recipient: Recipient,
    sender: str,
    public_url: str,
    leaf: bytes,
    root: bytes,
    wording: Wording | None = None,
) -> Letter:
    """What a planned notice says; `about` is the application, or the call, as `notifications.view` shows it after the
    event, `root` that of the ledger which ends with the event, `wording` other words than those that ship.

    Raises jinja2's UndefinedError where a template asks for what is not there.
    """
    zh, en, wording = Language(call, "zh"), Language(call, "en"), wording or shipped(planned.template)
    dates = kept(planned, event, about)
    notice_url = f"{public_url.rstrip('/')}/public/calls/{quote(call.id, safe='')}/notice"
    words = said(wording.parts, _values(planned, event, about, call, dates, notice_url), zh, en)
    subject = one_line(f"【{call.short_zh}】{words.subject}{_about_zh(about, dates, zh)}")
    subject_en = one_line(f"{words.subject_en}{_about_en(about, dates, en)}")
    link = notice_url if planned.audience == OBJECTOR else f"{public_url.rstrip('/')}/{_page_for(planned, about)}"
    letter = {
        "subject": subject,
        "subject_en": subject_en,
        "authority": f"{call.authority_zh} · {call.authority_en}",
        "zh": words.zh,
        "en": words.en,
        "facts_zh": _facts_zh(planned, event, about, zh, recipient),
        "facts_en": _facts_en(planned, event, about, en),
        "link": link,
        "standing": _STANDING.get(planned.kind, ("", "")),
        "language": recipient.language,
        "leaving_url": recipient.leaving_url,
        **_footing(planned, event, leaf, root),
    }
    made = ics.Made(sender, event.recorded_at, event.version, link)
    calendars = _calendars(planned, dates, dropped(planned, event, about), zh, made, about)
    return Letter(subject, subject_en, Content(*laid_out(wording, letter), *calendars))


def _footing(planned: Planned, event: Recorded, leaf: bytes, root: bytes) -> dict[str, str]:
    """What the notice rests on in the ledger."""
    return {
        "foot": f"{planned.ref} · 台账位置 / ledger position {event.position} · 叶摘要 / leaf {leaf.hex()}",
        "checkpoint": f"检查点 / checkpoint: {event.position} 事件 / events · 根 / root {root.hex()}",
    }


def _page_for(planned: Planned, about: Mapping[str, Any]) -> str:
    """The page that a notice leads to: experts have a desk of their own, and the case on it while it is theirs."""
    if planned.audience in (INVITED, REPLACED):
        return "reviews"
    return f"reviews/{quote(about['id'], safe='')}" if planned.audience in EXPERTS else str(about["path"])


def _values(
    planned: Planned,
    event: Recorded,
    about: Mapping[str, Any],
    call: FundingCall,
    dates: Mapping[str, Any],
    notice_url: str,
) -> dict[str, Any]:
    """What a template may use."""
    return {
        "a": about,
        "d": data_for(event, planned.audience, about),
        "call": call,
        "at": event.effective_at,
        "open": call.within_window(event.effective_at),
        "audience": planned.audience,
        "position": event.position,
        "notice_url": notice_url,
        "office": planned.audience in OFFICE,
        "due": next(iter(dates.values()), ""),
    }


def _about_zh(app: Mapping[str, Any], dates: Mapping[str, Any], words: Language) -> str:
    """Which case a subject is about, and what is to be done by when."""
    due = [
        f"{words.deadline(n)}{words.half_year(words.detail(n))} {words.short(at)} {words.call.timezone_zh}前"
        for n, at in dates.items()
    ][:1]
    parts = [part for part in (app["label"], *due) if part]
    return f"（{'；'.join(parts)}）" if parts else ""


def _about_en(app: Mapping[str, Any], dates: Mapping[str, Any], words: Language) -> str:
    due = [
        f"{words.deadline(n)} {words.detail(n)}".rstrip() + f" before {words.short(at)} {words.call.timezone}"
        for n, at in dates.items()
    ][:1]
    parts = [part for part in (app["label_en"], *due) if part]
    return f" ({'; '.join(parts)})" if parts else ""


def _facts_zh(
    planned: Planned,
    event: Recorded,
    app: Mapping[str, Any],
    words: Language,
    recipient: Recipient,
) -> tuple[tuple[str, str], ...]:
    call = words.call
    basis = (*clauses(planned.template, event, call), *call.legal_basis)
    about = (
        (("支持方向", words.topic(app["topic"])),)
        if planned.audience in EXPERTS
        else (
            ("项目", app["title"] or "（未命名）"),
            ("单位", app["unit_name"]),
        )
    )
    copy = (("抄送", "供经办人员知悉"),) if planned.audience in OFFICE else ()
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


def _calendars(
    planned: Planned,
    dates: Mapping[str, Any],
    gone: Iterable[str],
    words: Language,
    made: ics.Made,
    app: Mapping[str, Any],
) -> tuple[str, str]:
    """The dates that a unit or an expert is to keep, and those taken back, as calendar files; "" for none."""
    if planned.audience != UNIT and planned.audience not in EXPERTS:
        return "", ""
    expert = planned.audience != UNIT
    host = made.organizer.rpartition("@")[2] or "localhost"
    date = partial(_date, app=app, words=words, host=host, expert=expert)
    wanted = {kind_of(name) if expert else name: due for name, due in reversed(list(dates.items()))}
    instants = (
        (name, instant_of(due) if isinstance(due, str) else due) for name, due in reversed(list(wanted.items()))
    )
    cancelled = ics.cancelled((date(name, None) for name in gone), made)
    return ics.published((date(*one) for one in instants), made), cancelled


def _date(
    name: str, due_at: datetime | None, app: Mapping[str, Any], words: Language, host: str, *, expert: bool
) -> ics.Date:
    """A deadline as a date, under an id that stays the same; an expert does not learn the unit's title by it."""
    number = app["number"] or ("" if expert else app["title"])
    summary = f"【{words.call.short_zh}】{words.deadline(name)} {words.half_year(words.detail(name))}".rstrip()
    summary = f"{summary}（{number}）" if number else summary
    return ics.Date(f"{quote(app['id'], safe='')}.{quote(name, safe='')}@{host}", due_at, one_line(summary))

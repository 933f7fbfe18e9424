"""From an event to the bytes of a message: the same event gives the same bytes, today and in ten years."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import format_datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from notifications.rules import Planned
from notifications.words import clean, filters
from states.application import Application
from states.events import BY_COMMAND, REFUSED, Recorded
from states.funding_call import FundingCall
from states.table import ROWS

_SECTION = re.compile(r"^== (\w+)$", re.MULTILINE)
FOLDER = Path(__file__).parent.parent / "templates" / "mail"
_BASIS: Mapping[str, str] = MappingProxyType({BY_COMMAND[row.command].name: row.basis for row in ROWS})


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


def sections(source: str) -> dict[str, str]:
    """The parts of a template file: each begins with a line such as "== zh"."""
    pieces = _SECTION.split(source)
    return {name: text.strip("\n") for name, text in zip(pieces[1::2], pieces[2::2], strict=True)}


def environment(call: FundingCall, *, html: bool = False) -> ImmutableSandboxedEnvironment:
    """The sandbox that notices of a call are rendered in: no attribute games, no undefined names."""
    found = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=html, trim_blocks=True, lstrip_blocks=True
    )
    found.filters.update(filters(call))
    return found


class Stationery:
    """The compiled templates of one call."""

    def __init__(self, call: FundingCall) -> None:
        plain, html = environment(call), environment(call, html=True)
        self.text = plain.from_string((FOLDER / "layout.txt.j2").read_text(encoding="utf-8"))
        self.html = html.from_string((FOLDER / "layout.html.j2").read_text(encoding="utf-8"))
        self.parts: dict[str, Parts] = {}
        for file in sorted(FOLDER.glob("*.j2")):
            if not file.name.startswith("layout."):
                found = sections(file.read_text(encoding="utf-8"))
                self.parts[file.stem] = Parts(*(plain.from_string(found[name]) for name in Parts._fields))
        self.when = filters(call)["when"]
        self.precise = filters(call)["precise"]


_PAPER: dict[int, tuple[FundingCall, Stationery]] = {}


def stationery(call: FundingCall) -> Stationery:
    """The templates of a call, compiled once."""
    known = _PAPER.get(id(call))
    if known is None:
        known = _PAPER[id(call)] = (call, Stationery(call))
    return known[1]


def render(
    planned: Planned,
    *,
    event: Recorded,
    application: Application,
    call: FundingCall,
    recipient: Recipient,
    sender: str,
    public_url: str,
    leaf: bytes,
) -> Rendered:
    """The message of a planned notice. Raises jinja2's UndefinedError where a template asks for what is not there."""
    paper = stationery(call)
    parts = paper.parts[planned.template]
    values: dict[str, Any] = {"a": application, "d": event.data, "event": event, "call": call}
    values["open"] = call.within_window(event.effective_at)
    number = application.number or application.id
    subject = clean(f"【{call.short_zh}】{parts.subject.render(values)}（受理编号 {number}）")
    subject_en = clean(parts.subject_en.render(values))
    link = f"{public_url}/applications/{application.id}"
    basis = _basis(event, call)
    text: dict[str, Any] = {
        "subject": subject,
        "authority": f"{call.authority_zh} · {call.authority_en}",
        "zh": parts.zh.render(values),
        "en": f"{subject_en}\n{parts.en.render(values)}",
        "facts_zh": (
            f"项目：{clean(application.title) or '（未命名）'}\n单位：{clean(application.unit_name)}\n"
            f"时间：{paper.when(event.effective_at) if planned.kind == 'reminder' else paper.precise(event.effective_at)}\n"
            f"依据：{basis}\n查看：{link}\n咨询：{call.contact_zh}"
        ),
        "facts_en": f"Clause: {basis}\nOpen: {link}\nQuestions: {call.contact_en}",
        "link": link,
        "foot": f"台账位置 / ledger position {event.position} · 摘要 / leaf {leaf.hex()}",
    }
    return _message(planned, event, recipient, sender, subject, paper, text)


def _basis(event: Recorded, call: FundingCall) -> str:
    """The clause on which the event rests."""
    if event.type == REFUSED:
        return "、".join(dict.fromkeys(r["clause"] for r in event.data["refusals"]))
    if "deadline" in event.data:
        return call.period(event.data["deadline"].partition("~")[0]).basis
    return _BASIS.get(event.type) or next(iter(call.rules.values())).clause


def _message(
    planned: Planned,
    event: Recorded,
    recipient: Recipient,
    sender: str,
    subject: str,
    paper: Stationery,
    text: Mapping[str, Any],
) -> Rendered:
    who = hashlib.sha256(recipient.id.encode()).hexdigest()[:12]
    host = sender.rpartition("@")[2].rstrip(">")
    message_id = f"<{event.position}.{planned.template}.{who}@{host}>"
    boundary = f"=_{hashlib.sha256(message_id.encode()).hexdigest()[:24]}"
    head = [
        f"From: {sender}",
        f"To: {_mailbox(recipient)}",
        f"Subject: {_encoded(subject)}",
        f"Date: {format_datetime(event.recorded_at)}",
        f"Message-ID: {message_id}",
        "Auto-Submitted: auto-generated",
        f"X-Fundcall-Notice: {planned.ref}; position={event.position}",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="{boundary}"',
    ]
    plain, html = _part("plain", paper.text.render(text)), _part("html", paper.html.render(text))
    body = "\r\n".join((*head, "", f"--{boundary}", plain, f"--{boundary}", html, f"--{boundary}--", ""))
    return Rendered(message_id, subject, body.encode("ascii"))


def _part(kind: str, text: str) -> str:
    encoded = base64.b64encode(text.encode()).decode("ascii")
    lines = "\r\n".join(encoded[i : i + 76] for i in range(0, len(encoded), 76))
    return f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{lines}"


def _encoded(text: str) -> str:
    """A header's text as RFC 2047 encoded words, each within 75 characters."""
    if text.isascii():
        return text
    words, piece = [], ""
    for character in text:
        if len((piece + character).encode()) > 45:
            words.append(piece)
            piece = ""
        piece += character
    words.append(piece)
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(word.encode()).decode('ascii')}?=" for word in words)


def _mailbox(recipient: Recipient) -> str:
    """One address; whatever could name another one or end the header is left out of it."""
    address = "".join(c for c in recipient.email if c.isascii() and c.isprintable() and c not in ' ,;:<>"()[]\\')
    return (
        f"{_encoded(clean(recipient.name))} <{address}>"
        if recipient.name and not recipient.name.isascii()
        else f"<{address}>"
    )

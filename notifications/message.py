"""The bytes of a message (RFC 5322, MIME): written directly, as the same notice must be the same bytes for ever."""

from __future__ import annotations

import hashlib
import re
from binascii import b2a_base64
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from states.mailbox import is_mailbox

_WORD_BYTES = 39  # keeps "Subject: " and one encoded word within the 76 characters of RFC 2047
_LINE_MAX = 76
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# What ends a line, hides text, turns its direction or cannot be written as UTF-8.
_UNFIT = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff"
_UNFIT_IN_TEXT = re.compile(f"[{_UNFIT}]")
_UNFIT_IN_LINE = re.compile(rf"[\t\n{_UNFIT}]+")


class File(NamedTuple):
    """Something attached: its media type, its name in ASCII, and its bytes."""

    kind: str
    name: str
    content: bytes


class Content(NamedTuple):
    """What a message says: the text, the same as HTML, calendars of dates to keep and of dates taken back ("" for none),
    and files.
    """

    text: str
    html: str
    calendar: str = ""
    cancelled: str = ""
    files: tuple[File, ...] = ()


class Envelope(NamedTuple):
    """Who writes to whom, when and under which id. The names are what a reader sees beside the addresses."""

    sender: str
    sender_name: str
    recipient: str
    recipient_name: str
    sent_at: datetime
    message_id: str
    subject: str


def one_line(text: str) -> str:
    """The text on one line, without anything that could end or disguise it."""
    return text if text.isprintable() else _UNFIT_IN_LINE.sub(" ", text)


def legible(text: str) -> str:
    """The text with its line ends, without control characters."""
    return text if text.replace("\n", "").isprintable() else _UNFIT_IN_TEXT.sub(" ", text)


def message_id(position: int, template: str, recipient: str, sender: str) -> str:
    """The id of the notice that an event gives a recipient by a template: always the same."""
    who = hashlib.sha256(recipient.encode(errors="replace")).hexdigest()[:16]
    return f"<{position}.{template}.{who}@{sender.rpartition('@')[2] or 'localhost'}>"


def written(envelope: Envelope, headers: Sequence[tuple[str, str]], content: Content) -> bytes:
    """The complete message with CRLF line ends. `headers` are further ones, in ASCII."""
    boundary = "=_" + hashlib.sha256(envelope.message_id.encode()).hexdigest()[:32]
    parts = [_part("text/plain; charset=utf-8", content.text), _part("text/html; charset=utf-8", content.html)]
    kind, body = "multipart/alternative", _multipart(boundary, parts)
    calendars = (("PUBLISH", "deadlines", content.calendar), ("CANCEL", "cancelled", content.cancelled))
    attached = [*(_calendar(*one) for one in calendars if one[2]), *map(_file, content.files)]
    if attached:
        inner = f'Content-Type: {kind}; boundary="{boundary}"\r\n\r\n'.encode("ascii") + body
        boundary += "_"
        kind, body = "multipart/mixed", _multipart(boundary, [inner, *attached])
    head = [
        f"From: {_named(envelope.sender_name, envelope.sender)}",
        f"Subject: {encoded(envelope.subject)}",
        f"Date: {rfc5322_date(envelope.sent_at)}",
        f"Message-ID: {envelope.message_id}",
        "Auto-Submitted: auto-generated",
        *(f"{name}: {one_line(value)}" for name, value in headers),
        f"To: {_named(envelope.recipient_name, envelope.recipient)}",  # no "<" follows: easily read back
        "MIME-Version: 1.0",
        f'Content-Type: {kind};\r\n boundary="{boundary}"',
        "\r\n",
    ]
    return "\r\n".join(head).encode("ascii") + body


def rfc5322_date(instant: datetime) -> str:
    """The instant as a Date header has it, in universal time, whatever the locale."""
    at = instant.astimezone(UTC)
    return f"{_DAYS[at.weekday()]}, {at.day:02d} {_MONTHS[at.month - 1]} {at:%Y %H:%M:%S} +0000"


def encoded(text: str) -> str:
    """The text as folded RFC 2047 encoded words; never split within a character."""
    clean = one_line(text)
    step = _WORD_BYTES // 3 if max(clean, default="") <= "\uffff" else _WORD_BYTES // 4
    words = (clean[at : at + step] for at in range(0, len(clean), step))
    return "\r\n ".join(f"=?utf-8?b?{_base64(word)}?=" for word in words)


def _base64(text: str) -> str:
    return b2a_base64(text.encode(), newline=False).decode("ascii")


@lru_cache(maxsize=1024)
def _named(name: str, address: str) -> str:
    """One mailbox with its name; a group of nobody where the address names no mailbox."""
    if not is_mailbox(address):
        return "undisclosed-recipients:;"
    return f"{encoded(name)}\r\n <{address}>" if name else f"<{address}>"


def _multipart(boundary: str, parts: Sequence[bytes]) -> bytes:
    line = f"--{boundary}".encode("ascii")
    return b"".join((*(b"%b\r\n%b" % (line, part) for part in parts), line, b"--\r\n"))


def _part(kind: str, text: str, *headers: str) -> bytes:
    return _encoded_part(kind, legible(text).replace("\n", "\r\n").encode(), *headers)


def _file(file: File) -> bytes:
    return _encoded_part(file.kind, file.content, f'Content-Disposition: attachment; filename="{file.name}"')


def _encoded_part(kind: str, content: bytes, *headers: str) -> bytes:
    head = "\r\n".join((f"Content-Type: {kind}", "Content-Transfer-Encoding: base64", *headers))
    data = b2a_base64(content, newline=False)
    lines = [data[at : at + _LINE_MAX] for at in range(0, len(data), _LINE_MAX)]
    return b"\r\n".join((head.encode("ascii"), b"", *lines, b""))


def _calendar(method: str, name: str, text: str) -> bytes:
    disposition = f'Content-Disposition: attachment; filename="{name}.ics"'
    return _part(f"text/calendar; charset=utf-8; method={method}", text, disposition)

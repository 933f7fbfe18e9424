"""Reading reports of mails that did not arrive (RFC 3464): which message, for good or not yet, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import Message

from notifications.message import one_line
from workflow.maildesk import Bounce

_WORDS_MAX = 300
_PARTS_MAX = 50
_ID = re.compile(r"<[!-;=?-~]{1,300}>")
_BESIDE = r"[0-9A-Za-z_\x80-\U0010ffff]"
_STATUS = re.compile(rf"(?<!{_BESIDE})(?<!\.)[245]\.[0-9]{{1,3}}\.[0-9]{{1,3}}(?!\.?{_BESIDE})")
"""Never out of the middle of a longer number, or of one whose other digits are not those of ASCII."""
_ACTIONS = {"failed": True, "delayed": False}


def bounces(raw: bytes) -> list[Bounce]:
    """What a mail reports of others; nothing where it is no report. Never raises for what somebody may send us."""
    try:
        message = message_from_bytes(raw, policy=policy.compat32)
        return list(_reported(message))
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError):
        return []


def _reported(message: Message) -> Iterator[Bounce]:
    if message.get_content_type() != "multipart/report":
        return
    parts = [part for _, part in zip(range(_PARTS_MAX), message.walk(), strict=False)]
    about = _original(parts)
    if not about:
        return
    for part in parts:
        if part.get_content_type() == "message/delivery-status":
            for fields in part.get_payload():
                if isinstance(fields, Message) and (found := _recipient(about, fields)) is not None:
                    yield found


def _original(parts: list[Message]) -> str:
    """The id of the message that a report is about, from its own headers in the report's last part."""
    for part in parts:
        kind = part.get_content_type()
        if kind == "message/rfc822" and isinstance(inner := part.get_payload(0), Message):
            found = _ID.search(str(inner.get("Message-ID", "")))
        elif kind == "text/rfc822-headers":
            text = part.get_payload(decode=True)
            head = message_from_bytes(text if isinstance(text, bytes) else b"")
            found = _ID.search(str(head.get("Message-ID", "")))
        else:
            continue
        if found:
            return found[0]
    return ""


def _recipient(about: str, fields: Message) -> Bounce | None:
    """What the fields of one recipient say; None where they say that it arrived, or nothing."""
    action = str(fields.get("Action", "")).strip().lower()
    if action not in _ACTIONS:
        return None
    status = _STATUS.search(str(fields.get("Status", "")))
    words = one_line(str(fields.get("Diagnostic-Code", "")))[:_WORDS_MAX].strip()
    return Bounce(about, _ACTIONS[action], status[0] if status else "", words)

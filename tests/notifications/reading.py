"""A message as a mail program reads it, by the standard library's parser."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from typing import NamedTuple

import orjson

from notifications.render import Rendered


class Read(NamedTuple):
    """What stands in a message. The texts have LF line ends."""

    message: EmailMessage
    text: str
    html: str
    calendar: str
    cancelled: str


def read(rendered: Rendered) -> Read:
    """The message, refused where the parser finds any defect."""
    message = message_from_bytes(rendered.body, policy=policy.default)
    assert isinstance(message, EmailMessage)
    parts = list(message.walk())
    assert [defect for part in parts for defect in part.defects] == []
    assert [d for part in parts for header in part.values() for d in getattr(header, "defects", ())] == []
    found = {_kind(part): part.get_content() for part in parts if not part.is_multipart()}
    calendars = [found.get(f"text/calendar {method}", "") for method in ("PUBLISH", "CANCEL")]
    texts = [found["text/plain"], found["text/html"], *calendars]
    return Read(message, *(text.replace("\r\n", "\n") for text in texts))


def _kind(part: Message) -> str:
    """The media type; a calendar with what is to be done with it."""
    return f"{part.get_content_type()} {part.get_param('method', '')}".rstrip()


def plain(value: object) -> str:
    """A value as one string, to look for what must not be in it."""
    return orjson.dumps(value, default=str).decode()

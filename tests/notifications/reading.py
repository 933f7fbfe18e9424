"""A message as a mail program reads it, by the standard library's parser."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import NamedTuple

import orjson

from notifications.render import Rendered


class Read(NamedTuple):
    """What stands in a message. The texts have LF line ends."""

    message: EmailMessage
    text: str
    html: str
    calendar: str


def read(rendered: Rendered) -> Read:
    """The message, refused where the parser finds any defect."""
    message = message_from_bytes(rendered.body, policy=policy.default)
    assert isinstance(message, EmailMessage)
    parts = list(message.walk())
    assert [defect for part in parts for defect in part.defects] == []
    assert [d for part in parts for header in part.values() for d in getattr(header, "defects", ())] == []
    found = {part.get_content_type(): part.get_content() for part in parts if not part.is_multipart()}
    calendar = found.get("text/calendar", "")
    texts = [found["text/plain"], found["text/html"], calendar]
    return Read(message, *(text.replace("\r\n", "\n") for text in texts))


def plain(value: object) -> str:
    """A value as one string, to look for what must not be in it."""
    return orjson.dumps(value, default=str).decode()

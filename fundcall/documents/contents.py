"""What a file is by its content, and whether it is something else as well: names are never believed."""

from __future__ import annotations

import io
import re
import zipfile

_END_WITHIN = 1024
_LEADING_WITHIN = 1024
_ENDED = re.compile(rb"%%EOF[\r\n\t \x00]*\Z")
_SECOND = re.compile(rb"%%EOF\s*%PDF-")
_MARKUP = re.compile(rb"<(?:!doctype|html|script|svg|body|iframe|\?php)", re.IGNORECASE)
_KINDS = ((b"\x89PNG", "png"), (b"\xff\xd8\xff", "jpeg"))


def format_of(content: bytes) -> str:
    """The kind of content: pdf (a header at the very first byte), png, jpeg, ofd, zip (Office files are of that kind) or unknown."""
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content.startswith(b"PK\x03\x04"):
        return "ofd" if b"OFD.xml" in content else "zip"
    return next((kind for magic, kind in _KINDS if content.startswith(magic)), "unknown")


def findings_of(content: bytes) -> list[str]:
    """What is wrong with the bytes as a whole, before anything parses them."""
    if not content:
        return ["empty"]
    if format_of(content) != "pdf":
        return ["not_pdf", *(["polyglot"] if b"%PDF-" in content[:_LEADING_WITHIN] else [])]
    found = []
    if b"%%EOF" not in content[-_END_WITHIN:]:
        found.append("truncated")
    elif not _ENDED.search(content[-_END_WITHIN:]):
        found.append("polyglot")
    if _something_else(content):
        found.append("polyglot")
    return found


def _something_else(content: bytes) -> bool:
    """Whether a ZIP reader, a browser that guesses, or a second PDF reader would find a file of its own in it."""
    markup = _MARKUP.search(content[:_LEADING_WITHIN].split(b" obj", 1)[0])
    return bool(markup) or bool(_SECOND.search(content)) or zipfile.is_zipfile(io.BytesIO(content))

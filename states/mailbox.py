"""Which texts name exactly one mailbox: whatever could name another one, or end a header, names none."""

from __future__ import annotations

import re

# RFC 5321 4.1.2 without quoted local parts, address literals and internationalised addresses.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_MAILBOX = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")
_CHARACTERS_MAX = 254


def is_mailbox(text: str) -> bool:
    """Whether the text is one address such as li@example.org, and nothing beside it."""
    return len(text) <= _CHARACTERS_MAX and _MAILBOX.fullmatch(text) is not None

"""Mails that come back, addresses of mail, and words that somebody writes for the mails that go out."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import parseaddr

from fundcall.calls.load import load
from notifications.bounces import bounces
from notifications.letter import source_of
from notifications.trial import faults
from states.mailbox import is_mailbox
from tests.fuzzing.target import Target
from tests.notifications.test_bounces import failed, report

_TEMPLATE = "correction_notice"


def _bounce(content: bytes) -> None:
    for bounce in bounces(content):
        assert len(bounce.diagnostic) <= 300
        assert bounce.diagnostic.isprintable()
        assert bounce.message_id.isprintable()


def _bounced() -> Sequence[bytes]:
    kinds = [report(failed(), original=kind) for kind in ("message/rfc822", "text/rfc822-headers")]
    return [*kinds, report(failed("delayed", "4.4.1"), failed("Failed", "4.4.7")), b"From: x\r\n\r\nhello"]


def _words(content: bytes) -> None:
    call = load("community-climate-2026")
    faults(call, _TEMPLATE, content.decode("utf-8", "replace"), {"sender": "a@fund.example", "public_url": "https://fund.example"})  # fmt: skip


def _mailbox(content: bytes) -> None:
    text = content.decode("utf-8", "replace")
    if is_mailbox(text):
        assert parseaddr(text) == ("", text)


TARGETS = (
    Target("bounces", "reports that a mail did not arrive", _bounce, _bounced),
    Target("mail-words", "other words for a notice", _words, lambda: [source_of(_TEMPLATE).encode()], runs=40),
    Target("mailboxes", "addresses of mail", _mailbox, lambda: [b"li@zixu.example", b"a.b+c@x-1.example", b"Li <a@b>"]),
)

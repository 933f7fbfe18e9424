"""News of calls (N01): letters to confirm with, and the mail to everybody who wants to know that a call is published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from itertools import islice
from typing import Any
from urllib.parse import quote

from fundcall.accounts.news import CONFIRM_WITHIN, Asked, News, Subscriber
from fundcall.accounts.proofs import digest, new_secret
from notifications.letter import Wording, shipped
from notifications.mailer import Mailer, Outcome
from notifications.message import Content, Envelope, written
from notifications.recording import recorded
from notifications.render import Recipient
from notifications.rules import INFORMATION, Planned
from notifications.telling import Teller, Told
from notifications.view import shown_call
from states.funding_call import FundingCall
from workflow.notices import Notice, Notices
from workflow.ports import Stored
from workflow.record import decode

CURSOR = "news"
PLAN = Planned("call_published", "N01", "subscribers", INFORMATION)
_PUBLISHED = "CallPublished"
_AT_ONCE = 500
_GIVE_UP_AFTER = 20
_BACKOFF = timedelta(minutes=1)


def shown_news(call: FundingCall) -> dict[str, Any]:
    """What the notice is about: the call, and its page for everybody."""
    return {**shown_call(call), "path": f"public/calls/{quote(call.id, safe='')}/notice"}


@dataclass
class Announcer:
    """Follows the calls' own streams, and tells of each publication whoever wants to know by then, once."""

    teller: Teller
    notices: Notices
    news: News
    _looked_upto: int = 0

    def record(self) -> int:
        """Record the notices of every publication after the cursor; how many were new. A crash in between repeats the
        publication, and what stands there already is not doubled.
        """
        after, head = max(self._looked_upto, self.notices.cursor(CURSOR)), self.teller.ledger.head()
        if after >= head:
            return 0
        published = [one for call in self.teller.calls for one in self._published(call, after, head)]
        added = sum(self._told(one) for one in published)
        if published:  # nothing else needs to be written down: looking twice finds the same
            self.notices.record([], CURSOR, head)
        self._looked_upto = head
        return added

    def _published(self, call_id: str, after: int, head: int) -> Iterator[Stored]:
        return (one for one in self.teller.ledger.stored(after, head, call_id) if one.type == _PUBLISHED)

    def _told(self, stored: Stored) -> int:
        words = shipped(PLAN.template)
        made = (self._notice(stored, one, words) for one in self.news.subscribers())
        added = 0
        while some := list(islice(made, _AT_ONCE)):
            added += self.notices.add(some, {words.digest: words.body})
        return added

    def _notice(self, stored: Stored, one: Subscriber, words: Wording) -> Notice:
        event = decode(stored.body)
        call = self.teller.call_at(event, event.application)
        to = Recipient(one.id, "", one.email, one.language, leaving_url(self.teller.public_url, one.secret))
        made = self.teller.rendered(Told(PLAN, to, shown_news(call), call), event, stored.leaf, words)
        return recorded(PLAN, to, event, made, words, call.id)


def leaving_url(public_url: str, secret: str) -> str:
    """Where the holder of a secret leaves: by opening it, or by one click in the mail program (RFC 8058)."""
    return f"{public_url.rstrip('/')}/public/news/leave?link={secret}"


async def send_confirmations(news: News, mailer: Mailer, sender: str, public_url: str, now: datetime) -> int:
    """Write and send the letters that wait; how many were handed over. One that cannot be is tried again, more seldom
    each time; whoever waits for it can ask again.
    """
    sent = 0
    for asked in news.asked(now):
        secret = new_secret()
        news.give_link(asked.email, digest(secret), now)
        (answer,) = await mailer.send([(asked.email, sender, confirmation(asked, secret, sender, public_url, now))])
        accepted = answer.outcome is Outcome.ACCEPTED
        over = accepted or answer.outcome is Outcome.FAILED or asked.attempts + 1 >= _GIVE_UP_AFTER
        news.settle(asked, None if over else now + _BACKOFF * (asked.attempts + 1))
        sent += accepted
    return sent


def confirmation(asked: Asked, secret: str, sender: str, public_url: str, now: datetime) -> bytes:
    """The whole letter to confirm with. It says the same to who is told already: nobody else learns that."""
    link = f"{public_url.rstrip('/')}/public/news/confirm?link={secret}"
    hours = f"{CONFIRM_WITHIN / timedelta(hours=1):g}"
    zh = (
        "有人（应当是您）用此邮箱订阅申报通知。请打开下面的链接并确认，此后每有申报通知发布，我们发一封邮件告知。",
        f"链接（{hours}小时内有效，只能用一次）：{link}",
        "若不是您本人，不必理会：未经确认，不会再收到邮件，此邮箱届时删除。",
    )
    en = (
        "Somebody, you we hope, wants a mail here whenever a call is published. Open the link and confirm it to get them.",
        f"The link ({hours} hours, once): {link}",
        "If it was not you, do nothing: without your word no more mails come, and the address is forgotten.",
    )
    subject, *lines = (
        ("Confirm: news of calls · 请确认订阅申报通知", *en, *zh)
        if asked.language == "en"
        else ("请确认订阅申报通知 · Confirm: news of calls", *zh, *en)
    )
    anchor = f'<a href="{escape(link)}">{escape(link)}</a>'
    paragraphs = "".join(f"<p>{escape(line).replace(escape(link), anchor)}</p>" for line in lines)
    page = f'<html lang="{escape(asked.language)}"><head><meta charset="utf-8"><title>{escape(subject)}</title></head>'
    own = f"<news.{digest(secret)[:32]}@{sender.rpartition('@')[2]}>"
    envelope = Envelope(sender, "", asked.email, "", now, own, subject)
    content = Content("\n\n".join(lines) + "\n", f"<!DOCTYPE html>{page}<body>{paragraphs}</body></html>")
    return written(envelope, (), content)

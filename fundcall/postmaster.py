"""What comes back to the office's mailbox, and what is done about it: reports read, officers told, notices sent again."""

from __future__ import annotations

import mailbox
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from notifications.bounces import bounces
from notifications.dispatch import Dispatcher
from notifications.letter import shipped
from notifications.recording import recorded
from notifications.render import Recipient
from notifications.rules import OFFICERS, STATUTORY, Planned
from notifications.telling import Told
from notifications.view import shown
from states.actor import Actor
from states.mailbox import is_mailbox
from workflow.maildesk import NoticeDesk, Undelivered
from workflow.notices import Notice
from workflow.record import decode

_BYTES_MAX = 10 * 1024 * 1024
_PLAN = Planned("undelivered", "N57", OFFICERS, STATUTORY)


@dataclass(frozen=True)
class Postmaster:
    """Deals with what comes back. `drop` is where it comes: a Maildir, an mbox, or a folder of .eml files."""

    dispatcher: Dispatcher
    desk: NoticeDesk
    drop: Path | None = None

    def turn(self, now: datetime) -> int:
        """Read what came back, and tell the officers what did not arrive; how many mails that makes."""
        if self.drop is not None:
            with taken(self.drop) as came:
                self.desk.bounced([bounce for raw in came for bounce in bounces(raw)], now)
        return self.tell_officers()

    def read(self, files: Iterable[Path], now: datetime) -> tuple[int, int]:
        """Read reports from files that stay as they are: how many mails there were, and how much was news."""
        raws = [raw for path in files for raw in _raws(path)]
        return len(raws), self.desk.bounced([bounce for raw in raws for bounce in bounces(raw)], now)

    def tell_officers(self) -> int:
        """Have the officers mailed about each statutory notice that did not arrive (once an event); how many mails."""
        told = self.desk.untold()
        added = sum(self.dispatcher.notices.add(*self._report(one)) for one in told)
        self.desk.tell([one.notice.message_id for one in told])
        return added

    def _report(self, one: Undelivered) -> tuple[list[Notice], dict[str, bytes]]:
        notice, teller = one.notice, self.dispatcher.teller
        (stored,) = teller.ledger.stored(notice.position - 1, notice.position)
        event = decode(stored.body)
        application, call = teller.concerning(event)
        data = {"ref": notice.ref, "subject": notice.subject, "status": one.status, "diagnostic": one.diagnostic}
        made, about, words = [], shown(application), shipped(_PLAN.template)
        for recipient in teller.directory.people(OFFICERS, call.id) or (Recipient(OFFICERS, "", ""),):
            told = Told(_PLAN, recipient, about, call)
            message = teller.rendered(told, event._replace(type="NoticeUndelivered", data=data), stored.leaf, words)
            made.append(recorded(_PLAN, recipient, event, message, words, application.id))
        return made, {words.digest: words.body}

    def readdress(self, message_id: str, address: str, actor: Actor, now: datetime) -> bool:
        """Send an undelivered notice again to a mended address, and close it. Whether it could be."""
        notice = self.desk.one(message_id)
        again = self.dispatcher.readdressed(notice, address) if notice is not None and is_mailbox(address) else None
        if again is None or not self.desk.close(message_id, actor.id, f"→ {again.message_id}", now):
            return False
        self.dispatcher.notices.add([again])
        return True


@contextmanager
def taken(place: Path) -> Iterator[list[bytes]]:
    """The mails in a place where they are dropped: taken away from it if nothing goes wrong with them."""
    if place.is_dir():
        maildir = (place / "new").is_dir()
        files = [f for f in sorted((place / "new").iterdir() if maildir else place.glob("*.eml")) if f.is_file()]
        yield [_small(file) for file in files]
        for file in files:
            file.rename(_read_place(place, file, maildir=maildir))
    elif place.is_file() and place.stat().st_size:
        with closing(mailbox.mbox(place, create=False)) as box:
            box.lock()
            keys = box.keys()
            yield [box.get_bytes(key) for key in keys]
            for key in keys:
                box.remove(key)
    else:
        yield []


def _read_place(place: Path, file: Path, *, maildir: bool) -> Path:
    """Where a file goes once it was read: among the seen ones of a Maildir, into a folder of its own elsewhere."""
    folder = place / ("cur" if maildir else "read")
    folder.mkdir(exist_ok=True)
    return folder / (f"{file.name.partition(':')[0]}:2,S" if maildir else file.name)


def _small(file: Path) -> bytes:
    with file.open("rb") as source:
        return source.read(_BYTES_MAX)


def _raws(path: Path) -> Iterator[bytes]:
    """The mails of a file: an mbox, or one mail."""
    head = _small(path)
    if not head.startswith(b"From "):
        yield head
        return
    with closing(mailbox.mbox(path, create=False)) as box:
        yield from map(box.get_bytes, box.keys())

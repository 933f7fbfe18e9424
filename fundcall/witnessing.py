"""Who is told of each checkpoint (FUNDCALL_WITNESSES), and what they signed: kept beside the journal of checkpoints."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path

from fundcall.audit.checkpoint import BadNote
from fundcall.audit.journal import append, notes_in
from fundcall.audit.witness import Drop, Proof, Server, Witness, Witnessed, cosigner_of
from fundcall.settings import Settings
from notifications.mailer import Mailer, Outcome

_LOG = logging.getLogger(__name__)
_DAY = timedelta(days=1)
_NEWEST_BYTES = 1 << 16


class Post:
    """A mailbox that is sent the checkpoint of each statutory instant, and one a day."""

    def __init__(self, address: str, settings: Settings, now: Callable[[], datetime]) -> None:
        self.name = f"mailto:{address}"
        self._address, self._settings, self._now = address, settings, now
        self._sent_at: datetime | None = None

    def take(self, note: str, size: int, last: int, proof: Proof) -> str:
        """Send a checkpoint where it is time. Raises OSError where the relay does not take it."""
        now = self._now()
        statutory = "\nstatutory " in note
        if statutory or self._sent_at is None or now - self._sent_at >= _DAY:
            sent = asyncio.run(self._send(_letter(note, self._settings.mail_from, self._address, now)))
            if sent is not Outcome.ACCEPTED:
                raise OSError(f"{self.name}: {sent.value}")
            self._sent_at = now
        return ""

    async def _send(self, body: bytes) -> Outcome:
        mailer = Mailer(self._settings.smtp_url)
        try:
            (sent,) = await mailer.send([(self._address, self._settings.mail_from, body)])
            return sent.outcome
        finally:
            await mailer.close()


def _letter(note: str, sender: str, address: str, now: datetime) -> bytes:
    lines = note.split("\n")
    made = EmailMessage()
    made["From"], made["To"], made["Date"] = sender, address, format_datetime(now)
    made["Subject"] = f"检查点 checkpoint {lines[1]} · {lines[0]}"
    made["Message-ID"] = make_msgid(domain="fundcall")
    made.set_content(
        f"请妥善保存：台账不得与此检查点不符。\nPlease keep this: the ledger may never contradict it.\n\n{note}"
    )
    return made.as_bytes()


def witnesses_of(settings: Settings, now: Callable[[], datetime]) -> list[Witness]:
    """Those that FUNDCALL_WITNESSES names: file:FOLDER, NAME+HASH+KEY https://ADDRESS, mailto:ADDRESS. Raises ValueError."""
    return [_witness(text, settings, now) for text in map(str.strip, settings.witnesses.split(",")) if text]


def _witness(text: str, settings: Settings, now: Callable[[], datetime]) -> Witness:
    if text.startswith("file:"):
        return Drop(Path(text.removeprefix("file:")))
    if text.startswith("mailto:"):
        return Post(text.removeprefix("mailto:"), settings, now)
    key, _, url = text.partition(" ")
    if not url.startswith(("http://", "https://")):
        raise ValueError(
            f"FUNDCALL_WITNESSES: “{text}” 不是 file:文件夹、mailto:邮箱 或 “公钥 网址”"
            f" / {text!r} is none of file:FOLDER, mailto:ADDRESS, NAME+HASH+KEY https://ADDRESS"
        )
    return Server(url, cosigner_of(key))


class Told:
    """Gives checkpoints to witnesses, and keeps what they took."""

    def __init__(self, kept: Witnessed, witnesses: Sequence[Witness]) -> None:
        self._kept, self._witnesses = kept, witnesses

    def tell(self, note: str, size: int, proof: Proof) -> int:
        """Give a checkpoint to each who has not seen it; how many took it. Who cannot be reached is asked the next time."""
        return sum(self._give(one, note, size, proof) for one in self._witnesses)

    def _give(self, witness: Witness, note: str, size: int, proof: Proof) -> bool:
        path = self._kept.path(witness.name)
        kept = notes_in(path, _NEWEST_BYTES)
        last = max((int(one.split("\n", 2)[1]) for one in kept), default=0)
        if size < last or any(one.startswith(note) for one in kept):
            return False
        try:
            line = witness.take(note, size, last, proof)
        except (OSError, BadNote, ValueError) as wrong:
            _LOG.warning("见证方未收下检查点 · a witness did not take the checkpoint: %s: %s", witness.name, wrong)
            return False
        append(path, f"{note}{line}")
        return True

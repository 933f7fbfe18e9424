"""Who is told of each checkpoint (FUNDCALL_WITNESSES), and what they signed: kept beside the journal of checkpoints."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path

from cryptography.x509 import load_pem_x509_certificates

from fundcall.audit.checkpoint import BadNote
from fundcall.audit.journal import append, notes_in
from fundcall.audit.timestamps import stamped
from fundcall.audit.witness import Drop, Proof, Server, Witness, Witnessed, cosigner_of
from fundcall.settings import Settings
from notifications.mailer import Mailer, Outcome

_LOG = logging.getLogger(__name__)
_DAY = timedelta(days=1)
_NEWEST_BYTES = 1 << 16


class Daily:
    """A witness that is given the checkpoint of each statutory instant, and one a day."""

    def __init__(self, name: str, give: Callable[[str, datetime], str], now: Callable[[], datetime]) -> None:
        self.name = name
        self._give, self._now = give, now
        self._given_at: datetime | None = None

    def take(self, note: str, size: int, last: int, proof: Proof) -> str:
        """Give it a checkpoint where it is time. Raises OSError, ValueError where it does not take it."""
        now = self._now()
        if "\nstatutory " not in note and self._given_at is not None and now - self._given_at < _DAY:
            return ""
        line = self._give(note, now)
        self._given_at = now
        return line


class Post:
    """A mailbox."""

    def __init__(self, address: str, settings: Settings) -> None:
        self._address, self._settings = address, settings

    def give(self, note: str, now: datetime) -> str:
        """Send a checkpoint. Raises OSError where the relay does not take it."""
        sent = asyncio.run(self._send(_letter(note, self._settings.mail_from, self._address, now)))
        if sent is not Outcome.ACCEPTED:
            raise OSError(f"mailto:{self._address}: {sent.value}")
        return ""

    async def _send(self, body: bytes) -> Outcome:
        mailer = Mailer(self._settings.smtp_url)
        try:
            (sent,) = await mailer.send([(self._address, self._settings.mail_from, body)])
            return sent.outcome
        finally:
            await mailer.close()


class Authority:
    """A timestamping authority, trusted by its certificates. What it answers is kept as a line, `rfc3161 BASE64`."""

    def __init__(self, url: str, certificates: Path) -> None:
        self._url, self._roots = url, load_pem_x509_certificates(certificates.read_bytes())

    def give(self, note: str, _: datetime) -> str:
        """Have a checkpoint stamped. Raises OSError, ValueError where its answer does not hold, ImportError."""
        return f"rfc3161 {base64.b64encode(stamped(self._url, note.encode(), self._roots)).decode()}\n"


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
    """Those that FUNDCALL_WITNESSES names: file:FOLDER, mailto:ADDRESS, NAME+HASH+KEY https://ADDRESS, and
    tsa:CERTIFICATES https://ADDRESS (a file in PEM). Raises ValueError, OSError.
    """
    return [_witness(text, settings, now) for text in map(str.strip, settings.witnesses.split(",")) if text]


def _witness(text: str, settings: Settings, now: Callable[[], datetime]) -> Witness:
    if text.startswith("file:"):
        return Drop(Path(text.removeprefix("file:")))
    if text.startswith("mailto:"):
        return Daily(text, Post(text.removeprefix("mailto:"), settings).give, now)
    key, _, url = text.partition(" ")
    if not url.startswith(("http://", "https://")):
        raise ValueError(
            f"FUNDCALL_WITNESSES: “{text}” 不是 file:文件夹、mailto:邮箱、“公钥 网址” 或 “tsa:证书文件 网址”"
            f" / {text!r} is none of file:FOLDER, mailto:ADDRESS, KEY https://ADDRESS, tsa:CERTIFICATES https://ADDRESS"
        )
    if key.startswith("tsa:"):
        return Daily(text, Authority(url, Path(key.removeprefix("tsa:"))).give, now)
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
        except (OSError, BadNote, ValueError, ImportError) as wrong:
            _LOG.warning("见证方未收下检查点 · a witness did not take the checkpoint: %s: %s", witness.name, wrong)
            return False
        append(path, f"{note}{line}")
        return True

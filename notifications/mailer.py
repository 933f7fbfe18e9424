"""Handing messages to a relay over SMTP; the only importer of aiosmtplib."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import ssl
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from urllib.parse import SplitResult, unquote, urlsplit

import aiosmtplib

from states.mailbox import is_mailbox

TIMEOUT_SECONDS = 30.0
_ANSWER_CHARACTERS = 200
_CLOSING = 421  # "service not available, closing transmission channel" (RFC 5321 3.8)
_GO_ON, _TAKEN = 354, 250
_NO_MAILBOX = 553  # "mailbox name not allowed"
_PLAIN = "smtp+plain"
_LOG = logging.getLogger(__name__)

Message = tuple[str, str, bytes]


class Outcome(StrEnum):
    """What became of one message."""

    ACCEPTED = "accepted"  # the relay has taken it over
    DEFERRED = "deferred"  # not now: try again
    FAILED = "failed"  # refused for good
    UNKNOWN = "unknown"  # the line broke after the message was begun: it may have been taken


@dataclass(frozen=True, slots=True)
class Sent:
    """The relay's answer to one message; code 0 where there was none."""

    outcome: Outcome
    code: int
    answer: str


class _Unreachable(Exception):
    """No connection could be made; carries what that makes of a message."""

    def __init__(self, sent: Sent) -> None:
        super().__init__(sent.answer)
        self.sent = sent


class Mailer:
    """Sends over a few connections that are kept open between calls. One recipient a message, named beside it, never
    read from it.

    `smtp_url` is smtp://[user:password@]host[:port], upgraded by STARTTLS, or smtps://…; a loopback host is spoken to
    without TLS, any other only by smtp+plain://host[:port], which takes no password. `timeout_seconds` holds for each phase:
    connecting, and every answer of the relay.
    """

    def __init__(self, smtp_url: str, connections: int = 32, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        url = urlsplit(smtp_url)
        if url.scheme not in ("smtp", "smtps", _PLAIN) or not url.hostname:
            raise ValueError(f"not an SMTP address such as smtp://host:25: {url.scheme}://{url.hostname or ''}")
        if url.scheme == _PLAIN and "@" in url.netloc:
            raise ValueError(f"no password goes over a line that is not encrypted: {_PLAIN}://{url.hostname}")
        self._url = url
        self._connections = connections
        self._timeout_seconds = timeout_seconds
        self._idle: list[aiosmtplib.SMTP] = []
        self._down = ""
        self._loop: asyncio.AbstractEventLoop | None = None

    async def send(self, messages: Sequence[Message]) -> list[Sent]:
        """Send (recipient, sender, bytes) messages; the answers in the same order. Never raises for one of them."""
        self._settle_in()
        answers: dict[int, Sent] = {}
        waiting = deque(range(len(messages)))
        workers = min(self._connections, len(messages))
        ended = await asyncio.gather(*(self._work(messages, waiting, answers) for _ in range(workers)))
        down = next((sent for sent in ended if sent is not None), None)
        if messages:
            self._tell(down.answer if down is not None else "")
        if self._idle:  # what was put back after the others had ended need not wait for the next round
            await self._work(messages, waiting, answers)
        return [answers.get(i) or down or Sent(Outcome.DEFERRED, 0, "not tried") for i in range(len(messages))]

    async def close(self) -> None:
        """Say goodbye on every connection."""
        self._settle_in()
        while self._idle:
            client = self._idle.pop()
            try:
                await client.quit()
            except (aiosmtplib.SMTPException, OSError):
                client.close()

    def _tell(self, down: str) -> None:
        """Log why the relay cannot be reached, once until that changes."""
        if down and down != self._down:
            _LOG.warning("the relay cannot be reached: %s", down)
        self._down = down

    def _settle_in(self) -> None:
        """Connections belong to the event loop they were made in; those of an earlier one are of no use."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._idle.clear()
            self._loop = loop

    async def _work(self, messages: Sequence[Message], waiting: deque[int], answers: dict[int, Sent]) -> Sent | None:
        """Send what waits. Without a connection, leave the rest to the others, and say why."""
        while waiting:
            i = waiting.popleft()
            try:
                answers[i] = await self._deliver(*messages[i])
            except _Unreachable as unreachable:
                waiting.appendleft(i)
                return unreachable.sent
        return None

    async def _deliver(self, recipient: str, sender: str, body: bytes) -> Sent:
        """Over a kept connection if one is alive; one that died meanwhile is no answer, so another is tried."""
        if not is_mailbox(recipient) or not is_mailbox(sender):
            return Sent(Outcome.FAILED, _NO_MAILBOX, "not an address of one mailbox")
        while self._idle:
            sent = await self._over(self._idle.pop(), recipient, sender, body)
            if sent is not None:
                return sent
        try:
            client = await self._connected()
        except (aiosmtplib.SMTPException, OSError, ValueError) as wrong:
            raise _Unreachable(_deferred(wrong)) from wrong
        return await self._over(client, recipient, sender, body) or Sent(Outcome.DEFERRED, 0, "the connection was lost")

    async def _over(self, client: aiosmtplib.SMTP, recipient: str, sender: str, body: bytes) -> Sent | None:
        """The answer over this connection; None where it was gone before anything was asked."""
        asked = begun = False
        try:
            await _ask(client, b"MAIL", f"FROM:<{sender}>")
            asked = True
            await _ask(client, b"RCPT", f"TO:<{recipient}>")
            begun = True
            answer = await _give(client, body, self._timeout_seconds)
        except aiosmtplib.SMTPResponseException as refused:
            return await self._refused(client, refused, asked=asked, begun=begun)
        except (aiosmtplib.SMTPException, OSError, ValueError) as wrong:
            client.close()
            if isinstance(wrong, aiosmtplib.SMTPServerDisconnected) and not asked:
                return None
            return Sent(Outcome.UNKNOWN, 0, _words(wrong)) if begun else _deferred(wrong)
        self._idle.append(client)
        return Sent(Outcome.ACCEPTED, answer.code, answer.message[:_ANSWER_CHARACTERS])

    async def _refused(
        self, client: aiosmtplib.SMTP, refused: aiosmtplib.SMTPResponseException, *, asked: bool, begun: bool
    ) -> Sent:
        """What a refusal says; the connection is kept where it still makes sense.

        A sender refused says nothing of the recipient: our own setting is wrong, and the message can wait for it.
        """
        understood = 400 <= refused.code < 600
        if not understood or refused.code == _CLOSING:
            client.close()
        else:
            await self._reset(client)
        outcome = Outcome.DEFERRED
        if not understood and begun:
            outcome = Outcome.UNKNOWN
        elif refused.code >= 500 and asked and understood:
            outcome = Outcome.FAILED
        return Sent(outcome, max(refused.code, 0), _words(refused))

    async def _reset(self, client: aiosmtplib.SMTP) -> None:
        try:
            await client.rset()
        except (aiosmtplib.SMTPException, OSError):
            client.close()
        else:
            self._idle.append(client)

    async def _connected(self) -> aiosmtplib.SMTP:
        client = _client(self._url, self._timeout_seconds)
        try:
            await client.connect()
            await client.ehlo()
            if self._url.username:
                await client.login(unquote(self._url.username), unquote(self._url.password or ""))
        except BaseException:
            client.close()
            raise
        return client


async def _ask(client: aiosmtplib.SMTP, verb: bytes, argument: str) -> None:
    """Give a command whose address was examined before; raises SMTPResponseException where it is refused."""
    answer = await client.execute_command(verb, argument.encode("ascii"))
    if not 200 <= answer.code < 300:
        raise aiosmtplib.SMTPResponseException(answer.code, answer.message)


async def _give(client: aiosmtplib.SMTP, body: bytes, timeout_seconds: float) -> aiosmtplib.SMTPResponse:
    """Give the content of a message. Raises SMTPDataError where it is refused.

    aiosmtplib searches every body for line ends to mend and dots to double. Ours have neither, which takes far less
    time to see; whatever else comes goes its way.
    """
    protocol = client.protocol  # the client forgets it when the connection is lost, at any moment
    if protocol is None or not _is_as_on_the_wire(body):
        return await client.data(body)
    answer = await client.execute_command(b"DATA")
    if answer.code == _GO_ON:
        protocol.write(body + b".\r\n")
        answer = await protocol.read_response(timeout_seconds)
        if answer.code == _TAKEN:
            return answer
    raise aiosmtplib.SMTPDataError(answer.code, answer.message)


def _is_as_on_the_wire(body: bytes) -> bool:
    """Whether every line ends with CRLF, the last one too, and none begins with a dot."""
    ends = body.count(b"\r\n")
    return (
        body.endswith(b"\r\n")
        and body.count(b"\r") == ends == body.count(b"\n")
        and b"\n." not in body
        and body[:1] != b"."
    )


@cache
def _trust() -> ssl.SSLContext:
    """Certificates are checked against the system's roots, names included."""
    return ssl.create_default_context()


def _client(url: SplitResult, timeout_seconds: float) -> aiosmtplib.SMTP:
    over_tls = url.scheme == "smtps"
    needs_tls = over_tls or (url.scheme != _PLAIN and not is_loopback(url.hostname or ""))
    return aiosmtplib.SMTP(
        hostname=url.hostname,
        port=url.port or (465 if over_tls else 25),
        use_tls=over_tls,
        start_tls=needs_tls and not over_tls,
        timeout=timeout_seconds,
        tls_context=_trust() if needs_tls else None,
    )


def is_loopback(host: str) -> bool:
    """Whether the name says that the host is this machine; what a name resolves to is not asked."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _deferred(wrong: BaseException) -> Sent:
    return Sent(Outcome.DEFERRED, max(getattr(wrong, "code", 0), 0), _words(wrong))


def _words(wrong: BaseException) -> str:
    text = str(getattr(wrong, "message", "") or wrong) or type(wrong).__name__
    return " ".join(text.split())[:_ANSWER_CHARACTERS]

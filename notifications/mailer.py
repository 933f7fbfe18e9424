"""Handing messages to a relay over SMTP; the only importer of aiosmtplib."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote, urlsplit

import aiosmtplib

_TIMEOUT_SECONDS = 30.0


class Outcome(StrEnum):
    """What became of one message."""

    ACCEPTED = "accepted"  # the relay has taken it over
    DEFERRED = "deferred"  # not now: try again
    FAILED = "failed"  # refused for good
    UNKNOWN = "unknown"  # the line broke after the message was handed over: it may have been taken


@dataclass(frozen=True, slots=True)
class Sent:
    """The relay's answer to one message; code 0 where there was none."""

    outcome: Outcome
    code: int
    answer: str


class Mailer:
    """Sends over a few connections that are kept open. One recipient a message, named beside it, never read from it.

    `smtp_url` is smtp://[user:password@]host:port or smtps://…; without TLS only loopback is spoken to.
    """

    def __init__(self, smtp_url: str, connections: int = 4) -> None:
        url = urlsplit(smtp_url)
        if url.scheme not in ("smtp", "smtps") or not url.hostname:
            raise ValueError(f"not an SMTP address such as smtp://host:25: {smtp_url!r}")
        self._url = url
        self._loopback = _is_loopback(url.hostname)
        self._idle: list[aiosmtplib.SMTP] = []
        self._connections = connections

    async def send(self, messages: Sequence[tuple[str, str, bytes]]) -> list[Sent]:
        """Send (recipient, sender, bytes) messages; the answers in the same order. Never raises for one of them."""
        answers: list[Sent | None] = [None] * len(messages)
        waiting = iter(range(len(messages)))

        async def work() -> None:
            for i in waiting:
                answers[i] = await self._one(*messages[i])

        await asyncio.gather(*(work() for _ in range(min(self._connections, len(messages)))))
        return [answer for answer in answers if answer is not None]

    async def close(self) -> None:
        """Say goodbye on every connection."""
        for client in self._idle:
            try:
                await client.quit()
            except (aiosmtplib.SMTPException, OSError):
                client.close()
        self._idle.clear()

    async def _one(self, recipient: str, sender: str, body: bytes) -> Sent:
        try:
            client = await self._client()
        except (aiosmtplib.SMTPException, OSError, TimeoutError, UnicodeError) as wrong:
            return Sent(Outcome.DEFERRED, getattr(wrong, "code", 0) or 0, _words(wrong))
        handed_over = False
        try:
            await client.mail(sender.rpartition("<")[2].rstrip(">"))
            await client.rcpt(recipient)
            handed_over = True
            answer = await client.data(body)
        except aiosmtplib.SMTPResponseException as refused:
            sent = Sent(Outcome.FAILED if refused.code >= 500 else Outcome.DEFERRED, refused.code, _words(refused))
            await self._return(client, reset=True)
            return sent
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as wrong:
            client.close()
            return Sent(Outcome.UNKNOWN if handed_over else Outcome.DEFERRED, 0, _words(wrong))
        await self._return(client, reset=False)
        return Sent(Outcome.ACCEPTED, answer.code, answer.message[:200])

    async def _client(self) -> aiosmtplib.SMTP:
        while self._idle:
            client = self._idle.pop()
            if client.is_connected:
                return client
        url = self._url
        client = aiosmtplib.SMTP(
            hostname=url.hostname,
            port=url.port or (465 if url.scheme == "smtps" else 25),
            use_tls=url.scheme == "smtps",
            start_tls=False if self._loopback or url.scheme == "smtps" else True,
            timeout=_TIMEOUT_SECONDS,
            tls_context=None if self._loopback else ssl.create_default_context(),
        )
        await client.connect()
        if url.username and url.password:
            await client.login(unquote(url.username), unquote(url.password))
        else:
            await client.ehlo()
        return client

    async def _return(self, client: aiosmtplib.SMTP, *, reset: bool) -> None:
        try:
            if reset:
                await client.rset()
        except (aiosmtplib.SMTPException, OSError):
            client.close()
            return
        self._idle.append(client)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _words(wrong: BaseException) -> str:
    return str(wrong).replace("\r", " ").replace("\n", " ")[:200] or type(wrong).__name__

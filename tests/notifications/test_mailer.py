"""The mailer against a relay that goes wrong in every way, and against one that does not."""

import asyncio
import gc
import mailbox
import shutil
import ssl
import subprocess
from collections.abc import Callable, Coroutine
from contextlib import closing
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any, TypeVar, cast

import aiosmtplib
import pytest
import uvloop

from fundcall.crashing.faulty_smtp import MESSAGE_END, Fault, FaultySmtp, faulty
from fundcall.mailsink import MailSink
from notifications.mailer import Mailer, Outcome, Sent, is_loopback
from states.mailbox import is_mailbox

T = TypeVar("T")
BODY = b"Subject: x\r\nMessage-ID: <1@fund.example>\r\n\r\nhello\r\n"
MENDED = b"Subject: x\n\n.on dots\n"  # its line ends and dots must be mended before it can be sent
MESSAGE = ("zhang@zixu.example", "notices@fund.example", BODY)
PATIENCE_SECONDS = 0.3

OUTCOMES = {
    Fault.NONE: (Outcome.ACCEPTED, 250),
    Fault.SILENT: (Outcome.DEFERRED, 0),
    Fault.BUSY: (Outcome.DEFERRED, 421),
    Fault.ENDLESS: (Outcome.DEFERRED, 0),
    Fault.GARBAGE: (Outcome.DEFERRED, 0),
    Fault.HANG_UP: (Outcome.DEFERRED, 0),
    Fault.CLOSING: (Outcome.DEFERRED, 421),
    Fault.SENDER_REFUSED: (Outcome.DEFERRED, 550),
    Fault.MAILBOX_BUSY: (Outcome.DEFERRED, 450),
    Fault.LOCAL_ERROR: (Outcome.DEFERRED, 451),
    Fault.FULL: (Outcome.DEFERRED, 452),
    Fault.UNKNOWN_MAILBOX: (Outcome.FAILED, 550),
    Fault.REJECTED: (Outcome.FAILED, 554),
    Fault.DATA_LATER: (Outcome.DEFERRED, 451),
    Fault.DATA_REFUSED: (Outcome.FAILED, 554),
    Fault.CONTENT_LATER: (Outcome.DEFERRED, 451),
    Fault.CONTENT_REFUSED: (Outcome.FAILED, 550),
    Fault.POLICY: (Outcome.FAILED, 554),
    Fault.DROP_AT_RCPT: (Outcome.DEFERRED, 0),
    Fault.DROP_IN_DATA: (Outcome.UNKNOWN, 0),
    Fault.DROP_AFTER_DOT: (Outcome.UNKNOWN, 0),
    Fault.STALL_AT_RCPT: (Outcome.DEFERRED, 0),
    Fault.STALL_AFTER_DOT: (Outcome.UNKNOWN, 0),
    Fault.GARBAGE_AFTER_DOT: (Outcome.UNKNOWN, 0),
}


def run(work: Coroutine[Any, Any, T], loop: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop) -> T:
    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(asyncio.wait_for(work, 30))


def url(smtp: FaultySmtp, host: str = "127.0.0.1", scheme: str = "smtp") -> str:
    return f"{scheme}://{host}:{smtp.port}"


async def sent_to(address: str, *messages: tuple[str, str, bytes], connections: int = 2) -> list[Sent]:
    mailer = Mailer(address, connections, timeout_seconds=PATIENCE_SECONDS)
    try:
        return await mailer.send(messages or (MESSAGE,))
    finally:
        await mailer.close()


def told(sent: Sent) -> tuple[Outcome, int]:
    return sent.outcome, sent.code


def test_every_fault_has_an_outcome_to_expect() -> None:
    assert set(OUTCOMES) == set(Fault)


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
@pytest.mark.parametrize("body", [BODY, MENDED], ids=["as on the wire", "to be mended"])
@pytest.mark.parametrize("fault", list(Fault))
def test_each_fault_has_its_outcome(fault: Fault, body: bytes, loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    async def work() -> tuple[Outcome, int]:
        async with faulty(fault) as smtp:
            (sent,) = await sent_to(url(smtp), (*MESSAGE[:2], body))
            return told(sent)

    assert run(work(), loop) == OUTCOMES[fault]


def test_a_refused_connection_is_deferred() -> None:
    async def work() -> list[Sent]:
        async with faulty() as smtp:
            port = smtp.port
        return await sent_to(f"smtp://127.0.0.1:{port}", *[MESSAGE] * 50)

    sent = run(work())
    assert {told(one) for one in sent} == {(Outcome.DEFERRED, 0)}
    assert len(sent) == 50


def test_a_silent_relay_is_given_up_once_and_not_for_every_message() -> None:
    async def work() -> tuple[list[Sent], int]:
        async with faulty(Fault.SILENT) as smtp:
            return await sent_to(url(smtp), *[MESSAGE] * 500), smtp.connections

    sent, connections = run(work())
    assert ({one.outcome for one in sent}, len(sent), connections) == ({Outcome.DEFERRED}, 500, 2)


def test_a_message_dropped_after_the_dot_is_unknown_and_was_delivered() -> None:
    async def work() -> tuple[Sent, list[bytes]]:
        async with faulty(Fault.DROP_AFTER_DOT) as smtp:
            (sent,) = await sent_to(url(smtp))
            return sent, smtp.taken

    sent, taken = run(work())
    assert (sent.outcome, taken) == (Outcome.UNKNOWN, [BODY[:-2] + MESSAGE_END])


def test_one_connection_that_is_turned_away_does_not_stop_the_others() -> None:
    async def work() -> list[Sent]:
        async with faulty(Fault.NONE, Fault.BUSY) as smtp:
            return await sent_to(url(smtp), *[MESSAGE] * 20, connections=4)

    assert {one.outcome for one in run(work())} == {Outcome.ACCEPTED}


def test_what_is_turned_away_once_the_others_have_done_is_sent_over_their_connections() -> None:
    class Late(Mailer):
        """Its second connection is made when the first has nothing left to send."""

        made = 0

        async def _connected(self) -> aiosmtplib.SMTP:
            self.made += 1
            if self.made == 2:
                await asyncio.sleep(PATIENCE_SECONDS)
            return await super()._connected()

    async def work() -> tuple[list[Sent], int]:
        async with faulty(Fault.NONE, Fault.BUSY) as smtp:
            mailer = Late(url(smtp), 2)
            sent = await mailer.send([MESSAGE] * 2)
            await mailer.close()
            return sent, smtp.connections

    sent, connections = run(work())
    assert ([one.outcome for one in sent], connections) == ([Outcome.ACCEPTED] * 2, 2)


def test_one_refused_recipient_does_not_stop_the_rest_on_its_connection() -> None:
    async def work() -> tuple[list[Sent], int]:
        async with faulty(Fault.UNKNOWN_MAILBOX) as smtp:
            return await sent_to(url(smtp), *[MESSAGE] * 3, connections=1), smtp.connections

    sent, connections = run(work())
    assert ([told(one) for one in sent], connections) == ([(Outcome.FAILED, 550)] * 3, 1)


def test_connections_are_kept_between_calls() -> None:
    async def work() -> int:
        async with faulty() as smtp:
            mailer = Mailer(url(smtp), 3)
            for _ in range(5):
                await mailer.send([MESSAGE] * 9)
            await mailer.close()
            return smtp.connections

    assert run(work()) == 3


def test_a_kept_connection_that_died_meanwhile_is_replaced() -> None:
    async def work() -> tuple[list[Sent], int]:
        async with faulty() as smtp:
            mailer = Mailer(url(smtp), 1)
            first = await mailer.send([MESSAGE])
            cast("asyncio.Transport", mailer._idle[0].transport).abort()
            await asyncio.sleep(0.01)
            second = await mailer.send([MESSAGE])
            await mailer.close()
            return [*first, *second], smtp.connections

    sent, connections = run(work())
    assert ([one.outcome for one in sent], connections) == ([Outcome.ACCEPTED] * 2, 2)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # connections of a loop that is gone
def test_a_mailer_serves_one_event_loop_after_another(tmp_path: Path) -> None:
    sink = MailSink()
    mailer = Mailer(f"smtp://127.0.0.1:{sink.start(tmp_path / 'mbox')}", 2)
    try:
        sent = [asyncio.run(mailer.send([MESSAGE]))[0].outcome for _ in range(3)]
    finally:
        asyncio.run(mailer.close())
        sink.stop()
        gc.collect()
    assert sent == [Outcome.ACCEPTED] * 3


def test_answers_come_in_the_order_of_the_messages() -> None:
    addresses = ["zhang@zixu.example", "a@x.example, v@x.example", "li@wuyou.example", "", "wang@zixu.example"]

    async def work() -> list[Sent]:
        async with faulty() as smtp:
            return await sent_to(url(smtp), *[(a, "notices@fund.example", BODY) for a in addresses], connections=3)

    assert [told(sent) for sent in run(work())] == [
        (Outcome.ACCEPTED, 250),
        (Outcome.FAILED, 553),
        (Outcome.ACCEPTED, 250),
        (Outcome.FAILED, 553),
        (Outcome.ACCEPTED, 250),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "a@x.example,v@x.example", "a@x.example, v@x.example", "<a@x.example>", "a@x.example\r\nRCPT TO:<v@x.example>",
        "a@x.example\n", "Li <a@x.example>", "a b@x.example", "a@x.example>", "@x.example", "a@", "", "a@@x.example",
        "a@x..example", ".a@x.example", "张@x.example", "a@x.example\0", f"{'a' * 250}@x.example",
    ],
)  # fmt: skip
def test_what_could_name_another_mailbox_is_none(text: str) -> None:
    assert not is_mailbox(text)


@pytest.mark.parametrize("text", ["a@localhost", "o'neil+fund@x-y.example", "a.b@x.example"])
def test_plain_addresses_are_mailboxes(text: str) -> None:
    assert is_mailbox(text)


def test_only_a_name_that_says_so_is_loopback() -> None:
    hosts = ["127.0.0.1", "127.8.8.8", "::1", "localhost", "0.0.0.0", "10.0.0.1", "mail.example", "localhost.example"]  # noqa: S104
    assert [is_loopback(host) for host in hosts] == [True, True, True, True, False, False, False, False]


def test_without_tls_no_mail_leaves_for_another_host() -> None:
    async def work() -> tuple[Sent, list[bytes], bytes]:
        async with faulty() as smtp:  # 0.0.0.0 leads here, but no name says that it is loopback
            (sent,) = await sent_to(url(smtp, "0.0.0.0"))  # noqa: S104
            return sent, smtp.taken, bytes(smtp.wire)

    sent, taken, wire = run(work())
    assert (sent.outcome, taken, b"MAIL" in wire) == (Outcome.DEFERRED, [], False)


def test_another_host_is_spoken_to_without_tls_where_the_address_says_so() -> None:
    async def work() -> tuple[Sent, list[bytes]]:
        async with faulty() as smtp:
            (sent,) = await sent_to(url(smtp, "0.0.0.0", "smtp+plain"))  # noqa: S104
            return sent, smtp.taken

    sent, taken = run(work())
    assert (sent.outcome, taken) == (Outcome.ACCEPTED, [BODY + b".\r\n"])


def test_no_password_goes_over_a_line_without_tls() -> None:
    with pytest.raises(ValueError, match="no password goes over a line that is not encrypted") as caught:
        Mailer("smtp+plain://user:secret@relay:25")
    assert "secret" not in str(caught.value)


def test_that_the_relay_cannot_be_reached_is_logged_once_until_that_changes(caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> list[list[str]]:
        said = []
        async with faulty() as smtp:
            mailer = Mailer(url(smtp, "0.0.0.0"))  # noqa: S104
            for messages in ([MESSAGE], [MESSAGE], [], [MESSAGE]):
                await mailer.send(messages)
                said.append([record.getMessage() for record in caplog.records])
        return said

    why = "the relay cannot be reached: SMTP STARTTLS extension not supported by server."
    assert run(work()) == [[why]] * 4


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes its certificate with openssl")
def test_a_certificate_that_nobody_vouches_for_is_not_trusted(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "1"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)

    async def work() -> tuple[Sent, bytes]:
        async with faulty(tls=tls) as smtp:
            (sent,) = await sent_to(url(smtp, "localhost", "smtps"))
            return sent, bytes(smtp.wire)

    sent, wire = run(work())
    assert (sent.outcome, wire) == (Outcome.DEFERRED, b"")


@pytest.mark.parametrize("address", ["", "mail.example:25", "http://mail.example", "smtp://"])
def test_what_is_no_smtp_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="not an SMTP address"):
        Mailer(address)


def test_an_error_about_the_address_does_not_tell_the_password() -> None:
    with pytest.raises(ValueError, match="not an SMTP address") as caught:
        Mailer("mail://user:secret@mail.example")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("end", [b"\n.\r\n", b"\r.\r\n", b"\n.\n", b"\r\n.\n", b"\r\n.\r\n", b"\r.\r"])
def test_no_body_can_end_its_message_and_begin_another(end: bytes) -> None:
    smuggled = BODY + b"x" + end + b"MAIL FROM:<evil@x.example>\r\nRCPT TO:<victim@x.example>\r\nDATA\r\nhi\r\n"

    async def work() -> tuple[list[Sent], list[bytes]]:
        async with faulty() as smtp:
            return await sent_to(url(smtp), (*MESSAGE[:2], smuggled)), smtp.taken

    sent, taken = run(work())
    assert ([one.outcome for one in sent], len(taken)) == ([Outcome.ACCEPTED], 1)
    assert b"\r\n..\r\n" in taken[0]


def test_a_message_goes_over_the_wire_as_it_was_built_and_another_is_mended() -> None:
    async def work() -> list[bytes]:
        async with faulty() as smtp:
            await sent_to(url(smtp), MESSAGE, (*MESSAGE[:2], MENDED), (*MESSAGE[:2], b"no end"), connections=1)
            return smtp.taken

    assert run(work()) == [BODY + b".\r\n", b"Subject: x\r\n\r\n..on dots\r\n.\r\n", b"no end\r\n.\r\n"]


def test_mail_goes_through_the_sink_and_stands_in_one_file(tmp_path: Path) -> None:
    sink, file = MailSink(), tmp_path / "mail.mbox"
    port = sink.start(file)
    bodies = [BODY.replace(b"hello", b"From here\r\n.on " + str(n).encode()) for n in range(200)]

    async def work() -> list[Sent]:
        return await sent_to(f"smtp://127.0.0.1:{port}", *[(*MESSAGE[:2], body) for body in bodies], connections=4)

    try:
        sent = run(work())
    finally:
        sink.stop()
    assert {told(one) for one in sent} == {(Outcome.ACCEPTED, 250)}
    with closing(mailbox.mbox(file)) as box:
        kept = [message_from_bytes(bytes(one), policy=policy.default) for one in box]
    assert {(one["Delivered-To"], one["Return-Path"]) for one in kept} == {
        ("<zhang@zixu.example>", "<notices@fund.example>")
    }
    found = sorted(one.get_content() for one in kept)
    assert found == sorted(f">From here\n.on {n}\n" for n in range(200))

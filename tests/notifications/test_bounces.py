"""Delivery reports are read as RFC 3464 has them; whatever else comes is no report."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.bounces import bounces
from workflow.maildesk import Bounce

ABOUT = "<18.approved.0123456789abcdef@fund.example>"
FIELDS = (
    "Final-Recipient: rfc822; zhang@zixu.example\r\nAction: {action}\r\nStatus: {status}\r\n"
    "Diagnostic-Code: smtp; 550 5.1.1 <zhang@zixu.example>: no such\r\n user here\r\n"
)
WORDS = "smtp; 550 5.1.1 <zhang@zixu.example>: no such  user here"


def report(
    *recipients: str, about: str = ABOUT, original: str = "message/rfc822", kind: str = "multipart/report"
) -> bytes:
    """A report as a relay writes it."""
    fields = "\r\n".join(("Reporting-MTA: dns; mx.zixu.example\r\n", *recipients))
    return (
        f"From: MAILER-DAEMON@zixu.example\r\nTo: notices@fund.example\r\nSubject: Undelivered\r\nMessage-ID: <x@zixu.example>\r\n"
        f'MIME-Version: 1.0\r\nContent-Type: {kind}; report-type=delivery-status; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nSorry.\r\n"
        f"--b\r\nContent-Type: message/delivery-status\r\n\r\n{fields}\r\n"
        f"--b\r\nContent-Type: {original}\r\n\r\nSubject: x\r\nMessage-ID: {about}\r\n\r\nhello\r\n--b--\r\n"
    ).encode()


def failed(action: str = "failed", status: str = "5.1.1") -> str:
    return FIELDS.format(action=action, status=status)


@pytest.mark.parametrize("original", ["message/rfc822", "text/rfc822-headers"])
def test_a_failure_names_the_message_the_status_and_the_reason(original: str) -> None:
    assert bounces(report(failed(), original=original)) == [Bounce(ABOUT, hard=True, status="5.1.1", diagnostic=WORDS)]


def test_a_delay_is_not_final_and_a_delivery_is_no_failure() -> None:
    assert [b.hard for b in bounces(report(failed("delayed", "4.4.1"), failed("Failed", "4.4.7")))] == [False, True]
    assert bounces(report(failed("delivered", "2.0.0"), failed("relayed"), failed("nonsense"))) == []


@pytest.mark.parametrize(
    "status",
    ["5.1.٣", "5.١.1", "５.1.1", "٥5.1.1", "5.1.1٣", "5.1.1３", "15.1.1", "5.1.1000", "5.1.1.1", "3.1.1", "5.1", "+5.1.1x", "5._1.1", ""],
)  # fmt: skip
def test_a_status_that_is_none_is_left_out_and_never_read_out_of_another_number(status: str) -> None:
    assert [(one.hard, one.status) for one in bounces(report(failed(status=status)))] == [(True, "")]


@pytest.mark.parametrize("status", ["5.1.1", "5.1.1 (bad mailbox)", " 5.1.1;", "+5.1.1"])
def test_a_status_is_read_with_what_stands_around_it(status: str) -> None:
    assert [one.status for one in bounces(report(failed(status=status)))] == ["5.1.1"]


@pytest.mark.parametrize(
    "raw",
    [
        report(failed(), kind="multipart/mixed"), report(failed(), about="none"), report(failed(), about="<a\x00b@c>"),
        b"Content-Type: message/rfc822\r\n\r\n" * 1000, report(failed(), original="text/plain"),
        report(), b"", b"\xff\xfe\x00", b"From: x\r\n\r\nhello", report(failed())[:400], b"Content-Type: multipart/report\r\n\r\n",
        b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\n--b--",
    ],
)  # fmt: skip
def test_what_is_no_whole_report_is_none(raw: bytes) -> None:
    assert bounces(raw) == []


@given(st.binary(max_size=400), st.integers(0, 900))
def test_no_mail_whatever_breaks_the_reading(noise: bytes, at: int) -> None:
    whole = report(failed())
    for bounce in bounces(whole[:at] + noise + whole[at:]):
        assert (len(bounce.diagnostic) <= 300, bounce.diagnostic.isprintable()) == (True, True)

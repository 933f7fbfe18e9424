"""The desk's pages about notices: found by filter, read as sent, tried again, told by telephone; for the office alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from fundcall.documents.examiner import Examiner
from states.actor import Role
from states.calendar import stamp
from tests.api.office import Office, open_office
from tests.filings import CLIMATE
from tests.web.people import Browser, account, entered, words
from workflow.maildesk import Bounce
from workflow.notices import Notice, Settled

UNIT = CLIMATE.unit_code(1)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, examiner: Examiner) -> Iterator[Office]:
    """Two filings; the receipt of the first did not arrive, all mails of the second were refused."""
    found = open_office(tmp_path_factory.mktemp("desk") / "data", examiner)
    system, now = found.system, found.clock.at
    for n, outcome in ((1, "accepted"), (2, "failed")):
        found.submitted(n)
        system.dispatcher.record()
        claimed = system.notices.claim(now, 100)
        system.notices.settle(
            [Settled(*notice[:3], notice.attempts, outcome, "said so", "", stamp(now)) for notice in claimed]
        )
    system.postmaster.desk.bounced(
        [Bounce(receipt(found).message_id, hard=True, status="5.1.1", diagnostic="<b>no</b>")], now
    )
    yield found
    system.ledger.close()


@pytest.fixture(scope="module")
def officer(place: Office) -> Browser:
    found = entered(place, account(place, "wang", Role.FORMAT_OFFICER, second=True))
    found.in_english()
    return found


def receipt(place: Office) -> Notice:
    return next(n for n in place.system.notices.notices() if n.template == "submission_receipt")


def subjects(page: str) -> list[str]:
    return re.findall(r'<a href="/mails/notice\?id=[^"]*" lang="zh-CN">([^<]*)</a>', page)


@pytest.mark.parametrize(
    ("query", "count"), [("", 4), ("?status=dead", 3), ("?status=bounced", 1), ("?kind=statutory", 2), ("?kind=reminder", 0), ("?status=nothing", 4)]
)  # fmt: skip
def test_notices_are_found_by_what_became_of_them_and_of_what_kind(officer: Browser, query: str, count: int) -> None:
    assert len(subjects(officer.get(f"/mails{query}").text)) == count


def test_notices_are_found_by_application_and_go_on_behind_the_last(officer: Browser, place: Office) -> None:
    first = receipt(place)
    page = officer.get(f"/mails?application={first.application}").text
    assert len(subjects(page)) == 2
    assert (
        re.findall(r" to (a person outside the office|the officers|the head)", words(page))
        == ["a person outside the office"] * 2
    )
    assert (
        len(re.findall(r"(?:sent back|taken by the relay) \d{4}-\d\d-\d\d \d\d:\d\d Asia/Shanghai time", words(page)))
        == 2
    )
    rest = officer.get(f"/mails?before={quote(first.message_id, safe='')}").text
    assert len(subjects(rest)) == 1


def test_a_notice_is_shown_as_it_was_sent_with_what_became_of_it(officer: Browser, place: Office) -> None:
    notice = receipt(place)
    page = officer.get(f"/mails/notice?id={quote(notice.message_id, safe='')}").text
    assert (notice.subject in page, notice.digest.hex() in page, "sent back" in words(page)) == (True, True, True)
    html = officer.get(f"/mails/notice/html?id={quote(notice.message_id, safe='')}")
    assert (html.text.startswith("<!DOCTYPE html>"), "sandbox" in html.headers["content-security-policy"]) == (
        True,
        True,
    )
    assert officer.get("/mails/notice?id=x").status_code == 404


def test_what_did_not_arrive_is_a_task_on_the_first_page_until_it_is_dealt_with(
    officer: Browser, place: Office
) -> None:
    assert "2 statutory notices did not arrive: phone the units" in words(officer.get("/").text)
    page = officer.get("/mails/undelivered").text
    assert (page.count("<article"), "&lt;b&gt;no&lt;/b&gt;" in page, "said so" in page) == (2, True, True)
    own = receipt(place).message_id
    short = officer.post("/mails/undelivered/close", {"id": own, "note": "x"}, "/mails/undelivered")
    assert short.status_code == 422
    closed = officer.post("/mails/undelivered/close", {"id": own, "note": "Phoned Mr Zhang"}, "/mails/undelivered")
    assert "Closed." in words(closed.text)
    again = officer.post("/mails/undelivered/close", {"id": own, "note": "Phoned Mr Zhang"}, "/mails/undelivered")
    assert again.status_code == 409
    (other,) = place.system.postmaster.desk.undelivered(9)
    wrong = officer.post(
        "/mails/undelivered/send", {"id": other.notice.message_id, "address": "a@x, b@x"}, "/mails/undelivered"
    )
    assert wrong.status_code == 422
    sent = officer.post(
        "/mails/undelivered/send", {"id": other.notice.message_id, "address": "new@x.example"}, "/mails/undelivered"
    )
    assert "It goes out again to the mended address." in words(sent.text)
    assert "did not arrive" not in words(officer.get("/").text)


def test_dead_letters_are_tried_again_one_by_one_or_together(officer: Browser, place: Office) -> None:
    own = receipt(place).message_id
    done = officer.post("/mails/retry", {"id": own}, "/mails/undelivered")
    assert "To be tried again: 1." in words(done.text)
    assert receipt(place).status == "queued"
    done = officer.post("/mails/retry", {"status": "dead"}, "/mails/undelivered")
    assert "To be tried again: 2." in words(done.text)
    assert subjects(officer.get("/mails?status=dead").text) == []


def test_auditors_look_and_change_nothing_and_nobody_outside_looks(place: Office) -> None:
    auditor = entered(place, account(place, "sun", Role.AUDITOR, second=True))
    assert [auditor.get(p).status_code for p in ("/mails", "/mails/undelivered", "/mails?status=dead")] == [200] * 3
    assert '<form method="post" action="/mails' not in auditor.get("/mails?status=dead").text
    assert auditor.post("/mails/retry", {"status": "dead"}, "/mails/undelivered").status_code == 403
    for role in (Role.APPLICANT, Role.EXPERT, Role.ADMINISTRATOR):
        guest = entered(place, account(place, f"g-{role}", role, UNIT, second=role is not Role.APPLICANT))
        assert {guest.get(p).status_code for p in ("/mails", "/mails/undelivered", "/mails/notice?id=x")} == {403}

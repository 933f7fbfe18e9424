"""Other words for a notice, tried before they hold; a mail a day; a mail to oneself; and the inbox of a unit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest

from fundcall.auditing import verify
from fundcall.documents.examiner import Examiner
from notifications.dispatch import address_of
from notifications.letter import compiled, shipped, source_of
from notifications.trial import faults
from states.actor import Role
from tests.api.office import Office, ok, open_office
from tests.filings import CLIMATE
from tests.web.people import Browser, account, entered, words
from workflow.notices import Notice

UNIT = CLIMATE.unit_code(1)
FIELDS = {"sender": "x@fund.example", "public_url": "https://fund.example"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, examiner: Examiner) -> Iterator[Office]:
    found = open_office(tmp_path_factory.mktemp("words") / "data", examiner)
    yield found
    found.system.ledger.close()


@pytest.fixture(scope="module")
def approver(place: Office) -> Browser:
    found = entered(place, account(place, "wu", Role.APPROVING_OFFICER, second=True))
    found.in_english()
    return found


def told(place: Office, template: str) -> list[Notice]:
    place.system.dispatcher.record()
    return [n for n in place.system.notices.notices() if n.template == template]


ADDRESS = f"/mails/words/{CLIMATE.call}/draft_created"
OWN = source_of("draft_created").replace("贵单位的申报草稿已建立。", "您好！贵单位的申报草稿已建立。")


def save(approver: Browser, source: str, do: str = "save") -> tuple[int, str]:
    answer = approver.post(ADDRESS, {"source": source, "do": do}, ADDRESS)
    return answer.status_code, words(answer.text)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (OWN.replace("== en", "== english"), "a part is missing: == en"),
        (OWN.replace("{{ call.closes_at|when }}", ""), "does not name the deadline"),
        (OWN.replace("您好！", "{{ d.nothing }}"), "cannot be written"),
        (OWN.replace("您好！", "{{ d.experts }}"), "cannot be written"),
        (OWN.replace("您好！", "{{ ''.__class__ }}"), "cannot be written"),
        (OWN.replace("您好！", "{{ 'a' * 999999999 }}"), "Mul"),
        (OWN.replace("您好！", "{% for x in a.title.join(d) %}{% endfor %}"), "join()"),
        (OWN.replace("您好！", "{% if %}"), "== zh: "),
        (OWN.replace("您好！", "{{" + "(" * 3000), "== zh: maximum recursion depth exceeded"),
        (OWN.replace("您好！", "{{" + "9" * 5000 + "}}"), "== zh: Exceeds the limit (4300 digits)"),
        (OWN.replace("您好！", "{% include 'x' %}"), "Include"),
        ("x" * 20001, "longer than 20000 characters"),
    ],
)
def test_words_that_cannot_be_used_are_told_and_not_saved(
    approver: Browser, place: Office, wrong: str, said: str
) -> None:
    assert [f for f in faults(place.call, "draft_created", wrong, FIELDS) if said in f.en] != []
    status, text = save(approver, wrong[:20000])
    assert (status, "Nothing was saved." in text) == ((422, True) if len(wrong) <= 20000 else (status, status == 422))
    assert place.system.notices.overrides() == {}


def test_the_words_that_ship_pass_their_own_trial(place: Office) -> None:
    desk = place.system.postmaster
    assert desk.dispatcher.notices.overrides() == {}
    for name in ("draft_created", "correction_notice", "approved", "closed_failed", "remind_report", "attempt_refused"):
        assert faults(place.call, name, source_of(name), FIELDS) == []


def test_other_words_hold_from_then_on_and_each_notice_keeps_the_words_it_was_written_with(
    approver: Browser, place: Office
) -> None:
    place.draft(1)
    before = told(place, "draft_created")[-1]
    status, text = save(approver, OWN, "try")
    assert (status, "Nothing was saved yet." in text, place.system.notices.overrides()) == (200, True, {})
    status, text = save(approver, OWN)
    assert (status, "Saved. Notices from now on are written so." in text, "wu" in text) == (200, True, True)
    place.draft(2)
    after = told(place, "draft_created")[-1]
    assert ("您好！" in plain(after), "您好！" in plain(before)) == (True, False)
    assert (before.wording, after.wording != before.wording) == (shipped("draft_created").digest, True)
    kept = place.system.notices.wording(after.wording)
    assert kept is not None
    assert compiled(kept).digest == after.wording
    status, _ = save(approver, "", "back")
    place.draft(3)
    assert (status, told(place, "draft_created")[-1].wording) == (200, before.wording)
    assert [v.version for v in place.system.postmaster.desk.versions(CLIMATE.call, "draft_created")] == [2, 1]
    notices = place.system.notices.notices()  # each is written again in the words of then
    assert len({n.wording for n in notices if n.template == "draft_created"}) == 2
    verdict = verify(place.system, 3)
    assert (verdict.divergences, verdict.remarks) == ((), {})


def plain(notice: Notice) -> str:
    body = message_from_bytes(notice.body, policy=policy.default).get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_a_template_is_previewed_for_any_case_with_the_data_of_now(approver: Browser, place: Office) -> None:
    name = place.draft(9)
    for template in ("draft_created", "correction_notice"):
        page = approver.get(f"/mails/preview?application={name}&template={template}").text
        assert (page.count('<pre class="mail">'), name in page) == (1, True)
    assert "There is no such application" in words(approver.get("/mails/preview?application=x&template=approved").text)


def test_an_officer_gets_a_mail_of_the_samples_marked_as_a_test(approver: Browser, place: Office) -> None:
    link = re.search(
        r'<a href="/mails/samples/([^/]+)/(\d+)">', approver.get(f"/mails/samples?call={CLIMATE.call}").text
    )
    assert link is not None
    page = f"/mails/samples/{link[1]}/{link[2]}"
    done = approver.post("/mails/samples/send", {"call": link[1], "number": link[2]}, page)
    assert "It goes to your own address" in words(done.text)
    (queued,) = [n for n in place.system.notices.claim(place.clock.at, 999) if n.position == 0]
    assert (address_of(queued.body), queued.subject.startswith("【测试 / TEST】")) == ("wu@example.org", True)
    assert approver.post("/mails/samples/send", {"call": "x", "number": "1"}, page).status_code == 404


def test_those_who_read_a_mailbox_choose_one_mail_a_day_for_it(approver: Browser, place: Office) -> None:
    done = approver.post("/mails/settings", {"audience": "officers", "mode": "daily"}, "/mails/settings")
    assert "Saved." in words(done.text)
    assert approver.post("/mails/settings", {"audience": "head", "mode": "daily"}, "/mails/settings").status_code == 403


def test_a_unit_reads_its_notices_on_the_site_and_no_others(tmp_path: Path, examiner: Examiner) -> None:
    place = open_office(tmp_path / "data", examiner)
    clerk = entered(place, account(place, "li", Role.APPLICANT, UNIT))
    clerk.in_english()
    application = place.draft(1)
    place.draft(2)
    ok(place.do(application, "SubmitApplication", place.unit(1)))
    told(place, "submission_receipt")
    page = clerk.get("/notices").text
    links = re.findall(r'<a href="(/notices/one\?id=[^"]+)"', page)
    assert (len(links), page.count("● unread")) == (2, 2)
    assert (
        words(page).count(
            f"{place.clock.at.astimezone(ZoneInfo('Europe/Copenhagen')):%Y-%m-%d %H:%M} Europe/Copenhagen time ·"
        )
        == 2
    )
    one = clerk.get(links[0])
    assert ("申报成功回执" in one.text, one.text.count("<pre")) == (True, 1)
    assert clerk.get("/notices").text.count("● unread") == 1
    foreign = next(n for n in place.system.notices.notices() if n.application not in ("", application) and n.position)
    assert clerk.get(f"/notices/one?id={quote(foreign.message_id, safe='')}").status_code == 404
    assert clerk.get("/notices/one?id=x").status_code == 404
    place.system.ledger.close()


def test_words_are_put_by_those_who_may_and_read_by_the_office(place: Office) -> None:
    officer = entered(place, account(place, "wang", Role.FORMAT_OFFICER, second=True))
    assert [officer.get(p).status_code for p in (ADDRESS, f"/mails/words?call={CLIMATE.call}", "/mails/settings")] == [
        200
    ] * 3
    assert officer.post(ADDRESS, {"source": OWN, "do": "save"}, ADDRESS).status_code == 403
    assert officer.get(f"/mails/words/{CLIMATE.call}/undelivered").status_code == 404

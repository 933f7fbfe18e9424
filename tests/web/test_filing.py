"""The applicant's desk in one installation: beginning, filling in, attaching, checking, submitting; nothing lost, nothing twice."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from html import unescape
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from fundcall.bootstrap import web
from fundcall.documents.examiner import Examiner
from states.actor import Role
from states.application import Application
from tests.api.office import Office, ok, open_office, pdf
from tests.drive import F1
from tests.filings import CLIMATE
from tests.straight import Client
from tests.web.people import Browser, account, browser, entered, words

FORM = {"topic": "gardens", "title": "屋顶花园", "start_on": "2026-06-01", "end_on": "2026-10-31", "requested_minor": "20,000.00",
        "people_reached": "120"}  # fmt: skip
SCRIPT = "<script>alert(1)</script>"
HIDDEN = re.compile(r'<input type="hidden"[^>]*name="([\w.]+)" value="([^"]*)"')
NUMBERS = count(100)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, examiner: Examiner) -> Iterator[Office]:
    found = open_office(tmp_path_factory.mktemp("filing") / "data", examiner)
    with found.client:
        yield found
    found.system.ledger.close()


@pytest.fixture(autouse=True)
def noon(office: Office) -> None:
    office.clock.at = office.call.opens_at + timedelta(days=3)


class Clerk:
    """Somebody of a unit of their own, at a browser."""

    def __init__(self, office: Office) -> None:
        self.office, self.n = office, next(NUMBERS)
        self.browser = entered(office, account(office, f"clerk-{self.n}", Role.APPLICANT, CLIMATE.unit_code(self.n)))
        self.at = ""

    def at_time(self, when: datetime) -> Clerk:
        """At the browser at that time, signed in anew."""
        self.office.clock.at = when
        who = self.office.system.accounts.by_id(f"clerk-{self.n}")
        assert who is not None
        self.browser = entered(self.office, who)
        return self

    def hidden(self, page: str) -> dict[str, str]:
        return {name: unescape(value) for name, value in HIDDEN.findall(self.browser.get(page).text)}

    def begin(self, **over: str) -> Any:
        page = f"/calls/{self.office.call.id}/begin"
        given = {
            "unit_name": "海港社区花园协会",
            "unit_kind": "association",
            "name.0": "张乌有",
            "email.0": "zhang@zixu.example",
        }
        answer = self.browser.client.post(page, data=self.hidden(page) | given | over)
        if answer.status_code == 200:
            self.at = answer.url.path.removesuffix("/form")
        return answer

    def save(self, version: str = "", **fields: str) -> Any:
        page = f"{self.at}/form"
        given = self.hidden(page)
        base = {"form_token": given["form_token"], "version": version or given["version"]}
        return self.browser.client.post(page, data=base | fields)

    def upload(self, content: bytes, name: str = "plan.pdf", material: str = "plan", **over: str) -> Any:
        given = self.hidden(f"{self.at}/files")
        fields = {"form_token": given["form_token"], "attempt": given["attempt"]} | over
        return self.browser.client.post(f"{self.at}/files/{material}", data=fields, files={"file": (name, content)})

    def ready(self) -> Clerk:
        self.begin()
        self.save(**FORM)
        self.upload(pdf())
        return self

    def submit(self) -> Any:
        return self.browser.client.post(f"{self.at}/submit", data=self.hidden(f"{self.at}/submit"))

    @property
    def application(self) -> Application:
        name = self.at.rpartition("/")[2]
        found = self.office.system.ledger.transact(lambda transaction: transaction.application(name))
        assert found is not None
        return found

    def events(self) -> list[str]:
        return [one.type for one in self.office.system.ledger.stored(application=self.at.rpartition("/")[2])]


@pytest.fixture
def clerk(office: Office) -> Clerk:
    return Clerk(office)


# --- beginning ----------------------------------------------------------------------------------------------------------


def test_a_draft_is_begun_once_from_the_first_page_and_persons_stay_off_the_ledger(clerk: Clerk) -> None:
    assert f"/calls/{clerk.office.call.id}/begin" in clerk.browser.get("/").text
    page = f"/calls/{clerk.office.call.id}/begin"
    given = clerk.hidden(page) | {
        "unit_name": "协会",
        "unit_kind": "association",
        "name.0": "张乌有",
        "email.0": "z@zixu.example",
    }
    first, again = (clerk.browser.client.post(page, data=given) for _ in range(2))
    assert (first.status_code, first.url) == (200, again.url)
    clerk.at = first.url.path.removesuffix("/form")
    assert (clerk.events(), clerk.application.unit_code) == (["DraftCreated"], CLIMATE.unit_code(clerk.n))
    stored = next(clerk.office.system.ledger.stored(application=clerk.application.id))
    assert "张乌有".encode() not in stored.body
    kept = clerk.office.system.ledger.personal(clerk.application.contacts[0])
    assert kept is not None
    assert "张乌有".encode() in kept.value


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"unit_name": ""}, "请填写单位名称"),
        ({"unit_name": "长" * 10_000}, "最多200字"),
        ({"unit_kind": "x"}, "请从列表中选择"),
        ({"name.0": ""}, "请填写姓名"),
        ({"email.0": "zhang"}, "应为电子邮箱"),
        ({"name.1": "李"}, "应为电子邮箱"),
        ({"unit_name": "a\u202eb"}, "含有改变书写方向的字符"),
    ],
)
def test_what_is_wrong_at_the_beginning_is_told_and_what_was_typed_comes_back(
    clerk: Clerk, over: dict[str, str], said: str
) -> None:
    answer = clerk.begin(**{"phone.0": "021-12345678", **over})
    assert (answer.status_code, said in words(answer.text), "021-12345678" in answer.text) == (422, True, True)


def test_before_the_window_a_draft_is_refused_with_the_clause(clerk: Clerk) -> None:
    clerk.office.clock.at = clerk.office.call.opens_at - timedelta(seconds=1)
    answer = clerk.begin()
    rule = next(rule for rule in clerk.office.call.rules.values() if rule.check == "window")
    assert (answer.status_code, rule.clause in words(answer.text)) == (422, True)


# --- the form -----------------------------------------------------------------------------------------------------------


def test_the_form_is_saved_exactly_and_comes_back_as_people_write_it(clerk: Clerk) -> None:
    clerk.begin()
    answer = clerk.save(**FORM)
    assert (answer.status_code, dict(clerk.application.form)) == (
        200,
        {**FORM, "requested_minor": 2_000_000, "people_reached": 120},
    )
    assert 'value="20,000.00"' in answer.text


def test_a_form_sent_twice_or_unchanged_leaves_no_second_event(clerk: Clerk) -> None:
    clerk.begin()
    first = clerk.hidden(f"{clerk.at}/form")["version"]
    for _ in range(2):
        clerk.save(first, **FORM)
    assert clerk.events() == ["DraftCreated", "DraftEdited"]


def test_what_cannot_be_read_comes_back_as_typed_and_everything_else_is_kept(clerk: Clerk) -> None:
    clerk.begin()
    wrong = {"requested_minor": "1.005", "title": "长" * 10_000, "people_reached": "zw\u200bj"}
    answer = clerk.save(**FORM | wrong)
    assert (answer.status_code, [text in answer.text for text in wrong.values()]) == (422, [True] * 3)
    assert dict(clerk.application.form) == {n: v for n, v in FORM.items() if n not in wrong}


def test_a_character_that_cannot_be_seen_is_told_at_its_field(clerk: Clerk) -> None:
    clerk.begin()
    answer = clerk.save(title="a\u200bb", start_on="2026-06-01")
    assert (answer.status_code, "含有不可见的字符" in answer.text) == (422, True)
    assert dict(clerk.application.form) == {"start_on": "2026-06-01"}


def test_saving_by_itself_tells_what_the_rules_find_beside_each_field_with_its_clause(clerk: Clerk) -> None:
    clerk.begin()
    page, client = f"{clerk.at}/form", clerk.browser.client
    given = clerk.hidden(page)
    late = {
        "form_token": given["form_token"],
        "version": given["version"],
        "shown_topic": "",
        **FORM,
        "end_on": "2027-01-01",
    }
    answer = client.post(page, data=late, headers={"HX-Request": "true"})
    told = re.search(r'id="said-end_on".*?</div>', answer.text, re.DOTALL)
    assert told is not None
    rule = next(rule for rule in clerk.office.call.rules.values() if rule.check == "ends_by")
    assert (answer.status_code, rule.clause in told.group(), rule.zh in told.group()) == (200, True, True)
    assert ("<html" in answer.text, 'id="s-figures"' in answer.text) == (False, True)  # the topic has changed
    assert f'id="version" name="version" value="{clerk.application.version}"' in answer.text


def test_two_windows_that_change_different_fields_both_keep_what_they_saved(clerk: Clerk) -> None:
    clerk.begin()
    seen = clerk.hidden(f"{clerk.at}/form")["version"]
    clerk.save(seen, title="第一个窗口", end_on="")
    clerk.save(seen, title="", end_on="2026-10-31")
    assert dict(clerk.application.form) == {"title": "第一个窗口", "end_on": "2026-10-31"}


@pytest.mark.parametrize(("choice", "kept"), [("mine", "乙"), ("theirs", "甲")])
def test_two_windows_that_change_the_same_field_are_told_both_values_and_asked(
    clerk: Clerk, choice: str, kept: str
) -> None:
    clerk.begin()
    seen = clerk.hidden(f"{clerk.at}/form")["version"]
    clerk.save(seen, title="甲")
    answer = clerk.save(seen, title="乙", end_on="2026-10-31")
    said = words(answer.text)
    assert (answer.status_code, "另一窗口已保存为： 甲" in said, 'value="乙"' in answer.text) == (422, True, True)
    assert dict(clerk.application.form) == {"title": "甲", "end_on": "2026-10-31"}
    undecided = clerk.save(title="乙", **{"clash.title": "1"})
    assert (undecided.status_code, clerk.application.title) == (422, "甲")
    assert clerk.save(title="乙", **{"clash.title": "1", "choose.title": choice}).status_code == 200
    assert clerk.application.title == kept


def test_script_in_every_field_is_shown_as_text(clerk: Clerk) -> None:
    clerk.begin(unit_name=SCRIPT, **{"name.0": SCRIPT})
    clerk.save(**dict.fromkeys(FORM, SCRIPT))
    clerk.upload(pdf(), name=f"{SCRIPT}.pdf".replace("/", ""))
    for page in ("", "/form", "/files", "/check", "/submit"):
        text = clerk.browser.get(f"{clerk.at}{page}").text
        assert (page, "<script>alert" in text, page in ("/files", "") or "&lt;script&gt;alert(1)" in text) == (
            page,
            False,
            True,
        )


# --- a session that ends ------------------------------------------------------------------------------------------------


def test_what_was_typed_when_the_session_ended_comes_back_after_signing_in(clerk: Clerk) -> None:
    clerk.begin()
    page, client = f"{clerk.at}/form", clerk.browser.client
    given = clerk.hidden(page)
    typed = {"form_token": given["form_token"], "version": given["version"], "title": "没有丢失"}
    clerk.office.clock.at += timedelta(hours=3)
    asked = client.post(page, data=typed)
    assert (asked.status_code, "登录已过期" in words(asked.text), clerk.application.title) == (401, True, "")
    assert client.post(page, data=typed, headers={"HX-Request": "true"}).status_code == 401
    hidden = {name: unescape(value) for name, value in HIDDEN.findall(asked.text)}
    wrong = client.post(
        "/sign-in", data=hidden | {"email": f"clerk-{clerk.n}@example.org", "password": "wrong wrong wrong"}
    )
    hidden = {name: unescape(value) for name, value in HIDDEN.findall(wrong.text)}
    back = client.post(
        "/sign-in", data=hidden | {"email": f"clerk-{clerk.n}@example.org", "password": "correct horse battery staple"}
    )
    hidden = {name: unescape(value) for name, value in HIDDEN.findall(back.text)}
    assert (back.status_code, hidden["title"], f'action="{page}"' in back.text) == (200, "没有丢失", True)
    assert (client.post(page, data=hidden).status_code, clerk.application.title) == (200, "没有丢失")


@pytest.mark.parametrize(
    ("headers", "status", "held"),
    [
        ({"Origin": "https://fund.example", "Sec-Fetch-Site": "same-origin"}, 200, True),
        ({"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, 403, False),
        ({}, 403, False),
    ],
    ids=["from our own page", "from another", "from nobody knows where"],
)
def test_a_form_of_an_earlier_session_is_held_for_who_sent_it_from_our_page_and_nothing_is_done(
    clerk: Clerk, headers: dict[str, str], status: int, *, held: bool
) -> None:
    clerk.begin()
    old = {"form_token": browser(clerk.office).token(), "title": "早先"}
    answer = clerk.browser.client.post(f"{clerk.at}/form", data=old, headers=headers)
    assert (answer.status_code, 'name="title" value="早先"' in answer.text, clerk.application.title) == (
        status,
        held,
        "",
    )


def test_what_is_kept_cannot_lead_elsewhere(clerk: Clerk) -> None:
    fields = {"email": f"clerk-{clerk.n}@example.org", "password": "correct horse battery staple"}
    away = clerk.browser.post("/sign-in", fields | {"kept": '{"path": "//evil.example/x", "form": {}}'}, "/account")
    assert (away.status_code, "evil" in away.text) == (200, False)
    assert clerk.browser.post("/sign-in", fields | {"kept": "x"}, "/account").status_code == 422


# --- files --------------------------------------------------------------------------------------------------------------


def test_a_file_is_examined_at_once_kept_once_given_back_and_removed(clerk: Clerk) -> None:
    clerk.begin()
    content = pdf(3)
    digest = hashlib.sha256(content).hexdigest()
    clerk.upload(content, name="计划 书.pdf")
    answer = clerk.upload(content, name="计划 书.pdf")
    assert (answer.status_code, "3页" in words(answer.text), digest in answer.text) == (200, True, True)
    assert clerk.events() == ["DraftCreated", "DocumentAdded"]
    given = clerk.browser.get(f"{clerk.at}/files/{digest}")
    assert (given.content, given.headers["x-content-type-options"], given.headers["content-disposition"]) == (
        content,
        "nosniff",
        "attachment; filename*=UTF-8''%E8%AE%A1%E5%88%92%20%E4%B9%A6.pdf",
    )
    form = clerk.hidden(f"{clerk.at}/files") | {"sha256": digest}
    for _ in range(2):
        assert clerk.browser.client.post(f"{clerk.at}/remove-file", data=form).status_code == 200
    assert (clerk.events()[2:], clerk.application.documents) == (["DocumentRemoved"], ())
    assert clerk.browser.get(f"{clerk.at}/files/{digest}").status_code == 404


def test_files_of_one_name_are_numbered_so_that_each_is_told_its_own_findings(clerk: Clerk) -> None:
    clerk.begin()
    for pages in (1, 2, 3):
        clerk.upload(pdf(pages))
    assert [d.name for d in clerk.application.documents] == ["plan.pdf", "plan (2).pdf", "plan (3).pdf"]


@pytest.mark.parametrize(
    ("content", "name", "status", "said"),
    [
        (b"x" * 10_000_001, "plan.pdf", 413, "10MB"),
        (b"x" * 12_000_000, "plan.pdf", 413, "10MB"),
        (b"MZ" * 100, "plan.pdf", 422, "PDF"),
        (b"", "plan.pdf", 422, "文件"),
        (b"x", "", 422, "没有选择文件"),
        (b"x", "长" * 10_000 + ".pdf", 422, "最多200字"),
        (b"x", "a\u202eb.pdf", 422, "书写方向"),
    ],
    ids=["too large by a byte", "too large", "no PDF", "empty", "none chosen", "name too long", "name that turns"],
)
def test_a_file_that_is_refused_is_told_with_its_clause_and_leaves_nothing(
    clerk: Clerk, content: bytes, name: str, status: int, said: str
) -> None:
    clerk.begin()
    answer = clerk.upload(content, name) if name else _without_file(clerk)
    assert (answer.status_code, said in words(answer.text), "〔" in answer.text or "clause" in answer.text) == (
        status,
        True,
        True,
    )
    assert (clerk.events(), list(_incoming(clerk.office))) == (["DraftCreated"], [])


def _without_file(clerk: Clerk) -> Any:
    given = clerk.hidden(f"{clerk.at}/files")
    body = f'--b\r\nContent-Disposition: form-data; name="form_token"\r\n\r\n{given["form_token"]}\r\n--b--\r\n'
    return clerk.browser.client.post(
        f"{clerk.at}/files/plan", content=body, headers={"Content-Type": "multipart/form-data; boundary=b"}
    )


def _incoming(office: Office) -> Iterator[Path]:
    folder: Path = office.system.settings.data_dir / "documents" / "incoming"
    return folder.iterdir() if folder.is_dir() else iter(())


@pytest.mark.parametrize("header", ["", "0" * 64], ids=["none", "a wrong one"])
def test_nothing_of_a_file_is_read_before_its_form_is_known_to_be_ours(clerk: Clerk, header: str) -> None:
    clerk.begin()
    read: list[int] = []

    def body() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.pdf"\r\n\r\n'
        for n in range(1000):
            read.append(n)
            yield b"x" * 1000

    headers = {"Content-Type": "multipart/form-data; boundary=b"} | ({"X-Form-Token": header} if header else {})
    with Client(web(clerk.office.system)) as client:
        client.cookies = clerk.browser.client.cookies
        answer = client.post(f"{clerk.at}/files/plan", content=body(), headers=headers)
    assert (answer.status_code, "这份表单已失效" in answer.text, list(_incoming(clerk.office))) == (403, True, [])


def test_a_body_that_breaks_off_keeps_nothing(clerk: Clerk) -> None:
    clerk.begin()
    token = clerk.hidden(f"{clerk.at}/files")["form_token"]
    body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.pdf"\r\n\r\n%PDF-1.7 cut'
    headers = {"Content-Type": "multipart/form-data; boundary=b", "X-Form-Token": token}
    answer = clerk.browser.client.post(f"{clerk.at}/files/plan", content=body, headers=headers)
    assert (answer.status_code, "文件未保存" in words(answer.text)) == (400, True)
    assert (clerk.events(), list(_incoming(clerk.office))) == (["DraftCreated"], [])


# --- checking, submitting, the receipt ----------------------------------------------------------------------------------


def test_everything_found_is_listed_refusing_first_with_clause_remedy_and_the_way_there(clerk: Clerk) -> None:
    clerk.begin()
    clerk.save(topic="gardens")
    page = clerk.browser.get(f"{clerk.at}/check").text
    found = clerk.office.system.handler.findings(clerk.application.id, clerk.office.clock.at)
    said = words(page)
    assert [one.clause in said and one.remedy_zh in said for one in found] == [True] * len(found)
    signs = re.findall(r'class="finding (bad|plain)"', page)
    assert signs == ["bad"] * sum(f.blocks for f in found) + ["plain"] * sum(not f.blocks for f in found)
    assert f'href="{clerk.at}/form#f-title"' in page


def test_a_filing_is_submitted_once_and_its_receipt_tells_microsecond_digest_and_checkpoint(clerk: Clerk) -> None:
    clerk.ready().at_time(clerk.office.call.closes_at - timedelta(minutes=5))
    form = clerk.hidden(f"{clerk.at}/submit")
    clerk.office.clock.at = clerk.office.call.closes_at - timedelta(microseconds=1)
    first, again = (clerk.browser.client.post(f"{clerk.at}/submit", data=form) for _ in range(2))
    assert (first.status_code, again.status_code, first.url.path) == (200, 200, f"{clerk.at}/receipt")
    assert clerk.events().count("ApplicationSubmitted") == 1
    said, application = words(first.text), clerk.application
    for text in (application.number, "11:59:59.999999", application.documents[0].sha256, "fund.example/ledger"):
        assert text in said
    paper, plain = (clerk.browser.get(f"{clerk.at}/receipt.{kind}") for kind in ("pdf", "json"))
    assert (paper.content[:5], plain.json()["number"]) == (b"%PDF-", application.number)
    assert clerk.browser.get(f"{clerk.at}/submit").url.path == f"{clerk.at}/receipt"  # the back button
    late = clerk.browser.client.post(f"{clerk.at}/form", data=form | {"title": "zu spät"})
    assert (late.status_code, "zu spät" in late.text, clerk.application.title) == (409, True, FORM["title"])


def test_at_the_closing_instant_it_is_refused_with_clause_instant_and_what_can_be_done(clerk: Clerk) -> None:
    clerk.ready().at_time(clerk.office.call.closes_at - timedelta(minutes=5))
    form = clerk.hidden(f"{clerk.at}/submit")
    clerk.office.clock.at = clerk.office.call.closes_at
    answer = clerk.browser.client.post(f"{clerk.at}/submit", data=form)
    said = words(answer.text)
    rule = next(rule for rule in clerk.office.call.rules.values() if rule.check == "window")
    assert (
        answer.status_code,
        rule.clause in said,
        "00:00.000000 哥本哈根时间 Europe/Copenhagen" in said,
        "您可以这样做" in said,
    ) == (
        422,
        True,
        True,
        True,
    )
    assert clerk.application.number == ""


def test_another_units_filing_is_not_there(clerk: Clerk, office: Office) -> None:
    clerk.ready()
    stranger = Clerk(office)
    token = stranger.browser.token("/account")
    digest = clerk.application.documents[0].sha256
    gets = ["", "/form", "/files", f"/files/{digest}", "/check", "/submit", "/receipt", "/receipt.pdf", "/receipt.json"]
    assert {path: stranger.browser.get(f"{clerk.at}{path}").status_code for path in gets} == dict.fromkeys(gets, 404)
    client, posts = stranger.browser.client, ["/form", "/submit", "/remove-file", "/files/plan"]
    answers = {
        path: client.post(
            f"{clerk.at}{path}", data={"form_token": token}, files={"x": ("x", b"x")} if "plan" in path else None
        )
        for path in posts
    }
    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(posts, 404)


# --- where it stands ----------------------------------------------------------------------------------------------------


def test_the_unit_reads_where_it_is_who_has_it_since_when_and_mends_only_what_is_named(clerk: Clerk) -> None:
    office = clerk.office
    clerk.ready().submit()
    said = words(clerk.browser.get(clerk.at).text)
    assert ("已提交，待形式审查" in said, f"现在等待： {office.call.authority_zh}形式审查" in said) == (True, True)
    application = clerk.application.id
    clerk.at_time(office.call.closes_at + timedelta(days=1))
    ok(office.do(application, "ClaimFormatCheck", F1))
    assert "形式审查中" in words(clerk.browser.get(clerk.at).text)
    items = [{"clause": "2", "field": "title", "remedy": "请写明地点"}]
    ok(office.do(application, "ReturnForCorrection", F1, items=items))
    page = clerk.browser.get(clerk.at)
    assert (
        "现在等待： 本单位" in words(page.text),
        "请写明地点" in page.text,
        f"{clerk.at}/form#f-title" in page.text,
    ) == (True,) * 3
    form = clerk.browser.get(f"{clerk.at}/form").text
    assert re.findall(r'<input id="(\w+)" name', form) == ["title"]
    assert clerk.save(title="第三小学屋顶花园", end_on="2026-11-01").status_code == 422  # a field that is not named
    assert clerk.application.form["end_on"] == FORM["end_on"]
    assert (clerk.application.title, clerk.submit().url.path) == ("第三小学屋顶花园", f"{clerk.at}/receipt")
    assert clerk.application.state == "submitted"


def test_browsers_of_the_office_have_no_desk_of_applicants(office: Office, clerk: Clerk) -> None:
    clerk.ready()
    officer: Browser = entered(office, account(office, f"officer-{clerk.n}", Role.FORMAT_OFFICER, second=True))
    pages = {
        "/form": 403,
        "/files": 403,
        "/submit": 403,
        "/receipt": 404,
        f"/files/{clerk.application.documents[0].sha256}": 200,
    }
    assert {page: officer.get(f"{clerk.at}{page}").status_code for page in pages} == pages

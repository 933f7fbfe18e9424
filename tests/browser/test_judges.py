"""An expert from the invitation to the receipt, and an auditor through time to the evidence, in Chromium: with JavaScript
and without, nothing typed lost, and every page clean for axe.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from fundcall.accounts.entrance import Entrance
from fundcall.accounts.people import Account, Post
from fundcall.bootstrap import System, web
from fundcall.checks import Checks
from fundcall.demo_people import Welcome
from fundcall.documents.examiner import Examiner
from states.actor import Actor, Role
from tests.api.office import Clock, open_office
from tests.browser.conftest import Place, served
from tests.browser.test_pages import checked, page_of
from tests.drive import EXPERTS
from tests.web import test_audit, test_reviews
from workflow.reviews import ScoreDraft

pytestmark = pytest.mark.browser
AUDITOR = Actor("auditor-1", Role.AUDITOR)


class Desk:
    """A place with a way in for anybody."""

    def __init__(self, place: Place, cookie: str, clock: Clock | None = None) -> None:
        self.place, self.cookie, self.clock = place, cookie, clock

    def enter(self, page: Page, who: Actor) -> None:
        accounts, now = self.place.system.accounts, self.place.system.clock.now()
        accounts.add(Account(who.id, f"{who.id}@example.org", who.id), (Post(who.role, who.unit),), now)
        known = accounts.by_id(who.id)
        assert known is not None
        secret = Entrance(accounts).begin(known, "test", now, second=True)
        page.context.add_cookies([{"name": self.cookie, "value": secret, "url": self.place.url}])


@pytest.fixture(scope="module")
def reviewing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """An office whose experts are invited to as many applications as are asked for."""
    examiner = Examiner()
    office = open_office(tmp_path_factory.mktemp("reviewing"), examiner)
    local = office.system.settings.model_copy(update={"public_url": "http://127.0.0.1"})
    system: System = replace(office.system, settings=local)
    with office.client, served(web(system)) as url:
        yield office, Desk(Place(url, Welcome({}, {}), system, "", ""), "fundcall", office.clock)
    system.close()
    examiner.close()


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[test_audit.Place, Desk]]:
    """A call that was lived through to a close-out, with checks at hand."""
    lived = test_audit.Place(tmp_path_factory.mktemp("audited"))
    with served(web(lived.system, checks=Checks(lived.system))) as url:
        yield lived, Desk(Place(url, Welcome({}, {}), lived.system, "", ""), "fundcall")
    lived.system.close()


def kept(desk: Desk, page: str, who: Actor) -> ScoreDraft | None:
    from fundcall.storage.drafts import SqliteDrafts

    found = SqliteDrafts(desk.place.system.ledger).draft(page.rpartition("/")[2], who.id)
    return found.draft if found is not None else None


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_an_expert_accepts_reads_scores_and_gets_a_receipt(chromium: Browser, reviewing: Any, *, script: bool) -> None:
    office, desk = reviewing
    path, who = test_reviews.in_review(office), EXPERTS[0]
    with page_of(chromium, desk.place, java_script_enabled=script) as page:
        desk.enter(page, who)
        page.goto("/")
        page.click(f'a[href="{path}"]')
        page.check('input[name="untied"]')
        page.click("text=接受邀请 >> visible=true")
        page.wait_for_selector("#score")
        with page.expect_download() as came:
            page.click("a[download]")
        assert Path(came.value.path()).read_bytes()[:5] == b"%PDF-"
        for criterion in office.call.rubric:
            page.fill(f"[id='points.{criterion.id}']", "3")
        page.fill("#comment", "可行")
        desk.clock.at += timedelta(seconds=2)
        if script:
            page.wait_for_selector("#kept .good")
        else:
            page.click("button >> text=保存草稿")
        draft = kept(desk, path, who)
        assert draft is not None
        assert (len(draft.points), draft.comment) == (len(office.call.rubric), "可行")
        page.click("text=检查并提交")
        assert "确认提交评分" in page.locator("h1").inner_text()
        page.click("text=返回修改")
        assert page.locator("#comment").input_value() == "可行"
        page.click("text=检查并提交")
        if script:
            page.dblclick("main form button")
        else:
            page.click("main form button")
        page.wait_for_selector("text=台账位置")
        page.go_back()  # to the question, which is answered
        assert "台账位置" in page.locator("main").inner_text()
    events = [one.type for one in desk.place.system.ledger.stored(application=path.rpartition("/")[2])]
    assert events.count("ScoreSubmitted") == 1


def test_what_is_typed_last_is_kept_when_the_page_is_left_and_a_second_window_is_told(
    chromium: Browser, reviewing: Any
) -> None:
    office, desk = reviewing
    path, _ = test_reviews.accepted(office)
    with page_of(chromium, desk.place) as page:
        desk.enter(page, EXPERTS[0])
        page.goto(path)
        other = page.context.new_page()
        other.goto(path)
        page.fill("#comment", "刚刚写下")
        page.goto("/reviews")  # at once, before the draft was sent
        page.wait_for_timeout(300)
        desk.clock.at += timedelta(seconds=2)
        draft = kept(desk, path, EXPERTS[0])
        assert (draft.comment if draft is not None else None) == "刚刚写下"
        other.fill("#comment", "另一窗口")
        other.wait_for_selector("#kept >> text=未保存")
        other.click("text=保存本页内容")
        other.wait_for_selector("#kept >> text=草稿已保存")
        draft = kept(desk, path, EXPERTS[0])
        assert (draft.comment if draft is not None else None) == "另一窗口"


def test_a_fault_comes_and_goes_beside_its_input_while_one_types(chromium: Browser, reviewing: Any) -> None:
    office, desk = reviewing
    path, _ = test_reviews.accepted(office)
    name = f"points.{office.call.rubric[0].id}"
    with page_of(chromium, desk.place) as page:
        desk.enter(page, EXPERTS[0])
        page.goto(path)
        page.fill(f"[id='{name}']", "99")
        page.wait_for_selector(f".field.faulty [id='{name}'][aria-invalid=true]")
        assert [page.locator(f"[id='{name}-fault']").count(), page.locator(f"#kept a[href='#{name}']").count()] == [
            1,
            1,
        ]
        desk.clock.at += timedelta(seconds=2)
        page.fill(f"[id='{name}']", "3")
        page.wait_for_selector(f".field:not(.faulty) [id='{name}'][aria-invalid=false]")
        assert [page.locator(f"[id='{name}-fault']").count(), page.locator("#kept .bad").count()] == [0, 0]


def test_a_lost_connection_is_told_and_made_up_for(chromium: Browser, reviewing: Any) -> None:
    office, desk = reviewing
    path, _ = test_reviews.accepted(office)
    context = chromium.new_context(base_url=desk.place.url)
    page = context.new_page()
    desk.enter(page, EXPERTS[0])
    page.goto(path)
    context.set_offline(True)
    page.fill("#comment", "离线时写下")
    page.wait_for_selector("#offline:not([hidden])")
    context.set_offline(False)
    page.evaluate("htmx.trigger('#autosave', 'again')")
    page.wait_for_selector("#kept .good")
    assert page.locator("#offline").is_hidden()
    draft = kept(desk, path, EXPERTS[0])
    assert (draft.comment if draft is not None else None) == "离线时写下"
    context.close()


OVERTAKEN = ("htmx:afterRequest, ", "htmx:sendAbort, ")
"""What htmx says of a request that a later move of the slider has taken the place of; one that failed says sendError."""


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_an_auditor_goes_through_time_replays_and_takes_the_evidence(
    chromium: Browser, audited: tuple[test_audit.Place, Desk], *, script: bool
) -> None:
    lived, desk = audited
    last = lived.length(lived.closed)
    with page_of(chromium, desk.place, known=OVERTAKEN, java_script_enabled=script) as page:
        desk.enter(page, AUDITOR)
        page.goto("/")
        page.click(f'a[href="/audit/cases/{lived.closed}"]')
        if script:
            page.focus("#version")
            page.keyboard.press("Home")
            page.wait_for_selector(f"text=第1项事件之后，共{last}项")
            for _ in range(3):
                page.keyboard.press("ArrowRight")
            page.wait_for_selector(f"text=第4项事件之后，共{last}项")
            page.wait_for_url("**version=4")
        else:
            page.goto(f"/audit/cases/{lived.closed}?version=4")
        page.click('a[rel="next"]')
        assert f"第5项事件之后，共{last}项" in page.locator("main").inner_text()
        page.click("text=用于哈希的原始字节")
        assert page.locator("details[open] pre").inner_text().startswith('{"actor"')
        with page.expect_download() as came:
            page.click("text=证据包")
        assert Path(came.value.path()).read_bytes()[:2] == b"PK"
        page.click("button >> text=重放，深度 2")
        for _ in range(600):  # a minute
            if "无差异" in page.locator("main").inner_text():
                break
            page.wait_for_timeout(100)
            if not script:
                page.reload()
        assert "无差异" in page.locator("#check").inner_text()
        page.goto("/audit/access")
        assert "audit/cases/bundle.zip" in page.locator("main").inner_text()


def test_the_desks_are_clean_for_axe(chromium: Browser, reviewing: Any, audited: tuple[test_audit.Place, Desk]) -> None:
    office, desk = reviewing
    found: dict[str, Any] = {}
    with page_of(chromium, desk.place, bypass_csp=True) as page:
        desk.enter(page, EXPERTS[0])
        for path in ("/reviews", test_reviews.in_review(office), test_reviews.accepted(office)[0]):
            found |= checked(page, path, "expert")
    lived, place = audited
    case = f"/audit/cases/{lived.closed}"
    wide = []
    with page_of(chromium, place.place, bypass_csp=True) as page:
        place.enter(page, AUDITOR)
        for path in ("/audit", case, f"{case}?version=3&since=1", f"/audit/cases/{lived.refused}", f"/audit/calls/{test_audit.CALL}",
                     "/audit/diff?since=2026-01-01T00:00&until=2027-01-01T00:00", "/audit/consistency?first=3",
                     "/audit/what-if", "/audit/access"):  # fmt: skip
            found |= checked(page, path, "auditor")
            page.set_viewport_size({"width": 380, "height": 800})
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                wide.append(path)
            page.set_viewport_size({"width": 1280, "height": 900})
    assert (found, wide) == ({}, [])

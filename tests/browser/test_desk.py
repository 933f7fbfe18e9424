"""An officer at the desk in Chromium: searching, choosing, doing many at once and reading a case, by keyboard with scripts
and by clicks without; clean for axe in light and dark.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from fundcall.bootstrap import web
from fundcall.demo_people import welcome
from fundcall.documents.examiner import Examiner
from tests.browser.conftest import Place, served
from tests.browser.test_pages import PICTURES, checked, enter, page_of
from tests.desk_scene import open_scene

pytestmark = pytest.mark.browser
QUEUE = "/applications?state=submitted&hold=free"
PAGES = (
    "/applications",
    "/applications?q=智能&topic=direction:ai_lead&due=30",
    "/applications?from=x",
    "/applications/app-0010?list=q%3D智能",
    "/desk/bulk",
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An office at work."""
    examiner = Examiner(workers=1)
    _, system = open_scene(tmp_path_factory.mktemp("desk"), examiner)
    people = welcome(system)
    with served(web(system, demo=people.accounts)) as url:
        yield Place(url, people, system, "", "app-0010")
    system.close()
    examiner.close()


def shot(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/desk-{name}.png", full_page=True)


def test_an_officer_searches_chooses_and_does_many_at_once_with_the_keyboard(chromium: Browser, desk: Place) -> None:
    with page_of(chromium, desk) as page:
        enter(page, desk, "format_officer")
        page.goto(QUEUE)
        page.keyboard.press("/")
        page.keyboard.type("智能")
        expect(page.locator("mark").first).to_have_text("智能")
        page.wait_for_url("**q=%E6%99%BA%E8%83%BD**")
        page.select_option("#due", "30")
        page.wait_for_url("**&due=30")
        expect(page.locator("#due")).to_have_value("30")
        page.locator("#q").focus()
        shot(page, "search")
        page.keyboard.press("Tab")
        for key in ("j", "x", "j", "x"):
            page.keyboard.press(key)
        assert page.locator("[data-picked]").inner_text() == "(2)"
        page.keyboard.press("?")
        expect(page.locator("#keys")).to_be_visible()
        shot(page, "keys")
        page.keyboard.press("Escape")
        page.select_option("#command", "ClaimFormatCheck")
        page.click("button[value=picked]")
        expect(page.locator("h1")).to_have_text("受领形式审查: 预览每件结果")
        shot(page, "foreseen")
        page.click("main form button")
        expect(page.locator("#progress .notice.good")).to_be_visible()
        assert "已办理: 2" in page.locator("#progress").inner_text()
        shot(page, "run")
        page.goto("/applications?hold=claimed&sort=number")
        first, second = (page.locator("tr[data-row] a").nth(i).inner_text() for i in (0, 1))
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_url("**/applications/app-*")
        assert first in page.locator("main").inner_text()
        shot(page, "case")
        page.keyboard.press("j")
        expect(page.locator("main > p.soft").first).to_contain_text(second)
        page.keyboard.press("u")
        page.wait_for_url("**/applications?hold=claimed&sort=number")


def test_the_same_goes_without_scripts(chromium: Browser, desk: Place) -> None:
    with page_of(chromium, desk, java_script_enabled=False) as page:
        enter(page, desk, "format_officer")
        page.goto(QUEUE)
        page.fill("#q", "机器人")
        page.click(".searchline button")
        assert (page.url.endswith("&state=submitted&hold=free"), page.locator("mark").first.inner_text()) == (
            True,
            "机器人",
        )
        page.locator("tr[data-row] input").first.check()
        page.click("button[value=picked]")
        page.click("main form button")
        for _ in range(20):
            if page.locator(".notice.good").count():
                break
            page.get_by_text("刷新进度").click()
        assert "已办理: 1" in page.locator("#progress").inner_text()
        page.locator("#progress details summary").first.click()
        page.locator("#progress details a").first.click()
        assert page.locator(".papers img").count() == 3


def test_the_first_pages_of_papers_are_seen_beside_the_findings(chromium: Browser, desk: Place) -> None:
    with page_of(chromium, desk) as page:
        enter(page, desk, "format_officer")
        page.goto("/applications/app-0010")
        page.locator(".papers").scroll_into_view_if_needed()
        widths = page.evaluate(
            "Promise.all([...document.images].map(i => (i.loading = 'eager', i.decode().then(() => i.naturalWidth))))"
        )
        shot(page, "papers")
    assert (len(widths), max(widths) >= 470, 0 in widths) == (3, True, False)


def test_the_desk_is_clean_for_axe_and_of_good_contrast(chromium: Browser, desk: Place) -> None:
    found: dict[str, Any] = {}
    with page_of(chromium, desk, bypass_csp=True) as page:
        enter(page, desk, "format_officer")
        for path in PAGES:
            found |= checked(page, path, "desk", 422 if "from=x" in path else 200)
        for command in ("PassFormatCheck", "ReopenFormatCheck"):
            page.goto("/applications?state=draft")
            page.locator("tr[data-row] input").first.check()
            page.select_option("#command", command)
            page.click("button[value=picked]")
            found |= checked(page, page.url, f"desk-{command}")
    assert found == {}


def test_the_desk_does_not_scroll_sideways_on_a_narrow_screen(chromium: Browser, desk: Place) -> None:
    wide = []
    with page_of(chromium, desk, viewport={"width": 320, "height": 640}) as page:
        enter(page, desk, "format_officer")
        for path in PAGES:
            page.goto(path)
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                wide.append(path)
    assert wide == []

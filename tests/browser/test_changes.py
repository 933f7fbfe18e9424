"""Two officers extend the window, correct the notice and change working days in Chromium, with JavaScript and without; axe over
each page on the way.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from states.calendar import local_day, zone
from states.programme import Programme
from tests.browser.conftest import Place
from tests.browser.test_pages import AXE, TAGS, checked, enter, page_of
from tests.filings import CLIMATE

pytestmark = pytest.mark.browser
BOARDS = f"/boards/{CLIMATE.call}"
CHANGES = f"{BOARDS}/changes"
PLACE = "Europe/Copenhagen"
FIRST, SECOND = "approving_officer", "approving_officer-02"


def programme(place: Place) -> Programme:
    return place.system.ledger.transact(lambda transaction: transaction.programme(CLIMATE.call))


def propose(page: Page, place: Place, link: str, **fields: str) -> None:
    """Fill in a proposal, read what would follow, and make it."""
    enter(page, place, FIRST)
    page.goto("/boards")
    page.click("nav.filter >> text=通知变更")
    page.click(f"main a >> text={link}")
    for name, value in fields.items():
        page.fill(f'[name="{name.replace("__", ".")}"]', value)
    page.click("form.card button")
    assert "再核对一遍" in page.locator(".notice").first.inner_text()
    assert page.locator("h2 >> text=确认后的结果").is_visible()
    page.click("form.card button >> text=提交提议")
    page.wait_for_url(f"**{CHANGES}?done=*")
    assert link in page.locator(".notice.good").inner_text()
    assert "须由不同人员办理" in page.locator("main").inner_text()


def confirm(page: Page, place: Place, link: str) -> None:
    """Read what another has proposed, and confirm it."""
    enter(page, place, SECOND)
    page.goto(CHANGES)
    page.click(f"a.button >> text={link}")
    assert page.locator("h2 >> text=确认后的结果").is_visible()
    page.click("form.card button")
    page.wait_for_url(f"**{CHANGES}?done=*")
    assert link in page.locator(".notice.good").inner_text()


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_two_officers_extend_the_window_correct_the_notice_and_change_a_day(
    chromium: Browser, busy: Place, *, script: bool
) -> None:
    before = programme(busy)
    closes = before.closes_at or busy.system.calls[CLIMATE.call].call.closes_at
    last = local_day(closes, PLACE) + timedelta(days=2)
    days = (last + timedelta(days=n) for n in range(3, 30))
    off = next(day for day in days if day.weekday() == 2 and day not in before.days_off)
    with page_of(chromium, busy, java_script_enabled=script) as page:
        propose(page, busy, "提议延长申报时间", closes_at=f"{last}T18:30", reason="系统故障", evidence="监控记录")
        confirm(page, busy, "确认延长申报时间")
        propose(page, busy, "提议更正通知", clause="三", before="16时前", after="18时30分前", reason="随延长更正")
        confirm(page, busy, "发布更正通知")
        propose(page, busy, "提议调整工作日历", days_off__0=f"{off}", basis="国务院办公厅通知")
        confirm(page, busy, "确认调整工作日历")
        told = page.locator("main").inner_text()
        page.goto(f"/public/calls/{CLIMATE.call}/notice")
        public = page.locator("main").inner_text()
    after = programme(busy)
    assert after.closes_at == datetime.fromisoformat(f"{last}T18:30").replace(tzinfo=zone(PLACE))
    assert (len(after.errata) - len(before.errata), [*(after.days_off - before.days_off)]) == (1, [off])
    assert (f"{last} 18:30 哥本哈根时间 {PLACE}" in told, f"{off} 周三" in told, "18时30分前" in public) == (
        True,
        True,
        True,
    )


def test_the_pages_of_changes_are_clean_for_axe_and_narrow_in_both_languages(chromium: Browser, busy: Place) -> None:
    found: dict[str, Any] = {}
    with page_of(chromium, busy, bypass_csp=True, viewport={"width": 380, "height": 800}) as page:
        propose(page, busy, "提议更正通知", clause="三", before="甲" * 60, after="乙\n" * 20, reason="表述不清")
        propose(page, busy, "提议调整工作日历", days_off__0="2026-12-30", days_worked__0="2026-12-26", basis="通知")
        for language in ("zh-CN", "en"):
            for who in (FIRST, SECOND):
                enter(page, busy, who)
                page.goto(f"/language/{language}?next=/")
                for path in (
                    "changes", "changes/ProposeExtension", "changes/ProposeCalendar", "changes/ExtendWindow",
                    "changes/PublishErratum", "withdraw/ProposeErratum",
                ):  # fmt: skip
                    found |= checked(page, f"{BOARDS}/{path}", f"changes-{language}-{who}")
                    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                        found[f"{path} {language}"] = "wider than the screen"
        page.goto(f"{CHANGES}/ProposeCalendar")
        page.fill("#basis", "x")
        page.fill('[name="days_off.1"]', "2026-01-01")
        page.click("form.card button")
        assert page.locator("#days_off-fault").is_visible()
        found |= axe_here(page)
    assert found == {}


def axe_here(page: Page) -> dict[str, Any]:
    """What axe finds on the page as it stands."""
    found = page.evaluate(f"async () => {{ {AXE}; return await axe.run({{runOnly: {TAGS}}}); }}")
    return {v["id"]: [node["html"] for node in v["nodes"]] for v in found["violations"]}

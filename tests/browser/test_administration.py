"""The administrator's desk in Chromium: an account opened and a role asked for without JavaScript; axe-clean everywhere."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Place
from tests.browser.test_pages import checked, enter, page_of

pytestmark = pytest.mark.browser
DESK = "/administration"
PAGES = ("", "/accounts", "/accounts/unit-1", "/experts", "/keys", "/installation")


def test_an_administrator_opens_an_account_and_asks_for_a_role_without_javascript(
    chromium: Browser, busy: Place
) -> None:
    with page_of(chromium, busy, java_script_enabled=False) as page:
        enter(page, busy, "administrator")
        page.goto(f"{DESK}/accounts")
        page.click("summary")
        page.fill("#email", "sun@example.org")
        page.fill("#name", "孙")
        page.select_option("#role", "head")
        page.click("main details button")
        assert (page.locator("h1").inner_text(), page.locator('main a[href="/administration"]').count() > 1) == (
            "孙",
            True,
        )
        page.goto(DESK)
        assert page.locator("main ul.rows li", has_text="孙").locator("button").all_inner_texts() == ["不同意"]


def test_the_pages_of_the_desk_are_clean(chromium: Browser, busy: Place) -> None:
    account = busy.system.accounts.accounts()[0][0].id
    found: dict[str, Any] = {}
    with page_of(chromium, busy, bypass_csp=True) as page:
        enter(page, busy, "administrator")
        for path in (*(f"{DESK}{one}" for one in PAGES), "/account/keys"):
            found |= checked(page, path.replace("unit-1", account), "desk")
        page.set_viewport_size({"width": 380, "height": 700})
        page.goto(f"{DESK}/accounts")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert found == {}

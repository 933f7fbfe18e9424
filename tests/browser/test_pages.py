"""The pages in Chromium: by keyboard alone, without JavaScript, in both languages, in light and dark, and axe-clean."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page
from pyotp import TOTP

from tests.browser.conftest import PASSWORD, Place

pytestmark = pytest.mark.browser
AXE = (Path(__file__).parent / "vendor" / "axe-4.14.1.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PICTURES = os.environ.get("FUNDCALL_PICTURES", "")
"""A folder to put pictures of the pages into, for people to look at."""
LANGUAGES = {"zh-CN": ("登录", "待办"), "en": ("Sign in", "To do")}
SCHEMES: tuple[Literal["dark", "light"], ...] = ("dark", "light")
OPEN = {"/sign-in": 200, "/register": 200, "/forgot": 200, "/password?link=x": 422, "/nothing": 404,
        "/public": 200, "/public/news": 200, "/public/news?done=confirmed": 200, "/public/news/leave?link=x": 200, "/public/calls/shanghai-ai-plus-2025/notice": 200}  # fmt: skip
OWN = ("/", "/applications", "/applications/{own}", "/unit", "/account", "/account/second")
MOVES = ("/applications/{own}/moves/SubmitApplication", "/applications/{own}/moves/WithdrawApplication")
INSIDE = {
    "applicant": OWN,
    "auditor": ("/", "/applications", "/applications/A12"),
    "expert": ("/", "/applications/{own}"),
}
MAILS = {
    "format_officer": (
        "/mails", "/mails/undelivered", "/mails/preview", "/mails/words", "/mails/settings", "/mails/samples",
        "/mails/words/shanghai-ai-plus-2025/submission_receipt",
    ),
    "applicant": ("/notices", "/account/keys"),
}  # fmt: skip
CONTRAST = """() => {
  const channel = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const behind = node => {
    for (let at = node; at; at = at.parentElement) {
      const colour = rgb(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some(c => c.nodeType === 3 && c.textContent.trim());
    if (!own || !node.checkVisibility() || node.closest("svg")) continue;
    const [a, b] = [light(rgb(getComputedStyle(node).color)), light(behind(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push([node.tagName, node.className, ratio, node.textContent.trim().slice(0, 30)]);
  }
  return poor;
}"""


@contextmanager
def page_of(chromium: Browser, place: Place, *, known: tuple[str, ...] = (), **options: Any) -> Iterator[Page]:
    """A page of a fresh browser; whatever the console complains of ends the test, but for answers that refuse and what is
    `known` to come.
    """
    context = chromium.new_context(base_url=place.url, locale="de-DE", timezone_id="America/New_York", **options)
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    context.close()
    allowed = ("status of 4", "Status Error Code 4", *known)
    assert [text for text in wrong if not any(one in text for one in allowed)] == []


def enter(page: Page, place: Place, role: str) -> None:
    page.goto(f"/demo/{place.people.keys[role]}")


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus, and see that it shows."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_somebody_signs_in_and_out_with_the_keyboard_alone(
    chromium: Browser, place: Place, language: str, *, script: bool
) -> None:
    sign_in, to_do = LANGUAGES[language]
    with page_of(chromium, place, java_script_enabled=script) as page:
        page.goto("/sign-in")
        if language != "zh-CN":
            page.keyboard.press("Tab")  # the skip link comes first
            tab_to(page, f'a[hreflang="{language}"]')
            page.keyboard.press("Enter")
            page.wait_for_url("**/sign-in")
        assert page.locator("h1").inner_text() == sign_in
        tab_to(page, "#email")
        page.keyboard.type("li@example.org")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{place.url}/")
        assert (page.locator("h1").inner_text(), page.locator("html").get_attribute("lang")) == (to_do, language)
        tab_to(page, 'form[action="/sign-out"] button')
        page.keyboard.press("Enter")
        page.wait_for_url("**/sign-in?done=out")


def test_an_officer_comes_in_by_password_and_code_without_javascript(chromium: Browser, place: Place) -> None:
    with page_of(chromium, place, java_script_enabled=False) as page:
        page.goto("/applications")
        page.fill("#email", "wang@example.org")
        page.fill("#password", PASSWORD)
        page.click("main button")
        page.fill("#code", TOTP(place.secret).at(place.system.clock.now()))
        page.click("main button")
        assert (page.url, page.locator("h1").inner_text()) == (f"{place.url}/applications", "申报件")
        page.goto("/sign-in?next=/applications")
        page.fill("#email", "wang@example.org")
        page.fill("#password", "wrong wrong wrong")
        page.click("main button")
        assert "邮箱或密码有误" in page.locator("#password-fault").inner_text()


def checked(page: Page, path: str, name: str, status: int = 200) -> dict[str, Any]:
    """What axe finds on a page, and the measure of contrast in the dark and in the light."""
    answer = page.goto(path)
    assert answer is not None
    assert (path, answer.status) == (path, status)
    faults = {}
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # the colours of now, not those passing
        if PICTURES:
            shown = f"{name}-{scheme}{re.sub(r'[^a-zA-Z0-9]+', '-', path)}"
            page.screenshot(path=f"{PICTURES}/{shown}.png", full_page=True)
        if poor := page.evaluate(CONTRAST):
            faults[f"contrast, {scheme}"] = poor
    found = page.evaluate(f"async () => {{ {AXE}; return await axe.run({{runOnly: {TAGS}}}); }}")
    faults |= {v["id"]: [node["html"] for node in v["nodes"]] for v in found["violations"]}
    return {path: faults} if faults else {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_clean_for_axe_and_of_good_contrast(chromium: Browser, place: Place, language: str) -> None:
    found: dict[str, Any] = {}
    with page_of(chromium, place, bypass_csp=True) as page:
        page.goto(f"/language/{language}?next=/sign-in")
        for path, status in OPEN.items():
            found |= checked(page, path, f"{language}-open", status)
        for role, paths in INSIDE.items():
            enter(page, place, role)
            for path in paths:
                found |= checked(page, path.format(own=place.own), f"{language}-{role}")
    assert found == {}


def test_the_desk_of_mails_and_the_inbox_are_clean_too(chromium: Browser, place: Place) -> None:
    found: dict[str, Any] = {}
    wide = []
    with page_of(chromium, place, bypass_csp=True, viewport={"width": 380, "height": 800}) as page:
        for role, paths in MAILS.items():
            enter(page, place, role)
            for path in paths:
                found |= checked(page, path, "mails")
                if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                    wide.append(path)
            one = page.locator('main a[href*="/notices/one"], main a[href*="/mails/notice"]')
            if one.count():
                found |= checked(page, str(one.first.get_attribute("href")), "mails-one")
    assert (found, wide) == ({}, [])


def test_a_page_with_something_to_do_is_clean_too(chromium: Browser, busy: Place) -> None:
    found: dict[str, Any] = {}
    with page_of(chromium, busy, bypass_csp=True) as page:
        enter(page, busy, "applicant")
        for path in (*OWN, *MOVES):
            found |= checked(page, path.format(own=busy.own), "busy")
        assert page.goto("/") is not None
        assert (page.locator("#tasks tbody tr").count(), page.locator("main .notice a").count()) == (1, 1)
        page.goto("/account/second")
        page.click("main button")  # shows the picture and the key
        found |= checked(page, "/account/second", "busy-key")
        page.fill("#code", "000000")
        page.click("main form.card button")
        assert page.locator("#code-fault").is_visible()
    assert found == {}


def test_the_measures_find_what_is_planted(chromium: Browser, place: Place) -> None:
    with page_of(chromium, place, bypass_csp=True) as page:
        page.goto("/sign-in")
        page.evaluate("document.querySelector('h1').style.color = '#bbb'; document.querySelector('label').remove()")
        axe = page.evaluate(f"async () => {{ {AXE}; return await axe.run({{runOnly: {TAGS}}}); }}")
        assert "label" in {v["id"] for v in axe["violations"]}
        assert [tag for tag, *_ in page.evaluate(CONTRAST)] == ["H1"]


def test_the_clock_goes_on_from_the_servers_time_whatever_the_browsers_says(chromium: Browser, place: Place) -> None:
    with page_of(chromium, place) as page:
        page.clock.install(time="2001-01-01T00:00:00Z")
        page.goto("/sign-in")
        told = page.locator("#clock").inner_text()
        page.clock.run_for(61_000)
        later = page.locator("#clock").inner_text()
    assert ("2001" in told, "北京时间" in told, told < later) == (False, True, True)


def test_a_narrow_page_at_double_size_does_not_scroll_sideways(chromium: Browser, place: Place) -> None:
    wide = []
    with page_of(chromium, place, viewport={"width": 320, "height": 640}) as page:
        enter(page, place, "applicant")
        for path in OWN:
            page.goto(path.format(own=place.own))
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                wide.append(path)
    assert wide == []

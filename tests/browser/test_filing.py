"""An applicant in Chromium, from registering to the receipt, with JavaScript and without: five minutes before the close."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from playwright.sync_api import Browser, BrowserContext, Page, Route

from fundcall.accounts.entrance import Entrance
from fundcall.accounts.people import Account, Post
from fundcall.accounts.proofs import hash_password
from fundcall.bootstrap import web
from fundcall.calls.load import load
from fundcall.clock import SteadyClock
from fundcall.demo_people import Welcome
from fundcall.documents.anchors import read_anchors
from fundcall.documents.examiner import Examiner
from states.actor import Role
from tests.api.office import Clock, Office, open_office
from tests.browser.conftest import PASSWORD, Place, served
from tests.browser.test_pages import checked, page_of
from tests.documents import making
from tests.filings import SHANGHAI, uscc
from tests.web.test_sign_in import letters

pytestmark = pytest.mark.browser
CALL = load("shanghai-ai-plus-2025")
FORM = {
    "title": "行业高质量语料库",
    "start_on": "2026-01-01",
    "total_investment_minor": "2000万",
    "completion_percent": "10",
}
T = TypeVar("T")
NUMBERS = iter(range(7000, 8000))


@dataclass
class Hall:
    """The installation before the close of the call, and a place for `page_of`."""

    office: Office
    place: Place

    @property
    def clock(self) -> Clock:
        return self.office.clock

    def events(self, at: str) -> list[str]:
        return [one.type for one in self.office.system.ledger.stored(application=at.rpartition("/")[2])]


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    folder: Path = tmp_path_factory.mktemp("hall")
    trust = folder / "trust"
    trust.mkdir()
    (trust / "root.pem").write_bytes(making.root().certificate.public_bytes(Encoding.PEM))
    examiner = Examiner(lambda: read_anchors(trust))
    examiner.start()
    office = open_office(folder / "data", examiner)
    clock = Clock(CALL.closes_at)
    local = office.system.settings.model_copy(update={"public_url": "http://127.0.0.1"})
    system = replace(office.system, settings=local, clock=cast("SteadyClock", clock))
    office.system, office.clock = system, clock
    with served(web(system)) as url:
        yield Hall(office, Place(url, Welcome({}, {}), system, "", ""))
    system.close()
    examiner.close()


@pytest.fixture(autouse=True)
def five_to_four(hall: Hall) -> None:
    hall.clock.at = CALL.closes_at - timedelta(minutes=5)


def aside(work: Callable[[], T]) -> T:
    """Do something that wants a loop of its own: the browser's has this thread."""
    with ThreadPoolExecutor(1) as other:
        return other.submit(work).result()


def letter(office: Office, folder: Path) -> str:
    """The address on our site that the letter which waits leads to."""
    elsewhere = office.system.settings.model_copy(update={"public_url": "https://fund.example"})
    post = replace(office, system=replace(office.system, settings=elsewhere))
    return aside(lambda: letters(post, folder))[-1].removeprefix("https://fund.example")


def sealed() -> bytes:
    return aside(lambda: making.seal(making.pdf(), making.unit(), chain=(making.root(),)))


def clerk(hall: Hall, context: BrowserContext) -> None:
    """Somebody of a unit of their own comes in."""
    n = next(NUMBERS)
    who = Account(f"clerk-{n}", f"clerk-{n}@example.org", "李明")
    accounts = hall.office.system.accounts
    accounts.add(who, (Post(Role.APPLICANT, uscc(n)),), hall.clock.at)
    accounts.set_password(who.id, hash_password(PASSWORD, who))
    secret = Entrance(accounts).begin(who, "test", hall.clock.at, second=False)
    context.add_cookies([{"name": "fundcall", "value": secret, "url": hall.place.url}])


def begin(page: Page) -> str:
    """A new draft, from the first page; its address."""
    page.goto("/")
    page.click("text=开始申报")
    page.fill("#unit_name", making.UNIT)
    page.select_option("#unit_kind", SHANGHAI.unit_kind)
    page.fill('[id="name.0"]', "李明")
    page.fill('[id="email.0"]', "li@zixu.example")
    page.click("form.card button")
    page.wait_for_url("**/form?begun=1")
    return page.url.removeprefix(page.url.partition("/applications/")[0]).removesuffix("/form?begun=1")


def attach(page: Page, material: str, name: str, content: bytes) -> None:
    page.set_input_files(f"#file-{material}", {"name": name, "mimeType": "application/pdf", "buffer": content})
    page.click(f"#m-{material} form.upload button")


def filled(page: Page, at: str, *, script: bool) -> None:
    """The form, with two mistakes that are told beside their fields and then mended."""
    page.check('input[value="ai_lead.foundations.corpus"]')
    for name, text in {**FORM, "end_on": "2028-01-31", "requested_minor": "600.005"}.items():
        page.fill(f"[name={name}]", text)
    for name in ("governance", "finance", "capacity", "builder", "owner"):
        page.check(f"#declares_{name}")
    if not script:
        page.click(".savebar button >> nth=0")
    page.locator("#said-requested_minor .fault").wait_for()
    page.locator("#said-end_on .fault").wait_for()
    assert "四(一)4" in page.locator("#said-end_on").inner_text()
    assert page.input_value("[name=requested_minor]") == "600.005"
    page.fill("[name=requested_minor]", "6,000,000")
    page.fill("[name=end_on]", "2027-12-31")
    page.click(".savebar button >> nth=1")
    page.wait_for_url(f"**{at}/files")


def uploaded(page: Page, at: str, *, script: bool) -> None:
    """All files: one too large, one without a seal, and then as they should be."""
    attach(page, "application_form", "太大.pdf", b"%PDF-1.7\n" + b"0" * CALL.rules["file_size"].params["bytes_max"])
    told = page.locator("#m-application_form .going .bad" if script else "#files > .notice.bad")
    told.wait_for()
    assert "四(二)2" in told.inner_text()
    for material, name in (
        ("application_form", "申报书.pdf"),
        ("licence", "<b>执照</b>.pdf".replace("/", "")),
        ("audit_report", "审计.pdf"),
    ):
        page.goto(f"{at}/files")
        attach(page, material, name, sealed())
        page.locator("#files > .notice.good").wait_for()
        assert "电子签章有效" in page.locator(f"#m-{material}").inner_text()
    attach(page, "evidence", "未盖章.pdf", making.pdf())
    page.locator("#m-evidence .finding.bad").wait_for()
    page.click("#m-evidence .ask summary")
    page.click("#m-evidence .ask button")
    page.wait_for_url("**done=removed**")


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_a_clerk_registers_fills_in_attaches_checks_and_submits_before_four(
    chromium: Browser, hall: Hall, tmp_path: Path, *, script: bool
) -> None:
    unit, mail = uscc(next(NUMBERS)), f"new-{script}@example.org".lower()
    with page_of(chromium, hall.place, java_script_enabled=script) as page:
        page.goto("/register")
        for field, text in (("email", mail), ("name", "李明"), ("unit", unit)):
            page.fill(f"#{field}", text)
        page.click("main form button")
        page.goto(letter(hall.office, tmp_path))
        page.fill("#password", PASSWORD)
        page.click("main form button")
        page.fill("#email", mail)
        page.fill("#password", PASSWORD)
        page.click("main form button")
        at = begin(page)
        filled(page, at, script=script)
        uploaded(page, at, script=script)
        page.goto(f"{at}/check")
        assert page.locator(".finding").count() == 0
        page.click("text=下一步：提交")
        if script:
            left = page.locator(".until .left")
            assert "秒" in left.inner_text()
        page.click("summary.button")
        hall.clock.at = CALL.closes_at - timedelta(microseconds=1)
        page.click("button.go", click_count=2 if script else 1)
        page.wait_for_url("**/receipt?done=1")
        said = page.locator("main").inner_text()
        assert ("15:59:59.999999" in said, "SHAI2025-" in said, "申报成功" in said) == (True, True, True)
        with page.expect_download() as download:
            page.click("text=下载回执（PDF）")
        assert Path(download.value.path()).read_bytes()[:5] == b"%PDF-"
        page.goto(at)
        assert "现在等待" in page.locator("#here").inner_text()
        page.go_back()
        assert "/receipt" in page.url
    assert hall.events(at).count("ApplicationSubmitted") == 1


def test_at_four_the_page_says_that_it_is_too_late_with_clause_and_what_can_be_done(
    chromium: Browser, hall: Hall
) -> None:
    with page_of(chromium, hall.place) as page:
        clerk(hall, page.context)
        at = begin(page)
        filled(page, at, script=True)
        uploaded(page, at, script=True)
        page.goto(f"{at}/submit")
        page.click("summary.button")
        hall.clock.at = CALL.closes_at
        page.click("button.go")
        told = page.locator(".notice.bad")
        told.wait_for()
        said = told.inner_text()
        assert ("16:00:00.000000" in said, "四(二)1" in said, "您可以这样做" in said) == (True, True, True)
    assert "ApplicationSubmitted" not in hall.events(at)


def test_a_line_that_breaks_loses_nothing_and_nothing_is_there_twice(chromium: Browser, hall: Hall) -> None:
    with page_of(chromium, hall.place, known=("net::ERR_", "Send Error", "htmx:")) as page:
        clerk(hall, page.context)
        at = begin(page)
        page.context.set_offline(True)
        page.fill("[name=title]", "断线时填写")
        page.locator("#saving .bad").wait_for()
        page.context.set_offline(False)
        page.locator("#saving .good").wait_for()
        page.fill("[name=title]", "离开前最后填写")
        page.goto(f"{at}/files")  # what was typed last goes out as the page is left
        cut: list[str] = []

        def once(route: Route) -> None:
            cut.append(route.request.url)
            route.abort() if len(cut) == 1 else route.continue_()

        page.route("**/files/licence", once)
        attach(page, "licence", "执照.pdf", sealed())
        page.click("#m-licence .going button")
        page.locator("#files > .notice.good").wait_for()
        page.goto(f"{at}/form")
        assert page.input_value("[name=title]") == "离开前最后填写"
    assert hall.events(at).count("DocumentAdded") == 1


def test_a_session_that_ends_while_the_form_is_open_loses_nothing(chromium: Browser, hall: Hall) -> None:
    hall.clock.at -= timedelta(hours=5)
    with page_of(chromium, hall.place) as page:
        clerk(hall, page.context)
        at = begin(page)
        hall.clock.at += timedelta(hours=3)
        page.fill("[name=title]", "没有丢失")
        page.locator("#saving .bad").wait_for()
        page.click(".savebar button >> nth=0")
        page.fill("#email", f"clerk-{next(NUMBERS) - 1}@example.org")
        page.fill("#password", PASSWORD)
        page.click("main form button")
        page.click("main form button")
        page.wait_for_url(f"**{at}/form?saved=1")
        assert page.input_value("[name=title]") == "没有丢失"


def test_every_page_of_the_desk_is_clean_for_axe_and_none_scrolls_sideways(chromium: Browser, hall: Hall) -> None:
    found: dict[str, Any] = {}
    wide = []
    with page_of(chromium, hall.place, bypass_csp=True) as page:
        clerk(hall, page.context)
        found |= checked(page, f"/calls/{CALL.id}/begin", "desk")
        at = begin(page)
        filled(page, at, script=True)
        attach(page, "licence", "未盖章.pdf", making.pdf())
        page.locator("#files > .notice.good").wait_for()
        page.goto(f"{at}/form")
        page.fill("[name=end_on]", "2028-12-31")
        page.locator("#said-end_on .fault").wait_for()
        for path in ("/form", "/files", "/check", "/submit", ""):
            found |= checked(page, f"{at}{path}", "desk-wrong")
            page.set_viewport_size({"width": 320, "height": 640})
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                wide.append(path)
            page.set_viewport_size({"width": 1280, "height": 720})
        page.goto(f"{at}/form")
        page.fill("[name=end_on]", "2027-12-31")
        page.click(".savebar button >> nth=1")
        page.wait_for_url("**/files")
        page.click("#m-licence .ask summary")
        page.click("#m-licence .ask button")
        page.wait_for_url("**done=removed**")
        found |= checked(page, f"{at}/submit", "desk-right")
        page.click("summary.button")
        page.click("button.go")
        page.wait_for_url("**/receipt?done=1")
        for path in ("/receipt", "", "/form", "/files"):
            found |= checked(page, f"{at}{path}", "desk-filed")
    assert (found, wide) == ({}, [])

"""A case in Chromium from the return for correction to the close-out and its replay: the unit, the officers and the auditor at
their pages, with JavaScript and without; each page on the way clean for axe.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page

from fundcall.accounts.entrance import Entrance
from fundcall.accounts.people import Account, Post
from fundcall.bootstrap import web
from fundcall.checks import Checks
from fundcall.demo_people import Welcome
from states.actor import Actor, Role
from states.calendar import local_day
from states.labels import MOVES
from tests.browser.conftest import Place, served
from tests.browser.test_pages import checked, page_of
from tests.drive import A1, A2, ACCEPTORS, C1, C2, C3, DAY, F1, F2, M1, M2, World
from tests.web.boarding import Hall, hall

pytestmark = pytest.mark.browser
AUDITOR = Actor("auditor-1", Role.AUDITOR)
COURSE = [
    "ApplicationApproved", "AgreementSigned", "AgreementCountersigned", "PaymentRecorded", "PaymentConfirmed", "ExecutionStarted", "ReportSubmitted",
    "ChangeRequested", "RequestDecided", "AcceptanceRequested", "OutcomeProposed", "ApplicationClosed", "PerformanceEvaluated",
]  # fmt: skip


@pytest.fixture
def office(tmp_path: Path) -> Iterator[tuple[Hall, Place]]:
    with hall(tmp_path / "course") as made:
        local = made.office.system.settings.model_copy(update={"public_url": "http://127.0.0.1"})
        system = replace(made.office.system, settings=local)
        with served(web(system, checks=Checks(system))) as url:
            yield made, Place(url, Welcome({}, {}), system, "", "")


@dataclass
class Walk:
    """A case that people take from hand to hand, each at the same browser."""

    hall: Hall
    place: Place
    page: Page
    application: str
    script: bool
    faults: dict[str, Any] = field(default_factory=dict)

    @property
    def world(self) -> World:
        return self.hall.world

    @property
    def at(self) -> str:
        return f"/applications/{self.application}"

    @property
    def unit(self) -> Actor:
        return self.world.unit(self.application)

    def enter(self, who: Actor) -> None:
        """Come in anew: with the time that goes by every session ends."""
        self.hall.synchronise()
        accounts, now = self.place.system.accounts, self.world.now
        if accounts.by_id(who.id) is None:
            accounts.add(Account(who.id, f"{who.id}@example.org", who.id), (Post(who.role, who.unit),), now)
        known = accounts.by_id(who.id)
        assert known is not None
        secret = Entrance(accounts).begin(known, "test", now, second=True)
        self.page.context.add_cookies([{"name": "fundcall", "value": secret, "url": self.place.url}])

    def see(self, path: str) -> None:
        """Go to a page, and let axe look at it where scripts run."""
        if self.script:
            self.faults |= checked(self.page, path, "course")
        else:
            self.page.goto(path)

    def give(self, who: Actor, command: str, *, twice: bool = False, **said: str) -> None:
        """Take the link that the case offers, fill in its form, and send it; again where it is asked again."""
        self.enter(who)
        self.page.goto(self.at)
        assert self.page.locator(f'a[href*="/moves/{command}"]').count() >= 1, command
        self.see(f"{self.at}/moves/{command}")
        for name, text in said.items():
            fill(self.page.locator(f'[name="{name.replace("__", ".")}"]'), text)
        self.page.click("form.card button")
        if twice:
            assert "再核对一遍" in self.page.locator(".notice").first.inner_text()
            self.page.click("form.card button")
        told = "".join(self.page.locator("main .notice").all_inner_texts())
        assert f"已完成: {MOVES[command][0]}" in told, told


def fill(where: Locator, text: str) -> None:
    if where.evaluate("one => one.tagName") == "SELECT":
        where.select_option(text)
    else:
        where.fill(text)


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_a_unit_and_the_office_walk_from_the_award_to_the_close_out_and_an_auditor_replays_it(
    chromium: Browser, office: tuple[Hall, Place], *, script: bool
) -> None:
    made, place = office
    world = made.world
    application = world.noticed()
    start = world.ledger.head()
    with page_of(chromium, place, java_script_enabled=script, bypass_csp=script) as page:
        walk = Walk(made, place, page, application, script)
        walk.give(A2, "ApproveApplication", twice=True)
        walk.give(walk.unit, "SignAgreement", twice=True)
        walk.give(A1, "CountersignAgreement")
        walk.give(M1, "RecordPayment")
        walk.give(M2, "ConfirmPayment", twice=True)
        world.when_due(application, "start")
        report = min(name for name in world.application(application).deadlines if name.startswith("report:"))
        walk.give(walk.unit, "SubmitReport", period=report.partition(":")[2].partition("~")[0], summary="进展正常")
        walk.give(walk.unit, "RequestChange", subject="team", detail="项目负责人变更")
        walk.give(A2, "DecideRequest", request="1", granted="yes", reason="理由成立")
        for n in range(2, len(world.application(application).instalments_minor) + 1):
            world.pay(application, n)
        world.at(world.application(application).deadlines["execution_end"] - DAY)
        day = local_day(world.now, world.call.timezone).isoformat()
        walk.give(walk.unit, "RequestAcceptance", completed_on=day, achieved__platform="1")
        experts: Any = {f"experts__{n}__{key}": text for n, one in enumerate(ACCEPTORS) for key, text in (("id", one.id), ("unit", one.unit))}  # fmt: skip
        walk.give(C1, "ProposeOutcome", outcome="accepted", verified__platform="1", grounds="验收意见", **experts)
        walk.give(C2, "ConfirmOutcome")
        walk.give(C3, "EvaluatePerformance", rating="good", findings="达到预期")
        walk.enter(walk.unit)
        walk.see(walk.at)
        assert "已结项" in page.locator("#here").inner_text()
        walk.enter(AUDITOR)
        walk.see(f"/audit/cases/{application}")
        assert walk.faults == {}
    happened = [event.type for event in world.ledger.stored(application=application) if event.position > start]
    assert [name for name in COURSE if name not in happened] == []
    assert world.state(application).value == "closed"


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_a_unit_mends_what_the_office_returns_and_files_anew(
    chromium: Browser, office: tuple[Hall, Place], *, script: bool
) -> None:
    made, place = office
    world = made.world
    application = world.submitted()
    with page_of(chromium, place, java_script_enabled=script, bypass_csp=script) as page:
        walk = Walk(made, place, page, application, script)
        walk.give(F1, "ClaimFormatCheck")
        item: Any = {"items__0__field": "title", "items__0__clause": "四(一)1", "items__0__remedy": "请写明项目名称"}
        walk.give(F1, "ReturnForCorrection", **item)
        world.after(hours=1)
        walk.enter(walk.unit)
        page.goto("/")
        page.locator(f'#tasks a[href="{walk.at}"]').click()
        assert "请写明项目名称" in page.locator("main").inner_text()
        walk.see(f"{walk.at}/form")
        page.fill("[name=title]", "行业高质量语料库建设")
        page.click(".savebar button >> nth=1")
        page.wait_for_url(f"**{walk.at}/files")
        walk.see(f"{walk.at}/submit")
        page.click("summary.button")
        page.click("button.go")
        page.wait_for_url("**/receipt?done=1")
        assert "申报成功" in page.locator("main").inner_text()
        walk.enter(F2)
        walk.see(walk.at)
        assert "行业高质量语料库建设" in page.locator("h1").inner_text()
        assert (
            "登录时关联法人一证通" in page.locator("main").inner_text()
        )  # for an officer's eyes: it is not looked for here
        walk.give(F1, "PassFormatCheck")
        assert walk.faults == {}
    assert world.state(application).value == "format_checked"

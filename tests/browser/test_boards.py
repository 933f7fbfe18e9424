"""From the draw to the approval on the boards in Chromium, on the demo's data, with JavaScript and without; and axe over each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, Page, expect

from fundcall.bootstrap import open_simulation, settings_for, web
from fundcall.calls.load import load
from fundcall.clock import SteadyClock
from fundcall.demo_people import welcome
from fundcall.simulate.programme import applicants, run
from fundcall.solver import solver
from states.actor import Actor, Role
from states.application import State
from tests.api.office import Clock
from tests.browser.conftest import Place, served
from tests.browser.test_pages import PICTURES, checked, enter, page_of
from tests.databases import copied
from workflow.deadlines import sweep
from workflow.handle import Accepted, Request

pytestmark = pytest.mark.browser
CALL = load("shanghai-ai-plus-2025")
BOARDS = f"/boards/{CALL.id}"
BEFORE_THE_DRAW = datetime.fromisoformat("2025-10-15T09:00+08:00")
PAGES = ("dashboard", "publication", "changes", "assignment", "invitations", "owed", "scores", "scorers", "decision?cut=3", "money", "calendar?day=2025-10-30", "decision?cut=x", "calendar?month=x")  # fmt: skip


@pytest.fixture(scope="module")
def halted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's data as it stands when every application is through the format check and none has experts."""
    folder: Path = tmp_path_factory.mktemp("halted")
    system = open_simulation(settings_for(folder, database_url="", mail_from="a@fund.example"), CALL)
    run(system.handler, CALL, applicants(CALL, 24, 7), 7, lambda _: None, solver(), BEFORE_THE_DRAW)
    system.close()
    return folder


@pytest.fixture
def course(halted: Path, tmp_path: Path) -> Iterator[tuple[Place, Clock]]:
    """A copy of it behind a server, at that very time."""
    folder = tmp_path / "course"
    copied(halted, folder)
    settings = settings_for(folder, database_url="", mail_from="a@fund.example", public_url="http://127.0.0.1")
    clock = Clock(BEFORE_THE_DRAW)
    system = replace(open_simulation(settings, CALL), clock=cast("SteadyClock", clock))
    people = welcome(system)
    with served(web(system, demo=people.accounts)) as url:
        yield Place(url, people, system, "", ""), clock
    system.close()


def give(place: Place, clock: Clock, name: str, who: Actor, application: str, command: Any) -> None:
    request = Request(f"{name}:{who.id}:{application}", application, name, command, who, clock.at)
    outcome = place.system.handler.handle(request, clock.at)
    assert isinstance(outcome, Accepted), outcome


def score_all(place: Place, clock: Clock) -> None:
    """What experts do on their own pages."""
    from states.commands.review import AcceptInvitation, SubmitScore

    ledger = place.system.ledger
    for n, row in enumerate(ledger.rows(State.EXPERT_REVIEW.value, CALL.id)):
        application = ledger.transact(lambda transaction, name=row.id: transaction.application(name))  # type: ignore[misc]
        for k, (name, one) in enumerate(application.experts.items()):
            who = Actor(name, Role.EXPERT, one.unit)
            give(place, clock, "AcceptInvitation", who, row.id, AcceptInvitation())
            points = {c.id: max(1, c.points_max * (95 - 4 * n - k) // 100) for c in CALL.rubric}
            comments = {c.id: "可行" for c in CALL.rubric if c.comment}
            give(
                place, clock, "SubmitScore", who, row.id, SubmitScore(points=points, comment="可行", comments=comments)
            )


def picture(page: Page, name: str) -> None:
    """Keep a picture of the page for people to look at, where a folder is given for them."""
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/walk-{name}.png", full_page=True)


def draw_and_begin(page: Page, place: Place) -> None:
    page.goto("/boards")
    page.click("nav.filter >> text=专家分派")
    page.fill("#seed", "20251015")
    page.click("form.card.asking button")
    assert "预演" in page.locator("h1").inner_text()
    picture(page, "1-draw-tried")
    page.click("button >> text=记录本次抽取")
    page.click("text=复核：重新求解")
    assert "结果一致" in page.locator(".notice.good").inner_text()
    picture(page, "2-draw-verified")
    page.click("main form button")
    assert "已按本次抽取启动" in page.locator(".notice.good").inner_text()
    assert place.system.ledger.counts(CALL.id).get("format_checked", 0) == 0


def propose(page: Page, *, script: bool) -> int:
    """Move the cut line, try, propose; how many awards."""
    page.goto(f"{BOARDS}/decision")
    lines = page.locator("tr.above").count()
    assert lines > 2
    page.fill("#cut", "1")
    if script:
        expect(page.locator("tr.above")).to_have_count(2)  # it comes while one types
    else:
        page.click("form.asking button")
    page.wait_for_url("**cut=1**")
    awards = page.locator("tr.above").count()
    assert (awards, page.locator("#cut").input_value()) == (2, "1")
    picture(page, "3-cut-line")
    page.fill("#grounds", "专家评审与综合平衡")
    page.click("button >> text=先预演")
    picture(page, "4-proposals-tried")
    page.click("button >> text=正式提出")
    assert "/decision/runs/" in page.url
    picture(page, "5-proposed")
    return awards


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_two_officers_walk_from_the_draw_to_the_approval(
    chromium: Browser, course: tuple[Place, Clock], *, script: bool
) -> None:
    place, clock = course
    with page_of(chromium, place, java_script_enabled=script) as page:
        enter(page, place, "review_officer")
        draw_and_begin(page, place)
        score_all(place, clock)
        clock.at += timedelta(minutes=30)
        awards = propose(page, script=script)
        enter(page, place, "approving_officer")
        for _ in range(awards):
            page.goto(f"{BOARDS}/decision")
            page.locator('a[href$="/moves/PublishProposal"]').first.click()
            page.click("form.card button")
        clock.at += timedelta(days=30)
        sweep(place.system.handler, clock.at)
        enter(page, place, "approving_officer")
        page.goto(f"{BOARDS}/decision")
        page.locator('a[href$="/moves/ApproveApplication"]').first.click()
        page.click("form.card button")
        assert "再核对一遍" in page.locator(".notice").inner_text()
        page.click("form.card button")
        picture(page, "6-approved")
        assert "已完成" in page.locator(".notice.good").inner_text()
        page.goto(f"{BOARDS}/dashboard")
        assert page.locator("svg.chart").count() == 7
    assert place.system.ledger.counts(CALL.id)["approved"] == 1


def test_every_board_is_clean_for_axe_in_light_and_dark_and_narrow_in_both_languages(
    chromium: Browser, course: tuple[Place, Clock]
) -> None:
    place, _ = course
    found: dict[str, Any] = {}
    with page_of(chromium, place, bypass_csp=True, viewport={"width": 380, "height": 800}) as page:
        enter(page, place, "review_officer")
        draw_and_begin(page, place)
        for path in PAGES:
            found |= checked(page, f"{BOARDS}/{path}", "boards", 422 if path.endswith("=x") else 200)
        for language in ("zh-CN", "en"):
            page.goto(f"/language/{language}?next=/")
            for path in PAGES:
                page.goto(f"{BOARDS}/{path}")
                if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                    found[f"{path} {language}"] = "wider than the screen"
    assert found == {}

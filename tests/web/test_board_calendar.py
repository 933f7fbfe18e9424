"""The calendar shows each deadline on its last day, days off, what one day brings, and what stands past its time and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from pathlib import Path

import pytest

from fundcall.calls.calendars import china
from tests.drive import A2, DAY, beijing
from tests.web.boarding import OTHERS, READERS, Hall, hall
from tests.web.people import words


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with hall(tmp_path_factory.mktemp("calendar"), china(2025)) as place:
        place.world.in_review()
        place.world.submitted()
        yield place


def cells(page: str) -> dict[str, str]:
    """What stands in each day of the month's table."""
    table = page.partition('<table class="month">')[2].partition("</table>")[0]
    return {day: words(rest) for day, rest in re.findall(r'<time datetime="([\d-]+)">(.*?)</td>', table, re.DOTALL)}


def test_a_month_has_its_deadlines_its_days_off_and_what_the_call_does(board: Hall) -> None:
    found = cells(board.get("auditor", "/calendar").text)
    assert (len(found), found["2025-09-03"], found["2025-09-22"], found["2025-09-28"], found["2025-09-27"]) == (
        35, "3 申报开始", "22 申报截止", "28 班", "27 休",
    )  # fmt: skip
    asked = board.world.application("app-0001").deadlines["invitation:1"] - DAY / 2
    assert found[f"{asked:%Y-%m-%d}"].count("邀请") == 1
    assert re.search(r"邀请\S* 3", " ".join(found.values()))


def test_the_days_are_those_of_the_calendar_as_it_was_changed(tmp_path: Path) -> None:
    with hall(tmp_path / "data", china(2025)) as place:
        before = cells(place.get("auditor", "/calendar").text)
        place.world.days_off(date(2025, 9, 26), worked=(date(2025, 9, 27),))
        after = cells(place.get("auditor", "/calendar").text)
    changed = {day: (before[day], after[day]) for day in before if before[day] != after[day]}
    assert changed == {"2025-09-26": ("26", "26 休"), "2025-09-27": ("27 休", "27 班")}


def test_a_kind_can_be_looked_at_alone_and_a_day_opened(board: Hall) -> None:
    due = board.world.application("app-0002").deadlines["format_check"] - DAY / 2
    page = board.get("auditor", f"/calendar?month={due:%Y-%m}&kind=format_check").text
    (link,) = re.findall(r'<li><a href="/boards/[\w-]+(/calendar\?day=[\d-]+&kind=format_check)#day">', page)
    day = board.get("auditor", link)
    rows = re.findall(
        r'<td><a href="/applications/(app-\d+)">', day.text.partition('id="day"')[2].partition("</table>")[0]
    )
    assert (rows, "形式审查人员" in day.text) == (["app-0002"], True)
    (queue,) = re.findall(r'<a href="(/applications\?[^"]*due=2025[^"]*)"', day.text)
    listed = board.people["auditor"].get(unescape(queue)).text
    numbers = {board.world.application(name).number: name for name in ("app-0001", "app-0002")}
    assert [name for number, name in numbers.items() if f">{number}</a>" in listed] == ["app-0002"]


def test_a_month_without_deadlines_says_so_and_a_year_without_a_calendar_too(board: Hall) -> None:
    page = words(board.get("auditor", "/calendar?month=2031-01").text)
    assert ("本月没有期限" in page, "日历未公布" in page) == (True, True)


@pytest.mark.parametrize(
    ("query", "name"),
    [("month=2025-13", "month"), ("month=x", "month"), ("month=0001-01", "month"), ("month=9999-12", "month"), ("day=2025-02-30", "day"), ("day=2025-09-3x", "day"),
     ("kind=none", "kind"), ("day=2025-09-30&offset=-1", "offset"), ("month=" + "9" * 5000, "month"), ("month=%F0%9F%92%A9", "month")],
)  # fmt: skip
def test_what_cannot_be_asked_for_is_told_and_the_usual_is_shown(board: Hall, query: str, name: str) -> None:
    answer = board.get("auditor", f"/calendar?{query}")
    assert (answer.status_code, f'<li data-field="{name}">' in answer.text, len(cells(answer.text)) in (35, 42)) == (
        422,
        True,
        True,
    )


@pytest.mark.parametrize("who", READERS + OTHERS)
def test_whoever_reads_every_application_sees_it_and_nobody_else(board: Hall, who: str) -> None:
    assert board.get(who, "/calendar").status_code == (200 if who in READERS else 403)


def test_what_nobody_has_fired_is_told_so(board: Hall) -> None:
    board.world.now += 40 * DAY  # ends every session: the last test of these
    board.renew("auditor")
    page = words(board.get("auditor", "/calendar").text.partition('id="late"')[2])
    assert (page.count("期限任务尚未执行"), "SHAI2025-00001" in page) == (5, True)


def test_what_cannot_fire_is_told_with_why_and_what_to_do(tmp_path_factory: pytest.TempPathFactory) -> None:
    with hall(tmp_path_factory.mktemp("stuck"), china(2025)) as place:
        application = place.world.published()
        place.world.at(beijing("2025-12-03T12:00"))
        place.world.do("ApproveApplication", A2, application, grant_minor=1)
        place.world.now = place.world.application(application).deadlines["agreement"] + DAY
        place.renew("auditor")
        page = words(place.get("auditor", "/calendar").text.partition('id="late"')[2])
    assert ("工作日历" in page, "期限任务尚未执行" in page) == (True, False)

"""Every page of a call tells the time by the clock of the call's place, with the zone, wherever the office sits."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from fundcall.calls.load import load
from fundcall.documents.examiner import Examiner
from fundcall.sheets.columns import SHANGHAI as OFFICE
from fundcall.sheets.columns import instant
from fundcall.sheets.delimited import BOM
from fundcall.web.inputs import inputs_of
from fundcall.web.words import local_due, local_micro, on_wall
from states.actor import Role
from states.calendar import day_and_hour
from tests.drive import A1, EXPERTS, F1, R1
from tests.filings import CLIMATE, SHANGHAI
from tests.web.people import Browser, account, browser, entered, words
from tests.web.publishing import Place, publishing

MAIN = re.compile(r"<main.*</main>", re.DOTALL)
CLOCK = re.compile(r'<time id="clock"[^>]* data-wall="([^"]+)" data-zone="([^"]+)">([^<]+)</time>')
ELSEWHERE = ("Asia/Shanghai", "北京时间", "上海时间", "UTC+8", "+08:00")
BOARDS = ("dashboard", "calendar", "changes", "publication", "money", "decision", "scores", "scorers", "invitations", "owed", "assignment")  # fmt: skip
HERE = "Europe/Copenhagen time"


@dataclass
class Elsewhere(Place):
    """An application in review, and one whose public notice runs."""

    review: str
    public: str


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Elsewhere]:
    examiner = Examiner(workers=1)
    with publishing(Path(tmp_path_factory.mktemp("clocks")), examiner) as found:
        yield Elsewhere(found.office, found.world, found.world.in_review(), found.running())
    examiner.close()


def entered_as(place: Elsewhere, name: str, role: Role, unit: str = "") -> Browser:
    made = place.office.system.accounts.by_id(name) or account(
        place.office, name, role, unit, second=role is not Role.APPLICANT
    )
    found = entered(place.office, made)
    found.in_english()
    return found


def shown(reader: Browser, path: str) -> str:
    answer = reader.get(path)
    assert answer.status_code == 200, (path, answer.text[:200])
    return str(answer.text)


def strange(page: str) -> list[str]:
    """What a page of the call says of another place's time."""
    main = MAIN.search(page)
    assert main is not None
    return [word for word in ELSEWHERE if word in main[0]]


def test_no_board_of_a_call_elsewhere_tells_the_offices_time(place: Elsewhere) -> None:
    officer = entered_as(place, A1.id, Role.APPROVING_OFFICER)
    pages = {board: shown(officer, f"/boards/{CLIMATE.call}/{board}") for board in BOARDS}
    assert {board: strange(page) for board, page in pages.items()} == {board: [] for board in BOARDS}
    assert {CLOCK.findall(page)[0][:2] for page in pages.values()} == {("Europe/Copenhagen", HERE)}
    told = words(pages["publication"])
    assert f"{on_wall(place.office.call.opens_at, place.office.call)[1]} Filing closes" in told


def test_no_page_of_a_case_elsewhere_tells_the_offices_time(place: Elsewhere) -> None:
    review, public = place.review, place.public
    unit = place.world.unit(public)
    people = {
        "officer": (entered_as(place, A1.id, Role.APPROVING_OFFICER), (f"/applications/{public}", f"/applications/{public}/moves/ApproveApplication")),
        "reviewer": (entered_as(place, R1.id, Role.REVIEW_OFFICER), (f"/applications/{review}", f"/applications/{review}/moves/ReplaceExpert")),
        "auditor": (entered_as(place, "auditor", Role.AUDITOR), (f"/audit/calls/{CLIMATE.call}", f"/audit/cases/{public}", f"/applications/{public}")),
        "unit": (entered_as(place, unit.id, Role.APPLICANT, unit.unit), (f"/applications/{public}", f"/applications/{public}/receipt", "/notices")),
        "expert": (entered_as(place, EXPERTS[0].id, Role.EXPERT, EXPERTS[0].unit), ("/reviews", f"/reviews/{review}")),
    }  # fmt: skip
    found = {(who, path): strange(shown(reader, path)) for who, (reader, paths) in people.items() for path in paths}
    assert [key for key, said in found.items() if said] == []


def test_lists_of_many_calls_tell_each_deadline_by_the_clock_of_its_call(place: Elsewhere) -> None:
    review = place.world.application(place.review)
    due = min(at for name, at in review.deadlines.items() if "~" not in name)
    officer = entered_as(place, R1.id, Role.REVIEW_OFFICER)
    home, queue = (shown(officer, path) for path in ("/", "/applications?state=expert_review"))
    assert local_due(due, place.office.call)[1] in words(queue)
    assert [(strange(page), HERE in words(page)) for page in (home, queue)] == [([], True)] * 2
    assert [CLOCK.findall(page)[0][:2] for page in (home, queue)] == [("Asia/Shanghai", "Asia/Shanghai time")] * 2


def test_the_queue_finds_what_ends_with_a_day_by_the_clock_of_the_call(place: Elsewhere) -> None:
    review = place.world.application(place.review)
    due = min(at for name, at in review.deadlines.items() if "~" not in name)
    day, hour = day_and_hour(due, "Europe/Copenhagen")
    officer = entered_as(place, R1.id, Role.REVIEW_OFFICER)
    days = [f"/applications?call={CLIMATE.call}&due={day + timedelta(days=n)}" for n in (-1, 0, 1)]
    assert (hour, [review.number in words(shown(officer, path)) for path in days]) == ("24:00", [False, True, False])


def test_the_public_page_tells_its_times_in_both_languages_by_the_clock_of_the_call(place: Elsewhere) -> None:
    application = place.world.application(place.public)
    guest, call = browser(place.office), place.office.call
    objection = f"{place.notice}/{application.number}/objection"
    for path in (place.notice, objection):
        page = shown(guest, path)
        assert (strange(page), "哥本哈根时间 Europe/Copenhagen" in words(page)) == ([], True)
    until = " ".join(map(str, day_and_hour(application.deadlines["public_notice"], call.timezone)))
    assert (until in words(shown(guest, place.notice)), until in words(shown(guest, objection))) == (True, True)
    plain = guest.get(f"{place.notice}.json").json()
    assert {plain["as_at"][-6:], plain["projects"][0]["ends_at"][-6:]} <= {"+01:00", "+02:00"}
    rows = csv.reader(io.StringIO(guest.get(f"{place.notice}.csv").text.removeprefix(BOM)))
    assert "公示截止（哥本哈根时间） until (Europe/Copenhagen)" in next(rows)


def test_tables_of_one_place_are_told_by_its_clock_and_those_of_several_by_the_offices() -> None:
    here, there = load(CLIMATE.call), load(SHANGHAI.call)
    clocks = [instant("at", "时间", "at", *calls).clock for calls in ((here,), (here, here), (here, there), ())]
    assert clocks == [("Europe/Copenhagen", "哥本哈根时间")] * 2 + [OFFICE] * 2


def test_a_late_arrival_is_told_to_the_microsecond_by_the_clock_of_the_call() -> None:
    call = load(CLIMATE.call)
    assert local_micro(call.closes_at, call)[1].endswith(f".000000 {HERE}")


def test_a_form_tells_the_clock_that_it_is_read_by_and_no_other() -> None:
    asked = {one.name: one.wall for one in inputs_of("ProposeExtension", load(CLIMATE.call), {}, ())}
    wall = asked["closes_at"]
    assert wall is not None
    assert (wall.zone, wall.zh, wall.en) == ("Europe/Copenhagen", "哥本哈根时间 Europe/Copenhagen", HERE)


def test_a_page_of_no_call_tells_the_offices_time(place: Elsewhere) -> None:
    officer = entered_as(place, F1.id, Role.FORMAT_OFFICER)
    assert CLOCK.findall(shown(officer, "/account"))[0][:2] == ("Asia/Shanghai", "Asia/Shanghai time")

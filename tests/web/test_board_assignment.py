"""Experts are drawn, asked and replaced without leaving the pages: tried first, recorded, verified, begun."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from states.application import State
from states.experts import Span
from tests.drive import EXPERTS
from tests.web.boarding import BOARDS, OTHERS, READERS, Hall, hall
from tests.web.people import words
from tests.web.test_board_decision import fields_of
from workflow.experts import review_days
from workflow.substitutes import substitutes

PER = "3"


@pytest.fixture
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """Two applications that wait, and seven experts for them."""
    with hall(tmp_path_factory.mktemp("assignment")) as place:
        place.world.format_checked()
        place.world.format_checked()
        place.register()
        yield place


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """The same, for tests that change nothing: one more is under review."""
    with hall(tmp_path_factory.mktemp("still")) as place:
        place.world.in_review()
        place.world.format_checked()
        place.register()
        yield place


def recorded(office: Hall) -> str:
    """Draw and record; the draw's path."""
    tried = office.post("review-1", "/assignment", "/assignment", per=PER, seed="7", attempt="a")
    done = office.post("review-1", "/assignment", "/assignment", **fields_of(tried.text))
    assert done.status_code == 200
    return str(done.url.path).removeprefix(BOARDS)


def test_a_draw_is_tried_recorded_verified_and_begun(office: Hall) -> None:
    head = office.world.ledger.head()
    tried = office.post("review-1", "/assignment", "/assignment", per=PER, seed="", attempt="a")
    told = words(tried.text)
    assert (tried.status_code, "申报件 2 × 3" in told, "回避关系 0" in told) == (200, True, True)
    assert office.world.ledger.head() == head
    fields = fields_of(tried.text)
    assert fields["seed"].isdecimal()
    first, again = (office.post("review-1", "/assignment", "/assignment", **fields) for _ in range(2))
    assert (office.world.ledger.head(), first.url) == (head + 1, again.url)
    path = str(first.url.path).removeprefix(BOARDS)
    assert "结果一致" in words(office.get("auditor", f"{path}?verify=1").text)
    assert "启动评审" not in words(office.get("auditor", path).text)
    begun = office.post("review-1", f"{path}/start", path)
    assert "已按本次抽取启动2件评审" in words(begun.text)
    assert {office.state(name)[0] for name in ("app-0001", "app-0002")} == {State.EXPERT_REVIEW}
    assert office.post("review-1", f"{path}/start", "/money").status_code == 200
    assert office.world.ledger.head() == head + 3


def test_a_draw_that_no_longer_rests_on_what_there_is_is_refused_with_the_clause(office: Hall) -> None:
    tried = office.post("review-1", "/assignment", "/assignment", per=PER, seed="7", attempt="a")
    path = recorded(office)
    office.post("review-1", f"{path}/start", path)
    late = office.post("review-1", "/assignment", "/money", **fields_of(tried.text), again="")
    assert late.status_code in (200, 422)  # the same attempt: what it did stands; nothing is drawn anew
    assert len(re.findall(r'/draws/(\d+)"', office.get("auditor", "/assignment").text)) == 1


def test_too_few_experts_are_told_for_each_application_with_how_many_could_be_asked(office: Hall) -> None:
    office.world.handler.experts.replace(office.world.handler.experts.everyone()[:2])
    answer = office.post("review-1", "/assignment", "/assignment", per=PER, seed="7", attempt="a")
    assert (answer.status_code, "没有一种抽取能让每件都有足够的专家" in answer.text) == (409, True)
    rows = re.findall(
        r'/applications/(app-\d+)">.*?<td class="n">(\d+)</td><td class="n">(\d+)</td><td class="n">(\d+)</td>',
        answer.text,
    )
    assert rows == [("app-0001", "1", "2", "2"), ("app-0002", "1", "2", "2")]


@pytest.mark.parametrize(
    ("fields", "name"),
    [({"per": "0"}, "per"), ({"per": "100"}, "per"), ({"per": "three"}, "per"), ({"seed": "-1"}, "seed"), ({"seed": "9223372036854775808"}, "seed"), ({"seed": "x"}, "seed")],
)  # fmt: skip
def test_a_draw_ill_asked_is_told_at_its_place(still: Hall, fields: dict[str, str], name: str) -> None:
    answer = still.post("review-1", "/assignment", "/assignment", **{"per": PER, "seed": "1", **fields})
    assert (answer.status_code, f'<li data-field="{name}">' in answer.text) == (422, True)
    assert f'value="{fields[name]}"' in answer.text


def test_an_even_number_of_experts_is_refused_with_clause_and_remedy(still: Hall) -> None:
    answer = still.post("review-1", "/assignment", "/assignment", per="4", seed="1", attempt="a")
    assert (answer.status_code, "系统规则14（评审）" in answer.text, "记录本次抽取" in answer.text) == (
        422,
        True,
        False,
    )


@pytest.mark.parametrize("who", READERS)
@pytest.mark.parametrize("path", ["/assignment", "/invitations"])
def test_whoever_reads_all_sees_the_boards_and_only_review_officers_draw(still: Hall, who: str, path: str) -> None:
    page = still.get(who, path)
    draws = "预演抽取" in page.text or "更换</a>" in page.text
    assert (page.status_code, draws) == (200, who.startswith("review"))
    if not who.startswith("review"):
        assert (
            still.post(
                who, path if path == "/assignment" else f"{path}/app-0001/expert-1", "/money", per=PER
            ).status_code
            == 403
        )


@pytest.mark.parametrize("who", OTHERS)
@pytest.mark.parametrize(
    "path",
    [
        "/assignment",
        "/assignment/draws/1",
        "/invitations",
        "/invitations/app-0001/expert-1",
        "/owed",
        "/scores",
        "/scorers",
        "/scorers/scorers.csv",
    ],
)
def test_nobody_else_sees_anything(still: Hall, who: str, path: str) -> None:
    assert still.get(who, path).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/assignment/draws/0",
        "/assignment/draws/x",
        "/invitations/none/expert-1",
        "/invitations/app-0001/expert-9",
        "/invitations/app-0002/expert-1",
        "/invitations/app-0001/%3Cb%3E",
    ],
)
def test_what_is_not_there_is_not_found(still: Hall, path: str) -> None:
    assert still.get("review-1", path).status_code == 404


@pytest.mark.parametrize(
    ("path", "name"),
    [("/assignment?topic=none", "topic"), ("/assignment?offset=x", "offset"), ("/invitations?which=mine", "which"), ("/invitations?offset=-1", "offset"),
     ("/owed?which=%00", "which"), ("/scores?measure=sum", "measure"), ("/scores?direction=x&offset=9", "direction"), ("/scores?which=1", "which"), ("/scorers?offset=1.5", "offset")],
)  # fmt: skip
def test_what_cannot_be_asked_for_is_told(still: Hall, path: str, name: str) -> None:
    answer = still.get("review-1", path)
    assert (answer.status_code, f'<li data-field="{name}">' in answer.text) == (422, True)


def test_invitations_show_answers_and_times_and_what_asks_for_something(still: Hall) -> None:
    page = words(still.get("auditor", "/invitations").text)
    assert "全部 1 待答复 1 已逾期 0 专家不足 0" in page
    assert page.count("未答复") == 3


def test_an_expert_who_declines_is_replaced_by_one_who_may_be_asked(office: Hall) -> None:
    path = recorded(office)
    office.post("review-1", f"{path}/start", path)
    leaving, *stay = office.world.application("app-0001").experts
    who = next(one for one in EXPERTS if one.id == leaving)
    office.world.do("DeclineInvitation", who, "app-0001", reason="出差")
    assert "专家不足 1" in words(office.get("review-1", "/invitations").text)
    form = f"/invitations/app-0001/{leaving}"
    offered = re.findall(r'name="replacement" value="([\w-]+)"', office.get("review-1", form).text)
    assert sorted(offered) == sorted({one.id for one in EXPERTS} - {leaving, *stay})
    for fields in (
        {"replacement": offered[0]},
        {"reason": "出差"},
        {"replacement": "nobody", "reason": "出差"},
        {"replacement": stay[0], "reason": "出差"},
    ):
        wrong = office.post("review-1", form, form, **fields)
        assert (wrong.status_code, "没有任何内容被更改" in words(wrong.text)) == (422, True)
        assert (fields.get("reason", "") in wrong.text) is True
    done = office.post("review-1", form, form, attempt="r", replacement=offered[0], reason="出差")
    assert "已更换并邀请新专家" in words(done.text)
    assert {name: one.status for name, one in office.world.application("app-0001").experts.items()} == {
        leaving: "replaced", **dict.fromkeys(stay, "invited"), offered[0]: "invited",
    }  # fmt: skip
    assert "该专家现在不能更换" in words(office.get("review-1", form).text)


def test_who_is_away_is_told_by_the_calendar_as_it_was_changed(office: Hall) -> None:
    place = office.world
    application = place.application("app-0001")
    last = review_days(place.call, place.handler.calendars.current(place.call.calendar), place.now).last
    away = Span(last + timedelta(days=1), last + timedelta(days=7))
    other = EXPERTS[6].id
    everyone = place.handler.experts.everyone()
    place.handler.experts.replace([one._replace(away=(away,)) if one.id == other else one for one in everyone])

    def told() -> tuple[int, bool]:
        page = words(office.get("auditor", "/assignment").text)
        found = substitutes(place.handler, place.call, application, "", place.now)
        return page.count("现在启动的评审期内不可参加"), other in [one.expert.id for one in found]

    assert told() == (0, True)
    monday = next(day for n in range(1, 8) if (day := place.now.date() + timedelta(days=n)).weekday() == 0)
    place.days_off(monday)
    assert told() == (1, False)

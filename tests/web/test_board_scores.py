"""The scoring overview: who owes what, three measures side by side with ties and disagreement, strict and lenient experts."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from fundcall.web.boards.decision import comparable_measure
from fundcall.web.boards.desk import Query
from tests.drive import DAY, EXPERTS, R1
from tests.web.boarding import Hall, hall
from tests.web.people import words
from workflow.scoring import read_scores, standings


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """Two applications that tie, one about which experts disagree, and one that still waits for a score."""
    with hall(tmp_path_factory.mktemp("scores")) as place:
        world = place.world
        for totals in ((80, 80, 80), (80, 80, 80), (90, 90, 20), (70, 70, 0)):
            application = world.in_review()
            for expert, points in zip(EXPERTS, totals, strict=False):
                world.do("AcceptInvitation", expert, application)
                if points:
                    world.do("SubmitScore", expert, application, points=world.points(points), comment="可行")
        yield place


def test_each_application_has_its_rank_by_every_measure_with_ties_shown(board: Hall) -> None:
    page = board.get("auditor", "/scores").text
    rows = re.findall(r'<tr[^>]*><td><a href="/applications/(app-\d+)">(.*?)</tr>', page, re.DOTALL)
    ranks = {
        name: [words(cell) for cell in re.findall(r'<span class="small soft">(.*?)</span>', row)] for name, row in rows
    }
    assert {name: found[:2] for name, found in ranks.items()} == {
        "app-0001": ["1 =", "2 ="], "app-0002": ["1 =", "2 ="], "app-0003": ["3", "1"], "app-0004": ["—", "—"],
    }  # fmt: skip


def test_disagreement_and_ties_can_be_looked_at_alone(board: Hall) -> None:
    for which, names in (("flagged", ["app-0003"]), ("tied", ["app-0001", "app-0002"])):
        assert (
            re.findall(r'<td><a href="/applications/(app-\d+)">', board.get("auditor", f"/scores?which={which}").text)
            == names
        )
    assert "moves/RecordPanel" in board.get("review-1", "/scores?which=flagged").text
    assert "moves/RecordPanel" not in board.get("auditor", "/scores?which=flagged").text


def test_while_an_expert_has_scored_but_one_nothing_is_ranked_by_z_and_it_is_said_why(board: Hall) -> None:
    call, ledger = board.world.call, board.world.ledger
    read = read_scores(call, ledger)
    asked, alone = Query({}), Query({})
    assert (comparable_measure(asked, standings(call, read), "z"), asked.wrong) == ("z", {})
    assert comparable_measure(alone, standings(call, read[:1]), "z") == "mean"
    assert "评分太少" in alone.wrong["measure"][0]


def test_a_case_shows_the_office_its_amount_scores_and_ranks(board: Hall) -> None:
    page = board.people["review-1"].get("/applications/app-0003").text
    card = page[page.index('<section class="card" id="scores">') :]
    assert words(card[: card.index("</section>")]) == (
        "评分 平均分 66.67 · 名次 3 去极值平均分 90.00 · 名次 1 标准分 +0.471 · 名次 1 分差 70.00 ! 须会议评审"
        " 各专家评分 expert-1 90.00 expert-2 90.00 expert-3 20.00 排序 →"
    )
    assert "申请金额 6,000,000.00 CNY" in words(page)


def test_a_panel_that_has_met_is_no_longer_asked_for(board: Hall) -> None:
    assert "! 须会议评审" in words(board.get("auditor", "/scores").text)
    board.world.do("RecordPanel", R1, "app-0003", votes_for=3, votes_against=0, minutes="会议纪要")
    for path in ("/scores", "/decision"):
        page = words(board.get("review-1", path).text)
        assert ("✓ 会议评审已记录" in page, "! 须会议评审" in page) == (True, False)
    assert "需会议评审 0" in words(board.get("review-1", "/scores").text)


def test_who_owes_a_score_is_told_with_since_when_and_whether_it_is_late(board: Hall) -> None:
    page = words(board.get("review-1", "/owed").text)
    assert ("待交评分 1 逾期 0" in page, "expert-3" in page, "已接受，未评分" in page) == (True, True, True)


def test_strict_and_lenient_experts_are_told_by_account_without_anything_of_a_unit(board: Hall) -> None:
    answer = board.get("auditor", "/scorers")
    assert re.findall(r"<tr><td>(expert-\d)</td>", answer.text) == ["expert-3", "expert-1", "expert-2"]
    assert (answer.text.count('class="dot"'), answer.text.count('role="img"')) == (8, 1)
    table = board.get("auditor", "/scorers/scorers.csv").content.decode()
    assert "expert-3,3,60.00,28.28,20.00,80.00,-23.33" in table
    for application in ("app-0001", "app-0003"):
        found = board.world.application(application)
        assert not {found.unit_code, found.unit_name, found.number, found.title} & set(
            re.split(r"[<>\s,]+", answer.text + table)
        )


def test_a_score_that_is_late_is_told_so(board: Hall) -> None:
    board.world.now += 60 * DAY  # ends every session: the last test
    board.renew("review-1")
    assert "待交评分 1 逾期 1" in words(board.get("review-1", "/owed?which=late").text)

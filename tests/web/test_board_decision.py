"""The decision board: the cut line moves by an address, proposals are tried first and given once, and two officers set the money."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from states.labels import MOVES
from tests.drive import EXPERTS
from tests.web.boarding import BOARDS, OTHERS, READERS, Hall, hall
from tests.web.people import words

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


def scored(place: Hall, points: int) -> str:
    application = place.world.in_review()
    for expert in EXPERTS[:3]:
        place.world.do("AcceptInvitation", expert, application)
        place.world.do("SubmitScore", expert, application, points=place.world.points(points), comment="可行")
    return application


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """Three applications, scored 60, 90 and 80, and money for two."""
    with hall(tmp_path_factory.mktemp("decision")) as place:
        for points in (60, 90, 80):
            scored(place, points // 10)
        place.world.money(2 * int(place.world.profile.form["requested_minor"]))
        yield place


def told(page: str) -> list[tuple[str, str]]:
    """Standings and applications as the table shows them, the cut line among them."""
    rows = re.findall(r'<tr class="(\w+)"><td(?: class="n"|[^>]*)>.*?(?:applications/([\w-]+)"|</tr>)', page, re.DOTALL)
    return [(kind, name) for kind, name in rows if kind != "group"]


def test_the_ranking_is_shown_with_the_cut_line_where_the_money_ends(board: Hall) -> None:
    page = board.get("review-1", "/decision").text
    assert told(page) == [("above", "app-0002"), ("above", "app-0003"), ("cut", ""), ("over", "app-0001")]
    assert "余额 0.00 CNY" in words(page)


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("cut=1", ["above", "cut", "below", "below"]),
        ("cut=0", ["below", "below", "below"]),
        ("cut=3", ["above", "above", "above", "cut"]),
        ("cut=&share=50&measure=trimmed", ["above", "above", "above", "cut"]),
        ("measure=z", ["above", "above", "cut", "over"]),
    ],
)
def test_the_cut_line_moves_as_the_address_says(board: Hall, query: str, kinds: list[str]) -> None:
    assert [kind for kind, _ in told(board.get("auditor", f"/decision?{query}").text)] == kinds


def test_a_line_that_asks_for_too_much_says_so_and_by_how_much(board: Hall) -> None:
    page = words(board.get("auditor", "/decision?cut=3").text)
    assert "此分数线所需资金超过资金总额" in page
    asked = int(board.world.profile.form["requested_minor"]) // 100
    assert f"余额 -{asked:,}.00 CNY" in page


def test_a_line_without_money_says_which_limit_it_would_exceed_and_by_how_much(board: Hall) -> None:
    asked = int(board.world.profile.form["requested_minor"]) // 100
    assert f"将超出资金总额 {asked:,}.00 CNY" in words(board.get("auditor", "/decision").text)


def test_where_one_thing_cannot_be_asked_for_no_cut_line_is_drawn_by_the_rest_and_what_was_typed_stays(
    board: Hall,
) -> None:
    page = board.get("auditor", "/decision?cut=1&share=150").text
    assert told(page) == told(board.get("auditor", "/decision").text)
    assert re.findall(r'name="(?:cut|share)" type="number"[^>]* value="(\d+)"', page) == ["1", "150"]
    assert "按申请额的百分比: 应为 1 至 100 的整数" in words(page)


def test_htmx_takes_the_part_that_moves_alone(board: Hall) -> None:
    part = board.get("auditor", "/decision?cut=1", **{"HX-Request": "true"})
    assert (part.text.lstrip().startswith('<div id="cut-part">'), "<html" in part.text) == (True, False)
    assert part.headers["vary"] == "HX-Request"
    wrong = board.get("auditor", "/decision?cut=x", **{"HX-Request": "true"})
    assert (wrong.status_code, "应为 0 至 1000000 的整数，而不是“x”" in words(wrong.text)) == (200, True)


@pytest.mark.parametrize(
    ("query", "name"),
    [("cut=-1", "cut"), ("cut=1e3", "cut"), ("cut=99999999999999999999", "cut"), ("cut=１", "cut"), ("share=0", "share"), ("share=101", "share"), ("measure=best", "measure"),
     ("direction=%3Cscript%3E", "direction"), ("offset=-5", "offset"), ("offset=" + "9" * 400, "offset"), ("measure=" + "x" * 3000, "measure")],
)  # fmt: skip
def test_what_cannot_be_asked_for_is_told_in_words_and_the_usual_is_shown(board: Hall, query: str, name: str) -> None:
    answer = board.get("auditor", f"/decision?{query}")
    assert answer.status_code == 422
    assert re.search(rf'<li data-field="{name}">', answer.text)
    assert "<script>" not in answer.text.replace("<script src", "")
    assert len(told(answer.text)) == 4


@pytest.mark.parametrize("who", READERS)
def test_whoever_reads_all_sees_it_and_only_review_officers_propose(board: Hall, who: str) -> None:
    page = board.get(who, "/decision")
    assert (page.status_code, "先预演" in page.text) == (200, who.startswith("review"))
    if not who.startswith("review"):
        assert board.post(who, "/decision", "/money", grounds="x").status_code == 403


@pytest.mark.parametrize("who", OTHERS)
@pytest.mark.parametrize("path", ["/decision", "/money", "/decision/runs/" + "0" * 32])
def test_nobody_else_sees_anything(board: Hall, who: str, path: str) -> None:
    assert board.get(who, path).status_code == 403


@pytest.mark.parametrize("fields", [{"grounds": " "}, {"grounds": "x" * 2001}, {"grounds": "x", "cut": "many"}])
def test_proposals_that_are_ill_asked_change_nothing_and_keep_what_was_typed(
    board: Hall, fields: dict[str, str]
) -> None:
    head = board.world.ledger.head()
    answer = board.post("review-1", "/decision", "/decision", **fields)
    assert (answer.status_code, board.world.ledger.head()) == (422, head)
    assert "没有任何内容被更改" in words(answer.text)
    assert fields["grounds"].strip() in answer.text


def test_a_run_that_was_never_given_is_not_found(board: Hall) -> None:
    assert {board.get("auditor", f"/decision/runs/{run}").status_code for run in ("0" * 32, "x", "%25")} == {404}


def test_two_officers_set_the_money_and_each_fault_is_told_at_its_place(board: Hall) -> None:
    form = {"envelope_minor": "1,000,000.00", "quotas.0.awards_max": "7", "reason": "预算调整"}
    for fields, place in (({"envelope_minor": "1.005"}, "envelope_minor"), ({"quotas.0.awards_max": "x"}, "quotas.0.awards_max"), ({"quotas.1.amount_max_minor": "∞"}, "quotas.1.amount_max_minor")):  # fmt: skip
        wrong = board.post("approving-1", "/money", "/money", attempt="w", **{**form, **fields})
        assert (wrong.status_code, f'id="{place}-fault"' in wrong.text, "预算调整" in wrong.text) == (422, True, True)
    nothing = board.post("approving-1", "/money", "/money", attempt="n", envelope_minor="", reason="")
    assert (nothing.status_code, board.world.programme().envelope_proposed) == (422, None)
    refused = board.post("approving-1", "/money", "/money", attempt="r", **{**form, "reason": " "})
    assert (refused.status_code, "没有任何内容被更改" in words(refused.text)) == (422, True)
    assert board.post("approving-1", "/money", "/money", attempt="a", **form).status_code == 200
    unread = board.post("approving-2", "/money/set", "/money", attempt="u")
    assert (unread.status_code, "已不是您看到的那一份" in words(unread.text)) == (409, True)
    (sure,) = re.findall(r'name="sure" value="(\d+)"', unread.text)
    alone = board.post("approving-1", "/money/set", "/money", attempt="b", sure=sure)
    assert (alone.status_code, "须由不同人员办理" in words(alone.text)) == (422, True)
    before = board.world.programme().envelope
    done = board.post("approving-2", "/money/set", "/money", attempt="c", sure=sure)
    assert (done.status_code, "已确定" in words(done.text)) == (200, True)
    after = board.world.programme().envelope
    assert after is not None
    assert before != after
    assert [(q.awards_max, q.amount_max_minor) for q in after.quotas.values()] == [(7, None)]
    assert board.post("review-1", "/money", "/decision", attempt="d", **form).status_code == 403


def fields_of(page: str) -> dict[str, str]:
    """What the last form of a page brings back."""
    return dict(HIDDEN.findall(page.rpartition("<form ")[2]))


def test_proposals_are_tried_then_given_once_and_another_person_decides(board: Hall) -> None:
    board.world.money(2 * int(board.world.profile.form["requested_minor"]))
    head = board.world.ledger.head()
    tried = board.post("review-1", "/decision", "/decision", measure="mean", cut="1", share="100", grounds="综合平衡")
    assert (tried.status_code, board.world.ledger.head()) == (200, head)
    assert "立项 1" in words(tried.text)
    assert "不予立项 2" in words(tried.text)
    fields = fields_of(tried.text)
    moved = board.post("review-1", "/decision", "/decision", **{**fields, "cut": "2"})
    assert (moved.status_code, board.world.ledger.head()) == (409, head)
    assert "看板已有变化" in words(moved.text)
    for _ in range(2):  # a form sent twice is done once
        given = board.post("review-1", "/decision", "/decision", **fields)
        assert (given.status_code, given.url.path) == (200, f"{BOARDS}/decision/runs/{fields['run']}")
        assert "review-1 于" in words(given.text)
        assert board.world.ledger.head() == head + 3
    names = ("app-0001", "app-0002", "app-0003")
    assert [board.state(name)[1] for name in names] == ["decline_proposed", "proposed", "decline_proposed"]
    page = board.get("approving-1", "/decision").text
    assert re.findall(r'moves/(\w+)">', page) == ["PublishProposal", "DeclineApplication", "DeclineApplication"]
    before = words(board.people["approving-1"].get("/applications/app-0002/moves/PublishProposal").text)
    assert ("拟支持金额: 6,000,000.00 CNY" in before, "已公示的内容不能收回" in before) == (True, True)
    lasting = board.people["approving-1"].get("/applications/app-0001/moves/DeclineApplication").text
    assert "只能以新的决定更正" in words(lasting)
    assert "没有可提出的建议" in words(board.post("review-1", "/decision", "/assignment", grounds="x").text)


def test_the_notice_period_is_said_before_it_is_begun_and_nothing_takes_effect_within_it(board: Hall) -> None:
    approving = board.people["approving-1"]
    path = "/applications/app-0002/moves/PublishProposal"
    before = approving.get(path)
    assert re.search(r"办理后起算的期限： 公示 5个工作日 ", words(before.text))
    form = dict(HIDDEN.findall(before.text))
    assert board.state("app-0002")[1] == "proposed"
    assert "已完成" in words(approving.post(path, form, page=path).text)
    early = words(approving.get("/applications/app-0002/moves/ApproveApplication").text)
    assert ("目前还不能办理" in early, "公示" in early) == (True, True)
    case = words(approving.get("/applications/app-0002").text)
    assert re.findall(r"目前还不能办理的事项 \((\d+)\) (\S+) :", case) == [("1", MOVES["ApproveApplication"][0])]

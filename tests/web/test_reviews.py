"""The expert's desk: answering, reading beside scoring, drafts that two windows cannot lose, a score given once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from fundcall.accounts.entrance import Entrance
from fundcall.accounts.people import Account, Post
from fundcall.documents.examiner import Examiner
from fundcall.storage.readings import SqliteReadings
from fundcall.web.score_form import filled, placed
from states.actor import Actor, Role
from tests.api.office import Office, code, ok, open_office
from tests.drive import EXPERTS, F1, R1, world
from tests.filings import SHANGHAI, document
from tests.straight import Client
from tests.web.people import Browser, words

E1, E2 = EXPERTS[:2]
RANDOM = re.compile(r'name="(?:form_token|attempt)" value="\w+(?:-[acd])?"')
NUMBERS = count(1)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, examiner: Examiner) -> Iterator[Office]:
    """One installation for all of these tests, each of which has an application of its own."""
    found = open_office(tmp_path_factory.mktemp("reviews"), examiner)
    with found.client:
        yield found
    found.system.ledger.close()


def at_desk(office: Office, who: Actor = E1) -> Browser:
    """A browser in which somebody without a password is signed in."""
    accounts, now = office.system.accounts, office.clock.at
    accounts.add(Account(who.id, f"{who.id}@example.org", who.id), (Post(who.role, who.unit),), now)
    found = Browser(Client(office.client.app))
    known = accounts.by_id(who.id)
    assert known is not None
    found.client.cookies.set("__Host-fundcall", Entrance(accounts).begin(known, "test", now, second=True))
    return found


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, name
    return found.group(1)


def in_review(office: Office, *experts: Actor) -> str:
    """The page of an application under review by these experts."""
    application = office.submitted(next(NUMBERS))
    ok(office.do(application, "ClaimFormatCheck", F1))
    ok(office.do(application, "PassFormatCheck", F1))
    refs = [{"id": e.id, "unit": e.unit} for e in experts or (E1, E2)]
    ok(office.do(application, "StartReview", R1, experts=refs, seed=7))
    return f"/reviews/{application}"


def accepted(office: Office, *experts: Actor) -> tuple[str, Browser]:
    """The page of an application whose first expert has accepted, and the expert's browser."""
    page, first = in_review(office, *experts), (experts or (E1,))[0]
    ok(office.do(page.rpartition("/")[2], "AcceptInvitation", first))
    return page, at_desk(office, first)


def score(office: Office, points: int = 3, **over: str) -> dict[str, str]:
    return {f"points.{c.id}": str(points) for c in office.call.rubric} | {"comment": "可行", **over}


def draft(office: Office, page: str) -> Any:
    kept = office.get(f"/api/v1/applications/{page.rpartition('/')[2]}/score-draft", E1)
    return kept.json() if kept.status_code == 200 else kept.status_code


def events(office: Office, page: str) -> list[str]:
    return [one.type for one in office.system.ledger.stored(application=page.rpartition("/")[2])]


def test_the_first_page_of_an_expert_lists_what_is_asked_and_what_is_done(office: Office) -> None:
    first, second = EXPERTS[3:5]
    page, expert = accepted(office, first, second)
    other = at_desk(office, second)
    assert "待评分 1" in words(expert.get("/").text)
    assert "评审邀请 1" in words(other.get("/").text)
    office.clock.at += timedelta(seconds=1)
    expert.post(f"{page}/draft", score(office, comment=""), page=page)
    assert "草稿保存于" in words(expert.get("/reviews").text)
    ok(
        office.do(
            page.rpartition("/")[2], "SubmitScore", first, points={c.id: 3 for c in office.call.rubric}, comment="x"
        )
    )
    assert "已评分 1" in words(expert.get("/reviews").text)


def test_an_invitation_is_accepted_only_by_who_declares_no_tie(office: Office) -> None:
    page = in_review(office)
    expert = at_desk(office)
    shown = expert.get(page).text
    assert [tie for tie in ("同一单位", "近期有合作", "专家事先申明") if tie not in words(shown)] == []
    given = {"answer": "AcceptInvitation", "attempt": "1"}
    assert expert.post(f"{page}/answer", given, page=page).status_code == 422
    for _ in range(2):  # pressed twice
        answer = expert.post(f"{page}/answer", {**given, "untied": "yes"}, page=page)
        assert (answer.status_code, "已完成: 接受评审邀请" in words(answer.text)) == (200, True)
    assert events(office, page).count("InvitationAccepted") == 1


def test_a_conflict_is_declared_by_its_kind_and_the_review_is_left(office: Office) -> None:
    page, expert = accepted(office)
    given = {"answer": "DeclareConflict", "attempt": "2", "tie": "cooperation", "reason": "去年合著论文"}
    assert "您已退出该申报件的评审" in words(expert.post(f"{page}/answer", given, page=page).text)
    stored = list(office.system.ledger.stored(application=page.rpartition("/")[2]))[-1]
    assert (stored.type, "近期有合作 recent co-operation：去年合著论文" in stored.body.decode()) == (
        "ConflictDeclared",
        True,
    )


def test_who_has_declared_a_conflict_reads_the_application_no_more_not_even_as_it_stood_before(office: Office) -> None:
    page, expert = in_review(office), at_desk(office)
    before, application = office.clock.at, page.rpartition("/")[2]
    office.clock.at += timedelta(minutes=1)
    expert.post(f"{page}/answer", {"answer": "DeclareConflict", "tie": "other", "attempt": "x"}, page)
    assert (expert.get(page).status_code, expert.get(f"{page}/documents/1").status_code) == (403, 403)
    path, headers = f"/api/v1/applications/{application}", office.headers(E1)
    asked = [path, f"{path}/history", f"{path}/dossier.pdf", f"{path}?as_of={quote(before.isoformat())}"]
    assert [code(office.client.get(one, headers=headers)) for one in asked] == [(403, "not_assigned")] * 4


def test_declining_without_a_reason_is_refused_and_nothing_typed_is_lost(office: Office) -> None:
    page, expert = accepted(office)
    answer = expert.post(f"{page}/answer", {"answer": "DeclineInvitation", "attempt": "3", "reason": " "}, page=page)
    assert (answer.status_code, "没有任何内容被更改" in words(answer.text)) == (422, True)
    answer = expert.post(f"{page}/answer", {"answer": "Nonsense", "attempt": "4"}, page=page)
    assert answer.status_code == 404


def test_a_draft_is_kept_as_it_is_typed_and_its_total_told(office: Office) -> None:
    page, expert = accepted(office)
    first = office.call.rubric[0]
    given = {"saved": "", f"points.{first.id}": "4", "comment": "半"}
    headers = {"HX-Request": "true", "HX-Target": "kept"}
    part = expert.post(f"{page}/draft", given, page=page, **headers)
    assert (part.text.strip()[:15], draft(office, page)["points"]) == ('<div id="kept" ', {first.id: 4})
    total = office.call.weighted_ppm({first.id: 4}) / 10_000
    assert f"目前加权总分: {total:g} / 100" in words(part.text)
    again = expert.get(page).text
    assert ('value="4"' in again, "半</textarea>" in again) == (
        True,
        True,
    )


def test_what_is_off_the_scale_is_told_and_the_rest_is_kept(office: Office) -> None:
    page, expert = accepted(office)
    first, *_ = office.call.rubric
    for text in ("99", "-1", "abc", "1.5", "9" * 50, "٣", "²", "1_0", "+3"):
        office.clock.at += timedelta(seconds=1)
        given = {
            "saved": "",
            "over": hidden(expert.get(page).text, "saved"),
            f"points.{first.id}": text,
            "comment": "好",
        }
        answer = expert.post(f"{page}/draft", given, page=page)
        assert (answer.status_code, f'value="{text}"' in answer.text) == (422, True)
        assert draft(office, page) == {"points": {}, "comment": "好", "comments": {}}


def test_two_windows_do_not_overwrite_each_other_unless_told_to(office: Office) -> None:
    page, expert = accepted(office)
    saved = hidden(expert.get(page).text, "saved")
    expert.post(f"{page}/draft", {"saved": saved, "comment": "第一窗口"}, page=page)
    office.clock.at += timedelta(seconds=5)
    lost = expert.post(f"{page}/draft", {"saved": saved, "comment": "第二窗口"}, page=page)
    assert (lost.status_code, "第二窗口" in lost.text, draft(office, page)["comment"]) == (409, True, "第一窗口")
    asked = expert.post(f"{page}/score", {**score(office), "saved": saved}, page=page)
    assert (asked.status_code, draft(office, page)["comment"]) == (409, "第一窗口")
    kept = expert.post(f"{page}/draft", {"saved": saved, "over": hidden(lost.text, "over"), "comment": "第二窗口"}, page=page)  # fmt: skip
    assert (kept.status_code, draft(office, page)["comment"]) == (200, "第二窗口")


def test_a_score_is_asked_for_twice_and_given_once(office: Office) -> None:
    page, expert = accepted(office)
    sure = expert.post(f"{page}/score", {**score(office), "saved": ""}, page=page)
    assert ("确认提交评分" in words(sure.text), events(office, page).count("ScoreSubmitted")) == (True, 0)
    given = {**score(office), "attempt": hidden(sure.text, "attempt")}
    first, receipt = (expert.post(f"{page}/sure", given, page="/reviews") for _ in range(2))  # a double click
    assert ("台账位置" in words(first.text), "台账位置" in words(receipt.text)) == (True, True)
    assert events(office, page).count("ScoreSubmitted") == 1
    stored = list(office.system.ledger.stored(application=page.rpartition("/")[2]))[-1]
    assert stored.leaf.hex() in receipt.text
    late = expert.post(f"{page}/draft", {"saved": "", "comment": "另一窗口"}, page="/reviews")
    assert (late.status_code, "另一窗口" in late.text) == (409, True)
    other = expert.post(f"{page}/sure", {**score(office, 1), "attempt": "another"}, page="/reviews")
    assert (other.status_code, events(office, page).count("ScoreSubmitted")) == (422, 1)


def test_what_a_score_lacks_is_said_at_its_place_and_kept_as_a_draft(office: Office) -> None:
    page, expert = accepted(office)
    answer = expert.post(f"{page}/score", {**score(office, comment=""), "saved": ""}, page=page)
    assert (answer.status_code, 'id="comment-fault"' in answer.text) == (422, True)
    assert draft(office, page)["points"] == {c.id: 3 for c in office.call.rubric}


def test_each_fault_of_a_score_is_told_once_beside_its_input_with_a_way_to_it(office: Office) -> None:
    page, expert = accepted(office)
    first, *others = office.call.rubric
    answer = expert.post(f"{page}/score", {f"points.{first.id}": "99", "saved": ""}, page=page)
    wanted = [f"points.{first.id}", *(f"points.{c.id}" for c in others), "comment"]
    assert answer.status_code == 422
    assert re.findall(r'id="([\w.]+)-fault"', answer.text) == wanted
    assert re.findall(r'<a href="#([\w.]+)">', answer.text) == wanted
    told = words(answer.text)
    assert (told.count("应为 0 至 10 的整数，未保存此项"), told.count("“总体意见”不能为空")) == (1, 1)


def test_a_comment_that_a_criterion_asks_for_is_told_together_with_all_else() -> None:
    call = world(SHANGHAI.call).call
    asking = replace(call, rubric=tuple(replace(c, comment=c.id == "impact") for c in call.rubric))
    given = filled(asking, {"points.innovation": "80", "points.impact": "7"})
    assert list(placed((), asking, given)) == ["points.feasibility", "points.budget", "comment", "comments.impact"]


def test_what_a_draft_is_told_comes_beside_its_input_and_is_taken_back_there(office: Office) -> None:
    page, expert = accepted(office)
    first, second = (f"points.{c.id}" for c in office.call.rubric)
    headers = {"HX-Request": "true", "HX-Target": "kept"}
    part = expert.post(f"{page}/draft", {"saved": "", first: "99", second: "4"}, page=page, **headers).text
    assert re.findall(r'<div id="said-([\w.]+)" hx-swap-oob="true">(<p class="fault")?', part) == [
        (first, '<p class="fault"'),
        (second, ""),
    ]
    assert (part.count("未保存此项"), re.findall(r'<a href="#([\w.]+)">', part)) == (1, [first])


def test_a_late_score_is_still_taken_and_told_to_be_late(examiner: Examiner, tmp_path: Path) -> None:
    office = open_office(tmp_path, examiner)
    page, expert = accepted(office)
    assert "已逾期" not in words(expert.get(page).text)
    application = office.system.ledger.transact(lambda t: t.application(page.rpartition("/")[2]))
    assert application is not None
    office.clock.at = application.deadlines["score"]
    office.sweep()
    expert = at_desk(office)
    assert "已逾期" in words(expert.get(page).text)
    sure = expert.post(f"{page}/score", {**score(office), "saved": ""}, page=page)
    expert.post(f"{page}/sure", {**score(office), "attempt": hidden(sure.text, "attempt")}, page=page)
    assert events(office, page).count("ScoreSubmitted") == 1
    office.system.ledger.close()


def test_a_score_that_was_given_back_comes_with_the_reason_and_what_was_given(office: Office) -> None:
    page, expert = accepted(office)
    name = page.rpartition("/")[2]
    ok(office.do(name, "SubmitScore", E1, points={c.id: 3 for c in office.call.rubric}, comment="最初的意见"))
    ok(office.do(name, "ReopenScore", R1, expert=E1.id, reason="请补充理由"))
    shown = expert.get(page).text
    assert ("请补充理由" in shown, "最初的意见</textarea>" in shown) == (True, True)
    assert "请补充理由" not in at_desk(office, E2).get(page).text


def test_a_document_is_opened_where_the_call_lets_experts(office: Office) -> None:
    page, expert = accepted(office)
    answer = expert.get(f"{page}/documents/1")
    assert (answer.status_code, answer.content[:5], answer.headers["content-type"]) == (
        200,
        b"%PDF-",
        "application/pdf",
    )
    assert answer.headers["content-disposition"] == 'attachment; filename="plan-1.pdf"'
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert {expert.get(f"{page}/documents/{n}").status_code for n in ("0", "2", "x", "-1", "9" * 5000)} == {404}
    (_, last), *_ = SqliteReadings(office.system.ledger).find(limit=1)
    assert (last.actor, last.what, last.item) == (E1.id, "reviews/documents", "1")


def test_who_is_not_assigned_finds_nothing(office: Office) -> None:
    page, _ = accepted(office)
    stranger = at_desk(office, EXPERTS[5])
    assert stranger.get(page).status_code == 404
    for step in ("answer", "draft", "score", "sure"):
        assert stranger.post(f"{page}/{step}", {"answer": "AcceptInvitation"}, page="/reviews").status_code == 404
    li = at_desk(office, Actor("li", Role.APPLICANT, office.unit().unit))
    assert (li.get(page).status_code, li.get("/reviews").status_code) == (403, 403)


def in_blind_review(office: Office, n: int, unit: str) -> str:
    """An application of the blind call whose unit has put its name wherever it could."""
    place = world(SHANGHAI.call, office.system.ledger)
    place.units, name = n, "app-blind"
    code = place.profile.unit_code(n)
    by = Actor(f"unit-{code}", Role.APPLICANT, code)
    place.do("CreateDraft", by, name, unit_code=code, unit_name=unit, unit_kind=place.profile.unit_kind,
             contacts=place.profile.contacts)  # fmt: skip
    place.do("EditDraft", by, name, form={**place.profile.form, "title": f"{unit}（{code}）的项目"})
    extra = document("evidence", f"{unit}-{code}.pdf", seal_subject=unit)
    for one in (*place.profile.documents, extra):
        place.documents.put(one)
        place.do("AddDocument", by, name, material=one.material, name=one.name, sha256=one.sha256)
    place.do("SubmitApplication", by, name)
    place.do("ClaimFormatCheck", F1, name)
    place.do("PassFormatCheck", F1, name)
    place.do("StartReview", R1, name, experts=place.experts(), seed=1, reason=f"{unit}指定")
    place.do("AcceptInvitation", E1, name)
    office.clock.at = place.now + timedelta(hours=1)
    return name


def test_what_a_call_keeps_from_experts_is_named_with_its_reason(
    office: Office, examiner: Examiner, tmp_path: Path
) -> None:
    open_one = at_desk(office).get(in_review(office)).text
    assert ("本次评审不向专家提供的内容" in open_one, "· 单位unit-" in words(open_one)) == (
        False,
        True,
    )  # it opens all there is
    blind = open_office(tmp_path, examiner)
    page = at_desk(blind).get(f"/reviews/{in_blind_review(blind, 1, '申报单位甲')}").text
    card = re.search(r'<div class="card" id="withheld">(.*?)</div>', page, re.DOTALL)
    assert card is not None
    assert words(card.group(1)).split() == [
        "本次为匿名评审，专家不应知道由哪家单位申报：不显示单位的名称、代码和类型，也不显示文件名称和签章主体；文字中出现单位名称处，以〔申报单位〕代替。",
        "下列材料可能显示申报单位，不向任何专家提供：",
        *("项目申报书", "营业执照或法人证书", "审计报告", "产权证明（软件著作权、专利、合同等）"),
        *("营收、用户数等指标证明（附件2各方向）", "自筹资金证明", "承诺书", "其他证明材料"),
        "这些材料已由形式审查查看，您看不到并不表示缺件。各项评分请以本页所示内容为准。",
    ]
    blind.system.ledger.close()


def test_two_worlds_that_differ_in_the_unit_alone_give_an_expert_the_same_pages(
    tmp_path_factory: pytest.TempPathFactory, examiner: Examiner
) -> None:
    seen = []
    for n, unit in ((1, "申报单位甲"), (7, "上海某某大学附属研究院")):
        office = open_office(tmp_path_factory.mktemp("blind"), examiner)
        page = f"/reviews/{in_blind_review(office, n, unit)}"
        expert = at_desk(office)
        answers = [expert.get(path) for path in ("/reviews", page, page.replace("reviews", "applications"))]
        answers.append(expert.post(f"{page}/draft", {"saved": "", "comment": "好"}, page=page))
        answers += [expert.get(f"{page}/documents/{k}") for k in range(1, 5)]
        assert [unit in one.text for one in answers] == [False] * len(answers)
        seen.append([(one.status_code, RANDOM.sub("", one.text)) for one in answers])
        office.system.ledger.close()
    assert seen[0] == seen[1]

"""The changes of a call by their board: two officers, each step read with what it leads to before it is taken, and taken once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields as fields_of
from datetime import date
from pathlib import Path

import pytest

from fundcall.calls.calendars import china
from fundcall.web.boards.changes import SUBJECTS
from states.commands import PROGRAMME_COMMANDS
from states.labels import FIELDS, MOVES
from tests.drive import A1, A2, DAY, beijing
from tests.web.boarding import OTHERS, READERS, Hall, hall
from tests.web.people import words

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
LONGER = {"closes_at": "2025-09-25T16:00", "reason": "系统故障", "evidence": "监控记录"}
ERRATUM = {"clause": "四(二)1", "before": "16时前", "after": "16时（不含）前", "reason": "表述不清"}
DAYS = {
    "days_off.0": "2025-09-15",
    "days_off.1": "2025-09-16",
    "days_worked.0": "2025-09-20",
    "basis": "国务院办公厅通知",
}


@contextmanager
def friday(folder: Path) -> Iterator[Hall]:
    """Two drafts and one returned for correction, on a Friday at noon."""
    with hall(folder, china(2025)) as found:
        for make in (found.world.draft, found.world.draft, found.world.returned):
            make()
        found.world.at(beijing("2025-09-12T12:00"))
        for who in found.people:
            found.renew(who)
        yield found


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Hall]:
    with friday(tmp_path / "data") as found:
        yield found


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """One in which a correction is proposed and nothing else is changed."""
    with friday(tmp_path_factory.mktemp("still")) as found:
        found.world.do_call("ProposeErratum", A1, **ERRATUM)
        yield found


def filled(place: Hall, who: str, name: str, fields: Mapping[str, str]) -> dict[str, str]:
    """The form of a step as it is sent."""
    return {**dict(HIDDEN.findall(place.get(who, f"/changes/{name}").text.rpartition("<form ")[2])), **fields}


def read_again(text: str) -> dict[str, str]:
    """What the form that comes back for a second look brings with it."""
    return dict(HIDDEN.findall(text.rpartition("<form ")[2]))


def proposed(place: Hall, name: str, fields: Mapping[str, str], who: str = "approving-1") -> str:
    """What is shown before a proposal is made; it is made then."""
    path = f"/changes/{name}"
    shown = place.post(who, path, path, **filled(place, who, name, fields))
    assert (shown.status_code, "再核对一遍" in words(shown.text)) == (200, True), words(shown.text)
    done = place.post(who, path, path, **{**fields, **read_again(shown.text)})
    assert (done.status_code, done.url.path.endswith("/changes")) == (200, True), words(done.text)
    return words(shown.text)


def confirmed(place: Hall, name: str, who: str = "approving-2") -> str:
    path = f"/changes/{name}"
    form = filled(place, who, name, {})
    before = words(place.get(who, path).text)
    done = place.post(who, path, path, **form)
    assert (done.status_code, done.url.path.endswith("/changes")) == (200, True), words(done.text)
    return before


def stream(place: Hall) -> list[str]:
    return [one.type for one in place.world.ledger.stored(application=place.world.call_id)]


def test_two_officers_keep_the_window_open_for_all(place: Hall) -> None:
    foreseen = proposed(place, "ProposeExtension", LONGER)
    told = "申报截止时间由 2025-09-22 16:00 北京时间 Asia/Shanghai 改为 2025-09-25 16:00 北京时间 Asia/Shanghai"
    counts = ("2件草稿适用新的截止时间", "0件逾期未提交的草稿恢复为可提交")
    assert [one in foreseen for one in (told, *counts)] == [True] * 3
    assert stream(place) == ["ExtensionProposed"]
    read = confirmed(place, "ExtendWindow")
    assert [one in read for one in (told, *counts, "系统故障", "approving-1")] == [True] * 5
    assert place.world.programme().closes_at == beijing("2025-09-25T16:00")
    page = words(place.get("auditor", "/changes").text)
    assert re.search(r"申报截止 2025-09-25 16:00 北京时间 Asia/Shanghai", page)
    assert re.search(r"原为 2025-09-22 16:00 .* 系统故障 .* 提议 approving-1 确认 approving-2 · 2025-09-12 12:00", page)
    assert "正在逐件落实到申报件" in page
    place.world.after(seconds=1)
    assert "正在逐件落实到申报件" not in words(place.get("auditor", "/changes").text)


def told_of(place: Hall, board: str) -> list[str]:
    """Who is told on the first page of what waits on a board."""
    place.synchronise()
    link = f'<p><a href="/boards/{place.world.call_id}/{board}">'
    return [name for name, browser in place.people.items() if link in browser.get("/").text]


def test_the_other_approving_officer_alone_is_told_on_the_first_page_what_waits(place: Hall) -> None:
    place.world.do_call("ProposeErratum", A1, **ERRATUM)
    assert (told_of(place, "changes"), told_of(place, "money")) == (["approving-2"], [])
    place.world.do_call("PublishErratum", A2)
    place.world.do_call("ProposeEnvelope", A2, envelope_minor=5, reason="年度预算")
    assert (told_of(place, "changes"), told_of(place, "money")) == ([], ["approving-1"])


def test_a_draft_that_lapsed_is_counted_among_those_that_can_be_filed_again(place: Hall) -> None:
    place.world.at(place.world.call.closes_at + DAY)
    place.renew("approving-1")
    foreseen = proposed(place, "ProposeExtension", {**LONGER, "closes_at": "2025-09-28T16:00"})
    assert "0件草稿适用新的截止时间" in foreseen
    assert "2件逾期未提交的草稿恢复为可提交" in foreseen


def test_two_officers_correct_the_notice_and_everybody_reads_it(place: Hall) -> None:
    foreseen = proposed(place, "ProposeErratum", {**ERRATUM, "after": "16时\n（不含）前 <b>"})
    assert ("以邮件告知2件草稿的单位" in foreseen, "以邮件告知1件退回补正申报件的单位" in foreseen) == (True, True)
    confirmed(place, "PublishErratum")
    page = place.get("auditor", "/changes")
    assert ("第1号更正" in words(page.text), "（不含）前 &lt;b&gt;" in page.text) == (True, True)
    assert "（不含）前" in words(place.people["auditor"].get("/public/calls/shanghai-ai-plus-2025/notice").text)
    assert stream(place) == ["ErratumProposed", "ErratumPublished"]


def test_two_officers_change_working_days_and_read_first_which_deadlines_move(place: Hall) -> None:
    foreseen = proposed(place, "ProposeCalendar", DAYS)
    days = "2025-09-15 周一 工作日 休息日 2025-09-16 周二 工作日 休息日 2025-09-20 周六 休息日 工作日"
    moves = "1件申报件的期限顺延，并以邮件告知当事人： 补正 1"
    assert (days in foreseen, moves in foreseen) == (True, True)
    confirmed(place, "AmendCalendar")
    programme = place.world.programme()
    off, worked = sorted(programme.days_off), sorted(programme.days_worked)
    assert (off, worked) == ([date(2025, 9, 15), date(2025, 9, 16)], [date(2025, 9, 20)])
    page = words(place.get("auditor", "/changes").text)
    assert "另定休息 2025-09-15 周一 · 2025-09-16 周二 另定上班 2025-09-20 周六" in page


def test_a_day_that_is_off_already_is_told_to_change_nothing(place: Hall) -> None:
    foreseen = proposed(place, "ProposeCalendar", {"days_off.2": "2025-09-13", "basis": "通知"})
    assert ("周六 休息日 休息日 （与现在相同）" in foreseen, "现有期限均不变动" in foreseen) == (True, True)


@pytest.mark.parametrize(
    ("propose", "confirm", "fields"),
    [("ProposeExtension", "ExtendWindow", LONGER), ("ProposeErratum", "PublishErratum", ERRATUM), ("ProposeCalendar", "AmendCalendar", DAYS)],
)  # fmt: skip
def test_who_proposed_cannot_confirm_and_reads_why_and_what_to_do(
    place: Hall, propose: str, confirm: str, fields: Mapping[str, str]
) -> None:
    assert f"应先“{MOVES[propose][0]}”" in words(place.get("approving-2", f"/changes/{confirm}").text)
    proposed(place, propose, fields)
    page = place.get("approving-1", "/changes")
    assert ("须由不同人员办理" in words(page.text), f"/changes/{confirm}" in page.text) == (True, False)
    form = place.get("approving-1", f"/changes/{confirm}").text
    assert ("系统规则5（职责分离）" in words(form), "请由另一位有权人员办理" in words(form)) == (True, True)
    (at,) = [one.position for one in place.world.ledger.stored(application=place.world.call_id)]
    forced = place.post("approving-1", f"/changes/{confirm}", "/changes/ProposeErratum", attempt="x", sure=str(at))
    assert (forced.status_code, "没有任何内容被更改" in words(forced.text), len(stream(place))) == (422, True, 1)
    place.people["approving-1"].in_english()
    english = words(place.get("approving-1", f"/changes/{confirm}").text)
    assert "Let another authorised person do it." in english
    assert f"/changes/{confirm}" in place.get("approving-2", "/changes").text


def test_a_proposal_and_a_confirmation_sent_twice_are_done_once(place: Hall) -> None:
    path = "/changes/ProposeErratum"
    shown = place.post("approving-1", path, path, **filled(place, "approving-1", "ProposeErratum", ERRATUM))
    form = {**ERRATUM, **read_again(shown.text)}
    assert [place.post("approving-1", path, path, **form).status_code for _ in range(2)] == [200, 200]
    path = "/changes/PublishErratum"
    form = filled(place, "approving-2", "PublishErratum", {})
    answers = [place.post("approving-2", path, "/changes/ProposeErratum", **form) for _ in range(2)]
    assert [(one.status_code, one.url.path.endswith("/changes")) for one in answers] == [(200, True)] * 2
    assert stream(place) == ["ErratumProposed", "ErratumPublished"]


def test_what_is_confirmed_is_what_was_read(place: Hall) -> None:
    proposed(place, "ProposeExtension", LONGER)
    seen = filled(place, "approving-2", "ExtendWindow", {})
    assert "approving-1 的提议正待确认" in words(place.get("approving-1", "/changes/ProposeExtension").text)
    proposed(place, "ProposeExtension", {**LONGER, "closes_at": "2025-10-25T16:00"})
    other = place.post("approving-2", "/changes/ExtendWindow", "/changes", **seen)
    assert (other.status_code, "已不是您看到的那一份" in words(other.text)) == (409, True)
    assert place.world.programme().closes_at is None
    done = place.post("approving-2", "/changes/ExtendWindow", "/changes", **read_again(other.text))
    assert (done.status_code, place.world.programme().closes_at) == (200, beijing("2025-10-25T16:00"))


@pytest.mark.parametrize(
    ("name", "fields", "at"),
    [("ProposeExtension", {**LONGER, "closes_at": "soon"}, "closes_at"), ("ProposeExtension", {**LONGER, "closes_at": ""}, "closes_at"),
     ("ProposeExtension", {**LONGER, "closes_at": "2025-09-22T16:00"}, "closes_at"), ("ProposeExtension", {**LONGER, "evidence": " "}, "evidence"),
     ("ProposeErratum", {**ERRATUM, "after": ERRATUM["before"]}, "after"), ("ProposeErratum", {**ERRATUM, "clause": ""}, "clause"),
     ("ProposeCalendar", {"basis": "通知"}, "days_off"), ("ProposeCalendar", {**DAYS, "days_off.2": "31.9.2025"}, "days_off.2"),
     ("ProposeCalendar", {"days_worked.1": "x", "basis": "通知"}, "days_worked.1"), ("ProposeCalendar", {**DAYS, "days_off.0": "2025-09-12"}, "days_off"),
     ("ProposeCalendar", {**DAYS, "basis": ""}, "basis")],
)  # fmt: skip
def test_a_fault_stands_at_its_field_and_what_was_typed_stays(
    still: Hall, name: str, fields: Mapping[str, str], at: str
) -> None:
    path = f"/changes/{name}"
    answer = still.post("approving-1", path, path, **filled(still, "approving-1", name, fields))
    assert (answer.status_code, f'id="{at}-fault"' in answer.text, stream(still)) == (422, True, ["ErratumProposed"])
    typed = [value for value in fields.values() if value.strip() and value not in answer.text]
    assert ("没有任何内容被更改" in words(answer.text), typed) == (True, [])


@pytest.mark.parametrize("closes_at", ["", "soon", "2025-09-01T16:00"])
def test_all_that_is_wrong_with_a_proposal_is_told_in_one_answer(still: Hall, closes_at: str) -> None:
    path, fields = "/changes/ProposeExtension", {"closes_at": closes_at, "reason": "", "evidence": " "}
    answer = still.post("approving-1", path, path, **filled(still, "approving-1", "ProposeExtension", fields))
    assert re.findall(r'id="(\w+)-fault"', answer.text) == ["closes_at", "reason", "evidence"]


@pytest.mark.parametrize("who", READERS)
def test_whoever_reads_all_sees_it_and_only_approving_officers_change_it(still: Hall, who: str) -> None:
    page = still.get(who, "/changes")
    may = who.startswith("approving")
    assert (page.status_code, "表述不清" in page.text, "提议更正通知 …" in page.text) == (200, True, may)
    assert ("须由另一名审批人确认" in page.text) is not may
    if not may:
        for name in ("ProposeErratum", "PublishErratum"):
            assert still.get(who, f"/changes/{name}").status_code == 403
            assert still.post(who, f"/changes/{name}", "/changes", attempt="x", **ERRATUM).status_code == 403


@pytest.mark.parametrize("who", OTHERS)
def test_nobody_else_sees_anything(still: Hall, who: str) -> None:
    assert {still.get(who, path).status_code for path in ("/changes", "/changes/ExtendWindow")} == {403}


def test_no_other_command_is_given_here(still: Hall) -> None:
    for name in ("SetEnvelope", "PublishCall", "TellExtension", "x"):
        assert still.get("approving-1", f"/changes/{name}").status_code == 404
        assert still.post("approving-1", f"/changes/{name}", "/changes", attempt="x").status_code == 404


def test_every_step_and_every_field_of_it_has_its_words() -> None:
    steps = [name for one in SUBJECTS.values() for name in (one.propose, one.confirm)]
    assert set(steps) - MOVES.keys() == set()
    assert {f.name for name in steps for f in fields_of(PROGRAMME_COMMANDS[name])} - FIELDS.keys() == set()


def taking_back(place: Hall, who: str, of: str, **fields: str) -> tuple[int, str]:
    """Take a proposal back by the form of its page; the answer's status and words."""
    path = f"/withdraw/{of}"
    shown = dict(HIDDEN.findall(place.get(who, path).text.rpartition("<form ")[2]))
    answer = place.post(who, path, path, **{**shown, **fields})
    return answer.status_code, words(answer.text)


def test_either_officer_takes_a_proposal_back_and_the_page_keeps_who_and_why(place: Hall) -> None:
    proposed(place, "ProposeExtension", LONGER)
    assert "/withdraw/ProposeExtension" in place.get("approving-1", "/changes").text
    status, text = taking_back(place, "approving-1", "ProposeExtension", reason=" ")
    assert (status, "没有任何内容被更改" in text, "请填写理由" in text) == (422, True, True)
    status, text = taking_back(place, "approving-2", "ProposeExtension", reason="日期有误")
    assert (status, "收回提议：提议延长申报时间" in text, "收回 approving-2" in text) == (200, True, True)
    assert ("日期有误" in text, "待确认" in text) == (True, False)
    assert stream(place) == ["ExtensionProposed", "ChangeWithdrawn"]
    assert "没有待确认的此项提议" in words(place.get("approving-1", "/withdraw/ProposeExtension").text)


def test_what_is_taken_back_is_what_was_read(place: Hall) -> None:
    proposed(place, "ProposeErratum", ERRATUM)
    path = "/withdraw/ProposeErratum"
    seen = dict(HIDDEN.findall(place.get("approving-2", path).text.rpartition("<form ")[2]))
    proposed(place, "ProposeErratum", {**ERRATUM, "after": "17时前"})
    other = place.post("approving-2", path, path, **{**seen, "reason": "有误"})
    assert (other.status_code, "已不是您看到的那一份" in words(other.text)) == (409, True)
    assert stream(place) == ["ErratumProposed", "ErratumProposed"]


def test_a_close_in_another_century_is_refused_with_what_to_check(place: Hall) -> None:
    form = filled(place, "approving-1", "ProposeExtension", {**LONGER, "closes_at": "9999-12-31T16:00"})
    refused = place.post("approving-1", "/changes/ProposeExtension", "/changes/ProposeExtension", **form)
    told = ("2027-12-31" in words(refused.text), "请核对年份" in words(refused.text))
    assert (refused.status_code, told, stream(place)) == (422, (True, True), [])


def test_a_longer_window_says_by_how_many_days(place: Hall) -> None:
    assert "共延长3天" in proposed(place, "ProposeExtension", LONGER)

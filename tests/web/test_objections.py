"""Anybody may object by real name while the notice runs; who it was reaches neither the unit nor the ledger's bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from fundcall.documents.examiner import Examiner
from states.actor import Actor, Role
from tests.api.office import code, ok
from tests.drive import A2
from tests.filings import CLIMATE
from tests.web.people import Browser, browser, words
from tests.web.publishing import Place, publishing

WHO = {"name": "李子虚", "email": "li@zixu.example", "address": "上海市虚构路1号", "phone": "13900000000"}
GROUNDS = "该项目与已有项目重复，\n见附件。"


@pytest.fixture
def place(tmp_path: Path, examiner: Examiner) -> Iterator[Place]:
    with publishing(tmp_path / "data", examiner) as found:
        yield found


def number(place: Place, application: str) -> str:
    return place.world.application(application).number


def objection(place: Place, application: str) -> str:
    return f"{place.notice}/{number(place, application)}/objection"


def asked(people: Browser, page: str, **over: str) -> tuple[Any, dict[str, str]]:
    """What comes of the form filled in as a browser without JavaScript does, before it is confirmed; and what was sent."""
    key = re.search(r'name="key" value="(\w+)"', people.get(page).text)
    assert key is not None
    given = {**WHO, "grounds": GROUNDS, "key": key[1], **over}
    return people.post(page, given, page), given


def filled(people: Browser, page: str, **over: str) -> Any:
    """The same, confirmed where that is asked for."""
    answer, given = asked(people, page, **over)
    sure = re.search(r'name="sure" value="(\w+)"', answer.text)
    return people.post(page, {**given, "sure": sure[1]}, page) if sure else answer


def interface(place: Place, application: str, key: str = "", **over: Any) -> Any:
    path = f"/calls/{CLIMATE.call}/notice/{number(place, application)}/objections"
    return place.office.post(path, None, {"objector": WHO, "grounds": GROUNDS, **over}, key)


def statuses(place: Place, application: str) -> list[str]:
    return [one.status for one in place.world.application(application).objections]


def test_an_objection_by_the_form_gets_a_number_and_a_mail_with_it(place: Place) -> None:
    application = place.running()
    answer = filled(browser(place.office), objection(place, application))
    place.office.system.dispatcher.record()
    position = place.office.system.ledger.head()
    receipt = f"{number(place, application)}-Y{position}"
    mails = [n for n in place.office.system.notices.notices(application) if n.template == "objection_filed"]
    to = next(n for n in mails if b"li@zixu.example" in n.body)
    assert (answer.status_code, receipt in answer.text, statuses(place, application)) == (200, True, ["open"])
    made = place.office.system.dispatcher.preview(position)
    texts = {r.email: m.body.decode() for _, r, m in made}
    assert (to.status, "li@zixu.example" in texts) == ("queued", True)
    assert place.world.application(application).objections[0].grounds == GROUNDS


def test_an_objection_is_read_again_before_it_is_filed_and_again_if_it_was_changed(place: Place) -> None:
    application = place.running()
    people, page = browser(place.office), objection(place, application)
    answer, given = asked(people, page)
    sure = re.findall(r'name="sure" value="(\w+)"', answer.text)
    assert (answer.status_code, "目前尚未提交" in answer.text, statuses(place, application)) == (200, True, [])
    assert (GROUNDS in unescape(answer.text), WHO["address"] in answer.text) == (True, True)
    changed = people.post(page, {**given, "grounds": "另有依据", "sure": sure[0]}, page)
    assert ("目前尚未提交" in changed.text, statuses(place, application)) == (True, [])
    assert people.post(page, {**given, "sure": sure[0]}, page).status_code == 200
    assert statuses(place, application) == ["open"]


def test_the_same_form_sent_twice_is_one_objection(place: Place) -> None:
    application = place.running()
    people, page = browser(place.office), objection(place, application)
    first, second = (filled(people, page, key="0" * 32) for _ in range(2))
    assert (first.status_code, second.status_code, statuses(place, application)) == (200, 200, ["open"])


def test_nobody_is_named_on_the_ledger_or_to_the_unit(place: Place) -> None:
    application = place.running()
    assert filled(browser(place.office), objection(place, application)).status_code == 200
    unit = Actor("u", Role.APPLICANT, place.world.application(application).unit_code)
    ledger = b"".join(stored.body for stored in place.office.system.ledger.stored()).decode()
    history = place.office.get(f"/api/v1/applications/{application}/history", unit).text
    shown = place.office.get(f"/api/v1/applications/{application}", unit).text
    public = place.office.client.get(place.notice).text
    secrets = [*WHO.values(), "重复"]
    assert [one for one in WHO.values() if one in ledger] == []
    assert [one for one in secrets if one in history + shown + public] == []
    assert '"ObjectionFiled"' in history


@pytest.mark.parametrize("over", [{"name": "匿名"}, {"name": "12345"}, {"address": "上海"}, {"email": "li"}])
def test_an_anonymous_objection_is_refused_with_its_clause(place: Place, over: dict[str, str]) -> None:
    application = place.running()
    page = filled(browser(place.office), objection(place, application), **over)
    both = "公示规则（实名提出异议） rules of the public notice (objections by real name)"
    assert (page.status_code, both in words(page.text)) == (422, True)
    assert f'value="{over.get("name", WHO["name"])}"' in unescape(page.text)  # what was filled in is still there
    refused = interface(place, application, objector={**WHO, **over})
    assert (*code(refused), refused.json()["clause"]) == (422, "objector_unnamed", "公示规则（实名提出异议）")
    assert statuses(place, application) == []


def test_an_objection_at_the_closing_instant_is_refused_and_stands_on_the_ledger(place: Place) -> None:
    application = place.running()
    place.office.clock.at = place.world.application(application).deadlines["public_notice"]
    refused = interface(place, application)
    assert (code(refused), refused.json()["clause"]) == ((422, "too_late"), "系统规则7（期限）")
    assert [stored.type for stored in place.office.system.ledger.stored(application=application)][
        -1
    ] == "CommandRefused"
    people, page = browser(place.office), objection(place, application)
    assert (people.get(page).status_code, statuses(place, application)) == (409, [])


def test_a_commitment_in_the_place_of_a_person_is_anonymous(place: Place) -> None:
    assert code(interface(place, place.running(), objector="sha256:" + "0" * 64)) == (422, "objector_unnamed")


def test_what_is_not_published_cannot_be_objected_to_nor_found(place: Place) -> None:
    application = place.world.proposed()
    place.synchronise()
    assert code(interface(place, application)) == (404, "not_found")
    assert browser(place.office).get(objection(place, application)).status_code == 404


def test_a_form_of_another_site_files_nothing(place: Place) -> None:
    application = place.running()
    page = objection(place, application)
    people = browser(place.office)
    foreign = people.post(page, {**WHO, "grounds": GROUNDS, "key": "1" * 32}, page, Origin="https://evil.example")
    bare = browser(place.office).client.post(page, data={**WHO, "grounds": GROUNDS, "key": "1" * 32})
    assert (foreign.status_code, bare.status_code, statuses(place, application)) == (403, 403, [])


def test_one_mailbox_objects_five_times_an_hour_and_no_more(place: Place) -> None:
    application = place.running()
    answers = [interface(place, application).status_code for _ in range(6)]
    assert (answers, len(statuses(place, application))) == ([201] * 5 + [429], 5)


def test_the_way_through_the_interface_says_when_it_came_and_may_be_tried_again(place: Place) -> None:
    application = place.running()
    first, again = (ok(interface(place, application, "same"), 201) for _ in range(2))
    assert (first.pop("repeated"), again.pop("repeated"), first) == (False, True, again)
    assert first["receipt"] == f"{number(place, application)}-Y{first['position']}"


def test_an_objection_is_answered_and_the_award_waits_for_it(place: Place) -> None:
    application = place.running()
    ok(interface(place, application), 201)
    place.world.when_due(application, "public_notice")
    assert place.world.codes("ApproveApplication", A2, application, grant_minor=100) == ("objection_open",)
    place.world.do("DecideObjection", A2, application, objection=1, upheld=False, reason="不属实")
    place.office.system.dispatcher.record()
    told = [n for n in place.office.system.notices.notices(application) if n.template == "objection_decided"]
    assert sum(b"li@zixu.example" in n.body for n in told) == 1
    place.world.do("ApproveApplication", A2, application, grant_minor=100)


def test_the_notice_leads_to_the_form(place: Place) -> None:
    application = place.running()
    page = browser(place.office).get(place.notice).text
    assert f'href="{objection(place, application)}"' in page
    assert "匿名的、逾期的不予受理" in words(page)


@pytest.mark.parametrize("over", [{"key": ""}, {"grounds": ""}, {"email": "nobody"}])
def test_a_form_that_cannot_be_taken_comes_back_with_what_was_typed(place: Place, over: dict[str, str]) -> None:
    answer = filled(browser(place.office), objection(place, place.running()), **over)
    assert (answer.status_code in (400, 422), WHO["address"] in answer.text) == (True, True)


def test_whoever_objects_too_often_by_the_form_is_told_so_there(place: Place) -> None:
    people, page = browser(place.office), objection(place, place.running())
    answers = [filled(people, page) for _ in range(6)]
    assert (answers[-1].status_code, "提交过于频繁" in answers[-1].text) == (429, True)
    assert WHO["address"] in answers[-1].text

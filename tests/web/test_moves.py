"""Moves by form: every command has its page, a filled-in form says what the API would be sent, nothing is done twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

import pytest

from fundcall.calls.load import load
from fundcall.web.choices import likely, options
from fundcall.web.inputs import Input, inputs_of, read
from fundcall.web.moves import ELSEWHERE, command_of
from states.actor import Role
from states.application import State
from states.commands import COMMANDS
from states.decide import body
from states.labels import FIELDS, MOVES, VALUES
from tests.api.office import Office
from tests.drive import C1, F1, R1, World, world
from tests.filings import SHANGHAI
from tests.states.examples import example
from tests.states.test_matrix import MAY
from tests.web.people import Browser, account, entered, words

BY_PEOPLE = sorted(name for name in MAY if MAY[name] != {Role.SYSTEM} and name not in ELSEWHERE)
ATTEMPT = re.compile(r'name="(attempt|version|sure)" value="(\w*)"')


def named(kind: Any) -> Iterator[str]:
    """The fields of a command and of what they hold."""
    hints = get_type_hints(kind)
    for f in fields(kind):
        yield f.name
        for inner in (hints[f.name], *get_args(hints[f.name])):
            if is_dataclass(inner):
                yield from named(inner)


def test_every_command_that_people_give_has_its_words_and_so_has_every_field() -> None:
    assert {name for name in MAY if MAY[name] != {Role.SYSTEM}} - MOVES.keys() == set()
    asked = {field for name in BY_PEOPLE for field in named(COMMANDS[name])}
    assert asked - FIELDS.keys() == set()


def filled(inputs: tuple[Input, ...], value: Any) -> dict[str, str]:
    """A form as somebody fills it in who wants to say `value`."""
    found: dict[str, str] = {}
    for one in inputs:
        key = one.name.rpartition(".")[2]
        inner = value[int(key)] if isinstance(value, list) and int(key) < len(value) else None
        inner = value.get(key) if isinstance(value, dict) else inner
        if inner is None:
            continue
        if one.kind in ("group", "rows"):
            found |= filled(one.parts, inner)
        elif one.kind == "money":
            found[one.name] = f"{inner // 100:,}.{inner % 100:02d}"
        elif one.kind == "yes_no":
            found[one.name] = "yes" if inner else "no"
        else:
            found[one.name] = str(inner)
    return found


@pytest.mark.parametrize("name", BY_PEOPLE)
def test_a_form_that_is_filled_in_says_what_the_interface_would_be_sent(name: str) -> None:
    place = world()
    application = place.application(place.submitted())
    said = body(name, example(name))
    if "points" in said:
        said["points"] = {criterion.id: 1 for criterion in place.call.rubric}
    rows = {f"{field}.{n}" for field, value in said.items() if isinstance(value, list) for n in range(len(value))}
    inputs = inputs_of(name, place.call, options(application, place.call), rows)
    found, faults = read(inputs, filled(inputs, said))
    empty = {field: value for field, value in said.items() if value not in ({}, [], "", None)}
    assert ({field: value for field, value in found.items() if value not in ({}, [], "")}, faults) == (empty, [])


@pytest.mark.parametrize("text", ["1.005", "abc", "1e99", "9e999999", f"1.{'0' * 40}1", "--", "NaN", "∞"])
def test_an_amount_that_is_none_is_told_at_its_place(text: str) -> None:
    inputs = inputs_of("RecordPayment", load(SHANGHAI.call), {}, ())
    assert [fault.where for fault in read(inputs, {"instalment": "1", "amount_minor": text})[1]] == ["amount_minor"]


CHANCE = [
    "٣",
    "१२",
    "1_000",
    "1e3",
    "+5",
    "5²",
    "①",
    "12,50",
    ",5",
    "5,",
    "1 000",
    "0x1f",
    "5.",
    ".5",
    "Infinity",
    "--5",
    "−5",
]
"""What Python takes for a number, or people for another than Python, and what no keyboard for numbers writes."""


@pytest.mark.parametrize("text", CHANCE)
@pytest.mark.parametrize("field", ["instalment", "amount_minor"])
def test_no_number_is_read_by_chance(field: str, text: str) -> None:
    inputs = inputs_of("RecordPayment", load(SHANGHAI.call), {}, ())
    form = {"instalment": "1", "amount_minor": "1", field: text}
    assert [fault.where for fault in read(inputs, form)[1]] == [field]


@pytest.mark.parametrize(
    ("text", "minor"),
    [("12,500.00", 1_250_000), ("１２，５００．００", 1_250_000), ("0", 0), ("007.5", 750), ("-5", -500), ("1,234,567", 123_456_700)],
)  # fmt: skip
def test_plain_and_full_width_digits_are_read(text: str, minor: int) -> None:
    inputs = inputs_of("RecordPayment", load(SHANGHAI.call), {}, ())
    assert read(inputs, {"instalment": "２", "amount_minor": text}) == ({"instalment": 2, "amount_minor": minor}, [])


@pytest.mark.parametrize(
    "text", ["20260131", "2026-W05-6", "２０２６-01-31", "٢٠٢٦-01-31", "2026-1-31", "2026-02-30", "soon"]
)
def test_a_day_is_read_in_the_one_form_that_the_page_asks_for(text: str) -> None:
    inputs = inputs_of("RequestExtension", load(SHANGHAI.call), {}, ())
    assert [fault.where for fault in read(inputs, {"end_on": text, "reason": "x"})[1]] == ["end_on"]
    assert read(inputs, {"end_on": "2026-01-31", "reason": "x"}) == ({"end_on": "2026-01-31", "reason": "x"}, [])


def test_rows_are_counted_by_plain_digits_alone() -> None:
    call = load(SHANGHAI.call)
    shown = [
        len(inputs_of("ReturnForCorrection", call, {}, (f"items.{n}.remedy",))[0].parts)
        for n in ("0", "5", "٥", "５", "²")
    ]
    assert shown == [4, 9, 3, 3, 3]


@pytest.mark.parametrize("text", ["1.5", "x", "-9223372036854775809", "18446744073709551616", "9" * 5000])
def test_a_whole_number_that_is_none_is_told_at_its_place(text: str) -> None:
    inputs = inputs_of("RecordPayment", load(SHANGHAI.call), {}, ())
    assert [fault.where for fault in read(inputs, {"instalment": text, "amount_minor": "1"})[1]] == ["instalment"]


def test_an_agreement_is_offered_with_the_indicators_of_its_topic_as_they_were_filed() -> None:
    place = world()
    application = place.application(place.approved(contributes_count=2))
    call = load(SHANGHAI.call)
    given = likely("SignAgreement", application, call)
    inputs = inputs_of("SignAgreement", call, options(application, call), given)
    (group,) = [one for one in inputs if one.name == "indicators"]
    assert [one.name for one in group.parts] == ["indicators.contributes_count"]
    said, faults = read(inputs, given)
    assert (said["indicators"], faults) == ({"contributes_count": 2}, [])


def test_a_call_without_indicators_asks_for_none() -> None:
    place = world("community-climate-2026")
    application, call = place.application(place.approved()), load("community-climate-2026")
    inputs = inputs_of("SignAgreement", call, options(application, call), likely("SignAgreement", application, call))
    assert [one.name for one in inputs if "indicators" in one.name] == []


@pytest.fixture
def officer(office: Office) -> Browser:
    return entered(office, account(office, F1.id, Role.FORMAT_OFFICER, second=True))


def hidden(browser: Browser, path: str) -> dict[str, str]:
    return dict(ATTEMPT.findall(browser.get(path).text))


def state(office: Office, application: str) -> str:
    found = office.system.ledger.row(application)
    assert found is not None
    return found.state


def test_an_officer_checks_an_application_without_leaving_the_pages(office: Office, officer: Browser) -> None:
    application = office.submitted()
    case = f"/applications/{application}"
    assert "受领形式审查" in words(officer.get(case).text)
    for name in ("ClaimFormatCheck", "PassFormatCheck"):
        path = f"{case}/moves/{name}"
        answer = officer.post(path, hidden(officer, path), page=path)
        assert (answer.status_code, f"已完成: {MOVES[name][0]}" in words(answer.text)) == (200, True)
    assert state(office, application) == State.FORMAT_CHECKED


def test_a_form_sent_twice_is_done_once(office: Office, officer: Browser) -> None:
    application = office.submitted()
    path = f"/applications/{application}/moves/ClaimFormatCheck"
    fields_of_the_form = hidden(officer, path)
    first, again = (officer.post(path, fields_of_the_form, page="/account") for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    events = [one.body for one in office.system.ledger.stored(application=application)]
    assert sum(b"FormatCheckClaimed" in event for event in events) == 1


def test_a_form_with_faults_comes_back_as_it_was_filled_in_and_nothing_is_changed(
    office: Office, officer: Browser
) -> None:
    application = office.submitted()
    claim = f"/applications/{application}/moves/ClaimFormatCheck"
    officer.post(claim, hidden(officer, claim), page=claim)
    path = f"/applications/{application}/moves/ReturnForCorrection"
    head = office.system.ledger.head()
    given = {**hidden(officer, path), "items.0.remedy": "请补充说明 <b>", "items.0.clause": "", "items.0.field": ""}
    answer = officer.post(path, given, page=path)
    assert (answer.status_code, "请补充说明 &lt;b&gt;" in answer.text) == (422, True)
    assert "没有任何内容被更改" in words(answer.text)
    assert state(office, application) == State.SUBMITTED
    assert office.system.ledger.head() - head <= 1  # the refusal, where it is recorded


def test_what_stands_in_the_way_is_said_before_the_button_is_pressed(office: Office) -> None:
    unit = entered(office, account(office, "li", Role.APPLICANT, office.unit(1).unit))
    bare = office.open_draft(office.unit(1)).json()["application"]
    page = words(unit.get(f"/applications/{bare}/moves/SubmitApplication").text)
    found = office.get(f"/api/v1/applications/{bare}/findings", office.unit(1)).json()["findings"]
    assert "目前还不能办理" in page
    assert [one["zh"] for one in found if one["blocks"] and one["zh"] not in page] == []


def test_nothing_stands_in_the_way_of_what_can_be_done(office: Office, officer: Browser) -> None:
    application = office.submitted()
    office.do(application, "ClaimFormatCheck", F1)
    assert "目前还不能办理" not in words(officer.get(f"/applications/{application}/moves/PassFormatCheck").text)


def test_a_move_that_lasts_is_asked_twice_and_again_if_what_it_says_was_changed(office: Office) -> None:
    application = office.submitted()
    unit = entered(office, account(office, "li", Role.APPLICANT, office.unit(1).unit))
    path = f"/applications/{application}/moves/WithdrawApplication"
    given = {**hidden(unit, path), "reason": "不再申报"}
    asked = unit.post(path, given, page=path)
    assert (asked.status_code, "请再核对一遍" in words(asked.text), "不再申报" in asked.text) == (200, True, True)
    assert state(office, application) == State.SUBMITTED
    sure = {**given, **dict(ATTEMPT.findall(asked.text))}
    changed = unit.post(path, {**sure, "reason": "合并申报"}, page=path)
    assert ("请再核对一遍" in words(changed.text), state(office, application)) == (True, State.SUBMITTED)
    for _ in range(2):
        assert "已完成" in words(unit.post(path, sure, page="/account").text)
    events = [one.body for one in office.system.ledger.stored(application=application)]
    assert sum(b"ApplicationWithdrawn" in event for event in events) == 1


def test_an_amount_left_empty_is_asked_for_in_the_units_of_the_form() -> None:
    inputs = inputs_of("ProposeAward", load(SHANGHAI.call), {}, ())
    faults = read(inputs, {"grounds": "x"})[1]
    assert [(fault.where, "分" in fault.zh, "minor" in fault.en) for fault in faults] == [
        ("amount_minor", False, False)
    ]


SHOULD_BE_WHOLE = ("应为整数", "should be a whole number")


@pytest.mark.parametrize("name", BY_PEOPLE)
def test_what_is_left_empty_in_a_form_is_told_by_the_form_and_not_by_the_interface(name: str) -> None:
    place = world()
    inputs = inputs_of(name, place.call, options(place.application(place.submitted()), place.call), ())
    faults = command_of(name, inputs, {})[1]
    numbers = {one.name for one in leaves(inputs) if one.required and one.kind == "whole"}
    assert {fault.where: (fault.zh, fault.en) for fault in faults if fault.where in numbers} == dict.fromkeys(
        numbers, SHOULD_BE_WHOLE
    )
    assert [fault for fault in faults if "缺少" in fault.zh or "missing" in fault.en] == []


def leaves(inputs: tuple[Input, ...]) -> Iterator[Input]:
    for one in inputs:
        yield one
        yield from leaves(one.parts)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_number_left_empty_is_told_beside_its_input_in_the_words_of_the_form(office: Office, language: str) -> None:
    reviewer = entered(office, account(office, R1.id, Role.REVIEW_OFFICER, second=True))
    application = office.submitted()
    for command, by in (("ClaimFormatCheck", F1), ("PassFormatCheck", F1)):
        office.do(application, command, by)
    reviewer.get(f"/language/{language}")
    path = f"/applications/{application}/moves/StartReview"
    answer = reviewer.post(path, {**hidden(reviewer, path), "seed": ""}, page=path)
    beside = re.search(r'id="seed-fault">.*?</span> (.*?)</p>', answer.text)
    assert beside is not None
    assert (answer.status_code, beside[1]) == (422, SHOULD_BE_WHOLE[language == "en"])


def test_the_values_that_forms_offer_are_those_that_the_guards_allow() -> None:
    asks = ((World.in_acceptance, C1, "ProposeOutcome", "outcome"), (World.in_execution, R1, "DecideMidTerm", "outcome"),
            (World.closed, C1, "EvaluatePerformance", "rating"))  # fmt: skip
    for start, by, name, field in asks:
        place = world()
        application = start(place)
        command = {f.name: getattr(example(name), f.name) for f in fields(COMMANDS[name])} | {field: "x"}
        told = [
            refusal.remedy_en for refusal in place.would(name, by, application, **command) if refusal.where == field
        ]
        offered = ", ".join(choice.value for choice in VALUES.get(f"{name}.{field}") or VALUES[field])
        assert [offered in text for text in told] == [True], (told, offered)


@pytest.mark.parametrize("command", ["ApproveApplication", "LapseDraft", "EditDraft", "Nothing", "SubmitScore"])
def test_a_move_of_another_role_or_of_nobody_is_not_there(office: Office, officer: Browser, command: str) -> None:
    application = office.submitted()
    assert officer.get(f"/applications/{application}/moves/{command}").status_code == 404


def test_another_units_application_has_no_moves(office: Office) -> None:
    application = office.submitted(1)
    other = entered(office, account(office, "li", Role.APPLICANT, office.unit(2).unit))
    path = f"/applications/{application}/moves/WithdrawApplication"
    token = {"reason": "x", "attempt": "a", "version": ""}
    assert (other.get(path).status_code, other.post(path, token, page="/account").status_code) == (404, 404)


def test_who_comes_late_is_told_that_the_case_has_moved_on(office: Office, officer: Browser) -> None:
    application = office.submitted()
    office.do(application, "ClaimFormatCheck", F1)
    office.do(application, "PassFormatCheck", F1)
    path = f"/applications/{application}/moves/ReturnForCorrection"
    answer = officer.get(path)
    assert (answer.status_code, "申报件已进入下一步" in answer.text) == (409, True)

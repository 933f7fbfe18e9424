"""What people write into the form is read exactly, or refused with what it should be; what is kept is shown as they write it."""

from __future__ import annotations

from typing import Any

import pytest

from fundcall.calls.load import load
from fundcall.web.filing import values
from states.funding_call import Field

CALL = load("shanghai-ai-plus-2025")
MONEY, SHARE, COUNT = CALL.fields["requested_minor"], CALL.fields["availability_ppm"], CALL.fields["users"]


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        (MONEY, "12,500.00", 1_250_000),
        (MONEY, " ¥12，500 元 ", 1_250_000),
        (MONEY, "１２３４５", 1_234_500),
        (MONEY, "１２，５００．００", 1_250_000),
        (SHARE, "９９．９％", 999_000),
        (CALL.fields["end_on"], "２０２７年１月３日", "2027-01-03"),
        (MONEY, "600万", 600_000_000),
        (MONEY, "0.1亿元", 1_000_000_000),
        (MONEY, "0.01", 1),
        (MONEY, "0", 0),
        (MONEY, "", None),
        (SHARE, "99.9", 999_000),
        (SHARE, "99.9%", 999_000),
        (SHARE, "0.0001", 1),
        (COUNT, "1,000,000", 1_000_000),
        (COUNT, "100万", 1_000_000),
        (CALL.fields["end_on"], "2027-12-31", "2027-12-31"),
        (CALL.fields["end_on"], "2027年1月3日", "2027-01-03"),
        (CALL.fields["end_on"], "2027/1/3", "2027-01-03"),
        (CALL.fields["game_model"], "buyout", "buyout"),
        (CALL.fields["title"], " 甲 ", "甲"),
    ],
)
def test_a_value_is_read_as_it_was_meant(field: Field, text: str, value: Any) -> None:
    assert values.read(field, {field.id: text}) == value


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (MONEY, "1.005"),
        (MONEY, "-1"),
        (MONEY, "abc"),
        (MONEY, "1e99"),
        (MONEY, "1e3"),
        (MONEY, "1_000"),
        (MONEY, "٣"),
        (MONEY, "5²"),
        (MONEY, "①"),
        (MONEY, "+5"),
        (MONEY, "12,50"),
        (MONEY, "Infinity"),
        (COUNT, "1_000"),
        (COUNT, "٣"),
        (CALL.fields["end_on"], "٢٠٢٧-01-03"),
        (MONEY, "9e999999"),
        (MONEY, f"1.{'0' * 40}1"),
        (MONEY, "NaN"),
        (MONEY, "万"),
        (MONEY, "1.23.4"),
        (MONEY, "999999999999999"),
        (SHARE, "100.1"),
        (SHARE, "0.00001"),
        (COUNT, "1.5"),
        (CALL.fields["completion_percent"], "101"),
        (CALL.fields["end_on"], "2027-02-30"),
        (CALL.fields["end_on"], "soon"),
        (CALL.fields["game_model"], "free"),
        (CALL.fields["title"], "长" * 10_000),
    ],
)
def test_what_is_no_value_is_told_in_both_languages(field: Field, text: str) -> None:
    with pytest.raises(values.Unreadable) as wrong:
        values.read(field, {field.id: text})
    assert all(wrong.value.pair)


@pytest.mark.parametrize("minor", [0, 1, 99, 100, 1_234_567, 100_000_000_000_000])
def test_an_amount_comes_back_as_it_is_shown(minor: int) -> None:
    assert values.read(MONEY, {MONEY.id: values.written(MONEY, minor)}) == minor


@pytest.mark.parametrize("ppm", [0, 1, 500_000, 999_000, 1_000_000])
def test_a_share_comes_back_as_it_is_shown(ppm: int) -> None:
    assert values.read(SHARE, {SHARE.id: values.written(SHARE, ppm)}) == ppm


def test_boxes_say_nothing_unless_they_were_on_the_page() -> None:
    flag, several = CALL.fields["declares_owner"], CALL.fields["other_funding"]
    assert [values.given(one, {}) for one in (flag, several)] == [False, False]
    assert values.read(flag, {"has.declares_owner": "1", "declares_owner": "yes"}) is True
    assert values.read(several, {"other_funding.municipal_applied": "1"}) == ["municipal_applied"]
    assert values.read(several, {"has.other_funding": "1"}) is None


def test_labels_of_amounts_do_not_name_the_unit_that_they_are_kept_in() -> None:
    assert (values.label(MONEY), values.label(SHARE), values.label(COUNT)) == (
        ("申请专项资金", "money asked for"),
        ("可用性", "availability"),
        ("用户数", "users"),
    )


@pytest.mark.parametrize(("minor", "said"), [(600_000_000, "600"), (1_234_567, "1.234567"), (999_999, ""), (None, "")])
def test_a_large_amount_is_told_in_ten_thousands_too(minor: int | None, said: str) -> None:
    assert values.ten_thousands(minor) == said

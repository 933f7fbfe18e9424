"""The bounds of the notice, tried at and around each by Hypothesis: thresholds, last days, periods, sizes, the window."""

from __future__ import annotations

import operator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fundcall.calls.load import load
from states.checks import CHECKS, Filing
from states.funding_call import Rule
from tests.drive import CALLS
from tests.filings import document

OPERATORS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
THRESHOLDS = [(call, rule) for call in CALLS for rule in load(call).rules.values() if rule.check == "threshold"]
NEAR = st.integers(-3, 3) | st.integers(-(10**12), 10**12)


def filing(**form: object) -> Filing:
    return Filing("", "", "", form, (), load(CALLS[0]).opens_at)


def found(call: str, rule: Rule, what: Filing) -> bool:
    return bool(CHECKS[rule.check](load(call), rule, what))


def rules_of(check: str) -> list[tuple[str, Rule]]:
    return [(call, rule) for call in CALLS for rule in load(call).rules.values() if rule.check == check]


@pytest.mark.parametrize(("call", "rule"), THRESHOLDS, ids=lambda one: getattr(one, "id", one))
@given(off=NEAR)
def test_a_threshold_is_exact(call: str, rule: Rule, off: int) -> None:
    value = rule.params["value"] + off
    holds = OPERATORS[rule.params["op"]](value, rule.params["value"])
    told = filing(**{**rule.params.get("when", {}), rule.params["field"]: value})
    assert found(call, rule, told) is not holds


@pytest.mark.parametrize(("call", "rule"), rules_of("ends_by"), ids=lambda one: getattr(one, "id", one))
@given(days=st.integers(-3, 3) | st.integers(-5000, 5000))
def test_the_last_day_of_execution_is_exact(call: str, rule: Rule, days: int) -> None:
    bound = load(call).execution_ends_by
    assert bound is not None
    end = bound + timedelta(days=days)
    assert found(call, rule, filing(end_on=end.isoformat())) is (end > bound)


@pytest.mark.parametrize(("call", "rule"), rules_of("period_years"), ids=lambda one: getattr(one, "id", one))
@given(start=st.dates(date(2024, 1, 1), date(2030, 12, 31)), days=st.integers(-3, 3) | st.integers(-900, 900))
def test_a_period_of_years_ends_on_the_day_before_the_anniversary(
    call: str, rule: Rule, start: date, days: int
) -> None:
    years = rule.params["years"]
    leap = (start.month, start.day) == (2, 29)
    last = date(start.year + years, 2, 28) if leap else start.replace(year=start.year + years) - timedelta(days=1)
    if leap and (start.year + years) % 4 == 0:
        last = date(start.year + years, 2, 28)
    end = last + timedelta(days=days)
    if end > start:
        told = filing(start_on=start.isoformat(), end_on=end.isoformat())
        assert found(call, rule, told) is (end > last)


@pytest.mark.parametrize(("call", "rule"), rules_of("document_size"), ids=lambda one: getattr(one, "id", one))
@given(off=st.integers(-3, 3))
def test_the_size_of_a_document_is_exact_to_the_byte(call: str, rule: Rule, off: int) -> None:
    size = rule.params["bytes_max"] + off
    told = replace(filing(), documents=(document("plan", "x.pdf", size),))
    assert found(call, rule, told) is (off > 0)


@pytest.mark.parametrize(("call", "rule"), rules_of("window"), ids=lambda one: getattr(one, "id", one))
@given(microseconds=st.integers(-3, 3) | st.integers(-(10**13), 10**13), at_close=st.booleans())
def test_the_window_is_half_open_to_the_microsecond(
    call: str, rule: Rule, microseconds: int, *, at_close: bool
) -> None:
    made = load(call)
    at = (made.closes_at if at_close else made.opens_at) + timedelta(microseconds=microseconds)
    assert found(call, rule, replace(filing(), received_at=at)) is not (made.opens_at <= at < made.closes_at)

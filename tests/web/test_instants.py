"""Forms ask for an instant by the clock of the call's place, and say all that is wrong with them in one answer."""

from __future__ import annotations

import pytest

from fundcall.calls.load import load
from fundcall.web.inputs import Input, inputs_of, judged, read
from tests.filings import CLIMATE, SHANGHAI


def form_of(call: str) -> tuple[Input, ...]:
    return inputs_of("ProposeExtension", load(call), {}, ())


@pytest.mark.parametrize(
    ("call", "text", "instant"),
    [
        (SHANGHAI.call, "2026-04-10T16:00", "2026-04-10T08:00:00+00:00"),
        (CLIMATE.call, "2026-04-10T16:00", "2026-04-10T14:00:00+00:00"),
        (CLIMATE.call, "2026-03-10 16:00", "2026-03-10T15:00:00+00:00"),  # before summer time
        (CLIMATE.call, "2026-04-10T16:00+08:00", "2026-04-10T08:00:00+00:00"),  # whoever names a zone means it
    ],
)
def test_an_instant_is_read_by_the_clock_of_the_calls_place(call: str, text: str, instant: str) -> None:
    found, faults = read(form_of(call), {"closes_at": text, "reason": "x", "evidence": "y"})
    assert (found, faults) == ({"closes_at": instant, "reason": "x", "evidence": "y"}, [])


@pytest.mark.parametrize("text", ["", " ", "soon", "2026-02-30T16:00", "0001-01-01T00:00", "9999-12-31T23:59-14:00"])
def test_an_instant_that_is_none_is_asked_for_as_the_form_shows_it(text: str) -> None:
    (fault,) = read(form_of(CLIMATE.call), {"closes_at": text, "reason": "x", "evidence": "y"})[1]
    assert (fault.where, fault.zh, fault.en) == (
        "closes_at",
        "应为日期和时间，例如 2026-01-31 16:00（哥本哈根时间 Europe/Copenhagen）",
        "should be a date and a time, such as 2026-01-31 16:00 (Europe/Copenhagen time)",
    )


def test_what_is_unreadable_and_what_is_empty_is_told_in_one_answer() -> None:
    inputs, form = form_of(CLIMATE.call), {"closes_at": "soon", "reason": " "}
    _, faults = read(inputs, form)
    assert [fault.where for fault in faults] == ["closes_at"]
    wrong = judged(inputs, form, faults, ())["wrong"]
    assert {name: zh for name, (zh, _) in wrong.items()} == {
        "closes_at": "应为日期和时间，例如 2026-01-31 16:00（哥本哈根时间 Europe/Copenhagen）",
        "reason": "请填写",
        "evidence": "请填写",
    }
    assert judged(inputs, form, (), ())["wrong"] == {}

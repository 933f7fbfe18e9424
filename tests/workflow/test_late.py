"""What is asked for late is taken in, with a finding for the officer who decides; the call says what late is."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from states.calendar import local_day, midnight
from tests.drive import DAY, World
from workflow.record import decode


def found(place: World, application: str, name: str, **fields: Any) -> list[tuple[str, str]]:
    """The rules and words of the findings that the command leaves."""
    place.do(name, place.unit(application), application, **fields)
    *_, event = place.ledger.stored(application=application)
    return [(one["rule"], one["en"]) for one in decode(event.body).data["findings"]]


@pytest.mark.parametrize(("days", "late"), [(30, False), (31, True)])
def test_a_change_is_asked_for_within_thirty_days_of_its_cause(place: World, days: int, late: bool) -> None:
    application = place.in_execution()
    cause = local_day(place.now, place.call.timezone) - timedelta(days=days)
    said = [("change_after_cause", f"caused on {cause}, asked for more than 30 days later")] if late else []
    assert found(place, application, "RequestChange", subject="负责人", detail="变更", caused_on=cause) == said


@pytest.mark.parametrize(("days", "late"), [(60, False), (59, True)])
def test_a_change_is_asked_for_sixty_days_before_the_end(place: World, days: int, late: bool) -> None:
    application = place.in_execution()
    end = place.application(application).end_on
    assert end is not None
    place.at(midnight(end - timedelta(days=days), place.call.timezone))
    said = [("change_before_end", f"less than 60 days before the last day, {end}")] if late else []
    assert found(place, application, "RequestChange", subject="负责人", detail="变更") == said


@pytest.mark.parametrize(("early", "late"), [(1, False), (0, True)])
def test_an_extension_is_asked_for_three_months_before_the_end(place: World, early: int, late: bool) -> None:
    application = place.in_execution(end_on="2027-06-30")
    place.at(midnight(date(2027, 3, 30), place.call.timezone) - timedelta(seconds=early))
    said = [("extension_before_end", "less than 3 months before the last day, 2027-06-30")] if late else []
    fields = {"end_on": date(2027, 12, 31), "reason": "设备到货延迟"}
    assert found(place, application, "RequestExtension", **fields) == said


@pytest.mark.parametrize("late", [False, True])
def test_acceptance_is_asked_for_within_three_months_of_the_end(place: World, late: bool) -> None:
    application = place.in_execution(end_on="2027-06-30")
    due = midnight(date(2027, 10, 1), place.call.timezone)
    place.at(due if late else due - DAY)
    said = [("acceptance_after_time", "acceptance was to be asked for before 2027-09-30 24:00")]
    fields = {"completed_on": date(2027, 6, 30), "achieved": {}}
    assert found(place, application, "RequestAcceptance", **fields) == (said if late else [])
    if late:
        *_, event = place.ledger.stored(application=application)
        (finding,) = decode(event.body).data["findings"]
        assert (finding["clause"], finding["zh"]) == ("验收规则", "申请验收的期限（2027-09-30 24:00）已过")

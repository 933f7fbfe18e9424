"""A call in figures: who came how far, how long it took, when filings arrived, what officers did; read once, then carried on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from states.application import MAIN_LINE, State
from states.calendar import stamp
from tests.drive import A1, DAY, F1, HOUR, R1, World, world
from workflow.course import Course, Figures, Stage, funnel, told, waiting


@pytest.fixture
def place() -> World:
    return world()


def stage(found: Figures, state: State) -> Stage:
    return next(one for one in found.stages if one.state == state)


def test_an_application_is_counted_in_every_state_it_came_to_and_in_the_one_it_is_in(place: World) -> None:
    place.published()
    place.rejected()
    place.draft()
    found = Course(place.ledger, place.call).figures(place.now)
    ways = {one.state: (one.reached, one.now) for one in found.stages if one.reached}
    assert ways == {
        "draft": (3, 1),
        "submitted": (2, 0),
        "format_checked": (1, 0),
        "expert_review": (1, 1),
        "rejected": (1, 1),
    }
    assert [one.state for one in funnel(found.stages)] == [*MAIN_LINE]


def test_stays_are_measured_from_what_moved_an_application_to_what_moved_it_on(place: World) -> None:
    for name in [place.submitted() for _ in range(10)]:
        place.now += HOUR
        place.do("ClaimFormatCheck", F1, name)  # moves nothing
        place.do("PassFormatCheck", F1, name)
    found = stage(Course(place.ledger, place.call).figures(place.now), State.SUBMITTED)
    assert (found.stays, found.median_s, found.p90_s, found.longest_s) == (10, 5 * 3600, 9 * 3600, None)


def test_a_stay_that_lasts_is_told_as_the_longest_alone_and_none_of_a_state_that_is_an_end(place: World) -> None:
    place.submitted()
    place.rejected()
    found = Course(place.ledger, place.call).figures(place.now + 3 * DAY)
    assert stage(found, State.SUBMITTED)[3:] == (1, 0, 0, 3 * 24 * 3600)
    assert stage(found, State.REJECTED).longest_s is None


def test_who_comes_back_stays_anew(place: World) -> None:
    application = place.returned()
    place.do("ResubmitApplication", place.unit(application), application)
    found = Course(place.ledger, place.call).figures(place.now)
    assert (
        stage(found, State.SUBMITTED).reached,
        stage(found, State.SUBMITTED).now,
        stage(found, State.SUBMITTED).stays,
    ) == (1, 1, 1)


def test_what_is_new_is_added_to_what_was_read(place: World) -> None:
    course = Course(place.ledger, place.call)
    for script in (World.published, World.returned, World.rejected, World.approved):
        script(place)
        assert course.figures(place.now) == Course(place.ledger, place.call).figures(place.now)


def test_arrivals_fall_into_half_open_days_and_hours_that_end_with_the_close(place: World) -> None:
    close = place.call.closes_at
    for before in (2 * DAY, HOUR, timedelta(microseconds=1)):
        place.now = close - before
        place.submitted()
    found = Course(place.ledger, place.call).figures(close)
    assert (sum(day.filed for day in found.days), found.days[-1].until, found.days[-1].filed) == (3, close, 2)
    assert [hour.filed for hour in found.hours] == [1, *[0] * 46, 2]
    assert (found.hours[0].since, found.hours[-1].until) == (close - 2 * DAY, close)
    assert all(a.until == b.since for a, b in zip(found.days, found.days[1:], strict=False))


def test_an_officers_acts_are_counted_lately_and_in_all_and_what_is_open_is_with_whoever_acted_last(
    place: World,
) -> None:
    place.format_checked()
    application = place.format_checked()
    place.now += 31 * DAY
    place.do("StartReview", R1, application, experts=place.experts(), seed=7)
    found = {one.officer: one[2:] for one in Course(place.ledger, place.call).figures(place.now).officers}
    assert found == {"format-1": (4, 0, 1), "review-1": (1, 1, 1)}


def test_what_waits_is_counted_for_the_roles_that_have_to_meet_it(place: World) -> None:
    place.submitted()
    place.draft()
    found = {one.role: one for one in waiting(place.ledger, place.call.id, place.now)}
    assert {role: (one.due, one.late) for role, one in found.items()} == {"applicant": (1, 0), "format_officer": (1, 0)}
    late = {one.role: (one.late, one.next_at) for one in waiting(place.ledger, place.call.id, place.now + 999 * DAY)}
    assert late == {"applicant": (1, None), "format_officer": (1, None)}


def test_another_calls_applications_are_not_among_them(place: World) -> None:
    other = world("community-climate-2026", place.ledger)
    other.submitted()
    assert sum(one.reached for one in Course(place.ledger, place.call).figures(place.now).stages) == 0
    assert waiting(place.ledger, place.call.id, place.now) == ()


def test_figures_are_plain_json(place: World) -> None:
    place.published()
    plain = told(Course(place.ledger, place.call).figures(place.now), waiting(place.ledger, place.call.id, place.now))
    assert list(plain) == ["stages", "officers", "days", "hours", "waiting"]
    assert plain["hours"][-1]["until"] == stamp(place.call.closes_at)
    assert [one["officer"] for one in plain["officers"]] == [A1.id, F1.id, "review-1"]

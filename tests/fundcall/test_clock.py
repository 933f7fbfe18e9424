"""The steady clock: small corrections are followed, steps are not, and it never runs backwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fundcall.clock import DRIFT_MAX, SteadyClock

NOON = datetime(2025, 9, 22, 4, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Machine(SteadyClock):
    """A steady clock over a wall and a monotonic clock that tests set."""

    def __init__(self, not_before: datetime | None = None, ahead: timedelta = timedelta(0)) -> None:
        self.wall, self.ticks = NOON, 100.0
        super().__init__(not_before, ahead)

    def pass_time(self, wall: timedelta, ticks: float | None = None) -> datetime:
        self.wall += wall
        self.ticks += wall.total_seconds() if ticks is None else ticks
        return self.now()

    def _wall(self) -> datetime:
        return self.wall

    def _monotonic(self) -> float:
        return self.ticks


def test_it_tells_the_walls_time() -> None:
    clock = Machine()
    assert (clock.now(), clock.pass_time(5 * SECOND), clock.suspect) == (NOON, NOON + 5 * SECOND, False)


def test_a_small_correction_is_followed() -> None:
    clock = Machine()
    assert clock.pass_time(SECOND, ticks=0.5) == NOON + SECOND
    assert not clock.suspect


def test_a_step_back_by_a_day_does_not_open_the_window_again() -> None:
    clock = Machine()
    clock.pass_time(10 * SECOND)
    assert clock.pass_time(timedelta(days=-1), ticks=1) == NOON + 11 * SECOND
    assert clock.suspect


def test_a_leap_ahead_does_not_shut_the_window() -> None:
    clock = Machine()
    assert clock.pass_time(timedelta(hours=1), ticks=1) == NOON + SECOND
    assert clock.suspect


def test_a_small_step_back_never_tells_an_earlier_time() -> None:
    clock = Machine()
    first = clock.pass_time(5 * SECOND)
    assert clock.pass_time(-SECOND, ticks=0) == first
    assert not clock.suspect


def test_it_never_begins_before_the_last_instant_on_the_ledger() -> None:
    late = NOON + timedelta(days=1)
    clock = Machine(not_before=late)
    assert (clock.now(), clock.suspect) == (late, True)
    assert Machine(not_before=NOON + DRIFT_MAX).suspect is False


def test_an_arrival_is_told_as_the_machines_clock_read_it() -> None:
    clock = Machine()
    arrived = clock.wall
    clock.pass_time(5 * SECOND)
    ns = int(arrived.timestamp()) * 1_000_000_000
    assert clock.at(ns + 999_999_999) == arrived + timedelta(microseconds=999_999)


def test_no_arrival_lies_ahead_of_now() -> None:
    clock = Machine()
    assert clock.at(int((clock.wall + SECOND).timestamp()) * 1_000_000_000) == clock.now()


def test_a_suspect_clock_tells_arrivals_as_now() -> None:
    clock = Machine()
    clock.pass_time(60 * SECOND, ticks=1.0)
    assert clock.suspect
    assert clock.at(int(NOON.timestamp()) * 1_000_000_000) == clock.now()


def test_a_clock_of_another_time_takes_arrivals_with_it() -> None:
    year = timedelta(days=365)
    clock = SteadyClock(ahead=-year)
    now = datetime.now(UTC)
    arrived = clock.at(int((now - SECOND).timestamp() * 1e9))
    assert timedelta(0) <= clock.now() - (now - year) < timedelta(minutes=1)
    assert abs(arrived - (now - SECOND - year)) < timedelta(milliseconds=1)
    assert not clock.suspect

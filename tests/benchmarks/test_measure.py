from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.goals import GOALS, judged
from benchmarks.measure import Measurement, Operation, at_percent, closed_loop, disk_folder, file_system, timed


def test_at_percent_gives_the_smallest_value_that_so_many_percent_do_not_exceed() -> None:
    ordered = [float(n) for n in range(1, 201)]
    assert [at_percent(ordered, percent) for percent in (1, 50, 99, 100)] == [2, 100, 198, 200]
    assert at_percent([5.0], 50) == 5
    assert at_percent([], 99) == 0


def test_every_client_gets_its_own_operations_and_the_rate_counts_what_was_finished(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("benchmarks.measure._WARM_UP_SECONDS", 0.0)
    seen: set[int] = set()

    def operations(client: int) -> Iterator[Operation]:
        seen.add(client)
        while True:
            yield lambda: None

    found = closed_loop("nothing", 3, 0.05, operations)
    assert seen == {0, 1, 2}
    assert found.name == "nothing, 3 clients"
    assert found.n == pytest.approx(found.ops_per_s * 0.05)


def test_what_an_operation_raises_is_raised_and_no_client_is_left_waiting() -> None:
    def operations(client: int) -> Iterator[Operation]:
        if client == 1:
            raise ConnectionError("no database")
        yield lambda: None

    with pytest.raises(ConnectionError, match="no database"):
        closed_loop("broken", 4, 0.05, operations)


def test_a_folder_in_memory_is_refused_for_commits_cost_nothing_there(tmp_path: Path) -> None:
    with disk_folder(tmp_path) as folder:
        assert folder.parent == tmp_path
    assert not folder.exists()
    memory = Path("/dev/shm")  # noqa: S108
    if file_system(memory) != "tmpfs":
        pytest.skip("no file system in memory here")
    with pytest.raises(OSError, match="lies in memory"), disk_folder(memory):
        pass


def test_a_goal_is_judged_by_the_median_of_ratios_within_a_round() -> None:
    def one(name: str, speed: float) -> dict[str, Measurement]:
        return {name: Measurement(name, speed, 0, 0, 1)}

    rounds = [
        {**one("fundcall handle_many", ours), **one("Django bulk_update", theirs)}
        for ours, theirs in ((6000, 1000), (9000, 3000), (7000, 1000))
    ]
    found = {j.goal.en: (j.value, j.low, j.high, j.reached) for j in judged(rounds)}
    assert found == {"bulk: cases/s": (7000, 6000, 9000, True), "bulk: to Django bulk_update": (6, 3, 7, True)}


def test_a_figure_that_is_to_be_small_reaches_its_goal_from_below() -> None:
    goal = next(goal for goal in GOALS if goal.en == "64 clients: p99, ms")
    assert [goal.reached(ms) for ms in (49.9, 50, 50.1)] == [True, True, False]


def test_work_that_is_not_waited_for_singly_has_a_rate_and_no_latencies() -> None:
    found = timed("once", 10, lambda: None)
    assert (found.n, found.p50_ms, found.p99_ms) == (10, 0, 0)
    assert found.ops_per_s > 0

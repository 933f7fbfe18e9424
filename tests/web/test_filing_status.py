"""A unit is told where its application is in every place that the table leads to, and what it can do by when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from fundcall.web.filing import status
from states.application import Application, State
from states.table import ROWS
from states.table.row import Row
from tests.drive import world
from workflow.record import decode

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def places(row: Row) -> set[tuple[str, str]]:
    """Where a move leads that says so itself."""
    return {(row.target.value, row.to_phase)} if row.target is not None and row.to_phase is not None else set()


def test_every_place_that_the_table_leads_to_has_its_own_words() -> None:
    inner = {(State.EXPERT_REVIEW.value, phase) for phase in ("reviewing", "proposed", "decline_proposed")}
    led = set().union(*(places(row) for row in ROWS)) - inner
    assert {(str(state), phase) for state, phase in status._STEPS} >= led


def application() -> Application:
    place = world()
    return place.application(place.submitted())


def test_what_presses_comes_first_and_says_by_when() -> None:
    late, soon = NOW.replace(month=6), NOW.replace(month=4)
    one = replace(application(), deadlines={"report:2026H1": soon, "report:2026H1~7d": NOW, "milestone:1": late})
    found = status.open_moves(one, ["RequestChange", "ReportMilestone", "SubmitReport"])
    assert [(move.href.rpartition("/")[2], move.due_at) for move in found] == [
        ("SubmitReport", soon),
        ("ReportMilestone", late),
        ("RequestChange", None),
    ]


def test_who_did_not_ask_for_a_review_in_time_is_told_that_it_is_over() -> None:
    place = world()
    one = replace(application(), state=State.DECLINED, phase="", deadlines={"review_request": NOW})
    events = [decode(stored.body) for stored in place.ledger.stored(application=place.submitted())]
    call = place.handler.calls[one.call_id].call
    assert status.standing(one, events, call).waits == ("本单位", "your unit")
    assert status.standing(replace(one, deadlines={}), events, call).ours is False

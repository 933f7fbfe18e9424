"""A moved deadline is told to those experts alone who have still to keep it, each of their own."""

from __future__ import annotations

from datetime import date

import pytest

from fundcall.directory import FixedDirectory
from notifications.telling import Teller
from states.events import Recorded
from tests.drive import EXPERTS, R1, World, beijing, world
from tests.notifications.reading import read
from workflow.record import decode


def moved(w: World, *off: date) -> dict[str, list[str]]:
    """Whom the last move of an application's deadlines was told, and which deadlines."""
    w.days_off(*off)
    w.after(seconds=1)
    people = FixedDirectory(expert_domain="experts.example")
    teller = Teller(w.ledger, people, w.handler.calls, "from@fund.example", "https://fund.example", lambda _: b"")
    events: list[Recorded] = [decode(one.body) for one in w.ledger.stored()]
    *_, event = (one for one in events if one.type == "DeadlinesRescheduled")
    return {
        told.recipient.id: [
            line.partition("：")[0]
            for line in read(teller.rendered(told, event, b"")).text.partition("—— English")[0].split("\n")
            if line.startswith("· ")
        ]
        for told in teller.told(event)
    }


@pytest.fixture
def w() -> World:
    found = world()
    found.at(beijing("2025-09-12T12:00"))
    return found


def test_an_expert_who_has_accepted_is_told_of_the_score_and_not_of_an_answer_long_given(w: World) -> None:
    application = w.in_review()
    w.do("AcceptInvitation", EXPERTS[0], application)
    w.do("DeclineInvitation", EXPERTS[1], application, reason="时间冲突")
    assert moved(w, date(2025, 9, 15), date(2025, 9, 16)) == {
        f"expert:{EXPERTS[0].id}": ["· 专家评分"],
        f"expert:{EXPERTS[2].id}": ["· 专家答复邀请", "· 专家评分"],
    }


def test_where_one_answer_alone_is_moved_only_whoever_owes_it_is_told(w: World) -> None:
    application = w.in_review()
    for expert in EXPERTS[:3]:
        w.do("AcceptInvitation", expert, application)
    w.at(beijing("2025-09-26T12:00"))
    new = w.experts(EXPERTS[3:4])[0]
    w.do("ReplaceExpert", R1, application, expert=EXPERTS[1].id, replacement=new, reason="尚未评分")
    assert moved(w, date(2025, 9, 29)) == {f"expert:{EXPERTS[3].id}": ["· 专家答复邀请"]}

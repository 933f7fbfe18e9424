"""The time in which an expert answers an invitation (D06): one deadline each, which does not say who reviews."""

from __future__ import annotations

from tests.drive import EXPERTS, R1, World, world
from workflow.record import decode

ONE, TWO, THREE, FOUR = EXPERTS[:4]


def open_invitations(place: World, application: str) -> list[str]:
    names = place.application(application).deadlines
    return sorted(name for name in names if name.startswith("invitation") and "~" not in name)


def test_each_expert_drawn_has_two_working_days_to_answer() -> None:
    place = world()  # a Friday
    application = place.in_review()
    assert open_invitations(place, application) == ["invitation:1", "invitation:2", "invitation:3"]
    assert {place.application(application).deadlines[f"invitation:{n}"].isoformat() for n in (1, 2, 3)} == {
        "2025-09-16T16:00:00+00:00"
    }


def test_every_answer_ends_the_wait_for_that_expert_alone() -> None:
    place = world()
    application = place.in_review()
    place.do("AcceptInvitation", TWO, application)
    assert open_invitations(place, application) == ["invitation:1", "invitation:3"]
    place.do("DeclineInvitation", ONE, application, reason="时间冲突")
    assert open_invitations(place, application) == ["invitation:3"]
    place.do("DeclareConflict", THREE, application, reason="合作关系")
    assert open_invitations(place, application) == []


def test_a_replacement_is_invited_in_the_place_of_the_one_who_did_not_answer() -> None:
    place = world()
    application = place.in_review()
    new = place.experts([FOUR])[0]
    place.do("ReplaceExpert", R1, application, expert=TWO.id, replacement=new, reason="未答复")
    assert open_invitations(place, application) == ["invitation:1", "invitation:3", "invitation:4"]


def test_silence_is_written_down_and_leaves_the_expert_free_to_answer_late() -> None:
    place = world()
    application = place.in_review()
    place.when_due(application, "invitation:1")
    passed = [decode(s.body) for s in place.ledger.stored(application=application) if s.type == "DeadlinePassed"]
    assert [event.data["deadline"] for event in passed] == ["invitation:1", "invitation:2", "invitation:3"]
    assert place.codes("AcceptInvitation", ONE, application) == ()
    assert open_invitations(place, application) == []

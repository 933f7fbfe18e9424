"""What the office weighs before it decides is its own: a unit is told of decisions, not of proposals taken back."""

from states.actor import Actor
from tests.drive import A1, World, world
from workflow.record import decode
from workflow.visible import happened


def told(place: World, application: str, actor: Actor) -> list[str]:
    """The types of the events that somebody may see."""
    seen = (happened(actor, decode(one.body), one.leaf) for one in place.ledger.stored(application=application))
    return [event["type"] for event in seen if event is not None]


def test_a_unit_does_not_hear_of_an_award_proposed_and_taken_back() -> None:
    place = world()
    application = place.proposed()
    place.do("WithdrawProposal", A1, application, reason="专家须重新评分")
    assert told(place, application, A1)[-2:] == ["AwardProposed", "ProposalWithdrawn"]
    assert {"AwardProposed", "ProposalWithdrawn"}.isdisjoint(told(place, application, place.unit(application)))

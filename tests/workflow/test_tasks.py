"""The term from the format check to the decision is whose turn it is: the review officers', then the approving ones'."""

from collections.abc import Callable

import pytest

from tests.drive import A1, R1, World, world
from workflow.tasks import tasks


@pytest.mark.parametrize(
    ("held", "whose"),
    [
        (World.format_checked, [R1]),
        (World.in_review, [R1]),
        (World.scored, [R1]),
        (World.proposed, [A1]),
        (World.approved, []),
    ],
)
def test_the_decision_waits_for_whoever_has_the_next_move(held: Callable[[World], str], whose: list[object]) -> None:
    place = world()
    held(place)
    found = {one: [task.kind for task in tasks(place.ledger, place.handler.calls, one)] for one in (R1, A1)}
    assert [one for one in (R1, A1) if "decision" in found[one]] == whose

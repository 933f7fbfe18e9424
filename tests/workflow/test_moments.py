"""What a call was like at any position is what folding its streams up to there says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from states.application import State
from states.events import REFUSED
from states.fold import fold
from tests.drive import F1, World
from tests.filings import CLIMATE
from workflow.moments import Changed, Moments
from workflow.record import decode


def lived(place: World) -> World:
    """A world with an application in many states, one closed, and refusals."""
    for start in (World.submitted, World.returned, World.rejected, World.scored, World.declined, World.draft):
        start(place)
    place.codes("ClaimFormatCheck", F1, place.draft())
    place.closed()
    return place


def test_at_every_position_states_are_counted_as_folding_counts_them(anew: Callable[..., World]) -> None:
    place = lived(anew())
    moments, events = Moments(place.ledger), [decode(one.body) for one in place.ledger.stored()]
    ever: dict[str, set[str]] = {state.value: set() for state in State}
    now: dict[str, State] = {}
    refusals = 0
    for event in events:
        refusals += event.type == REFUSED
        upto = [one for one in events if one.application == event.application and one.position <= event.position]
        found = fold(upto) if upto[0].type == "DraftCreated" else None
        if found is not None:
            now[found.id] = found.state
            ever[found.state.value].add(found.id)
        standing = moments.standing(place.call_id, event.position)
        assert standing.states == dict(Counter(state.value for state in now.values()))
        assert standing.reached == {name: len(ids) for name, ids in ever.items() if ids}
        assert (standing.applications, standing.refusals) == (len(now), refusals)


def test_what_was_read_before_answers_an_earlier_position_and_another_call_has_none(anew: Callable[..., World]) -> None:
    place = lived(anew())
    moments, head = Moments(place.ledger), place.ledger.head()
    late, early = moments.standing(place.call_id, head), moments.standing(place.call_id, 3)
    assert (early, late) == (
        Moments(place.ledger).standing(place.call_id, 3),
        Moments(place.ledger).standing(place.call_id, head),
    )
    assert moments.standing(CLIMATE.call, head).applications == 0
    assert moments.standing(place.call_id, 0) == ({}, {}, 0, 0)


def test_two_positions_are_compared_application_by_application(anew: Callable[..., World]) -> None:
    place = anew()
    first = place.submitted()
    since = place.ledger.head()
    place.do("ClaimFormatCheck", F1, first)
    second = place.draft()
    place.do("PassFormatCheck", F1, first)
    drafted = len(list(place.ledger.stored(application=second)))
    found = Moments(place.ledger).changed(since, place.ledger.head())
    assert found == [Changed(first, "submitted", "format_checked", 2), Changed(second, "", "draft", drafted)]

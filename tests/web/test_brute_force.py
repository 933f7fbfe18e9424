"""Every address as everybody: with nothing, with one's own application, another unit's, and one that is not there. The
addresses are asked of the application itself, so one added tomorrow is tried tomorrow.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator
from difflib import unified_diff
from pathlib import Path

import pytest
from fastapi import Request, Response

from fundcall.addresses import page, routes
from fundcall.bootstrap import web
from fundcall.web.policy import Door, Route, asks, inventory
from tests.straight import Answer
from tests.web.town import NOBODY, Town, open_town, settle, values

DOCS = Path(__file__).parents[2] / "docs"
NOWHERE = "app-9999"
BLIND = ("applicant", "outsider", "administrator", NOBODY)
"""Those who may not know that the second unit has an application, or who has none: all alike for them."""
COMMANDS = ("WithdrawApplication", "ClaimFormatCheck", "SubmitScore", "PublishProposal")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Two units whose applications were reviewed alike, and a third whose draft waits."""
    found = open_town(tmp_path_factory.mktemp("town") / "data")
    found.own, found.other = found.world.scored(), found.world.scored()
    found.world.draft()
    settle(found, found.world.now)
    yield found
    found.system.close()


def filled(town: Town, route: Route, application: str, command: str = COMMANDS[0]) -> str:
    """The address with something in each place; a place that nobody told us of holds the application, to be sure."""
    told = {**values(town, application), "command": command}
    places = [name for _, name, _, _ in string.Formatter().parse(route.path) if name]
    path = route.path.format(**{name: told.get(name.partition(":")[0], application) for name in places})
    return path if route.method != "GET" else f"{path}?application={application}&id={application}&q={application}"


def asked(town: Town, route: Route, who: str, application: str, command: str = COMMANDS[0]) -> Answer:
    fields = dict.fromkeys(("application", "id", "applications", "account", "session"), application)
    headers = (
        town.key(who)
        if route.policy.door in (Door.KEY, Door.WATCH) or route.path.startswith("/api/")
        else town.cookie(who)
    )
    return town.ask(route, filled(town, route, application, command), who, headers, fields)


def test_the_committed_list_of_addresses_is_what_the_application_answers() -> None:
    assert (DOCS / "routes.md").read_text(encoding="utf-8") == page(routes())


def test_every_address_lets_in_those_it_says_and_no_others(town: Town) -> None:
    wrong = []
    for route in town.routes:
        for who in (NOBODY, *_tried(town, route)):
            answer = asked(town, route, who, town.own)
            actor = town.people.get(who)
            shut = actor is None or not route.policy.admits(actor.role)
            if not _as_said(route.policy.door, answer, known=actor is not None, shut=shut):
                wrong.append((route.method, route.path, who, answer.status, answer.header("location")))
    assert wrong == []


def _tried(town: Town, route: Route) -> list[str]:
    """Everybody whom an address keeps out, and three of those whom it lets in: a page is the same work for each."""
    kept_out = [who for who, actor in town.people.items() if not route.policy.admits(actor.role)]
    return kept_out + [who for who in town.people if who not in kept_out][:3]


def _as_said(door: Door, answer: Answer, *, known: bool, shut: bool) -> bool:
    """Whether an answer is one that the door gives."""
    stopped = {401: "key", 303: "sign-in"}.get(answer.status, "")
    at_the_door = stopped == "key" or (stopped == "sign-in" and answer.header("location").startswith("/sign-in?next="))
    if door is Door.OPEN:
        return not at_the_door and answer.status < 500
    if not known:
        return at_the_door or (door is Door.WATCH and answer.status == 404)
    return answer.status == 403 if shut else not at_the_door and (answer.status < 500 or answer.status == 503)


def test_another_units_application_answers_everywhere_with_the_bytes_of_one_that_is_not_there(town: Town) -> None:
    wrong, tried = told_apart(town, town.routes)
    assert (wrong, tried > 500) == ([], True)


def told_apart(town: Town, those: Iterable[Route]) -> tuple[list[tuple[object, ...]], int]:
    """Where somebody who may not know is told that there is an application, and how often was asked."""
    wrong: list[tuple[object, ...]] = []
    tried = 0
    for route in those:
        if route.policy.door is Door.WATCH:
            continue  # its figures count these very requests
        many = COMMANDS if "{command}" in route.path else COMMANDS[:1]
        for who, command in ((who, command) for who in BLIND for command in many):
            town.system.ledger.write([("DELETE FROM tries", [()])])  # nobody is told to wait for what another asked
            there, nowhere = (asked(town, route, who, name, command) for name in (town.other, NOWHERE))
            tried += 2
            alike = _plain(there, town) == _plain(nowhere, town)
            if not alike or ("{application_id}" in route.path and there.status not in _denials(route)):
                wrong.append((route.method, route.path, who, command, there.status, nowhere.status))
                print(*unified_diff(there.text.splitlines(), nowhere.text.splitlines(), n=0), sep="\n")
    return wrong, tried


def _denials(route: Route) -> set[int]:
    """What those who may not know of an application are told: nothing of it, or that they come to the wrong door."""
    return (
        {404, 403, 401, 303} if route.method == "GET" else {404, 403, 401, 303, 422}
    )  # 422: whoever asks for whatever


def _plain(answer: Answer, town: Town) -> tuple[int, list[tuple[str, str]], bytes]:
    """An answer in which the two ids are one."""
    told = [one for one in answer.headers if one[0] != "x-request-id"]
    headers = [(name, value.replace(NOWHERE, town.other)) for name, value in told]
    return answer.status, headers, answer.body.replace(NOWHERE.encode(), town.other.encode())


def test_the_brute_force_finds_an_address_that_tells_strangers(town: Town) -> None:
    before = town.straight.app
    town.straight.app = web(town.system)

    async def leak(request: Request) -> Response:
        row = town.system.ledger.row(request.path_params["application_id"])
        return Response(status_code=404 if row is None else 403)

    town.straight.app.app.add_route("/leak/{application_id}", asks(Door.INSIDE)(leak), ["GET"])
    found = [route for route in inventory(town.straight.app.app) if route.path.startswith("/leak")]
    wrong, _ = told_apart(town, found)
    town.straight.app = before
    assert {(path, *statuses) for _, path, _, _, *statuses in wrong} == {("/leak/{application_id}", 403, 404)}


def test_nothing_is_served_of_which_nobody_said_who_may_ask_for_it(town: Town) -> None:
    app = web(town.system).app
    app.add_route("/new", lambda _: Response(), ["GET"])
    with pytest.raises(TypeError, match="nobody said who may ask"):
        inventory(app)

"""Schemathesis makes requests from the interface's own description: whatever it makes, no answer is a 500."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from random import Random
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings

from fundcall.accounts.entrance import Entrance
from fundcall.documents.examiner import Examiner
from states.commands import COMMANDS
from tests.api.everybody import Told, ask, campaign, everybody, operations, stock, visit
from tests.api.office import Office, open_office
from tests.api.pages import settled, wishes
from tests.api.spoiling import Wish, spoilt
from tests.drive import A1
from tests.web.town import Town

EXAMPLES = 3


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory, examiner: Examiner) -> Iterator[Office]:
    office = open_office(tmp_path_factory.mktemp("office") / "data", examiner)
    with office.client:
        yield office
    office.system.ledger.close()


def test_no_request_made_from_the_description_breaks_the_server(lasting: Office) -> None:
    interface = schemathesis.openapi.from_asgi("/api/v1/openapi.json", lasting.client.app)
    operations: list[Any] = [cast("Any", found).ok() for found in interface.get_all_operations()]
    assert len(operations) > len(COMMANDS)
    for operation in operations:
        answers(operation, lasting)


def answers(operation: Any, office: Office) -> None:
    """Send what is made for one operation, as a unit and as an officer in turn."""
    actors = cycle([office.unit(), A1])

    @given(case=operation.as_strategy())
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def send(case: Any) -> None:
        answer = case.call(headers={"Authorization": f"Bearer {office.key(next(actors))}"})
        assert answer.status_code < 500, f"{operation.label}: {answer.status_code} {answer.text}"

    send()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    found = settled(tmp_path_factory.mktemp("town") / "data")
    yield found
    found.system.close()


def test_requests_asked_by_everybody_bring_no_fault(lasting: Office, town: Town) -> None:
    stock(lasting)
    told = list(campaign(lasting, town, 300, 7, cases=1))[-1]
    assert (told.faults, told.requests >= 300, {200, 401, 404} <= told.statuses.keys()) == ([], True, True)


def test_a_fault_of_ours_is_found_whoever_asks(lasting: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> int:
        raise RuntimeError("planted")

    (alive,) = (found for found in operations(lasting) if found.label == "GET /healthz")
    monkeypatch.setattr(type(lasting.system.ledger), "head", broken)
    ask(lasting, alive, 1, 7, told := Told())
    assert {line.partition(": ")[0] for line in told.faults} == {f"GET /healthz as {who}" for who in everybody(lasting)}


def test_a_fault_of_a_page_is_found(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("planted")

    each = wishes(town, Random(7))
    next(each)
    monkeypatch.setattr(Entrance, "guest", broken)
    visit(town, each, 20, told := Told())
    assert len(told.faults) > 10


def test_the_same_chance_spoils_a_request_in_the_same_way() -> None:
    wish = Wish(
        "POST", "/api/v1/applications/x/commands/EditDraft", "", (("accept", "*/*"),), b'{"form": {"title": "x"}}'
    )
    made = [spoilt(wish, Random(n)) for n in range(200)]
    assert made == [spoilt(wish, Random(n)) for n in range(200)]
    assert len(set(made)) > 150
    assert made.count(wish) < 20  # taking away a header that was not there

"""Requests made from the interface's own description, each asked by everybody: `python -m tests.api.everybody --help`.

Every case that Schemathesis makes is sent as each role, as a stranger and with a key that is none, half of them about
applications that are there; then once more, spoilt (`spoiling`). Between them pages are asked for, and the forms that they show
are sent off spoilt, by whoever sees them (`pages`). Whatever comes, no answer is a fault of ours.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, cast

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from fundcall.documents.examiner import Examiner
from states.actor import Actor, Role
from tests.api.office import Office, open_office
from tests.api.pages import settled, wishes
from tests.api.spoiling import Wish, spoilt
from tests.drive import A1, C1, EXPERTS, F1, M1, R1
from tests.straight import HOST, PEER, Answer, Straight
from tests.web.town import Town

FAULT = 500
_TAKEN = ("method", "url", "headers", "params", "json", "content", "data", "files")
_PHASES = (Phase.explicit, Phase.generate)


@schemathesis.serializer("application/pdf")
def whole_file(_: Any, value: Any) -> bytes:
    """A file is its bytes."""
    return bytes(value) if isinstance(value, bytes | bytearray) else str(value).encode("utf-8", "surrogatepass")


@dataclass
class Told:
    """What came back: how many answers of each status, and those that are faults."""

    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    @property
    def requests(self) -> int:
        return self.statuses.total()

    def count(self, what: str, wish: Wish, answer: Answer) -> None:
        """Take an answer into account."""
        self.statuses[answer.status] += 1
        if answer.status >= FAULT:
            sent = f"{wish.method} {wish.address[:200]} {wish.body[:200]!r} {wish.headers}"
            self.faults.append(f"{what}: {answer.status} {answer.text[:300]} <- {sent}")


def everybody(office: Office) -> Mapping[str, Actor | str | None]:
    """Whoever may ask: one of each role, a second unit, nobody, and somebody with a wrong key."""
    known = {actor.role.value: actor for actor in (F1, R1, A1, M1, C1, EXPERTS[0])}
    others = {role.value: Actor(f"{role.value}-9", role) for role in (Role.HEAD, Role.AUDITOR, Role.ADMINISTRATOR)}
    return {**known, **others, "unit": office.unit(1), "stranger": office.unit(2), "nobody": None, "wrong": "fc_wrong"}


def operations(office: Office) -> list[Any]:
    """Everything that the interface describes."""
    interface = schemathesis.openapi.from_asgi("/api/v1/openapi.json", office.client.app)
    return [cast("Any", found).ok() for found in interface.get_all_operations()]


def ask(office: Office, operation: Any, cases: int, number: int, told: Told) -> None:
    """Make so many cases of one operation, and send each as everybody, as it is and spoilt."""
    people, there = everybody(office), [row.id for row in office.system.ledger.rows()]
    chance, straight = Random(number), Straight(office.client.app)

    @seed(number)
    @settings(max_examples=cases, deadline=None, database=None, phases=_PHASES, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(), known=st.sampled_from([*there, *[""] * len(there)]))
    def send(case: Any, known: str) -> None:
        if known and "application_id" in (case.path_parameters or {}):
            case.path_parameters["application_id"] = known
        for name, who in people.items():
            headers = (
                {} if who is None else {"Authorization": f"Bearer {who if isinstance(who, str) else office.key(who)}"}
            )
            wish = _wish(office, case, headers)
            for sent in (wish, spoilt(wish, chance)):
                told.count(f"{operation.label} as {name}", sent, answer(straight, sent))

    send()


def _wish(office: Office, case: Any, headers: Mapping[str, str]) -> Wish:
    """A case as it goes over the wire."""
    given = case.as_transport_kwargs(base_url=f"https://{HOST}", headers=dict(headers))
    if isinstance(given.get("data"), bytes | str):  # bytes as they are, and no fields of a form
        given["content"] = given.pop("data")
    request = office.client.build_request(**{name: given[name] for name in _TAKEN if name in given})
    path, _, query = request.url.raw_path.decode("ascii").partition("?")
    pairs = tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in request.headers.raw)
    return Wish(request.method, path, query, pairs, request.read())


def answer(straight: Straight, wish: Wish) -> Answer:
    """What is answered; what the application raises counts as an answer of 500."""
    pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in wish.headers]
    try:
        return straight.raw(wish.method, wish.address, pairs, wish.body, PEER)
    except Exception as wrong:  # noqa: BLE001 - whatever it is
        return Answer(FAULT, (), f"raised {wrong!r}".encode())


def visit(town: Town, each: Iterator[tuple[str, Wish]], number: int, told: Told) -> None:
    """Ask so many times for pages."""
    for who, wish in islice(each, number):
        town.inside.discard(who)  # it may sign out
        town.system.ledger.write([("DELETE FROM tries", [()])])  # or nobody signs in any more
        told.count(f"{wish.method} {wish.path[:80]} as {who}", wish, answer(town.straight, wish))


def campaign(office: Office, town: Town, requests: int, number: int, cases: int = 4) -> Iterator[Told]:
    """Ask until so many requests were sent, round after round in another order; what came so far, after each operation."""
    told, found, each = Told(), operations(office), wishes(town, Random(number))
    while told.requests < requests:
        for operation in Random(number).sample(found, len(found)):
            before = told.requests
            ask(office, operation, cases, number, told)
            visit(town, each, (told.requests - before) // 2, told)
            yield told
            if told.requests >= requests:
                break
            number += 1


def main() -> int:
    """Ask, and print what came back, so far where it is interrupted; 1 where anything was a fault."""
    asked = parser().parse_args()
    begun, told = time.monotonic(), Told()
    with tempfile.TemporaryDirectory() as folder, closing(Examiner()) as examiner, _progress() as progress:
        bar = progress.add_task("请求 · requests", total=asked.requests, more="")
        office, town = open_office(Path(folder) / "office", examiner), settled(Path(folder) / "town")
        with office.client, closing(office.system.ledger), closing(town.system), suppress(KeyboardInterrupt):
            stock(office)
            for told in campaign(office, town, asked.requests, asked.seed):
                progress.update(bar, completed=told.requests, more=f"{len(told.faults)} faults")
    found = {"requests": told.requests, "seconds": round(time.monotonic() - begun, 1), "seed": asked.seed}
    print(json.dumps({**found, "statuses": dict(sorted(told.statuses.items())), "faults": told.faults[:50]}, indent=2))
    return 1 if told.faults else 0


def parser() -> argparse.ArgumentParser:
    """What may be asked."""
    found = argparse.ArgumentParser(prog="python -m tests.api.everybody", description=str(__doc__).partition("\n")[0])
    found.add_argument("--requests", type=int, default=100_000, metavar="N", help="请求数 · so many requests (100,000)")
    found.add_argument("--seed", type=int, default=1, metavar="N", help="随机种子 · the seed")
    return found


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, TextColumn("{task.fields[more]}"), console=Console(stderr=True), transient=True)


def stock(office: Office) -> None:
    """Applications to ask about: a draft, one submitted, one of another unit."""
    office.draft(1)
    office.submitted(2)
    office.submitted(3)


if __name__ == "__main__":
    raise SystemExit(main())

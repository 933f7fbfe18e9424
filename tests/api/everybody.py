"""Requests made from the interface's own description, each asked by everybody: `python -m tests.api.everybody --help`.

Every case that Schemathesis makes is sent as each role, as a stranger and with a key that is none, half of them about
applications that are there. Whatever comes, no answer is a fault of ours.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, cast

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from fundcall.documents.examiner import Examiner
from states.actor import Actor, Role
from tests.api.office import Office, open_office
from tests.drive import A1, C1, EXPERTS, F1, M1, R1

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
    """Make so many cases of one operation, and send each as everybody."""
    people, there = everybody(office), [row.id for row in office.system.ledger.rows()]

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
            answer = office.client.request(**_request(case, headers))
            told.statuses[answer.status_code] += 1
            if answer.status_code >= FAULT:
                told.faults.append(f"{operation.label} as {name}: {answer.status_code} {answer.text[:200]}")

    send()


def _request(case: Any, headers: Mapping[str, str]) -> dict[str, Any]:
    given = case.as_transport_kwargs(base_url="https://fund.example", headers=dict(headers))
    return {name: given[name] for name in _TAKEN if name in given}


def campaign(office: Office, requests: int, number: int, cases: int = 4) -> Iterator[Told]:
    """Ask until so many requests were sent, round after round in another order; what came so far, after each operation."""
    told, found = Told(), operations(office)
    while told.requests < requests:
        for operation in Random(number).sample(found, len(found)):
            ask(office, operation, cases, number, told)
            yield told
            if told.requests >= requests:
                break
            number += 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    begun, told = time.monotonic(), Told()
    with tempfile.TemporaryDirectory() as folder:
        examiner = Examiner()
        office = open_office(Path(folder) / "data", examiner)
        try:
            with office.client:
                stock(office)
                for told in campaign(office, asked.requests, asked.seed):
                    if sys.stderr.isatty():
                        print(f"\r{told.requests} {len(told.faults)}", end="", file=sys.stderr)
        finally:
            office.system.ledger.close()
            examiner.close()
    found = {"requests": told.requests, "seconds": round(time.monotonic() - begun, 1), "seed": asked.seed}
    print(json.dumps({**found, "statuses": dict(sorted(told.statuses.items())), "faults": told.faults[:50]}, indent=2))
    return 1 if told.faults else 0


def stock(office: Office) -> None:
    """Applications to ask about: a draft, one submitted, one of another unit."""
    office.draft(1)
    office.submitted(2)
    office.submitted(3)


if __name__ == "__main__":
    raise SystemExit(main())

"""One notice of every kind and shape as it once followed from an event: to be looked at, and to try other words on."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from notifications.render import Recipient
from notifications.rules import Planned
from notifications.view import Deadlines
from states.events import Recorded
from workflow.record import canonical, decode, encode, leaf_hash

FILE = Path(__file__).with_name("samples.json")
READER = Recipient("sample", "张乌有", "zhang@example.org")
"""To whom samples are made out."""


class Sample(NamedTuple):
    """A notice that some event gave in a call, and what it was about as notices show it."""

    call_id: str
    planned: Planned
    event: Recorded
    about: dict[str, Any]

    @property
    def leaf(self) -> bytes:
        """The hash of the event, as it would stand on the ledger."""
        return leaf_hash(encode(self.event))


@cache
def samples() -> tuple[Sample, ...]:
    """All of them, by template."""
    return tuple(map(_read, FILE.read_bytes().splitlines()))


def of_template(template: str, call_id: str) -> tuple[Sample, ...]:
    """Those by one template, a call's own first."""
    found = [one for one in samples() if one.planned.template == template]
    return tuple(sorted(found, key=lambda one: one.call_id != call_id))


def _read(line: bytes) -> Sample:
    held = orjson.loads(line)
    about = held["about"]
    if "deadlines" in about:
        about["deadlines"] = Deadlines(about["deadlines"])
    return Sample(held["call"], Planned(*held["plan"]), decode(orjson.dumps(held["event"])), about)


def line(call_id: str, planned: Planned, event: bytes, about: dict[str, Any]) -> bytes:
    """A sample as a line of the file."""
    held = {"call": call_id, "plan": list(planned), "event": orjson.loads(event), "about": about}
    return canonical(orjson.loads(orjson.dumps(held)))

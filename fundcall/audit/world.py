"""The one check of everything, for tests, campaigns and operators: does what stands follow from the ledger?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from fundcall.audit.duties import duties
from fundcall.audit.merkle import Tree
from fundcall.audit.streams import Part, Span, check_streams
from states.application import Application
from workflow.notices import Notices
from workflow.ports import Ledger
from workflow.replay import Divergence, check_spine


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check found. `root` is the Merkle root over all events, in hexadecimal; `sound` holds the fingerprints of
    the streams in which nothing was found, where they were asked for; `remarks` what could not be checked, and how often.
    """

    events: int
    root: str
    overdue: int
    divergences: tuple[Divergence, ...]
    states: Mapping[str, int]
    sound: Mapping[str, bytes]
    remarks: Mapping[str, int]


Parts = Callable[[], Iterable[Part]]


def check_world(
    ledger: Ledger,
    notices: Notices | None = None,
    now: datetime | None = None,
    acknowledged: Iterable[str] = (),
    expected_notices: Callable[[], Mapping[int, int]] | None = None,
    tell: Callable[[int], None] | None = None,
    parts: Parts | None = None,
    look: Callable[[Application], None] | None = None,
) -> Verdict:
    """Fold everything and compare. `acknowledged`: command ids that were answered as accepted, kept outside.

    `now`: no deadline may be armed that was due before it. `expected_notices`: how many notices each position gives.
    `parts` checks the streams elsewhere (in other processes, at a greater depth); `look` is shown every application, if
    they are checked here.
    """
    here = partial(check_streams, ledger, Span("", None), (duties,), look=look)
    checked = (
        parts() if parts is not None else (check() for check in (here,))
    )  # processes begin while the spine is read
    tree, whole = Tree(), Part.none()
    found = list(check_spine(ledger, 0, ledger.head(), tree.extend))
    for part in checked:
        whole = whole.with_part(part)
        if tell is not None:
            tell(part.events)
    overdue = [due for due in ledger.deadlines() if due.due_at < now] if now is not None else []
    found += [
        *sorted(whole.divergences, key=lambda d: (d.application, d.position)),
        *_lost(ledger, acknowledged),
        *_places(whole),
        *_counts(whole, ledger),
        *(Divergence(0, d.application, f"overdue deadline {d.name}", "fired", d.due_at.isoformat()) for d in overdue),
    ]
    if notices is not None and expected_notices is not None:
        found += _notices(notices, expected_notices())
    return Verdict(
        whole.events, tree.root().hex(), len(overdue), tuple(found), whole.states, whole.sound, whole.remarks
    )


def _lost(ledger: Ledger, acknowledged: Iterable[str]) -> Iterator[Divergence]:
    """Every acknowledged command is on the ledger."""
    wanted = list(acknowledged)
    if wanted:
        known = ledger.transact(lambda transaction: {c for c in wanted if transaction.answered(c) is not None})
        for command_id in wanted:
            if command_id not in known:
                yield Divergence(0, "", f"acknowledged command {command_id}", "an event", "none")


def _places(whole: Part) -> Iterator[Divergence]:
    """One live application a unit and call, exceptions aside."""
    for (_, unit), count in whole.places.items():
        if count > 1:
            yield Divergence(0, unit, "live applications of one unit", "1", str(count))


def _counts(whole: Part, ledger: Ledger) -> Iterator[Divergence]:
    """The counts in lists are those of a brute-force count."""
    expected, found = dict(whole.states), ledger.counts()
    if expected != found:
        yield Divergence(
            0, "", "counts by state", str(dict(sorted(expected.items()))), str(dict(sorted(found.items())))
        )


def _notices(notices: Notices, expected: Mapping[int, int]) -> Iterator[Divergence]:
    """Each event has given just its notices."""
    found = Counter(notice.position for notice in notices.notices() if notice.of_event)
    for position in sorted(expected.keys() | found.keys()):
        if expected.get(position, 0) != found.get(position, 0):
            yield Divergence(position, "", "notices", str(expected.get(position, 0)), str(found.get(position, 0)))

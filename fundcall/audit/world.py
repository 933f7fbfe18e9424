"""The one check of everything, for tests, campaigns and operators: does what stands follow from the ledger?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from fundcall.audit.merkle import Tree
from workflow.ports import Ledger, Notices
from workflow.replay import Divergence, Replayed, compare, fold_all

# Who proposed may not confirm: the earlier and the later event of one application.
_DUTIES = (
    ("RejectionProposed", "ApplicationRejected"),
    ("AwardProposed", "ProposalPublished"),
    ("AwardProposed", "ApplicationApproved"),
    ("FormatCheckPassed", "ApplicationApproved"),
    ("DeclineProposed", "ApplicationDeclined"),
    ("SuspensionProposed", "ProjectSuspended"),
    ("OutcomeProposed", "ApplicationClosed"),
    ("TerminationProposed", "ApplicationTerminated"),
    ("RevocationProposed", "ApplicationRevoked"),
    ("RecoveryRecorded", "RecoveryClosed"),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check found. `root` is the Merkle root over all events, in hexadecimal."""

    events: int
    root: str
    overdue: int
    divergences: tuple[Divergence, ...]
    replayed: Replayed


def check_world(
    ledger: Ledger,
    notices: Notices | None = None,
    now: datetime | None = None,
    acknowledged: Iterable[str] = (),
    expected_notices: Callable[[], Mapping[int, int]] | None = None,
    tell: Callable[[int], None] | None = None,
) -> Verdict:
    """Fold everything and compare. `acknowledged`: command ids that were answered as accepted, kept outside.

    `now`: no deadline may be armed that was due before it. `expected_notices`: how many notices each position gives.
    """
    tree = Tree()
    replayed = fold_all(ledger.stored(), tree.append, tell)
    overdue = [due for due in ledger.deadlines() if now is not None and due.due_at < now]
    found = [
        *replayed.divergences,
        *compare(replayed, ledger),
        *_lost(ledger, acknowledged),
        *_places(replayed),
        *_duties(replayed),
        *_counts(replayed, ledger),
        *(Divergence(0, d.application, f"overdue deadline {d.name}", "fired", d.due_at.isoformat()) for d in overdue),
    ]
    if notices is not None and expected_notices is not None:
        found += _notices(notices, expected_notices())
    return Verdict(replayed.events, tree.root().hex(), len(overdue), tuple(found), replayed)


def _lost(ledger: Ledger, acknowledged: Iterable[str]) -> Iterator[Divergence]:
    """Every acknowledged command is on the ledger."""
    wanted = list(acknowledged)
    if wanted:
        known = ledger.transact(lambda transaction: {c for c in wanted if transaction.answered(c) is not None})
        for command_id in wanted:
            if command_id not in known:
                yield Divergence(0, "", f"acknowledged command {command_id}", "an event", "none")


def _places(replayed: Replayed) -> Iterator[Divergence]:
    """One live application a unit and call, exceptions aside."""
    live = Counter(
        (a.call_id, a.unit_code) for a in replayed.applications.values() if a.live and not a.exception_granted
    )
    for (_, unit), count in live.items():
        if count > 1:
            yield Divergence(0, unit, "live applications of one unit", "1", str(count))


def _duties(replayed: Replayed) -> Iterator[Divergence]:
    """Nobody confirmed what they proposed themselves."""
    for a in replayed.applications.values():
        for first, second in _DUTIES:
            if second in a.acts and a.acts.get(first) == a.acts[second]:
                yield Divergence(0, a.id, f"{first} and {second}", "two people", a.acts[second])
        for payment in a.payments:
            if payment.confirmed_by == payment.recorded_by:
                yield Divergence(0, a.id, f"payment {payment.instalment}", "two people", payment.recorded_by)


def _counts(replayed: Replayed, ledger: Ledger) -> Iterator[Divergence]:
    """The counts in lists are those of a brute-force count."""
    expected = Counter(a.state.value for a in replayed.applications.values())
    found = ledger.counts()
    if dict(expected) != found:
        yield Divergence(
            0, "", "counts by state", str(dict(sorted(expected.items()))), str(dict(sorted(found.items())))
        )


def _notices(notices: Notices, expected: Mapping[int, int]) -> Iterator[Divergence]:
    """Each event has given just its notices."""
    found = Counter(notice.position for notice in notices.notices())
    for position in sorted(expected.keys() | found.keys()):
        if expected.get(position, 0) != found.get(position, 0):
            yield Divergence(position, "", "notices", str(expected.get(position, 0)), str(found.get(position, 0)))

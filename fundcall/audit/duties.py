"""Separation of duties, as far as it can be read from what became of an application."""

from __future__ import annotations

from collections.abc import Iterator

from workflow.replay import Divergence, Folded

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


def duties(folded: Folded) -> Iterator[Divergence]:
    """Nobody confirmed what they proposed themselves."""
    a = folded.application
    if a is None:
        return
    for first, second in _DUTIES:
        if second in a.acts and a.acts.get(first) == a.acts[second]:
            yield Divergence(0, a.id, f"{first} and {second}", "two people", a.acts[second])
    for payment in a.payments:
        if payment.confirmed_by == payment.recorded_by:
            yield Divergence(0, a.id, f"payment {payment.instalment}", "two people", payment.recorded_by)
    for number, entry in enumerate(a.credits, 1):
        if len({*entry.by}) < 2:
            yield Divergence(0, a.id, f"credit entry {number}", "two people", entry.by[0])

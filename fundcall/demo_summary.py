"""What came of a demo: where its applications ended up, what was refused and told, and how far the targets were reached."""

from __future__ import annotations

import resource
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from fundcall.audit.world import Verdict
from fundcall.bootstrap import System
from fundcall.simulate.programme import Ran
from states.application import MAIN_LINE, Application, State
from states.events import BY_NAME, REFUSED
from states.funding_call import FundingCall
from states.programme import PROGRAMME_EVENTS
from states.table import TWIN
from workflow.record import decode


@dataclass(frozen=True, slots=True)
class Ended:
    """The check at the end of a run, and where each application ended up."""

    verdict: Verdict
    applications: Sequence[Application]


def summarise(system: System, call: FundingCall, ran: Ran, ended: Ended, seed: int, seconds: float) -> dict[str, Any]:
    """What came of a run, as plain JSON."""
    verdict = ended.verdict
    passed, refusals = _history(system)
    notices = system.notices.notice_counts()
    by_status = Counter[str]()
    for (_, _, _, status), n in notices.items():
        by_status[status] += n
    by_ref = Counter[str]()
    for (ref, template, _, _), n in notices.items():
        by_ref[f"{ref} {template}"] += n
    return {
        "call": call.id,
        "seed": seed,
        "applicants": ran.applicants,
        "applications": len(ended.applications),
        "by_state": {state.value: system.ledger.counts().get(state.value, 0) for state in State},
        "passed_through": {state.value: passed[state.value] for state in MAIN_LINE},
        "refusals": dict(refusals.most_common()),
        "notices": {"recorded": sum(by_status.values()), **{s: by_status[s] for s in sorted({"accepted", *by_status})}},
        "notices_by_kind": dict(sorted(by_ref.items())),
        "deadlines": {"fired": ran.deadlines_fired, "overdue": verdict.overdue},
        "targets": targets(call, ended.applications),
        "unflagged_after_end": unflagged(call, ended.applications),
        "ledger": {"events": verdict.events, "root": verdict.root},
        "divergences": len(verdict.divergences),
        "ended_at": ran.ended_at.isoformat(),
        "seconds": round(seconds, 1),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _history(system: System) -> tuple[Counter[str], Counter[str]]:
    """How many applications were ever in each state, and how many refusals there were by code."""
    through: dict[str, set[State]] = defaultdict(set)
    refusals: Counter[str] = Counter()
    at: dict[str, State] = {}
    for stored in system.ledger.stored():
        if stored.type in PROGRAMME_EVENTS:
            continue
        if stored.type == REFUSED:
            refusals[decode(stored.body).data["refusals"][0]["code"]] += 1
        elif BY_NAME[stored.type].command == "CreateDraft":
            at[stored.application] = State.DRAFT
        else:
            at[stored.application] = TWIN[at[stored.application], stored.type][0]
        if stored.application in at:
            through[stored.application].add(at[stored.application])
    return Counter(state.value for states in through.values() for state in states), refusals


def targets(call: FundingCall, applications: Iterable[Application]) -> dict[str, dict[str, int]]:
    """Progress against the programme's targets: what accepted projects were verified to bring."""
    counts: Counter[str] = Counter()
    for application in applications:
        if application.outcome == "accepted":
            counts.update(application.verified)
    return {target.id: {"reached": counts[target.id], "at_least": target.at_least} for target in call.targets}


def unflagged(call: FundingCall, applications: Iterable[Application]) -> int:
    """Applications in execution with a last day after the call's own, or past their last day without a flag."""
    wrong = 0
    for application in applications:
        late = call.execution_ends_by and application.end_on and application.end_on > call.execution_ends_by
        running = application.state is State.IN_EXECUTION and not application.flags & {"execution_ended", "completed"}
        granted = bool(late and application.state in (State.APPROVED, State.FUNDED, State.IN_EXECUTION, State.CLOSED))
        wrong += running or granted
    return wrong

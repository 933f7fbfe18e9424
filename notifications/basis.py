"""On what a notice rests: the call's own clauses and quotes, the basis of its periods, and the law it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from states.events import Recorded
from states.funding_call import FundingCall

# Which of the call's rules a notice quotes, by the check that asks them.
_CITED: Mapping[str, tuple[str, ...]] = {
    "call_published": ("window",),
    "draft_created": ("window",),
    "draft_lapsed": ("window",),
    "remind_submit": ("window",),
    "submission_receipt": ("window",),
    "second_filing_granted": ("one_per_unit",),
    "withdrawn": ("window",),
    "topic_reassigned": ("topic",),
    "execution_started": ("ends_by",),
    "extension_decided": ("ends_by",),
    "remind_execution_end": ("ends_by",),
    "execution_ended": ("ends_by",),
}

_OWN_HOUSEKEEPING = frozenset({"archive", "start"})  # periods that say nothing to anybody outside


def clauses(template: str, event: Recorded, call: FundingCall) -> tuple[str, ...]:
    """The clauses of the call that a notice rests on, in its own words, then the periods it sets or tells of."""
    return tuple(dict.fromkeys((*_rules(template, call), *_own(event), *_periods(event, call))))


def _rules(template: str, call: FundingCall) -> Iterator[str]:
    for check in _CITED.get(template, ()):
        for rule in call.rules.values():
            if rule.check == check:
                yield f"{rule.clause}“{rule.quote}”"


def _own(event: Recorded) -> Iterator[str]:
    """The clauses that the event itself names: of a rejection, of what is to be mended, of what was refused."""
    if "clause" in event.data:
        yield str(event.data["clause"])
    for item in (*event.data.get("items", ()), *event.data.get("refusals", ())):
        yield str(item["clause"])


def _periods(event: Recorded, call: FundingCall) -> Iterator[str]:
    names = [event.data["deadline"]] if "deadline" in event.data else []
    for name in (*names, *event.data.get("arms", ())):
        kind = name.partition("~")[0].partition(":")[0]
        if kind in call.periods and kind not in _OWN_HOUSEKEEPING:
            period = call.periods[kind]
            yield f"{period.zh}：{period.basis}"

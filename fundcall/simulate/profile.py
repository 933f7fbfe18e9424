"""What one simulated applicant is like: drawn once from the seed, then fate."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from fundcall.simulate.people import unit_code, unit_name
from states.calendar import add_months, local_day, midnight, zone
from states.checks import DocumentFacts
from states.funding_call import Field, FundingCall, Topic

FILINGS = (("clean", 80), ("late", 3), ("never", 4), ("withdraws", 2), ("withdraws_and_refiles", 2), ("too_long", 2),
           ("broken_seal", 2), ("oversize", 1), ("misses_figure", 3), ("outside", 1), ("missing_material", 3),
           ("branch", 1), ("completed", 1), ("dishonest", 1))  # fmt: skip
CHECKS = (("pass", 88), ("corrected", 8), ("correction_lapses", 2), ("rejected", 2))
REVIEWS = (("award", 36), ("decline", 55), ("objection_dismissed", 4), ("objection_upheld", 2), ("review_asked", 3))
AWARDS = (("signs", 95), ("never_signs", 2), ("waives", 2), ("paid_twice", 1))
RUNS = (("on_time", 60), ("early", 12), ("late_report", 8), ("extension", 6), ("too_long_extension", 4), ("change", 4),
        ("suspended", 2), ("terminated", 2), ("revoked", 1), ("overdue", 3))  # fmt: skip
ACCEPTANCES = (("accepted", 82), ("rectified", 9), ("concluded", 4), ("failed", 3), ("materials", 3))


@dataclass
class Profile:
    """One applicant's fate. `merit` is what experts see in it, in percent of full marks. `form` is what is filed; `first_form` what is tried first, where that differs."""

    n: int
    id: str
    unit_code: str
    unit_name: str
    unit_kind: str
    topic: Topic
    form: dict[str, Any]
    documents: tuple[DocumentFacts, ...]
    created_at: datetime
    submits_at: datetime
    filing: str = "clean"
    check: str = "pass"
    review: str = "award"
    merit: int = 84
    award: str = "signs"
    run: str = "on_time"
    acceptance: str = "accepted"
    title: str = ""
    first_form: dict[str, Any] = field(default_factory=dict)
    email: str = ""
    again_at: datetime | None = None


def chosen(random: Random, weights: tuple[tuple[str, int], ...]) -> str:
    """One of the names, by weight."""
    names, counts = zip(*weights, strict=True)
    return str(random.choices(names, counts)[0])


def digest(*parts: object) -> str:
    """A SHA-256 that follows from the parts, as lower-case hexadecimal."""
    return hashlib.sha256(":".join(map(str, parts)).encode()).hexdigest()


def documents(call: FundingCall, seed: int, owner: str, name: str, *, seal: str = "valid") -> tuple[DocumentFacts, ...]:
    """One sealed PDF for each material that the call requires."""
    return tuple(
        DocumentFacts(digest(seed, owner, m.id, seal), m.id, f"{m.zh}.pdf", 400_000 + len(owner), "pdf", seal, name)
        for m in call.materials.values()
        if m.required
    )


def form_of(call: FundingCall, topic: Topic, title: str, period: tuple[date, date], asked: int) -> dict[str, Any]:
    """A form that meets every rule of the call."""
    form: dict[str, Any] = {}
    for name in call.fields.values():
        if name.concerns(topic.id) and (name.type not in _LEFT_OUT or name.required):
            form[name.id] = _filled(call, name, period)
    wishes: Mapping[str, Any] = {
        "topic": topic.id,
        "title": title[: call.fields["title"].limit],
        "start_on": period[0].isoformat(),
        "end_on": period[1].isoformat(),
        "requested_minor": asked,
        "total_investment_minor": asked * 5,
        "completion_percent": 0,
    }
    form |= {name: value for name, value in wishes.items() if name in call.fields}
    return form | _figures(call, topic, form, wishes)


_LEFT_OUT = ("choices", "text", "date")
"""Types of fields that nobody fills in who need not."""


def _filled(call: FundingCall, field: Field, period: tuple[date, date]) -> Any:
    """Some value of the field's type, and none that the call excludes."""
    excluding = (rule.params for rule in call.rules.values() if rule.check == "excludes")
    excluded = [value for params in excluding if params["field"] == field.id for value in params["values"]]
    choices = [choice.value for choice in field.choices if choice.value not in excluded]
    match field.type:
        case "flag":
            return True
        case "date":
            return period[0].isoformat()
        case "choice":
            return choices[0]
        case "choices":
            return choices[:1]
        case "text":
            return field.en[: field.limit]
        case _:
            return min(field.limit, 1000)


def _figures(call: FundingCall, topic: Topic, form: Mapping[str, Any], wishes: Mapping[str, Any]) -> dict[str, int]:
    """The figures of a form, moved within the thresholds of the call: just beyond one, where nothing else is wished."""
    found: dict[str, int] = {}
    rules = call.rules_at("submit", topic.id)
    bounds = [rule.params for rule in rules if rule.check == "threshold"]
    for name in (name for name, value in form.items() if type(value) is int):
        of_it = [bound for bound in bounds if bound["field"] == name]
        holding = [b for b in of_it if all(form.get(other) == wanted for other, wanted in b.get("when", {}).items())]
        low = max((b["value"] + (b["op"] == ">") for b in holding if b["op"] in (">", ">=")), default=0)
        high = min((b["value"] - (b["op"] == "<") for b in holding if b["op"] in ("<", "<=")), default=_ANY)
        wish = form[name] if name in wishes or not of_it else of_it[0]["value"]
        found[name] = min(max(wish, low), high, call.fields[name].limit)
    for cap in (rule.params for rule in rules if rule.check == "cap" and rule.params["field"] in found):
        name, whole = cap["field"], cap.get("of")
        found[name] = min(found[name], cap.get("minor_max", _ANY))
        if whole in found and "percent_max" in cap:
            needed = -(-found[name] * 100 // cap["percent_max"])
            found[whole] = max(found[whole], min(needed, call.fields[whole].limit))
            found[name] = min(found[name], found[whole] * cap["percent_max"] // 100)
    return found


_ANY = 2**63 - 1


def window_instant(call: FundingCall, random: Random) -> datetime:
    """When somebody submits: thick in the closing minutes, as everywhere."""
    length = (call.closes_at - call.opens_at).total_seconds()
    draw = random.random()
    if draw < 0.10:
        before = random.uniform(0.2, 600)
    elif draw < 0.35:
        before = random.uniform(600, 6 * 3600)
    elif draw < 0.55:
        before = random.uniform(6 * 3600, 48 * 3600)
    else:
        before = random.uniform(48 * 3600, length * 0.97) if length > 60 * 3600 else length / 2
    return call.closes_at - timedelta(seconds=round(before, 6))


def period_of(call: FundingCall, random: Random) -> tuple[date, date]:
    """An execution period that keeps the call's rules."""
    closes = local_day(call.closes_at, call.timezone)
    start = add_months(closes.replace(day=1), random.randint(1, 3))
    last = call.execution_ends_by or add_months(start, 24)
    end = min(last, add_months(start, random.choice((18, 21, 24, 24))) - timedelta(days=1))
    if random.random() < 0.25:
        end = last if add_months(start, 24) - timedelta(days=1) >= last else end
    return start, max(end, start + timedelta(days=60))


def generated(call: FundingCall, seed: int, n: int) -> Profile:
    """The n-th generated applicant of a seed; the same whatever else is generated."""
    random = Random(f"{seed}:{n}")  # noqa: S311 - a reproducible story, no secret
    topics = tuple(call.topics.values())
    topic = topics[n % len(topics)]
    filing = chosen(random, FILINGS)
    kinds = call_kinds(call)
    kind = "branch" if filing == "branch" else random.choice(kinds)
    code = unit_code(call, n, kind, outside=filing == "outside")
    name = unit_name(random, n, kind, code)
    owner = f"app-{n:05d}"
    submits = window_instant(call, random)
    if filing == "late":
        submits = call.closes_at + timedelta(seconds=random.choice((0, 0.000001, 1, 37, 3600)))
    length = submits - call.opens_at
    title = f"{topic.title_zh}示范项目{n:05d}"
    form = form_of(call, topic, title, period_of(call, random), random.randint(20, 600) * 1_000_000)
    found = Profile(
        n=n,
        id=owner,
        unit_code=code,
        unit_name=name,
        unit_kind=kind,
        topic=topic,
        form=form,
        documents=documents(call, seed, owner, name),
        created_at=call.opens_at + min(length, call.closes_at - call.opens_at) * random.uniform(0.05, 0.8),
        submits_at=submits,
        filing=filing,
        check=chosen(random, CHECKS),
        review=chosen(random, REVIEWS),
        award=chosen(random, AWARDS),
        run=chosen(random, RUNS),
        acceptance=chosen(random, ACCEPTANCES),
        title=title,
        email=f"contact@unit{n:05d}.example.org",
    )
    if found.review in ("decline", "review_asked"):
        found.merit = 58
    return found


def call_kinds(call: FundingCall) -> tuple[str, ...]:
    """The kinds of unit that the call allows without a question."""
    rule = next((r for r in call.rules.values() if r.check == "unit_kind"), None)
    return tuple(rule.params["allowed"]) if rule else ("company",)


def office_hours(call: FundingCall, day: date, random: Random) -> datetime:
    """Some instant of a day between nine and five, there."""
    minutes = random.randint(9 * 60, 17 * 60)
    at = datetime.combine(day, time(minutes // 60, minutes % 60), zone(call.timezone))
    return at.astimezone(UTC)


def at_noon(call: FundingCall, day: date) -> datetime:
    """Noon of a day, there."""
    return midnight(day, call.timezone) + timedelta(hours=12)

"""The rules of a call as pure checks: each looks at a filing and finds nothing, or what does not hold.

A check is general; what it is asked with (which field, which bound, which list) stands in the call's data.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from states.calendar import add_months, local_day
from states.errors import Refusal
from states.funding_call import Field, FundingCall, Rule, Severity
from states.unit_code import SCHEMES, normal


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What is known of a stored document. `seal`: valid, broken, changed, untrusted, expired, none, unreadable,
    cannot_verify or unchecked; `seal_subject` is the unit named in the seal, "" where none is.
    """

    sha256: str
    material: str
    name: str
    size_bytes: int
    format: str
    seal: str
    seal_subject: str = ""


@dataclass(frozen=True, slots=True)
class Filing:
    """An application as the rules look at it, with what was looked up beside it."""

    unit_code: str
    unit_name: str
    unit_kind: str
    form: Mapping[str, Any]
    documents: tuple[DocumentFacts, ...]
    received_at: datetime
    others: tuple[str, ...] = ()
    exception_granted: bool = False
    standing: tuple[str, ...] = ()
    account_confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that does not hold, and where: a field, a document's name, or "" for the whole application.

    `blocks` findings stand in the way of a filing; the others go to an officer.
    """

    rule: str
    severity: Severity
    clause: str
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str
    where: str = ""
    blocks: bool = False

    def plain(self) -> dict[str, str]:
        """The finding as plain JSON."""
        return {name: str(getattr(self, name)) for name in self.__dataclass_fields__ if name != "blocks"}

    def refusal(self) -> Refusal:
        """The finding as the reason of a refusal."""
        return Refusal(self.rule, self.clause, self.zh, self.en, self.remedy_zh, self.remedy_en, self.where)


@dataclass(frozen=True, slots=True)
class Found:
    """What a check found: where, and in a few words what is there. `softened` findings go to an officer."""

    where: str = ""
    zh: str = ""
    en: str = ""
    softened: bool = False


Check = Callable[[FundingCall, Rule, Filing], tuple[Found, ...]]
_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


def _one(where: str = "", zh: object = "", en: object = "", *, softened: bool = False) -> tuple[Found, ...]:
    return (Found(where, str(zh), str(en if en != "" else zh), softened),)


def window(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """The request arrived within the half-open window."""
    if call.within_window(filing.received_at):
        return ()
    arrived = filing.received_at.isoformat(timespec="microseconds")
    return _one("received_at", f"到达时间 {arrived}", f"arrived at {arrived}")


def account(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """The account is confirmed and linked to the unit."""
    return () if filing.account_confirmed else _one("account")


def required(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """Every required field of the form is filled in."""
    topic = str(filing.form.get("topic") or "")
    return tuple(
        Found(field.id, f"未填写：{field.zh}", f"missing: {field.en}")
        for field in call.fields.values()
        if field.required
        and (not field.topics or topic.startswith(field.topics))
        and filing.form.get(field.id) in (None, "", [])
    )


def well_typed(field: Field, value: Any) -> bool:
    """Whether a value (not None) is one that the field can hold."""
    match field.type:
        case "text":
            return isinstance(value, str) and len(value) <= field.limit
        case "int" | "minor" | "ppm":
            return type(value) is int and 0 <= value <= field.limit
        case "flag":
            return isinstance(value, bool)
        case "date":
            return as_date(value) is not None
        case "choice":
            return any(value == choice.value for choice in field.choices)
        case _:
            allowed = {choice.value for choice in field.choices}
            return isinstance(value, list) and len(value) <= len(allowed) and all(v in allowed for v in value)


def as_date(value: Any) -> date | None:
    """The date of a form value, or None where it is none."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None


def typed(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """Every value is of its field's type and within its limit."""
    return tuple(
        Found(field.id, f"格式不符：{field.zh}", f"not of its type: {field.en}")
        for field in call.fields.values()
        if filing.form.get(field.id) is not None and not well_typed(field, filing.form[field.id])
    )


def unit_code(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """The unit's code is right in the call's scheme."""
    return () if SCHEMES[call.unit_scheme](normal(filing.unit_code)) else _one("unit_code", filing.unit_code)


def unit_region(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """The code was issued in one of the regions `prefixes` (characters 3 and on of the code)."""
    region = normal(filing.unit_code)[2:8]
    return () if region.startswith(tuple(rule.params["prefixes"])) else _one("unit_code", region)


def unit_kind(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """The unit is of a kind that may apply; kinds under `officer` are for an officer to decide."""
    if filing.unit_kind in rule.params["allowed"]:
        return ()
    return _one("unit_kind", filing.unit_kind, softened=filing.unit_kind in rule.params.get("officer", ()))


def standing(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """The unit stands on none of the bad lists `lists`."""
    return tuple(Found("unit_code", name, name) for name in filing.standing if name in rule.params["lists"])


def threshold(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """A figure of the form is beyond a bound: `field` `op` `value`, where every pair of `when` holds."""
    params = rule.params
    if any(filing.form.get(name) != wanted for name, wanted in params.get("when", {}).items()):
        return ()
    value = filing.form.get(params["field"])
    if isinstance(value, int) and _OPERATORS[params["op"]](value, params["value"]):
        return ()
    return _one(params["field"], "未填" if value is None else value, "missing" if value is None else value)


def flag(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """The declaration `field` is made."""
    return () if filing.form.get(rule.params["field"]) is True else _one(rule.params["field"])


def excludes(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """None of `values` is among the choices of `field`."""
    chosen = filing.form.get(rule.params["field"]) or []
    return tuple(Found(rule.params["field"], value, value) for value in chosen if value in rule.params["values"])


def period_well_formed(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """The execution period has a first day before its last."""
    start, end = as_date(filing.form.get("start_on")), as_date(filing.form.get("end_on"))
    return () if start and end and start < end else _one("end_on")


def period_years(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """The period is at most `years`, both days counted: the last day is the anniversary minus one day."""
    start, end = as_date(filing.form.get("start_on")), as_date(filing.form.get("end_on"))
    if not start or not end:
        return ()
    return () if end <= last_day(start, int(rule.params["years"])) else _one("end_on", f"{start} — {end}")


def last_day(start: date, years: int) -> date:
    """The last day of so many years that begin with `start` (民法典 202: a missing day is the month's last)."""
    anniversary = add_months(start, 12 * years)
    return anniversary if anniversary.day != start.day else anniversary - timedelta(days=1)


def ends_by(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """The last day is not after the call's last day of execution."""
    end = as_date(filing.form.get("end_on"))
    if end is None or call.execution_ends_by is None or end <= call.execution_ends_by:
        return ()
    return _one("end_on", end)


def not_completed(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """The project is not complete, and ends no earlier than the day of filing."""
    percent, end = filing.form.get("completion_percent"), as_date(filing.form.get("end_on"))
    if isinstance(percent, int) and percent >= 100:
        return _one("completion_percent", f"{percent}%")
    if end is not None and end < local_day(filing.received_at, call.timezone):
        return _one("end_on", end)
    return ()


def topic(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """Exactly one topic of the call is chosen."""
    chosen = filing.form.get("topic")
    return () if chosen in call.topics else _one("topic", chosen or "")


def one_per_unit(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """The unit has no other live application in this call, or was granted an exception beforehand."""
    if not filing.others or filing.exception_granted:
        return ()
    return _one("unit_code", "、".join(filing.others), ", ".join(filing.others))


def document_format(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """Every document has a content format among `formats`."""
    return tuple(
        Found(d.name, f"{d.name}：{d.format}", f"{d.name}: {d.format}")
        for d in filing.documents
        if d.format not in rule.params["formats"]
    )


def document_size(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """No document is empty or larger than `bytes_max`."""
    return tuple(
        Found(d.name, f"{d.name}：{d.size_bytes} 字节", f"{d.name}: {d.size_bytes} bytes")
        for d in filing.documents
        if not 0 < d.size_bytes <= rule.params["bytes_max"]
    )


def document_count(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """There are at most `count_max` documents."""
    count = len(filing.documents)
    return () if count <= rule.params["count_max"] else _one("documents", count)


def form_document(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """A document is attached as the material `material`."""
    wanted = rule.params["material"]
    if any(d.material == wanted for d in filing.documents):
        return ()
    material = call.materials[wanted]
    return _one("documents", f"缺少：{material.zh}", f"missing: {material.en}")


def materials(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """Every material that the call marks as required is attached."""
    present = {d.material for d in filing.documents}
    return tuple(
        Found("documents", f"缺少：{m.zh}", f"missing: {m.en}")
        for m in call.materials.values()
        if m.required and m.id not in present
    )


_BAD_SEALS = frozenset({"none", "broken", "changed", "expired"})
_BRACKETS = str.maketrans("（）［］【】　", "()[][] ")


def plain_name(name: str) -> str:
    """A unit's name without differences of width, brackets and blanks."""
    return "".join(name.translate(_BRACKETS).split()).casefold()


def sealed(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """Every sealed material in scope bears a valid electronic seal of the unit.

    No seal, a broken or an expired one, or a file changed after sealing fails the rule; what cannot be verified by
    machine, or names the unit otherwise, goes to an officer. `only` restricts to one material, `others` leaves it out.
    """
    only, leave = rule.params.get("only"), rule.params.get("others")
    found = []
    for d in filing.documents:
        material = call.materials.get(d.material)
        if (only and d.material != only) or (leave and d.material == leave) or (material and not material.sealed):
            continue
        if d.seal in _BAD_SEALS:
            found.append(Found(d.name, f"{d.name}：{d.seal}", f"{d.name}: {d.seal}"))
        elif d.seal != "valid":
            found.append(Found(d.name, f"{d.name}：{d.seal}", f"{d.name}: {d.seal}", softened=True))
        elif d.seal_subject and plain_name(d.seal_subject) != plain_name(filing.unit_name):
            found.append(Found(d.name, f"印章名称：{d.seal_subject}", f"seal names {d.seal_subject}", softened=True))
    return tuple(found)


CHECKS: Mapping[str, Check] = {
    check.__name__: check
    for check in (
        window, account, required, typed, unit_code, unit_region, unit_kind, standing, threshold, flag, excludes,
        period_well_formed, period_years, ends_by, not_completed, topic, one_per_unit, document_format, document_size,
        document_count, form_document, materials, sealed,
    )
}  # fmt: skip
"""Name of a check, as a call's rules use it, to the check."""

PARAMS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "unit_region": (frozenset({"prefixes"}), frozenset()),
    "unit_kind": (frozenset({"allowed"}), frozenset({"officer"})),
    "standing": (frozenset({"lists"}), frozenset()),
    "threshold": (frozenset({"field", "op", "value"}), frozenset({"when"})),
    "flag": (frozenset({"field"}), frozenset()),
    "excludes": (frozenset({"field", "values"}), frozenset()),
    "period_years": (frozenset({"years"}), frozenset()),
    "document_format": (frozenset({"formats"}), frozenset()),
    "document_size": (frozenset({"bytes_max"}), frozenset()),
    "document_count": (frozenset({"count_max"}), frozenset()),
    "form_document": (frozenset({"material"}), frozenset()),
    "sealed": (frozenset(), frozenset({"only", "others"})),
}
"""Check to the parameters it must have and those it may have; a check not named takes none."""


def findings(call: FundingCall, filing: Filing, stage: str) -> tuple[Finding, ...]:
    """Everything that does not hold at a stage, in the call's order; nothing is changed."""
    asked = call.rules_at(stage, str(filing.form.get("topic") or ""))
    return tuple(
        _finding(rule, found)
        for rule in asked
        if rule.check != "none"
        for found in CHECKS[rule.check](call, rule, filing)
    )


def _finding(rule: Rule, found: Found) -> Finding:
    severity = Severity.OFFICER if found.softened else rule.severity
    zh = f"{rule.zh}（{found.zh}）" if found.zh else rule.zh
    en = f"{rule.en} ({found.en})" if found.en else rule.en
    blocks = severity is Severity.REFUSE or rule.beforehand
    return Finding(rule.id, severity, rule.clause, zh, en, rule.remedy_zh, rule.remedy_en, found.where, blocks)

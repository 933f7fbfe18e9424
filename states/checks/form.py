"""Checks of the application form: what is filled in, of what type, chosen, declared, and beyond which bound."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from states.calendar import day_of
from states.checks.facts import Filing, Found, one
from states.funding_call import Field, FundingCall, Rule
from states.money import major

OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
"""How a threshold compares: 超 is >, 不少于 is >=, 以内 and 不超过 are <= (民法典 1259)."""
_FIRST_YEAR, _LAST_YEAR = 1900, 2999


def required(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """Every required field of the form is filled in."""
    form = filing.form
    topic = str(form.get("topic") or "")
    return tuple(
        Found(field.id, f"未填写：{_zh(field)}", f"missing: {_en(field)}")
        for field in call.fields.values()
        if field.required and field.concerns(topic) and empty(form.get(field.id))
    )


def beside(label: str, name: str, written: str) -> str:
    """A label and the id of what it names, as `written` with a place for each; once where they are the same word."""
    return label if label.casefold() == name else written.format(label, name)


def _zh(field: Field) -> str:
    return beside(field.zh, field.id, "{}（{}）")


def _en(field: Field) -> str:
    return beside(field.en, field.id, "{}, {}")


def empty(value: Any) -> bool:
    """Whether a form value says nothing: absent, only blanks, or nothing chosen."""
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def typed(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """Every value is of its field's type and within its limit."""
    return tuple(
        Found(
            field.id,
            f"格式不符：{_zh(field)}，应为 {notation(field)}",
            f"not of its type: {_en(field)}, should be {notation(field)}",
        )
        for field in call.fields.values()
        if filing.form.get(field.id) is not None and not well_typed(field, filing.form[field.id])
    )


def notation(field: Field) -> str:
    """How a value of the field is written, short enough for either language."""
    match field.type:
        case "text":
            return f"text ≤ {field.limit}"
        case "int":
            return f"integer 0…{field.limit}"
        case "minor":
            return f"minor units 0…{field.limit} (1250000 = 12,500.00)"
        case "ppm":
            return f"parts per million 0…{field.limit} (505000 = 50.5%)"
        case "flag":
            return "true | false"
        case "date":
            return "YYYY-MM-DD (2026-01-31)"
        case "choice":
            return " | ".join(choice.value for choice in field.choices)
        case _:
            return f"[{', '.join(choice.value for choice in field.choices)}]"


def well_typed(field: Field, value: Any) -> bool:
    """Whether a value (not None) is one that the field can hold. Numbers are whole and not negative."""
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
            return isinstance(value, list) and len(value) <= len(allowed) and all(_among(v, allowed) for v in value)


def _among(value: Any, allowed: set[str]) -> bool:
    return isinstance(value, str) and value in allowed


def as_date(value: Any) -> date | None:
    """The date of a form value written YYYY-MM-DD, or None where it is none.

    Years from 1900 to 2999 only: that leaves periods room to end within the years that can be counted.
    """
    if not isinstance(value, str):
        return None
    try:
        found = day_of(value)
    except ValueError:
        return None
    return found if _FIRST_YEAR <= found.year <= _LAST_YEAR else None


def threshold(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """A figure of the form is beyond a bound: `field` `op` `value`, where every pair of `when` holds."""
    params, form = rule.params, filing.form
    if any(form.get(name) != wanted for name, wanted in params.get("when", {}).items()):
        return ()
    value = form.get(params["field"])
    if type(value) is int and OPERATORS[params["op"]](value, params["value"]):
        return ()
    if value is None:
        return one(params["field"], "未填", "missing")
    told = _written(call.fields[params["field"]], value)
    return one(params["field"], f"填写 {told}", f"given: {told}")


def _written(field: Field, value: Any) -> str:
    """A figure as people read it: money in whole units, shares in percent, numbers with separators."""
    if type(value) is not int:
        return str(value)
    match field.type:
        case "minor":
            return major(value)
        case "ppm":
            return f"{value / 10_000:g}%"
        case _:
            return f"{value:,}"


def cap(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """A sum of the form is at most `percent_max` of another one, `of`, and at most `minor_max`, whichever is told."""
    params, form = rule.params, filing.form
    asked, whole, name = form.get(params["field"]), form.get(params.get("of", "")), params["field"]
    if type(asked) is not int:
        return ()
    percent, most = params.get("percent_max"), params.get("minor_max")
    over: list[tuple[str, str]] = []
    if percent is not None and type(whole) is int and asked * 100 > whole * percent:
        allowed = major(whole * percent // 100)
        over.append((f"填写 {major(asked)}，上限 {allowed}", f"given: {major(asked)}, at most {allowed}"))
    if most is not None and asked > most:
        over.append((f"填写 {major(asked)}，上限 {major(most)}", f"given: {major(asked)}, at most {major(most)}"))
    return tuple(Found(name, zh, en) for zh, en in over)


def flag(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """The declaration `field` is made."""
    return () if filing.form.get(rule.params["field"]) is True else one(rule.params["field"])


def excludes(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """None of `values` is among what is chosen in `field`."""
    name, bad = rule.params["field"], rule.params["values"]
    chosen = filing.form.get(name)
    values = chosen if isinstance(chosen, list) else [chosen]
    return tuple(Found(name, c.zh, c.en) for c in call.fields[name].choices if c.value in values and c.value in bad)


def topic(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """Exactly one topic of the call is chosen."""
    chosen = filing.form.get("topic")
    return () if isinstance(chosen, str) and chosen in call.topics else one("topic", chosen or "")

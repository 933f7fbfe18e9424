"""What must hold of the rules of a call file: known checks and stages, and parameters that fit the check and the form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fundcall.calls.judgements import YEARS_MAX, known_topics, short
from fundcall.calls.shape import Fault, Parts, Path, Values
from states.checks import CHECKS, PARAMS
from states.checks.dangers import DANGERS
from states.checks.form import OPERATORS, well_typed
from states.checks.unit import UNIT_KINDS
from states.funding_call import Field

STAGES = ("create", "edit", "upload", "submit", "change", "approve", "pay")
_NUMBERS = ("int", "minor", "ppm")
Said = Iterator[tuple[str, str]]
"""What is wrong, in Chinese and in English."""


def rule_faults(parts: Parts) -> Iterator[Fault]:
    """Every fault of every rule, quotes aside."""
    for i, rule in enumerate(parts.lists["rule"]):
        at = ("rule", i)
        yield from _check(rule, at)
        yield from known_topics(parts, rule, at)
        if rule.get("check") in CHECKS:
            yield from _params(parts, rule, (*at, "params"))


def _check(rule: Values, at: Path) -> Iterator[Fault]:
    check, stages = rule.get("check", "none"), rule.get("stages", ())
    if check not in CHECKS and check != "none":
        known, said = ", ".join(CHECKS), short(check)
        yield Fault((*at, "check"), f"没有检查“{said}”，应为：{known}", f"no check {said!r}; there are {known}")
    elif check != "none" and "stages" not in rule:
        yield Fault((*at, "stages"), "有检查的规则须注明阶段 stages", "a rule with a check needs stages")
    for stage in stages:
        if stage not in STAGES:
            known, said = ", ".join(STAGES), short(stage)
            yield Fault((*at, "stages"), f"没有阶段“{said}”，应为：{known}", f"no stage {said!r}; there are {known}")


def _params(parts: Parts, rule: Values, at: Path) -> Iterator[Fault]:
    check, given = rule["check"], rule.get("params", {})
    kinds = PARAMS.get(check, {})
    for name in given:
        if name not in kinds:
            yield Fault((*at, name), f"未知参数“{name}”", f"the check {check!r} takes no {name!r}")
    for name, kind in kinds.items():
        if name in given:
            said = _KINDS[kind.rstrip("?")](parts, given[name])
            yield from (Fault((*at, name), zh, en) for zh, en in said)
        elif not kind.endswith("?"):
            yield Fault(at, f"缺少参数“{name}”", f"the check {check!r} needs {name!r}")
    if check == "cap" and "minor_max" not in given and not {"of", "percent_max"} <= set(given):
        yield Fault(at, "须有 minor_max，或同时有 of 与 percent_max", "needs minor_max, or both of and percent_max")


def _texts(parts: Parts, value: Any) -> Said:
    if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
        yield "应为文字数组", "should be an array of texts"


def _unit_kinds(parts: Parts, value: Any) -> Said:
    yield from _texts(parts, value)
    for kind in value if isinstance(value, list) else ():
        if isinstance(kind, str) and kind not in UNIT_KINDS:
            known, said = ", ".join(UNIT_KINDS), short(kind)
            yield f"没有单位类型“{said}”，应为：{known}", f"no kind of unit {said!r}; there are {known}"


def _findings(parts: Parts, value: Any) -> Said:
    yield from _texts(parts, value)
    for code in value if isinstance(value, list) else ():
        if isinstance(code, str) and code not in DANGERS:
            known, said = ", ".join(DANGERS), short(code)
            yield f"没有发现代码“{said}”，应为：{known}", f"no finding {said!r}; there are {known}"


def _field(types: tuple[str, ...]) -> Callable[[Parts, Any], Said]:
    def judge(parts: Parts, value: Any) -> Said:
        known = {field["id"]: field.get("type") for field in parts.lists["field"] if "id" in field}
        if not isinstance(value, str) or value not in known:
            yield f"申报书没有字段“{short(value)}”", f"the form has no field {short(value)!r}"
        elif known[value] not in types:
            yield f"字段“{value}”的类型不符", f"the field {value!r} is of another type than {', '.join(types)}"

    return judge


def _operator(parts: Parts, value: Any) -> Said:
    if not isinstance(value, str) or value not in OPERATORS:
        known = " ".join(OPERATORS)
        yield f"比较符应为 {known}", f"must be one of {known}"


def _whole(parts: Parts, value: Any) -> Said:
    if type(value) is not int:
        yield "界限须为整数", "the bound must be a whole number"


def _count(parts: Parts, value: Any) -> Said:
    if type(value) is not int or value < 1:
        yield "应为正整数", "must be a whole number from 1"


def _years(parts: Parts, value: Any) -> Said:
    if type(value) is not int or not 1 <= value <= YEARS_MAX:
        yield f"应为1至{YEARS_MAX}的整数", f"must be a whole number from 1 to {YEARS_MAX}"


def _conditions(parts: Parts, value: Any) -> Said:
    if not isinstance(value, Mapping):
        yield "应为一个表", "should be a table"
        return
    fields = {field["id"]: field for field in parts.lists["field"] if "id" in field}
    for name, wanted in value.items():
        if name not in fields:
            yield f"申报书没有字段“{name}”", f"the form has no field {name!r}"
        elif not _could_be(fields[name], wanted):
            yield f"字段“{name}”不会是“{short(wanted)}”", f"the field {name!r} is never {short(wanted)!r}"


def _could_be(field: Values, wanted: Any) -> bool:
    choices, limit = field.get("choices", ()), field.get("limit", 1000)
    return well_typed(Field(field["id"], field.get("type", ""), "", "", choices=choices, limit=limit), wanted)


def _material(parts: Parts, value: Any) -> Said:
    if not any(material.get("id") == value for material in parts.lists["material"]):
        yield f"没有材料“{short(value)}”", f"no material {short(value)!r}"


_KINDS: Mapping[str, Callable[[Parts, Any], Said]] = {
    "texts": _texts,
    "kinds": _unit_kinds,
    "number": _field(_NUMBERS),
    "flag": _field(("flag",)),
    "choice": _field(("choice", "choices")),
    "operator": _operator,
    "whole": _whole,
    "count": _count,
    "years": _years,
    "conditions": _conditions,
    "material": _material,
    "findings": _findings,
}
"""Kind of a parameter, as `states.checks.PARAMS` names it, to what is wrong with a value."""

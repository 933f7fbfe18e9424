"""The application form as its readers see it: each field with its label, topics and choices in words, money written out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fundcall.web.words import money
from states.funding_call import Field, FundingCall
from states.labels import Pair

_PPM = 10_000


def answers(call: FundingCall, form: Mapping[str, Any]) -> list[tuple[Pair, Pair]]:
    """The fields that were filled in, in the call's order, each with its label and its value, in Chinese and English."""
    return [
        (_label(field), _told(call, name, form[name]))
        for name, field in call.fields.items()
        if form.get(name) not in (None, "", [], ())
    ]


def _label(field: Field) -> Pair:
    """What a field is called; an amount is written out, so that its smallest unit is not named."""
    if field.type == "minor":
        return field.zh.removesuffix("（分）"), field.en.removesuffix(" (fen)")
    return field.zh, field.en


def _told(call: FundingCall, name: str, value: Any) -> Pair:
    field = call.fields[name]
    if isinstance(value, bool):
        return ("是", "yes") if value else ("否", "no")
    if field.type == "minor" and isinstance(value, int):
        return (money(value, call.currency),) * 2
    if field.type == "ppm" and isinstance(value, int):
        return (f"{value / _PPM:g}%",) * 2
    choices: dict[Any, Pair] = {choice.value: (choice.zh, choice.en) for choice in field.choices}
    if name == "topic":
        choices = {t.id: (f"{t.direction_zh}：{t.title_zh}", f"{t.direction_en}: {t.title_en}") for t in call.topics.values()}  # fmt: skip
    values = value if isinstance(value, list | tuple) else [value]
    said = [choices.get(one, (str(one), str(one))) for one in values]
    return ("、".join(zh for zh, _ in said), ", ".join(en for _, en in said))

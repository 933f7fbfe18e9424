"""Trying other words for a template: they are plain, and every sample of it can be written with them, whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from notifications.dates import kept
from notifications.letter import Parts, Wording, sections, worded, wrong_in
from notifications.render import Letter, Recipient, composed
from notifications.samples import READER, Sample, of_template
from notifications.words import Language
from states.calendar import instant_of
from states.funding_call import FundingCall
from workflow.maildesk import Fault

_SOURCE_MAX = 20_000
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_LEAD_MAX = 400


def faults(call: FundingCall, template: str, source: str, fields: dict[str, Any]) -> list[Fault]:
    """Why words cannot be used, nothing where they can. `fields` are what letters need beside: sender, public_url."""
    found = list(_of_source(source))
    if found:
        return found
    for n, sample in enumerate(of_template(template, call.id), 1):
        found += (
            fault._replace(sample=f"{n}: {sample.event.type}") for fault in _of_sample(call, sample, source, fields)
        )
    return found


def _of_source(source: str) -> Iterator[Fault]:
    """What can be seen without a sample."""
    if len(source) > _SOURCE_MAX:
        yield Fault("", f"长于{_SOURCE_MAX}个字符", f"longer than {_SOURCE_MAX} characters")
        return
    held = sections(source)
    for name in Parts._fields:
        if not held.get(name, "").strip():
            yield Fault("", f"缺少部分：== {name}", f"a part is missing: == {name}")
    for name in held.keys() - set(Parts._fields):
        yield Fault("", f"多余的部分：== {name}", f"a part that there is none of: == {name}")
    if len(held) == len(Parts._fields) and held.keys() == set(Parts._fields):
        for name, text in held.items():
            for wrong in wrong_in(text):
                yield Fault("", f"== {name}：{wrong}", f"== {name}: {wrong}")


def _of_sample(call: FundingCall, sample: Sample, source: str, fields: dict[str, Any]) -> Iterator[Fault]:
    """What is wrong with a letter of these words, beside one of the words that ship."""
    try:
        letter = letter_of(call, sample, fields, worded(source))
    except Exception as wrong:  # noqa: BLE001 - whatever a template raises is told to whoever wrote it
        yield Fault("", f"无法生成：{wrong}", f"cannot be written: {wrong}")
        return
    zh, _, en = letter.content.text.partition("\n—— English ——\n")
    lead_zh, lead_en = zh.split("\n\n")[0].split("\n"), en.split("\n\n")[0].split("\n")[1:]
    for code, lead in (("zh", lead_zh), ("en", lead_en)):
        if len(lead) != 2 or max(map(len, lead)) > _LEAD_MAX:
            yield Fault(
                "",
                f"== {code}：开头须为两行：发生了什么；请做什么、何时之前",
                f"== {code}: should begin with two lines: what happened; what to do by when",
            )
    if not all(map(_CHINESE.search, lead_zh)):
        yield Fault("", "== zh：开头两行须为中文", "== zh: the first two lines should be in Chinese")
    yield from _without_date(call, sample, letter, letter_of(call, sample, fields))


def _without_date(call: FundingCall, sample: Sample, letter: Letter, shipped: Letter) -> Iterator[Fault]:
    """A date to keep that the words that ship name, and these do not."""
    for due in list(kept(sample.planned, sample.event, sample.about).values())[:1]:
        for code in ("zh", "en"):
            told = Language(call, code).when(due)
            if told in shipped.content.text and told not in letter.content.text:
                yield Fault("", f"== {code}：没有写明期限 {told}", f"== {code}: does not name the deadline {told}")


def letter_of(
    call: FundingCall,
    sample: Sample,
    fields: dict[str, Any],
    wording: Wording | None = None,
    recipient: Recipient = READER,
) -> Letter:
    """The letter of a sample, in the words that ship or in others, to somebody. `fields` as for `faults`."""
    closes_at = sample.event.facts.get("closes_at")
    return composed(
        sample.planned,
        event=sample.event,
        about=sample.about,
        call=call.until(instant_of(closes_at) if closes_at else None),
        recipient=recipient,
        leaf=sample.leaf,
        root=sample.leaf,
        wording=wording,
        **fields,
    )

"""The choices by which a list is narrowed, as the options of their selects: made once for each choice and language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from markupsafe import Markup

from fundcall.web.language import DEFAULT, translations
from fundcall.web.remarks import FLAGS
from fundcall.web.wish import DIRECTION
from states.funding_call import FundingCall, Topic
from states.labels import PHASES, Pair

_OPTION = Markup('<option value="{}"{}>{}</option>')
_GROUP = Markup('<optgroup label="{}">{}</optgroup>')
_NOTHING = Markup("")


class Choices(NamedTuple):
    """Options of selects."""

    topics: Markup
    phases: Markup
    flags: Markup


class Narrowing:
    """The choices that calls give."""

    def __init__(self, calls: Mapping[str, FundingCall]) -> None:
        self._calls = calls
        self._topics = lru_cache(512)(self._topics_of)

    def choices(self, language: str, given: Mapping[str, str]) -> Choices:
        """The choices, with what is chosen (`Wish.given`: nothing that there is not)."""
        return Choices(
            self._topics(language, given["call"], given["topic"]),
            _named(language, "phase", given["phase"]),
            _named(language, "flag", given["flag"]),
        )

    def _topics_of(self, language: str, call_id: str, chosen: str) -> Markup:
        calls = [call for name, call in self._calls.items() if call_id in ("", name)]
        return _NOTHING.join(group for call in calls for group in _groups(language, call, chosen))


def _groups(language: str, call: FundingCall, chosen: str) -> Iterator[Markup]:
    """The topics of a call by direction; a direction can be chosen as a whole."""
    whole = translations(language).gettext("%(direction)s: all topics")
    for direction, group in groupby(sorted(call.topics.values(), key=_direction), _direction):
        topics = list(group)
        name = _said(language, (topics[0].direction_zh, topics[0].direction_en))
        options = [_option(f"{DIRECTION}{direction}", whole % {"direction": name}, chosen)]
        options += [_option(t.id, _said(language, (t.title_zh, t.title_en)), chosen) for t in topics]
        yield _GROUP.format(name, _NOTHING.join(options))


def _direction(topic: Topic) -> str:
    return topic.direction


@lru_cache(512)
def _named(language: str, kind: str, chosen: str) -> Markup:
    words = {"phase": PHASES, "flag": FLAGS}[kind]
    return _NOTHING.join(_option(name, _said(language, pair), chosen) for name, pair in words.items())


def _option(value: str, words: str, chosen: str) -> Markup:
    return _OPTION.format(value, Markup(" selected") if value == chosen else "", words)


def _said(language: str, pair: Pair) -> str:
    return pair[0] if language == DEFAULT else pair[1]

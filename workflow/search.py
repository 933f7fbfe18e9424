"""Full text in Chinese without a dictionary: a token for each Han character, runs of letters and of digits, and phrases.

What is asked for is found where its tokens stand side by side in one field, whatever stands between them in signs; the
last one may go on if it is of letters or digits. No sign means anything: not %, not _, not quotes. SQL databases keep the
same tokens as text and ask for the same phrases, so that every one of them finds what this module says.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from states.application import Application

_PIECE = re.compile(r"[a-z]+|[0-9]+|(?![\x00-\x7f])[^\W_]")
_TERMS_MAX, _TEXT_MAX = 8, 100


class Words(NamedTuple):
    """What an application is found by: its tokens by field, parted by spaces; follows from the application alone.

    `marks` are its topic, outcome and flags, each one token: whoever asks knows their words in every language.
    """

    application: str
    number: str
    title: str
    unit_name: str
    unit_code: str
    marks: str


class Term(NamedTuple):
    """One word asked for, as tokens: it is to stand in a field, or one of the marks is to be there."""

    tokens: tuple[str, ...]
    marks: tuple[str, ...] = ()

    @property
    def goes_on(self) -> bool:
        """Whether the last token may be the beginning of a longer one."""
        return self.tokens[-1].isascii()


def words(application: Application) -> Words:
    """What the application is found by."""
    return Words(
        application.id,
        _told(application.number),
        _told(application.title),
        _told(application.unit_name),
        _told(application.unit_code),
        " ".join(sorted(_marks(application))),
    )


def same_words(one: Application, other: Application) -> bool:
    """Whether both are found by the same, without making it."""
    return (
        (one.form is other.form or (one.title, one.topic) == (other.title, other.topic))
        and one.flags == other.flags
        and (one.number, one.outcome, one.unit_name, one.unit_code)
        == (other.number, other.outcome, other.unit_name, other.unit_code)
    )


def mark(kind: str, name: str) -> str:
    """A stored name (of a topic, an outcome, a flag) as one token that no text has."""
    return f"{kind}0{name.encode().hex()}"


def asked(text: str) -> list[tuple[str, ...]]:
    """The tokens of each word of a text that somebody typed; words without any are left out."""
    found = (tuple(tokens(word)) for word in text[:_TEXT_MAX].split())
    return [pieces for pieces in found if pieces][:_TERMS_MAX]


def tokens(text: str) -> list[str]:
    """The tokens of a text."""
    return _PIECE.findall("".join(map(_plain, text)))


def holds(kept: Words, terms: Iterable[Term]) -> bool:
    """Whether every term is found: what a database says of the same."""
    fields = [kept[i].split() for i in range(1, 5)]
    marks = frozenset(kept.marks.split())
    return all(not marks.isdisjoint(term.marks) or any(_stands(field, term) for field in fields) for term in terms)


def says(text: str, pieces: tuple[str, ...]) -> bool:
    """Whether a text says what is asked for, by the same rule."""
    return _stands(_tokens_of(text), Term(pieces))


def spans(text: str, terms: Sequence[Term]) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether a term stands there: for showing it."""
    hit = [False] * len(text)
    places = list(_placed(text))
    for term in terms:
        pieces = [token for token, _, _ in places]
        for i in _found(pieces, term):
            start, last = places[i][1], i + len(term.tokens) - 1
            end = places[last][2] if not term.goes_on else places[last][1] + len(term.tokens[-1])
            hit[start:end] = [True] * (min(end, len(text)) - start)
    found: list[tuple[str, bool]] = []
    for i, char in enumerate(text):
        if found and found[-1][1] == hit[i]:
            found[-1] = (found[-1][0] + char, hit[i])
        else:
            found.append((char, hit[i]))
    return found


@lru_cache(4096)
def _tokens_of(text: str) -> tuple[str, ...]:
    return tuple(tokens(text))


@lru_cache(4096)
def _plain(char: str) -> str:
    return unicodedata.normalize("NFKC", char).casefold()


def _told(text: str) -> str:
    return " ".join(tokens(text))


def _marks(application: Application) -> Iterator[str]:
    if application.topic:
        yield mark("topic", application.topic)
    if application.outcome:
        yield mark("outcome", application.outcome)
    for flag in application.flags:
        yield mark("flag", flag)


def _stands(field: Sequence[str], term: Term) -> bool:
    return next(_found(field, term), None) is not None


def _found(field: Sequence[str], term: Term) -> Iterator[int]:
    """Where the tokens of a term begin in a field."""
    *first, last = term.tokens
    for i in range(len(field) - len(first)):
        end = field[i + len(first)]
        if list(field[i : i + len(first)]) == first and (end == last or (term.goes_on and end.startswith(last))):
            yield i


def _placed(text: str) -> Iterator[tuple[str, int, int]]:
    """Each token with where it stands in the text as it is written."""
    whole, places = "", []
    for i, char in enumerate(text):
        plain = _plain(char)
        whole += plain
        places += [i] * len(plain)
    for piece in _PIECE.finditer(whole):
        yield piece.group(), places[piece.start()], places[piece.end() - 1] + 1

"""Inputs made of samples by chance, where nothing tells which of them lead further; the same for the same seed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from random import Random

from tests.api.spoiling import LITERALS, TEXTS

_DEEP = ("[" * 50_000, '{"a":' * 50_000, "(" * 3000, ".".join("a" * 3000), "Content-Type: message/rfc822\n\n" * 1000)
WORDS = tuple(
    dict.fromkeys(
        word.encode("utf-8", "surrogatepass") for word in (*TEXTS, *map(json.dumps, TEXTS), *LITERALS, *_DEEP)
    )
)
"""What somebody might write to see what becomes of it."""
_VALUE = re.compile(rb'"[^"\n]*"|[\w.+-]+')


def inputs(seeds: Sequence[bytes], seed: int) -> Iterator[bytes]:
    """The samples as they are, then changed ones without end: in turn by chance, and, as long as there are any, with a
    word in the place of a value, each of each once.
    """
    yield from seeds
    chance, replaced = Random(seed), _replaced(seeds, Random(seed))
    while True:
        yield from islice(replaced, 1)
        content = chance.choice(seeds)
        for _ in range(chance.choice((1, 1, 2, 4))):
            content = chance.choice(_WAYS)(content, chance, seeds)
        yield content


def _replaced(seeds: Sequence[bytes], chance: Random) -> Iterator[bytes]:
    places = [(content, one.start(), one.end()) for content in seeds for one in _VALUE.finditer(content)]
    every = len(places) * len(WORDS)
    for number in chance.sample(range(every), every):
        content, begin, end = places[number // len(WORDS)]
        yield content[:begin] + WORDS[number % len(WORDS)] + content[end:]


def _span(content: bytes, chance: Random) -> tuple[int, int]:
    begin = chance.randint(0, len(content))
    return begin, min(len(content), begin + chance.choice((0, 1, 2, 8, 64)))


def _word(content: bytes, chance: Random, _: Sequence[bytes]) -> bytes:
    begin, end = _span(content, chance)
    return content[:begin] + chance.choice(WORDS) + content[end:]


def _value(content: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    """A value, as JSON, addresses and tables have them, in the place of another."""
    found = list(_VALUE.finditer(content))
    if not found:
        return _word(content, chance, seeds)
    one = chance.choice(found)
    new = chance.choice((*WORDS, *(other[0] for other in found)))
    return content[: one.start()] + new + content[one.end() :]


def _bytes(content: bytes, chance: Random, _: Sequence[bytes]) -> bytes:
    begin, end = _span(content, chance)
    return content[:begin] + chance.randbytes(end - begin) + content[end:]


def _gone(content: bytes, chance: Random, _: Sequence[bytes]) -> bytes:
    begin, end = _span(content, chance)
    return content[:begin] + content[end:]


def _again(content: bytes, chance: Random, _: Sequence[bytes]) -> bytes:
    begin, end = _span(content, chance)
    return content[:begin] + content[begin:end] * chance.choice((2, 3, 500)) + content[end:]


def _joined(content: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    other = chance.choice(seeds)
    return content[: _span(content, chance)[0]] + other[_span(other, chance)[0] :]


_WAYS: tuple[Callable[[bytes, Random, Sequence[bytes]], bytes], ...] = (
    _word,
    _value,
    _value,
    _value,
    _bytes,
    _gone,
    _again,
    _joined,
)

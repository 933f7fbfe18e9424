"""How wide the columns of a table are on a terminal, and how a text is broken there: between words and between Chinese
characters, never within an identifier that fits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rich.cells import cell_len

_WORDS = re.compile(r"[!-~]+|[^!-~]")
"""What is not broken: a run of ASCII, such as an identifier or a number; of all else each character."""
_BETWEEN = 3
"""What a border and its blanks take, beside each column; one more ends a row."""
_TEXT, _HEAD = 12, 6
"""How narrow a text and a heading may be made: six characters of Chinese, and three."""


def widths(heads: Sequence[str], rows: Sequence[Sequence[str]], room: int) -> list[int] | None:
    """The width of each column of a table that fits into `room`; None where it would crush one or cut an identifier."""
    columns = list(zip(heads, *rows, strict=True))
    found = [max(map(_natural, column)) for column in columns]
    least = [max(_least(column[0], _HEAD), *(_least(text, _TEXT) for text in column[1:])) for column in columns]
    left = room - _BETWEEN * len(heads) - 1
    if sum(least) > left:
        return None
    while sum(found) > left:
        widest = max(range(len(found)), key=lambda n: (found[n] > least[n], found[n]))
        found[widest] -= 1
    return found


def _natural(text: str) -> int:
    return max(map(cell_len, text.split("\n")))


def _least(text: str, narrow: int) -> int:
    return max(min(_natural(text), narrow), max(map(cell_len, _WORDS.findall(text)), default=0))


def broken(text: str, width: int) -> str:
    """A text in lines of at most that width."""
    return "\n".join(part for line in text.split("\n") for part in _lines(line, width))


def _lines(line: str, width: int) -> Iterator[str]:
    if cell_len(line) <= width:
        yield line
        return
    made = ""
    for word in _WORDS.findall(line):
        if made and cell_len(made + word) > width:
            yield made.rstrip()
            made = ""
        made += word if made else word.lstrip()
        while cell_len(made) > width:  # one that fits on no line
            yield made[:width]
            made = made[width:]
    if made.rstrip():
        yield made.rstrip()

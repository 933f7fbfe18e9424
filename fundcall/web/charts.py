"""Charts as SVG, drawn by the server: each has a title and a description, takes its colours from the stylesheet's classes,
and stands beside a table of the same figures.

They are drawn 420 units wide with text of 13, so that they can be read on a telephone and two of them side by side.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from markupsafe import Markup, escape

WIDTH = 420
_TEXT, _ROW, _BAR = 18, 40, 14
_COLUMNS_HIGH, _FOOT, _HEAD = 150, 22, 20
_STRIP, _NAME = 26, 118


class Words(NamedTuple):
    """What a chart is called, and what can be seen in it: read out in its place."""

    title: str
    description: str


class Bar(NamedTuple):
    """A bar: its label, its parts (class and length) from the left, drawn over one another, and the figures in words.

    `mark` is a point on the same scale to be reached; None for none.
    """

    label: str
    parts: tuple[tuple[str, float], ...]
    text: str
    mark: float | None = None


class Pillar(NamedTuple):
    """A column: its height, the words of a tip, and a label under it; "" for none."""

    height: int
    tip: str
    label: str = ""


class Strip(NamedTuple):
    """A row of points on a common scale, with the mean of them."""

    label: str
    points: Sequence[float]
    mean: float
    text: str


def bars(words: Words, found: Sequence[Bar]) -> Markup:
    """Bars under each other on one scale, each with its label and figures above it."""
    most = max([value for bar in found for _, value in bar.parts] + [bar.mark or 0 for bar in found], default=0) or 1
    scale = (WIDTH - 2) / most
    pieces = []
    for n, bar in enumerate(found):
        y = n * _ROW
        pieces += [_text(0, y + 14, bar.label), _text(WIDTH, y + 14, bar.text, "figure end")]
        pieces.append(_rect(0, y + _TEXT + 2, WIDTH, _BAR, "trough"))
        pieces += [_rect(0, y + _TEXT + 2, _least(value * scale, value), _BAR, kind) for kind, value in bar.parts]
        if bar.mark is not None:
            x = bar.mark * scale
            pieces.append(Markup('<path class="aim" d="M{:.1f} {}v{}"/>').format(x, y + _TEXT - 1, _BAR + 6))
    return _drawn(words, len(found) * _ROW, pieces)


def pillars(words: Words, found: Sequence[Pillar], most_words: str) -> Markup:
    """Columns beside each other from a common ground; `most_words` says how much the line at the top stands for."""
    most = max((column.height for column in found), default=0) or 1
    wide, ground = WIDTH / max(1, len(found)), _HEAD + _COLUMNS_HIGH
    pieces = [_path("grid", f"M0 {_HEAD}h{WIDTH}"), _text(0, _HEAD - 6, most_words, "soft")]
    pieces.append(_path("grid", f"M0 {_HEAD + _COLUMNS_HIGH / 2:.0f}h{WIDTH}"))
    for n, column in enumerate(found):
        high = _least(column.height / most * _COLUMNS_HIGH, column.height)
        gap = min(2.0, wide * 0.2)
        shape = _rect(n * wide + gap / 2, ground - high, wide - gap, high, "main")
        pieces.append(Markup("<g><title>{}</title>{}</g>").format(column.tip, shape))
        if column.label:
            place, kind = _under(n * wide + wide / 2)
            pieces.append(_text(place, ground + 16, column.label, kind))
    pieces.append(_path("axis", f"M0 {ground}h{WIDTH}"))
    return _drawn(words, ground + _FOOT, pieces)


def strips(
    words: Words, found: Sequence[Strip], scale: tuple[float, float], middle: float, ticks: Iterable[float]
) -> Markup:
    """Rows of points between the ends of a scale; a line through all rows stands at `middle`."""
    low, high = scale
    room = WIDTH - _NAME - 8

    def place(value: float) -> float:
        return _NAME + (value - low) / ((high - low) or 1) * room

    tall = len(found) * _STRIP
    pieces = []
    for tick in ticks:
        pieces += [
            _path("grid", f"M{place(tick):.1f} 0v{tall}"),
            _text(place(tick), tall + 16, f"{tick:g}", "soft middle"),
        ]
    pieces.append(_path("middle-line", f"M{place(middle):.1f} 0v{tall}"))
    for n, strip in enumerate(found):
        y = n * _STRIP + _STRIP / 2
        places = dict.fromkeys(f"{place(one):.1f}" for one in strip.points)  # what would stand on itself is drawn once
        dots = Markup("").join(Markup('<circle class="dot" cx="{}" cy="{:.1f}" r="4"/>').format(x, y) for x in places)
        mean = _path("mean", f"M{place(strip.mean):.1f} {y - 9:.1f}v18")
        tip = Markup("<title>{}</title>").format(f"{strip.label}: {strip.text}")
        pieces += [_text(0, y + 4.5, strip.label), Markup("<g>{}{}{}</g>").format(tip, dots, mean)]
    return _drawn(words, tall + _FOOT, pieces)


def _least(length: float, value: float) -> float:
    """Something that is there can be seen."""
    return max(length, 1.5) if value > 0 else 0.0


def _under(x: float) -> tuple[float, str]:
    """Where a label stands, so that it does not leave the picture."""
    return (0, "soft") if x < 24 else (WIDTH, "soft end") if x > WIDTH - 24 else (x, "soft middle")


def _rect(x: float, y: float, wide: float, high: float, kind: str) -> Markup:
    return Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
        kind, x, y, wide, high
    )


def _path(kind: str, shape: str) -> Markup:
    return Markup('<path class="{}" d="{}"/>').format(kind, shape)


def _text(x: float, y: float, words: str, kind: str = "") -> Markup:
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}">{}</text>').format(kind, x, y, words)


def _drawn(words: Words, tall: float, pieces: Iterable[Markup]) -> Markup:
    name = "c" + hashlib.sha256(words.title.encode()).hexdigest()[:8]
    inside = Markup("\n").join(pieces)
    return Markup(
        '<svg class="chart" viewBox="0 0 {0} {1:.0f}" role="img" aria-labelledby="{2}-t {2}-d">'
        '<title id="{2}-t">{3}</title><desc id="{2}-d">{4}</desc>\n{5}\n</svg>'
    ).format(WIDTH, max(1, tall), name, escape(words.title), escape(words.description), inside)

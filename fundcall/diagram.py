"""The state table drawn: Mermaid text and SVG, both made from the table, never by hand."""

from __future__ import annotations

from collections import defaultdict
from html import escape

from states.application import MAIN_LINE, State
from states.labels import STATES
from states.table import CREATE, ROWS

_LEFT, _WIDTH, _HEIGHT, _GAP = 330, 190, 46, 92


def moves() -> dict[tuple[State, State], list[str]]:
    """(from, to) to the commands that go there; moves that stay are left out."""
    found: dict[tuple[State, State], list[str]] = defaultdict(list)
    for row in ROWS:
        for source in row.sources:
            if row.target is not None and row.target is not source:
                found[source, row.target].append(row.command)
    return found


def mermaid() -> str:
    """The table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> draft: {CREATE}"]
    lines += [f'    state "{STATES[state][0]} {state.value}" as {state.value}' for state in State]
    lines += [f"    {a.value} --> {b.value}: {' / '.join(names)}" for (a, b), names in moves().items()]
    finals = [state for state in State if not any(a is state for a, _ in moves())]
    lines += [f"    {state.value} --> [*]" for state in finals]
    return "\n".join(lines) + "\n"


def _places() -> dict[State, tuple[int, int]]:
    """Where each state is drawn: the main line downwards, corrections to the left, exits to the right."""
    places = {state: (_LEFT, 30 + i * _GAP) for i, state in enumerate(MAIN_LINE)}
    right = {State.LAPSED: 0, State.WITHDRAWN: 1.0, State.REJECTED: 1.95, State.DECLINED: 3.2, State.TERMINATED: 5.2,
             State.REVOKED: 6.3}  # fmt: skip
    places |= {state: (_LEFT + 430, int(30 + at * _GAP)) for state, at in right.items()}
    places[State.RETURNED] = (30, 30 + _GAP)
    return places


def svg() -> str:
    """The table as an SVG picture with a text equivalent."""
    places = _places()
    parts = [
        (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 980 760" role="img" aria-labelledby="t" '
            'font-family="Noto Sans CJK SC, sans-serif" font-size="13">'
        ),
        '<title id="t">申报件状态图 · states of an application</title>',
        (
            '<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
            '<path d="M0 0 8 4 0 8z" fill="#52667a"/></marker></defs>'
        ),
        '<rect width="980" height="760" fill="#fff"/>',
    ]
    drawn = sorted(moves().items(), key=lambda item: MAIN_LINE.index(item[0][0]) if item[0][0] in MAIN_LINE else 9)
    parts += [_arrow(places[a], places[b], names) for (a, b), names in drawn]
    parts += [_box(state, *places[state]) for state in State]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _box(state: State, x: int, y: int) -> str:
    fill = "#e3effb" if state in MAIN_LINE else "#f4f0e6"
    return (
        f'<rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="8" fill="{fill}" stroke="#52667a"/>'
        f'<text x="{x + _WIDTH // 2}" y="{y + 20}" text-anchor="middle" font-weight="600">{STATES[state][0]}</text>'
        f'<text x="{x + _WIDTH // 2}" y="{y + 37}" text-anchor="middle" fill="#3c4b59">{state.value}</text>'
    )


def _arrow(start: tuple[int, int], end: tuple[int, int], names: list[str]) -> str:
    title = f"<title>{escape(' / '.join(names))}</title>"
    (x1, y1), (x2, y2) = start, end
    if x1 == x2:
        if y2 > y1:
            middle = x1 + _WIDTH // 2
            label = f'<text x="{middle + 8}" y="{(y1 + _HEIGHT + y2) // 2 + 4}" fill="#3c4b59" font-size="11">{escape(names[0])}</text>'
            return f'<path d="M{middle} {y1 + _HEIGHT}V{y2 - 2}" stroke="#52667a" fill="none" marker-end="url(#a)">{title}</path>{label}'
        right = x1 + _WIDTH
        bend = f"M{right} {y1 + 23}C{right + 60} {y1} {right + 60} {y2 + 46} {right + 3} {y2 + 30}"
        return f'<path d="{bend}" stroke="#52667a" fill="none" marker-end="url(#a)">{title}</path>'
    from_x, to_x = (x1 + _WIDTH, x2 - 2) if x2 > x1 else (x1, x2 + _WIDTH + 2)
    bend = f"M{from_x} {y1 + 23}C{(from_x + to_x) // 2} {y1 + 23} {(from_x + to_x) // 2} {y2 + 23} {to_x} {y2 + 23}"
    return f'<path d="{bend}" stroke="#93a1ae" fill="none" marker-end="url(#a)">{title}</path>'

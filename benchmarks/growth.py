"""How cost grows with the number of applications: `python -m benchmarks.growth --to 1000000 --plot docs/pictures/growth.svg`.

One installation on SQLite is filled through the write path with drafts that have a title (two events each), and at each power of ten
the same is asked of it: a durable move of one client, moves in bulk, the first page of the queue with its counts, a search, a
look for deadlines that are due, and a start. The plot shows each as a multiple of what it cost at the first size.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from html import escape
from itertools import count, islice
from pathlib import Path
from statistics import median
from typing import NamedTuple

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.course import CALL, NOW, accepted, documents_of, filing, open_system, request
from benchmarks.measure import disk_folder, peak_mib
from fundcall.bootstrap import System
from workflow.desk import By, Wanted
from workflow.handle import Request
from workflow.search import Term, asked

FIRST = 1000
_GROUP, _TIMES, _SINGLE, _WORD = 1000, 20, 20, "机器人"
_WIDE, _HIGH, _EDGE = 640, 360, 60
_COLOURS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf")


class Size(NamedTuple):
    """What was measured at a size: milliseconds by what was asked, bytes of disk an application, and the most memory so far."""

    applications: int
    ms: Mapping[str, float]
    bytes_each: float
    peak_mib: int


def sizes(to: int) -> list[int]:
    """The powers of ten from the first size on."""
    return [FIRST * 10**n for n in range(int(math.log10(to / FIRST)) + 1)]


def drafts(system: System, numbers: range) -> list[Request]:
    """What begins applications and gives them a title."""
    put = documents_of(system).put
    return [request(n, step, move) for n in numbers for step, move in enumerate(islice(filing(n, put), 2), 1)]


def fill(system: System, numbers: range, tell: Callable[[int], None]) -> None:
    """Begin so many applications, in large transactions."""
    for first in range(numbers.start, numbers.stop, _GROUP):
        part = range(first, min(first + _GROUP, numbers.stop))
        for outcome in system.handler.handle_many(drafts(system, part), NOW):
            accepted(outcome)
        tell(len(part))


def once(work: Callable[[], object]) -> float:
    """How many milliseconds it takes."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def often(work: Callable[[], object]) -> float:
    """The middle of some times, in milliseconds."""
    return median(once(work) for _ in range(_TIMES))


def ask(system: System, spare: Iterator[int]) -> Iterator[tuple[str, float]]:
    """Everything that is asked at a size; `spare` gives numbers of applications that are not there yet."""
    ledger, handle = system.ledger, system.handler.handle
    moves = [one for n in islice(spare, _SINGLE) for one in drafts(system, range(n, n + 1))]
    yield "one durable move", median(once(lambda one=one: accepted(handle(one, NOW))) for one in moves)  # type: ignore[misc]
    many = [one for n in islice(spare, _GROUP) for one in drafts(system, range(n, n + 1))]
    yield "a move in bulk", once(lambda: [*map(accepted, system.handler.handle_many(many, NOW))]) / len(many)
    order, found = (By("due_at"),), Wanted(terms=tuple(Term(pieces) for pieces in asked(_WORD)))
    yield "queue page and counts", often(lambda: (ledger.queue(Wanted(), order, 51), ledger.queue_counts(Wanted())))
    yield "search and counts", often(lambda: (ledger.queue(found, order, 51), ledger.queue_counts(found)))
    early = CALL.opens_at - timedelta(days=1)
    yield "deadlines, none due", often(lambda: ledger.due(early, 100))


def grow(folder: Path, to: int, tell: Callable[[int], None]) -> Iterator[Size]:
    """Fill and ask, from the first size on."""
    system, there, spare = open_system(folder), 0, count(to + 1)
    for size in sizes(to):
        fill(system, range(there + 1, size + 1), tell)
        there = size
        asked_for = dict(ask(system, spare))
        system.close()
        began = time.perf_counter()
        system = open_system(folder)
        asked_for["a start"] = (time.perf_counter() - began) * 1000
        on_disk = sum(one.stat().st_size for one in folder.glob("fundcall.db*"))
        yield Size(size, asked_for, on_disk / size, peak_mib())
    system.close()


def plot(found: Sequence[Size]) -> str:
    """The figures as multiples of the first, both axes by powers of ten, as SVG."""
    names = list(found[0].ms)
    times = {name: [max(one.ms[name] / found[0].ms[name], 0.1) for one in found] for name in names}
    most = max(math.ceil(math.log10(max(max(row) for row in times.values()))), 1)
    across = (_WIDE - 2 * _EDGE) / max(len(found) - 1, 1)

    def down(value: float) -> float:
        return _HIGH - _EDGE - (math.log10(value) + 1) / (most + 1) * (_HIGH - 2 * _EDGE)

    said = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {_HIGH + 20 * len(names)}" font-family="sans-serif" font-size="13">',
            "<title>Cost by number of applications, as a multiple of that at the first size</title>",
            f'<rect width="{_WIDE}" height="{_HIGH + 20 * len(names)}" fill="#fff"/>']  # fmt: skip
    for power in range(-1, most + 1):
        y = down(10**power)
        said.append(
            f'<path d="M{_EDGE} {y:.1f}H{_WIDE - _EDGE}" stroke="#ccc"/><text x="{_EDGE - 8}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g}×</text>'
        )
    for n, one in enumerate(found):
        said.append(
            f'<text x="{_EDGE + n * across:.1f}" y="{_HIGH - _EDGE + 20}" text-anchor="middle">{one.applications:,}</text>'
        )
    for n, (name, row) in enumerate(times.items()):
        points = " ".join(f"{_EDGE + i * across:.1f},{down(value):.1f}" for i, value in enumerate(row))
        label = f"{name}: {found[0].ms[name]:.3g} ms, then {found[-1].ms[name]:.3g} ms"
        said.append(f'<polyline points="{points}" fill="none" stroke="{_COLOURS[n % 6]}" stroke-width="2"/>')
        said.append(
            f'<path d="M{_EDGE} {_HIGH + 20 * n}h24" stroke="{_COLOURS[n % 6]}" stroke-width="2"/><text x="{_EDGE + 32}" y="{_HIGH + 20 * n + 4}">{escape(label)}</text>'
        )
    return "\n".join([*said, "</svg>"]) + "\n"


def show(found: Sequence[Size], console: Console) -> None:
    """A table for people."""
    table = Table(title="随申报件数增长的开销，毫秒 · cost by number of applications, ms", title_justify="left")
    for head in ("", *(f"{one.applications:,}" for one in found)):
        table.add_column(head, justify="right" if head else "left")
    for name in found[0].ms:
        table.add_row(name, *(f"{one.ms[name]:.3f}" for one in found))
    table.add_row("bytes of disk each", *(f"{one.bytes_each:,.0f}" for one in found))
    table.add_row("most memory so far, MiB", *(str(one.peak_mib) for one in found))
    console.print(table)


def main(words: Sequence[str] | None = None) -> int:
    """Fill, ask, show."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--to", type=int, default=100_000, help="最多多少件 · up to so many applications (100000)")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="写出图 · write the plot as SVG")
    parser.add_argument("--json", action="store_true", help="输出JSON · print JSON")
    parser.add_argument("--folder", type=Path, help="临时数据库的位置 · where the temporary database goes; a disk")
    given = parser.parse_args(words)
    if given.to < FIRST:
        parser.error(f"--to: 至少{FIRST} / at least {FIRST}")
    with disk_folder(given.folder) as folder, Progress(console=Console(stderr=True), transient=True) as progress:
        filling = progress.add_task("SQLite", total=sizes(given.to)[-1])
        found = list(grow(folder, given.to, lambda n: progress.advance(filling, n)))
    if given.plot:
        given.plot.write_text(plot(found), encoding="utf-8")
    if given.json:
        print(json.dumps([one._asdict() for one in found], ensure_ascii=False, indent=2))
    else:
        show(found, Console(width=120))
    return 0


if __name__ == "__main__":
    sys.exit(main())

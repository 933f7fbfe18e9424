"""`python -m benchmarks [--quick] [--json]`: everything in one run, with ratios and goals."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks import floor, ours
from benchmarks.measure import Measured

_CLIENTS = {1: 600, 8: 150, 64: 30}
_QUICK = {1: 150, 8: 40, 64: 8}


@dataclass(frozen=True, slots=True)
class Ratio:
    """A figure beside its goal."""

    what: str
    value: float
    goal: str


def _median(runs: list[Measured]) -> Measured:
    return sorted(runs, key=lambda m: m.per_second)[len(runs) // 2]


def measured(folder: Path, *, quick: bool, step: Callable[[str], None]) -> dict[str, Measured]:
    """Every measurement, in alternating rounds; the median of each."""
    each, rounds, bulk = (_QUICK, 1, 2000) if quick else (_CLIENTS, 3, 10_000)
    runs: dict[str, list[Measured]] = {}
    for number in range(rounds):
        place = folder / str(number)
        place.mkdir()
        for clients, count in each.items():
            for name, run in (
                ("raw each", floor.one_commit_each),
                ("raw group", floor.group_commit),
                ("ours", ours.transitions),
            ):
                step(f"{name}, {clients}")
                runs.setdefault(f"{name} {clients}", []).append(run(place, clients, count))
        step("Django")
        peers = _django(place, each, bulk)
        for key, peer in zip((*(f"django {c}" for c in each), "django bulk"), peers, strict=True):
            runs.setdefault(key, []).append(peer)
        step("bulk, replay")
        runs.setdefault("bulk", []).append(ours.bulk(place, bulk))
        runs.setdefault("move", []).append(ours.one_move(place, 5000 if quick else 20_000))
        runs.setdefault("replay", []).append(ours.replay(place, 20_000 if quick else 100_000))
    return {key: _median(found) for key, found in runs.items()}


def _django(folder: Path, each: dict[int, int], bulk: int) -> list[Measured]:
    spec = json.dumps({"each": {c: max(4, n // 4) for c, n in each.items()}, "bulk": bulk})
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.django_peer", str(folder), spec]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return [Measured(*row) for row in json.loads(done.stdout)]


def ratios(m: dict[str, Measured]) -> list[Ratio]:
    """What the goals ask for."""
    speed = {key: value.per_second for key, value in m.items()}
    return [
        Ratio("64 clients: ours / raw group commit", speed["ours 64"] / speed["raw group 64"], ">= 0.5"),
        Ratio("64 clients: p99 ms", m["ours 64"].p99_ms, "<= 50"),
        Ratio("1 client: ours / raw one commit each", speed["ours 1"] / speed["raw each 1"], ">= 0.5"),
        Ratio("64 clients: ours / Django + simple-history", speed["ours 64"] / speed["django 64"], ">= 15"),
        Ratio("bulk: cases a second", speed["bulk"], ">= 6000"),
        Ratio("bulk: ours / Django bulk_update", speed["bulk"] / speed["django bulk"], ">= 5"),
        Ratio("decide + fold of one move, µs", m["move"].p50_ms * 1000, "<= 60"),
        Ratio("replay depth 1, events a second", speed["replay"], ">= 200000"),
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a short run, without the demo")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as folder,
        Progress(console=Console(stderr=True), transient=True) as progress,
    ):
        task = progress.add_task("", total=12 if asked.quick else 34)

        def step(what: str) -> None:
            progress.update(task, advance=1, description=what)

        found = measured(Path(folder), quick=asked.quick, step=step)
        demo = None if asked.quick else ours.demo(Path(folder), 2000)
    rows = ratios(found)
    if asked.json:
        whole: dict[str, Any] = {
            "measured": {k: asdict(v) for k, v in found.items()},
            "ratios": [asdict(r) for r in rows],
        }
        sys.stdout.write(json.dumps(whole | {"demo": demo}, indent=2, ensure_ascii=False) + "\n")
        return
    _show(found, rows, demo)


def _show(found: dict[str, Measured], rows: list[Ratio], demo: dict[str, Any] | None) -> None:
    console = Console()
    table = Table("what", "a second", "p50 ms", "p99 ms", title="measured (medians, one run)")
    for m in found.values():
        table.add_row(m.name, f"{m.per_second:,.0f}", f"{m.p50_ms:.2f}", f"{m.p99_ms:.2f}")
    console.print(table)
    goals = Table("figure", "here", "goal", title="beside the goals")
    for row in rows:
        goals.add_row(row.what, f"{row.value:,.2f}", row.goal)
    console.print(goals)
    if demo is not None:
        console.print(f"headless demo: {demo} (goal: 2,000 applications within 60 s)")


if __name__ == "__main__":
    main()

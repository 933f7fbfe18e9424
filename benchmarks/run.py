"""Measures everything in one go, in alternating rounds, and sets each figure beside its goal (`make bench`)."""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from benchmarks.goals import Judged, judged
from benchmarks.measure import FULL, QUICK, Measurement, disk_folder
from benchmarks.tasks import FIRST, FOR, LAST, REPEATED

_ROOT = Path(__file__).parents[1]
_WIDTH = 120


def main() -> None:
    """Measure and print. However slow it is, the exit code is 0; it is not where something does not work at all."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="一分钟左右的短测 · a short run, one round of less")
    parser.add_argument("--json", action="store_true", help="输出JSON · print JSON")
    parser.add_argument(
        "--only", action="append", default=[], metavar="TASK", choices=[*REPEATED, *LAST], help="只测这些 · only these"
    )
    parser.add_argument(
        "--folder", type=Path, help="临时数据库的位置，须在磁盘上 · where temporary databases go; a disk"
    )
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the folder is removed then too
    with disk_folder(asked.folder) as folder, _progress() as progress:
        rounds = measure(folder, quick=asked.quick, only=asked.only, progress=progress)
    if asked.json:
        print(json.dumps(as_json(rounds, quick=asked.quick), ensure_ascii=False, indent=2))
    else:
        show(rounds, Console() if sys.stdout.isatty() else Console(width=_WIDTH))


def measure(folder: Path, *, quick: bool, only: Iterable[str], progress: Progress) -> list[dict[str, Measurement]]:
    """Rounds of every task, one after another; what is prepared first or measured once belongs to the last round."""
    wanted = set(only) or {*REPEATED, *LAST}
    repeated = [name for name in REPEATED if name in wanted]
    once = [name for name in LAST if name in wanted]
    first = [name for name in FIRST if wanted & FOR[name]]
    repeats = (QUICK if quick else FULL).repeats if repeated else 1
    bar = progress.add_task("", total=len(first) + repeats * len(repeated) + len(once))
    rounds: list[dict[str, Measurement]] = []

    def do(name: str) -> dict[str, Measurement]:
        progress.update(bar, description=name)
        found = {m.name: m for m in one(name, folder, quick=quick)}
        progress.advance(bar)
        return found

    for name in first:
        do(name)
    for number in range(repeats):
        rounds.append({})
        for name in repeated if number % 2 == 0 else reversed(repeated):
            rounds[-1].update(do(name))
    for name in once:
        rounds[-1].update(do(name))
    return rounds


def one(name: str, folder: Path, *, quick: bool) -> list[Measurement]:
    """One task in a process of its own, once what earlier ones wrote has reached the disk."""
    os.sync()
    command = [sys.executable, "-m", "benchmarks.tasks", name, str(folder), *(["--quick"] if quick else [])]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            out, _ = process.communicate()
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)  # what it has itself started goes with it
            raise
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return [Measurement(**found) for found in json.loads(out)]


def medians(rounds: Iterable[dict[str, Measurement]]) -> dict[str, list[Measurement]]:
    """Each measurement's runs by name, after a first entry that holds their medians."""
    runs: dict[str, list[Measurement]] = {}
    for found in rounds:
        for name, measurement in found.items():
            runs.setdefault(name, []).append(measurement)
    return {name: [_middle(found), *found] for name, found in runs.items()}


def _middle(runs: list[Measurement]) -> Measurement:
    def of(value: Callable[[Measurement], float]) -> float:
        return median(value(run) for run in runs)

    speed, p50, p99 = of(lambda m: m.ops_per_s), of(lambda m: m.p50_ms), of(lambda m: m.p99_ms)
    return Measurement(runs[0].name, speed, p50, p99, round(of(lambda m: m.n)), max(m.peak_mib for m in runs))


def as_json(rounds: list[dict[str, Measurement]], *, quick: bool) -> dict[str, Any]:
    """Everything as plain JSON: medians, the runs behind them, and the goals."""
    return {
        "scale": asdict(QUICK if quick else FULL),
        "machine": {
            "cpus": os.cpu_count(),
            "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version,
            "load": os.getloadavg(),
        },
        "measured": {
            name: asdict(middle) | {"runs_ops_per_s": [run.ops_per_s for run in runs]}
            for name, (middle, *runs) in medians(rounds).items()
        },
        "goals": [_goal(found) for found in judged(rounds)],
    }


def _goal(found: Judged) -> dict[str, Any]:
    goal = found.goal
    return {
        "zh": goal.zh,
        "en": goal.en,
        "value": found.value,
        "lowest": found.low,
        "highest": found.high,
        "goal": goal.bound,
        "at_least": goal.at_least,
        "reached": found.reached,
    }


def show(rounds: list[dict[str, Measurement]], console: Console) -> None:
    """Two tables for people: what was measured, and the goals."""
    table = _table("测得（各轮中位数） · measured (medians of the rounds)")
    for title in ("次/秒 a second", "最低–最高 range", "p50 ms", "p99 ms", "n", "MiB"):
        table.add_column(title, justify="right")
    for name, (middle, *runs) in medians(rounds).items():
        speeds = [run.ops_per_s for run in runs]
        across = f"{min(speeds):,.0f}–{max(speeds):,.0f}" if len(runs) > 1 else ""
        waits = (f"{ms:,.3f}" if ms else "" for ms in (middle.p50_ms, middle.p99_ms))
        table.add_row(name, f"{middle.ops_per_s:,.0f}", across, *waits, f"{middle.n:,}", str(middle.peak_mib or ""))
    console.print(table)
    table = _table("目标 · goals (同轮之比 · ratios within a round)")
    for title in ("中位 median", "最低–最高 range", "目标 goal", ""):
        table.add_column(title, justify="right")
    for found in judged(rounds):
        bound = f"{'≥' if found.goal.at_least else '≤'} {found.goal.bound:,g}"
        across = f"{_short(found.low)}–{_short(found.high)}" if found.low != found.high else ""
        mark = "[green]✓[/]" if found.reached else "[yellow]✗[/]"
        table.add_row(f"{found.goal.zh} · {found.goal.en}", _short(found.value), across, bound, mark)
    console.print(table)


def _short(value: float) -> str:
    return f"{value:,.2f}" if value < 100 else f"{value:,.0f}"


def _table(title: str) -> Table:
    table = Table(title=title, title_justify="left", header_style="bold")
    table.add_column("", no_wrap=True)
    return table


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description:>14}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )

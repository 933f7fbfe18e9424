"""Every fault at every write of every command, and rounds of kill -9: `python -m tests.faults.campaign --help`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.faults.inject import Point
from tests.faults.kills import Killed, killed
from tests.faults.planted import PLANTS
from tests.faults.sweep import Swept, swept
from tests.faults.trials import TRIALS

KILLS_AT_ONCE = 25
SHOWN = 20
NO_STRACE = (
    "没有strace，请安装（Debian：apt-get install strace） / strace is missing; on Debian: apt-get install strace"
)


@dataclass
class Found:
    """What a campaign has found so far."""

    trials: dict[str, Swept] = field(default_factory=dict)
    rounds: list[Killed] = field(default_factory=list)

    @property
    def violations(self) -> list[str]:
        """Everything that was wrong, with where it was."""
        points = [what for trial in self.trials.values() for what in trial.violations]
        return points + [what for killed in self.rounds for what in killed.violations]

    def as_json(self, seconds: float) -> dict[str, Any]:
        """The whole as plain JSON."""
        return {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": {
                "cpus": os.cpu_count(),
                "python": platform.python_version(),
                "sqlite": sqlite3.sqlite_version,
                "kernel": platform.release(),
            },
            "seconds": round(seconds, 1),
            "points": sum(trial.tried for trial in self.trials.values()),
            "points_there_are": sum(trial.points for trial in self.trials.values()),
            "points_acknowledged": sum(trial.acknowledged for trial in self.trials.values()),
            "kills": len(self.rounds),
            "kills_acknowledged": sum(killed.acknowledged for killed in self.rounds),
            "violations": self.violations,
            "trials": {name: trial.tried for name, trial in sorted(self.trials.items())},
        }


def main(arguments: list[str] | None = None) -> int:
    """Run a campaign and print what it found; 1 where anything was wrong, 2 where it cannot run."""
    asked = parser().parse_args(arguments)
    if asked.list:
        print("\n".join(TRIALS))
        return 0
    if asked.points != 0 and shutil.which("strace") is None:
        sys.stderr.write(f"{NO_STRACE}\n")
        return 2
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fundcall-faults-", dir=asked.folder) as folder:
        found = run(asked, Path(folder))
    seconds = time.monotonic() - begun
    if asked.json:
        print(json.dumps(found.as_json(seconds), ensure_ascii=False, indent=2))
    else:
        show(found, seconds, Console())
    return 1 if found.violations else 0


def parser() -> argparse.ArgumentParser:
    """What may be asked."""
    found = argparse.ArgumentParser(prog="python -m tests.faults.campaign", description=__doc__)
    add = found.add_argument
    add("--points", type=int, metavar="N", help="只抽N个故障点，0为不做 · only so many points over all; 0 for none")
    add("--kills", type=int, default=1000, metavar="N", help="kill -9 轮数 · rounds of kill -9 (1000)")
    add("--writers", type=int, default=4, metavar="N", help="写入线程数 · threads that write in a round (4)")
    add("--only", action="append", default=[], choices=sorted(TRIALS), metavar="NAME", help="只测这些 · only these")
    add("--at", type=Point.read, metavar="POINT", help="只测这一点 · this point alone, as in 'KILL at pwrite64 7'")
    add("--seed", type=int, default=0, help="随机种子 · the seed")
    add("--jobs", type=int, default=2, metavar="N", help="进程数 · processes (2)")
    add("--plant", choices=PLANTS, default="", help="植入的故障 · a fault of our own making, to be found")
    add("--folder", type=Path, help="临时数据的位置 · where temporary data goes")
    add("--list", action="store_true", help="列出全部操作 · list what is disturbed")
    add("--json", action="store_true", help="输出JSON · print JSON")
    return found


def run(asked: argparse.Namespace, root: Path) -> Found:
    """Everything that was asked for, on so many processes, each of which forks the children that it disturbs."""
    names = (asked.only or list(TRIALS)) if asked.points != 0 else []
    with ProcessPoolExecutor(asked.jobs, mp_context=get_context("fork")) as pool:  # before this process has threads
        jobs: list[Future[Swept | list[Killed]]] = [
            pool.submit(_swept, name, wanted, root, asked) for name, wanted in _shares(names, asked.points)
        ]
        jobs += [pool.submit(_killed, first, root, asked) for first in range(0, asked.kills, KILLS_AT_ONCE)]
        with _progress() as progress:
            return _followed(jobs, progress, len(names), asked.kills)


def _followed(jobs: list[Future[Swept | list[Killed]]], progress: Progress, names: int, rounds: int) -> Found:
    """What the jobs find, as they end."""
    found = Found()
    points = progress.add_task("故障点 · points", total=names, more="")
    kills = progress.add_task("kill -9", total=rounds, more="")
    for job in as_completed(jobs):
        result = job.result()
        if isinstance(result, Swept):
            found.trials[result.name] = result
            progress.advance(points)
        else:
            found.rounds += result
            progress.advance(kills, len(result))
        tried = sum(trial.tried for trial in found.trials.values())
        progress.update(points, more=f"{tried} tried, {len(found.violations)} violations")
    return found


def _swept(name: str, wanted: int | None, root: Path, asked: argparse.Namespace) -> Swept | list[Killed]:
    return swept(name, root, wanted, asked.seed, asked.plant, asked.at)


def _killed(first: int, root: Path, asked: argparse.Namespace) -> Swept | list[Killed]:
    """Some rounds of kill -9, one after another."""
    seeds = range(asked.seed + first, asked.seed + min(first + KILLS_AT_ONCE, asked.kills))
    home = root / f"kills-{first}"
    home.mkdir()
    found = [killed(home, seed, asked.writers, asked.plant) for seed in seeds]
    shutil.rmtree(home)
    return found


def _shares(names: list[str], points: int | None) -> Iterator[tuple[str, int | None]]:
    """How many points each has: as even as can be, at least one; all where no number is given."""
    for i, name in enumerate(names):
        share = None if points is None else max(1, points // len(names) + (i < points % len(names)))
        yield name, share


def show(found: Found, seconds: float, console: Console) -> None:
    """The outcome in words."""
    summary = found.as_json(seconds)
    for what in found.violations[:SHOWN]:
        console.print(what, markup=False, highlight=False)
    console.print(
        f"{summary['points']} / {summary['points_there_are']} 个故障点 points, {summary['kills']} 次 kill -9 "
        f"({summary['kills_acknowledged']} 次应答 acknowledged), {len(found.violations)} 处违反 violations, {seconds:.0f} s"
    )


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, TextColumn("{task.fields[more]}"), console=Console(stderr=True), transient=True)


if __name__ == "__main__":
    sys.exit(main())

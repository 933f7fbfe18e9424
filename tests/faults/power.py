"""Every state that a cut of the power may leave of a real installation: `python -m tests.faults.power --help`."""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import count, islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.faults.aftermath import Aftermath, Rows, contents
from tests.faults.campaign import NO_STRACE, SHOWN
from tests.faults.disk import Disk
from tests.faults.losses import MODELS, Cut
from tests.faults.planted import POWER_PLANTS
from tests.faults.recording import UNITS, looking

INSTANTS_AT_ONCE = 6
_SHM = Path("/dev/shm")  # noqa: S108 - memory, where there is such a place


class Looked(NamedTuple):
    """What some instants gave: states by model, keys of their contents, and what was wrong how often."""

    states: Counter[str]
    keys: dict[str, set[int]]
    wrong: Counter[tuple[str, str]]


@dataclass
class Outcome:
    """What all have given so far."""

    states: Counter[str] = field(default_factory=Counter)
    keys: dict[str, set[int]] = field(default_factory=lambda: {model: set() for model in MODELS})
    wrong: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def distinct(self) -> int:
        """States that differ in some byte of some file; those of both models count once."""
        return len(set.union(*self.keys.values()))

    def add(self, more: Looked) -> None:
        self.states += more.states
        self.wrong += more.wrong
        for model, keys in more.keys.items():
            self.keys[model] |= keys


class Job:
    """What each process has, by fork: the recording, and what may be found. Its folder is its own."""

    disk: Disk
    known: Mapping[bytes, Rows]
    folder: Path
    looker: Aftermath | None = None


def main(arguments: list[str] | None = None) -> int:
    """Record, cut the power everywhere, look, and print what was found; 1 where anything was lost (or, with --proof, a
    planted fault was not found), 2 without strace.
    """
    asked = parser().parse_args(arguments)
    if shutil.which("strace") is None:
        sys.stderr.write(f"{NO_STRACE}\n")
        return 2
    begun = time.monotonic()
    folder = asked.folder or (_SHM if os.access(_SHM, os.W_OK) else None)
    told = {}
    with (
        tempfile.TemporaryDirectory(prefix="fundcall-power-", dir=folder) as home,
        looking(Path(home), asked.units) as record,
    ):
        for plant in ("", *POWER_PLANTS) if asked.proof else (asked.plant,):
            place = Path(home) / (plant or "as it is")
            place.mkdir()
            Job.disk, Job.folder, Job.looker = record(place, plant), place, None
            told[plant] = run(asked, until_wrong=asked.proof)
            told[plant]["seconds"] = round(time.monotonic() - begun, 1)
            if not asked.json:
                print(f"{plant or '—'}\n{words(told[plant])}")
    if asked.json:
        print(json.dumps(told, ensure_ascii=False, indent=2))
    found = {plant for plant in told if told[plant]["wrong"]}
    return int(found != set(POWER_PLANTS) if asked.proof else bool(found))


def parser() -> argparse.ArgumentParser:
    """What may be asked."""
    found = argparse.ArgumentParser(prog="python -m tests.faults.power", description=__doc__)
    add = found.add_argument
    add("--states", type=int, default=100_000, metavar="N", help="至少N个不同状态 · so many different states (100,000)")
    add(
        "--each",
        type=int,
        default=12,
        metavar="N",
        help="每一时刻每轮的状态数 · a round's states of a plan an instant (12)",
    )
    add("--seed", type=int, default=0, help="随机种子 · the seed")
    add("--jobs", type=int, default=2, metavar="N", help="进程数 · processes (2)")
    add(
        "--units",
        type=int,
        default=UNITS,
        metavar="N",
        help=f"记录中的申报单位数 · units that file while it is recorded ({UNITS})",
    )
    add(
        "--proof",
        action="store_true",
        help="原样一遍，再逐一植入故障 · as it is, then with every fault of our own making",
    )
    add("--plant", choices=POWER_PLANTS, default="", help="植入的故障 · a fault of our own making, to be found")
    add("--folder", type=Path, help="临时数据的位置 · where temporary data goes")
    add("--json", action="store_true", help="输出JSON · print JSON")
    return found


def run(asked: argparse.Namespace, *, until_wrong: bool) -> dict[str, Any]:
    """What a recording gives, as plain JSON."""
    Job.known = contents(_undisturbed(Job.disk), Job.disk, Job.folder / "whole")
    outcome = Outcome()
    with ProcessPoolExecutor(asked.jobs, mp_context=get_context("fork")) as pool, _progress() as progress:
        bar = progress.add_task("断电状态 · states", total=asked.states, more="")
        for looked in _in_turn(pool, _tasks(Job.disk, asked), 2 * asked.jobs):
            outcome.add(looked)
            progress.update(bar, completed=outcome.distinct, more=f"{outcome.states['wrong']} wrong")
            if outcome.distinct >= asked.states or (until_wrong and outcome.wrong):
                break
    return _told(outcome)


def _undisturbed(disk: Disk) -> Iterator[tuple[Any, list[str]]]:
    """What stood on the disk for whoever looked, at every sync and acknowledgement: no commit is between them."""
    syncs = [sync.began for found in disk.files.values() for sync in found]
    kept: dict[int, tuple[int, bytes]] = {}
    for at in sorted({*syncs, *(at for at, _ in disk.told), disk.instants[-1]}):
        yield Cut(disk, MODELS[0], at, kept).everything(), disk.acknowledged(at)


def _tasks(disk: Disk, asked: argparse.Namespace) -> Iterator[tuple[Sequence[int], int, int]]:
    """Some instants at a time, all of them again and again, by other chances."""
    for turn in count():
        instants = disk.instants
        order = list(range(0, len(instants), INSTANTS_AT_ONCE))
        random.Random(asked.seed + turn).shuffle(order)
        for first in order:
            yield instants[first : first + INSTANTS_AT_ONCE], asked.each, asked.seed * 1000 + turn


def _in_turn(pool: ProcessPoolExecutor, tasks: Iterator[Any], ahead: int) -> Iterator[Looked]:
    """The answers in the order of the tasks, of which only so many are begun ahead."""
    waiting: deque[Future[Looked]] = deque(pool.submit(look, *task) for task in islice(tasks, ahead))
    try:
        while waiting:
            yield waiting.popleft().result()
            waiting.extend(pool.submit(look, *task) for task in islice(tasks, 1))
    finally:
        for future in waiting:
            future.cancel()


def look(instants: Sequence[int], each: int, seed: int) -> Looked:
    """Cut the power at these instants, in both models, and look at what may be left."""
    if Job.looker is None:
        Job.looker = Aftermath(Job.disk, Job.folder / f"job-{os.getpid()}", Job.known)
    found = Looked(Counter(), {model: set() for model in MODELS}, Counter())
    kept: dict[int, tuple[int, bytes]] = {}
    for at in instants:
        given = Job.disk.acknowledged(at)
        for model in MODELS:
            for state in Cut(Job.disk, model, at, kept).states(each, random.Random(f"{seed} {at} {model}")):
                seen = Job.looker.look(state)
                found.states[model] += 1
                found.keys[model].add(seen.key)
                wrong = {_kind(what) for what in seen.wrong} | {
                    f"lost: {one.split()[0]}" for one in given if one not in seen.has
                }
                found.wrong.update((model, what) for what in wrong)
                found.states["wrong"] += bool(wrong)
    return found


def _kind(what: str) -> str:
    """What is wrong without the names that make each case another."""
    return " ".join(word for word in what.split() if len(word) < 40)


def _told(outcome: Outcome) -> dict[str, Any]:
    disk = Job.disk
    kinds = Counter(said.partition(" ")[0] for _, said in disk.told)
    return {
        "instants": len(disk.instants),
        "writes": len(disk.changes),
        "names": len(disk.moves),
        "syncs": sum(map(len, (*disk.files.values(), *disk.folders.values()))),
        "acknowledged": dict(kinds),
        "states": {model: outcome.states[model] for model in MODELS},
        "states_wrong": outcome.states["wrong"],
        "distinct_by_model": {model: len(keys) for model, keys in outcome.keys.items()},
        "distinct": outcome.distinct,
        "wrong": [f"{n} × {model}: {what}" for (model, what), n in sorted(outcome.wrong.items())],
    }


def words(told: Mapping[str, Any]) -> str:
    """The outcome in words."""
    shown = "".join(f"{what}\n" for what in told["wrong"][:SHOWN])
    return (
        f"{shown}{told['distinct']} 个不同状态 different states ({told['distinct_by_model']}), {told['instants']} 个时刻 instants, "
        f"{told['states_wrong']} 个违反 violations, {told['seconds']:.0f} s"
    )


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, TextColumn("{task.fields[more]}"), console=Console(stderr=True), transient=True)


if __name__ == "__main__":
    sys.exit(main())

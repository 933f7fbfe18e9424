"""Thousands of changed PDFs, none of which may pass for sealed, bring down or hold up: `python -m tests.documents.campaign --help`.

Every byte of a sealed file counts: a file that differs from every file that was really sealed so, in whatever byte, must not be
judged valid. What else a child makes of it, dying included, is an orderly verdict, and counted.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from fundcall.calls.load import load
from fundcall.documents import examiner as examining
from fundcall.documents.anchors import Anchors
from fundcall.documents.examiner import WALL_SECONDS, Examiner
from fundcall.documents.judge import plain
from fundcall.documents.report import Report
from tests.documents.making import root
from tests.documents.mutating import MUTATORS, Mutant, samples

LOOSE = "loose"
"""A child that does not look at what no digest covers."""
SHOWN = 20
AT_ONCE = 200
DRAWN = 16
"""Of so many mutants one is drawn as well, by the other parser."""
_HUNG_SECONDS = WALL_SECONDS + 30
_GONE = ("crash", "timeout", "memory")


@dataclass
class Outcome:
    """What the mutants were taken for."""

    mutants: int = 0
    seals: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    drawn: int = 0
    slowest: float = 0.0
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Looked:
    """One mutant, what it was taken for (nothing where the examination raised), and how long that took."""

    mutant: Mutant
    report: Report | None
    drawn: bool
    seconds: float
    raised: str


class Campaign:
    """Examines mutants as the product examines what comes in."""

    def __init__(
        self, examiner: Examiner, seed: int, keep: Path | None = None, mutators: Sequence[str] = tuple(MUTATORS)
    ) -> None:
        self._samples = samples()
        self._examiner = examiner
        self._seed = seed
        self._keep = keep
        self._mutators = mutators
        self._call = load("shanghai-ai-plus-2025")
        self.outcome = Outcome()

    def run(self, wanted: int, jobs: int, progress: Progress) -> None:
        """So many mutants, and after every few hundred the untouched files again: a child remembers nothing."""
        bar, numbers = progress.add_task("变异PDF · mutants", total=wanted, more=""), iter(range(wanted))
        self._untouched()
        with ThreadPoolExecutor(jobs) as pool:
            while some := list(islice(numbers, AT_ONCE)):
                for looked in pool.map(self._look, some):
                    self._count(looked)
                self._untouched()
                progress.update(bar, advance=len(some), more=f"{len(self.outcome.wrong)} wrong")

    def _look(self, number: int) -> Looked:
        mutant, begun = self._samples.mutant(f"{self._seed} {number}", self._mutators), time.monotonic()
        report, drawn = None, not number % DRAWN
        try:
            report = self._examiner.examine(mutant.content)
            plain(report, self._call, "变异.pdf")
            if drawn:
                self._examiner.draw(mutant.content)
        except Exception as wrong:  # noqa: BLE001 - it would be an answer of 500
            return Looked(mutant, report, drawn, time.monotonic() - begun, repr(wrong))
        return Looked(mutant, report, drawn, time.monotonic() - begun, "")

    def _count(self, looked: Looked) -> None:
        outcome, report = self.outcome, looked.report
        outcome.mutants += 1
        outcome.kinds.update(set(looked.mutant.kinds))
        outcome.drawn += looked.drawn
        outcome.slowest = max(outcome.slowest, looked.seconds)
        if report is not None:
            outcome.seals[report.seal] += 1
            outcome.findings.update(report.findings or ("nothing",))
        for what in self._wrong(looked):
            outcome.wrong.append(
                f"{what}: {looked.mutant.sample}, {'+'.join(looked.mutant.kinds)}, seed {looked.mutant.seed}"
            )
            if self._keep is not None:
                self._keep.mkdir(parents=True, exist_ok=True)
                (self._keep / f"{looked.mutant.seed.replace(' ', '-')}.pdf").write_bytes(looked.mutant.content)

    def _wrong(self, looked: Looked) -> Iterator[str]:
        if looked.raised:
            yield f"raised {looked.raised}"
        if looked.report is not None and looked.report.seal == "valid":
            yield "accepted"
        if looked.seconds > _HUNG_SECONDS:
            yield f"hung for {looked.seconds:.0f} s"

    def _untouched(self) -> None:
        """What was really sealed is still taken for that."""
        for name, content in self._samples.sealed.items():
            found = self._examiner.examine(content).seal
            if found != "valid":
                self.outcome.wrong.append(f"{name}, untouched, is {found}")


def children() -> set[int]:
    """The processes that this one has."""
    return {int(n) for path in Path("/proc/self/task").glob("*/children") for n in path.read_text().split()}


def main(arguments: list[str] | None = None) -> int:
    """Run a campaign and print what it found, so far where it is interrupted; 1 where anything was wrong."""
    asked = parser().parse_args(arguments)
    begun, before = time.monotonic(), children()
    if asked.plant:
        examining._CHILD = "tests.documents.loose"
    with closing(Examiner(Anchors((root().der,)), workers=asked.jobs)) as examiner, _progress() as progress:
        campaign = Campaign(examiner, asked.seed, asked.keep, asked.only or tuple(MUTATORS))
        with suppress(KeyboardInterrupt):  # what has been found by then is told
            campaign.run(asked.mutants, asked.jobs, progress)
    if left := children() - before:
        campaign.outcome.wrong.append(f"{len(left)} processes were left behind")
    told = _told(campaign.outcome, time.monotonic() - begun)
    print(json.dumps(told, ensure_ascii=False, indent=2) if asked.json else words(told))
    return 1 if campaign.outcome.wrong else 0


def parser() -> argparse.ArgumentParser:
    """What may be asked."""
    found = argparse.ArgumentParser(prog="python -m tests.documents.campaign", description=__doc__)
    add = found.add_argument
    add("--mutants", type=int, default=50_000, metavar="N", help="变异文件数 · so many changed files (50,000)")
    add("--seed", type=int, default=0, help="随机种子 · the seed")
    add("--jobs", type=int, default=2, metavar="N", help="子进程数 · processes that examine (2)")
    add("--only", action="append", choices=sorted(MUTATORS), metavar="NAME", help="只用这些 · by these mutators alone")
    add("--plant", choices=(LOOSE,), default="", help="植入的故障 · a fault of our own making, to be found")
    add("--keep", type=Path, metavar="FOLDER", help="保存有问题的文件 · keep the files that something was wrong with")
    add("--json", action="store_true", help="输出JSON · print JSON")
    return found


def _told(outcome: Outcome, seconds: float) -> dict[str, Any]:
    gone = {name: outcome.findings[name] for name in _GONE}
    return {
        "mutants": outcome.mutants,
        "seals": dict(outcome.seals.most_common()),
        "findings": dict(outcome.findings.most_common()),
        "children_gone": gone,
        "mutators": dict(sorted(outcome.kinds.items())),
        "drawn": outcome.drawn,
        "slowest_seconds": round(outcome.slowest, 2),
        "seconds": round(seconds, 1),
        "wrong": outcome.wrong,
    }


def words(told: dict[str, Any]) -> str:
    """The outcome in words."""
    shown = "".join(f"{what}\n" for what in told["wrong"][:SHOWN])
    return (
        f"{shown}{told['mutants']} 个变异文件 changed files; 印章 seals {told['seals']}; 子进程 children gone {told['children_gone']}; "
        f"最慢 slowest {told['slowest_seconds']} s; {len(told['wrong'])} 处违反 violations; {told['seconds']:.0f} s"
    )


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, TextColumn("{task.fields[more]}"), console=Console(stderr=True), transient=True)


if __name__ == "__main__":
    sys.exit(main())

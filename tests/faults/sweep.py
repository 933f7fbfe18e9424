"""Every fault at every write of a trial, or some of them: what was tried, and what was wrong afterwards."""

from __future__ import annotations

import gc
import random
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from tests.faults.inject import Point, points, struck, undisturbed
from tests.faults.trial import Trial
from tests.faults.trials import TRIALS


@dataclass(frozen=True, slots=True)
class Swept:
    """What became of a trial: its points, those of them that were tried, and every violation with its point."""

    name: str
    points: int
    tried: int
    acknowledged: int
    seconds: float
    violations: tuple[str, ...]


def swept(
    name: str, root: Path, wanted: int | None = None, seed: int = 0, plant: str = "", at: Point | None = None
) -> Swept:
    """Try every point of a trial, or so many of them, drawn by the seed, or one."""
    begun = time.monotonic()
    home = root / name
    home.mkdir(parents=True)
    trial = TRIALS[name](home / "before", plant)
    gc.freeze()  # what is loaded by now stays shared with the children
    shutil.copytree(trial.template, home / "counted")
    ended = undisturbed(lambda tell: trial.act(home / "counted", tell), home / "log")
    every = list(points(ended.calls))
    tried = every if wanted is None else random.Random(f"{seed} {name}").sample(every, min(wanted, len(every)))
    tried = tried if at is None else [at]
    violations: list[str] = []
    acknowledged = 0
    for point in tried:
        answered, wrong = _tried(trial, home, point)
        acknowledged += answered
        violations += [f"{name}, {point}: {what}" for what in wrong]
    shutil.rmtree(home)
    return Swept(name, len(every), len(tried), acknowledged, time.monotonic() - begun, tuple(violations))


def _tried(trial: Trial, home: Path, point: Point) -> tuple[bool, list[str]]:
    """One point: whether it was acknowledged, and what is wrong."""
    folder = home / "struck"
    shutil.copytree(trial.template, folder)
    ended = struck(lambda tell: trial.act(folder, tell), point, home / "log")
    try:
        wrong = list(trial.wrong(folder, point, ended))
    except Exception as error:  # noqa: BLE001 - whatever is left must be readable and must go on working
        wrong = [f"what was left cannot be used: {error!r}"]
    shutil.rmtree(folder)
    return "accepted" in ended.told or "repeated" in ended.told, wrong

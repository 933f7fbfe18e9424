"""One room's mutants, tried: imported once and forked for each; what imports decide, imported anew for each."""

from __future__ import annotations

import json
import os
import random
import time
import tomllib
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from tests.mutation.planting import Mutant
from tests.mutation.rooms import Room
from tests.mutation.running import Stages, cold, killed_of, warm
from tests.mutation.switch import Mutated

_EQUIVALENT = Path(__file__).with_name("equivalent.toml")


class Found(NamedTuple):
    """What became of a room's mutants: those that were tried, those of them that no test noticed, and those that nobody can notice."""

    tried: list[Mutant]
    survived: list[Mutant]
    equivalent: list[Mutant]
    seconds: float
    tests: int

    def of(self, module: str) -> Found:
        """The same of one module; its time is not known."""
        tried, survived, equivalent = ([m for m in those if m.module == module] for those in self[:3])
        return Found(tried, survived, equivalent, 0, self.tests)

    @property
    def score(self) -> float:
        """The share that was noticed, of those that were tried."""
        return 1 - len(self.survived) / len(self.tried) if self.tried else 1.0


def equivalents() -> dict[str, str]:
    """Mutants that change nothing that can be seen, each with its reason."""
    return dict(tomllib.loads(_EQUIVALENT.read_text(encoding="utf-8")))


def tried(room: Room, *, jobs: int, share: float, seed: int) -> Found:
    """Try a room's mutants, or so great a share of them, drawn by a seed. Raises RuntimeError where tests fail without any."""
    before = time.monotonic()
    mutated, known = Mutated(room.paths()), equivalents()
    names = [str(mutant) for mutant in mutated.mutants]
    asked = [number for number, name in enumerate(names) if name not in known]
    if share < 1:
        asked = sorted(random.Random(seed).sample(asked, round(share * len(asked))))
    told = _in_a_process(lambda: _warm(mutated, set(asked), jobs, room))
    if told["failed"] or told["code"]:
        raise RuntimeError(f"tests fail without a mutant: {told['failed'] or told['code']}")
    alive = set(told["alive"])
    mutated.install()
    alive -= {
        n
        for n, killed in killed_of(told["imported"], lambda n: cold(mutated.switch, n, room.data_tests), jobs)
        if killed
    }
    pick = mutated.mutants
    return Found(
        [pick[n] for n in asked],
        [pick[n] for n in sorted(alive)],
        [pick[n] for n, name in enumerate(names) if name in known],
        time.monotonic() - before,
        told["tests"],
    )


def _warm(mutated: Mutated, wanted: set[int], jobs: int, room: Room) -> dict[str, Any]:
    os.dup2(2, 1)
    mutated.install()
    stages = Stages(mutated, wanted, jobs, room.data_tests)
    code = warm(stages, room.tests)
    imported = sorted(stages.baseline.imported & stages.alive)
    return {
        "code": code,
        "failed": stages.failed,
        "alive": sorted(stages.alive),
        "imported": imported,
        "tests": stages.baseline.tests,
    }


def _in_a_process(work: Callable[[], Any]) -> Any:
    """What the work gives, as JSON, done in a process of its own, which imports what this one must not."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.close(ours)
            with os.fdopen(theirs, "w") as file:
                json.dump(work(), file)
        except Exception:  # noqa: BLE001  # it is told, and the parent sees that nothing came
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(theirs)
    with os.fdopen(ours) as file:
        text = file.read()
    os.waitpid(child, 0)
    if not text:
        raise RuntimeError("the tests without a mutant did not come to an end")
    return json.loads(text)

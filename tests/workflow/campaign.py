"""Many random programmes, each with all that must hold after every step: `python -m tests.workflow.campaign --programmes 1000`.

Exit 0 where all held; the first that did not is shrunk, told and ends the run with 1.
"""

from __future__ import annotations

import argparse
import sys
import time

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from rich.console import Console
from rich.progress import Progress

from states.events import BY_NAME
from tests.workflow.model import LIVES, TwoLedgers

AT_ONCE = 50


def main() -> int:
    """Live the programmes, and say how many moves, refusals and kinds of both came about."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--programmes", type=int, default=1000, help="how many (1000)")
    asked.add_argument("--steps", type=int, default=20, help="steps of each, six commands or a wait a step (20)")
    given = asked.parse_args()
    console, began = Console(stderr=True), time.monotonic()
    TwoLedgers.seen.clear()
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("随机项目 random programmes", total=given.programmes)
        for first in range(0, given.programmes, AT_ONCE):
            many = min(AT_ONCE, given.programmes - first)
            lives = settings(LIVES, max_examples=many, stateful_step_count=given.steps, database=None)
            run_state_machine_as_test(TwoLedgers, settings=lives)
            progress.advance(task, many)
    moves = {name: count for name, count in TwoLedgers.seen.items() if name in BY_NAME}
    refusals = {name: count for name, count in TwoLedgers.seen.items() if name not in BY_NAME}
    print(
        f"{given.programmes} programmes: {sum(moves.values())} moves of {len(moves)} kinds, "
        f"{sum(refusals.values())} refusals for {len(refusals)} reasons, 0 violations, {time.monotonic() - began:.0f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

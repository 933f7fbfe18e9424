"""`fundcall simulate --crash-rate`: many small worlds with crashes in them, each by its seed."""

from __future__ import annotations

import time
from contextlib import suppress

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from fundcall.cli.output import errors, print_json
from fundcall.crashing.campaign import Asked, Result, results, summary

_SHOWN = 5


def crashed(asked: Asked) -> None:
    """Let every seed live, print what came of it as JSON, and end with 1 where anything was wrong. Ctrl-C ends it before
    its time: what has lived by then is told.
    """
    began, found, wrong = time.monotonic(), list[Result](), 0
    with _progress() as progress, suppress(KeyboardInterrupt):
        task = progress.add_task("", total=asked.seeds, wrong=0)
        for one in results(asked):
            found.append(one)
            wrong += bool(one.violations)
            progress.update(task, advance=1, wrong=wrong)
            if one.violations and wrong <= _SHOWN:
                _show(asked, one)
    print_json(summary(asked, found, began))
    if wrong:
        raise typer.Exit(1)


def _show(asked: Asked, one: Result) -> None:
    """A seed that went wrong, how to see it again, and the least that leads to it."""
    again = f"fundcall simulate --crash-rate {asked.rate} --seed {one.seed} --call {asked.call}"
    lines = [
        f"✗ 种子 seed {one.seed}: {'; '.join(one.violations)}",
        f"→ {again}",
        "最短经过 · the least that leads to it:",
    ]
    for line in (*lines, *(f"  {line}" for line in one.least)):
        errors.print(line, markup=False, highlight=False, soft_wrap=True)


def _progress() -> Progress:
    columns = (TextColumn("种子 seeds"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    return Progress(*columns, TextColumn("{task.fields[wrong]} 违反 violations"), console=errors)

"""The page "How this is tested": written from the figures that were kept, and from nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.proof.steps import STEPS, Step

Kept = Mapping[str, Mapping[str, Any]]
"""By the step's name and its form (full, short): what the last run of it found."""
FORMS = ("full", "short")


def page(kept: Kept, steps: Sequence[Step] = STEPS) -> str:
    """The page."""
    return "\n".join(
        [*_beginning(kept, steps), *_table(kept, steps), *(line for step in steps for line in _step(kept, step))]
    )


def _beginning(kept: Kept, steps: Sequence[Step]) -> Iterator[str]:
    run = [kept[step.name] for step in steps if kept.get(step.name)]
    full, wrong = sum("full" in one for one in run), sum(form["code"] != 0 for one in run for form in one.values())
    yield "# How this is tested"
    yield ""
    yield (
        f"**中文摘要。** 本页由 `make proof` 写成，所载数字均为其实际运行所得，另附命令、日期与机器。共{len(steps)}项：{full}项已完整运行，"
        f"{len(run) - full}项仅运行过简短形式，{len(steps) - len(run)}项尚未运行；{wrong}次运行未达到要求。"
    )
    yield ""
    yield (
        f"`make proof` runs what takes too long for the tests of every change, and writes this page; no figure here was not run by it. Of {len(steps)} steps "
        f"{full} were run in full, {len(run) - full} in their short form alone, {len(steps) - len(run)} not yet; {wrong} runs did not come up to "
        'what was asked. `make proof ARGS=--quick` runs the short forms, `ARGS="--only NAME"` some; the others\' figures stay.'
    )
    yield ""


def _table(kept: Kept, steps: Sequence[Step]) -> Iterator[str]:
    yield "| step | in full | in short |"
    yield "|---|---|---|"
    for step in steps:
        cells = (_cell(kept.get(step.name, {}).get(form)) for form in FORMS)
        yield f"| [{step.name}](#{step.name}) | {' | '.join(cells)} |"


def _cell(run: Mapping[str, Any] | None) -> str:
    if run is None:
        return "not run"
    return f"{'holds' if run['code'] == 0 else 'does not hold'}, {run['at'][:10]}, {run['seconds']:,.0f} s"


def _step(kept: Kept, step: Step) -> Iterator[str]:
    runs = kept.get(step.name, {})
    yield from ("", f"## {step.name}", f"{step.shows[0].upper()}{step.shows[1:]}. {step.zh}。")
    for form in FORMS:
        run = runs.get(form)
        if run is None:
            continue
        yield ""
        ended = "0" if run["code"] == 0 else f"{run['code']}: **it does not hold**"
        yield f"In {'full' if form == 'full' else 'short'}: `{run['command']}`, {run['at']}, {run['seconds']:,.0f} s, on {run['machine']}. It ended with {ended}."
        yield ""
        yield from ("| figure | found |", "|---|---|")
        for label, value in run["figures"].items():
            yield f"| {label} | {value:,} |" if isinstance(value, int) else f"| {label} | {value} |"
    if not runs:
        yield from ("", f"Not run yet: `{written(step, quick=False)}`.")


def written(step: Step, *, quick: bool) -> str:
    """A step's command as one would give it."""
    return " ".join(["python -m", *step.asked(quick=quick)])

"""The page of figures carries what was run and nothing else, and whatever the docs name as a campaign is a step of it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.proof.page import page
from tests.proof.steps import STEPS, Step, figures_of

ROOT = Path(__file__).parents[2]
STEP = Step("a-step", "what it shows", "所示", "some.campaign --all", "some.campaign --few", {"moves": r"(\d+) moves"})
RUN = {
    "command": "python -m some.campaign --few",
    "at": "2026-11-29 10:00 UTC",
    "machine": "2 cores",
    "seconds": 12.5,
    "code": 0,
}
ELSEWHERE = {"benchmarks", "benchmarks.growth", "benchmarks.workers", "tests.browser.pictures", "tests.proof"}
"""Commands that measure speed or make pictures, and this one."""


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ('{"a": {"b": 3}, "list": [1, 2]}', {"b": 3, "list": 2}),
        ('made ready\n{"a": {"b": {"x": 1, "y": 1000}}}', {"b": "x 1, y 1,000"}),
        ('{"a": {"b": {"x": "told"}}, "list": []}', {"b": 1, "list": 0}),
        ('{"other": 1}', {}),
    ],
)
def test_figures_are_found_at_their_place_in_json(answer: str, found: dict[str, object]) -> None:
    assert figures_of(STEP._replace(figures={"b": "a.b", "list": "li*"}), answer) == found


def test_figures_are_found_in_words() -> None:
    assert figures_of(STEP, "3 programmes: 17 moves of 4 kinds") == {"moves": 17}
    assert figures_of(STEP, "nothing") == {}


def test_what_was_not_run_has_no_figure() -> None:
    told = page({}, (STEP,))
    assert "| [a-step](#a-step) | not run | not run |" in told
    assert told.endswith("Not run yet: `python -m some.campaign --all`.")


def test_each_form_stands_with_its_command_and_a_failure_is_told() -> None:
    short, full = (
        {**RUN, "figures": {"moves": 1700}},
        {**RUN, "command": "python -m some.campaign --all", "code": 1, "figures": {}},
    )
    told = page({"a-step": {"short": short, "full": full}}, (STEP,))
    assert "| [a-step](#a-step) | does not hold, 2026-11-29, 12 s | holds, 2026-11-29, 12 s |" in told
    assert "In short: `python -m some.campaign --few`, 2026-11-29 10:00 UTC, 12 s, on 2 cores. It ended with 0." in told
    assert "It ended with 1: **it does not hold**." in told
    assert "| moves | 1,700 |" in told


def test_the_page_is_what_the_kept_figures_say() -> None:
    kept = json.loads((ROOT / "docs" / "how-tested.json").read_text(encoding="utf-8"))
    assert (ROOT / "docs" / "how-tested.md").read_text(encoding="utf-8") == page(kept) + "\n"
    assert kept.keys() <= {step.name for step in STEPS}


def test_every_campaign_that_the_docs_name_is_a_step() -> None:
    texts = [
        path.read_text(encoding="utf-8") for path in sorted([*ROOT.glob("docs/**/*.md"), *ROOT.glob("README*.md")])
    ]
    named = {name for text in texts for name in re.findall(r"python -m ((?:tests|benchmarks)[\w.]*)", text)}
    assert named - {step.asked(quick=False)[0] for step in STEPS} <= ELSEWHERE

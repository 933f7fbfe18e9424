"""What a guard's refusal says, and of which field, is written in `refusals.txt`, a line each, for people to read over.

`python -m tests.states.test_refusal_words` writes the file anew.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from fundcall.calls.load import load
from states.errors import Refusal
from states.reasons import in_general
from tests.drive import world
from tests.filings import SHANGHAI
from tests.states.case import Case
from tests.states.test_guards import CASES, request_of

FILE = Path(__file__).with_name("refusals.txt")
REPEATED = re.compile(r"(.)\1{9,}")


def line(case: Case, refusal: Refusal) -> str:
    """Who refuses what, of which field; and the words where they say more than the catalogue does of every such refusal."""
    general = in_general(refusal.code, load(SHANGHAI.call))
    words = [refusal.zh, refusal.en, refusal.remedy_zh, refusal.remedy_en]
    told = " | ".join(words) if general != (refusal.zh, refusal.en) else "…"
    return REPEATED.sub(r"\1…", f"{case.command} {case.guard}: {refusal.code} [{refusal.where}] {told}")


def said(case: Case) -> list[str]:
    place = world()
    return [line(case, refusal) for refusal in place.handler.would(request_of(case, place, good=False))]


@cache
def written() -> list[list[str]]:
    """The lines of each case, parted by blank lines."""
    return [part.splitlines() for part in FILE.read_text(encoding="utf-8").strip().split("\n\n")]


@pytest.mark.parametrize("n", range(len(CASES)), ids=lambda n: CASES[n].id)
def test_a_refusal_of_a_guard_says_what_is_written_of_it(n: int) -> None:
    assert said(CASES[n]) == written()[n]


def test_nothing_is_written_that_is_not_said() -> None:
    assert len(written()) == len(CASES)


if __name__ == "__main__":
    FILE.write_text("\n\n".join("\n".join(said(case)) for case in CASES) + "\n", encoding="utf-8")

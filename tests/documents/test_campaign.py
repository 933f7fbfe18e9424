"""Changed PDFs are never taken for sealed, whatever was changed: the short campaign."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

import pytest
from rich.progress import Progress

from fundcall.documents import examiner as examining
from fundcall.documents.anchors import Anchors
from fundcall.documents.examiner import Examiner
from tests.documents.campaign import Campaign, Outcome
from tests.documents.making import root
from tests.documents.mutating import MUTATORS, samples


def run(examiner: Examiner, mutants: int, mutators: Sequence[str] = tuple(MUTATORS)) -> Outcome:
    """A short campaign."""
    campaign = Campaign(examiner, 1, None, mutators)
    with Progress(disable=True) as progress:
        campaign.run(mutants, 2, progress)
    return campaign.outcome


def test_no_changed_file_is_taken_for_sealed_and_none_brings_the_examination_down(examiner: Examiner) -> None:
    found = run(examiner, 64)
    assert (found.wrong, found.mutants, found.seals.total(), found.drawn) == ([], 64, 64, 4)


def test_a_child_that_does_not_look_at_what_no_digest_covers_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examining, "_CHILD", "tests.documents.loose")
    with closing(Examiner(Anchors((root().der,)), workers=1)) as loose:
        found = run(loose, 20, ("digits",))
    assert [what for what in found.wrong if what.startswith("accepted: ")] == found.wrong != []


def test_the_same_seed_gives_the_same_mutant_and_never_a_file_that_was_really_sealed_so() -> None:
    made = [samples().mutant(f"0 {n}") for n in range(40)]
    assert made == [samples().mutant(f"0 {n}") for n in range(40)]
    assert {mutant.content for mutant in made}.isdisjoint(samples().sealed.values())

"""A short run of the tamper campaign: bytes of database files, rows, projections, notices and bundles."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.audit.acts import ACTS, bundles, tampered
from tests.audit.campaign import large, small
from tests.audit.flips import Ledger, drawn, every_byte, tallied
from tests.lived import CLIMATE, lived

_TOLD = {
    "a row deleted": "gap",
    "the last row deleted": "checkpoint",
    "two rows swapped": "column",
    "a row inserted": "clock ran backwards",
    "rows re-ordered": "column",
    "an event rewritten, hash and all": "checkpoint",
    "a clock that ran backwards": "clock ran backwards",
    "a projection edited": "row.title",
    "a deadline forged": "deadline archive",
    "a rule edited": "decision",
    "a notice edited": "notice",
    "a notice deleted": "notice",
    "an address edited": "notice",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lived(tmp_path_factory, CLIMATE)


@pytest.mark.parametrize("name", ACTS)
def test_every_act_is_told_in_a_sentence_that_locates_it(made: Path, tmp_path: Path, name: str) -> None:
    told = tampered(made, tmp_path / "data", ACTS[name])
    assert any(one.what.startswith(_TOLD[name]) for one in told), told


def test_bundles_cut_short_of_another_ledger_or_of_another_history_are_told(made: Path, tmp_path: Path) -> None:
    found = bundles(made, tmp_path)
    assert {name: code for name, (code, _) in found.items()} == dict.fromkeys(found, 1)
    assert [said.count("✗") > 0 for _, said in found.values()] == [True, True, True]


@pytest.mark.sqlite
def test_bytes_changed_in_a_database_are_found_or_lie_outside_of_the_ledger(tmp_path: Path) -> None:
    (tmp_path / "large").mkdir()
    few, many = Ledger(small(tmp_path), 512), Ledger(large(tmp_path / "large", 300), 0)
    tallies = [tallied(few, every_byte(few, 1499)), tallied(many, drawn(many, 60, 7))]
    assert [tally.missed for tally in tallies] == [[], []]
    assert all(tally.found["events"] for tally in tallies)


@pytest.mark.sqlite
def test_a_check_that_looks_at_nothing_would_be_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger(small(tmp_path), 512)
    monkeypatch.setattr(Ledger, "findings", lambda *_: iter(()))
    assert tallied(ledger, every_byte(ledger, 1499)).missed != []

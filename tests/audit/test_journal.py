"""A database put back, cut short or rewritten no longer leads to the checkpoints kept, and nothing is appended to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from typer.testing import CliRunner

from fundcall.audit.journal import append
from fundcall.bootstrap import Proofs, System, open_system, settings_for
from fundcall.cli import app
from fundcall.clock import SteadyClock
from fundcall.watch import Watch
from tests.by_hand import tamper
from tests.databases import copied
from tests.lived import CLIMATE, lived


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lived(tmp_path_factory, CLIMATE)


@pytest.fixture
def system(made: Path, tmp_path: Path) -> Iterator[System]:
    found = open_system(settings_for(copied(made, tmp_path / "data"), database_url=""))
    yield found
    found.close()


def test_a_checkpoint_is_kept_once_and_the_ledger_leads_to_it(system: System) -> None:
    proofs = Proofs(system)
    assert (proofs.keep(), proofs.keep(), proofs.journal.notes()) == (proofs.checkpoint(), "", [proofs.checkpoint()])
    assert (proofs.tail(), proofs.checkpoints()) == ([], [])


@pytest.mark.parametrize("left", ["127.0.0.1:8000/ledger\n7\n", "\0" * 300, "\0" * 200 + "gMK=\n\n\n"])
def test_a_checkpoint_that_a_cut_of_the_power_left_unfinished_is_none_and_the_next_takes_its_place(
    system: System, left: str
) -> None:
    proofs = Proofs(system)
    path, first = system.settings.data_dir / "checkpoints.txt", proofs.keep()
    whole = path.read_text()
    path.write_text(f"{whole}{left}")
    assert (proofs.journal.notes(), proofs.tail(), proofs.keep()) == ([first], [], "")
    append(path, first)
    assert path.read_text() == whole * 2


NEWEST = "(SELECT max(position) FROM events)"


@pytest.mark.parametrize(
    ("statement", "value", "what"),
    [
        ("DELETE FROM events WHERE position = LAST", (), "checkpoint"),
        ("DELETE FROM events WHERE position = LAST - 3", (), "gap"),
        (
            "UPDATE events SET body = (SELECT body FROM events WHERE position = LAST) WHERE position = LAST - 3",
            (),
            "leaf",
        ),
        ("UPDATE events SET body = ? WHERE position = LAST - 3", (b"{",), "unreadable event"),
        ("UPDATE events SET type = 'x' WHERE position = LAST - 3", (), "leaf"),
        ("UPDATE events SET recorded_at = '2001' WHERE position = LAST - 3", (), "clock ran backwards"),
        ("UPDATE events SET leaf = ? WHERE position = 1", (bytes(32),), "checkpoint"),
    ],
    ids=["the last out", "one out", "bytes", "no bytes", "a column", "a time", "the oldest rewritten"],
)
def test_a_broken_end_is_named_and_nothing_is_started_on_it(
    system: System, statement: str, value: tuple[bytes, ...], what: str
) -> None:
    Proofs(system).keep()
    tamper(system.settings, statement.replace("LAST", NEWEST), value)
    assert what in {d.what for d in Proofs(system).tail()}
    for command in ("serve", "worker"):
        ran = CliRunner().invoke(app, [command, "--data", str(system.settings.data_dir)])
        assert (ran.exit_code, what in ran.output) == (1, True)


def test_a_checkpoint_that_was_altered_is_told(system: System) -> None:
    proofs = Proofs(system)
    proofs.keep()
    file = system.settings.data_dir / "checkpoints.txt"
    file.write_text(file.read_text().replace("/ledger\n", "/ledges\n"))
    assert [(d.what, d.expected) for d in proofs.checkpoints()] == [("checkpoint", "signed by this ledger")]
    file.write_bytes(file.read_bytes().replace(b"/ledges\n", b"/ledge\xff\n"))
    assert [(d.what, d.expected) for d in proofs.checkpoints()] == [("checkpoint", "signed by this ledger")]
    assert proofs.verifiers == (proofs.signer.verifier,)


@dataclass
class Told:
    """A clock that tells what it is told to."""

    at: datetime

    def now(self) -> datetime:
        return self.at


def test_the_watch_verifies_all_that_is_due_and_keeps_no_checkpoint_of_what_does_not_hold(system: System) -> None:
    clock = Told(system.clock.now())
    watched = replace(system, clock=cast("SteadyClock", clock))
    watch, journal = Watch(watched), Proofs(system).journal
    assert (watch.beat(), len(journal.notes())) == ([], 3)  # of now, and of the opening and the close of the window
    tamper(system.settings, "UPDATE applications SET title = 'x'")
    assert watch.beat() == []  # the newest part of the ledger itself holds; lists are seen to every hour
    clock.at += timedelta(hours=1)
    assert {d.what for d in watch.beat()} == {"row.title"}
    tamper(system.settings, "UPDATE rules SET body = ?", (b"{",))
    clock.at += timedelta(hours=24)
    assert "decision" in {d.what for d in watch.beat()}
    assert len(journal.notes()) == 3

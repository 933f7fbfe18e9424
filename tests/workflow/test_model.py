"""Both ledgers live the same random lives, and a ledger with a planted fault is told apart."""

import sqlite3

import psycopg
import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

import fundcall.storage.ledger
from fundcall.storage.known import Known
from states.application import Application
from states.events import BY_NAME
from tests.workflow.model import LIVES, TwoLedgers

SHORT = settings(LIVES, max_examples=20, phases=[Phase.generate], derandomize=True, database=None)


@pytest.mark.timeout(300)
def test_memory_and_database_live_the_same_random_lives() -> None:
    run_state_machine_as_test(TwoLedgers, settings=LIVES)
    assert len(TwoLedgers.seen.keys() & BY_NAME.keys()) >= 8  # the lives are random; most moves come about


def test_a_ledger_that_forgets_deadlines_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fundcall.storage.ledger, "deadline_changes", lambda _: ([], []))
    with pytest.raises(AssertionError):
        run_state_machine_as_test(TwoLedgers, settings=SHORT)


def test_a_ledger_that_keeps_an_old_version_in_mind_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    keep = Known._keep

    def keep_the_first(known: Known, application: Application) -> None:
        if application.id not in known._applications:
            keep(known, application)

    monkeypatch.setattr(Known, "_keep", keep_the_first)
    with pytest.raises((sqlite3.IntegrityError, psycopg.errors.UniqueViolation), match=r"(?i)unique"):
        run_state_machine_as_test(TwoLedgers, settings=SHORT)

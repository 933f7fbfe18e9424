"""Whatever is altered behind the ledger's back is found, and said where."""

from pathlib import Path

import pytest

from fundcall.audit.world import check_world
from fundcall.bootstrap import settings_for
from fundcall.storage.ledger import SqlLedger
from tests.by_hand import tamper
from tests.databases import durable_ledger
from tests.drive import world

TAMPERINGS = (
    (
        "an event's bytes",
        "UPDATE events SET body = (SELECT body FROM events WHERE position = 2) WHERE position = 1",
        "leaf",
    ),
    ("an event's type column", "UPDATE events SET type = 'DraftLapsed' WHERE position = 2", "column"),
    ("an event taken out", "DELETE FROM events WHERE position = 3", "gap"),
    ("a row's state", "UPDATE applications SET state = 'approved'", "row.state"),
    ("a row's grant", "UPDATE applications SET grant_minor = grant_minor + 1", "row.grant_minor"),
    ("a row taken out", "DELETE FROM applications", "row"),
    ("a deadline moved", "UPDATE deadlines SET due_at = '2030-01-01T00:00:00.000000Z'", "deadline format_check"),
    ("a deadline taken out", "DELETE FROM deadlines", "deadline format_check"),
    ("a sheet of scores", "UPDATE score_sheets SET scores = '[]'", "sheet of scores"),
    ("a sheet taken out", "DELETE FROM score_sheets", "sheet of scores"),
    ("what an award takes", "UPDATE applications SET bound_minor = 1", "row.bound_minor"),
    (
        "a deadline put in",
        "INSERT INTO deadlines VALUES ('2030-01-01T00:00:00.000000Z', 'app-0001', 'x')",
        "deadline x",
    ),
)


def submitted(folder: Path) -> SqlLedger:
    ledger = durable_ledger(folder)
    place = world("shanghai-ai-plus-2025", ledger)
    place.submitted()
    place.scored()
    return ledger


def test_an_untouched_ledger_has_no_divergences(tmp_path: Path) -> None:
    assert check_world(submitted(tmp_path)).divergences == ()


@pytest.mark.parametrize(("statement", "what"), [t[1:] for t in TAMPERINGS], ids=[t[0] for t in TAMPERINGS])
def test_a_tampering_is_found_and_named(tmp_path: Path, statement: str, what: str) -> None:
    ledger = submitted(tmp_path)
    tamper(settings_for(tmp_path, database_url=""), statement)
    verdict = check_world(ledger)
    assert what in {divergence.what for divergence in verdict.divergences}


def test_an_acknowledged_command_that_is_not_there_is_named(tmp_path: Path) -> None:
    verdict = check_world(submitted(tmp_path), acknowledged=["never-given"])
    assert [d.what for d in verdict.divergences] == ["acknowledged command never-given"]


def test_a_deadline_left_lying_is_named(tmp_path: Path) -> None:
    ledger = submitted(tmp_path)
    waiting = ledger.deadlines()
    last = waiting[-1].due_at
    late = check_world(ledger, now=last.replace(year=last.year + 1))
    named = [f"overdue deadline {deadline.name}" for deadline in waiting]
    assert (late.overdue, [d.what for d in late.divergences]) == (len(waiting), named)

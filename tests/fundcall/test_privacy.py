"""Personal values are erased on request or when kept long enough: for good, written down, and every proof stays valid."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fundcall.audit import verify_bundle
from fundcall.auditing import verify
from fundcall.bootstrap import Proofs, System, open_system, settings_for
from fundcall.cli import app
from fundcall.erasing import kept_long_enough, people_of
from fundcall.storage.erasures import SqliteErasures
from tests.by_hand import kept
from tests.databases import copied
from tests.lived import CLIMATE, lived
from workflow.rules import Rules


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lived(tmp_path_factory, CLIMATE)


@pytest.fixture
def system(made: Path, tmp_path: Path) -> Iterator[System]:
    found = open_system(settings_for(copied(made, tmp_path / "data"), database_url=""))
    yield found
    found.close()


def closed(system: System) -> str:
    return next(row.id for row in system.ledger.rows() if row.state == "closed")


def run(system: System, *asked: str) -> tuple[int, str]:
    ran = CliRunner().invoke(app, ["privacy", *asked, "--data", str(system.settings.data_dir)])
    return ran.exit_code, ran.output


def test_what_is_erased_is_gone_from_the_database_is_written_down_and_leaves_every_proof(
    system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    application = closed(system)
    (person, *_) = people_of(system, application)
    assert person.value is not None
    email = person.value["email"]
    mails = [one for one in system.notices.notices(application) if one.recipient == person.commitment]
    assert run(system, "erase", application, "--basis", "her letter of 1 May")[0] == 0
    assert [one.value for one in people_of(system, application)] == [None]
    (written,) = SqliteErasures(system.ledger).find(application)
    assert (written.commitment, written.basis) == (person.commitment, "her letter of 1 May")
    assert written.mails == tuple(one.digest.hex() for one in mails)
    assert {one.body for one in system.notices.notices(application) if one.recipient == person.commitment} == {b""}
    assert email.encode() not in kept(system.settings)
    verdict = verify(system, 3)
    assert (verdict.divergences, list(verdict.remarks.values())) == ((), [len(mails)])
    for name, redact in (("open", False), ("closed", True)):
        Proofs(system).export(tmp_path / name, application, redact=redact)
        monkeypatch.setattr(sys, "argv", ["verify_bundle.py", str(tmp_path / name)])
        assert verify_bundle.main() == 0


def test_a_case_under_way_keeps_its_addresses_unless_it_is_said_twice(system: System) -> None:
    application = closed(system)
    system.ledger.write([("UPDATE applications SET state = 'funded' WHERE id = ?", [(application,)])])
    code, said = run(system, "erase", application, "--basis", "asked")
    assert (code, "--although-live" in said) == (1, True)
    assert run(system, "erase", application, "--basis", "asked", "--although-live")[0] == 0
    assert run(system, "erase", application, "--basis", "asked", "--although-live")[0] == 1
    assert run(system, "erase", "nobody", "--basis", "asked")[0] == 1


def test_a_person_alone_is_erased_by_their_address(system: System) -> None:
    application = closed(system)
    assert run(system, "erase", application, "--basis", "asked", "--email", "somebody@else.example")[0] == 1
    (person,) = people_of(system, application)
    assert person.value is not None
    assert run(system, "erase", application, "--basis", "asked", "--email", person.value["email"])[0] == 0
    assert json.loads(run(system, "show", application, "--json")[1])["people"][0]["value"] is None


def test_values_are_due_once_their_call_keeps_them_no_longer(system: System) -> None:
    rules = system.calls[CLIMATE]
    system.handler.calls[CLIMATE] = Rules(replace(rules.call, personal_kept_months=24), rules.hash, rules.body)  # type: ignore[index]
    ended = max(row.updated_at for row in system.ledger.rows())
    assert list(kept_long_enough(system, ended + timedelta(days=365))) == []
    everybody = sum(len(list(people_of(system, row.id))) for row in system.ledger.rows())
    assert len(list(kept_long_enough(system, ended + timedelta(days=740)))) == everybody > 0

"""The dossier tells everything about an application that its reader may see, in words that can be read back out of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fundcall.bootstrap import Proofs, System
from fundcall.cli import app
from fundcall.web.words import EVENTS
from states.actor import Actor, Role
from states.application import Application
from states.fold import fold
from tests.api.office import Office, code
from tests.drive import F1
from tests.lived import lived, open_lived
from tests.pdf_text import pdf_text
from workflow.record import decode

CASE = "A11"
AUDITOR = Actor("auditor-1", Role.AUDITOR)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A whole call of sixteen, at its end."""
    found = open_lived(lived(tmp_path_factory))
    yield found
    found.close()


@pytest.fixture(scope="module")
def case(system: System) -> Application:
    found = fold(decode(stored.body) for stored in system.ledger.stored(application=CASE))
    assert found is not None
    return found


def words(system: System, actor: Actor, name: str = CASE) -> str:
    made = Proofs(system).dossier_pdf(actor, name)
    assert made is not None
    return pdf_text(made)


def closed_up(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_an_auditors_dossier_holds_the_whole_course(system: System, case: Application) -> None:
    text = words(system, AUDITOR)
    wanted = [case.number, case.unit_name, case.title, case.unit_code, "4,000,000.00CNY", "已结项closed"]
    wanted += [half for d in case.documents for half in (d.name, d.sha256[:32], d.sha256[32:])]
    wanted += [*case.experts, *(e.comment for e in case.experts.values())]
    wanted += [m.title for m in case.milestones] + [p.confirmed_by for p in case.payments]
    stored = list(system.ledger.stored(application=CASE))
    wanted += [one.leaf.hex()[:16] for one in stored] + [EVENTS.get(one.type, "申请被拒绝") for one in stored]
    assert [one for one in wanted if closed_up(one) not in text] == []


def test_what_was_filed_and_what_the_agreement_promises_stand_side_by_side(system: System) -> None:
    text = words(system, AUDITOR, "A01")
    assert "考核指标Indicators指标indicator申报filed协议agreed拟贡献数量contributionsplanned23" in text


def test_it_rests_on_the_checkpoint_of_its_last_event(system: System) -> None:
    last = list(system.ledger.stored(application=CASE))[-1]
    proofs = Proofs(system)
    text = words(system, AUDITOR)
    size = f"{proofs.signer.verifier.split('+')[0]}{last.position}"
    assert (closed_up(size) in text, closed_up(proofs.signer.verifier) in text) == (True, True)


def test_a_unit_reads_neither_experts_nor_the_offices_work_in_it(system: System, case: Application) -> None:
    text = words(system, Actor("unit-900014", Role.APPLICANT, case.unit_code))
    officers = {by for event, by in case.acts.items() if "officer" in by}
    secrets = [*case.experts, *officers, "专家评审Reviews", "提议立项"]
    assert [one for one in secrets if one in text] == []
    assert (case.title in text, "拟支持" in text or "公示" in text) == (True, True)


def test_the_same_event_and_reader_give_the_same_bytes_whatever_came_to_others(office: Office) -> None:
    application = office.submitted()
    path = f"/api/v1/applications/{application}/dossier.pdf"
    first = office.get(path, office.unit()).content
    office.submitted(2)
    office.clock.at += timedelta(days=1)
    assert (first.startswith(b"%PDF"), office.get(path, office.unit()).content == first) == (True, True)
    office.do(application, "ClaimFormatCheck", F1)
    assert office.get(path, office.unit()).content != first
    assert code(office.get(path, office.unit(2))) == (404, "not_found")


def test_the_command_writes_what_its_reader_may_see(system: System, case: Application, tmp_path: Path) -> None:
    def asked(name: str, *more: str) -> int:
        folder = str(system.settings.data_dir)
        return (
            CliRunner()
            .invoke(app, ["dossier", name, "--out", str(tmp_path / "x.pdf"), "--data", folder, *more])
            .exit_code
        )

    assert (asked("nowhere"), asked(CASE, "--actor", "applicant:x@91310000MA1FL0007C"), asked(case.call_id)) == (
        1,
        1,
        1,
    )
    assert not (tmp_path / "x.pdf").exists()
    assert asked(CASE) == 0
    assert pdf_text((tmp_path / "x.pdf").read_bytes()) == words(system, Actor("operator", Role.AUDITOR))


def test_every_application_of_a_call_has_a_dossier(system: System) -> None:
    made = {row.id: Proofs(system).dossier_pdf(AUDITOR, row.id) for row in system.ledger.rows()}
    assert [name for name, content in made.items() if not content or not content.startswith(b"%PDF")] == []

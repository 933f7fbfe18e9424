"""The Shanghai call with real seals: everything that an applicant uploads is examined, and only what holds is taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from fundcall.bootstrap import open_system, settings_for, web
from fundcall.clock import SteadyClock
from states.actor import Actor, Role
from tests.api.office import Clock, Office, code, ok, pdf
from tests.databases import fresh
from tests.documents.making import UNIT, party, root, seal, unit
from tests.filings import SHANGHAI
from tests.straight import Client

WHO = Actor("zhang", Role.APPLICANT, SHANGHAI.unit_code(1))


@pytest.fixture
def shanghai(tmp_path: Path) -> Iterator[Office]:
    """The real call in an installation that trusts the test authority, at noon of its third day."""
    folder = tmp_path / "data"
    (folder / "trust").mkdir(parents=True)
    (folder / "trust" / "root.pem").write_bytes(root().pem)
    settings = settings_for(folder, database_url="")
    fresh(folder)
    system = open_system(settings)
    clock = Clock(system.calls[SHANGHAI.call].call.opens_at + timedelta(days=3))
    system = replace(system, clock=cast("SteadyClock", clock))
    with Client(web(system)) as client:
        yield Office(system, clock, client)
    system.close()


def opened(office: Office) -> str:
    contacts = [{"name": "张乌有", "email": "zhang@zixu.example"}]
    body = {
        "call": SHANGHAI.call,
        "unit_code": WHO.unit,
        "unit_name": UNIT,
        "unit_kind": "company",
        "contacts": contacts,
    }
    application: str = ok(office.post("/applications", WHO, body), 201)["application"]
    ok(office.do(application, "EditDraft", WHO, form=dict(SHANGHAI.form)))
    return application


def test_a_filing_with_sound_seals_is_taken_without_a_finding(shanghai: Office) -> None:
    application = opened(shanghai)
    for n, wanted in enumerate(SHANGHAI.documents, 1):
        added = shanghai.upload(application, WHO, seal(pdf(n), unit()), material=wanted.material, name=wanted.name)
        assert [(s["verdict"], s["subject"]) for s in ok(added, 201)["document"]["seals"]] == [("valid", UNIT)]
    told = ok(shanghai.get(f"/api/v1/applications/{application}/findings", WHO))
    assert (told["clean"], told["findings"]) == (True, [])
    assert ok(shanghai.do(application, "SubmitApplication", WHO))["number"] == "SHAI2025-00001"


def test_an_unsealed_form_is_refused_at_submission_and_names_the_file(shanghai: Office) -> None:
    application = opened(shanghai)
    for n, wanted in enumerate(SHANGHAI.documents, 1):
        content = pdf(n) if wanted.material == "application_form" else seal(pdf(n), unit())
        shanghai.upload(application, WHO, content, material=wanted.material, name=wanted.name)
    refused = shanghai.do(application, "SubmitApplication", WHO)
    assert code(refused) == (422, "form_sealed")
    assert "项目申报书.pdf" in refused.json()["detail"]


def test_the_seal_of_another_unit_goes_to_an_officer(shanghai: Office) -> None:
    application = opened(shanghai)
    other = party({"O": "别的有限公司", "CN": "91310000FAKE00021R"}, root())
    for n, wanted in enumerate(SHANGHAI.documents, 1):
        who = other if wanted.material == "licence" else unit()
        shanghai.upload(application, WHO, seal(pdf(n), who), material=wanted.material, name=wanted.name)
    ok(shanghai.do(application, "SubmitApplication", WHO))
    sheet = ok(shanghai.get(f"/api/v1/applications/{application}/worksheet", Actor("f1", Role.FORMAT_OFFICER)))
    found = [i for i in sheet if i["state"] == "open"]
    assert [(i["where"], "别的有限公司" in i["zh"]) for i in found] == [("营业执照.pdf", True)]

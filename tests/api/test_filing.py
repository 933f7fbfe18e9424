"""Filing over HTTP: a draft, its documents, the pre-check, the submission to the microsecond, and its receipt."""

from __future__ import annotations

import hashlib
import threading
from datetime import timedelta
from typing import Any

import pytest

from fundcall.audit.checkpoint import opened
from tests.api.office import PLAN, Office, code, creation, ok, pdf
from tests.filings import CLIMATE

TICK = timedelta(microseconds=1)


def test_a_unit_files_from_the_draft_to_the_receipt(office: Office) -> None:
    unit, content = office.unit(), pdf(2)
    application = office.draft(document=content)
    assert ok(office.get(f"/api/v1/applications/{application}/findings", unit)) == {"clean": True, "findings": []}
    filed = ok(office.do(application, "SubmitApplication", unit))
    assert (filed["state"], filed["event"], filed["repeated"]) == ("submitted", "ApplicationSubmitted", False)
    receipt = ok(office.get(f"/api/v1/applications/{application}/receipt", unit))
    assert (receipt["number"], receipt["position"], receipt["received_at"]) == (
        filed["number"], filed["position"], filed["received_at"],
    )  # fmt: skip
    assert [d["sha256"] for d in receipt["documents"]] == [hashlib.sha256(content).hexdigest()]
    said = opened(receipt["checkpoint"], receipt["verifier"])
    assert (said.origin, said.size) == ("fund.example/ledger", filed["position"])


def test_a_receipt_is_the_same_bytes_whenever_it_is_asked_for(office: Office) -> None:
    application, unit = office.submitted(), office.unit()
    first = office.get(f"/api/v1/applications/{application}/receipt", unit).content
    paper = office.get(f"/api/v1/applications/{application}/receipt.pdf", unit)
    office.submitted(2)
    assert office.get(f"/api/v1/applications/{application}/receipt", unit).content == first
    assert office.get(f"/api/v1/applications/{application}/receipt.pdf", unit).content == paper.content
    assert (paper.headers["content-type"], paper.content[:5]) == ("application/pdf", b"%PDF-")


def test_a_draft_has_no_receipt(office: Office) -> None:
    application = office.draft()
    assert code(office.get(f"/api/v1/applications/{application}/receipt", office.unit())) == (404, "not_found")


def test_the_precheck_tells_everything_that_is_missing_at_once_and_changes_nothing(office: Office) -> None:
    unit = office.unit()
    application = ok(office.open_draft(unit), 201)["application"]
    head = office.system.ledger.head()
    found = ok(office.get(f"/api/v1/applications/{application}/findings", unit))
    refused = office.do(application, "SubmitApplication", unit).json()["refusals"]
    assert not found["clean"]
    assert [f["rule"] for f in found["findings"] if f["blocks"]] == [r["code"] for r in refused]
    assert office.system.ledger.head() == head + 1  # the refused submission itself


@pytest.mark.parametrize(("before", "answer"), [(TICK, (200, "")), (timedelta(), (422, "within_window"))])
def test_the_cut_off_is_exact_to_the_microsecond(office: Office, before: timedelta, answer: tuple[int, str]) -> None:
    application = office.draft()
    office.clock.at = office.call.closes_at - before
    given = office.do(application, "SubmitApplication", office.unit())
    assert (given.status_code, "" if given.is_success else given.json()["code"]) == answer


def test_who_arrived_in_time_is_not_late_however_long_the_queue(office: Office) -> None:
    application = office.draft()
    office.clock.at = office.call.closes_at - TICK
    office.clock.later = office.call.closes_at + timedelta(seconds=30)  # what the clock tells after the head arrived
    filed = ok(office.do(application, "SubmitApplication", office.unit()))
    assert filed["received_at"] < filed["recorded_at"]
    assert filed["state"] == "submitted"


def test_the_time_zone_of_the_server_changes_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    application, late = office.draft(), office.draft(2)
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        office.clock.at = office.call.closes_at - TICK
        assert office.do(application, "SubmitApplication", office.unit()).status_code == 200
        office.clock.at = office.call.closes_at
        assert code(office.do(late, "SubmitApplication", office.unit(2))) == (422, "within_window")
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()


def test_of_two_simultaneous_submissions_of_one_unit_one_is_accepted(office: Office) -> None:
    unit = office.unit()
    drafts = [office.draft(), office.draft()]
    answers: list[Any] = []
    barrier = threading.Barrier(2)

    def submit(application: str) -> None:
        barrier.wait()
        answers.append(office.do(application, "SubmitApplication", unit))

    threads = [threading.Thread(target=submit, args=(application,)) for application in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(a.status_code for a in answers) == [200, 422]
    refused = next(a for a in answers if a.status_code != 200)
    rule = office.call.rules[refused.json()["code"]]
    assert rule.check == "one_per_unit"


def test_two_people_who_edit_at_once_never_overwrite_each_other_silently(office: Office) -> None:
    unit = office.unit()
    application = office.draft()
    seen = ok(office.get(f"/api/v1/applications/{application}", unit))["version"]
    path = f"/applications/{application}/commands/EditDraft"
    first = ok(office.post(path, unit, {"form": {"title": "First"}}, version=seen))
    second = office.post(path, unit, {"form": {"title": "Second"}}, version=seen)
    assert code(second) == (409, "stale_version")
    theirs = {"version": first["version"], "form": {**CLIMATE.form, "title": "First"}}
    assert (second.json()["yours"], second.json()["theirs"]) == ({"title": "Second"}, theirs)
    ok(office.post(path, unit, {"form": {"title": "Second"}}, version=first["version"]))


def test_trying_again_with_the_same_key_gives_the_same_answer_and_one_event(office: Office) -> None:
    unit = office.unit()
    first, again = office.open_draft(unit, "once"), office.open_draft(unit, "once")
    assert {**first.json(), "repeated": True} == again.json()
    other = office.post("/applications", unit, {**creation(office.call, unit), "unit_name": "别的单位"}, "once")
    assert code(other) == (409, "command_id_reused")
    assert office.system.ledger.head() == 1


def test_keys_of_two_people_do_not_meet(office: Office) -> None:
    first, second = office.open_draft(office.unit(1), "k"), office.open_draft(office.unit(2), "k")
    assert ok(first, 201)["application"] != ok(second, 201)["application"]


def test_a_document_stands_with_what_its_examination_found(office: Office) -> None:
    unit = office.unit()
    application = ok(office.open_draft(unit), 201)["application"]
    content = pdf()
    added = ok(office.upload(application, unit, content), 201)
    assert added["document"]["sha256"] == hashlib.sha256(content).hexdigest()
    assert (added["document"]["format"], added["document"]["pages"], added["document"]["seals"]) == ("pdf", 1, [])
    shown = ok(office.get(f"/api/v1/applications/{application}", unit))
    assert [(d["name"], d["size_bytes"]) for d in shown["documents"]] == [(PLAN["name"], len(content))]


@pytest.mark.parametrize(
    ("content", "rule"),
    [(b"", "document_size"), (b"MZ\x90\x00" * 100, "document_format"), (pdf()[:-60], "document_safe")],
    ids=["empty", "a program", "cut off"],
)
def test_a_bad_file_is_refused_with_its_clause_and_nothing_is_attached(
    office: Office, content: bytes, rule: str
) -> None:
    unit = office.unit()
    application = ok(office.open_draft(unit), 201)["application"]
    refused = office.upload(application, unit, content)
    assert refused.status_code == 422
    assert rule in {office.call.rules[r["code"]].check for r in refused.json()["refusals"]}
    assert ok(office.get(f"/api/v1/applications/{application}", unit))["documents"] == []


def test_attempts_to_file_that_were_refused_are_listed_for_the_office(office: Office) -> None:
    from tests.drive import A1

    application, unit = office.draft(), office.unit()
    office.clock.at = office.call.closes_at + timedelta(minutes=1)
    office.do(application, "SubmitApplication", unit)
    office.open_draft(office.unit(2))
    since = office.call.closes_at.isoformat()
    found = office.client.get(
        f"/api/v1/calls/{office.call.id}/attempts", params={"since": since}, headers=office.headers(A1)
    )
    assert [(a["unit"], a["command"], a["codes"]) for a in found.json()] == [
        (unit.unit, "SubmitApplication", ["within_window"]),
        (office.unit(2).unit, "CreateDraft", ["within_window"]),
    ]

"""The receipt goes by mail too: as PDF to be kept and as JSON to be verified, the same as over HTTP."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default

import orjson

from tests.api.office import Office


def test_the_mail_of_a_submission_carries_its_receipt(office: Office) -> None:
    application = office.submitted()
    office.system.dispatcher.record()
    notice = next(n for n in office.system.notices.notices(application) if n.template == "submission_receipt")
    message = message_from_bytes(notice.body, policy=default)
    files = {part.get_filename(): part.get_content() for part in message.walk() if part.get_filename()}
    over_http = office.get(f"/api/v1/applications/{application}/receipt", office.unit()).json()
    paper = office.get(f"/api/v1/applications/{application}/receipt.pdf", office.unit()).content
    name = f"receipt-{over_http['number']}"
    assert orjson.loads(files[f"{name}.json"]) == over_http
    assert files[f"{name}.pdf"] == paper


def test_a_receipt_speaks_of_its_own_submission_however_late_it_is_mailed(office: Office) -> None:
    from tests.drive import F1

    application, unit = office.submitted(), office.unit()
    office.do(application, "ReturnForCorrection", F1, items=[{"clause": "4", "field": "title", "remedy": "x"}])
    office.do(application, "EditDraft", unit, form={"title": "Another title"})
    office.do(application, "ResubmitApplication", unit)
    office.system.dispatcher.record()
    titles = []
    for notice in office.system.notices.notices(application):
        message = message_from_bytes(notice.body, policy=default)
        for part in message.walk():
            if str(part.get_filename()).endswith(".json"):
                found = orjson.loads(part.get_content())
                titles.append((found["submission"], found["title"]))
    assert sorted(set(titles)) == [(1, "Rooftop garden"), (2, "Another title")]

"""Tables over the interface: for the office and auditors, in three formats, sent as they are made."""

import zipfile
from io import BytesIO

import pytest

from states.actor import Actor, Role
from tests.api.office import Office, code, ok
from tests.drive import F1
from tests.filings import CLIMATE

PATH = f"/api/v1/calls/{CLIMATE.call}/export"


def test_an_auditor_gets_the_table_and_a_unit_does_not(office: Office) -> None:
    application = office.submitted()
    auditor = Actor("auditor-1", Role.AUDITOR)
    found = ok(office.get(f"{PATH}/applications?format=json", auditor))
    assert [(row["application"], row["state"]) for row in found] == [(application, "submitted")]
    assert found == ok(office.get(f"{PATH}/applications?format=json&state=submitted", F1))
    assert ok(office.get(f"{PATH}/applications?format=json&state=closed", F1)) == []
    assert code(office.get(f"{PATH}/applications", office.unit())) == (403, "role_not_allowed")
    assert code(office.get("/api/v1/calls/none/export/applications", F1)) == (404, "not_found")


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_a_table_comes_as_a_file_of_its_format(office: Office, form: str) -> None:
    office.submitted()
    answer = office.get(f"{PATH}/applications?format={form}", F1)
    assert answer.headers["content-disposition"] == f'attachment; filename="{CLIMATE.call}-applications.{form}"'
    if form == "xlsx":
        assert zipfile.ZipFile(BytesIO(answer.content)).testzip() is None
    else:
        assert answer.content.startswith({"csv": b"\xef\xbb\xbf", "json": b"["}[form])

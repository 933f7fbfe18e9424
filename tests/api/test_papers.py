"""Papers are made whatever people write: what no font can show is marked, and never stands in the way."""

from __future__ import annotations

import pytest

from tests.api.office import Office, ok
from tests.drive import F1
from tests.filings import CLIMATE
from tests.pdf_text import pdf_text


@pytest.mark.parametrize("unshown", ["\U00099b2b", "\ue000\U00099b2c", "ሴ𐎀"])
def test_a_character_that_no_font_has_is_marked_on_receipt_and_dossier(office: Office, unshown: str) -> None:
    application, unit = office.draft(1), office.unit(1)
    ok(office.do(application, "EditDraft", unit, form={**CLIMATE.form, "title": f"花园{unshown}之友"}))
    ok(office.do(application, "SubmitApplication", unit))
    for path, who in (("receipt.pdf", unit), ("dossier.pdf", F1)):
        answer = office.get(f"/api/v1/applications/{application}/{path}", who)
        assert (answer.status_code, answer.content[:5]) == (200, b"%PDF-")
        assert "花园" in pdf_text(answer.content)

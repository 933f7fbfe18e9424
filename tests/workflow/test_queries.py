"""What officers are shown of an application: what the machine found, and what it has not looked at."""

from __future__ import annotations

import pytest

from states.checks import CertificateFacts
from tests.drive import world
from workflow.queries import worksheet


@pytest.mark.parametrize("shown", [True, False])
def test_where_nobody_looks_for_certificates_the_worksheet_says_so_and_the_filing_is_clean(*, shown: bool) -> None:
    place = world()
    application = place.draft()
    unit = place.unit(application)
    place.do(
        "SubmitApplication", unit, application, certificate=CertificateFacts(unit.unit, "单位1") if shown else None
    )
    found = place.application(application)
    assert found.findings == ()
    items = [item.rule for item in worksheet(place.call, found) if item.state == "to_see"]
    assert ("certificate_linked" in items) is not shown

"""Nobody opens a request before the close in order to write it after."""

import pytest

from tests.drive import HOUR, world
from tests.over_http import door, reasons


@pytest.mark.parametrize(("name", "fields"), [("EditDraft", {"form": {"title": "晚"}}), ("SubmitApplication", {})])
def test_a_form_whose_body_comes_after_the_close_is_late_however_early_its_head_came(
    name: str, fields: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = world()
    application, closes_at = place.draft(), place.call.closes_at
    client, clock = door(place), [closes_at - HOUR]
    monkeypatch.setattr(client.client.app, "_now", lambda: clock.pop() if clock else closes_at)
    answer = client.post(place.unit(application), application, name, fields, "held", closes_at)
    assert [code for code, _ in reasons(answer)] == ["within_window"]

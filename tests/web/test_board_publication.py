"""The publication of a call by its board: one button for an approving officer, pressed once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.boarding import Hall, hall
from tests.web.people import words

ATTEMPT = re.compile(r'name="attempt" value="(\w+)"')


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Hall]:
    with hall(tmp_path / "data") as found:
        yield found


def test_an_approving_officer_publishes_the_call_once(place: Hall) -> None:
    page = place.get("approving-1", "/publication").text
    assert ("尚未发布" in page, "不能收回" in page) == (True, True)
    attempt = ATTEMPT.search(page)
    assert attempt is not None
    done = place.post("approving-1", "/publication", "/publication", attempt=attempt[1])
    assert ("申报通知已发布" in words(done.text), "approving-1" in words(done.text)) == (True, True)
    again = place.post("approving-1", "/publication", "/publication", attempt=attempt[1])
    other = place.post("approving-2", "/publication", "/publication", attempt="another")
    assert (again.status_code, other.status_code, "没有任何内容被更改" in other.text) == (200, 422, True)
    assert [one.type for one in place.world.ledger.stored(application=place.world.call_id)] == ["CallPublished"]


def test_others_see_whether_it_is_published_and_have_no_button(place: Hall) -> None:
    assert "由审批人员发布" in place.get("review-1", "/publication").text
    assert place.post("review-1", "/publication", "/money", attempt="one").status_code == 403
    assert place.world.programme().published is False

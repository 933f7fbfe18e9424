"""Every calendar file that the stories give is read by a library that is not ours, and says what the notice says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from functools import cache
from typing import Any, NamedTuple

import pytest
from icalendar import Calendar

from notifications import ics
from notifications.dates import dropped, kept
from notifications.view import shown
from states.calendar import instant_of
from tests.notifications.stories import CALLS, PUBLIC_URL, SENDER, Told, told


class Sent(NamedTuple):
    """A calendar file that was sent with a notice: whether it takes dates back, and how it is read."""

    notice: Told
    takes_back: bool
    calendar: Any
    events: list[Any]


@cache
def sent() -> tuple[Sent, ...]:
    """The calendar files of every story of both calls."""
    found = []
    for call in CALLS:
        for notice in told(call):
            body = notice.render().body
            if b"text/calendar" in body:
                found += [Sent(notice, *one) for one in _files(body)]
    return tuple(found)


def _files(body: bytes) -> Iterator[tuple[bool, Any, list[Any]]]:
    for part in message_from_bytes(body).walk():
        if part.get_content_type() == "text/calendar":
            content: Any = part.get_payload(decode=True)
            parsed: Any = Calendar.from_ical(content)
            yield part.get_param("method") == "CANCEL", parsed, list(parsed.events)


def instant(value: Any) -> Any:
    return instant_of(value) if isinstance(value, str) else value


def test_the_stories_give_dates_to_keep_and_dates_taken_back_in_both_calls() -> None:
    assert {(one.notice.call.id, one.takes_back) for one in sent()} == {(c, b) for c in CALLS for b in (False, True)}


def test_no_calendar_file_has_anything_that_the_library_cannot_read() -> None:
    parts = [part for one in sent() for part in one.calendar.walk()]
    assert [part.errors for part in parts if part.errors] == []
    assert {part.name for part in parts} == {"VCALENDAR", "VEVENT", "VALARM"}


def test_every_file_names_version_maker_and_method_and_every_event_what_the_rfc_requires() -> None:
    for one in sent():
        found = one.calendar
        method = "CANCEL" if one.takes_back else "PUBLISH"
        assert (found["VERSION"], found["PRODID"], found["METHOD"]) == ("2.0", "-//fundcall//deadlines//EN", method)
        required = {"UID", "SEQUENCE", "DTSTAMP", "ORGANIZER", "SUMMARY", "STATUS"}
        required |= set() if one.takes_back else {"DTSTART", "TRANSP", "URL"}
        assert [set(event.keys()) for event in one.events] == [required] * len(one.events)
        assert {str(event["STATUS"]) for event in one.events} == {"CANCELLED" if one.takes_back else "CONFIRMED"}


def test_the_dates_read_back_are_those_of_the_notice_at_the_same_instants() -> None:
    for one in sent():
        planned, event, about = one.notice.planned, one.notice.event, shown(one.notice.application)
        if one.takes_back:
            assert len(one.events) == len(dropped(planned, event, about))
            continue
        due = {instant(at) for at in kept(planned, event, about).values()}
        assert {read_back.DTSTART for read_back in one.events} == due
        assert {read_back.DTSTAMP for read_back in one.events} == {event.recorded_at.replace(microsecond=0)}
        assert {str(read_back["ORGANIZER"]) for read_back in one.events} == {f"mailto:{SENDER}"}
        assert {str(read_back["URL"]).startswith(PUBLIC_URL) for read_back in one.events} == {True}


def test_every_date_to_keep_rings_a_day_ahead() -> None:
    rings = [
        (alarm["ACTION"], alarm.TRIGGER, alarm["DESCRIPTION"] == event["SUMMARY"])
        for one in sent()
        if not one.takes_back
        for event in one.events
        for alarm in event.walk("VALARM")
    ]
    assert set(rings) == {("DISPLAY", timedelta(days=-1), True)}
    assert len(rings) == sum(len(one.events) for one in sent() if not one.takes_back)


def test_an_id_stands_once_in_a_file_and_its_sequence_only_rises() -> None:
    newest: dict[tuple[str, str], int] = {}
    position = 0
    for one in sent():
        if one.notice.event.position < position:  # another story, with applications of its own
            newest.clear()
        position = one.notice.event.position
        ids = [str(event["UID"]) for event in one.events]
        assert len(set(ids)) == len(ids)
        for event in one.events:
            key, sequence = (one.notice.planned.audience, str(event["UID"])), int(event["SEQUENCE"])
            assert sequence >= newest.get(key, 0)
            newest[key] = sequence


@pytest.mark.parametrize("name", ["a;b,c\\d", "多\n行", "一" * 90, "𠮷" * 60, "END:VEVENT", 'q"uote: x', "\\n,;"])
def test_a_name_of_any_kind_is_read_back_as_it_was(name: str) -> None:
    at = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    made = ics.Made("a@b.example", at, 3, "https://fund.example/x")
    found: Any = Calendar.from_ical(ics.published([ics.Date("1.submit@b.example", at, name)], made))
    (event,) = found.walk("VEVENT")
    assert str(event["SUMMARY"]) == name.replace("\n", " ")

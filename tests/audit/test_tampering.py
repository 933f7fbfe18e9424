"""Every byte that is changed, and every entry that is moved, is found, and found where it is; also where it was sound
before.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fundcall.audit.streams import Remembered, Span, check_streams
from states.calendar import WorkingCalendar
from states.events import REFUSED, Recorded
from tests.drive import A1, F1, F2, World, world
from workflow.memory import FixedCalendars
from workflow.ports import Entry, History
from workflow.record import decode, encode, leaf_hash
from workflow.redecide import Redecider
from workflow.replay import Divergence, check_spine

KEY = b"k" * 32


class Told:
    """A ledger that says what it is told to."""

    def __init__(self, *found: History) -> None:
        self.found = found

    def histories(self, after: str = "", upto: str | None = None) -> Iterator[History]:
        return iter(self.found)

    def spine(self, after: int, upto: int) -> Iterator[tuple[int, str, bytes]]:
        entries = sorted(entry for history in self.found for entry in history.entries)
        return ((e.position, e.recorded_at, e.leaf) for e in entries if after < e.position <= upto)


def rejected() -> World:
    """A call with a draft, a refused submission, and an application that was rejected."""
    place = world("community-climate-2026")
    place.do_call("PublishCall", A1)
    application = place.draft()
    place.codes("SubmitApplication", F1, application)
    place.do("SubmitApplication", place.unit(application), application)
    place.do("ProposeRejection", F1, application, clause="3", grounds="not eligible")
    place.do("RejectApplication", F2, application)
    return place


PLACE = rejected()
HISTORIES = tuple(PLACE.ledger.histories())
OWN = next(history for history in HISTORIES if history.row is not None)
SOUND = check_streams(Told(*HISTORIES), Span("", None), (), Remembered(KEY, {})).sound


def found_in(*histories: History) -> list[Divergence]:
    """What is found: the same whether or not the streams were sound before."""
    afresh = check_streams(Told(*histories), Span("", None)).divergences
    again = check_streams(Told(*histories), Span("", None), (), Remembered(KEY, SOUND)).divergences
    assert afresh == again
    return afresh


def with_entry(n: int, **changed: Any) -> History:
    return OWN._replace(entries=[*OWN.entries[:n], OWN.entries[n]._replace(**changed), *OWN.entries[n + 1 :]])


def flipped(content: bytes) -> Iterator[bytes]:
    for i, byte in enumerate(content):
        yield content[:i] + bytes([byte ^ 1]) + content[i + 1 :]


def test_what_was_not_touched_is_sound_and_its_sound_streams_are_all_there_are() -> None:
    assert found_in(*HISTORIES) == []
    assert SOUND.keys() == {history.name for history in HISTORIES}


def test_every_byte_of_every_event_and_leaf_counts_and_is_located() -> None:
    for n, entry in enumerate(OWN.entries):
        for name in ("body", "leaf"):
            for content in flipped(getattr(entry, name)):
                found = found_in(with_entry(n, **{name: content}))
                assert ("leaf", entry.position) in {(d.what, d.position) for d in found}


def test_every_column_beside_the_bytes_counts_and_is_located() -> None:
    for n, entry in enumerate(OWN.entries):
        for name in ("application", "type", "command_id", "recorded_at"):
            for content in flipped(getattr(entry, name).encode()):
                found = found_in(with_entry(n, **{name: content.decode()}))
                assert ("column", entry.position) in {(d.what, d.position) for d in found}
        for name in ("position", "version"):
            changed = with_entry(n, **{name: getattr(entry, name) + 1})
            assert ("column", changed.entries[n].position) in {(d.what, d.position) for d in found_in(changed)}


def test_every_column_of_a_row_and_of_a_deadline_counts_and_is_named() -> None:
    assert OWN.row is not None
    for i, value in enumerate(OWN.row):
        wrong = value + 1 if isinstance(value, int) else f"{value}x"
        found = found_in(OWN._replace(row=(*OWN.row[:i], wrong, *OWN.row[i + 1 :])))
        assert [d.what.partition(".")[0] for d in found] == ["row"]
        assert (found[0].expected, found[0].found) == (str(value), str(wrong))
    assert OWN.deadlines
    for i, (at, name) in enumerate(OWN.deadlines):
        for other in ((f"{at}x", name), (at, f"{name}x")):
            found = found_in(OWN._replace(deadlines=[*OWN.deadlines[:i], other, *OWN.deadlines[i + 1 :]]))
            assert [d.what for d in found] == [f"deadline {name}", f"deadline {other[1]}"]


def moved(entries: list[Entry]) -> list[Divergence]:
    return found_in(OWN._replace(entries=entries))


@pytest.mark.parametrize(
    "change",
    [
        lambda e: e[1:],
        lambda e: e[:-1],
        lambda e: [*e[:2], *e[3:]],
        lambda e: [e[1], e[0], *e[2:]],
        lambda e: [*e[:-2], e[-1], e[-2]],
        lambda e: [*e, e[-1]],
        lambda _: [],
    ],
    ids=["first out", "last out", "one out", "first two swapped", "last two swapped", "last twice", "all out"],
)
def test_entries_taken_out_swapped_or_put_in_are_found(change: Callable[[list[Entry]], list[Entry]]) -> None:
    assert moved(change(OWN.entries))


def test_a_stream_that_was_sound_under_another_key_is_read_again() -> None:
    altered = with_entry(0, leaf=b"x" * 32)
    part = check_streams(Told(altered), Span("", None), (), Remembered(KEY, {OWN.name: SOUND[OWN.name]}))
    other = check_streams(Told(OWN), Span("", None), (), Remembered(b"o" * 32, SOUND))
    assert (part.sound, other.sound[OWN.name] != SOUND[OWN.name]) == ({}, True)


def test_a_gap_and_a_clock_that_ran_backwards_are_found_where_they_are() -> None:
    everything = sorted(entry for history in HISTORIES for entry in history.entries)
    head = everything[-1].position
    for entry in everything[1:]:
        early = [e._replace(recorded_at="2001") if e == entry else e for e in everything]
        found = list(check_spine(Told(History("", early, None, [])), 0, head, lambda _: None))
        assert [(d.what, d.position) for d in found] == [("clock ran backwards", entry.position)]
    for entry in everything:
        rest = [e for e in everything if e != entry]
        found = list(check_spine(Told(History("", rest, None, [])), 0, head, lambda _: None))
        assert [(d.what, d.position) for d in found] == [("gap", entry.position)]


# --- depth 2 ----------------------------------------------------------------------------------------------------------


def forged(n: int, change: Callable[[Recorded], Recorded]) -> History:
    """The application's history with an event rewritten by somebody who takes care of every hash and column."""
    body = encode(change(decode(OWN.entries[n].body)))
    return with_entry(n, body=body, leaf=leaf_hash(body), type=decode(body).type)


def again(history: History) -> list[Divergence]:
    rules = PLACE.handler.calls[PLACE.call_id].call
    redecider = Redecider(lambda _: rules, PLACE.calendars)
    return check_streams(Told(history), Span("", None), (redecider.check,)).divergences


def index(kind: str) -> int:
    return next(n for n, entry in enumerate(OWN.entries) if entry.type == kind)


def test_every_decision_comes_out_as_it_was_recorded() -> None:
    assert [d for history in HISTORIES for d in again(history)] == []
    assert REFUSED in {entry.type for entry in OWN.entries}


@pytest.mark.parametrize(
    ("kind", "change", "what", "guard"),
    [
        ("ApplicationSubmitted", lambda e: e._replace(facts={**e.facts, "sequence": 6}), "data.number", ""),
        ("ApplicationSubmitted", lambda e: e._replace(effective_at=e.effective_at.replace(year=2031)), "decision",
         "within_window"),
        ("ApplicationRejected", lambda e: e._replace(actor="format-1"), "decision", "same_person"),
        (REFUSED, lambda e: e._replace(data={**e.data, "refusals": [{**e.data["refusals"][0], "code": "x"}]}),
         "decision", "role_not_allowed"),
        (REFUSED, lambda e: e._replace(actor="u", role="applicant", facts={**e.facts, "unit": "HAR00001"}), "decision", ""),
    ],
    ids=["a fact", "the instant", "who confirmed", "a reason", "who was refused"],
)  # fmt: skip
def test_a_forged_decision_is_told_with_its_guard_and_clause(
    kind: str, change: Callable[[Recorded], Recorded], what: str, guard: str
) -> None:
    n = index(kind)
    found = [d for d in again(forged(n, change)) if d.what == what and d.position == OWN.entries[n].position]
    assert [(d.event, bool(d.clause)) for d in found] == [(kind, True)]
    assert found[0].guard.startswith(guard)
    assert found[0].expected != found[0].found


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_an_instant_that_nothing_can_be_counted_from_is_told(at: str) -> None:
    event = json.loads(OWN.entries[0].body) | {"effective_at": at}
    changed = json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    found = again(with_entry(0, body=changed, leaf=leaf_hash(changed)))
    assert [(d.what, d.found) for d in found if "out of range" in d.found] == [
        ("what stands beside it", "date value out of range"),
        ("decision", "OverflowError: date value out of range"),
    ]


@pytest.mark.parametrize("value", [{}, [], None, 1])
def test_a_call_of_another_type_is_told_and_ends_nothing(value: object) -> None:
    assert again(forged(0, lambda event: event._replace(data={**event.data, "call_id": value})))


def test_a_refusal_in_other_words_is_the_same_decision() -> None:
    older = forged(
        index(REFUSED),
        lambda e: e._replace(
            data={
                **e.data,
                "refusals": [
                    {**one, "zh": "旧", "en": "old", "remedy_zh": "", "remedy_en": ""} for one in e.data["refusals"]
                ],
            }
        ),
    )
    assert again(older) == []


@pytest.mark.parametrize(
    ("over", "found"),
    [({"zh": "旧", "en": "old", "remedy_zh": "", "remedy_en": ""}, []), ({"rule": "credit_good"}, ["data.findings"])],
    ids=["other words", "another rule"],
)
def test_a_finding_is_its_ground_not_its_words(over: dict[str, str], found: list[str]) -> None:
    place = world()
    application = place.draft(other_funding=["municipal_awarded"])
    place.do("SubmitApplication", place.unit(application), application)
    history = next(one for one in place.ledger.histories() if one.name == application)
    *before, last = history.entries
    event = decode(last.body)
    assert len(event.data["findings"]) == 1
    body = encode(event._replace(data={**event.data, "findings": [{**event.data["findings"][0], **over}]}))
    changed = history._replace(entries=[*before, last._replace(body=body, leaf=leaf_hash(body))])
    redecider = Redecider(lambda _: place.call, place.calendars)
    told = check_streams(Told(changed), Span("", None), (redecider.check,)).divergences
    assert [d.what for d in told if d.what.startswith("data")] == found


def test_a_decision_whose_rules_are_gone_is_told() -> None:
    def gone(event: Recorded) -> Any:
        raise LookupError(f"rules {event.rules_hash}: none are kept")

    found = check_streams(Told(OWN), Span("", None), (Redecider(gone, PLACE.calendars).check,)).divergences
    assert [(d.what, d.position, "none are kept" in d.found) for d in found] == [
        ("decision", OWN.entries[0].position, True)
    ]


def test_a_calendar_that_is_not_to_be_had_is_told() -> None:
    rules = PLACE.handler.calls[PLACE.call_id].call
    redecider = Redecider(lambda _: rules, FixedCalendars(WorkingCalendar("another")))
    found = check_streams(Told(OWN), Span("", None), (redecider.check,)).divergences
    assert [(d.what, "KeyError" in d.found) for d in found] == [("decision", True)]


@pytest.mark.parametrize("column", [name for name in Entry._fields if name not in ("position", "application")])
def test_a_value_of_another_type_is_told_where_it_stands_and_ends_nothing(column: str) -> None:
    """A damaged file gives nothing where a text or bytes should be, or bytes for a text, whatever the schema says."""
    entry = OWN.entries[1]
    for value in (None, b"x" if isinstance(getattr(entry, column), str) else "x"):
        changed = with_entry(1, **{column: value})
        others = [history for history in HISTORIES if history.name != OWN.name]
        (first, *_) = found_in(*others, changed)
        assert (first.position, first.what, first.expected) == (entry.position, "column", "values of their types")
        if column in ("recorded_at", "leaf"):
            spine = list(check_spine(Told(*others, changed), 0, 99, lambda _: None))
            assert (entry.position, "column") in {(d.position, d.what) for d in spine}


def test_a_row_or_a_deadline_of_another_type_is_told() -> None:
    for changed in (
        OWN._replace(row=(None, *(OWN.row or ())[1:])),
        OWN._replace(deadlines=[(None, "x"), ("y", "z")]),  # type: ignore[list-item]
        OWN._replace(words=(b"x",)),
    ):
        assert found_in(changed)

"""An installation is checked on every core, spared what was sound before, seen as of any instant, and under other rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import orjson
import pytest

from fundcall.audit.spread import check_spread, spans
from fundcall.audit.streams import Part, Remembered, check_streams
from fundcall.auditing import replayed, verify, what_if
from fundcall.bootstrap import System, open_system, settings_for
from fundcall.calls.load import load
from fundcall.calls.read import recorded_call
from fundcall.calls.recorded import RecordedRules
from fundcall.checking import place
from states.calendar import stamp
from states.fold import fold
from states.programme import PROGRAMME_EVENTS
from tests.by_hand import by_hand, replaced, tamper
from tests.databases import copied, durable_ledger
from tests.drive import world
from tests.lived import lived
from workflow.asof import At, position_at
from workflow.moments import Moments
from workflow.record import decode, encode
from workflow.redecide import Redecider
from workflow.replay import Divergence, Folded, fold_stream
from workflow.rules import rules_of

CALL = "community-climate-2026"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lived(tmp_path_factory, CALL)


@pytest.fixture
def system(made: Path, tmp_path: Path) -> Iterator[System]:
    found = open_system(settings_for(copied(made, tmp_path / "data"), database_url=""))
    yield found
    found.close()


@pytest.mark.parametrize("depth", [1, 2])
def test_what_is_remembered_spares_work_and_hides_nothing(system: System, depth: int) -> None:
    first, again = verify(system, depth), verify(system, depth)
    assert (first.divergences, first) == ((), again)
    row = system.ledger.rows()[0]
    tamper(system.settings, "UPDATE applications SET title = 'x' WHERE id = (SELECT min(id) FROM applications)")
    for afresh in (False, True):
        found = verify(system, depth, afresh=afresh).divergences
        assert found == (Divergence(0, row.id, "row.title", row.title, "x"),)


def test_a_memory_that_cannot_be_read_or_is_anothers_costs_time_alone(system: System) -> None:
    sound = verify(system)
    file = system.settings.data_dir / "sound-1.json"
    for content in (b"", b"[]", b'{"a": 1}', b'{"a": "zz"}', file.read_bytes().replace(b"a", b"b")):
        file.write_bytes(content)
        assert verify(system) == sound


def test_rules_edited_beside_the_ledger_are_told_for_the_decisions_under_them(system: System) -> None:
    assert verify(system, 2).divergences == ()
    with by_hand(system.settings) as connection:
        replaced(connection, "rules", "body", b"2026", b"2027")
    found = verify(system, 2).divergences
    assert {d.application for d in found} == {history.name for history in system.ledger.histories()}
    assert {(d.what, "altered" in d.found) for d in found} == {("decision", True)}


def test_processes_find_what_one_finds(system: System) -> None:
    tamper(system.settings, "UPDATE applications SET grant_minor = 7 WHERE version % 2 = 1")
    make = partial(place, system.settings.where, 2, Remembered(b"k", {}))
    cuts = spans(system.ledger.names(), 40)
    assert len(cuts) > 3
    here = make()
    together = check_streams(here.ledger, cuts[0]._replace(upto=None), here.checks, here.remembered)
    apart = Part.none()
    for part in check_spread(make, cuts, 2):
        apart = apart.with_part(part)
    apart.divergences.sort()
    assert together.divergences
    assert apart == together._replace(divergences=sorted(together.divergences))


def test_an_instant_leads_to_the_last_event_recorded_by_then(system: System) -> None:
    times = [decode(stored.body).recorded_at for stored in system.ledger.stored()]
    for at in sorted({*times[:40], *times[-3:]}):
        for instant in (at - timedelta(microseconds=1), at, at + timedelta(microseconds=1)):
            expected = sum(other <= instant for other in times)
            assert position_at(system.ledger, instant) == At(expected, final=instant < times[-1])


def test_the_ledger_as_of_an_instant_is_the_fold_of_what_was_recorded_by_then(system: System) -> None:
    events = [decode(stored.body) for stored in system.ledger.stored()]
    middle = events[len(events) // 2].recorded_at
    seen = replayed(system, None, middle, 2)
    own: dict[str, list[object]] = {}
    for event in events:
        if event.recorded_at <= middle and event.type not in PROGRAMME_EVENTS and event.application != CALL:
            own.setdefault(event.application, []).append(event)
    folded = [fold(stream) for stream in own.values()]  # type: ignore[arg-type]
    assert seen.states == Counter(a.state.value for a in folded if a is not None)
    assert (seen.events, seen.final, seen.divergences) == (seen.position, True, [])
    assert changed_states(system, 0, seen.position) == dict(seen.states)
    one = replayed(system, events[seen.position - 1].application, middle, 1)
    assert one.events == events[seen.position - 1].version


def changed_states(system: System, since: int, upto: int) -> dict[str, int]:
    return dict(Counter(one.after for one in Moments(system.ledger).changed(since, upto)))


def test_the_difference_between_two_instants_is_what_moved_between_them(system: System) -> None:
    head = system.ledger.head()
    assert Moments(system.ledger).changed(head, head) == []
    half = {one.application: one.after for one in Moments(system.ledger).changed(0, head // 2)}
    for one in Moments(system.ledger).changed(head // 2, head):
        assert one.before == half.get(one.application, "")
        assert one.events == len(list(system.ledger.stored(head // 2, head, one.application)))


def test_the_same_rules_would_have_decided_nothing_otherwise_and_a_shorter_window_would(system: System) -> None:
    call = load(CALL)
    assert list(what_if(system, call)) == []
    shut = replace(call, closes_at=call.opens_at + timedelta(microseconds=1))
    found = list(what_if(system, shut))
    rows = {row.id for row in system.ledger.rows()}
    assert {one.application for one in found} == rows
    assert {(one.event, one.code, bool(one.clause)) for one in found} == {("CreateDraft", "within_window", True)}
    assert list(what_if(system, replace(call, id="another"))) == []


def test_after_a_change_of_the_rules_old_decisions_are_taken_again_under_their_own(tmp_path: Path) -> None:
    ledger = durable_ledger(tmp_path)
    drive = world(CALL, ledger=ledger)
    first = drive.handler.calls[CALL]
    one = drive.submitted()
    source = orjson.loads(first.body)["call"] | {"version": 2, "closes_at": stamp(drive.now)}
    second = rules_of(recorded_call(source))
    for rules in (first, second):
        ledger.keep_rules(rules.hash, CALL, rules.body)
    drive.handler.calls[CALL] = second  # type: ignore[index]
    drive.do("WithdrawApplication", drive.unit(one), one, reason="改期申报")
    named = {decode(stored.body).rules_hash for stored in ledger.stored()}
    assert named == {first.hash, second.hash}
    check = Redecider(RecordedRules(ledger.rules), drive.calendars).check
    histories = list(ledger.histories())
    assert [d for history in histories for d in check(fold_stream(history))] == []
    under_new = Redecider(lambda _: second.call, drive.calendars)
    turned = {
        judged.command
        for history in histories
        for judged in under_new.judge(fold_stream(history).events)
        if judged.turned
    }
    assert "SubmitApplication" in turned
    ledger.close()


def test_a_decision_recorded_before_its_command_had_all_its_fields_still_follows() -> None:
    drive = world("shanghai-ai-plus-2025")
    one = drive.signed()
    events = [
        event for history in drive.ledger.histories() if history.name == one for event in fold_stream(history).events
    ]
    before = [
        event._replace(data={key: value for key, value in event.data.items() if key not in ("indicators", "waits_for")})
        for event in events
    ]
    assert sum(len(was.data) - len(now.data) for was, now in zip(events, before, strict=True)) == 2
    call = drive.handler.calls["shanghai-ai-plus-2025"].call
    check = Redecider(lambda _: call, drive.calendars).check
    assert list(check(Folded(before, None, None, []))) == []
    altered = [
        event._replace(data={**event.data, "waits_for": [1]}) if "waits_for" in event.data else event
        for event in events
    ]
    assert [d.event for d in check(Folded(altered, None, None, []))] == ["AgreementSigned"]


def test_a_decision_whose_calendar_cannot_be_had_is_told_and_ends_nothing(system: System) -> None:
    first = system.ledger.rows()[0].id
    (stored, *_) = system.ledger.stored(application=first)
    event = decode(stored.body)
    other = encode(event._replace(facts={**event.facts, "calendar": "china-1899"}))
    tamper(system.settings, "UPDATE events SET body = ? WHERE position = ?", (other, stored.position))
    (one,) = what_if(system, load(CALL))
    assert (one.application, one.position, one.would, one.code) == (
        first,
        stored.position,
        "cannot be known",
        "not_at_hand",
    )
    assert "china-1899" in one.en

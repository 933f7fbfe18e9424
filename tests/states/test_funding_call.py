"""The call as data: what is asked when, of whom, and within which window."""

from datetime import UTC, datetime, timedelta

import pytest

from fundcall.calls.load import load
from states.funding_call import FundingCall, Rule, Severity

CALL = load("shanghai-ai-plus-2025")
INSTANT = timedelta(microseconds=1)


def ids(rules: tuple[Rule, ...]) -> list[str]:
    return [rule.id for rule in rules]


def rule(*topics: str) -> Rule:
    return Rule("r", "R00", "1", "q", Severity.OFFICER, "中", "en", topics=topics)


@pytest.mark.parametrize(
    ("topics", "topic", "concerned"),
    [
        ((), "ict.fintech.products", True),
        ((), "", True),
        (("ict.",), "ict.fintech.products", True),
        (("ict.",), "ai_lead.platforms.innovation_platform", False),
        (("ai_lead", "ict.fintech"), "ict.fintech.products", True),
        (("ict.",), "", False),
    ],
)
def test_a_rule_concerns_the_topics_that_begin_as_it_says(topics: tuple[str, ...], topic: str, concerned: bool) -> None:
    assert rule(*topics).concerns(topic) is concerned


def test_rules_are_asked_in_the_order_of_the_call_and_only_of_their_topics() -> None:
    asked = ids(CALL.rules_at("submit", "ict.fintech.products"))
    assert [name for name in asked if name.endswith("revenue")] == ["fintech_revenue"]
    assert asked == [name for name in CALL.rules if name in set(asked)]


def test_a_topic_that_is_none_is_asked_the_rules_of_all_topics() -> None:
    every = [r.id for r in CALL.rules.values() if "submit" in r.stages and not r.topics]
    assert ids(CALL.rules_at("submit", "")) == every


def test_invented_topics_are_not_remembered() -> None:
    before = len(CALL._asked)
    for n in range(100):
        CALL.rules_at("submit", f"no.such.{n}")
    assert len(CALL._asked) == before


def test_asking_twice_gives_the_same_rules() -> None:
    first = CALL.rules_at("create", "ict.fintech.products")
    assert CALL.rules_at("create", "ict.fintech.products") is first


@pytest.mark.parametrize("call", [CALL, load("community-climate-2026")], ids=lambda call: str(call.id))
def test_the_window_is_half_open(call: FundingCall) -> None:
    instants = (call.opens_at - INSTANT, call.opens_at, call.closes_at - INSTANT, call.closes_at)
    assert [call.within_window(at) for at in instants] == [False, True, True, False]


def test_a_summer_time_window_is_kept_in_universal_time() -> None:
    call = load("community-climate-2026")
    assert (call.opens_at, call.closes_at) == (
        datetime(2026, 3, 2, 8, tzinfo=UTC),
        datetime(2026, 3, 31, 10, tzinfo=UTC),
    )


def test_a_deadline_with_a_detail_belongs_to_its_period() -> None:
    assert CALL.period("report:2026H1") is CALL.periods["report"]


def test_a_deadline_of_no_period_is_refused() -> None:
    with pytest.raises(KeyError):
        CALL.period("no_such:1")

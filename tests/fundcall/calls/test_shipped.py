"""The calls that ship: whole, quoted word for word, and unlike each other."""

import hashlib
import tomllib
from collections import Counter
from datetime import date
from typing import Any

import pytest

from fundcall.calls.consistency import FIRES
from fundcall.calls.load import FOLDER, check_file, file_of, load, notice_of, shipped
from fundcall.calls.rules import STAGES
from states.commands import COMMANDS
from states.funding_call import FundingCall
from states.table import ROWS
from states.unit_code import SCHEMES

SHANGHAI, CLIMATE = load("shanghai-ai-plus-2025"), load("community-climate-2026")
BOTH = pytest.mark.parametrize("call", [SHANGHAI, CLIMATE], ids=lambda call: str(call.id))
ARMED = {kind for row in ROWS for kind in row.arms} | {"submit", "agreement_grace"}
NOTICE_SHA256 = "5e3df6fcd1e1c00999635a8fbc490ce6"


def notice(call: FundingCall) -> str:
    path = file_of(call.id)
    text = notice_of(path, tomllib.loads(path.read_text(encoding="utf-8")))
    assert text is not None
    return text


def test_two_calls_ship() -> None:
    assert shipped() == ("community-climate-2026", "shanghai-ai-plus-2025")


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_call_has_no_fault_and_no_warning(name: str) -> None:
    assert check_file(file_of(name)) == ()


@BOTH
def test_every_rule_and_target_quotes_the_notice_word_for_word(call: FundingCall) -> None:
    text = notice(call)
    quotes = {rule.id: rule.quote for rule in call.rules.values()} | {t.id: t.quote for t in call.targets}
    assert [name for name, quote in quotes.items() if quote not in text] == []


@BOTH
def test_every_sentence_of_a_topic_stands_in_the_notice(call: FundingCall) -> None:
    text = notice(call)
    missing = [(t.id, s) for t in call.topics.values() for s in t.text_zh.split("。") if s not in text]
    assert missing == []


def test_the_rules_of_the_shanghai_call_are_r01_to_r58_and_four_of_the_system() -> None:
    assert sorted(rule.ref for rule in SHANGHAI.rules.values()) == [
        *(f"R{n:02d}" for n in range(1, 59)),
        *(f"S{n:02d}" for n in range(1, 5)),
    ]


def test_the_topics_of_both_annexes_are_there() -> None:
    found = Counter((topic.direction, topic.heading_zh) for topic in SHANGHAI.topics.values())
    assert found == {
        ("ai_lead", "“人工智能+”"): 7,
        ("ai_lead", "提升模型基础能力"): 5,
        ("ai_lead", "加强语料供给创新"): 1,
        ("ai_lead", "加强智能算力供给服务能力"): 1,
        ("ai_lead", "加强具身智能核心技术攻关"): 6,
        ("ai_lead", "产业创新服务平台"): 1,
        ("ict", "AI+数字内容"): 2,
        ("ict", "AI+金融科技"): 1,
        ("ict", "AI+新型应用"): 1,
    }


def test_the_last_five_of_embodied_ai_say_that_their_annex_row_is_cut() -> None:
    sources = [t.source for t in SHANGHAI.topics.values() if ".embodied_core." in t.id]
    assert sources == ["附件1", *["三4 (annex row cut)"] * 5]


def test_the_targets_are_10_platforms_100_breakthroughs_and_200_demonstrations() -> None:
    found = {target.id: target.at_least for target in SHANGHAI.targets}
    assert found == {"platform": 10, "breakthrough": 100, "demonstration": 200}
    assert {topic.contributes for topic in SHANGHAI.topics.values()} == set(found)


def test_two_officers_are_needed_where_the_call_says_so() -> None:
    assert [r.id for r in SHANGHAI.rules.values() if r.needs_second] == ["one_per_unit", "no_other_city_funds"]


def test_the_figures_of_the_notice_are_the_bounds_of_its_rules() -> None:
    bounds = {r.id: (r.params["op"], r.params["value"]) for r in SHANGHAI.rules.values() if r.check == "threshold"}
    assert bounds == {
        "llm_parameters": (">=", 10**12),
        "multimodal_parameters": (">=", 10**11),
        "game_buyout_copies": (">", 50_000),
        "game_buyout_revenue": (">", 1_000_000_00),
        "game_other_users": (">", 1_000_000),
        "game_other_revenue": (">", 10_000_000_00),
        "content_users": (">", 300_000),
        "content_revenue": (">", 3_000_000_00),
        "fintech_revenue": (">", 2_000_000_00),
        "platform_availability": (">", 999_000),
        "platform_users": (">=", 100_000),
        "platform_revenue_target": (">", 3_000_000_00),
    }


def test_the_reminders_of_the_close_are_those_of_the_domain() -> None:
    assert [offset.text for offset in SHANGHAI.period("submit").reminders] == ["7d", "3d", "24h", "2h"]


@BOTH
def test_every_text_that_people_read_is_there_in_both_languages(call: FundingCall) -> None:
    things: list[Any] = [*call.rules.values(), *call.fields.values(), *call.periods.values(), *call.materials.values()]
    things += [*call.rubric, *call.targets, *(choice for field in call.fields.values() for choice in field.choices)]
    assert [thing for thing in things if not (thing.zh and thing.en)] == []
    assert [topic.id for topic in call.topics.values() if not (topic.title_zh and topic.title_en)] == []


@BOTH
def test_every_rule_that_finds_something_says_what_to_do(call: FundingCall) -> None:
    checked = [rule for rule in call.rules.values() if rule.check != "none"]
    assert [rule.id for rule in checked if not (rule.remedy_zh and rule.remedy_en)] == []


@BOTH
def test_every_field_that_a_rule_asks_for_is_offered_on_its_topics(call: FundingCall) -> None:
    asked = [(rule, call.fields[rule.params["field"]]) for rule in call.rules.values() if "field" in rule.params]
    topics = [(rule.id, t) for rule, field in asked for t in call.topics if rule.concerns(t) and not offered(field, t)]
    assert topics == []


def offered(field: object, topic: str) -> bool:
    topics = getattr(field, "topics", ())
    return not topics or topic.startswith(topics)


def test_the_periods_that_the_table_sets_are_those_that_a_call_may_have() -> None:
    assert set(FIRES) == ARMED


def test_a_period_fires_commands_that_there_are() -> None:
    fired = {command for commands in FIRES.values() for command in commands}
    assert {name for name in fired if "deadline" not in COMMANDS[name].__dataclass_fields__} == set()


def test_the_shanghai_call_has_a_period_of_every_kind() -> None:
    assert set(SHANGHAI.periods) == ARMED


def test_no_stage_is_asked_of_nobody() -> None:
    asked = {stage for rule in SHANGHAI.rules.values() for stage in rule.stages}
    assert asked == set(STAGES)


def test_the_second_call_is_unlike_the_first() -> None:
    assert (SHANGHAI.timezone, CLIMATE.timezone) == ("Asia/Shanghai", "Europe/Copenhagen")
    assert (SHANGHAI.currency, CLIMATE.currency) == ("CNY", "EUR")
    assert (SHANGHAI.unit_scheme, CLIMATE.unit_scheme) == tuple(SCHEMES)
    assert (SHANGHAI.calendar, CLIMATE.calendar) == ("china", "weekends")
    assert (SHANGHAI.review.experts_min, CLIMATE.review.experts_min) == (3, 1)
    assert (SHANGHAI.instalments_percent, CLIMATE.instalments_percent) == ((60, 40), (100,))
    assert (SHANGHAI.execution_ends_by, CLIMATE.execution_ends_by) == (date(2027, 12, 31), date(2026, 11, 30))
    assert (len(SHANGHAI.topics), len(CLIMATE.topics)) == (25, 3)
    assert SHANGHAI.topics.keys() & CLIMATE.topics.keys() == set()


def test_the_source_of_a_call_is_plain_json_with_dates_as_text() -> None:
    assert (CLIMATE.source["opens_at"], CLIMATE.source["closes_at"]) == (
        "2026-03-02T09:00:00+01:00",
        "2026-03-31T12:00:00+02:00",
    )
    assert (CLIMATE.source["execution_ends_by"], len(CLIMATE.source["rule"])) == ("2026-11-30", len(CLIMATE.rules))


def test_the_notice_of_the_shanghai_call_is_the_text_as_it_reached_us() -> None:
    text = (FOLDER / "notices" / "shanghai-ai-plus-2025.zh.txt").read_bytes()
    assert hashlib.sha256(text).hexdigest()[:32] == NOTICE_SHA256

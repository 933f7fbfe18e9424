"""Every clause that a page may name has an English name beside the Chinese one."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fundcall.calls.load import load, shipped
from states.clauses import in_english, of_call
from states.programme import PROGRAMME_TABLE
from states.reasons import CODES, in_general
from states.table import ROWS
from tests.states.test_guards import CASES

CHINESE = re.compile(r"[\u3400-\u9fff（）、；]")


@pytest.mark.parametrize(
    ("clause", "told"),
    [
        ("四(二)1", "§ 4(2)1"),
        ("四（二）1", "§ 4(2)1"),
        ("二7", "§ 2.7"),
        ("四、附件", "§ 4, annexes"),
        ("四(一)1、附件2 AI+金融科技", "§ 4(1)1, annex 2, AI+ fintech"),
        ("四(一)3（同一单位原则上只能申报一个项目）", "§ 4(1)3 (in principle one project a unit)"),
        ("四(一)4、项目管理规则（变更、延期）", "§ 4(1)4, rules of running projects (changes, extensions)"),
        ("系统规则14（评审）", "system rule 14 (review)"),
        ("上海市社会信用条例第三十条", "Shanghai Regulations on Social Credit, art. 30"),
        ("国家自然科学基金条例第十九条（参照）", "Regulations on the National Natural Science Foundation, art. 19 (by analogy)"),
        ("1.1", "1.1"),
        ("民法典", "民法典"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_clause_is_told_in_english_by_its_numbers_or_its_name(clause: str, told: str) -> None:
    assert in_english(clause, {"附件2 AI+金融科技": "annex 2, AI+ fintech"}) == told


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("某办法第一二条", "某办法第一二条"),
        ("某办法第二十二三条", "某办法第二十二三条"),
        ("某办法第十十条", "某办法第十十条"),
        ("某办法第二十条", "某办法, art. 20"),
        ("某办法第二十三条", "某办法, art. 23"),
        ("四(二)1（参照）（取值）", "§ 4(2)1 (by analogy) (values)"),
        ("四" + "（参照）" * 2000, "§ 4" + " (by analogy)" * 2000),
        ("四" + "（" * 20_000, "四" + "（" * 20_000),
    ],
    ids=range(8),
)
def test_what_an_officer_types_as_a_clause_stays_where_nobody_can_tell_it_in_english(typed: str, told: str) -> None:
    assert in_english(typed, {}) == told


@given(st.text(alphabet="一二十百（）、", max_size=6))
def test_any_number_of_an_article_is_told_in_english_somehow(figures: str) -> None:
    assert in_english(f"某法第{figures}条", {}).startswith("某法")


@pytest.mark.parametrize("name", shipped())
def test_every_clause_of_a_shipped_call_and_of_our_own_rules_has_an_english_name(name: str) -> None:
    call = load(name)
    named = {
        *(of_call(row.basis, call) for row in ROWS),
        *(of_call(row.basis, call) for row in PROGRAMME_TABLE.values()),
        *(case.clause for case in CASES),
        *(rule.clause for rule in call.rules.values()),
        *(period.basis for period in call.periods.values()),
        *(topic.source for topic in call.topics.values()),
    }
    assert [told for clause in named if CHINESE.search(told := in_english(clause, call.clauses_en))] == []


HERITAGE = str(Path(__file__).parents[1] / "data" / "calls" / "heritage-2027.toml")


@pytest.mark.parametrize(
    ("basis", "call", "told"),
    [
        ("{window}", "shanghai-ai-plus-2025", "四(二)1"),
        ("{window}", HERITAGE, "2.1"),
        ("{ends_by}、项目管理规则（延期）", HERITAGE, "2.2、项目管理规则（延期）"),
        ("{excludes}、项目管理规则（撤销）", HERITAGE, "项目管理规则（撤销）"),
        ("{one_per_unit}（同一单位原则上只能申报一个项目）", "shanghai-ai-plus-2025", "四(一)3（同一单位原则上只能申报一个项目）"),
        ("{credit_objection}、项目管理规则（信用）", "shanghai-ai-plus-2025", "上海市社会信用条例第三十六条、项目管理规则（信用）"),
        ("{credit}", HERITAGE, "申报通知"),
        ("{window}", "", "申报通知"),
        ("公示规则", HERITAGE, "公示规则"),
    ],
)  # fmt: skip
def test_a_move_rests_in_each_call_on_the_clauses_of_that_call(basis: str, call: str, told: str) -> None:
    assert of_call(basis, load(call) if call else None) == told


def test_no_move_of_another_call_rests_on_a_clause_of_the_shanghai_notice() -> None:
    call = load(HERITAGE)
    bases = [*(row.basis for row in ROWS), *(row.basis for row in PROGRAMME_TABLE.values())]
    told = {of_call(basis, call) for basis in bases}
    assert [basis for basis in told if re.search(r"[一二三四][(（、]|上海", basis)] == []


def test_every_reason_is_told_in_general_with_nothing_left_to_fill_in() -> None:
    call = load("shanghai-ai-plus-2025")
    told = {code: in_general(code, call) for code in (*CODES, *call.rules)}
    assert [code for code, pair in told.items() if re.search(r"[{}]", "".join(pair))] == []
    assert told["too_late"] == ("办理期限已于…届满。", "The time for this ended at ….")
    assert told["within_window"] == (call.rules["within_window"].zh, call.rules["within_window"].en)

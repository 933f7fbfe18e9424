"""What each check finds: where, in which words of both languages, and whether it is softened; and what a check may be told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from fundcall.calls.load import check_file, file_of, load, shipped
from states import late
from states.checks import CHECKS, PARAMS, CertificateFacts, DocumentFacts, Filing, Finding, findings, well_typed
from states.checks.dangers import DANGERS
from states.checks.documents import SEALS
from states.checks.form import notation
from states.checks.unit import UNIT_KINDS
from states.credit import LiveEntry
from states.funding_call import Choice, Field, Rule, Severity
from tests.drive import world
from tests.samples import filing_of, form_of, sample

CALL = load("shanghai-ai-plus-2025")
CLEAN = filing_of(sample("A01"))
FORM = form_of(sample("A01"))
SHEET = CLEAN.documents[0]
UNIT = "上海子虚灵序智能科技有限公司"


def rule(params: Mapping[str, Any], severity: Severity = Severity.REFUSE, **over: Any) -> Rule:
    return Rule("x", "R00", "一", "", severity, "不符", "wrong", params=params, **over)


def found(check: str, filing: Filing, **params: Any) -> list[tuple[str, str, str, bool]]:
    return [(one.where, one.zh, one.en, one.softened) for one in CHECKS[check](CALL, rule(params), filing)]


def form(**fields: Any) -> Filing:
    return replace(CLEAN, form={**FORM, **fields})


def sheet(**over: Any) -> Filing:
    return replace(CLEAN, documents=(replace(SHEET, name="a.pdf", **over),))


def shown(unit: str = "", name: str = "") -> Filing:
    return replace(CLEAN, certificate=CertificateFacts(unit, name))


@pytest.mark.parametrize(
    ("check", "filing", "params", "said"),
    [
        ("period_well_formed", form(start_on=None), {}, ("end_on", "", "", False)),
        ("period_years", form(start_on="2026-01-01", end_on="2028-01-01"), {"years": 2},
         ("end_on", "2026-01-01 — 2028-01-01", "2026-01-01 — 2028-01-01", False)),
        ("ends_by", form(end_on="2028-01-01"), {}, ("end_on", "填写为 2028-01-01", "given: 2028-01-01", False)),
        ("not_completed", form(completion_percent=100), {}, ("completion_percent", "100%", "100%", False)),
        ("not_completed", form(end_on="2025-09-09"), {}, ("end_on", "填写为 2025-09-09", "given: 2025-09-09", False)),
        ("typed", form(title=5), {}, ("title", "格式不符：项目名称（title），应为 text ≤ 200",
                                      "not of its type: project title, title, should be text ≤ 200", False)),
        ("threshold", form(users=7), {"field": "users", "op": ">", "value": 7}, ("users", "填写 7", "given: 7", False)),
        ("cap", form(requested_minor=101, total_investment_minor=200),
         {"field": "requested_minor", "of": "total_investment_minor", "percent_max": 50},
         ("requested_minor", "填写 1.01，上限 1.00", "given: 1.01, at most 1.00", False)),
        ("cap", form(requested_minor=101), {"field": "requested_minor", "minor_max": 100},
         ("requested_minor", "填写 1.01，上限 1.00", "given: 1.01, at most 1.00", False)),
        ("threshold", form(), {"field": "users", "op": ">", "value": 7}, ("users", "未填", "missing", False)),
        ("flag", form(declares_owner=False), {"field": "declares_owner"}, ("declares_owner", "", "", False)),
        ("excludes", form(other_funding=["municipal_applied", "municipal_awarded"]),
         {"field": "other_funding", "values": ["municipal_awarded"]}, ("other_funding", "市级·已获得", "municipal, awarded", False)),
        ("excludes", form(game_model="buyout"), {"field": "game_model", "values": ["buyout"]},
         ("game_model", "买断制", "buy-out", False)),
        ("topic", form(topic="no.such"), {}, ("topic", "no.such", "no.such", False)),
        ("topic", form(topic=None), {}, ("topic", "", "", False)),
        ("account", replace(CLEAN, account_confirmed=False), {}, ("account", "", "", False)),
        ("certificate", shown(), {}, ("", "未出示有效证书", "no valid certificate was shown", False)),
        ("certificate", replace(CLEAN, certificate=CertificateFacts()), {},
         ("", "未出示有效证书", "no valid certificate was shown", False)),
        ("certificate", shown("91330100FAKE00136D"), {},
         ("", "证书所属单位为 91330100FAKE00136D", "the certificate is of 91330100FAKE00136D", False)),
        ("certificate", shown(CLEAN.unit_code, "另一家"), {},
         ("", "证书上的单位名称为“另一家”，与申报不一致", "the name on the certificate is '另一家', the filing has another", True)),
        ("unit_code", replace(CLEAN, unit_code="x1"), {}, ("unit_code", "x1", "x1", False)),
        ("unit_region", replace(CLEAN, unit_code="91330100FAKE00136D"), {"prefixes": ["31"]},
         ("unit_code", "330100", "330100", False)),
        ("unit_kind", replace(CLEAN, unit_kind="branch"), {"allowed": ["company"]},
         ("unit_kind", "分支机构", "branch", False)),
        ("unit_kind", replace(CLEAN, unit_kind="club"), {"allowed": ["company"], "officer": ["club"]},
         ("unit_kind", "club", "club", True)),
        ("standing", replace(CLEAN, standing=("insolvency", "dishonesty")), {"lists": ["insolvency"]},
         ("unit_code", "破产程序", "insolvency", False)),
        ("standing", replace(CLEAN, standing=("debts",)), {"lists": ["debts"]}, ("unit_code", "debts", "debts", False)),
        ("one_per_unit", replace(CLEAN, others=("A-1", "A-2")), {}, ("unit_code", "A-1、A-2", "A-1, A-2", False)),
        ("document_format", sheet(format="png"), {"formats": ["pdf"]}, ("a.pdf", "a.pdf：png", "a.pdf: png", False)),
        ("document_size", sheet(size_bytes=6), {"bytes_max": 5}, ("a.pdf", "a.pdf：6 字节", "a.pdf: 6 bytes", False)),
        ("document_safe", sheet(findings=("xfa",)), {"officer": ["xfa"]},
         ("a.pdf", "a.pdf：含有XFA动态表单", "a.pdf: contains an XFA form", True)),
        ("document_count", CLEAN, {"count_max": 2}, ("documents", "3", "3", False)),
        ("form_document", sheet(material="licence"), {"material": "application_form"},
         ("documents", "缺少：项目申报书", "missing: application form", False)),
        ("sealed", sheet(seal="changed"), {}, ("a.pdf", "a.pdf：签章后文件被修改", "a.pdf: changed after sealing", False)),
        ("sealed", sheet(seal="odd"), {}, ("a.pdf", "a.pdf：odd", "a.pdf: odd", True)),
        ("sealed", sheet(seal_subject="另一家"), {},
         ("a.pdf", "a.pdf：印章名称为“另一家”", "a.pdf: the seal names 另一家", True)),
    ],
)  # fmt: skip
def test_a_check_says_where_and_what_it_found(
    check: str, filing: Filing, params: dict[str, Any], said: tuple[str, str, str, bool]
) -> None:
    assert found(check, filing, **params) == [said]


def test_every_required_field_of_several_choices_left_without_one_is_missing() -> None:
    several = Field("f", "choices", "项", "item", required=True, choices=(Choice("a", "甲", "A"),))
    call = replace(CALL, fields={"f": several})
    assert [one.en for one in CHECKS["required"](call, rule({}), form(f=[]))] == ["missing: item, f"]
    assert CHECKS["required"](call, rule({}), form(f=["a"])) == ()


def test_a_field_whose_name_in_a_language_is_its_id_is_named_once_there() -> None:
    fields = {
        one.id: one
        for one in (
            Field("summary", "text", "摘要", "summary", required=True),
            Field("id9", "text", "id9", "ninth", required=True),
        )
    }
    call = replace(CALL, fields=fields)
    said = [(one.zh, one.en) for one in CHECKS["required"](call, rule({}), form())]
    assert said == [("未填写：摘要（summary）", "missing: summary"), ("未填写：id9", "missing: ninth, id9")]
    wrong = [(one.zh, one.en) for one in CHECKS["typed"](call, rule({}), form(summary=1, id9=1))]
    assert wrong == [
        ("格式不符：摘要（summary），应为 text ≤ 1000", "not of its type: summary, should be text ≤ 1000"),
        ("格式不符：id9，应为 text ≤ 1000", "not of its type: ninth, id9, should be text ≤ 1000"),
    ]


def test_a_threshold_is_asked_only_where_every_condition_holds() -> None:
    params = {"field": "users", "op": ">", "value": 7, "when": {"game_model": "other", "title": "T"}}
    cases = [
        form(game_model="other", title="T"),
        form(game_model="other", title="U"),
        form(game_model="buyout", title="T"),
    ]
    assert [len(found("threshold", one, **params)) for one in cases] == [1, 0, 0]


def test_a_missing_material_is_named_and_one_that_is_not_required_is_not() -> None:
    required = [material for material in CALL.materials.values() if material.required]
    said = [("documents", f"缺少：{m.zh}", f"missing: {m.en}", False) for m in required]
    assert found("materials", replace(CLEAN, documents=())) == said
    assert len(required) < len(CALL.materials)


def test_an_entry_in_our_own_credit_record_is_told_with_its_objection() -> None:
    entries = (LiveEntry("app-1", 1, disputed=False), LiveEntry("app-2", 3, disputed=True))
    filing = replace(CLEAN, credit=entries)
    assert found("standing", filing, lists=["credit"]) == [
        (
            "unit_code",
            "本系统信用记录：申报件 app-1 第1项",
            "entry 1 of application app-1 in the credit record here",
            False,
        ),
        (
            "unit_code",
            "本系统信用记录：申报件 app-2 第3项，异议处理中",
            "entry 3 of application app-2 in the credit record here, objected to",
            False,
        ),
    ]
    assert found("standing", filing, lists=["dishonesty"]) == []


@pytest.mark.parametrize(
    ("kind", "beforehand", "severity", "blocks"),
    [
        ("branch", False, Severity.REFUSE, True),
        ("partnership", False, Severity.OFFICER, False),
        ("partnership", True, Severity.OFFICER, True),
    ],
)
def test_a_softened_finding_is_an_officers_and_blocks_where_it_must_be_settled_beforehand(
    kind: str, severity: Severity, *, beforehand: bool, blocks: bool
) -> None:
    params = {"allowed": ["company"], "officer": ["partnership"]}
    call = replace(CALL, rules={"x": rule(params, check="unit_kind", stages=("submit",), beforehand=beforehand)})
    (finding,) = findings(call, replace(CLEAN, unit_kind=kind), "submit")
    zh, en = UNIT_KINDS[kind]
    assert (finding.severity, finding.blocks) == (severity, blocks)
    assert (finding.zh, finding.en) == (f"不符（{zh}）", f"wrong ({en})")


def test_a_document_of_one_byte_is_none_too_small_and_a_seal_without_a_name_names_nobody_else() -> None:
    bare = DocumentFacts("0", "licence", "a.pdf", 1, "pdf", "valid")
    filing = replace(CLEAN, documents=(bare,))
    assert (found("document_size", filing, bytes_max=1), found("sealed", filing)) == ([], [])


@pytest.mark.parametrize(("op", "met"), [(">", [7]), (">=", [6, 7]), ("<", [5]), ("<=", [5, 6])])
def test_a_bound_is_met_as_its_sign_says(op: str, met: list[int]) -> None:
    params = {"field": "users", "op": op, "value": 6}
    assert [value for value in (5, 6, 7) if not found("threshold", form(users=value), **params)] == met


@pytest.mark.parametrize("year", [1900, 2999])
def test_years_from_1900_to_2999_are_years_of_a_form(year: int) -> None:
    days = [well_typed(CALL.fields["end_on"], f"{one}-01-01") for one in (year, 1899, 3000)]
    assert days == [True, False, False]


@pytest.mark.parametrize(
    ("field", "value"),
    [("requested_minor", 0), ("other_funding", [c.value for c in CALL.fields["other_funding"].choices])],
)
def test_the_least_and_the_most_that_a_field_may_hold_fit(field: str, value: Any) -> None:
    assert well_typed(CALL.fields[field], value) is True


CHOICES = (Choice("a", "甲", "A"), Choice("b", "乙", "B"))


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("text", "text ≤ 9"),
        ("int", "integer 0…9"),
        ("minor", "minor units 0…9 (1250000 = 12,500.00)"),
        ("ppm", "parts per million 0…9 (505000 = 50.5%)"),
        ("flag", "true | false"),
        ("date", "YYYY-MM-DD (2026-01-31)"),
        ("choice", "a | b"),
        ("choices", "[a, b]"),
    ],
)
def test_how_a_value_is_written_is_told_by_its_type(kind: str, told: str) -> None:
    assert notation(Field("f", kind, "", "", limit=9, choices=CHOICES)) == told


# --- words in lists -----------------------------------------------------------------------------------------------------

ZH, EN = re.compile(r"[一-鿿][^A-WYZa-z]*(PDF|JavaScript|XFA)?[^A-Za-z]*"), re.compile(r"[a-z][ -~]*")


def test_words_stand_in_the_middle_of_a_sentence_one_in_each_language() -> None:
    words = {**DANGERS, **SEALS, **UNIT_KINDS}
    assert [one for one, (zh, en) in words.items() if not (ZH.fullmatch(zh) and EN.fullmatch(en))] == []


def test_what_stands_in_events_and_calls_keeps_its_code() -> None:
    assert " ".join(DANGERS) == (
        "polyglot truncated damaged irregular no_pages too_many_pages page_size too_many_objects too_deep bomb javascript launch "
        "embedded_file remote_action external_content multimedia xfa fillable_form crash timeout memory"
    )
    assert " ".join(SEALS) == "none broken changed expired untrusted cannot_verify unreadable unchecked"
    assert " ".join(UNIT_KINDS) == (
        "company public_institution social_organisation association partnership sole_proprietorship branch sole_trader individual"
    )


def test_every_bad_list_that_is_known_is_told_in_words() -> None:
    lists = ["abnormal_operation", "not_registered", "dishonesty", "enforcement", "insolvency"]
    told = [(zh, en) for _, zh, en, _ in found("standing", replace(CLEAN, standing=tuple(lists)), lists=lists)]
    assert [
        one for one in told if not (ZH.fullmatch(one[0]) and EN.fullmatch(one[1]) and one[1] not in lists[:4])
    ] == []


def test_a_certificate_stands_in_events_by_its_unit_and_the_name_on_it() -> None:
    assert CertificateFacts("U", "N").plain() == {"unit": "U", "name": "N"}


# --- what a check is told -----------------------------------------------------------------------------------------------


class Asked(dict[str, Any]):
    """Parameters that remember which of them were asked for, and whether they had to be there."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.asked.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.add(f"{name}?")
        return super().get(name, default)


VALUES: dict[str, Any] = {
    "texts": ["x"], "kinds": ["company"], "number": "users", "flag": "declares_owner", "choice": "game_model", "operator": ">",
    "whole": 1, "count": 1, "years": 1, "conditions": {}, "material": "application_form", "findings": ["xfa"],
}  # fmt: skip
"""A value of each kind of parameter."""
WRONG = replace(
    form(users=0), unit_kind="branch", documents=(replace(SHEET, findings=("xfa",), seal="none"),), standing=("x",)
)


def told(check: str) -> Iterator[tuple[str, Any]]:
    for name, kind in PARAMS.get(check, {}).items():
        yield name, VALUES[kind.rstrip("?")]


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_asks_for_what_it_must_be_told_and_for_nothing_else(check: str) -> None:
    params = Asked(dict(told(check)))
    CHECKS[check](CALL, rule(params), WRONG)
    marked = {f"{name}?" if kind.endswith("?") else name for name, kind in PARAMS.get(check, {}).items()}
    assert params.asked == marked


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_call_tells_its_checks_what_they_must_be_told(name: str) -> None:
    assert [fault for fault in check_file(file_of(name)) if not fault.warning] == []


# --- what is asked for late ---------------------------------------------------------------------------------------------


def found_late(name: str, **fields: Any) -> list[Finding]:
    place = world()
    application = place.in_execution(end_on="2027-06-30")
    place.now = place.call.closes_at.replace(year=2027, month=6, day=1)
    context = place.context(place.request(name, place.unit(application), application, **fields))
    judge = {"RequestChange": late.of_change, "RequestExtension": late.of_extension}[name]
    return list(judge(context))


LATE = ("officer", "请说明迟延的理由；由审批人员酌定", "Say why it is late; the deciding officer weighs it")


def test_what_is_asked_for_late_is_told_with_its_clause_and_goes_to_the_officer_who_decides() -> None:
    change = found_late("RequestChange", subject="x", detail="x", caused_on=date(2027, 1, 1))
    longer = found_late("RequestExtension", end_on=date(2027, 12, 31), reason="x")
    said = [(f.rule, f.clause, f.zh, f.where, f.severity.value, f.remedy_zh, f.remedy_en) for f in (*change, *longer)]
    assert said == [
        ("change_after_cause", "项目管理规则（变更）", "变更原因发生于 2027-01-01，超过30天才提出", "caused_on", *LATE),
        ("change_before_end", "项目管理规则（变更）", "距执行期届满（2027-06-30）不足60天", "", *LATE),
        ("extension_before_end", "项目管理规则（延期）", "距执行期届满（2027-06-30）不足3个月", "", *LATE),
    ]
    assert change[0].en == "caused on 2027-01-01, asked for more than 30 days later"

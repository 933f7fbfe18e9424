"""The rules of the 2025 Shanghai call, on its samples, at its boundaries, and on what no applicant should send."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fundcall.calls.load import load
from states.checks import CHECKS, PARAMS, CertificateFacts, DocumentFacts, Filing, Finding, findings, well_typed
from states.checks.documents import plain_name
from states.context import document_plain
from states.funding_call import FundingCall, Rule, Severity
from tests.samples import MATERIALS, SAMPLES, VECTORS, filing_of, form_of, sample

CALL = load("shanghai-ai-plus-2025")
CLEAN = filing_of(sample("A01"))
FORM = form_of(sample("A01"))
SHEET = CLEAN.documents[0]
GAME, APPLICATIONS = "ict.digital_content.game", "ict.applications.industry_platform"


def pairs(found: tuple[Finding, ...]) -> list[tuple[str, str]]:
    """Rule and severity of each finding, sorted."""
    return sorted((finding.rule, finding.severity.value) for finding in found)


def found_at(filing: Filing, stage: str = "submit", call: FundingCall = CALL) -> list[tuple[str, str]]:
    return pairs(findings(call, filing, stage))


def with_form(**fields: Any) -> Filing:
    return replace(CLEAN, form={**FORM, **fields})


def with_documents(*documents: DocumentFacts) -> Filing:
    return replace(CLEAN, documents=documents)


def of_unit(code: str, **over: Any) -> Filing:
    """The clean filing by another unit, with that unit's certificate."""
    return replace(CLEAN, unit_code=code, certificate=CertificateFacts(code), **over)


def fails(rule: str, filing: Filing, stage: str = "submit") -> bool:
    return rule in dict(found_at(filing, stage))


# --- the samples ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("found", SAMPLES, ids=lambda found: str(found["id"]))
def test_a_sample_meets_exactly_the_rules_recorded_for_it(found: dict[str, Any]) -> None:
    assert found_at(filing_of(found)) == sorted((rule, severity) for rule, severity in found["findings"])


def test_there_are_seventeen_samples_of_fifteen_units() -> None:
    assert (len(SAMPLES), len({found["uscc"] for found in SAMPLES})) == (17, 15)


# --- the boundaries ---------------------------------------------------------------------------------------------------

FIGURES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "game_buyout_copies": (GAME, "copies_sold", {"game_model": "buyout"}),
    "game_buyout_revenue": (GAME, "revenue_year_minor", {"game_model": "buyout"}),
    "game_other_users": (GAME, "users", {"game_model": "other"}),
    "game_other_revenue": (GAME, "revenue_year_minor", {"game_model": "other"}),
    "content_users": ("ict.digital_content.content", "c_end_users", {}),
    "content_revenue": ("ict.digital_content.content", "revenue_year_minor", {}),
    "fintech_revenue": ("ict.fintech.products", "revenue_year_minor", {}),
    "platform_availability": (APPLICATIONS, "availability_ppm", {}),
    "platform_users": (APPLICATIONS, "concurrent_users", {}),
    "platform_revenue_target": (APPLICATIONS, "revenue_target_minor", {}),
    "llm_parameters": ("ai_lead.foundations.models.llm", "parameters", {}),
    "multimodal_parameters": ("ai_lead.foundations.models.multimodal", "parameters", {}),
}
CONTENTS = {
    "%PDF-1.7 … %%EOF, no password": ("pdf", 1000),
    "PDF/A-2b": ("pdf", 1000),
    ".PDF upper-case name": ("pdf", 1000),
    "name .pdf, content PNG": ("png", 1000),
    "OFD (GB/T 33190) container": ("ofd", 1000),
    "PDF encrypted with a user password": ("pdf_encrypted", 1000),
    "0 bytes": ("unknown", 0),
}
KINDS = {"12": "public_institution", "51": "social_organisation", "52": "social_organisation", "92": "sole_trader"}


def number(value: Any) -> int:
    """A vector's figure in the unit of its field: yuan in fen, percent in parts per million."""
    if isinstance(value, int):
        return value
    figure, unit = value.replace(",", "").split(" ")
    whole, _, part = figure.partition(".")
    return int(whole + part) if unit == "yuan" else int(whole) * 10_000 + int(part)


def at_boundary(rule: str, value: Any) -> Filing:
    """A filing that is clean but for one value."""
    if rule in FIGURES:
        topic, field, more = FIGURES[rule]
        return with_form(topic=topic, **{field: number(value)}, **more)
    match rule:
        case "within_window":
            return replace(CLEAN, received_at=datetime.fromisoformat(value))
        case "file_size":
            return with_documents(replace(SHEET, size_bytes=value))
        case "pdf_only":
            form, size = CONTENTS[value]
            return with_documents(replace(SHEET, format=form, size_bytes=size))
        case "period_within_two_years":
            start, end = value.split(" → ")
            return with_form(start_on=start, end_on=end)
        case "ends_by_2027":
            return with_form(end_on=value)
        case _:
            return of_unit(value)


@pytest.mark.parametrize(
    "vector", [v for v in VECTORS if v["rule"] != "unit"], ids=lambda vector: f"{vector['rule']}: {vector['value']}"
)
def test_a_value_at_its_boundary_is_judged_as_the_notice_words_it(vector: dict[str, Any]) -> None:
    filing = at_boundary(vector["rule"], vector["value"])
    assert fails(vector["rule"], filing) is not vector["passes"]


@pytest.mark.parametrize("vector", [v for v in VECTORS if v["rule"] == "unit"], ids=lambda vector: str(vector["value"]))
def test_a_unit_of_another_place_or_kind_is_found(vector: dict[str, Any]) -> None:
    kind = "partnership" if "partnership" in vector["note"] else KINDS.get(vector["value"][:2], "company")
    found = found_at(of_unit(vector["value"], unit_kind=kind))
    wanted = {True: [], "finding": ["officer"], False: ["refuse"]}[vector["passes"]]
    assert [severity for _, severity in found] == wanted


# --- what a finding says ----------------------------------------------------------------------------------------------


def test_a_finding_names_its_clause_the_value_and_the_remedy_in_both_languages() -> None:
    (finding,) = findings(CALL, with_form(end_on="2028-01-01", start_on="2027-01-01"), "submit")
    assert finding.plain() == {
        "rule": "ends_by_2027",
        "severity": "refuse",
        "clause": "四(一)4",
        "zh": "项目执行期最迟不超过2027年12月31日（填写为 2028-01-01）",
        "en": "execution must end by 2027-12-31 (given: 2028-01-01)",
        "remedy_zh": "请将结束日期改为2027年12月31日或之前",
        "remedy_en": "Set the last day to 2027-12-31 or earlier",
        "where": "end_on",
    }
    assert (finding.blocks, finding.refusal().code, finding.refusal().where) == (True, "ends_by_2027", "end_on")


def test_whoever_comes_too_late_or_too_early_is_told_so_on_the_clock_of_the_call() -> None:
    early = CALL.opens_at - timedelta(microseconds=1)
    told = [findings(CALL, replace(CLEAN, received_at=at), "submit")[0] for at in (early, CALL.closes_at)]
    assert [(one.zh, one.en) for one in told] == [
        (
            "不在网上申报受理时间内（尚未开始受理，2025-09-03 10:00+08:00 起受理；请求到达 2025-09-03 09:59:59.999999+08:00）",
            "outside the filing window (filing opens at 2025-09-03 10:00+08:00; arrived at 2025-09-03 09:59:59.999999+08:00)",
        ),
        (
            "不在网上申报受理时间内（已于 2025-09-22 16:00+08:00 截止；请求到达 2025-09-22 16:00:00.000000+08:00）",
            "outside the filing window (filing closed at 2025-09-22 16:00+08:00; arrived at 2025-09-22 16:00:00.000000+08:00)",
        ),
    ]


@pytest.mark.parametrize(
    ("topic", "fields", "told"),
    [
        (GAME, {"game_model": "buyout", "copies_sold": 50_000, "revenue_year_minor": 100_000_001}, "填写 50,000"),
        (GAME, {"game_model": "other", "users": 1_000_001, "revenue_year_minor": 1_000_000_000}, "填写 10,000,000.00"),
        (
            APPLICATIONS,
            {"availability_ppm": 999_000, "concurrent_users": 100_000, "revenue_target_minor": 300_000_001},
            "填写 99.9%",
        ),
        ("ict.fintech.products", {}, "未填"),
    ],
)
def test_a_figure_that_misses_is_told_as_people_read_it(topic: str, fields: dict[str, Any], told: str) -> None:
    (finding,) = findings(CALL, with_form(topic=topic, **fields), "submit")
    assert finding.zh == f"{CALL.rules[finding.rule].zh}（{told}）"


@pytest.mark.parametrize("said", [None, False])
def test_a_game_that_is_not_declared_domestic_is_for_an_officer(said: bool | None) -> None:
    form = {"game_model": "buyout", "copies_sold": 50_001, "revenue_year_minor": 100_000_001, "declares_domestic": said}
    assert found_at(with_form(topic=GAME, **form)) == [("game_is_domestic", "officer")]
    assert found_at(with_form(topic=GAME, **{**form, "declares_domestic": True})) == []


DEMO, CORE = "ai_lead.key_actions.embodied_demo", "ai_lead.foundations.embodied_core.coordination"
MILLION = 100_000_000
"""A million yuan in fen."""


@pytest.mark.parametrize(
    ("topic", "asked", "total", "found"),
    [
        ("ai_lead.foundations.compute", 20 * MILLION, 20 * MILLION, []),
        ("ai_lead.foundations.compute", 20 * MILLION + 1, 20 * MILLION, [("requested_within_total", "refuse")]),
        (DEMO, 4 * MILLION, 20 * MILLION, []),
        (DEMO, 4 * MILLION + 1, 20 * MILLION, [("embodied_demo_cap", "officer")]),
        (DEMO, 10 * MILLION, 50 * MILLION, []),
        (DEMO, 10 * MILLION + 1, 60 * MILLION, [("embodied_demo_cap", "officer")]),
        (CORE, 15 * MILLION, 50 * MILLION, []),
        (CORE, 15 * MILLION + 1, 50 * MILLION, [("embodied_core_cap", "officer")]),
        (CORE, 50 * MILLION, 200 * MILLION, []),
        (CORE, 50 * MILLION + 1, 200 * MILLION, [("embodied_core_cap", "officer")]),
        (CORE, 60 * MILLION, 100 * MILLION, [("embodied_core_cap", "officer")] * 2),
    ],
)
def test_nobody_asks_for_more_than_the_rate_and_the_sum_of_the_topic(
    topic: str, asked: int, total: int, found: list[tuple[str, str]]
) -> None:
    assert found_at(with_form(topic=topic, requested_minor=asked, total_investment_minor=total)) == found


def test_findings_come_in_the_order_of_the_call_and_one_for_each_document() -> None:
    bad = tuple(replace(SHEET, name=f"{n}.pdf", format="ofd") for n in range(3))
    found = findings(CALL, replace(with_documents(*CLEAN.documents, *bad), unit_code="x"), "submit")
    assert [(f.rule, f.where) for f in found if f.rule in ("pdf_only", "uscc_valid")] == [
        ("pdf_only", "0.pdf"),
        ("pdf_only", "1.pdf"),
        ("pdf_only", "2.pdf"),
        ("uscc_valid", "unit_code"),
    ]


# --- stages -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "rules"),
    [
        ("create", ["registered_online", "uscc_valid", "within_window"]),
        ("edit", ["within_window"]),
        ("upload", []),
        ("approve", ["credit_good", "no_other_city_funds", "unit_operating_normally"]),
        ("pay", ["credit_good", "no_other_city_funds", "unit_operating_normally"]),
        ("change", ["ends_by_2027", "period_within_two_years"]),
    ],
)
def test_each_stage_asks_its_own_rules(stage: str, rules: list[str]) -> None:
    wrong = replace(
        with_form(end_on="2028-01-01", other_funding=["municipal_awarded"]),
        unit_code="91310000FAKE000130",
        unit_kind="branch",
        received_at=CALL.closes_at,
        standing=("abnormal_operation", "dishonesty"),
        account_confirmed=False,
    )
    assert [rule for rule, _ in found_at(wrong, stage)] == rules


# --- units ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("company", []),
        ("public_institution", []),
        ("social_organisation", []),
        ("partnership", [("unit_is_legal_person", "officer")]),
        ("sole_proprietorship", [("unit_is_legal_person", "officer")]),
        ("branch", [("unit_is_legal_person", "refuse")]),
        ("sole_trader", [("unit_is_legal_person", "refuse")]),
        ("individual", [("unit_is_legal_person", "refuse")]),
        ("", [("unit_is_legal_person", "refuse")]),
        ("no such kind", [("unit_is_legal_person", "refuse")]),
    ],
)
def test_a_unit_bears_civil_liability_on_its_own(kind: str, found: list[tuple[str, str]]) -> None:
    assert found_at(replace(CLEAN, unit_kind=kind)) == found


def test_each_bad_list_is_a_finding_of_its_own_rule() -> None:
    filing = replace(CLEAN, standing=("abnormal_operation", "dishonesty", "enforcement", "some other list"))
    assert found_at(filing) == [
        ("credit_good", "officer"),
        ("credit_good", "officer"),
        ("unit_operating_normally", "officer"),
    ]


def test_a_second_filing_blocks_although_an_officer_may_allow_it() -> None:
    filing = replace(CLEAN, others=("A-0001",))
    (finding,) = findings(CALL, filing, "submit")
    assert (finding.rule, finding.severity, finding.blocks) == ("one_per_unit", Severity.OFFICER, True)
    assert found_at(replace(filing, exception_granted=True)) == []


def test_a_code_in_small_letters_is_the_same_code() -> None:
    assert found_at(replace(CLEAN, unit_code="91310000fake00013y")) == []


def test_an_unconfirmed_account_blocks() -> None:
    assert found_at(replace(CLEAN, account_confirmed=False)) == [("registered_online", "refuse")]


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        (CertificateFacts("91310000FAKE00013Y", "上海子虚灵序智能科技有限公司"), []),
        (CertificateFacts("91310000fake00013y"), []),
        (CertificateFacts("91310000FAKE00013Y", "上海子虚灵序智能科技有限公司（筹）"), ["officer"]),
        (CertificateFacts("91310115FAKE00021N", "上海子虚灵序智能科技有限公司"), ["refuse"]),
        (CertificateFacts(), ["refuse"]),
        (None, []),
    ],
    ids=["its own", "in small letters, without a name", "another name", "another unit's", "none", "not looked for"],
)
def test_a_unit_files_with_its_own_certificate(shown: CertificateFacts | None, found: list[str]) -> None:
    assert found_at(replace(CLEAN, certificate=shown)) == [("certificate_linked", one) for one in found]


# --- the form ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", [name for name, field in CALL.fields.items() if field.required and not field.topics])
@pytest.mark.parametrize("value", [None, "", "  \t"])
def test_a_required_field_left_empty_is_found(field: str, value: str | None) -> None:
    found = [f.where for f in findings(CALL, with_form(**{field: value}), "submit") if f.rule == "form_filled_online"]
    assert found == [field]


def test_a_zero_and_a_no_are_values() -> None:
    assert found_at(with_form(completion_percent=0, total_investment_minor=0, requested_minor=0)) == []


def test_a_field_of_another_topic_is_not_asked_for() -> None:
    assert found_at(with_form(topic="ai_lead.foundations.compute")) == []
    assert fails("form_filled_online", with_form(topic=GAME)) is True


def test_a_figure_that_is_missing_is_found_and_one_of_the_other_model_is_not_asked_for() -> None:
    assert found_at(with_form(topic=GAME, game_model="buyout", users=1)) == [
        ("game_buyout_copies", "officer"),
        ("game_buyout_revenue", "officer"),
    ]


@pytest.mark.parametrize("topic", [None, "", "ai_lead", "ai_lead.foundations.models.llm ", "no.such.topic", 7, ["x"]])
def test_only_a_topic_of_the_call_is_a_topic(topic: Any) -> None:
    assert fails("topic_of_call", with_form(topic=topic)) is True


@pytest.mark.parametrize("name", ["governance", "finance", "capacity", "builder", "owner"])
@pytest.mark.parametrize("said", [False, None, "true", 1])
def test_a_declaration_is_made_only_by_saying_so(name: str, said: Any) -> None:
    found = findings(CALL, with_form(**{f"declares_{name}": said}), "submit")
    assert [(f.where, f.blocks) for f in found] == [(f"declares_{name}", False)]


@pytest.mark.parametrize(
    ("funds", "found"),
    [
        ([], []),
        (["national_awarded", "district_awarded", "municipal_applied"], []),
        (["municipal_awarded"], [("no_other_city_funds", "officer")]),
        (["district_awarded", "municipal_awarded"], [("no_other_city_funds", "officer")]),
    ],
)
def test_only_municipal_money_already_awarded_stands_in_the_way(funds: list[str], found: list[tuple[str, str]]) -> None:
    assert found_at(with_form(other_funding=funds)) == found


@pytest.mark.parametrize(
    ("fields", "rules"),
    [
        ({"start_on": "2026-01-01", "end_on": "2026-01-01"}, ["period_well_formed"]),
        ({"start_on": "2026-01-02", "end_on": "2026-01-01"}, ["period_well_formed"]),
        ({"completion_percent": 99}, []),
        ({"completion_percent": 100}, ["not_completed"]),
        ({"start_on": "2024-06-01", "end_on": "2025-09-09"}, ["not_completed"]),
        ({"start_on": "2024-06-01", "end_on": "2025-09-10"}, []),
        ({"start_on": "9999-01-01", "end_on": "9999-12-31"}, ["period_well_formed"]),
        ({"start_on": "2999-01-01", "end_on": "2999-12-31"}, ["ends_by_2027"]),
        ({"start_on": "2026-W01-1"}, ["period_well_formed"]),
        ({"start_on": "20260101"}, ["period_well_formed"]),
    ],
)
def test_the_dates_of_a_project_are_judged_each_by_its_rule(fields: dict[str, Any], rules: list[str]) -> None:
    assert [rule for rule, _ in found_at(with_form(**fields))] == rules


@pytest.mark.parametrize(
    ("field", "value", "fits"),
    [
        ("title", "字" * 200, True),
        ("title", "字" * 201, False),
        ("title", 7, False),
        ("requested_minor", 100_000_000_000_000, True),
        ("requested_minor", 100_000_000_000_001, False),
        ("requested_minor", -1, False),
        ("requested_minor", True, False),
        ("requested_minor", 1.0, False),
        ("requested_minor", "1", False),
        ("declares_owner", True, True),
        ("declares_owner", 1, False),
        ("start_on", "2026-02-29", False),
        ("start_on", "2028-02-29", True),
        ("start_on", "2026-2-1", False),
        ("start_on", "2026-W05-1", False),
        ("start_on", "1899-12-31", False),
        ("game_model", "buyout", True),
        ("game_model", "both", False),
        ("game_model", ["buyout"], False),
        ("other_funding", [], True),
        ("other_funding", ["district_awarded", "national_awarded"], True),
        ("other_funding", ["no such"], False),
        ("other_funding", "district_awarded", False),
        ("other_funding", [["district_awarded"]], False),
        ("other_funding", ["district_awarded"] * 5, False),
    ],
)
def test_a_field_holds_values_of_its_type_alone(field: str, value: Any, fits: bool) -> None:
    assert well_typed(CALL.fields[field], value) is fits


def test_a_value_of_the_wrong_type_is_found_where_a_call_asks() -> None:
    call = load("community-climate-2026")
    form = {"topic": "gardens", "title": 5, "start_on": "2026-06-01", "end_on": "x", "requested_minor": 1}
    filing = Filing("HAR00001", "Garden", "association", form, (), datetime(2026, 3, 10, tzinfo=UTC))
    found = [f.where for f in findings(call, filing, "submit") if f.rule == "form_well_typed"]
    assert found == ["title", "end_on"]


# --- documents --------------------------------------------------------------------------------------------------------


def test_each_danger_in_a_document_is_found_by_itself() -> None:
    first, *rest = CLEAN.documents
    dangerous = with_documents(replace(first, findings=("javascript", "irregular", "some later code")), *rest)
    found = [(f.where, f.severity, f.zh) for f in findings(CALL, dangerous, "submit") if f.rule == "safe_to_open"]
    rule = CALL.rules["safe_to_open"].zh
    assert found == [
        (first.name, "refuse", f"{rule}（{first.name}：含有JavaScript脚本）"),
        (first.name, "officer", f"{rule}（{first.name}：文件结构不规范）"),
        (first.name, "refuse", f"{rule}（{first.name}：some later code）"),
    ]


def test_the_facts_of_a_document_survive_being_written_down() -> None:
    clean, odd = CLEAN.documents[0], replace(CLEAN.documents[0], findings=("xfa", "launch"))
    written = [json.loads(json.dumps(document_plain(document))) for document in (clean, odd)]
    assert [DocumentFacts(**document) for document in written] == [clean, odd]
    assert [document.get("findings") for document in written] == [None, ["xfa", "launch"]]


@pytest.mark.parametrize(
    ("seal", "found"),
    [
        ("valid", []),
        ("none", [("form_sealed", "refuse")]),
        ("broken", [("form_sealed", "refuse")]),
        ("changed", [("form_sealed", "refuse")]),
        ("expired", [("form_sealed", "refuse")]),
        ("untrusted", [("form_sealed", "officer")]),
        ("cannot_verify", [("form_sealed", "officer")]),
        ("unreadable", [("form_sealed", "officer")]),
        ("unchecked", [("form_sealed", "officer")]),
        ("some later verdict", [("form_sealed", "officer")]),
    ],
)
def test_what_cannot_be_verified_goes_to_an_officer_and_is_never_called_invalid(
    seal: str, found: list[tuple[str, str]]
) -> None:
    rest = CLEAN.documents[1:]
    assert found_at(with_documents(replace(SHEET, seal=seal), *rest)) == found


def test_an_attachment_is_judged_by_the_rule_on_attachments() -> None:
    first, second, third = CLEAN.documents
    found = found_at(with_documents(first, replace(second, seal="none"), replace(third, seal="untrusted")))
    assert found == [("attachments_sealed", "officer"), ("attachments_sealed", "refuse")]


@pytest.mark.parametrize(
    ("subject", "found"),
    [
        ("上海子虚灵序智能科技有限公司", []),
        ("上海子虚灵序智能科技　有限公司 ", []),
        ("上海子虚灵序智能科技有限公司浦东分公司", [("form_sealed", "officer")]),
        ("另一家公司", [("form_sealed", "officer")]),
    ],
)
def test_a_seal_in_another_name_goes_to_an_officer(subject: str, found: list[tuple[str, str]]) -> None:
    sheet = replace(SHEET, seal_subject=subject)
    assert found_at(with_documents(sheet, *CLEAN.documents[1:])) == found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("灵序智能（上海）有限公司", "灵序智能(上海)有限公司"),
        ("灵序智能〔上海〕有限公司", "灵序智能 (上海) 有限公司"),
        ("ＡＢＣ科技", "abc 科技"),
    ],
)
def test_width_brackets_case_and_blanks_make_no_other_name(one: str, other: str) -> None:
    assert plain_name(one) == plain_name(other)


@pytest.mark.parametrize("material", list(MATERIALS.values()))
def test_a_missing_material_of_the_usual_list_is_an_officers_finding(material: str) -> None:
    rest = [document for document in CLEAN.documents if document.material != material]
    assert found_at(with_documents(*rest)) == [("other_materials_uploaded", "officer")]


@pytest.mark.parametrize(("count", "found"), [(50, []), (51, [("several_files", "refuse")])])
def test_fifty_files_may_be_submitted(count: int, found: list[tuple[str, str]]) -> None:
    more = tuple(replace(CLEAN.documents[1], name=f"{n}.pdf") for n in range(count - len(CLEAN.documents)))
    assert found_at(with_documents(*CLEAN.documents, *more)) == found


def test_an_empty_file_is_no_file_of_five_megabytes() -> None:
    empty = with_documents(replace(SHEET, size_bytes=0), *CLEAN.documents[1:])
    assert found_at(empty) == [("file_size", "refuse")]


def test_a_call_may_demand_one_document_outright() -> None:
    rule = Rule(
        "form_attached", "X01", "1", "q", Severity.REFUSE, "缺少申报书", "no form", "form_document", ("submit",),
        params={"material": "application_form"},
    )  # fmt: skip
    call = replace(CALL, rules={rule.id: rule})
    assert found_at(CLEAN, call=call) == []
    assert found_at(with_documents(), call=call) == [("form_attached", "refuse")]


def test_an_unsealed_material_needs_no_seal() -> None:
    unsealed = {name: replace(material, sealed=False) for name, material in CALL.materials.items()}
    bare = with_documents(*(replace(document, seal="none") for document in CLEAN.documents))
    assert found_at(bare, call=replace(CALL, materials=unsealed)) == []


# --- whatever is sent -------------------------------------------------------------------------------------------------

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.dates().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
documents = st.builds(
    DocumentFacts,
    sha256=st.just("0"),
    material=st.sampled_from([*MATERIALS.values(), "", "no such"]),
    name=st.text(max_size=8),
    size_bytes=st.integers(),
    format=st.text(max_size=4),
    seal=st.text(max_size=4),
    seal_subject=st.text(max_size=8),
    findings=st.lists(st.text(max_size=8), max_size=3).map(tuple),
)
forms = st.fixed_dictionaries({}, optional={name: values | st.just(FORM.get(name)) for name in CALL.fields})


@given(forms, st.lists(documents, max_size=3), st.text(max_size=20), st.text(max_size=20))
def test_no_form_document_or_code_brings_a_check_down(
    form: dict[str, Any], files: list[DocumentFacts], code: str, kind: str
) -> None:
    filing = replace(CLEAN, form=form, documents=tuple(files), unit_code=code, unit_kind=kind)
    found = findings(CALL, filing, "submit")
    assert all(finding.rule in CALL.rules for finding in found)
    assert all(isinstance(value, str) for finding in found for value in finding.plain().values())


@given(forms)
def test_findings_depend_on_nothing_but_the_filing(form: dict[str, Any]) -> None:
    filing = replace(CLEAN, form=form)
    assert findings(CALL, filing, "submit") == findings(replace(CALL), filing, "submit")


def test_every_parameter_table_belongs_to_a_check() -> None:
    assert PARAMS.keys() - CHECKS.keys() == set()

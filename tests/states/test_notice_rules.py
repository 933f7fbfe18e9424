"""The rules of the 2025 notice: the sample filings, every boundary vector, and each kind of check."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from fundcall.calls.load import load
from states.checks import CHECKS, DocumentFacts, Finding, findings
from states.funding_call import Severity
from states.unit_code import SCHEMES, normal
from tests.filings import document
from tests.states.samples import SAMPLES, VECTORS, filing_of, form_of

CALL = load("shanghai-ai-plus-2025")
UNASKED = "other_materials_uploaded"  # the samples were recorded without asking for the list, which is the system's own


def found(stage: str = "submit", sample: str = "A01", form: dict[str, Any] | None = None, **over: Any) -> list[Finding]:
    """What the rules find in a sample, with form values and fields of the filing set over it."""
    record = SAMPLES[sample]
    filing = filing_of(record, **{"form": {**form_of(record), **(form or {})}, **over})
    return list(findings(CALL, filing, stage))


def rules(*args: Any, **kwargs: Any) -> list[str]:
    return [finding.rule for finding in found(*args, **kwargs)]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_filing_has_exactly_the_findings_recorded_of_it(name: str) -> None:
    got = sorted([f.rule, f.severity.value] for f in found(sample=name) if f.rule != UNASKED)
    assert got == sorted(SAMPLES[name]["findings"])


def test_there_are_seventeen_sample_filings() -> None:
    assert len(SAMPLES) == 17


def test_only_the_three_samples_without_a_full_list_of_materials_lack_one() -> None:
    assert [name for name in SAMPLES if UNASKED in rules(sample=name)] == ["A11", "A11b", "A14"]


@pytest.mark.parametrize("name", SAMPLES)
def test_every_finding_has_clause_words_and_remedy_in_both_languages(name: str) -> None:
    texts = [(f.clause, f.zh, f.en, f.remedy_zh, f.remedy_en) for f in found(sample=name)]
    assert [t for t in texts if not all(t)] == []


def of_rule(rule: str) -> list[Any]:
    return [pytest.param(v["value"], v["passes"], id=str(v["value"])) for v in VECTORS if v["rule"] == rule]


@pytest.mark.parametrize(("instant", "passes"), of_rule("within_window"))
def test_the_window_is_half_open(instant: str, passes: bool) -> None:
    assert ("within_window" not in rules(received_at=datetime.fromisoformat(instant))) is passes


@pytest.mark.parametrize(("size", "passes"), of_rule("file_size"))
def test_a_file_may_have_five_mebibytes_and_not_one_byte_more(size: int, passes: bool) -> None:
    assert rules("upload", documents=(document("licence", "a.pdf", size),)) == ([] if passes else ["file_size"])


FORMATS = {
    "%PDF-1.7 … %%EOF, no password": ("pdf", 9),
    "name .pdf, content PNG": ("png", 9),
    "OFD (GB/T 33190) container": ("ofd", 9),
    "PDF encrypted with a user password": ("pdf-encrypted", 9),
    "PDF/A-2b": ("pdf", 9),
    ".PDF upper-case name": ("pdf", 9),
    "0 bytes": ("empty", 0),
}


@pytest.mark.parametrize(("described", "passes"), of_rule("pdf_only"))
def test_only_pdf_is_taken_by_its_content(described: str, passes: bool) -> None:
    kind, size = FORMATS[described]
    assert ("pdf_only" not in rules("upload", documents=(document("licence", "a.pdf", size, format=kind),))) is passes


@pytest.mark.parametrize(("period", "passes"), of_rule("period_within_two_years"))
def test_two_years_count_both_days(period: str, passes: bool) -> None:
    start, end = period.split(" → ")
    assert ("period_within_two_years" not in rules(form={"start_on": start, "end_on": end})) is passes


@pytest.mark.parametrize(("end", "passes"), of_rule("ends_by_2027"))
def test_execution_ends_by_the_last_day_of_2027(end: str, passes: bool) -> None:
    assert ("ends_by_2027" not in rules(form={"start_on": "2026-06-01", "end_on": end})) is passes


GAME = {"topic": "ict.digital_content.game", "revenue_year_minor": 10**12, "copies_sold": 10**9, "users": 10**9}
FIGURES: dict[str, tuple[str, dict[str, Any]]] = {
    "game_buyout_copies": ("copies_sold", {**GAME, "game_model": "buyout"}),
    "game_buyout_revenue": ("revenue_year_minor", {**GAME, "game_model": "buyout"}),
    "game_other_users": ("users", {**GAME, "game_model": "other"}),
    "game_other_revenue": ("revenue_year_minor", {**GAME, "game_model": "other"}),
    "content_users": ("c_end_users", {"topic": "ict.digital_content.content", "revenue_year_minor": 10**12}),
    "content_revenue": ("revenue_year_minor", {"topic": "ict.digital_content.content", "c_end_users": 10**9}),
    "fintech_revenue": ("revenue_year_minor", {"topic": "ict.fintech.products"}),
    **{
        rule: (
            field,
            {
                "topic": "ict.applications.industry_platform",
                "availability_ppm": 1_000_000,
                "concurrent_users": 10**9,
                "revenue_target_minor": 10**12,
            },
        )
        for rule, field in [
            ("platform_availability", "availability_ppm"),
            ("platform_users", "concurrent_users"),
            ("platform_revenue_target", "revenue_target_minor"),
        ]
    },
}


def figure(value: int | str) -> int:
    """A figure of the vectors: yuan in fen, percent in parts per million."""
    if isinstance(value, int):
        return value
    number, unit = value.split()
    return int(number.replace(",", "").replace(".", "")) * (100 if unit == "%" and len(number) == 4 else 1)


@pytest.mark.parametrize(
    ("rule", "value", "passes"),
    [
        pytest.param(v["rule"], v["value"], v["passes"], id=f"{v['rule']}-{v['value']}")
        for v in VECTORS
        if v["rule"] in FIGURES
    ],
)
def test_a_figure_of_annex_2_is_asked_beyond_its_bound(rule: str, value: int | str, passes: bool) -> None:
    field, form = FIGURES[rule]
    assert rules(form={**form, field: figure(value)}) == ([] if passes else [rule])


def test_a_figure_that_is_missing_is_a_finding_and_never_a_pass() -> None:
    assert rules(form={"topic": "ict.fintech.products"}) == ["fintech_revenue"]


def test_model_sizes_are_for_experts_and_never_refused() -> None:
    shown = [rule for rule in CALL.rules.values() if rule.id in ("llm_parameters", "multimodal_parameters")]
    assert {(rule.severity, rule.check) for rule in shown} == {(Severity.EXPERT, "none")}


@pytest.mark.parametrize(("code", "passes"), of_rule("uscc_valid"))
def test_a_unit_code_needs_both_check_characters(code: str, passes: bool) -> None:
    assert (SCHEMES["uscc"](normal(code)), "uscc_valid" not in rules(unit_code=code)) == (passes, passes)


UNITS = {
    "12100000FAKE001604": ("public_institution", [("unit_in_shanghai", "officer")]),
    "51310000FAKE00179H": ("social_organisation", []),
    "52310000FAKE001879": ("social_organisation", []),
    "91440300FAKE00195M": ("company", [("unit_in_shanghai", "officer")]),
    "91310115FAKE00208M": ("partnership", [("unit_is_legal_person", "officer")]),
    "92310107FAKE00216T": ("sole_trader", [("unit_is_legal_person", "refuse")]),
}


@pytest.mark.parametrize(("code", "passes"), of_rule("unit"))
def test_a_unit_is_taken_refused_or_left_to_an_officer(code: str, passes: bool | str) -> None:
    kind, expected = UNITS[code]
    got = [(f.rule, f.severity.value) for f in found(unit_code=code, unit_kind=kind)]
    assert got == expected
    assert {True: [], False: ["refuse"], "finding": ["officer"]}[passes] == [severity for _, severity in got]


SEALS = [
    ("none", [("form_sealed", "refuse")]),
    ("broken", [("form_sealed", "refuse")]),
    ("changed", [("form_sealed", "refuse")]),
    ("expired", [("form_sealed", "refuse")]),
    ("untrusted", [("form_sealed", "officer")]),
    ("cannot_verify", [("form_sealed", "officer")]),
    ("unreadable", [("form_sealed", "officer")]),
    ("unchecked", [("form_sealed", "officer")]),
    ("valid", []),
]


@pytest.mark.parametrize(("seal", "expected"), SEALS)
def test_a_bad_seal_is_refused_and_an_unverifiable_one_goes_to_an_officer(seal: str, expected: list[Any]) -> None:
    first, *rest = filing_of(SAMPLES["A01"]).documents
    got = found(documents=(replace(first, seal=seal), *rest))
    assert [(f.rule, f.severity.value) for f in got] == expected


@pytest.mark.parametrize(
    "subject", ["上海子虚(浦东)有限公司", "上海子虚（浦东）有限公司", " 上海子虚（浦东） 有限公司"]
)
def test_a_seals_name_may_differ_in_width_brackets_and_blanks(subject: str) -> None:
    documents = tuple(replace(d, seal_subject=subject) for d in filing_of(SAMPLES["A01"]).documents)
    assert rules(unit_name="上海子虚（浦东）有限公司", documents=documents) == []


def test_every_missing_field_is_named_at_once() -> None:
    form = dict.fromkeys(("title", "start_on", "requested_minor"))
    got = [f.where for f in found(form=form) if f.rule == "form_filled_online"]
    assert got == ["title", "start_on", "requested_minor"]


@pytest.mark.parametrize(
    ("form", "rule", "where"),
    [
        ({"topic": "no.such.topic"}, "topic_of_call", "topic"),
        ({"start_on": "2026-01-01", "end_on": "2026-01-01"}, "period_well_formed", "end_on"),
        ({"completion_percent": 100}, "not_completed", "completion_percent"),
        ({"start_on": "2024-09-11", "end_on": "2025-09-09"}, "not_completed", "end_on"),
        ({"other_funding": ["municipal_awarded"]}, "no_other_city_funds", "other_funding"),
        ({"declares_owner": False}, "unit_owns", "declares_owner"),
        ({"declares_builder": None}, "unit_builds", "declares_builder"),
    ],
)
def test_a_rule_names_the_field_it_is_about(form: dict[str, Any], rule: str, where: str) -> None:
    assert [(f.rule, f.where) for f in found(form=form)] == [(rule, where)]


@pytest.mark.parametrize("held", ["municipal_applied", "national_awarded", "district_awarded"])
def test_national_and_district_money_and_money_asked_for_stand_in_nobodys_way(held: str) -> None:
    assert rules(form={"other_funding": [held]}) == []


@pytest.mark.parametrize("end", ["2025-09-10", "2025-09-11"])
def test_a_project_that_ends_on_the_day_of_filing_or_later_is_not_completed(end: str) -> None:
    assert rules(form={"start_on": "2024-09-12", "end_on": end}) == []


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        (("abnormal_operation",), ["unit_operating_normally"]),
        (("dishonesty",), ["credit_good"]),
        (("dishonesty", "enforcement"), ["credit_good", "credit_good"]),
        (("a_list_the_call_does_not_name",), []),
    ],
)
@pytest.mark.parametrize("stage", ["submit", "approve", "pay"])
def test_a_unit_on_a_bad_list_is_found_whenever_it_is_asked(
    stage: str, listed: tuple[str, ...], expected: list[str]
) -> None:
    assert rules(stage, standing=listed) == expected


def test_an_exception_granted_beforehand_allows_a_second_filing() -> None:
    assert rules(sample="A02b", exception_granted=True) == []


def test_a_second_filing_without_an_exception_blocks_though_it_is_an_officers_matter() -> None:
    assert [(f.rule, f.severity, f.blocks) for f in found(sample="A02b")] == [("one_per_unit", Severity.OFFICER, True)]


@pytest.mark.parametrize(("count", "expected"), [(50, []), (51, ["several_files"])])
def test_fifty_files_may_be_uploaded_and_not_one_more(count: int, expected: list[str]) -> None:
    many = tuple(DocumentFacts(f"{n:064x}", "evidence", f"{n}.pdf", 1, "pdf", "valid") for n in range(count))
    assert rules("upload", documents=many) == expected


def test_every_check_but_two_is_used_by_a_shipped_call() -> None:
    used = {
        rule.check for name in ("shanghai-ai-plus-2025", "community-climate-2026") for rule in load(name).rules.values()
    }
    assert set(CHECKS) - used == {"typed", "form_document"}


@pytest.mark.parametrize(
    ("check", "params", "form", "where"),
    [
        ("typed", {}, {"title": 7}, ["title"]),
        ("typed", {}, {"title": "x" * 201, "start_on": "2025-02-30", "completion_percent": True}, ["title", "start_on", "completion_percent"]),
        ("form_document", {"material": "application_form"}, {}, []),
        ("form_document", {"material": "evidence"}, {}, ["documents"]),
    ],
)  # fmt: skip
def test_a_check_that_no_shipped_call_uses_works(
    check: str, params: dict[str, Any], form: dict[str, Any], where: list[str]
) -> None:
    rule = replace(CALL.rules["form_filled_online"], check=check, params=params)
    filing = filing_of(SAMPLES["A01"], form={**form_of(SAMPLES["A01"]), **form})
    assert [found.where for found in CHECKS[check](CALL, rule, filing)] == where


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_a_check_finds_nothing_in_a_blameless_filing(name: str) -> None:
    rule = next((r for r in CALL.rules.values() if r.check == name), None)
    blameless = filing_of(SAMPLES["A01"])
    if rule is not None and rule.concerns(SAMPLES["A01"]["topic"]):
        assert CHECKS[name](CALL, rule, blameless) == ()

"""A malformed call file is told everything that is wrong with it, at once, each with its line."""

import hashlib
import json
import tomllib
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fundcall.calls.consistency import FIRES
from fundcall.calls.load import check_file, file_of, load, shipped
from fundcall.calls.read import examined, read_call, recorded_call
from fundcall.calls.recorded import RecordedRules
from fundcall.calls.shape import CallFaults
from states.checks import Filing, findings
from states.checks.dangers import DANGERS
from states.checks.unit import UNIT_KINDS

GOOD = file_of("community-climate-2026").read_text(encoding="utf-8").replace("\nnotice = ", "\n# notice = ")
DATA = tomllib.loads(GOOD)
MARK = "  # planted"
NO_VIRUS = f"no finding 'virus'; there are {', '.join(DANGERS)}"
PLANTED = {
    'id = "community-climate-2026"': 'id = "Community Climate"',
    'title_en = "Community Climate Fund 2026 (example)"': "title_en = 2026",
    'portal_url = "https://climate.example.org"': 'portal = "https://climate.example.org"',
    'timezone = "Europe/Copenhagen"': 'timezone = "Europe/Atlantis"',
    "opens_at = 2026-03-02T09:00:00+01:00": "opens_at = 2026-03-02T09:00:00",
    'unit_scheme = "registration"': 'unit_scheme = "passport"',
    "correction_rounds_max = 1": "correction_rounds_max = -1",
    "instalments_percent = [100]": "instalments_percent = [60, 30]",
    "experts_min = 1": "experts_min = 0",
    "at_least = 2": 'at_least = "two"',
    'id = "people_reached"\ntype = "int"': 'id = "people_reached"\ntype = "number"',
    'kind = "correction"\nref = "E03"\nzh = "补正"\nen = "correction"\nlength = "7d"': (
        'kind = "correction"\nref = "E03"\nzh = "补正"\nen = "correction"\nlength = "a week"'
    ),
    'base = "end_on"\nfires = "EndExecution"': 'base = "end_on"\nfires = "LapseDraft"',
    'fires = "EscalateReport"\nreminders = []': 'fires = "EscalateReport"\nreminders = ["1d", "2x"]',
    'fires = "ArchiveApplication"': 'fires = "BurnApplication"',
    'source = "3"\ncontributes = "roof"': 'source = "3"\ncontributes = "boat"',
    'clause = "1.2"\nquote = "You need a confirmed account."\nseverity = "refuse"': (
        'clause = "1.2"\nquote = "You need a confirmed account."\nseverity = "harsh"'
    ),
    'check = "required"': 'check = "requird"',
    'check = "topic"\nstages = ["submit"]': 'check = "topic"\nstages = ["submit", "party"]',
    'check = "threshold"\nstages = ["submit"]\ntopics = ["gardens"]': (
        'check = "threshold"\nstages = ["submit"]\ntopics = ["gardening"]'
    ),
    'params = { field = "power_watts", op = ">", value = 5000 }': (
        'params = { field = "power_kilowatts", op = "=>", value = 5.5, unit = "W" }'
    ),
    "params = { bytes_max = 10000000 }": "params = { }",
    'id = "plan_is_pdf"': 'id = "plan_size"',
    'params = { lists = ["insolvency"] }': 'params = { lists = "insolvency" }',
}


def planted() -> str:
    """The good call with every fault; the last line of each carries a mark."""
    text = GOOD
    for good, bad in PLANTED.items():
        assert good in text, good
        text = text.replace(good + "\n", bad + MARK + "\n", 1)
    return text


def line_of(text: str, beginning: str) -> int:
    """The first line, from 1, that begins so."""
    return next(n for n, line in enumerate(text.split("\n"), 1) if line.startswith(beginning))


def located(path: Path) -> list[tuple[int | None, str]]:
    return [(fault.line, fault.path) for fault in check_file(path)]


def faults(change: Callable[[dict[str, Any]], Any]) -> list[tuple[str, str]]:
    """Where and what, of the good call after a change; warnings aside."""
    data = deepcopy(DATA)
    change(data)
    try:
        read_call(data)
    except CallFaults as wrong:
        return [(".".join(map(str, fault.path)), fault.en) for fault in wrong.faults if not fault.warning]
    return []


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "call.toml"


def test_a_good_call_has_no_fault(file: Path) -> None:
    file.write_text(GOOD, encoding="utf-8")
    assert check_file(file) == ()


def test_every_planted_fault_is_found_on_its_line(file: Path) -> None:
    text = planted()
    file.write_text(text, encoding="utf-8")
    marked = {n for n, line in enumerate(text.split("\n"), 1) if line.endswith(MARK)}
    found = located(file)
    assert {line for line, _ in found if line in marked} == marked
    consequences = [
        (None, "portal_url"),
        (line_of(text, 'params = { field = "people_reached"'), "rule.9.params.field"),
        (line_of(text, 'ref = "C14"') - 1, "rule.15.id"),
    ]
    assert [(line, path) for line, path in found if line not in marked] == consequences
    assert [path for line, path in found if line == line_of(text, 'params = { field = "power_kilowatts"')] == [
        f"rule.10.params.{p}" for p in ("value", "unit", "field", "op")
    ]


def test_a_fault_is_told_in_both_languages(file: Path) -> None:
    file.write_text(GOOD.replace('check = "required"', 'check = "requird"'), encoding="utf-8")
    (fault,) = check_file(file)
    assert (fault.line, fault.path, fault.warning) == (line_of(GOOD, 'check = "required"'), "rule.2.check", False)
    assert fault.zh.startswith("没有检查“requird”，应为：window, ")
    assert fault.en.startswith("no check 'requird'; there are window, ")


# --- texts that are no TOML -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 1\nb = \n", 2),
        ('a = 1\n\nb = "open', 3),
        ("a = [1,\n2,\n", 2),
        ("a = 1\na = 2\n", 2),
        ("[table\n", 1),
        ("= 1\n", 1),
        ("a = 1\nb = " + "9" * 5000, 2),
    ],
)
def test_a_syntax_error_is_told_with_its_line(file: Path, text: str, line: int) -> None:
    file.write_text(text, encoding="utf-8")
    (fault,) = check_file(file)
    assert (fault.line, fault.path, fault.zh[:9]) == (line, "", "TOML语法有误：")
    assert "line" not in fault.en


@pytest.mark.parametrize(
    ("content", "en"),
    [
        (b'id = "\xff"', "not UTF-8: invalid start byte"),
        (b"a = " + b"[" * 5000 + b"]" * 5000, "nested too deeply"),
        (b"a" + b".a" * 5000 + b" = 1", "nested too deeply"),
    ],
)
def test_bytes_that_cannot_be_read_are_a_fault_of_the_whole_file(file: Path, content: bytes, en: str) -> None:
    file.write_bytes(content)
    assert [(fault.line, fault.en) for fault in check_file(file)] == [(None, en)]


def test_an_empty_file_lacks_everything(file: Path) -> None:
    file.write_text("", encoding="utf-8")
    missing = [fault.path for fault in check_file(file) if fault.en == "missing"]
    assert missing == [*REQUIRED, "review.experts_min", "review.odd", "review.blind"]


REQUIRED = [
    name for name in DATA if name not in ("execution_ends_by", "legal_basis") and not isinstance(DATA[name], dict)
]
REQUIRED = [name for name in REQUIRED if not (isinstance(DATA[name], list) and isinstance(DATA[name][0], dict))]


def test_a_file_that_is_not_there_is_named(file: Path) -> None:
    with pytest.raises(FileNotFoundError):
        check_file(file)
    with pytest.raises(FileNotFoundError, match="no call 'no-such-call'; shipped: community-climate-2026, shanghai"):
        load("no-such-call")


def test_a_file_that_is_not_there_is_told_with_the_place_where_it_was_looked_for(file: Path) -> None:
    with pytest.raises(FileNotFoundError) as wrong:
        load(str(file.parent / "nope.toml"))
    assert str(wrong.value).partition(" / ")[2] == (
        f"no call '{file.parent}/nope.toml', no file {file.parent}/nope.toml; shipped: {', '.join(shipped())}"
    )


def test_a_call_is_loaded_by_its_path_too(file: Path) -> None:
    file.write_text(GOOD, encoding="utf-8")
    assert load(str(file)).rules == load("community-climate-2026").rules


# --- what does not fit together ---------------------------------------------------------------------------------------


def at(*path: str | int, to: Any) -> Callable[[dict[str, Any]], None]:
    """A change of one value."""

    def change(data: Any) -> None:
        for key in path[:-1]:
            data = data[key]
        data[path[-1]] = to

    return change


def without(*path: str | int) -> Callable[[dict[str, Any]], None]:
    def change(data: Any) -> None:
        for key in path[:-1]:
            data = data[key]
        del data[path[-1]]

    return change


def rule(check: str, **params: Any) -> Callable[[dict[str, Any]], None]:
    """A rule before all others asks that check with those parameters."""

    def change(data: dict[str, Any]) -> None:
        planted = {"id": "planted", "check": check, "stages": ["submit"], "params": params}
        data["rule"].insert(0, data["rule"][0] | planted)

    return change


NAIVE = datetime(2026, 3, 2, 9)  # noqa: DTZ001 - planted
FAULTS: list[tuple[Callable[[dict[str, Any]], None], list[tuple[str, str]]]] = [
    (at("opens_at", to=NAIVE), [("opens_at", "an instant needs its offset, such as +08:00")]),
    (at("opens_at", to="2026-03-02T09:00:00+01:00"), [("opens_at", "should be an instant: 2025-09-03T10:00:00+08:00")]),
    (at("opens_at", to=date(2026, 3, 2)), [("opens_at", "should be an instant: 2025-09-03T10:00:00+08:00")]),
    (at("opens_at", to=datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))), [("opens_at", "should be of a year from 1900 to 2199")]),
    (at("closes_at", to=datetime(9999, 12, 31, 23, tzinfo=UTC)), [("closes_at", "should be of a year from 1900 to 2199")]),
    (at("execution_ends_by", to=date(9999, 12, 31)), [("execution_ends_by", "should be of a year from 1900 to 2199")]),
    (at("closes_at", to=DATA["opens_at"]), [("closes_at", "closes before it opens")]),
    (at("execution_ends_by", to=NAIVE), [("execution_ends_by", "should be a date: 2027-12-31")]),
    (at("execution_ends_by", to=date(2026, 3, 1)), [("execution_ends_by", "execution ends before filing opens")]),
    (at("version", to=True), [("version", "should be a whole number")]),
    (at("version", to=0), [("version", "must be 1 at least")]),
    (at("version", to=10**30), [("version", "the number is too large")]),
    (at("legal_basis", to="one"), [("legal_basis", "should be an array")]),
    (at("timezone", to=""), [("timezone", "no such time zone: ''")]),
    (at("timezone", to="Europe"), [("timezone", "no such time zone: 'Europe'")]),
    (at("timezone", to="../zone"), [("timezone", "no such time zone: '../zone'")]),
    (at("timezone", to="a\0b"), [("timezone", "no such time zone: 'a\\x00b'")]),
    (at("currency", to="Euro"), [("currency", "'Euro' should be three capital letters, of a currency with hundredths")]),
    (at("currency", to="JPY"), [("currency", "'JPY' should be three capital letters, of a currency with hundredths")]),
    (at("calendar", to="lunar"), [("calendar", "unknown 'lunar'; there are china, weekends")]),
    (at("rule", to={"id": "x"}), [("rule", "should be an array of tables")]),
    (at("rule", 0, to="x"), [("rule.0", "should be a table")]),
    (at("review", to=[]), [("review", "should be a table")]),
    (at("target", to=[]), [(f"topic.{n}.contributes", f"unknown {t!r}; there are none") for n, t in enumerate(("garden", "roof", "garden"))]),
    (without("criterion"), [("criterion", "weights sum to 0, not 100")]),
    (at("criterion", 0, "weight_percent", to=61), [("criterion", "weights sum to 101, not 100")]),
    (at("review", "trimmed", to=-1), [("review.trimmed", "must be 0 at least")]),
    (at("review", "disagreement_ppm", to=-1), [("review.disagreement_ppm", "must be 0 at least")]),
    (at("criterion", 0, "points_max", to=0), [("criterion.0.points_max", "must be 1 at least")]),
    (at("instalments_percent", to=[]), [("instalments_percent", "shares must be positive and sum to 100")]),
    (at("instalments_percent", to=[150, -50]), [("instalments_percent", "shares must be positive and sum to 100")]),
    (at("rule", 0, "id", to=["a"]), [("rule.0.id", "should be text")]),
    (at("rule", 0, "id", to="a b"), [("rule.0.id", "an id has lower-case letters, digits and . _ - only")]),
    (without("rule", 0, "stages"), [("rule.0.stages", "a rule with a check needs stages")]),
    (at("rule", 0, "stages", to=[["a"]]), [("rule.0.stages.0", "should be text")]),
    (at("rule", 0, "params", to="x"), [("rule.0.params", "should be a table")]),
    (at("rule", 0, "params", to={"a": 1}), [("rule.0.params.a", "the check 'window' takes no 'a'")]),
    (without("field", 0), [("field", "a field 'topic' of type text is needed")]),
    (at("field", 2, "type", to="text"), [("field", "a field 'start_on' of type date is needed")]),
    (at("field", 0, "limit", to=0), [("field.0.limit", "must be 1 at least")]),
    (without("field", 4, "limit"), [("field.4.limit", "a number needs the largest that it may be")]),
    (at("field", 0, "indicator", to=True), [("field.0.indicator", "an indicator is an int or a ppm")]),
    (without("rule", 0), [("rule", 'no rule checks the window at submission (check = "window"): filings would be taken at any time')]),
    (at("rule", 0, "stages", to=["create"]), [("rule", 'no rule checks the window at submission (check = "window"): filings would be taken at any time')]),
    (rule("threshold", field="power_watts", op=">", value=1_000_000), [
        ("rule.0.params.value", "the field 'power_watts' holds 1000000 at most, which never meets this bound"),
    ]),
    (rule("cap", field="requested_minor", percent_max=50), [("rule.0.params", "needs minor_max, or both of and percent_max")]),
    (at("field", 5, "topics", to=["no"]), [("field.5.topics", "no topic begins with 'no'")]),
    (at("field", 1, "choices", to=[{"value": "a", "zh": "a"}]), [("field.1.choices.0.en", "missing")]),
    (at("field", 1, "choices", to=[{"value": "a", "zh": "a", "en": "a", "x": 1}]), [("field.1.choices.0.x", "unknown key 'x'")]),
    (at("field", 1, "choices", to=[{"value": "a", "zh": "a", "en": "a"}] * 2), [("field.1.choices", "a choice stands there twice")]),
    (at("period", 0, "kind", to="submission"), [
        ("period", "a period 'submit' is needed"),
        ("period.0.kind", "unknown 'submission'; there are " + ", ".join(FIRES)),
    ]),
    (at("period", 0, "base", to="open"), [("period.0.base", "unknown 'open'; there are event, close, start_on, end_on")]),
    (at("period", 0, "reminders", to=5), [("period.0.reminders", "should be an array")]),
    (at("period", 0, "reminders", to=[5]), [("period.0.reminders.0", "should be text")]),
    (at("period", 0, "length", to="１d"), [("period.0.length", "should be a length of time such as 5wd, 10d, 3m or 24h")]),
    (rule("unit_kind", allowed=["company", "club"]), [("rule.0.params.allowed", f"no kind of unit 'club'; there are {', '.join(UNIT_KINDS)}")]),
    (rule("unit_kind", allowed=[]), [("rule.0.params.allowed", "should be an array of texts")]),
    (rule("unit_region", prefixes="31"), [("rule.0.params.prefixes", "should be an array of texts")]),
    (at("period", 0, "length", to="999999d"), [("period.0.length", "'999999d' is too long: at most 30 years, 10950d")]),
    (at("period", 1, "length", to="7501wd"), [("period.1.length", "'7501wd' is too long: at most 30 years, 7500wd")]),
    (at("period", 1, "length", to="361m"), [("period.1.length", "'361m' is too long: at most 30 years, 360m")]),
    (at("period", 1, "length", to="262801h"), [("period.1.length", "'262801h' is too long: at most 30 years, 262800h")]),
    (at("period", 1, "length", to="9" * 4000 + "d"), [("period.1.length", f"'{'9' * 60}…' is too long: at most 30 years, 10950d")]),
    (at("period", 0, "reminders", to=["48h", "10951d"]), [("period.0.reminders.1", "'10951d' is too long: at most 30 years, 10950d")]),
    (at("extension_months_max", to=361), [("extension_months_max", "must be 360 at most")]),
    (at("extension_notice_months", to=361), [("extension_notice_months", "must be 360 at most")]),
    (at("change_cause_days", to=10951), [("change_cause_days", "must be 10950 at most")]),
    (at("change_before_end_days", to=10951), [("change_before_end_days", "must be 10950 at most")]),
    (at("personal_kept_months", to=361), [("personal_kept_months", "must be 360 at most")]),
    (at("personal_kept_months", to=-1), [("personal_kept_months", "must be 0 at least")]),
    (rule("period_years", years=0), [("rule.0.params.years", "must be a whole number from 1 to 30")]),
    (rule("period_years", years=True), [("rule.0.params.years", "must be a whole number from 1 to 30")]),
    (rule("period_years", years=31), [("rule.0.params.years", "must be a whole number from 1 to 30")]),
    (rule("flag", field="title"), [("rule.0.params.field", "the field 'title' is of another type than flag")]),
    (rule("flag", field=["title"]), [("rule.0.params.field", "the form has no field \"['title']\"")]),
    (rule("form_document", material="plans"), [("rule.0.params.material", "no material 'plans'")]),
    (rule("document_safe", officer=["xfa", "virus"]), [("rule.0.params.officer", NO_VIRUS)]),
    (rule("sealed", only=7), [("rule.0.params.only", "no material '7'")]),
    (rule("threshold", field="power_watts", op=">", value=1, when=3), [("rule.0.params.when", "should be a table")]),
    (rule("threshold", field="power_watts", op=">", value=1, when={"x": 1}), [("rule.0.params.when", "the form has no field 'x'")]),
    (rule("threshold", field="power_watts", op=">", value=1, when={"title": 1}), [("rule.0.params.when", "the field 'title' is never '1'")]),
    (rule("threshold", field="power_watts", op=[">"], value="1"), [
        ("rule.0.params.op", "must be one of > >= < <="),
        ("rule.0.params.value", "the bound must be a whole number"),
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("change", "found"), FAULTS, ids=lambda value: value[0][0] if isinstance(value, list) else "")
def test_what_is_wrong_is_said_and_nothing_else(
    change: Callable[[dict[str, Any]], None], found: list[tuple[str, str]]
) -> None:
    assert faults(change) == found


@pytest.mark.parametrize("kind", ["submit", "correction", "start", "execution_end", "hearing"])
def test_a_call_without_a_period_that_moves_applications_on_is_refused(kind: str) -> None:
    def change(data: dict[str, Any]) -> None:
        data["period"] = [period for period in data["period"] if period["kind"] != kind]

    assert faults(change) == [("period", f"a period {kind!r} is needed")]


@pytest.mark.parametrize("length", ["7500wd", "10950d", "360m", "262800h", "0h"])
def test_a_length_of_thirty_years_is_taken(length: str) -> None:
    assert faults(at("period", 1, "length", to=length)) == []


def test_a_length_that_is_too_long_is_told_with_the_line_it_stands_in(file: Path) -> None:
    text = file_of("community-climate-2026").read_text(encoding="utf-8")
    file.write_text(text.replace('length = "7d"', 'length = "999999d"', 1), encoding="utf-8")
    line = text[: text.index('length = "7d"')].count("\n") + 1
    found = [(f.line, f.zh, f.en) for f in check_file(file) if f.path.startswith("period")]
    assert found == [
        (
            line,
            "期限“999999d”过长，最长为30年，即 10950d",
            "'999999d' is too long: at most 30 years, 10950d",
        )
    ]


@pytest.mark.parametrize("bound", [{"minor_max": 50}, {"of": "requested_minor", "percent_max": 50}])
def test_a_cap_is_a_sum_or_a_share_of_another_figure(bound: dict[str, Any]) -> None:
    assert faults(rule("cap", field="requested_minor", **bound)) == []


def test_a_long_value_is_repeated_in_part() -> None:
    assert faults(at("timezone", to="x" * 5000)) == [("timezone", f"no such time zone: '{'x' * 60}…'")]


def test_what_a_call_demands_and_nobody_checks_is_a_warning() -> None:
    data = deepcopy(DATA)
    data["material"][0]["sealed"] = True
    data["rule"] = [rule for rule in data["rule"] if rule["check"] not in ("document_safe", "ends_by", "one_per_unit")]
    _, found = examined(data, None)
    assert [(fault.path, fault.en, fault.warning) for fault in found] == [
        (("rule",), "no rule has the check 'ends_by': nothing finds last days after execution_ends_by", True),
        (("rule",), "no rule has the check 'sealed': nothing finds seals that are missing", True),
        (("rule",), "no rule has the check 'document_safe': nothing finds files that are broken or have scripts in them", True),
    ]  # fmt: skip


def test_a_format_check_that_runs_into_a_year_without_working_days_is_a_warning() -> None:
    data = deepcopy(DATA)
    data |= {
        "calendar": "china",
        "opens_at": datetime(2190, 12, 1, tzinfo=UTC),
        "closes_at": datetime(2190, 12, 30, tzinfo=UTC),
    }
    data["execution_ends_by"] = date(2191, 11, 30)
    _, found = examined(data, None)
    words = (
        "the format check runs into 2190, whose working days are not published: until they are, nothing can be filed"
    )
    assert [(fault.path, fault.en, fault.warning) for fault in found if fault.path == ("calendar",)] == [
        (("calendar",), words, True)
    ]


# --- quotes -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def noticed(file: Path) -> Callable[[str, str], list[tuple[str, str, bool]]]:
    """The faults of the example call with its notice beside it, after a change of the call's text."""
    shipped = file_of("community-climate-2026")
    folder = file.parent / "notices"
    folder.mkdir()
    name = "community-climate-2026.en.txt"
    (folder / name).write_bytes((shipped.parent / "notices" / name).read_bytes())

    def found(good: str, bad: str) -> list[tuple[str, str, bool]]:
        file.write_text(shipped.read_text(encoding="utf-8").replace(good, bad), encoding="utf-8")
        return [(fault.path, fault.en, fault.warning) for fault in check_file(file)]

    return found


Noticed = Callable[[str, str], list[tuple[str, str, bool]]]


def test_a_quote_that_is_not_the_notices_words_is_a_fault(noticed: Noticed) -> None:
    found = noticed("You need a confirmed account.", "You need an account.")
    assert found == [("rule.1.quote", "not the notice's words", False)]


def test_an_empty_quote_is_no_quote(noticed: Noticed) -> None:
    assert noticed('quote = "You need a confirmed account."', 'quote = ""') == [
        ("rule.1.quote", "not the notice's words", False)
    ]


def test_a_topic_and_a_target_are_quoted_too(noticed: Noticed) -> None:
    assert noticed("two solar roofs", "three solar roofs") == [("target.1.quote", "not the notice's words", False)]
    assert noticed("that a neighbourhood builds", "that neighbours build") == [
        ("topic.0.text_zh", "not the notice's words", False)
    ]


def test_a_notice_that_is_not_there_is_a_fault(noticed: Noticed, file: Path) -> None:
    ((path, en, warning),) = noticed("community-climate-2026.en.txt", "elsewhere.txt")
    assert (path, warning) == ("notice", False)
    folder = file.resolve().parent
    assert (
        en
        == f"there is no notice 'elsewhere.txt'; looked for {folder}/notices/elsewhere.txt and {folder}/elsewhere.txt"
    )


def test_a_name_that_no_notice_can_have_is_told_as_one_that_is_not_there(noticed: Noticed) -> None:
    name = "a" * 256
    assert noticed("community-climate-2026.en.txt", name) == [
        ("notice", f"there is no notice {name!r}; looked for nowhere", False)
    ]


def test_a_notice_may_stand_beside_its_call(noticed: Noticed, file: Path) -> None:
    name = "community-climate-2026.en.txt"
    (file.parent / "notices" / name).rename(file.parent / name)
    assert noticed("You need a confirmed account.", "You need an account.") == [
        ("rule.1.quote", "not the notice's words", False)
    ]


def test_a_window_that_its_quote_contradicts_is_a_warning(noticed: Noticed) -> None:
    found = noticed("closes_at = 2026-03-31T12:00:00+02:00", "closes_at = 2026-03-31T13:00:00+02:00")
    assert found == [("rule.0.quote", "'31 March 2026, 12:00' is neither opens_at nor closes_at", True)]


def test_a_window_may_be_written_in_universal_time(noticed: Noticed) -> None:
    assert noticed("2026-03-31T12:00:00+02:00", "2026-03-31T10:00:00Z") == []


def test_a_last_day_that_its_quote_contradicts_is_a_warning(noticed: Noticed) -> None:
    found = noticed("execution_ends_by = 2026-11-30", "execution_ends_by = 2026-12-31")
    assert found == [("rule.8.quote", "'30 November 2026' is not execution_ends_by", True)]


@pytest.mark.parametrize(
    ("quote", "slips"),
    [
        ("网上申报受理时间为2026年3月2日9:00至2026年3月31日12:00。", []),
        ("3月31日12时起系统关闭", []),
        ("2026年3月31日12时00分", []),
        ("2025年3月31日12时起系统关闭", ["2025年3月31日12时"]),
        ("3月31日16:00起系统关闭", ["3月31日16:00"]),
        ("3月30日12：00起系统关闭", ["3月30日12：00"]),
        ("2026年3月1日发布", []),
    ],
)
def test_a_notice_that_contradicts_itself_is_still_a_call(file: Path, quote: str, slips: list[str]) -> None:
    text = DATA["rule"][0]["quote"]
    file.write_text(GOOD.replace(text, quote), encoding="utf-8")
    found = [fault for fault in check_file(file) if fault.warning]
    assert [fault.en for fault in found] == [f"{slip!r} is neither opens_at nor closes_at" for slip in slips]
    assert load(str(file)).id == "community-climate-2026"


# --- a recorded call --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["community-climate-2026", "shanghai-ai-plus-2025"])
def test_a_call_is_read_again_from_what_the_ledger_keeps_of_it(name: str) -> None:
    call = load(name)
    assert recorded_call(json.loads(json.dumps(call.source))) == call


def test_a_recorded_call_that_was_tampered_with_is_refused() -> None:
    with pytest.raises(CallFaults, match="weights sum to 60, not 100"):
        recorded_call({**load("community-climate-2026").source, "criterion": DATA["criterion"][:1]})


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"call": 1}', b'{"call": {"opens_at": "x"}}'])
def test_rules_that_tell_of_no_call_are_not_to_be_had(body: bytes) -> None:
    wanted = hashlib.sha256(body).hexdigest()
    with pytest.raises(LookupError, match=f"rules {wanted}: "):
        RecordedRules(lambda _: body).by_hash(wanted)


# --- whatever stands there --------------------------------------------------------------------------------------------

junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.dates()
    | st.datetimes()
    | st.times(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def changed(draw: st.DrawFn) -> dict[str, Any]:
    """The good call with something else in some of its places."""
    data = deepcopy(DATA)
    for _ in range(draw(st.integers(1, 4))):
        table: Any = data
        while True:
            key = draw(st.sampled_from(list(table) if isinstance(table, dict) else list(range(len(table)))))
            if isinstance(table[key], dict | list) and table[key] and draw(st.booleans()):
                table = table[key]
                continue
            table[key] = draw(junk)
            break
    return data


@given(changed())
def test_no_value_in_any_place_brings_the_reader_down(data: dict[str, Any]) -> None:
    _, found = examined(data, None)
    assert all(fault.zh and fault.en for fault in found)
    assert [type(part) for fault in found for part in fault.path if type(part) not in (str, int)] == []


@given(changed())
def test_a_call_that_is_read_can_be_asked(data: dict[str, Any]) -> None:
    try:
        call = read_call(data)
    except CallFaults:
        return
    filing = Filing("HAR00001", "Garden", "association", {"topic": "gardens"}, (), call.opens_at)
    findings(call, filing, "submit")
    assert recorded_call(json.loads(json.dumps(call.source))) == call

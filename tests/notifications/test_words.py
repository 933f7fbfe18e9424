"""Every notice is read as its reader would: two lines that say what happened, what to do and by when; one language at a
time; dates that are those armed, by the clock on the wall; nothing left unfilled.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

import pytest

from fundcall.calls.load import load
from notifications import letter, samples
from notifications.dates import kept
from notifications.trial import letter_of
from notifications.view import shown
from notifications.words import Language
from states.calendar import instant_of
from states.clauses import in_english
from tests.notifications.reading import read
from tests.notifications.samples import shape, written
from tests.notifications.stories import CALLS, PEOPLE, Told, told

CHINESE = re.compile(r"[\u3400-\u9fff]")
LATIN = re.compile(r"[A-Za-z]{2,}")
CLOCK = {"zh": re.compile(r"\d{4}-\d\d-\d\d（星期.） \d\d:\d\d(?::\d\d)? \S+ \([^)]*\)"),
         "en": re.compile(r"\d{4}-\d\d-\d\d \(\w+\) \d\d:\d\d(?::\d\d)? \([^)]*\)")}  # fmt: skip
UNFILLED = re.compile(r"\{\{|\}\}|\{%|%\}|None|undefined|Undefined|TODO|XXX|\bnull\b|<[a-z]")
ASKS = {
    "zh": re.compile("请|无需|可于|可在|可重新|须退回|尚有"),
    "en": re.compile(
        r"^(Please|Nothing|Complete|Mend|Act|Prepare|Make|Sign|See|Keep|Go on|Put|Add|Report|Hand|Ask|Pay|Accept|Revise|Submit|"
        r"Say|State|Fill|Check|If|You may|You need not|Finish|Object|Co-operate|Prepare|Answer|Send|Report|The window|The last day|"
        r"Name |Your tasks|This is|The agreement holds|The format check goes on|Expert review|\d)|is still owed|is to be paid back|No money|nothing|please"
    ),
}
ALLOWED = {"Asia", "Shanghai", "UTC", "Europe", "Berlin", "SHA", "PDF", "AI", "GB", "Gbps", "XML", "CSV", "OFD"}


class Seen(NamedTuple):
    """A notice as it is read: its subject, the two lines that lead and the whole of each part."""

    notice: Told
    subject: str
    text: str
    lead: dict[str, list[str]]
    part: dict[str, str]

    def __str__(self) -> str:
        return f"{self.notice.planned.template} to {self.notice.planned.audience}"


@cache
def every(call: str) -> tuple[Seen, ...]:
    """One notice of each plan and shape of its event."""
    found = {(t.planned, t.event.type, shape(t)): t for t in told(call)}
    return tuple(map(seen, found.values()))


def seen(notice: Told) -> Seen:
    message, text, *_ = read(notice.render())
    chinese, english = text.split("\n—— English ——\n")
    part = {"zh": chinese, "en": english.split("\n————\n")[0]}
    lead = {"zh": chinese.split("\n\n")[0].split("\n"), "en": english.split("\n\n")[0].split("\n")[1:]}
    return Seen(notice, str(message["Subject"]), text, lead, part)


def texts(value: Any) -> Iterator[str]:
    """Every text in a value: what people typed, names, codes."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, one in value.items():
            yield str(name)
            yield from texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts(one)


def own(text: str, notice: Told, language: str) -> str:
    """A part without what is quoted: names, numbers, what people typed, clauses, links, codes of fields."""
    about, call, data = shown(notice.application), notice.call, notice.event.data
    rules = [r for name in ("refusals", "findings") for r in data.get(name, ()) if isinstance(r, Mapping)]
    other = ("zh", "remedy_zh") if language == "en" else ("en", "remedy_en")
    said = {t for r in rules for k, t in r.items() if k not in other and isinstance(t, str)}
    quoted = {
        *texts(data),
        *texts(about),
        PEOPLE.name,
        call.id,
        call.short_zh,
        call.timezone,
        call.contact_zh,
        call.contact_en,
    }
    text = re.sub(r"https?://\S+|[0-9a-f]{64}|\[[^\]]*\]|〔[^〕]*〕|（[a-z_]+）", "", text)
    for piece in sorted(filter(None, quoted - said), key=len, reverse=True):
        text = text.replace(piece, "")
    return text


@pytest.mark.parametrize("call", CALLS)
def test_a_notice_leaves_nothing_unfilled(call: str) -> None:
    assert [(str(s), found) for s in every(call) if (found := UNFILLED.findall(f"{s.subject}\n{s.text}"))] == []


@pytest.mark.parametrize("call", CALLS)
def test_the_two_first_lines_say_what_happened_and_what_to_do(call: str) -> None:
    wrong = [
        (str(s), code, lead)
        for s in every(call)
        for code, lead in s.lead.items()
        if len(lead) != 2 or not ASKS[code].search(lead[1]) or max(map(len, lead)) > 300
    ]
    assert wrong == []


@pytest.mark.parametrize("call", CALLS)
def test_the_chinese_part_is_chinese_and_the_english_one_english(call: str) -> None:
    wrong = []
    for s in every(call):
        chinese = [
            line for line in s.part["zh"].splitlines() if not line.startswith(("依据：", "项目：", "支持方向："))
        ]
        english = [line for line in s.part["en"].splitlines() if not line.startswith(("Project:", "Topic:"))]
        latin = set(LATIN.findall(own("\n".join(chinese), s.notice, "zh"))) - ALLOWED
        if latin or (found := CHINESE.findall(own("\n".join(english), s.notice, "en"))):
            wrong.append((str(s), latin or found))
    assert wrong == []


@pytest.mark.parametrize("call", CALLS)
def test_what_there_is_one_of_is_not_told_as_several(call: str) -> None:
    several = re.compile(r"left }} are|\b1 (?:working )?(?:day|hour|month|application|notice|event)s\b")
    assert [(str(s), found) for s in every(call) if (found := several.findall(s.part["en"]))] == []
    assert [p.name for p in letter.FOLDER.glob("*.j2") if several.search(p.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("call", CALLS)
def test_what_is_due_is_the_deadline_that_is_armed_in_the_lead_and_in_the_subject(call: str) -> None:
    wrong, due_ones = [], 0
    for s in every(call):
        notice = s.notice
        assert (notice.application.number or notice.application.id) in s.subject
        dates = kept(notice.planned, notice.event, shown(notice.application))
        if not dates:
            continue
        name, due = next(iter(dates.items()))
        zh, en = Language(notice.call, "zh"), Language(notice.call, "en")
        told_of = zh.when(due) in s.lead["zh"][1] and en.when(due) in s.lead["en"][1]
        told_of = told_of or notice.planned.template in (
            "execution_started",
            "remind_execution_end",
        )  # days stand there
        in_subject = f"{zh.short(due)} {notice.call.timezone_zh}前）" in s.subject
        due_ones += 1
        if (due, told_of, in_subject) != (notice.application.deadlines[name], True, True):
            wrong.append((str(s), s.lead, s.subject))
    assert (wrong, due_ones > 30) == ([], True)


@pytest.mark.parametrize("call", CALLS)
def test_every_clock_time_in_the_lead_is_one_that_is_armed_or_told_by_the_event(call: str) -> None:
    wrong = []
    for s in every(call):
        notice = s.notice
        told_at = [instant_of(t) for t in texts(notice.event.data) if re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", t)]
        known = [*notice.application.deadlines.values(), *told_at, notice.call.closes_at, notice.event.effective_at]
        for code, lead in s.lead.items():
            words = Language(notice.call, code)
            if set(CLOCK[code].findall("\n".join(lead))) - {words.when(at) for at in known}:
                wrong.append((str(s), lead))
    assert wrong == []


def named_clauses(value: Any) -> Iterator[str]:
    """Every clause that an event names, however deep."""
    if isinstance(value, Mapping):
        yield from (one for name, one in value.items() if name == "clause" and one)
    for one in value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ():
        yield from named_clauses(one)


# How a mail names a clause: before a point of a list, on a line of its own, in the words of an erratum.
CLAUSE_ZH, CLAUSE_EN = ("【{}】", "\n依据：{}\n", "涉及：{}。"), ("[{}] ", "\nClause: {}\n", "at: {}.\n")
CLAUSE_IN_CHINESE = re.compile(r"^(?:\d+\.|-) \[[^\]]*[\u3400-\u9fff]|(?:^Clause|, at): .*[\u3400-\u9fff]")


def test_every_mail_names_clauses_in_chinese_as_they_are_and_in_english_as_the_call_does() -> None:
    """What people are called and what they typed as a reason stays as it is in both."""
    wrong, telling = [], set()
    for sample in samples.samples():
        call = load(sample.call_id)
        found = letter_of(call, sample, {"sender": "a@fund.example", "public_url": "https://fund.example"}).content
        chinese, english = found.text.split("\n—— English ——\n")
        wrong += [(sample.planned.template, line) for line in english.splitlines() if CLAUSE_IN_CHINESE.search(line)]
        for clause in set(named_clauses(sample.event.data)):
            told = in_english(clause, call.clauses_en)
            here = [mark.format(clause) in chinese for mark in CLAUSE_ZH]
            if here != [mark.format(told) in english for mark in CLAUSE_EN] or (any(here) and told not in found.html):
                wrong.append((sample.planned.template, clause))
            telling |= {sample.planned.template} if any(here) else set()
    assert (wrong, telling) == ([], {
        "acceptance_materials", "agreement_returned", "attempt_refused", "correction_notice", "credit_entered", "erratum",
        "rectification", "rejected", "submission_receipt", "topic_reassigned",
    })  # fmt: skip


def test_no_template_names_a_clause_in_english_as_it_stands_in_the_event() -> None:
    """Also where the samples hold none but clauses with a number alone, as of a topic that changed."""
    sources = {path.stem: path.read_text(encoding="utf-8") for path in letter.FOLDER.glob("*.j2")}
    told = {name: letter.sections(text) for name, text in sources.items() if not name.startswith("layout")}
    english = {name: "".join(re.findall(r"\.clause\b[^}]*", held["en"])) for name, held in told.items()}
    assert {name: one for name, one in english.items() if one.replace(".clause|clause ", "")} == {}


def test_the_samples_that_ship_are_the_notices_of_the_stories() -> None:
    """After a change of events or stories: python -m tests.notifications.samples"""
    assert samples.FILE.read_bytes() == written()
    shipped = {path.stem for path in letter.FOLDER.glob("*.j2") if not path.stem.startswith("layout")}
    shipped -= {"audit_daily"}  # it tells of the ledger, not of an event: tests/audit/test_audit_mail.py reads it
    assert {one.planned.template for one in samples.samples()} == shipped

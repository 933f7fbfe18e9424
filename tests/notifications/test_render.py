"""Every notice that follows from an event, as bytes: readable, in both languages, always the same, and saying no more
than it should.
"""

import hashlib
import re
from dataclasses import replace
from datetime import date, timedelta
from email import policy
from email.generator import BytesGenerator
from io import BytesIO
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import UndefinedError

from fundcall.calls.load import load
from notifications.letter import Parts, compiled, environment, shipped, source_of, worded
from notifications.render import Recipient
from notifications.rules import Planned
from notifications.words import Language
from states.application import Request
from states.calendar import midnight
from states.clauses import in_english
from tests.drive import EXPERTS, beijing, world
from tests.filings import SHANGHAI
from tests.notifications.reading import Read, read
from tests.notifications.stories import CALLS, PEOPLE, ROOT, Told, notices, told

CHINESE = re.compile(r"[\u4e00-\u9fff]")
HOSTILE = [
    "{{7*7}}", "{% for x in range(9) %}", "${7*7}", "a\r\nBcc: victim@x.example", "a\nBcc: victim@x.example",
    "a\u2028b", "a\u2029b", "a\x85b", "a\x0bb", "a\x0cb", "a\x00b", "a\x1bb", "a\u202eb", "a\ufeffb", "\ud800",
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "=?utf-8?q?spoof?=", "--=_boundary", "\r\n.\r\n", "𠮷" * 40,
]  # fmt: skip


def every(call: str) -> list[Any]:
    """One notice of each plan, with an id that names it."""
    found = {(one.planned, one.event.type): one for one in told(call)}
    return [pytest.param(one, id=f"{one.planned.template}-{one.planned.audience}") for one in found.values()]


EVERY = [case for call in CALLS for case in every(call)]


def one(template: str, call: str = CALLS[0], audience: str = "") -> Told:
    """A notice by that template."""
    return next(t for t in told(call) if t.planned.template == template and audience in ("", t.planned.audience))


def text(template: str, call: str = CALLS[0]) -> str:
    return read(one(template, call).render()).text


def with_form(told: Told, **form: Any) -> Told:
    return told._replace(application=replace(told.application, form={**told.application.form, **form}))


# --- every notice -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("notice", EVERY)
def test_a_notice_is_a_sound_message_in_both_languages(notice: Told) -> None:
    rendered = notice.render()
    message, text, html, *_ = read(rendered)
    chinese, english = text.split("\n—— English ——\n")
    lead = chinese.split("\n\n")[0].split("\n")
    assert len(lead) == 2
    assert all(CHINESE.search(line) for line in lead)
    subject_en, *lead_en = english.split("\n\n")[0].split("\n")
    assert len(lead_en) == 2
    assert subject_en
    assert message["Subject"] == rendered.subject
    assert rendered.subject.startswith(f"【{notice.call.short_zh}】")
    assert (message["To"], message["From"].addresses[0].addr_spec) == (
        "张乌有 <zhang@zixu.example>",
        "notices@fund.example",
    )
    assert (message["Message-ID"], message["Auto-Submitted"]) == (rendered.message_id, "auto-generated")
    assert message["Date"].datetime == notice.event.recorded_at.replace(microsecond=0)
    assert html.startswith("<!DOCTYPE html>")
    for line in (*lead, *lead_en):
        assert line in html.replace("&#34;", '"').replace("&#39;", "'").replace("&amp;", "&")


@pytest.mark.parametrize("notice", EVERY)
def test_a_notice_says_when_under_what_whom_to_ask_where_to_look_and_on_what_it_rests(notice: Told) -> None:
    text = read(notice.render()).text
    call = notice.call
    own = {
        "objector": f"public/calls/{call.id}/notice",
        **dict.fromkeys(("experts", "actor", "replacement"), f"reviews/{notice.application.id}"),
        **dict.fromkeys(("invited", "replaced"), "reviews"),
    }
    link = f"https://fund.example/{own.get(notice.planned.audience, f'applications/{notice.application.id}')}"
    assert re.search(
        rf"^时间：\d{{4}}-\d\d-\d\d（星期.） \S+ {call.timezone_zh} \({call.timezone}, UTC[+]0\d00\)$",
        text,
        re.MULTILINE,
    )
    assert re.search(rf"^依据：.*{re.escape(call.legal_basis[0])}", text, re.MULTILINE)
    assert f"\n咨询：{call.authority_zh}，{call.contact_zh}\n" in text
    assert f"\nQuestions: {call.authority_en}, {call.contact_en}\n" in text
    assert f"\n查看：{link}\n" in text
    assert f"\nSee: {link}\n" in text
    assert text.rstrip().endswith(
        f"{notice.planned.ref} · 台账位置 / ledger position {notice.event.position} · 叶摘要 / leaf {notice.leaf.hex()}\n"
        f"检查点 / checkpoint: {notice.event.position} 事件 / events · 根 / root {ROOT.hex()}"
    )


@pytest.mark.parametrize("notice", EVERY)
def test_a_notice_names_no_expert_and_no_objector(notice: Told) -> None:
    """The experts' accounts, their employers and the objector's commitment are in the event; never in the mail."""
    shown = b"".join(str(part).encode() for part in read(notice.render())[:4])
    secrets = [name for expert in EXPERTS for name in (expert.id, expert.unit)]
    secrets += [objection.objector for objection in notice.application.objections]
    assert [secret for secret in secrets if secret.encode() in shown] == []


@pytest.mark.parametrize("notice", EVERY)
def test_a_notice_sets_no_date_that_the_call_does_not_know(notice: Told) -> None:
    text = read(notice.render()).text
    assert ("另行通知的期限" in text, "a day that we will tell you" in text) == (False, False)


@pytest.mark.parametrize("notice", EVERY)
def test_every_line_of_a_message_ends_with_crlf_and_is_short_ascii(notice: Told) -> None:
    body = notice.render().body
    lines = body.split(b"\r\n")
    assert body.isascii()
    assert [line for line in lines if b"\r" in line or b"\n" in line] == []
    assert max(map(len, lines)) <= 100
    assert body.endswith(b"--\r\n")


@pytest.mark.parametrize("call", CALLS)
def test_the_same_event_gives_the_same_bytes_with_templates_read_anew(call: str) -> None:
    before = [hashlib.sha256(notice.render().body).hexdigest() for notice in told(call)]
    shipped.cache_clear()
    compiled.cache_clear()
    assert [hashlib.sha256(notice.render().body).hexdigest() for notice in told(call)] == before


@pytest.mark.parametrize("call", CALLS)
def test_every_notice_has_an_id_of_its_own(call: str) -> None:
    w = world(call)
    w.rejected()
    w.returned()
    ids = [notice.render(who).message_id for notice in notices(w) for who in (PEOPLE, replace(PEOPLE, id="sha256:cd"))]
    assert len(set(ids)) == len(ids) > 8


def test_a_notice_of_the_invented_call_says_nothing_of_shanghai() -> None:
    for notice in told(CALLS[1]):
        said = str(read(notice.render()))
        assert [word for word in ("上海", "Shanghai", "北京", "2027-12-31", "00 元", "SHAI") if word in said] == []


# --- what they say ----------------------------------------------------------------------------------------------------


def test_the_receipt_has_the_number_the_instant_and_the_digest_of_each_document() -> None:
    notice = one("submission_receipt")
    said = read(notice.render()).text
    assert f"【2025“人工智能+”】申报成功回执（受理编号 {notice.application.number}）" == notice.render().subject
    assert said.startswith(f"贵单位的申报已成功提交，受理编号 {notice.application.number}。\n")
    assert [document.sha256 in said for document in notice.application.documents] == [True] * len(
        notice.application.documents
    )
    assert "四(二)1“网上申报受理时间为2025年9月3日10:00至2025年9月22日16:00。”" in said


def test_money_has_separators_and_the_currency_of_the_call() -> None:
    assert "支持金额 5,000,000.00 元" in text("approved")
    assert "a grant of 15,000.00 euros" in text("approved", CALLS[1])


def test_a_deadline_at_midnight_is_told_as_the_end_of_the_day_before() -> None:
    words = Language(load(CALLS[0]), "zh")
    assert words.when(beijing("2025-09-29T00:00")) == "2025-09-28（星期日） 24:00 北京时间 (Asia/Shanghai)"
    assert words.when(beijing("2025-09-22T16:00")) == "2025-09-22（星期一） 16:00 北京时间 (Asia/Shanghai)"
    assert words.short(beijing("2025-09-29T00:00")) == "2025-09-28 24:00"
    english = Language(load(CALLS[0]), "en")
    assert english.when(beijing("2025-09-22T16:00")) == "2025-09-22 (Monday) 16:00 (Asia/Shanghai)"


def test_what_is_left_at_a_reminder_is_said_in_words() -> None:
    zh, en = (Language(load(CALLS[0]), code) for code in ("zh", "en"))
    assert [zh.left(f"submit~{text}") for text in ("24h", "7d", "2wd", "3m")] == ["24小时", "7天", "2个工作日", "3个月"]
    assert [en.left(f"submit~{text}") for text in ("24h", "1d", "1wd")] == ["24 hours", "1 day", "1 working day"]


def test_amounts_of_other_currencies_keep_their_digits() -> None:
    call = load(CALLS[0])
    yen, dinar = (Language(replace(call, currency=code), "en") for code in ("JPY", "KWD"))
    assert (yen.money(1234567), dinar.money(1234567)) == ("1,234,567 JPY", "1,234.567 KWD")
    assert Language(call, "en").money(-5) == "-0.05 yuan"


def test_a_correction_lists_each_item_with_its_clause_and_remedy() -> None:
    said = text("correction_notice")
    assert "1. 【四(二)1】项目名称：请更正" in said
    assert "1. [§ 4(2)1] project title: 请更正" in said


def test_words_kept_from_before_clauses_had_english_names_are_written_again_as_they_were() -> None:
    """Replay writes an older notice with the words of then, which stand beside it."""
    plain = compiled(worded(source_of("correction_notice").replace("|clause", "")).body)
    notice = one("correction_notice")
    now, then = read(notice.render()).text, read(notice.render(wording=plain)).text
    assert then == now.replace("[§ 4(2)1]", "[四(二)1]") != now


def test_an_invitation_to_review_says_number_and_topic_and_nothing_of_the_unit() -> None:
    notice = one("expert_invitation")
    said = str(read(notice.render()))
    assert (notice.application.number in said, notice.application.title in said, notice.application.unit_name in said) == (
        True, False, False,
    )  # fmt: skip


def test_the_unit_learns_of_an_objection_but_not_what_it_says() -> None:
    notice = one("objection_filed", audience="unit")
    assert notice.application.objections[0].grounds
    assert notice.application.objections[0].grounds not in str(read(notice.render()))


def test_a_refused_attempt_names_every_reason_with_its_clause_and_cure() -> None:
    notice = one("attempt_refused")
    said = read(notice.render()).text
    for reason in notice.event.data["refusals"]:
        assert f"【{reason['clause']}】{reason['zh']}" in said
        assert f"[{in_english(reason['clause'], notice.call.clauses_en)}] {reason['en']}" in said


def test_a_refused_attempt_ends_each_sentence_once() -> None:
    assert "。。" not in text("attempt_refused")
    assert ".." not in text("attempt_refused")


def test_who_has_filed_already_is_not_asked_to_file_again_nor_offered_officers_commands() -> None:
    place = world(CALLS[0])
    application = place.submitted()
    place.ask("SubmitApplication", place.unit(application), application)
    (*_, notice) = notices(place)
    (refusal,) = notice.event.data["refusals"]
    assert (refusal["code"], refusal["remedy_en"]) == (
        "not_allowed_in_state",
        "See where it stands now; possible for you: Withdraw, Confirm contacts.",
    )
    said = read(notice.render()).text
    assert ("再次提交" in said, "submit again" in said) == (False, False)
    assert "The application needs no submission now and cannot be submitted" in said


def test_a_statutory_notice_says_that_the_inbox_counts_and_a_reminder_that_it_does_not() -> None:
    assert "以平台收件箱中的本通知为准，本邮件为其副本。" in text("approved")
    assert "无论是否收到提醒，期限都不变" in text("remind_submit")


def end_told(end_on: date, days: int, extensions: int = 0) -> str:
    """What the reminder of the end says of an extension, so many days before the last day."""
    told = one("remind_execution_end", audience="unit")
    requests = (Request("extension", "延期", status="granted", end_on=end_on),) * extensions
    application = replace(told.application, end_on=end_on, requests=requests)
    at = midnight(end_on, told.call.timezone) - timedelta(days=days)
    said = read(told._replace(application=application, event=told.event._replace(effective_at=at)).render()).text
    return said.split("\n\n")[1]


def test_the_reminder_of_the_end_says_whether_and_by_when_an_extension_can_be_asked_for() -> None:
    summer, last = date(2027, 6, 30), date(2027, 12, 31)
    in_time = "确需延期的，请于 2027-03-29（星期一） 24:00 北京时间 (Asia/Shanghai) 前申请；最迟只能延至 2027-12-31（星期五）。"
    late = (
        "按时申请延期的期限（2027-03-29（星期一） 24:00 北京时间 (Asia/Shanghai)）已过；"
        "确需延期的，请立即申请并说明迟延的理由，最迟只能延至 2027-12-31（星期五）。"
    )
    assert [end_told(summer, days) for days in (180, 93, 92, 1)] == [in_time, in_time, late, late]
    assert end_told(last, 180) == "执行期已定在最后期限，不能再延期。"
    assert end_told(summer, 180, extensions=1) == "本项目的延期次数已用完，不能再延期。"


def test_a_report_is_named_by_its_half_year_and_an_objection_says_by_when_it_is_answered() -> None:
    assert text("report_late").startswith("2026年上半年进展报告已逾期。\n")
    assert "目前无需办理；我们将于 2025-10-16（星期四） 24:00 北京时间 (Asia/Shanghai) 前核查并书面答复。" in text(
        "objection_filed"
    )


@pytest.mark.parametrize("template", ["terminated", "revoked", "closed_failed", "review_dismissed"])
@pytest.mark.parametrize("call", CALLS)
def test_a_final_decision_against_the_unit_says_what_can_be_done_about_it(template: str, call: str) -> None:
    assert "\n不服本决定的，可依法申请行政复议或者提起行政诉讼。\n" in text(template, call)


# --- calendars --------------------------------------------------------------------------------------------------------


def calendar(notice: Told) -> list[str]:
    return read(notice.render()).calendar.split("\n")


def cancelled(notice: Told) -> list[str]:
    """The ids of the dates that a notice takes back."""
    text = read(notice.render()).cancelled.replace("\n ", "")
    lines = text.split("\n")
    assert lines.count("STATUS:CANCELLED") == lines.count("BEGIN:VEVENT")
    return [line.removeprefix("UID:") for line in lines if line.startswith("UID:")]


def sequence(text: str) -> int:
    """As which version a calendar file tells its dates."""
    (found,) = {int(line.removeprefix("SEQUENCE:")) for line in text.split("\n") if line.startswith("SEQUENCE:")}
    return found


def test_a_date_that_was_met_is_taken_back_under_the_same_id_and_a_higher_sequence() -> None:
    for asked, met, name in (
        ("draft_created", "submission_receipt", "submit"),
        ("correction_notice", "correction_received", "correction"),
    ):
        receipt = one(met, audience="unit")
        first = next(
            t for t in told(CALLS[0]) if t.planned.template == asked and t.application.id == receipt.application.id
        )
        uid = f"{receipt.application.id}.{name}@fund.example"
        assert f"UID:{uid}" in calendar(first)
        assert cancelled(receipt) == [uid]
        assert sequence(read(receipt.render()).cancelled) > sequence(read(first.render()).calendar)


def test_a_date_that_moves_keeps_its_id_and_comes_with_a_higher_sequence() -> None:
    moved = one("correction_extended")
    first = next(
        t
        for t in told(CALLS[0])
        if t.planned.template == "correction_notice" and t.application.id == moved.application.id
    )
    assert [line for line in calendar(moved) if line.startswith("UID")] == [
        line for line in calendar(first) if line.startswith("UID")
    ]
    assert sequence(read(moved.render()).calendar) > sequence(read(first.render()).calendar)
    assert cancelled(moved) == []


def test_all_dates_of_an_application_are_taken_back_when_it_is_withdrawn_or_revoked() -> None:
    assert cancelled(one("withdrawn", audience="unit")) == [
        f"{one('withdrawn', audience='unit').application.id}.submit@fund.example"
    ]
    names = [uid.partition("@")[0].partition(".")[2] for uid in cancelled(one("revoked"))]
    assert names == ["contacts", "execution_end", "hearing", "report%3A2026H1", "report%3A2026H2", "report%3A2027H1"]


def test_a_date_that_has_passed_is_not_taken_back() -> None:
    assert cancelled(one("draft_lapsed")) == []


def test_an_expert_gets_the_dates_of_the_review_and_has_them_taken_back() -> None:
    invited = one("expert_invitation", audience="experts")
    uids = [line for line in calendar(invited) if line.startswith("UID:")]
    assert uids == [f"UID:{invited.application.id}.{name}@fund.example" for name in ("invitation", "score")]
    released = one("expert_released")
    assert cancelled(released) == [f"{released.application.id}.{name}@fund.example" for name in ("invitation", "score")]


def test_a_date_that_the_unit_must_keep_comes_as_a_calendar_file() -> None:
    notice = one("correction_notice")
    lines = calendar(notice)
    due = notice.application.deadlines["correction"]
    assert [line for line in lines if line.startswith(("BEGIN:VE", "DTSTART", "UID", "SEQUENCE"))] == [
        "BEGIN:VEVENT",
        f"UID:{notice.application.id}.correction@fund.example",
        f"SEQUENCE:{notice.event.version}",
        f"DTSTART:{due:%Y%m%dT%H%M%SZ}",
    ]
    assert (lines[0], lines[-2:]) == ("BEGIN:VCALENDAR", ["END:VCALENDAR", ""])


def test_every_report_of_the_execution_period_stands_in_its_calendar() -> None:
    notice = one("execution_started")
    names = {n for n in notice.event.data["arms"] if "~" not in n}
    assert sum(line == "BEGIN:VEVENT" for line in calendar(notice)) == len(names) > 2


def test_what_only_the_office_must_keep_comes_without_a_calendar() -> None:
    assert "format_check" in one("submission_receipt").event.data["arms"]
    assert calendar(one("submission_receipt")) == [""]
    assert calendar(one("agreement_in_force", audience="officers")) == [""]


@pytest.mark.parametrize("notice", EVERY)
def test_a_calendar_has_no_line_of_more_than_75_octets(notice: Told) -> None:
    assert [line for line in calendar(notice) if len(line.encode()) > 75] == []


# --- hostile input ----------------------------------------------------------------------------------------------------


def sound(read_back: Read) -> None:
    """No header beside ours, no second recipient, nothing evaluated, no live markup."""
    message, text, html, *_ = read_back
    assert sorted(set(message.keys())) == sorted(
        {
            "From",
            "To",
            "Subject",
            "Date",
            "Message-ID",
            "Auto-Submitted",
            "X-Fundcall-Notice",
            "MIME-Version",
            "Content-Type",
        }
    )
    assert len(message["To"].addresses) == 1
    assert [mark for mark in ("<script", "<img") if mark in html] == []
    assert [mark for mark in ("\x00", "\x1b", "\u2028", "\u202e") if mark in html + text] == []


@pytest.mark.parametrize("evil", HOSTILE)
def test_a_hostile_title_unit_or_name_stays_a_word_among_words(evil: str) -> None:
    notice = with_form(one("public_notice"), title=evil)
    notice = notice._replace(application=replace(notice.application, unit_name=evil))
    rendered = notice.render(replace(PEOPLE, name=evil))
    found = read(rendered)
    sound(found)
    assert ("49" in found.text.split("——")[0], "victim" in str(found.message["To"].addresses[0].addr_spec)) == (
        False,
        False,
    )
    assert len(found.text.split("\n\n")[0].split("\n")) == 2


@pytest.mark.parametrize("evil", HOSTILE)
def test_a_hostile_reason_cannot_pose_as_a_line_of_ours(evil: str) -> None:
    notice = one("topic_reassigned")
    lines = len(read(notice.render()).text.split("\n"))
    evilly = notice._replace(event=notice.event._replace(data={**notice.event.data, "reason": f"x{evil}\n\n依据：假"}))
    found = read(evilly.render())
    sound(found)
    assert len(found.text.split("\n")) == lines


@settings(max_examples=150)
@given(st.text(max_size=200), st.text(max_size=200))
def test_any_title_and_name_give_a_sound_message(title: str, name: str) -> None:
    notice = with_form(one("approved"), title=title)
    found = read(notice.render(replace(PEOPLE, name=name)))
    assert [address.addr_spec for address in found.message["To"].addresses] == [PEOPLE.email]
    assert [address.addr_spec for address in found.message["From"].addresses] == ["notices@fund.example"]


@pytest.mark.parametrize("email", ["a@x.example, v@x.example", "a@x.example\r\nBcc: v@x.example", "", "<a@x.example>"])
def test_an_address_of_more_than_one_mailbox_is_an_address_of_none(email: str) -> None:
    found = read(one("approved").render(replace(PEOPLE, email=email)))
    assert (str(found.message["To"]), found.message["Bcc"]) == ("undisclosed-recipients:;", None)


def test_a_link_has_nothing_of_the_id_that_could_leave_its_path() -> None:
    notice = one("approved")
    notice = notice._replace(application=replace(notice.application, id="../x?y#z\"'"))
    assert "https://fund.example/applications/..%2Fx%3Fy%23z%22%27\n" in read(notice.render()).text


# --- templates --------------------------------------------------------------------------------------------------------


def test_a_name_that_a_template_does_not_have_is_an_error() -> None:
    source = environment().from_string("{{ d.nothing }}")
    with pytest.raises(UndefinedError):
        source.render({"d": {}})


@pytest.mark.parametrize("escape", ["''.__class__", "d.update({'x': 1})", "call.__init__.__globals__", "a.clear()"])
def test_a_template_cannot_leave_the_sandbox(escape: str) -> None:
    source = environment().from_string(f"{{{{ {escape} }}}}")
    with pytest.raises(Exception, match=r"unsafe|not safely|undefined"):
        source.render({"d": {}, "a": {}, "call": load(SHANGHAI.call)})


def test_a_template_knows_no_expert_whatever_it_asks_for() -> None:
    notice = one("review_started")
    assert notice.event.data["experts"]
    asking = environment().from_string("{{ d.experts }}")
    nosy = replace(shipped("review_started"), parts=Parts(*([asking] * 4)))
    with pytest.raises(UndefinedError):
        notice.render(wording=nosy)


# --- against the standard library -------------------------------------------------------------------------------------


def test_the_bytes_say_what_the_standard_library_would_write() -> None:
    """Written anew by the library from what its parser read, the message reads the same."""
    for notice in told(CALLS[0])[:20]:
        rendered = notice.render()
        first = read(rendered)
        out = BytesIO()
        BytesGenerator(out, policy=policy.SMTP).flatten(first.message)
        again = read(replace(rendered, body=out.getvalue()))
        assert (again.text, again.html, again.calendar) == (first.text, first.html, first.calendar)
        assert [(k, str(v)) for k, v in again.message.items()] == [(k, str(v)) for k, v in first.message.items()]


def test_a_message_is_made_in_far_less_than_the_library_takes() -> None:
    """EmailMessage alone takes 2.5 ms for text and HTML; a slow machine and a busy one are allowed for."""
    notice = one("submission_receipt")
    notice.render()
    began = process_time()
    for _ in range(100):
        notice.render()
    assert (process_time() - began) / 100 < 0.002


def test_recipients_of_one_event_get_mails_of_their_own() -> None:
    notice = one("approved")
    others = [Recipient(f"sha256:{n}", "李子虚", f"li{n}@zixu.example") for n in range(3)]
    bodies = {notice.render(other).body for other in others}
    assert len(bodies) == 3
    assert Planned("approved", "N25", "unit", "statutory") == notice.planned

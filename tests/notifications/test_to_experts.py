"""The mails that an expert gets about one review: each is told from the others by its first words, in both languages."""

import pytest

from fundcall.calls.load import load
from notifications.render import Letter
from notifications.samples import Sample, of_template, samples
from notifications.trial import letter_of
from notifications.view import EXPERTS

CALL = load("shanghai-ai-plus-2025")
FIELDS = {"sender": "call@example.org", "public_url": "https://fund.example"}
OURS = [one for one in samples() if one.planned.audience in EXPERTS and one.call_id == CALL.id]


def letters(template: str, audience: str) -> list[Letter]:
    return [letter_of(CALL, one, FIELDS) for one in OURS if _is(one, template, audience)]


def _is(one: Sample, template: str, audience: str) -> bool:
    return (one.planned.template, one.planned.audience) == (template, audience)


def opening(subject: str) -> str:
    """A subject without the call before it and the case behind it."""
    return subject.removeprefix(f"【{CALL.short_zh}】").partition("（受理编号")[0].partition(" (SHAI2025-")[0]


def test_the_subject_says_what_happened_and_what_to_do() -> None:
    told = {}
    for one in OURS:
        letter = letter_of(CALL, one, FIELDS)
        told[one.planned.template, one.planned.audience] = opening(letter.subject), opening(letter.subject_en)
    assert told == {
        ("expert_invitation", "experts"): (
            "评审邀请函：请答复是否接受",
            "Invitation to review: please accept or decline",
        ),
        ("expert_invitation", "replacement"): (
            "评审邀请函：请答复是否接受（接替其他专家）",
            "Invitation to review: please accept or decline (in another expert's place)",
        ),
        ("remind_invitation", "invited"): (
            "提醒：评审邀请待您答复，还有1个工作日",
            "Reminder: your answer to the invitation to review is due in 1 working day",
        ),
        ("invitation_late", "invited"): (
            "逾期：评审邀请未获您答复，请立即答复",
            "Overdue: your answer to the invitation to review",
        ),
        ("remind_score", "experts"): (
            "提醒：评分即将到期，还有2个工作日",
            "Reminder: your score is due in 2 working days",
        ),
        ("score_late", "experts"): ("逾期：您的评分未提交，请立即提交", "Overdue: your score"),
        ("score_receipt", "actor"): (
            "回执：已收到您的评审意见，无需再办",
            "Receipt: your score has arrived, nothing more is to be done",
        ),
        ("score_reopened", "replaced"): (
            "退回：评审意见须修改后再次提交",
            "Returned: revise your score and submit it again",
        ),
        ("expert_released", "replaced"): (
            "取消：您不再评审该项目，无需办理",
            "Cancelled: you no longer review this project, nothing is to be done",
        ),
        ("deadlines_moved", "experts"): (
            "工作日历调整，您的期限顺延",
            "The working calendar changed: your deadlines are later",
        ),
    }


@pytest.mark.parametrize(
    ("call_id", "zh", "en"),
    [
        (
            "shanghai-ai-plus-2025",
            "本次为匿名评审：您看不到申报单位的名称和可能显示它的材料，这不表示缺件。",
            "Review is blind: you see neither the name of the unit that applies nor papers that may show it; none is missing for that.",
        ),
        ("community-climate-2026", "本次评审不匿名：您可看到申报单位的名称。", "Review is not blind: you see which unit applies."),
    ],
)  # fmt: skip
def test_an_invitation_says_whether_review_is_blind_and_what_silence_means(call_id: str, zh: str, en: str) -> None:
    sample, *_ = of_template("expert_invitation", call_id)
    chinese, _, english = letter_of(load(call_id), sample, FIELDS).content.text.partition("—— English ——\n")
    assert (chinese.split("\n\n")[1].split("\n"), english.split("\n\n")[1].split("\n")) == (
        [
            zh,
            "逾期未答复，不视为接受，也不视为谢绝：工作人员可另请专家接替您；在此之前您仍可答复。",
            "与申报单位存在利害关系的，请申请回避。",
        ],
        [
            en,
            "If you do not answer in time, that is taken neither as a yes nor as a no: the office may ask another expert in your place, and until it does you can still answer.",
            "If you are tied to the unit that applies, ask to be excused.",
        ],
    )


def test_no_two_of_them_begin_with_the_same_two_lines() -> None:
    zh = {one.planned.template: lead(letter_of(CALL, one, FIELDS).content.text) for one in OURS}
    en = {
        one.planned.template: lead(letter_of(CALL, one, FIELDS).content.text.partition("—— English ——\n")[2])
        for one in OURS
    }
    templates = {one.planned.template for one in OURS}
    assert (len(set(zh.values())), len(set(en.values()))) == (len(templates), len(templates))


def lead(text: str) -> str:
    return text.partition("\n\n")[0]


def test_a_moved_deadline_is_told_to_experts_once_and_not_for_each_of_them() -> None:
    (letter,) = letters("deadlines_moved", "experts")
    items = [
        line.partition("：")[0]
        for line in letter.content.text.partition("—— English")[0].split("\n")
        if line[:1] == "·"
    ]
    assert items == ["· 专家答复邀请", "· 专家评分"]

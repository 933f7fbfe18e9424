"""What lists call the outcomes and flags of applications, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping

from states.labels import Pair

OUTCOMES: Mapping[str, Pair] = {
    "accepted": ("验收通过", "accepted"),
    "concluded": ("结题", "concluded"),
    "failed": ("验收不通过", "failed"),
    "waived": ("放弃立项", "award given up"),
    "for_cause": ("因故终止", "ended for cause"),
    "revoked": ("已撤销", "revoked"),
}
FLAGS: Mapping[str, Pair] = {
    "format_check_late": ("形式审查超期", "format check late"),
    "score_late": ("评分逾期", "score late"),
    "decision_late": ("决定超期", "decision late"),
    "milestone_late": ("里程碑逾期", "milestone late"),
    "objection_late": ("异议处理超期", "objection late"),
    "review_decision_late": ("复核超期", "review late"),
    "first_payment_late": ("首期拨付超期", "first payment late"),
    "acceptance_decision_late": ("验收结论超期", "acceptance decision late"),
    "acceptance_overdue": ("逾期未验收", "acceptance overdue"),
    "report_late": ("进展报告逾期", "report late"),
    "suspended": ("已暂停", "suspended"),
    "execution_ended": ("执行期满", "term ended"),
    "completed": ("已完成", "completed"),
    "defended": ("已陈述申辩", "case stated"),
    "recovered": ("资金已追回", "money recovered"),
    "archived": ("已归档", "archived"),
}


def remark(words: Mapping[str, Pair], name: str) -> Pair:
    """What a stored name is called; the name itself where nobody has named it."""
    return words.get(name, (name, name))

"""What clauses are called in English: those of a notice by their numbers, our own rules and the laws they rest on by name."""

from __future__ import annotations

import re
from collections.abc import Mapping

from states.funding_call import FundingCall

_FIGURES = {figure: n for n, figure in enumerate("一二三四五六七八九十", 1)}
_NAMES: Mapping[str, str] = {
    "专家评审规则": "rules of expert review", "公示规则": "rules of the public notice", "内部规则": "internal rules",
    "归档规则": "rules of archiving", "期限规则": "rules of deadlines", "申报通知": "the call", "立项规则": "rules of awards",
    "绩效评价规则": "rules of evaluation", "资金拨付规则": "rules of payment", "通知更正规则": "rules of corrections",
    "附件": "annexes", "项目协议规则": "rules of agreements", "项目管理规则": "rules of running projects",
    "验收规则": "rules of acceptance",
    "上海市社会信用条例": "Shanghai Regulations on Social Credit",
    "优化营商环境条例": "Regulations on the Business Environment",
    "国家自然科学基金条例": "Regulations on the National Natural Science Foundation",
}  # fmt: skip
_ABOUT: Mapping[str, str] = {
    "一次性告知": "all told at once", "中期检查": "mid-term check", "信用": "credit record", "参照": "by analogy", "取值": "values", "变更": "changes",
    "同一单位原则上只能申报一个项目": "in principle one project a unit", "回避": "recusal", "实名提出异议": "objections by real name", "审批": "approval",
    "审查": "format check", "工作日历": "working calendar", "并发": "concurrency", "延期": "extensions", "撤销": "revocation",
    "暂停": "suspension", "期限": "deadlines", "材料": "documents", "权限": "roles", "状态表": "table of states",
    "申报件": "applications", "申报窗口": "filing window", "终止": "termination", "职责分离": "separation of duties",
    "联系人": "contacts", "补正": "correction", "评审": "review", "说明理由": "reasons", "资金": "money", "追回": "recovery",
    "进展报告": "progress reports", "里程碑": "milestones", "陈述申辩": "the unit's case", "验收": "acceptance",
}  # fmt: skip
_BETWEEN = re.compile(r"、(?![^（]*）)")
_ABOUT_AT_END = re.compile(r"(.+)（([^（）]+)）")
_NUMBERED = re.compile(r"([一二三四五六七八九十])(?:[(（]([一二三四五六七八九十])[)）])?(\d*)")
_SYSTEM, _ANNEX, _ARTICLE = (
    re.compile(r"系统规则(\d+)"),
    re.compile(r"附件(\d+)(.*)"),
    re.compile(r"(.+)第([一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九])条"),
)


_ASKED = re.compile(r"\{(\w+)\}(?:（([^）]+)）)?")
"""A check, or a kind of period, in the place of the clause that a call has for it."""


def of_call(basis: str, call: FundingCall | None) -> str:
    """On what a move rests in a call: the clause of the rule with the check that stands there in braces, or the basis of
    the period. What the call does not have is left out; without any left, or without a call, it is "the call".
    """
    parts = (_in_call(part, call) for part in _BETWEEN.split(basis))
    return "、".join(dict.fromkeys(part for part in parts if part)) or "申报通知"


def _in_call(part: str, call: FundingCall | None) -> str:
    found = _ASKED.fullmatch(part)
    if found is None:
        return part
    if call is None:
        return ""
    name, about = found.groups()
    rule, period = call.rule_with(name), call.periods.get(name)
    clause = rule.clause if rule is not None else period.basis if period is not None else ""
    return f"{clause}（{about}）" if clause and about else clause


def in_english(clause: str, named: Mapping[str, str]) -> str:
    """A clause, or several, in English: as the call names it (`clauses_en`), else by its parts; what nobody can tell in
    English stays as it is.
    """
    return named.get(clause) or ", ".join(named.get(part) or _one(part) for part in _BETWEEN.split(clause))


def _one(part: str) -> str:
    """One clause, and in brackets what of it matters. Officers type what they like: no depth of brackets is too deep."""
    about = ""
    while not _NUMBERED.fullmatch(part) and (found := _ABOUT_AT_END.fullmatch(part)):
        words = (_ABOUT.get(word, word) for word in found[2].split("、"))
        part, about = found[1], f" ({', '.join(words)}){about}"
    return _bare(part) + about


def _bare(part: str) -> str:
    if found := _NUMBERED.fullmatch(part):
        chapter, section, item = found.groups()
        return f"§ {_FIGURES[chapter]}" + (f"({_FIGURES[section]}){item}" if section else f".{item}" if item else "")
    if found := _SYSTEM.fullmatch(part):
        return f"system rule {found[1]}"
    if found := _ANNEX.fullmatch(part):
        return f"annex {found[1]}{found[2]}"
    if found := _ARTICLE.fullmatch(part):
        return f"{_NAMES.get(found[1], found[1])}, art. {_number(found[2])}"
    return _NAMES.get(part, part)


def _number(figures: str) -> int:
    """The number that Chinese figures below a hundred say."""
    tens, ten, ones = figures.rpartition("十")
    return (_FIGURES[tens] if tens else 1) * 10 * bool(ten) + (_FIGURES[ones] if ones else 0)

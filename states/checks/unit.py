"""Checks of the unit that files: its code, kind and standing, its account, and what else it has filed."""

from __future__ import annotations

from collections.abc import Mapping

from states.checks.documents import plain_name
from states.checks.facts import Filing, Found, one
from states.credit import LiveEntry
from states.funding_call import FundingCall, Rule
from states.unit_code import SCHEMES, normal

UNIT_KINDS: Mapping[str, tuple[str, str]] = {
    "company": ("公司", "company"),
    "public_institution": ("事业单位", "public institution"),
    "social_organisation": ("社会组织", "social organisation"),
    "association": ("协会", "association"),
    "partnership": ("合伙企业", "partnership"),
    "sole_proprietorship": ("个人独资企业", "sole proprietorship"),
    "branch": ("分支机构", "branch"),
    "sole_trader": ("个体工商户", "sole trader"),
    "individual": ("个人", "individual"),
}
"""Kinds of units, in words (民法典 57-108)."""
_LISTS: Mapping[str, tuple[str, str]] = {
    "abnormal_operation": ("经营异常名录", "list of abnormal operation"),
    "not_registered": ("已注销或吊销", "no longer registered"),
    "dishonesty": ("严重失信主体名单", "list of serious dishonesty"),
    "enforcement": ("失信被执行人名单", "list of judgment defaulters"),
    "insolvency": ("破产程序", "insolvency"),
}


def account(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """The account is confirmed and linked to the unit."""
    return () if filing.account_confirmed else one("account")


def certificate(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """The unit's certificate came with the filing. Where only the name on it differs, an officer looks; where nobody has
    looked for one, nothing is found, and the officer's worksheet says so.
    """
    shown = filing.certificate
    if shown is None:
        return ()
    if not shown.unit:
        return one("", "未出示有效证书", "no valid certificate was shown")
    if normal(shown.unit) != normal(filing.unit_code):
        return one("", f"证书所属单位为 {shown.unit}", f"the certificate is of {shown.unit}")
    if shown.name and plain_name(shown.name) != plain_name(filing.unit_name):
        zh = f"证书上的单位名称为“{shown.name}”，与申报不一致"
        return one("", zh, f"the name on the certificate is {shown.name!r}, the filing has another", softened=True)
    return ()


def unit_code(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """The unit's code is right in the call's scheme."""
    return () if SCHEMES[call.unit_scheme](normal(filing.unit_code)) else one("unit_code", filing.unit_code)


def unit_region(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """The code was issued in one of the regions `prefixes` (characters 3 to 8 of the code, GB/T 2260).

    The region is that of the first registration and stays when a unit moves: a matter for an officer.
    """
    region = normal(filing.unit_code)[2:8]
    return () if region.startswith(tuple(rule.params["prefixes"])) else one("unit_code", region)


def unit_kind(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """The unit is of a kind among `allowed`; kinds under `officer` are for an officer to decide."""
    kind = filing.unit_kind
    if kind in rule.params["allowed"]:
        return ()
    zh, en = UNIT_KINDS.get(kind, (kind, kind))
    return one("unit_kind", zh, en, softened=kind in rule.params.get("officer", ()))


def standing(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """The unit stands on none of the bad lists `lists`; `credit` among them is the record of this installation itself."""
    lists = rule.params["lists"]
    found = [_LISTS.get(name, (name, name)) for name in filing.standing if name in lists]
    found += map(_entry, filing.credit if "credit" in lists else ())
    return tuple(Found("unit_code", *words) for words in found)


def _entry(entry: LiveEntry) -> tuple[str, str]:
    """An entry in the credit record of this installation, in words."""
    zh = f"本系统信用记录：申报件 {entry.application} 第{entry.entry}项"
    en = f"entry {entry.entry} of application {entry.application} in the credit record here"
    return (f"{zh}，异议处理中", f"{en}, objected to") if entry.disputed else (zh, en)


def one_per_unit(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """The unit has no other live application in this call, or was granted an exception beforehand."""
    if not filing.others or filing.exception_granted:
        return ()
    return one("unit_code", "、".join(filing.others), ", ".join(filing.others))

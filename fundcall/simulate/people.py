"""The people and units of the simulated programme; fictional, and saying so in their names."""

from __future__ import annotations

from random import Random

from states.actor import Actor, Role
from states.funding_call import FundingCall
from states.unit_code import inner_check, outer_check

_FIELDS = (
    "智能",
    "数据",
    "云图",
    "算力",
    "机器人",
    "数字文化",
    "医影",
    "农智",
    "仿真",
    "出海",
    "像素",
    "语料",
    "视觉",
    "语音",
)
_DISTRICTS = ("310101", "310104", "310106", "310107", "310109", "310110", "310112", "310113", "310114", "310115")
_ELSEWHERE = ("330100", "110101")
_OFFICERS = {
    Role.FORMAT_OFFICER: 6,
    Role.REVIEW_OFFICER: 4,
    Role.APPROVING_OFFICER: 5,
    Role.FINANCE_OFFICER: 4,
    Role.ACCEPTANCE_OFFICER: 4,
}


def uscc(n: int, kind: str = "company", region: str = "") -> str:
    """The n-th fictional unified social credit code, n below ten million; its body begins with as much of FAKE as fits."""
    prefix = {"public_institution": "12", "social_organisation": "51", "sole_trader": "92"}.get(kind, "91")
    digits = f"{n:04d}"
    body = f"{'FAKE'[: 8 - len(digits)]}{digits}"
    base = f"{prefix}{region or _DISTRICTS[n % len(_DISTRICTS)]}{body}"
    base += inner_check(body)
    return base + outer_check(base)


def unit_code(call: FundingCall, n: int, kind: str, *, outside: bool = False) -> str:
    """The n-th unit's code in the call's scheme, of a region that the call asks for, or of another one."""
    if call.unit_scheme != "uscc":
        return f"EXAMPLE{n:05d}"
    rule = call.rule_with("unit_region")
    asked = tuple(rule.params["prefixes"]) if rule else (_DISTRICTS[0][:2],)
    if outside:
        return uscc(n, kind, next(region for region in _ELSEWHERE if not region.startswith(asked)))
    regions = [region for region in _DISTRICTS if region.startswith(asked)] or [f"{part:0<6}" for part in asked]
    return uscc(n, kind, regions[n % len(regions)])


def unit_name(random: Random, n: int, kind: str, code: str) -> str:
    """A name that nobody takes for a real unit's (子虚 and 乌有 are the two proverbial non-persons)."""
    place = "上海" if code[2:4] == "31" else ""
    who = random.choice(("子虚", "乌有"))
    what = random.choice(_FIELDS)
    if kind == "public_institution":
        return f"{place and place + '市'}{who}{what}公共服务中心第{n}"
    if kind == "branch":
        return f"{place}{who}{what}科技有限公司第{n}分公司"
    return f"{place}{who}{what}科技第{n}有限公司"


def officer(role: Role, n: int) -> Actor:
    """The n-th officer of a role, counted round."""
    return Actor(f"{role.value}-{n % _OFFICERS[role] + 1:02d}", role)


def expert(n: int) -> Actor:
    """The n-th expert; each is of a unit of their own."""
    return Actor(f"expert-{n:03d}", Role.EXPERT, f"EXPERT-UNIT-{n:03d}")


EXPERTS = 180

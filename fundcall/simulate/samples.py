"""The fictional units of the 2025 Shanghai call, each there for what it meets; other calls have none.

子虚 and 乌有 are the two proverbial non-persons of Chinese literature: every name says that there is no such unit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from fundcall.simulate.profile import Profile, documents, form_of
from states.funding_call import FundingCall

_CALL = "shanghai-ai-plus-2025"
_DAY = "2025-09-"
_ZONE = "+08:00"
_FIVE_MIB = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Sample:
    """`money` is (total, asked) in units of 10,000 yuan; `fate` the fates that differ from a clean run."""

    id: str
    n: int
    unit: str
    code: str
    topic: str
    title: str
    period: tuple[str, str]
    filed: str
    money: tuple[int, int]
    form: dict[str, Any]
    fate: dict[str, Any]
    kind: str = "company"


_SAMPLES = (
    _Sample("A01", 900001, "上海子虚灵序智能科技有限公司", "91310000FAKE00013Y", "ai_lead.foundations.models.llm",
            "超长上下文混合专家语言大模型研发", ("2025-10-01", "2027-09-30"), "10T14:12:08", (20000, 6000),
            {"parameters": 1_200_000_000_000, "contributes_count": 2}, {"run": "early"}),
    _Sample("A02", 900002, "上海乌有互动游戏有限公司", "91310115FAKE00021N", "ict.digital_content.game",
            "AI叙事买断制单机游戏《子虚行》", ("2025-07-01", "2027-06-30"), "15T09:30:00", (2000, 600),
            {"game_model": "buyout", "copies_sold": 50_001, "revenue_year_minor": 100_000_001}, {"run": "revoked"}),
    _Sample("A02b", 900003, "上海乌有互动游戏有限公司", "91310115FAKE00021N", "ai_lead.key_actions.consumption",
            "AI+元宇宙文旅体验", ("2025-10-01", "2027-09-30"), "18T11:00:00", (1000, 300), {}, {"filing": "second"}),
    _Sample("A03", 900006, "上海子虚像素游戏有限公司", "91310104FAKE0003XG", "ict.digital_content.game",
            "像素买断制游戏智能关卡生成", ("2025-10-01", "2027-09-30"), "16T16:45:00", (1200, 300),
            {"game_model": "buyout", "copies_sold": 50_000, "revenue_year_minor": 100_000_000},
            {"filing": "misses_figure"}),
    _Sample("A04", 900007, "上海乌有群侠网络科技有限公司", "91310112FAKE000483", "ict.digital_content.game",
            "大模型驱动的在线群侠游戏NPC", ("2025-11-01", "2027-10-31"), "19T10:20:00", (5000, 1500),
            {"game_model": "other", "users": 1_000_000, "revenue_year_minor": 1_000_000_001},
            {"filing": "misses_figure", "review": "decline"}),
    _Sample("A05", 900008, "上海子虚声场文化传媒有限公司", "91310106FAKE000568", "ict.digital_content.content",
            "虚拟偶像跨模态短剧创作平台", ("2025-10-15", "2027-10-14"), "12T15:05:00", (3000, 900),
            {"c_end_users": 300_001, "revenue_year_minor": 300_000_001},
            {"review": "objection_dismissed", "acceptance": "concluded"}),
    _Sample("A06", 900009, "上海乌有跨链金融科技有限公司", "91310101FAKE00064T", "ict.fintech.products",
            "跨境支付智能合约合规审查系统", ("2025-12-01", "2027-11-30"), "18T17:30:00", (2500, 700),
            {"revenue_year_minor": 200_000_001},
            {"filing": "withdraws_and_refiles", "first_form": {"revenue_year_minor": 200_000_000}}),
    _Sample("A07", 900010, "上海子虚万象智能体平台有限公司", "91310113FAKE000722", "ict.applications.industry_platform",
            "行业智能体低代码搭建平台", ("2025-10-01", "2027-09-30"), "20T20:00:00", (4000, 1200),
            {"availability_ppm": 999_000, "concurrent_users": 100_000, "revenue_target_minor": 300_000_000},
            {"check": "correction_lapses"}),
    _Sample("A08", 900011, "上海市乌有智能算力公共服务中心", "12310000FAKE000802", "ai_lead.platforms.innovation_platform",
            "人工智能中试验证与测试评估公共服务平台", ("2025-10-01", "2027-12-31"), "08T09:00:00", (8000, 2400), {},
            {"run": "suspended"}, "public_institution"),
    _Sample("A09", 900012, "上海子虚极昼机器人有限公司", "91310117FAKE00099K", "ai_lead.key_actions.embodied_demo",
            "仓储物流装配具身智能示范产线", ("2026-01-01", "2027-12-31"), "11T13:00:00", (3600, 720), {},
            {"run": "too_long_extension", "acceptance": "rectified"}),
    _Sample("A10", 900013, "上海乌有青禾农智科技有限公司", "91310114FAKE00101U", "ai_lead.key_actions.industry",
            "水稻种植全程农业智能体", ("2025-10-01", "2027-09-30"), "17T08:40:00", (1500, 400), {}, {"run": "terminated"}),
    _Sample("A11", 900014, "上海子虚岚图医影科技有限公司", "91310110FAKE0011XR", "ai_lead.key_actions.livelihood",
            "多模态辅助诊疗影像智能体", ("2026-01-02", "2027-12-31"), "22T15:58:41", (2000, 500), {},
            {"filing": "too_long", "again_at": "22T15:59:59.999999"}),
    _Sample("A12", 900015, "上海乌有未央仿真科技有限公司", "91310120FAKE001289",
            "ai_lead.foundations.embodied_core.motion_control", "具身运动控制模型研发", ("2025-10-01", "2027-09-30"),
            "22T16:00:00", (6000, 1800), {}, {"filing": "late"}),
    _Sample("A13", 900016, "浙江乌有智造科技有限公司", "91330100FAKE00136D", "ai_lead.key_actions.industry",
            "智能制造工艺优化", ("2025-10-01", "2027-09-30"), "09T10:10:00", (1000, 300), {}, {"filing": "outside"}),
    _Sample("A14", 900017, "上海子虚数据集团有限公司浦东分公司", "91310115FAKE00144P", "ai_lead.foundations.corpus",
            "高质量行业语料数据库", ("2025-10-01", "2027-09-30"), "21T22:22:00", (2200, 600), {}, {"filing": "branch"},
            "branch"),
    _Sample("A15", 900018, "上海乌有出海科技有限公司", "91310109FAKE00152W", "ai_lead.key_actions.global",
            "人工智能出海服务平台", ("2024-06-01", "2025-12-31"), "14T12:00:00", (900, 270),
            {"other_funding": ["municipal_awarded", "district_awarded"]}, {"filing": "completed"}),
)  # fmt: skip


def samples(call: FundingCall, seed: int) -> list[Profile]:
    """The named applicants of the call, in the order of their numbers; none for a call that has none."""
    return [_profile(call, seed, sample) for sample in _SAMPLES] if call.id == _CALL else []


def _at(text: str) -> datetime:
    return datetime.fromisoformat(f"{_DAY}{text}{_ZONE}")


def _profile(call: FundingCall, seed: int, sample: _Sample) -> Profile:
    topic = call.topics[sample.topic]
    first, last = (date.fromisoformat(day) for day in sample.period)
    form = form_of(call, topic, sample.title, (first, last), sample.money[1] * 1_000_000)
    form |= {"total_investment_minor": sample.money[0] * 1_000_000, **sample.form}
    files = documents(call, seed, sample.id, sample.unit)
    if sample.id == "A11":
        files = (replace(files[0], size_bytes=_FIVE_MIB), *files[1:])
    fate = dict(sample.fate)
    again = fate.pop("again_at", None)
    submits = _at(sample.filed)
    created = call.opens_at + (submits - call.opens_at) * 0.5
    return Profile(
        n=sample.n,
        id=sample.id,
        unit_code=sample.code,
        unit_name=sample.unit,
        unit_kind=sample.kind,
        topic=topic,
        form=form,
        documents=files,
        created_at=created,
        submits_at=submits,
        title=sample.title,
        email=f"{sample.id.lower()}@unit.example.org",
        again_at=_at(again) if again else None,
        merit=58 if fate.get("review") == "decline" else 92,
        **fate,
    )

"""An office in the middle of its work: applications in every stage at once, with words and papers like real ones, over a
real installation whose clock stands still.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import cast

import typst

from fundcall.bootstrap import System, open_system, settings_for
from fundcall.clock import SteadyClock
from fundcall.documents.examiner import Examiner
from fundcall.documents.store import DocumentStore
from states.actor import Actor, Role
from states.commands.filing import CorrectionItem
from tests.api.office import Clock
from tests.databases import fresh
from tests.drive import F1, F2, World, world
from tests.filings import SHANGHAI, Profile, uscc

PLACES = ("云栖", "浦江", "申城", "临港", "徐汇", "虹桥", "松江", "黄浦", "长宁", "张江", "闵行", "宝山", "嘉定")
TRADES = ("算力科技有限公司", "智能机器人股份有限公司", "语料数据有限公司")
TOPICS = (
    "foundations.corpus",
    "foundations.compute",
    "key_actions.embodied_demo",
    "key_actions.science",
    "foundations.models.llm",
)
TITLES = ("面向港口作业的智能机器人示范应用", "城市级高质量中文语料库建设", "多模态医学影像大模型辅助诊断平台", "人工智能驱动的新材料逆向设计",
          "具身智能训练场与开放数据集", "工业质检视觉大模型规模化应用", "金融风控大模型与可信推理服务", "海洋观测人工智能同化与预报",
          "自动驾驶仿真测试算力平台", "中小学人工智能教育智能体")  # fmt: skip
_PAPER = """#set text(font: ("Noto Serif CJK SC", "Noto Sans CJK SC"), lang: "zh", size: 11pt)
#align(center)[#text(20pt, weight: "bold")[项目申报书] \\ #v(6pt) {title}]
#v(18pt)
#table(columns: (30%, 1fr), inset: 9pt, [申报单位], [{unit}], [统一社会信用代码], [{code}], [支持方向], [高质量语料库], [总投资], [2,000 万元], [申请支持], [600 万元])
#v(12pt)
#lorem(160)
"""


@dataclass
class Scene(World):
    """A world whose units and projects have names, and whose papers lie in a store."""

    store: DocumentStore | None = None
    papers: int = 0

    @property
    def profile(self) -> Profile:
        return SHANGHAI

    def draft(self, unit_code: str = "", unit_kind: str = "", **form: object) -> str:
        n = self.units
        named = {
            "title": TITLES[n % len(TITLES)],
            "topic": f"ai_lead.{TOPICS[n % 5]}",
            "requested_minor": (500 + n * 37 % 300) * 1_000_000,
            "total_investment_minor": 5_000_000_000,
            **form,
        }
        return super().draft(unit_code, unit_kind, **named)

    def empty(self, unit_code: str = "", unit_kind: str = "") -> str:
        """As a world's, of a unit that has a name."""
        self.units += 1
        code = unit_code or uscc(self.units)
        unit, application = Actor(f"unit-{code}", Role.APPLICANT, code), f"app-{self.units:04d}"
        name = f"上海{PLACES[self.units % 13]}{TRADES[self.units % 3]}"
        self.do(
            "CreateDraft",
            unit,
            application,
            unit_code=code,
            unit_name=name,
            unit_kind="company",
            contacts=SHANGHAI.contacts,
        )
        return application

    def paper(self, application: str) -> str:
        """Attach a real application form to a draft; its digest."""
        assert self.store is not None
        a = self.application(application)
        content = typst.compile(_PAPER.format(title=a.title, unit=a.unit_name, code=a.unit_code).encode())
        assert isinstance(content, bytes)
        digest = self.store.put(content)
        self.documents.put(replace(SHANGHAI.documents[0], sha256=digest, name="项目申报书（盖章）.pdf"))
        fields = {"material": "application_form", "name": "项目申报书（盖章）.pdf", "sha256": digest}
        self.do("RemoveDocument", self.unit(application), application, sha256=a.documents[0].sha256)
        self.do("AddDocument", self.unit(application), application, **fields)
        return digest


def filled(scene: Scene) -> None:
    """Some forty applications within the window: most filed these days, a few further on."""
    for _ in range(2):
        scene.published()
    scene.in_review()
    scene.scored()
    scene.format_checked()
    scene.format_checked()
    scene.rejected()
    scene.now += timedelta(days=1)
    scene.do(
        "ReturnForCorrection",
        F1,
        scene.submitted(),
        items=(CorrectionItem(clause="四(二)1", field="title", remedy="请更正项目名称"),),
    )
    for n in range(24):
        scene.now += timedelta(hours=3)
        application = scene.draft(declares_governance=n % 5 != 3)
        if n < 3:
            scene.paper(application)
        scene.do("SubmitApplication", scene.unit(application), application)
        if n % 3 == 0:
            scene.do("ClaimFormatCheck", F1 if n % 2 else F2, application)
    for _ in range(6):
        scene.draft()


def open_scene(folder: Path, examiner: Examiner) -> tuple[Scene, System]:
    """The scene and the installation that it is in."""
    settings = settings_for(folder / "data", database_url="", public_url="http://127.0.0.1")
    fresh(folder / "data")
    system = open_system(settings)
    made = world(ledger=system.ledger)
    store = DocumentStore(folder / "data" / "documents", examiner)
    fields = {name: getattr(made, name) for name in World.__dataclass_fields__}
    scene = Scene(**fields, store=store)
    filled(scene)
    clock = cast("SteadyClock", Clock(scene.now))
    handler = replace(made.handler, documents=store, registers=system.handler.registers)
    return scene, replace(system, clock=clock, handler=handler)

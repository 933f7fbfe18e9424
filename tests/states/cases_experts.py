"""Cases of the guards that look experts up in the registry."""

from __future__ import annotations

from datetime import date
from typing import Any

from states.experts import Cooperation, Expert, Span
from tests.drive import EXPERTS, R1, World
from tests.filings import uscc
from tests.states.case import Case, SetUp
from tests.states.cases_review import E1, E2, E3, REVIEW, points, refs, replaced_by

RECUSE = "系统规则4（回避）"
REASON = {"reason": "抽取前已约定"}
NAMED = refs(E1, E2, E3) | REASON
GROUP = frozenset({uscc(1), "EMPLOYER3"})


def register(world: World, **over: dict[str, Any]) -> None:
    """Every expert of the world in the registry; `over` sets fields of some, by account (expert_3)."""
    for actor in EXPERTS:
        plain = Expert(actor.id, actor.unit, ("ai_lead",), 5, email=f"{actor.id}@employer.example")
        world.registry.known[actor.id] = plain._replace(**over.get(actor.id.replace("-", "_"), {}))


def checked(**over: dict[str, Any]) -> SetUp:
    """An application that waits for review, and a registry."""

    def start(world: World) -> str:
        application = world.format_checked()
        register(world, **over)
        return application

    return start


def grouped(world: World) -> str:
    application = checked()(world)
    world.registry.together = [GROUP]
    return application


def begun(*accepted: Any, **over: dict[str, Any]) -> SetUp:
    """A review that has begun before the registry knew of a tie."""

    def start(world: World) -> str:
        application = world.in_review()
        for expert in accepted:
            world.do("AcceptInvitation", expert, application)
        register(world, **over)
        return application

    return start


def drawn(world: World) -> str:
    """Drawn, with the seed 7: whoever the draw gave is read from the call's course."""
    application = checked()(world)
    world.draw(EXPERTS[1:4], seed=7)
    return application


WORKED = {"past": (Cooperation(uscc(1), date(2030, 1, 1)),)}
WORKED_ONCE = {"past": (Cooperation(uscc(1), date(2025, 1, 1)),)}
MAIL = {"email": "wang@mail.zixu.example"}
FREE = {"email": "wang@qq.com"}
BOUND = {"declared": (uscc(1),)}
AWAY = {"away": (Span(date(2025, 1, 1), date(2030, 1, 1)),)}
BACK = {"away": (Span(date(2025, 1, 1), date(2025, 1, 2)),)}
OTHER_UNIT = {"unit": "EMPLOYER9"}
TIED = ("conflict_of_interest",)

CASES = (
    Case("experts_known", "StartReview", checked(expert_3=OTHER_UNIT), R1, NAMED, ("expert_unknown",), REVIEW, NAMED,
         checked()),
    Case("experts_known", "StartReview", checked(expert_3=AWAY), R1, NAMED, ("expert_away",), REVIEW, NAMED,
         checked(expert_3=BACK)),
    Case("experts_known", "ReplaceExpert", begun(), R1, replaced_by("expert-9", "EMPLOYER9"), ("expert_unknown",), REVIEW,
         replaced_by("expert-4", "EMPLOYER4")),
    Case("experts_untied", "StartReview", checked(expert_3=WORKED), R1, NAMED, TIED, RECUSE, NAMED,
         checked(expert_3=WORKED_ONCE)),
    Case("experts_untied", "StartReview", checked(expert_3=MAIL), R1, NAMED, TIED, RECUSE, NAMED, checked(expert_3=FREE)),
    Case("experts_untied", "StartReview", checked(expert_3=BOUND), R1, NAMED, TIED, RECUSE, NAMED, checked()),
    Case("experts_untied", "StartReview", grouped, R1, NAMED, TIED, RECUSE, NAMED, checked()),
    Case("experts_untied", "ReplaceExpert", begun(expert_4=MAIL), R1, replaced_by("expert-4", "EMPLOYER4"), TIED, RECUSE,
         replaced_by("expert-4", "EMPLOYER4"), begun(expert_4=FREE)),
    Case("experts_untied", "AcceptInvitation", begun(expert_1=BOUND), E1, {}, TIED, RECUSE, {}, begun(expert_2=BOUND)),
    Case("experts_untied", "SubmitScore", begun(E1, expert_1=WORKED), E1, points(), TIED, RECUSE, points(),
         begun(E1, expert_1=WORKED_ONCE)),
    Case("draw_followed", "StartReview", drawn, R1, refs(E1, E2, E3), ("draw_departed",), REVIEW, refs(*EXPERTS[1:4])),
    Case("draw_followed", "StartReview", drawn, R1, refs(*EXPERTS[1:4]) | {"seed": 8}, ("draw_departed",), REVIEW, NAMED),
    Case("draw_followed", "StartReview", checked(), R1, refs(E1, E2, E3), ("draw_departed",), REVIEW, NAMED),
)  # fmt: skip
"""One case at least for each of these guards, and for each tie."""

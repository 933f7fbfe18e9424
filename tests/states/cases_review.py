"""Cases of the guards of expert review, public notice and the decision to fund."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fundcall.calls.load import load
from states.actor import Actor, Role
from states.commands.programme import Quota
from states.commands.review import ExpertRef
from tests.drive import A1, A2, CITIZEN, EXPERTS, F1, OBJECTOR, R1, World
from tests.filings import SHANGHAI
from tests.states.case import TICK, Case, due
from tests.states.cases_filing import DUTIES, PERIOD, SELF, VALUE, WHY

NOTICE = "公示规则（实名提出异议）"

REVIEW, DECIDE, MONEY = "系统规则14（评审）", "系统规则15（审批）", "系统规则16（资金）"
E1, E2, E3, E4, E5 = EXPERTS[:5]
REQUESTED, PROPOSED = SHANGHAI.form["requested_minor"], SHANGHAI.grant_minor
DIRECTION = load(SHANGHAI.call).direction_of(SHANGHAI.form["topic"])
GRANT = {"grant_minor": PROPOSED, "at": due("public_notice")}
CRITERIA = ("innovation", "feasibility", "impact", "budget")


def refs(*experts: Actor) -> dict[str, Any]:
    return {"experts": tuple(ExpertRef(id=e.id, unit=e.unit) for e in experts), "seed": 7}


def of_the_unit(world: World, application: str) -> Any:
    own = ExpertRef(id="expert-9", unit=world.application(application).unit_code)
    return (*refs(E1, E2)["experts"], own)


def replaced_by(name: str, unit: str) -> dict[str, Any]:
    return {"expert": "expert-1", "replacement": ExpertRef(id=name, unit=unit), "reason": "更换"}


def own_replacement(world: World, application: str) -> ExpertRef:
    return ExpertRef(id="expert-9", unit=world.application(application).unit_code)


def accepted(world: World) -> str:
    application = world.in_review()
    world.do("AcceptInvitation", E1, application)
    return application


def scored_by_two(world: World) -> str:
    application = world.in_review()
    for expert in (E1, E2):
        world.do("AcceptInvitation", expert, application)
        world.do("SubmitScore", expert, application, points=world.points(), comment="可行")
    return application


def disagreeing(world: World) -> str:
    """Scored by two experts alike, and far better by the third."""
    application = world.in_review()
    for expert, given in zip(EXPERTS[:3], (50, 50, 71), strict=True):
        world.do("AcceptInvitation", expert, application)
        world.do("SubmitScore", expert, application, points=world.points(given), comment="可行")
    return application


def conferred(world: World) -> str:
    """The same after a panel."""
    application = disagreeing(world)
    world.do("RecordPanel", R1, application, votes_for=3, votes_against=0, minutes="会议纪要")
    return application


def scored_anew(world: World) -> str:
    """The same, but an expert has changed a score after the panel."""
    application = conferred(world)
    world.do("ReopenScore", R1, application, expert="expert-1", reason="笔误")
    world.do("SubmitScore", E1, application, points=world.points(49), comment="可行")
    return application


def funded(*quotas: Quota, envelope_minor: int = REQUESTED + PROPOSED) -> Any:
    """Scored, in a call whose money another application has a part of already."""

    def start(world: World) -> str:
        world.money(envelope_minor, *quotas)
        world.proposed()
        return world.scored()

    return start


def whole(amount: int) -> dict[str, Any]:
    return {"amount_minor": amount, "grounds": "x"}


def objected(world: World) -> str:
    application = world.published()
    world.do("FileObjection", CITIZEN, application, objector=OBJECTOR, grounds="权属争议")
    return application


def upheld(world: World) -> str:
    application = objected(world)
    world.do("DecideObjection", A2, application, objection=1, upheld=True, reason="属实")
    return application


def dismissed(world: World) -> str:
    application = objected(world)
    world.do("DecideObjection", A2, application, objection=1, upheld=False, reason="不属实")
    return application


def scored_then_listed(world: World) -> str:
    """Scored; meanwhile the unit came on a bad list."""
    application = world.scored()
    world.registers.lists[world.application(application).unit_code] = {"abnormal_operation"}
    return application


def listed(world: World) -> str:
    """Published and waited out; meanwhile the unit came on a bad list."""
    application = world.published()
    world.registers.lists[world.application(application).unit_code] = {"abnormal_operation"}
    return application


def decline_proposed(world: World) -> str:
    application = world.scored()
    world.do("ProposeDecline", R1, application, grounds="排序靠后")
    return application


def points(**over: int | None) -> dict[str, Any]:
    whole = dict.fromkeys(CRITERIA, 80) | over
    return {"points": {name: value for name, value in whole.items() if value is not None}, "comment": "可行"}


def hat(actor: Actor, role: Role) -> Actor:
    """The same person in another role."""
    return Actor(actor.id, role)


def an_expert(role: Role) -> Actor:
    """Somebody who reviews the application, in another role."""
    return hat(EXPERTS[0], role)


def filer(world: World, application: str) -> Actor:
    """Who filed the application, as an approving officer."""
    return hat(world.unit(application), Role.APPROVING_OFFICER)


def reviewed_by_the_format_officer(world: World, application: str) -> Any:
    return (*refs(E1, E2)["experts"], ExpertRef(id=F1.id, unit="EMPLOYER9"))


CASES = (
    Case("of_neither_side", "ProposeAward", World.scored, an_expert(Role.REVIEW_OFFICER),
         {"amount_minor": 1, "grounds": "x"}, ("same_person",), DUTIES, {"amount_minor": 1, "grounds": "x"}, good_by=R1),
    Case("of_neither_side", "ProposeDecline", World.scored, an_expert(Role.REVIEW_OFFICER), {"grounds": "x"},
         ("same_person",), DUTIES, {"grounds": "x"}, good_by=R1),
    Case("of_neither_side", "PublishProposal", World.proposed, an_expert(Role.APPROVING_OFFICER), {}, ("same_person",),
         DUTIES, good_by=A1),
    Case("of_neither_side", "ApproveApplication", World.published, an_expert(Role.APPROVING_OFFICER), GRANT,
         ("same_person",), DUTIES, GRANT, good_by=A2),
    Case("of_neither_side", "ApproveApplication", World.published, filer, GRANT, ("same_person",), DUTIES, GRANT,
         good_by=A2),
    Case("of_neither_side", "DecideObjection", objected, an_expert(Role.APPROVING_OFFICER),
         {"objection": 1, "upheld": False, "reason": "x"}, ("same_person",), DUTIES,
         {"objection": 1, "upheld": False, "reason": "x"}, good_by=A2),
    Case("of_neither_side", "DeclineApplication", decline_proposed, an_expert(Role.APPROVING_OFFICER), {"grounds": "x"},
         ("same_person",), DUTIES, {"grounds": "x"}, good_by=A2),
    Case("experts_uninvolved", "StartReview", World.format_checked, R1,
         {"experts": reviewed_by_the_format_officer, "seed": 7}, ("same_person",), DUTIES, refs(E1, E2, E3)),
    Case("experts_uninvolved", "StartReview", World.format_checked, R1,
         refs(E1, E2, Actor(R1.id, Role.EXPERT, "EMPLOYER9")), ("same_person",), DUTIES, refs(E1, E2, E3)),
    Case("replacement_uninvolved", "ReplaceExpert", World.in_review, R1, replaced_by(F1.id, "EMPLOYER9"),
         ("same_person",), DUTIES, replaced_by("expert-4", "EMPLOYER9")),
    Case("experts_enough", "StartReview", World.format_checked, R1, refs(E1, E2), ("too_few_experts",), REVIEW,
         refs(E1, E2, E3)),
    Case("experts_enough", "StartReview", World.format_checked, R1, refs(E1, E2, E3, E4), ("too_few_experts",), REVIEW,
         refs(E1, E2, E3, E4, E5)),
    Case("experts_distinct", "StartReview", World.format_checked, R1, refs(E1, E2, E2), ("experts_alike",), REVIEW,
         refs(E1, E2, E3)),
    Case("experts_distinct", "StartReview", World.format_checked, R1,
         refs(E1, E2, Actor("expert-3", Role.EXPERT, E2.unit)), ("experts_alike",), REVIEW, refs(E1, E2, E3)),
    Case("experts_not_of_unit", "StartReview", World.format_checked, R1, {"experts": of_the_unit, "seed": 7},
         ("own_unit",), SELF, refs(E1, E2, E3)),
    Case("invited", "AcceptInvitation", World.in_review, E4, {}, ("not_assigned",), REVIEW, good_by=E1),
    Case("invited", "AcceptInvitation", accepted, E1, {}, ("not_assigned",), REVIEW, good_by=E2),
    Case("at_work", "DeclineInvitation", World.in_review, E4, {"reason": "x"}, ("not_assigned",), REVIEW, {"reason": "x"},
         good_by=E1),
    Case("at_work", "DeclareConflict", World.in_review, E4, {"reason": "x"}, ("not_assigned",), REVIEW, {"reason": "x"},
         good_by=E1),
    Case("accepted", "SubmitScore", World.in_review, E1, points(), ("not_assigned",), REVIEW, points(), accepted),
    Case("points_on_scale", "SubmitScore", accepted, E1, points(impact=101), ("score_out_of_scale",), REVIEW,
         points(impact=100)),
    Case("points_on_scale", "SubmitScore", accepted, E1, points(impact=-1), ("score_out_of_scale",), REVIEW,
         points(impact=0)),
    Case("points_on_scale", "SubmitScore", accepted, E1, points(impact=None, budget=None),
         ("score_out_of_scale", "score_out_of_scale"), REVIEW, points()),
    Case("points_on_scale", "SubmitScore", accepted, E1, points(charm=1), ("score_out_of_scale",) * 4, REVIEW, points()),
    Case("commented", "SubmitScore", accepted, E1, {**points(), "comment": "\n"}, ("reason_missing",), WHY, points()),
    Case("criteria_commented", "SubmitScore", accepted, E1, {**points(), "comments": {"charm": "好"}}, ("no_such_item",),
         VALUE, {**points(), "comments": {"impact": "好"}}),
    Case("panel_held", "ProposeAward", disagreeing, R1, whole(1), ("panel_required",), REVIEW, whole(1), conferred),
    Case("panel_held", "ProposeAward", scored_anew, R1, whole(1), ("panel_required",), REVIEW, whole(1), conferred),
    Case("panel_held", "ProposeDecline", disagreeing, R1, {"grounds": "x"}, ("panel_required",), REVIEW,
         {"grounds": "x"}, conferred),
    Case("within_envelope", "ProposeAward", funded(envelope_minor=REQUESTED + PROPOSED - 1), R1, whole(REQUESTED),
         ("envelope_exceeded",), MONEY, whole(REQUESTED - 1)),
    Case("within_envelope", "ProposeAward", funded(Quota(direction=DIRECTION, awards_max=1)), R1, whole(1),
         ("quota_exceeded",), MONEY, whole(1), funded(Quota(direction=DIRECTION, awards_max=2))),
    Case("within_envelope", "ProposeAward", funded(Quota(direction=DIRECTION, amount_max_minor=PROPOSED + 9)), R1,
         whole(10), ("quota_exceeded",), MONEY, whole(9)),
    Case("scored", "ReopenScore", accepted, R1, {"expert": "expert-1", "reason": "x"}, ("no_such_item",), VALUE,
         {"expert": "expert-1", "reason": "x"}, World.scored),
    Case("replaceable", "ReplaceExpert", World.scored, R1, replaced_by("expert-4", "EMPLOYER4"), ("no_such_item",), VALUE,
         replaced_by("expert-4", "EMPLOYER4"), World.in_review),
    Case("replacement_fits", "ReplaceExpert", World.in_review, R1, replaced_by("expert-4", "EMPLOYER2"),
         ("experts_alike",), REVIEW, replaced_by("expert-4", "EMPLOYER1")),
    Case("replacement_fits", "ReplaceExpert", World.in_review, R1, replaced_by("expert-2", "EMPLOYER4"),
         ("experts_alike",), REVIEW, replaced_by("expert-4", "EMPLOYER4")),
    Case("replacement_fits", "ReplaceExpert", World.in_review, R1,
         {**replaced_by("expert-4", ""), "replacement": own_replacement}, ("own_unit",), SELF,
         replaced_by("expert-4", "EMPLOYER4")),
    Case("votes_well_formed", "RecordPanel", World.scored, R1, {"votes_for": 0, "votes_against": 0, "minutes": "x"},
         ("value_not_allowed",), VALUE, {"votes_for": 1, "votes_against": 0, "minutes": "x"}),
    Case("votes_well_formed", "RecordPanel", World.scored, R1, {"votes_for": 4, "votes_against": -1, "minutes": "x"},
         ("value_not_allowed",), VALUE, {"votes_for": 3, "votes_against": 0, "minutes": "x"}),
    Case("votes_well_formed", "RecordPanel", World.scored, R1, {"votes_for": 3, "votes_against": 0, "minutes": ""},
         ("reason_missing",), WHY, {"votes_for": 3, "votes_against": 0, "minutes": "x"}),
    Case("scores_enough", "ProposeAward", scored_by_two, R1, {"amount_minor": 1, "grounds": "x"}, ("scores_incomplete",),
         REVIEW, {"amount_minor": 1, "grounds": "x"}, World.scored),
    Case("scores_enough", "ProposeDecline", scored_by_two, R1, {"grounds": "x"}, ("scores_incomplete",), REVIEW,
         {"grounds": "x"}, World.scored),
    Case("amount_within_request", "ProposeAward", World.scored, R1, {"amount_minor": REQUESTED + 1, "grounds": "x"},
         ("amount_not_allowed",), MONEY, {"amount_minor": REQUESTED, "grounds": "x"}),
    Case("amount_within_request", "ProposeAward", World.scored, R1, {"amount_minor": 0, "grounds": "x"},
         ("amount_not_allowed",), MONEY, {"amount_minor": 1, "grounds": "x"}),
    Case("grounds_given", "ProposeAward", World.scored, R1, {"amount_minor": 1, "grounds": ""}, ("reason_missing",), WHY,
         {"amount_minor": 1, "grounds": "x"}),
    Case("award_proposed", "PublishProposal", World.proposed, hat(R1, Role.APPROVING_OFFICER), {}, ("same_person",), DUTIES,
         good_by=A1),
    Case("notice_running", "FileObjection", World.published, CITIZEN,
         {"objector": OBJECTOR, "grounds": "x", "at": due("public_notice")}, ("too_late",), PERIOD,
         {"objector": OBJECTOR, "grounds": "x", "at": due("public_notice", TICK)}),
    Case("objector_named", "FileObjection", World.published, CITIZEN,
         {"objector": replace(OBJECTOR, name="匿名"), "grounds": "x"}, ("objector_unnamed",), NOTICE,
         {"objector": OBJECTOR, "grounds": "x"}),
    Case("objector_named", "FileObjection", World.published, CITIZEN,
         {"objector": "sha256:00", "grounds": "x"}, ("objector_unnamed",), NOTICE, {"objector": OBJECTOR, "grounds": "x"}),
    Case("grounds_given", "FileObjection", World.published, CITIZEN, {"objector": OBJECTOR, "grounds": " "},
         ("reason_missing",), WHY, {"objector": OBJECTOR, "grounds": "x"}),
    Case("objection_exists", "DecideObjection", objected, A2, {"objection": 0, "upheld": False, "reason": "x"},
         ("no_such_item",), VALUE, {"objection": 1, "upheld": False, "reason": "x"}),
    Case("objection_exists", "DecideObjection", objected, A2, {"objection": 2, "upheld": False, "reason": "x"},
         ("no_such_item",), VALUE, {"objection": 1, "upheld": True, "reason": "x"}),
    Case("objection_exists", "DecideObjection", dismissed, A2, {"objection": 1, "upheld": False, "reason": "x"},
         ("no_such_item",), VALUE, {"objection": 1, "upheld": False, "reason": "x"}, objected),
    Case("not_the_publisher", "DecideObjection", objected, A1, {"objection": 1, "upheld": False, "reason": "x"},
         ("same_person",), DUTIES, {"objection": 1, "upheld": False, "reason": "x"}, good_by=A2),
    Case("notice_over", "ApproveApplication", World.published, A2, {**GRANT, "at": due("public_notice", TICK)},
         ("too_early",), PERIOD, GRANT),
    Case("objections_settled", "ApproveApplication", objected, A2, GRANT, ("objection_open",), DECIDE, GRANT, dismissed),
    Case("objections_settled", "ApproveApplication", upheld, A2, GRANT, ("objection_open",), DECIDE, GRANT, dismissed),
    Case("not_the_proposer", "ApproveApplication", World.published, hat(R1, Role.APPROVING_OFFICER), GRANT,
         ("same_person",), DUTIES, GRANT, good_by=A2),
    Case("not_the_format_officer", "ApproveApplication", World.published, hat(F1, Role.APPROVING_OFFICER), GRANT,
         ("same_person",), DUTIES, GRANT, good_by=A2),
    Case("grant_within_proposal", "ApproveApplication", World.published, A2, {**GRANT, "grant_minor": PROPOSED + 1},
         ("amount_not_allowed",), MONEY, GRANT),
    Case("rules_hold_at_approval", "ProposeAward", scored_then_listed, R1, whole(1), ("unit_operating_normally",), "四(一)1",
         whole(1), World.scored),
    Case("rules_hold_at_approval", "ApproveApplication", listed, A2, GRANT, ("unit_operating_normally",), "四(一)1", GRANT,
         World.published),
    Case("grounds_given", "DeclineApplication", decline_proposed, A2, {"grounds": " "}, ("reason_missing",), WHY,
         {"grounds": "x"}),
    Case("decline_proposed", "DeclineApplication", decline_proposed, hat(R1, Role.APPROVING_OFFICER), {"grounds": "x"},
         ("same_person",), DUTIES, {"grounds": "x"}, good_by=A2),
)  # fmt: skip

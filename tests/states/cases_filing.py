"""Cases of the guards of filing and the format check."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from states.actor import SYSTEM, Actor, Role
from tests.drive import A1, A2, DAY, F1, F2, World
from tests.filings import SHANGHAI, document
from tests.states.case import STRANGER, TICK, Case, after_close, due, unit

STATE, RIGHTS, SELF, DUTIES = "系统规则2（状态表）", "系统规则3（权限）", "系统规则4（回避）", "系统规则5（职责分离）"
PERIOD, WHY, VALUE, MEND = "系统规则7（期限）", "系统规则9（说明理由）", "系统规则10（取值）", "系统规则11（补正）"
LONG = {"start_on": "2025-10-01", "end_on": "2027-12-31"}
OTHER_MONEY: dict[str, Any] = {"other_funding": ["municipal_awarded"]}
OVERRIDE = {"rule": "period_within_two_years", "verdict": "override", "reason": "建设周期所需"}
SECOND = {"rule": "no_other_city_funds", "verdict": "override", "reason": "支持内容不同"}


def own_officer(world: World, application: str) -> Actor:
    return Actor("format-9", Role.FORMAT_OFFICER, world.application(application).unit_code)


def with_finding(world: World) -> str:
    return world.submitted(**LONG)


def overridden(world: World) -> str:
    application = world.submitted(**OTHER_MONEY)
    world.do("DecideFinding", F1, application, **SECOND)
    return application


def seconded(world: World) -> str:
    application = overridden(world)
    world.do("SecondFinding", F2, application, rule="no_other_city_funds", reason="同意")
    return application


def returned_late(world: World) -> str:
    application = world.submitted()
    after_close(world).do("ReturnForCorrection", F1, application, items=world.items("title"))
    return application


def written_off(world: World) -> str:
    application = returned_late(world)
    world.when_due(application, "correction")
    return application


def just_in_time(world: World, application: str) -> datetime:
    """The last instant at which the correction could be filed."""
    lapsed_at = world.application(application).lapsed_at
    assert lapsed_at is not None
    return lapsed_at - TICK


def emptied(world: World) -> str:
    application = world.draft()
    world.do("EditDraft", world.unit(application), application, form={"title": None})
    return application


def returned_and_emptied(world: World) -> str:
    application = returned_late(world)
    world.do("EditDraft", world.unit(application), application, form={"title": None})
    return application


def returned(times: int) -> Any:
    def start(world: World) -> str:
        application = world.submitted()
        for _ in range(times):
            world.do("ReturnForCorrection", F1, application, items=world.items("title"))
            world.do("ResubmitApplication", world.unit(application), application)
        return application

    return start


def extended(world: World) -> str:
    application = world.returned()
    world.do("ExtendCorrection", F1, application, reason="系统故障")
    return application


def rejection_proposed(world: World) -> str:
    application = world.submitted()
    world.do("ProposeRejection", F1, application, clause="四(一)1", grounds="不符合条件")
    return application


def review_requested(world: World) -> str:
    application = world.declined()
    world.do("RequestReview", world.unit(application), application, grounds="对评审意见有异议")
    return application


def with_document(**over: Any) -> Any:
    """A draft, beside which a document is stored."""

    def start(world: World) -> str:
        world.documents.put(replace(document("licence", "x.pdf"), sha256="f" * 64, **over))
        return world.draft()

    return start


def window_extended(world: World) -> str:
    """A draft that was not yet told of the longer window."""
    application = world.draft()
    world.extended(world.call.closes_at + DAY)
    return application


def corrected(world: World) -> str:
    """A draft that was not yet told of a correction of the notice."""
    application = world.draft()
    world.corrected()
    return application


def corrected_before(world: World) -> str:
    """A draft opened after the notice was corrected."""
    world.corrected()
    world.at(world.now + TICK)
    return world.draft()


def another_calendar(world: World) -> str:
    """A filing whose format check was not yet moved by a changed calendar."""
    application = world.submitted()
    world.days_off(date(2025, 9, 25))
    return application


def asked_for_review(world: World) -> str:
    application = world.rejected()
    world.do("RequestReview", world.unit(application), application, grounds="有异议")
    return application


def replaced_meanwhile(world: World) -> str:
    """A rejected application under review whose unit has filed another one since."""
    application = asked_for_review(world)
    world.submitted(unit_code=world.application(application).unit_code)
    return application


ADD = {"material": "licence", "name": "x.pdf", "sha256": "f" * 64}
ITEM = SHANGHAI.item("title")

CASES = (
    Case("own_unit", "EditDraft", World.draft, STRANGER, {"form": {}}, ("other_unit",), RIGHTS, {"form": {}}, good_by=unit),
    Case("own_unit", "WithdrawApplication", World.submitted, STRANGER, {"reason": "x"}, ("other_unit",), RIGHTS,
         {"reason": "x"}, good_by=unit),
    Case("not_own_unit", "ClaimFormatCheck", World.submitted, own_officer, {}, ("own_unit",), SELF, good_by=F1),
    Case("reasoned", "GrantSecondFiling", World.draft, A1, {"reason": " \u3000"}, ("reason_missing",), WHY, {"reason": "x"}),
    Case("deadline_due", "LapseDraft", World.draft, SYSTEM, {"deadline": "submit", "at": due("submit", TICK)},
         ("not_due",), PERIOD, {"deadline": "submit", "at": due("submit")}),
    Case("place_free", "UpholdReview", replaced_meanwhile, A1, {"reason": "理由成立"}, ("place_taken",),
         "四(一)3（同一单位原则上只能申报一个项目）", {"reason": "理由成立"}, good_from=asked_for_review),
    Case("window_shut", "LapseDraft", window_extended, SYSTEM, {"deadline": "submit", "at": due("submit")}, ("not_due",), PERIOD,
         {"deadline": "submit", "at": due("submit")}, good_from=World.draft),
    Case("window_moved", "FollowWindow", World.draft, SYSTEM, {}, ("not_due",), PERIOD, good_from=window_extended),
    Case("erratum_unknown", "NoteErratum", corrected, SYSTEM, {"number": 2}, ("not_due",), PERIOD, {"number": 1}),
    Case("erratum_unknown", "NoteErratum", corrected_before, SYSTEM, {"number": 1}, ("not_due",), PERIOD, {"number": 1},
         corrected),
    Case("deadlines_move", "RescheduleDeadlines", World.submitted, SYSTEM, {}, ("not_due",), PERIOD, good_from=another_calendar),
    Case("deadline_due", "PassDeadline", World.submitted, SYSTEM, {"deadline": "submit", "at": due("format_check")},
         ("not_due",), PERIOD, {"deadline": "format_check", "at": due("format_check")}),
    Case("still_open", "EditDraft", World.draft, unit, {"form": {}, "at": due("submit")}, ("within_window",), "四(二)1",
         {"form": {}, "at": due("submit", TICK)}),
    Case("still_open", "AddDocument", with_document(), unit, {**ADD, "at": due("submit")}, ("within_window",), "四(二)1",
         {**ADD, "at": due("submit", TICK)}),
    Case("still_open", "EditDraft", returned_late, unit, {"form": {"title": "新"}, "at": due("correction")},
         ("too_late",), PERIOD, {"form": {"title": "新"}, "at": due("correction", TICK)}),
    Case("fields_known", "EditDraft", World.draft, unit, {"form": {"state": "approved", "id": "x"}},
         ("unknown_field", "unknown_field"), VALUE, {"form": {"title": "新"}}),
    Case("fields_known", "EditDraft", World.draft, unit, {"form": {"completion_percent": 101}}, ("value_not_allowed",),
         VALUE, {"form": {"completion_percent": 100}}),
    Case("fields_known", "EditDraft", World.draft, unit, {"form": {"title": "长" * 201}}, ("value_not_allowed",), VALUE,
         {"form": {"title": "长" * 200}}),
    Case("fields_known", "EditDraft", World.draft, unit, {"form": {"start_on": "2025-02-29"}}, ("value_not_allowed",),
         VALUE, {"form": {"start_on": "2024-02-29"}}),
    Case("fields_known", "EditDraft", World.draft, unit, {"form": {"declares_owner": 1, "requested_minor": True}},
         ("value_not_allowed", "value_not_allowed"), VALUE, {"form": {"declares_owner": True, "requested_minor": 1}}),
    Case("fields_known", "EditDraft", World.draft, unit, {"form": {"other_funding": ["x"]}}, ("value_not_allowed",), VALUE,
         {"form": {"other_funding": []}}),
    Case("only_named_fields", "EditDraft", returned_late, unit, {"form": {"title": "新", "requested_minor": 1}},
         ("field_not_open",), MEND, {"form": {"title": "新"}}),
    Case("only_named_fields", "EditDraft", written_off, unit, {"form": {"requested_minor": 1}, "at": just_in_time},
         ("field_not_open",), MEND, {"form": {"title": "新"}, "at": just_in_time}),
    Case("document_allowed", "AddDocument", World.draft, unit, ADD, ("document_unknown",), "系统规则12（材料）", ADD,
         with_document()),
    Case("document_allowed", "AddDocument", with_document(), unit, {**ADD, "material": "x"}, ("value_not_allowed",), VALUE,
         ADD),
    Case("document_allowed", "AddDocument", with_document(size_bytes=5_242_881), unit, ADD, ("file_size",), "四(二)2", ADD,
         with_document(size_bytes=5_242_880)),
    Case("document_allowed", "AddDocument", with_document(format="png"), unit, ADD, ("pdf_only",), "四(二)2", ADD,
         with_document()),
    Case("document_attached", "RemoveDocument", World.draft, unit, {"sha256": "0" * 64}, ("no_such_item",), VALUE,
         {"sha256": SHANGHAI.documents[0].sha256}),
    Case("passes_rules", "SubmitApplication", emptied, unit, {}, ("form_filled_online",), "四(二)1", {}, World.draft),
    Case("passes_rules", "SubmitApplication", World.draft, unit, {"at": due("submit")}, ("within_window",), "四(二)1",
         {"at": due("submit", TICK)}),
    Case("not_in_public_notice", "WithdrawApplication", World.published, unit, {"reason": "x"}, ("not_allowed_in_phase",),
         STATE, {"reason": "x"}, World.proposed),
    Case("finding_decidable", "DecideFinding", with_finding, F1, {**OVERRIDE, "verdict": "pass"}, ("value_not_allowed",),
         VALUE, OVERRIDE),
    Case("finding_decidable", "DecideFinding", with_finding, F1, {**OVERRIDE, "rule": "credit_good"}, ("no_such_item",),
         VALUE, {**OVERRIDE, "verdict": "uphold"}),
    Case("finding_awaits_second", "SecondFinding", overridden, F1, {"rule": "no_other_city_funds", "reason": "x"},
         ("same_person",), DUTIES, {"rule": "no_other_city_funds", "reason": "x"}, good_by=F2),
    Case("finding_awaits_second", "SecondFinding", seconded, F2, {"rule": "no_other_city_funds", "reason": "x"},
         ("no_such_item",), VALUE, {"rule": "no_other_city_funds", "reason": "x"}, overridden),
    Case("topic_known", "ReassignTopic", World.submitted, F1, {"topic": "no.such", "reason": "x"}, ("no_such_item",), VALUE,
         {"topic": "ai_lead.key_actions.industry", "reason": "x"}),
    Case("topic_known", "ReassignTopic", World.submitted, F1, {"topic": SHANGHAI.form["topic"], "reason": "x"},
         ("no_such_item",), VALUE, {"topic": "ai_lead.key_actions.industry", "reason": "x"}),
    Case("items_complete", "ReturnForCorrection", World.submitted, F1, {"items": ()}, ("reason_missing",), WHY,
         {"items": (ITEM,)}),
    Case("items_complete", "ReturnForCorrection", World.submitted, F1, {"items": (ITEM, replace(ITEM, remedy=" "))},
         ("reason_missing",), WHY, {"items": (ITEM, ITEM)}),
    Case("round_left", "ReturnForCorrection", returned(2), F1, {"items": (ITEM,)}, ("correction_rounds",),
         "优化营商环境条例第三十六条（一次性告知）", {"items": (ITEM,)}, returned(1)),
    Case("not_yet_extended", "ExtendCorrection", extended, F1, {"reason": "x"}, ("too_late",), PERIOD, {"reason": "x"},
         World.returned),
    Case("not_yet_extended", "ExtendCorrection", World.returned, F1, {"reason": "x", "at": due("correction")},
         ("too_late",), PERIOD, {"reason": "x", "at": due("correction", TICK)}),
    Case("correction_open", "ResubmitApplication", returned_late, unit, {"at": due("correction")}, ("too_late",), PERIOD,
         {"at": due("correction", TICK)}),
    Case("passes_rules_again", "ResubmitApplication", returned_and_emptied, unit, {}, ("form_filled_online",), "四(二)1",
         {}, returned_late),
    Case("grounds_given", "ProposeRejection", World.submitted, F1, {"clause": "四(一)1", "grounds": " "},
         ("reason_missing",), WHY, {"clause": "四(一)1", "grounds": "x"}),
    Case("grounds_given", "ProposeRejection", World.submitted, F1, {"clause": "", "grounds": "x"}, ("reason_missing",), WHY,
         {"clause": "四(一)1", "grounds": "x"}),
    Case("rejection_proposed", "RejectApplication", World.submitted, F2, {}, ("proposal_missing",), "系统规则15（审批）", {},
         rejection_proposed),
    Case("rejection_proposed", "RejectApplication", rejection_proposed, F1, {}, ("same_person",), DUTIES, good_by=F2),
    Case("findings_decided", "PassFormatCheck", with_finding, F1, {}, ("findings_undecided",), "系统规则13（审查）", {},
         World.submitted),
    Case("findings_decided", "PassFormatCheck", overridden, F1, {}, ("findings_undecided",), "系统规则13（审查）", {},
         seconded),
    Case("review_right_open", "RequestReview", World.rejected, unit, {"grounds": "x", "at": due("review_request")},
         ("too_late",), PERIOD, {"grounds": "x", "at": due("review_request", TICK)}),
    Case("not_decided_before", "DismissReview", review_requested, A2, {"reason": "x"}, ("same_person",), DUTIES,
         {"reason": "x"}, good_by=A1),
    Case("not_decided_before", "UpholdReview", review_requested, A2, {"reason": "x"}, ("same_person",), DUTIES,
         {"reason": "x"}, good_by=A1),
)  # fmt: skip

"""Moves of expert review, public notice and the decision to fund."""

from __future__ import annotations

from states.actor import OFFICERS, Role
from states.application import State
from states.guards import any_stage as g
from states.guards import money as m
from states.guards import review as r
from states.table.row import PROPOSERS, Row

_X = (State.EXPERT_REVIEW,)
_O, _E, _A = (Role.REVIEW_OFFICER,), (Role.EXPERT,), (Role.APPROVING_OFFICER,)
_ANYBODY = (Role.PUBLIC, Role.APPLICANT, Role.EXPERT, *sorted(OFFICERS))

ROWS = (
    Row(
        "StartReview",
        (State.FORMAT_CHECKED,),
        State.EXPERT_REVIEW,
        _O,
        "专家评审规则",
        (g.of_neither_side, r.experts_enough, r.experts_distinct, r.experts_not_of_unit, r.experts_uninvolved),
        to_phase="reviewing",
        arms=("score", "invitation"),
    ),
    Row("AcceptInvitation", _X, None, _E, "专家评审规则", (r.invited, g.not_own_unit), phases=("reviewing",)),
    Row("DeclineInvitation", _X, None, _E, "专家评审规则", (r.at_work, g.reasoned), phases=("reviewing",)),
    Row(
        "DeclareConflict",
        _X,
        None,
        _E,
        "国家自然科学基金条例第二十条（参照）",
        (r.at_work, g.reasoned),
        phases=("reviewing",),
    ),
    Row(
        "ReplaceExpert",
        _X,
        None,
        _O,
        "专家评审规则",
        (g.reasoned, r.replaceable, r.replacement_fits, r.replacement_uninvolved),
        phases=("reviewing",),
    ),
    Row(
        "SubmitScore",
        _X,
        None,
        _E,
        "专家评审规则",
        (r.accepted, r.points_on_scale, r.commented, r.criteria_commented, g.not_own_unit),
        phases=("reviewing",),
    ),
    Row("ReopenScore", _X, None, _O, "专家评审规则", (g.reasoned, r.scored), phases=("reviewing",)),
    Row("RecordPanel", _X, None, _O, "专家评审规则", (r.votes_well_formed,), phases=("reviewing",)),
    Row(
        "ProposeAward",
        _X,
        None,
        _O,
        "四、立项规则",
        (g.of_neither_side, r.scores_enough, r.panel_held, r.amount_within_request, r.grounds_given, m.within_envelope),
        phases=("reviewing", "proposed"),
        to_phase="proposed",
        clears=("score", "invitation"),
    ),
    Row(
        "ProposeDecline",
        _X,
        None,
        _O,
        "四、立项规则",
        (g.of_neither_side, r.scores_enough, r.panel_held, r.grounds_given),
        phases=("reviewing", "proposed", "public_notice"),
        to_phase="decline_proposed",
        clears=("score", "invitation", "public_notice"),
    ),
    Row(
        "WithdrawProposal",
        _X,
        None,
        PROPOSERS,
        "四、立项规则",
        (g.reasoned, g.proposal_pending),
        phases=("proposed", "decline_proposed"),
        to_phase="reviewing",
    ),
    Row(
        "PublishProposal",
        _X,
        None,
        _A,
        "公示规则",
        (g.of_neither_side, r.award_proposed, r.not_the_proposer),
        phases=("proposed",),
        to_phase="public_notice",
        arms=("public_notice",),
    ),
    Row(
        "FileObjection",
        _X,
        None,
        _ANYBODY,
        "公示规则",
        (r.notice_running, r.objector_named, r.grounds_given),
        phases=("public_notice",),
        arms=("objection",),
    ),
    Row(
        "DecideObjection",
        _X,
        None,
        _A,
        "公示规则",
        (g.reasoned, g.of_neither_side, r.objection_exists, r.not_the_publisher),
        phases=("public_notice",),
        clears=("objection",),
    ),
    Row(
        "ApproveApplication",
        _X,
        State.APPROVED,
        _A,
        "四、立项规则",
        (
            g.of_neither_side,
            r.notice_over,
            r.objections_settled,
            r.not_the_proposer,
            r.not_the_format_officer,
            r.grant_within_proposal,
            g.rules_hold_at_approval,
        ),
        phases=("public_notice",),
        to_phase="agreement_due",
        arms=("agreement",),
        clears=("public_notice", "objection"),
    ),
    Row(
        "DeclineApplication",
        _X,
        State.DECLINED,
        _A,
        "四、立项规则",
        (g.of_neither_side, r.grounds_given, r.decline_proposed, r.not_the_decline_proposer),
        phases=("decline_proposed",),
        to_phase="",
        arms=("review_request",),
        clears=("*",),
    ),
)

"""Guards and decisions on applications, calls and facts that no course of commands leads to easily: made by hand from a real one."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from transitions import Machine

from fundcall.calls.load import load
from states.application import Application, Assignment, Decided, State
from states.checks import CertificateFacts, Filing
from states.context import Context
from states.credit import LiveEntry
from states.decide import body, newborn, plain
from states.envelope import Purse
from states.errors import Refusal, Refused
from states.funding_call import Rule, Severity
from states.guards import any_stage, award, credit, execution, filing, money, review
from states.machine import MACHINE, Subject, build
from states.table import ROWS, described
from states.table.row import Guard
from tests.drive import A1, C1, CALLS, EXPERTS, F1, M1, R1, World, world
from tests.filings import document
from tests.states.cases_execution import signing
from tests.states.cases_undo import TWO
from tests.states.examples import example
from workflow.rules import Loaded, NotLoaded, rules_of

SHANGHAI = load("shanghai-ai-plus-2025")
FILED = ("DraftCreated", "ApplicationSubmitted", "ApplicationResubmitted")
DECIDED = ("RejectionProposed", "ApplicationRejected", "AwardProposed", "DeclineProposed", "ApplicationDeclined",
           "ProposalPublished")  # fmt: skip


def asked(name: str, by: Any, start: Any, /, **fields: Any) -> Context:
    place = world()
    return place.context(place.request(name, by, start(place), **fields))


def of(context: Context, **over: Any) -> Context:
    """The same context with the application otherwise."""
    return replace(context, application=replace(context.application, **over))


def codes(found: Refusal | tuple[Refusal, ...] | None) -> tuple[str, ...]:
    return tuple(one.code for one in (found if isinstance(found, tuple) else (found,)) if one is not None)


def said(found: Refusal | None) -> tuple[str, str]:
    assert found is not None
    return found.zh, found.en


# --- who is kept away ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("event", FILED)
def test_whoever_had_one_part_in_the_filing_decides_nothing_for_the_authority(event: str) -> None:
    publish, others = asked("PublishProposal", A1, World.proposed), dict.fromkeys(FILED, "somebody")
    assert codes(any_stage.of_neither_side(of(publish, acts={**others, event: A1.id}))) == ("same_person",)
    assert any_stage.of_neither_side(of(publish, acts=others)) is None


@pytest.mark.parametrize("event", DECIDED)
def test_whoever_had_one_part_in_a_decision_does_not_review_it(event: str) -> None:
    dismiss, others = asked("DismissReview", A1, World.declined, reason="x"), dict.fromkeys(DECIDED, "somebody")
    assert codes(filing.not_decided_before(of(dismiss, acts={**others, event: A1.id}))) == ("same_person",)
    assert filing.not_decided_before(of(dismiss, acts=others)) is None


# --- what guards look at -------------------------------------------------------------------------------------------------


def test_the_rules_look_at_all_that_is_known_of_a_filing() -> None:
    submit = asked("SubmitApplication", F1, World.draft)
    certificate, entries = CertificateFacts("U", "N"), (LiveEntry("app-9", 1, disputed=False),)
    facts = replace(
        submit.facts,
        others=("app-8",),
        standing=("dishonesty",),
        account_confirmed=False,
        credit=entries,
        certificate=certificate,
    )
    a = submit.application
    assert any_stage.filing_of(of(replace(submit, facts=facts), exception_granted=True)) == Filing(
        a.unit_code, a.unit_name, a.unit_kind, a.form, a.documents, submit.now, ("app-8",), True, ("dishonesty",), False, entries,
        certificate,
    )  # fmt: skip


@pytest.mark.parametrize(("verdict", "left"), [("override", ()), ("uphold", ("unit_operating_normally",))])
def test_what_officers_have_overridden_does_not_stand_in_the_way_of_an_award(
    verdict: str, left: tuple[str, ...]
) -> None:
    approve = asked("ApproveApplication", A1, World.published, grant_minor=1)
    listed = replace(
        approve, facts=replace(approve.facts, standing=("abnormal_operation",)), application=approve.application
    )
    decided = {"unit_operating_normally": Decided(verdict, "x", "somebody")}
    assert codes(any_stage.rules_hold_at_approval(of(listed, decided=decided))) == left


def test_a_period_that_was_never_set_is_over() -> None:
    confirm = asked("ConfirmTermination", A1, World.in_execution)
    assert execution.unit_was_heard(of(confirm, deadlines={}, flags=frozenset())) is None


def test_a_document_is_counted_with_those_that_are_there() -> None:
    place = world()
    application = place.draft()
    place.documents.put(replace(document("licence", "x.pdf"), sha256="f" * 64))
    fields = {"material": "licence", "name": "x.pdf", "sha256": "f" * 64}
    add = place.context(place.request("AddDocument", place.unit(application), application, **fields))
    there = add.application.documents[0]
    most = {
        "count": Rule(
            "count", "", "", "", Severity.REFUSE, "", "", "document_count", ("upload",), params={"count_max": 2}
        )
    }
    one, two = (of(in_call(add, rules=most), documents=(there,) * n) for n in (1, 2))
    assert (codes(filing.document_allowed(one)), codes(filing.document_allowed(two))) == ((), ("count",))


# --- calls that say less -------------------------------------------------------------------------------------------------


def signed_too_long() -> Context:
    return asked("SignAgreement", A1, World.approved, **signing(end_on=date(2028, 1, 1)))


def in_call(context: Context, **over: Any) -> Context:
    return replace(context, call=replace(context.call, **over))


def test_a_last_day_of_a_call_without_a_rule_of_its_own_holds_all_the_same() -> None:
    sign = signed_too_long()
    without = in_call(sign, rules={name: rule for name, rule in SHANGHAI.rules.items() if rule.check != "ends_by"})
    (refusal,) = [award.ends_in_time(without)]
    assert refusal is not None
    assert (refusal.code, refusal.where, refusal.remedy_en) == (
        "value_not_allowed",
        "end_on",
        "Allowed: <= 2027-12-31.",
    )
    assert said(refusal) == (
        "“执行期截止日”的取值 2028-01-01 无效。",
        "2028-01-01 is not a value that “Last day of execution” may have.",
    )
    assert award.ends_in_time(in_call(sign, execution_ends_by=None)) is None


def test_no_more_is_out_at_any_instalment_than_the_shares_until_then() -> None:
    sign = signed_too_long()
    grant = sign.application.grant_minor

    def at_shares(*parts: int) -> Refusal | None:
        command = replace(sign.command, instalments_minor=tuple(grant * part // 10 for part in parts))
        return award.instalments_within_shares(
            in_call(replace(sign, command=command), instalments_percent=(20, 30, 50))
        )

    assert (at_shares(2, 3, 5), at_shares(1, 4, 5), at_shares(1, 1, 1, 7)) == (None, None, None)
    assert said(at_shares(1, 5, 4)) == (
        "第 2 期金额 2,500,000.00 超过通知规定的拨付比例（允许：<= 2,000,000.00）。",
        "Instalment 2 of 2,500,000.00 is above the share that the call allows (<= 2,000,000.00).",
    )


def test_an_even_number_of_experts_is_enough_where_the_call_does_not_ask_for_an_odd_one() -> None:
    start = asked("StartReview", R1, World.format_checked, experts=(), seed=7)
    even = in_call(start, review=replace(SHANGHAI.review, odd=False, experts_min=2))
    experts = tuple(world().experts(EXPERTS[:2]))
    assert review.experts_enough(replace(even, command=replace(even.command, experts=experts))) is None
    assert said(review.experts_enough(even)) == (
        "专家人数须不少于 2 名，现为 0 名。",
        "At least 2 experts are needed; there are 0.",
    )


def test_an_acceptance_hears_nobody_where_the_call_asks_for_no_experts() -> None:
    fields = {"outcome": "accepted", "verified": {}, "grounds": "x", "recover_minor": 0, "experts": ()}
    propose = asked("ProposeOutcome", C1, World.in_acceptance, **fields)
    assert codes(execution.acceptance_experts_enough(propose)) == ("too_few_experts",)
    assert execution.acceptance_experts_enough(in_call(propose, acceptance_experts_min=0)) is None


def test_a_call_without_a_period_for_entries_keeps_no_credit_record() -> None:
    place = world()
    application = place.revoked()
    place.propose_credit(application)
    enter = place.context(place.request("EnterCredit", A1, application))
    ended = datetime(2025, 9, 1, tzinfo=UTC).date()
    fields = {"kind": "revocation", "clause": "四", "grounds": "x", "ended_on": ended}
    propose = place.context(place.request("ProposeCredit", A1, application, **fields))
    without = {name: period for name, period in SHANGHAI.periods.items() if name != "credit"}
    words = ("未找到“信用记录”。", "There is no credit record.")
    assert said(credit.ground_left(in_call(enter, periods=without))) == words
    assert said(credit.act_well_dated(in_call(propose, periods=without))) == words
    assert (credit.ground_left(enter), credit.act_well_dated(propose)) == (None, None)


def test_money_late_is_a_ground_only_in_a_call_that_sets_a_time_for_it() -> None:
    place = world()
    application = place.closed("failed", 100)
    place.when_due(application, "recovery")
    context = place.context(place.request("EnterCredit", A1, application))
    without = {name: period for name, period in SHANGHAI.periods.items() if name != "recovery"}
    assert credit.gives_ground(context, "late_recovery") is True
    assert credit.gives_ground(in_call(context, periods=without), "late_recovery") is False


def test_the_last_instalments_have_no_more_than_the_shares_that_are_left() -> None:
    sign = signed_too_long()
    grant = sign.application.grant_minor
    parts = tuple(grant * percent // 100 for percent in (20, 30, 1))
    command = replace(sign.command, instalments_minor=parts)
    short = in_call(replace(sign, command=command), instalments_percent=(20, 30))
    assert said(award.instalments_within_shares(short))[1] == (
        "Instalment 3 of 50,000.00 is above the share that the call allows (<= 0.00)."
    )


def test_an_act_whose_entry_would_be_over_at_this_instant_is_too_old() -> None:
    ended = date(2025, 9, 1)
    fields = {"kind": "revocation", "clause": "四", "grounds": "x", "ended_on": ended}
    propose = asked("ProposeCredit", A1, World.revoked, **fields)
    over = credit.until(propose, ended)
    assert over is not None
    tick = timedelta(microseconds=1)
    assert [codes(credit.act_well_dated(replace(propose, now=at))) for at in (over - tick, over)] == [
        (),
        ("value_not_allowed",),
    ]


# --- scores and money ----------------------------------------------------------------------------------------------------


def test_scores_lie_apart_by_the_best_less_the_worst_and_by_nothing_where_there_are_none() -> None:
    place = world()
    context = place.context(place.request("ProposeDecline", R1, place.scored(), grounds="x"))
    given = {"e-1": 50, "e-2": 60, "e-3": 71}
    whole = {name: {c.id: points for c in SHANGHAI.rubric} for name, points in given.items()}
    experts = {name: Assignment("U", "scored", points) for name, points in whole.items()}
    resting = {"e-4": Assignment("U", "accepted", {c.id: 100 for c in SHANGHAI.rubric})}
    assert review.spread_ppm(of(context, experts={**experts, **resting})) == 210_000
    assert review.spread_ppm(of(context, experts=resting)) == 0


def test_a_panel_counts_once_it_has_met_after_the_last_score() -> None:
    place = world()
    application = place.application(place.scored())

    def met(position: int, *scores: int) -> bool:
        experts = {str(n): Assignment("U", "scored", position=n) for n in scores}
        waiting = {"w": Assignment("U", "accepted", position=99)}
        return review.panel_met(replace(application, experts={**experts, **waiting}, panel={"position": position}))

    assert (met(5, 3, 4), met(5, 3, 7), met(1)) == (True, False, True)
    assert review.panel_met(application) is False


def test_nothing_may_be_granted_of_what_was_neither_asked_for_nor_published() -> None:
    propose = asked("ProposeAward", R1, World.scored, amount_minor=1, grounds="x")
    approve = asked("ApproveApplication", A1, World.published, grant_minor=1)
    assert codes(review.amount_within_request(of(propose, form={}))) == ("amount_not_allowed",)
    assert codes(review.grant_within_proposal(of(approve, proposal=None))) == ("amount_not_allowed",)


def test_money_that_is_more_than_gone_leaves_nothing() -> None:
    fields = {"amount_minor": 100, "grounds": "x"}
    propose = asked("ProposeAward", R1, World.scored, **fields)

    def with_purse(**over: Any) -> tuple[Refusal, ...]:
        purse = replace(Purse(1000, 900, "", 0, 0), **over)
        return money.within_envelope(replace(propose, facts=replace(propose.facts, purse=purse)))

    assert codes(with_purse()) == ()
    assert [said(one) for one in with_purse(bound_minor=1200)] == [
        (
            "建议金额 1.00 超出资金余额 0.00（总额 10.00，其他申报件已占用 12.00）。",
            "The amount 1.00 is more than the 0.00 left (envelope 10.00, bound by others 12.00).",
        )
    ]
    assert codes(with_purse(direction="x", awards_max=0, amount_max_minor=0)) == ("quota_exceeded", "quota_exceeded")
    assert "“x”" in said(with_purse(direction="x", awards_max=0)[0])[0]


# --- what is told of a refused move --------------------------------------------------------------------------------------


def test_a_refused_move_says_in_words_what_stands_in_its_way() -> None:
    place = world()
    application = place.draft()
    place.do("EditDraft", place.unit(application), application, form={})
    unit = place.unit(application)
    stranger = replace(unit, unit="91310000FAKE00021N")
    later = world()
    agreed = later.agreed()
    fields = {"unit_code": unit.unit, "unit_name": "x", "unit_kind": "company", "contacts": ()}
    refusals = [
        *place.would("ClaimFormatCheck", F1, application),
        *place.would("GrantSecondFiling", F1, application, reason="x"),
        *place.would("EditDraft", unit, application, form={}, version=1),
        *place.would("CreateDraft", unit, application, **fields),
        *place.would("CreateDraft", F1, "app-x", **fields),
        *place.would("CreateDraft", stranger, "app-x", **fields),
        *later.would("SignAgreement", later.unit(agreed), agreed, **later.agreement(agreed)),
    ]
    assert [f"{one.code}: {one.zh} {one.en} {one.remedy_en}" for one in refusals] == [
        (
            "not_allowed_in_state: 申报件当前为“草稿”，不能办理“受领形式审查”。 The application is in the state “draft”; "
            "“Take on the format check” is not possible from there. See where it stands now; possible for you: nothing."
        ),
        (
            "role_not_allowed: 形式审查人员无权办理“同意申报第二个项目”。 “Allow a second filing” is not for the role “format officer”. "
            "Ask one of: approving officer."
        ),
        (
            "stale_version: 申报件已更新至版本 6，您看到的是版本 1。 The application has moved on to version 6; you saw version 1. "
            "Reload, look at what changed, and try again."
        ),
        "application_exists: 编号 app-0001 已被使用。 The id app-0001 is taken. Use a new id, or go on with the draft that exists.",
        "role_not_allowed: 形式审查人员无权办理“建立草稿”。 “Open a draft” is not for the role “format officer”. Ask one of: applicant.",
        "other_unit: 该申报件不属于贵单位。 This application is not your unit's. Sign in with an account of the applying unit.",
        (
            "not_allowed_in_phase: 申报件处于“协议已生效”阶段，不能办理“签署项目协议”。 The application is in the phase “agreement in force”; "
            "“Sign the agreement” is not possible there. It is possible in: agreement due."
        ),
    ]


def test_a_draft_that_is_not_yet_made_is_looked_at_as_version_nought() -> None:
    place = world()
    create = example("CreateDraft")
    found = newborn(place.call_id, "app-1", replace(create, unit_code=" 91310000fake00013y"), place.now)
    assert found == Application(
        id="app-1", call_id=place.call_id, state=State.DRAFT, phase="", version=0, changed_version=0,
        unit_code="91310000FAKE00013Y", unit_name=create.unit_name, unit_kind=create.unit_kind, contacts=(),
        created_at=place.now,
    )  # fmt: skip


# --- plain values --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ((1, ("a", None), True), [1, ["a", None], True]),
        ({"a": date(2026, 1, 2), 3: [date(2026, 1, 3)]}, {"a": "2026-01-02", "3": ["2026-01-03"]}),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05.000000Z"),
        (TWO[:1], [{"title": "样机", "due_on": "2026-06-01"}]),
    ],
)
def test_a_commands_values_stand_on_the_ledger_as_plain_json(value: Any, told: Any) -> None:
    assert plain(value) == told


@pytest.mark.parametrize("value", [1.5, Decimal(1), b"x", {1, 2}])
def test_what_json_would_blur_has_no_place_on_the_ledger(value: Any) -> None:
    with pytest.raises(TypeError, match="has no place on the ledger"):
        plain([value])


def test_a_commands_body_has_all_its_fields_and_nothing_else() -> None:
    assert body("RecordPayment", asked("RecordPayment", M1, World.agreed, instalment=1, amount_minor=5).command) == {
        "instalment": 1,
        "amount_minor": 5,
    }


# --- the machine and the rules -------------------------------------------------------------------------------------------


def test_the_machine_holds_the_states_of_an_application_and_has_no_model() -> None:
    assert (list(MACHINE.states), MACHINE.initial, list(MACHINE.models)) == ([*State], "draft", [])


def test_a_move_whose_condition_says_no_leaves_the_state_as_it_is() -> None:
    machine = Machine(model=None, states=["a", "b"], initial="a", auto_transitions=False)
    machine.event_cls = MACHINE.event_cls
    machine.add_transition("go", "a", "b", conditions=lambda ctx: ctx)
    moved, stayed = Subject("a"), Subject("a")
    assert (machine.events["go"].trigger(moved, True), moved.state) == (True, "b")
    assert (machine.events["go"].trigger(stayed, False), stayed.state) == (False, "a")


def test_a_guard_with_several_reasons_gives_them_all() -> None:
    both = tuple(Refusal(code, "", "", "", "", "") for code in ("a", "b"))
    guard: Guard = lambda _: both  # noqa: E731
    guard.__name__ = "deadline_due"
    rows = tuple(replace(row, guards=(*row.guards, guard)) for row in ROWS if row.command)
    machine = build(rows)
    claim = asked("ClaimFormatCheck", F1, World.submitted)
    with pytest.raises(Refused) as refused:
        machine.events["ClaimFormatCheck"].trigger(Subject("submitted"), claim)
    assert codes(refused.value.refusals) == ("a", "b")


@pytest.mark.parametrize("name", CALLS)
def test_the_rules_of_a_call_are_the_tables_and_its_source_and_their_hash_names_them(name: str) -> None:
    rules = rules_of(load(name))
    told = json.loads(rules.body)
    assert (sorted(told), told["call"]["id"], len(told["table"])) == (
        ["call", "programme", "table"],
        name,
        len(described()),
    )
    assert (rules.hash, len(rules.hash)) == (rules_of(load(name)).hash, 64)
    assert len({rules_of(load(one)).hash for one in CALLS}) == len(CALLS)


@pytest.mark.parametrize(("loaded", "known"), [(("b", "a"), "a, b"), ((), "—")])
def test_a_call_that_is_not_loaded_is_told_with_those_that_are(loaded: tuple[str, ...], known: str) -> None:
    rules = Loaded({name: rules_of(SHANGHAI) for name in loaded})
    with pytest.raises(NotLoaded, match=rf"the call x is not loaded \(loaded: {known}\)"):
        rules["x"]

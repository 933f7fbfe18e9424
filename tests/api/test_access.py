"""Who may see and do what over HTTP: one gate for every route, and nothing that tells of hidden things."""

from __future__ import annotations

from typing import Any

import pytest

from states.actor import OFFICERS, Actor, Role
from states.commands import COMMANDS, PROGRAMME_COMMANDS
from tests.api.office import OPEN, Office, code, ok
from tests.drive import A1, A2, EXPERTS, F1, F2, R1
from tests.filings import CLIMATE

READING = ("", "/history", "/findings", "/worksheet", "/receipt", "/receipt.pdf")
ASSIGNED = EXPERTS[:2]
AUDITOR = Actor("auditor-1", Role.AUDITOR)


def routes(office: Office) -> list[tuple[str, str]]:
    """Every method and path of the interface, as it describes itself."""
    paths = ok(office.get("/api/v1/openapi.json"))["paths"]
    return [(method.upper(), path) for path, methods in paths.items() for method in methods]


def filled(path: str, application: str) -> str:
    return path.format(
        application_id=application,
        call_id=CLIMATE.call,
        command="PassFormatCheck",
        number="x",
        what="applications",
        position="1",
    )


def test_the_interface_describes_every_command_that_people_give(office: Office) -> None:
    described = {path.rpartition("/")[2] for _, path in routes(office) if "/commands/" in path}
    of_system = {"LapseDraft", "FollowWindow", "LapseCorrection", "PassDeadline", "Remind", "LapseAward", "StartExecution",
                 "MarkReportLate", "EscalateReport", "EndExecution", "MarkAcceptanceOverdue", "EscalateAcceptance",
                 "ArchiveApplication", "ExpireCredit", "AskContacts", "NoteErratum", "TellErratum", "RescheduleDeadlines", "TellCalendar", "TellExtension", "SummariseDay", "SummariseMonth"}  # fmt: skip
    assert described == (COMMANDS.keys() | PROGRAMME_COMMANDS.keys()) - of_system - {"CreateDraft"}


def test_without_a_key_nothing_but_what_is_public_is_answered(office: Office) -> None:
    application = office.submitted()
    for method, path in routes(office):
        answer = office.client.request(method, filled(path, application), headers={"Idempotency-Key": "x"},
                                       params={"since": "2025-01-01T00:00:00Z", "material": "plan", "name": "x"})  # fmt: skip
        public = path in OPEN or path == "/api/v1/calls/{call_id}"
        hidden = path.endswith("/objections") or path == "/metrics"  # nothing is published; strangers do not watch
        expected = 404 if hidden else 200 if public else 401
        assert (path, answer.status_code) == (path, expected)


@pytest.mark.parametrize("key", ["", "fck_wrong", "\u00e9", "a" * 10_000])
def test_a_wrong_key_is_no_key(office: Office, key: str) -> None:
    headers = [(b"Authorization", f"Bearer {key}".encode())]
    assert code(office.client.get("/api/v1/applications", headers=headers)) == (401, "unauthenticated")


def test_a_key_that_was_ended_or_has_run_out_is_no_key(office: Office) -> None:
    from datetime import timedelta

    ok(office.get("/api/v1/applications", F1))
    assert office.system.tokens.revoke(office.system.tokens.tokens()[0].digest[:10])
    assert code(office.get("/api/v1/applications", F1)) == (401, "unauthenticated")
    ok(office.get("/api/v1/applications", F2))
    office.clock.at += timedelta(days=4000)
    assert code(office.get("/api/v1/applications", F2)) == (401, "unauthenticated")


def test_another_units_application_answers_as_one_that_is_not_there(office: Office) -> None:
    application, stranger = office.submitted(), office.unit(2)
    for method, path in routes(office):
        if "{application_id}" not in path:
            continue
        answers: list[tuple[int, bytes]] = []
        for name in (application, "app-nowhere"):
            params = {"material": "plan", "name": "x"}
            headers = {**office.headers(stranger, "same"), "Content-Type": "application/json"}
            answer = office.client.request(method, filled(path, name), headers=headers, params=params, content=b"{}")
            answers.append((answer.status_code, answer.content.replace(name.encode(), b"")))
        assert answers[0] == answers[1]
        assert (path, answers[0][0] in (403, 404, 422)) == (path, True)  # 422: malformed, whoever asks for whatever


def test_a_unit_lists_its_own_and_the_office_all(office: Office) -> None:
    first, second = office.submitted(1), office.draft(2)

    def listed(actor: Actor, query: str = "") -> list[str]:
        return [a["id"] for a in ok(office.get(f"/api/v1/applications{query}", actor))["applications"]]

    assert (listed(office.unit(1)), listed(office.unit(2)), listed(office.unit(3))) == ([first], [second], [])
    assert listed(F1) == listed(AUDITOR) == sorted([first, second])
    assert listed(F1, "?state=draft") == [second]
    page = ok(office.get("/api/v1/applications?limit=1", F1))
    assert [page["applications"][0]["id"], *listed(F1, f"?after={page['after']}")] == sorted([first, second])
    assert code(office.get("/api/v1/applications", EXPERTS[0])) == (403, "role_not_allowed")


def in_review(office: Office) -> str:
    application = office.submitted()
    ok(office.do(application, "ClaimFormatCheck", F1))
    ok(office.do(application, "PassFormatCheck", F1))
    experts = [{"id": e.id, "unit": e.unit} for e in ASSIGNED]
    ok(office.do(application, "StartReview", R1, experts=experts, seed=7))
    return application


def test_a_unit_learns_nothing_of_who_reviews_it(office: Office) -> None:
    application = in_review(office)
    points = {criterion.id: 1 for criterion in office.call.rubric}
    for expert in ASSIGNED:
        office.do(application, "AcceptInvitation", expert)
        office.do(application, "SubmitScore", expert, points=points, comment="机密评语")
    for path in READING:
        told = office.get(f"/api/v1/applications/{application}{path}", office.unit()).text
        assert [e.id for e in EXPERTS if e.id in told] == [], (path, told)
        assert "机密评语" not in told
        assert [o for o in (F1.id, R1.id) if f'"{o}"' in told] == []
    everything = office.get(f"/api/v1/applications/{application}/history", AUDITOR).text
    assert [e.id for e in ASSIGNED if e.id not in everything] == []


def test_an_expert_sees_what_was_assigned_and_nobody_elses_score(office: Office) -> None:
    application = in_review(office)
    points = {criterion.id: 1 for criterion in office.call.rubric}
    first, second = ASSIGNED
    for expert in (first, second):
        office.do(application, "AcceptInvitation", expert)
    office.do(application, "SubmitScore", first, points=points, comment="机密评语")
    told = office.get(f"/api/v1/applications/{application}/history", second).text
    assert ("机密评语" in told, first.id in told) == (False, False)
    ok(office.get(f"/api/v1/applications/{application}", second))
    assert code(office.get(f"/api/v1/applications/{application}", EXPERTS[5])) == (404, "not_found")


@pytest.mark.parametrize("role", sorted(set(Role) - OFFICERS - {Role.SYSTEM}))
def test_only_officers_work_in_bulk(office: Office, role: Role) -> None:
    actor = Actor("somebody", role, CLIMATE.unit_code(1))
    answer = office.post("/bulk/PassFormatCheck", actor, {"applications": ["x"]})
    assert code(answer) == (403, "role_not_allowed")


def test_a_bulk_run_says_beforehand_what_it_then_does(office: Office) -> None:
    good, bad = [office.submitted(n) for n in (1, 2)], office.draft(3)
    body: dict[str, Any] = {"applications": [*good, bad, "app-nowhere"]}
    for application in good:
        ok(office.do(application, "ClaimFormatCheck", F1))
    head = office.system.ledger.head()
    foreseen = ok(office.post("/bulk/PassFormatCheck", F1, {**body, "dry_run": True}))
    assert (office.system.ledger.head(), foreseen["dry_run"]) == (head, True)
    done = ok(office.post("/bulk/PassFormatCheck", F1, body, key="run"))
    assert (
        (done["accepted"], done["refused"])
        == (foreseen["accepted"], foreseen["refused"])
        == (good, foreseen["refused"])
    )
    assert [(r["application"], r["refusals"][0]["code"]) for r in done["refused"]] == [
        (bad, "not_allowed_in_state"), ("app-nowhere", "unknown_application"),
    ]  # fmt: skip
    head = office.system.ledger.head()
    again = ok(office.post("/bulk/PassFormatCheck", F1, body, key="run"))
    assert (again["accepted"], office.system.ledger.head()) == (good, head)


def test_a_window_is_extended_for_all_by_two_officers(office: Office) -> None:
    from datetime import timedelta

    application, later = office.draft(), office.call.closes_at + timedelta(hours=4)
    path = f"/calls/{CLIMATE.call}/commands"
    body = {"closes_at": later.isoformat(), "reason": "outage", "evidence": "monitoring"}
    assert code(office.post(f"{path}/ProposeExtension", office.unit(), body)) == (403, "role_not_allowed")
    ok(office.post(f"{path}/ProposeExtension", A1, body))
    assert code(office.post(f"{path}/ExtendWindow", A1)) == (403, "same_person")
    ok(office.post(f"{path}/ExtendWindow", A2))
    assert ok(office.get(f"/api/v1/calls/{CLIMATE.call}"))["closes_at"].startswith("2026-03-31T16:00:00")
    office.sweep()
    office.clock.at = later - timedelta(microseconds=1)
    ok(office.do(application, "SubmitApplication", office.unit()))


def test_the_worksheet_lists_what_only_people_can_judge(office: Office) -> None:
    application = office.submitted()
    sheet = ok(office.get(f"/api/v1/applications/{application}/worksheet", F1))
    manual = [
        r.id
        for r in office.call.rules.values()
        if r.check == "none" and r.severity.value in ("refuse", "officer", "declare")
    ]
    assert [item["rule"] for item in sheet if item["state"] == "to_see"] == manual
    assert code(office.get(f"/api/v1/applications/{application}/worksheet", office.unit())) == (403, "role_not_allowed")


def test_an_application_is_shown_as_it_stood_at_an_instant(office: Office) -> None:
    from datetime import timedelta

    application, unit = office.draft(), office.unit()
    then = office.clock.at
    office.clock.at += timedelta(hours=1)
    ok(office.do(application, "SubmitApplication", unit))
    path = f"/api/v1/applications/{application}"
    answer = office.client.get(path, params={"as_of": then.isoformat()}, headers=office.headers(unit))
    assert (ok(answer)["state"], ok(office.get(path, unit))["state"]) == ("draft", "submitted")

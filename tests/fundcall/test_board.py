"""`fundcall reviews` and `fundcall board`: what they show, and proposals that are first tried and then given."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from fundcall.cli import app
from tests.databases import durable_ledger
from tests.drive import EXPERTS, World, world
from tests.filings import SHANGHAI

CALL = SHANGHAI.call
E1, E3 = EXPERTS[0], EXPERTS[2]
AS = f"expert:{E3.id}@{E3.unit}"


def scored(place: World, points: int, *experts: Any) -> str:
    application = place.in_review()
    for expert in experts or EXPERTS[:3]:
        place.do("AcceptInvitation", expert, application)
        place.do("SubmitScore", expert, application, points=place.points(points), comment="可行")
    return application


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three applications that are scored, the last by two experts of three, and money for one."""
    ledger = durable_ledger(tmp_path)
    place = world(ledger=ledger)
    for points in (60, 90):
        scored(place, points)
    scored(place, 70, *EXPERTS[:2])
    place.money(int(place.profile.form["requested_minor"]))
    ledger.close()
    return tmp_path


def run(folder: Path, *arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, [*arguments, "--data-dir", str(folder)], catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done.output


def found(folder: Path, *arguments: str, code: int = 0) -> Any:
    return json.loads(run(folder, *arguments, "--json", code=code))


def test_who_owes_a_score_is_listed_with_when_it_was_due(folder: Path) -> None:
    for which in ((), ("--missing",), ("--late",)):  # the call is long over
        owed = found(folder, "reviews", "list", "--call", CALL, *which)
        assert [(one["application"], one["expert"], one["late"]) for one in owed] == [("app-0003", E3.id, True)]
    run(folder, "reviews", "list", "--call", CALL, "--missing", "--late", code=2)
    run(folder, "reviews", "list", "--call", "nowhere", code=2)


def test_an_expert_keeps_a_draft_from_the_command_line(folder: Path) -> None:
    run(folder, "reviews", "draft", "-a", "app-0003", "--actor", AS, code=1)
    given = '{"points":{"impact":70},"comment":"草稿"}'
    kept = json.loads(run(folder, "reviews", "draft", "-a", "app-0003", "--actor", AS, "--data", given))
    assert kept == {"points": {"impact": 70}, "comment": "草稿", "comments": {}}
    assert json.loads(run(folder, "reviews", "draft", "-a", "app-0003", "--actor", AS)) == kept
    run(folder, "reviews", "draft", "-a", "app-0003", "--actor", AS, "--data", '{"points":{"impact":101}}', code=2)
    run(folder, "reviews", "draft", "-a", "app-0003", "--actor", f"expert:{E1.id}@{E1.unit}", code=1)


def test_the_board_is_told_in_words_and_as_json(folder: Path) -> None:
    text = run(folder, "board", "--call", CALL)
    assert "产业创新公共服务平台" in text
    board = found(folder, "board", "--call", CALL)
    assert {line["application"]: line["standing"] for line in board["lines"]} == {
        "app-0002": "above", "app-0001": "over", "app-0003": "unranked",
    }  # fmt: skip
    assert found(folder, "board", "--call", CALL, "--cut", "2", "--measure", "z")["total"]["exceeded"] is True
    assert found(folder, "board", "--call", CALL, "--direction", board["lines"][0]["direction"])["lines_in_all"] == 3
    for bad in (("--measure", "median"), ("--direction", "nowhere")):
        run(folder, "board", "--call", CALL, *bad, code=2)
    run(folder, "board", "--call", "nowhere", code=2)


def test_nothing_is_ranked_by_z_while_an_expert_has_given_no_scores_that_differ(tmp_path: Path) -> None:
    with closing(durable_ledger(tmp_path)) as ledger:
        scored(world(ledger=ledger), 80)
    told = run(tmp_path, "board", "--call", CALL, "--measure", "z", code=2)
    assert "不能按标准分排序，请改用 --measure mean" in "".join(told.split("\n"))
    run(tmp_path, "board", "--call", CALL, "--measure", "trimmed")


def test_proposals_are_tried_first_and_given_with_yes(folder: Path) -> None:
    propose = ("board", "--call", CALL, "--propose", "--actor", "review_officer:r-9")
    tried = found(folder, *propose)
    assert (tried["done"], tried["refused"]) == (False, {})
    assert {a["application"]: a["command"] for a in tried["accepted"]} == {
        "app-0002": "ProposeAward", "app-0001": "ProposeDecline",
    }  # fmt: skip
    assert "加 --yes" in run(folder, *propose)
    assert found(folder, "board", "--call", CALL)["lines"][0]["standing"] == "above"
    done = found(folder, *propose, "--yes", "--id", "one")
    assert (done["done"], done["accepted"]) == (True, tried["accepted"])
    assert [line["standing"] for line in found(folder, "board", "--call", CALL)["lines"]] == [
        "proposed", "proposed_decline", "unranked",
    ]  # fmt: skip


def test_proposals_that_the_money_does_not_cover_are_told_before_anything_is_done(folder: Path) -> None:
    propose = ("board", "--call", CALL, "--propose", "--actor", "review_officer:r-9", "--cut", "2")
    tried = found(folder, *propose, code=1)
    assert [reasons[0]["code"] for reasons in tried["refused"].values()] == ["envelope_exceeded"]
    assert "envelope_exceeded" in run(folder, *propose, code=1)

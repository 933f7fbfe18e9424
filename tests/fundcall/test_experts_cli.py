"""The registry of experts and their draw from the command line, on an installation of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fundcall.cli import app
from tests.databases import durable_ledger
from tests.drive import world
from tests.filings import uscc
from workflow.record import decode

HEAD = "id,unit,topics,load_max,name,email,away,declared,cooperation"
CALL = ("--call", "shanghai-ai-plus-2025")
OFFICER = ("--actor", "review_officer:lin")
Said = Callable[..., tuple[int, str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An installation in which four applications wait for review."""
    ledger = durable_ledger(tmp_path)
    place = world(ledger=ledger)
    for _ in range(4):
        place.format_checked()
    ledger.close()
    return tmp_path


@pytest.fixture
def said(folder: Path) -> Said:
    def say(*asked: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, [*asked, "--data", str(folder)])
        return done.exit_code, done.output

    return say


def registry(folder: Path, *rows: str, head: str = HEAD) -> str:
    file = folder / "experts.csv"
    file.write_text("\n".join((head, *rows)) + "\n", encoding="utf-8-sig")
    return str(file)


def eight(folder: Path, **over: str) -> str:
    """Eight experts, of whom the first declares a tie to the first unit."""
    rows = [f"e{n},EMPLOYER{n},ai_lead.foundations;ai_lead,3,专家{n},e{n}@u{n}.example,,," for n in range(1, 9)]
    rows[0] = f"e1,EMPLOYER1,ai_lead,3,专家1,e1@qq.com,,{uscc(1)},"
    return registry(folder, *(over.get(row.partition(",")[0], row) for row in rows))


def test_the_registry_is_imported_listed_and_shown(folder: Path, said: Said) -> None:
    row = f"e9,employer9,ai_lead.foundations;ai_lead,3,王某,w@u9.example,2026-01-01/2026-01-31;2026-03-01,{uscc(1)},{uscc(2)}/2026-12-31"
    assert said("experts", "import", registry(folder, row)) == (0, "✓ 专家 experts: 1\n")
    listed = json.loads(said("experts", "list", "--json")[1])
    assert listed == [
        {
            "id": "e9", "unit": "EMPLOYER9", "topics": ["ai_lead.foundations", "ai_lead"], "load_max": 3,
            "away": ["2026-01-01/2026-01-31", "2026-03-01/2026-03-01"], "declared": [uscc(1)],
            "cooperation": [f"{uscc(2)}/2026-12-31"],
        }
    ]  # fmt: skip
    shown = json.loads(said("experts", "show", "e9", "--json")[1])
    assert shown == listed[0] | {"name": "王某", "email": "w@u9.example"}
    assert json.loads(said("experts", "list", "--json", "--topic", "nowhere.else")[1]) == []
    assert said("experts", "show", "e10")[0] == 1


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ("e1,EMPLOYER1,ai_lead,many,,,,,", "experts.csv:3: load_max: 应为"),
        ("e1,EMPLOYER1,no_such,3,,,,,", "experts.csv:3: topics: 没有以"),
        ("e1,EMPLOYER1,,3,,,,,", "experts.csv:3: topics: 不能为空"),
        (",EMPLOYER1,ai_lead,3,,,,,", "experts.csv:3: id: 不能为空"),
        ("e 1,EMPLOYER1,ai_lead,3,,,,,", "experts.csv:3: id: 编号有误"),
        ("e0,EMPLOYER1,ai_lead,3,,,,,", "experts.csv:3: id: 编号重复"),
        ("e1,单位,ai_lead,3,,,,,", "experts.csv:3: unit: 单位代码有误"),
        ("e1,EMPLOYER1,ai_lead,3,,nobody,,,", "experts.csv:3: email: 电子邮箱有误"),
        ("e1,EMPLOYER1,ai_lead,3,王\x00某,,,,", "experts.csv:3: name: 含有控制字符"),
        ("e1,EMPLOYER1,ai_lead,3,,,2026-13-01,,", "experts.csv:3: away: 日期有误"),
        ("e1,EMPLOYER1,ai_lead,3,,,2026-02-01/2026-01-01,,", "experts.csv:3: away: 结束早于开始"),
        ("e1,EMPLOYER1,ai_lead,3,,,,?,", "experts.csv:3: declared: 单位代码有误"),
        ("e1,EMPLOYER1,ai_lead,3,,,,,UNIT1", "experts.csv:3: cooperation: 日期有误"),
        ("e1,EMPLOYER1", "experts.csv:3: 列数与表头不符"),
        ('e1,"EMPLOYER1', "experts.csv:-: 无法按 UTF-8 CSV 读取"),
    ],
)
def test_a_fault_of_the_registry_is_told_by_row_and_column_and_changes_nothing(
    folder: Path, said: Said, row: str, place: str
) -> None:
    assert said("experts", "import", eight(folder))[0] == 0
    code, text = said("experts", "import", registry(folder, "e0,EMPLOYER0,ai_lead,3,,,,,", row))
    assert (code, text.removeprefix("✗ ")[: len(place)]) == (2, place)
    assert len(json.loads(said("experts", "list", "--json")[1])) == 8


def test_a_registry_without_a_column_is_refused(folder: Path, said: Said) -> None:
    code, text = said("experts", "import", registry(folder, "e1,UNIT1,3", head="id,unit,load_max"))
    assert (code, text) == (2, "✗ experts.csv:1: topics: 缺少该列 / this column is missing\n")


def test_experts_are_drawn_verified_and_begin_their_reviews(folder: Path, said: Said) -> None:
    assert said("experts", "import", eight(folder))[0] == 0
    asked = ("experts", "draw", *CALL, *OFFICER, "--seed", "5", "--json")
    trial = json.loads(said(*asked, "--dry-run")[1])
    made = json.loads(said(*asked)[1])
    assert (trial | {"position": made["position"]}, trial["position"]) == (made, None)
    assert (made["applications"], made["per"], made["ties"]) == (4, 3, 1)
    assert "e1" not in made["drawn"]["app-0001"]
    position = str(made["position"])
    verified = json.loads(said("experts", "verify-draw", position, *CALL, "--json")[1])
    assert (verified["differences"], verified["seed"]) == ([], 5)
    assert json.loads(said("experts", "start", position, *CALL, *OFFICER, "--json")[1]) == {"started": 4, "refused": {}}
    ledger = durable_ledger(folder)
    found = {stored.application: decode(stored.body) for stored in ledger.stored() if stored.type == "ReviewStarted"}
    assert {name: [e["id"] for e in event.data["experts"]] for name, event in found.items()} == made["drawn"]
    ledger.close()
    assert said("experts", "start", position, *CALL, *OFFICER)[0] == 0


def test_units_of_a_group_are_kept_apart_in_a_draw(folder: Path, said: Said) -> None:
    assert said("experts", "import", eight(folder))[0] == 0
    file = folder / "groups.csv"
    file.write_text(f"group,unit\n某集团,{uscc(2)}\n某集团,EMPLOYER5\n")
    assert said("experts", "import-groups", str(file)) == (0, "✓ 单位 units: 2\n")
    made = json.loads(said("experts", "draw", *CALL, *OFFICER, "--seed", "5", "--json")[1])
    assert (made["ties"], "e5" in made["drawn"]["app-0002"]) == (2, False)


def test_a_draw_that_cannot_be_says_for_which_applications(folder: Path, said: Said) -> None:
    assert said("experts", "import", registry(folder, *(f"e{n},UNIT{n % 2},ai_lead,9,,,,," for n in range(6))))[0] == 0
    code, text = said("experts", "draw", *CALL, *OFFICER)
    assert code == 1
    assert "4 applications go short: app-0001: 1 missing (6 eligible, of 2 units)" in text


def test_a_changed_draw_is_found_out(folder: Path, said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the solver now makes of the same problem differs: the draw on the ledger does not follow from its seed."""
    assert said("experts", "import", eight(folder))[0] == 0
    made = json.loads(said("experts", "draw", *CALL, *OFFICER, "--seed", "5", "--json")[1])
    monkeypatch.setattr("fundcall.assignment._NOISE", 10)
    code, text = said("experts", "verify-draw", str(made["position"]), *CALL)
    assert (code, "differs" in text) == (1, True)


def test_only_review_officers_draw(folder: Path, said: Said) -> None:
    assert said("experts", "import", eight(folder))[0] == 0
    code, text = said("experts", "draw", *CALL, "--actor", "approving_officer:chen")
    assert (code, "role_not_allowed" in text) == (1, True)
    assert said("experts", "verify-draw", "3", *CALL)[0] == 1

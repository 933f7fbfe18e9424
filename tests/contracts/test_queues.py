"""The queue of each ledger that ships."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from fundcall.audit.world import check_world
from fundcall.storage.ledger import SqliteLedger
from fundcall.storage.postgres_ledger import PostgresLedger
from tests.contracts.queue import QueueContract
from tests.drive import World, sqlite_ledger
from workflow.desk import By, Wanted
from workflow.memory import MemoryLedger
from workflow.ports import Ledger
from workflow.search import Term, spans, tokens


class TestMemoryQueue(QueueContract):
    @pytest.fixture
    def ledger(self) -> Ledger:
        return MemoryLedger()


@pytest.mark.sqlite
class TestSqliteQueue(QueueContract):
    @pytest.fixture
    def ledger(self, tmp_path: Path) -> Iterator[Ledger]:
        ledger = sqlite_ledger(tmp_path)
        yield ledger
        ledger.close()

    def test_an_unknown_order_is_refused(self, ledger: Ledger) -> None:
        with pytest.raises(ValueError, match="DROP TABLE"):
            ledger.queue(Wanted(), (By("id; DROP TABLE events"),), 1)

    def test_words_that_do_not_follow_from_the_events_are_found_out(self, place: World) -> None:
        assert isinstance(place.ledger, SqliteLedger)
        assert check_world(place.ledger).divergences == ()
        place.ledger.write([("UPDATE search_words SET title = 'x' WHERE application = ?", [("app-0002",)])])
        found = check_world(place.ledger).divergences
        assert [(one.application, one.what) for one in found] == [("app-0002", "words of search")]

    def test_the_index_of_words_is_that_of_its_table(self, place: World) -> None:
        assert isinstance(place.ledger, SqliteLedger)
        place.do("EditDraft", place.unit("app-0006"), "app-0006", form={"title": "海洋观测"})
        check = "INSERT INTO search_index (search_index, rank) VALUES ('integrity-check', 1)"
        place.ledger.write([(check, [()])])
        with sqlite3.connect(place.ledger.path) as connection:
            connection.execute("DROP TRIGGER search_words_change")
            connection.execute("UPDATE search_words SET title = 'x'")
        with pytest.raises(Exception, match="malformed"):
            place.ledger.write([(check, [()])])


class TestPostgresQueue(QueueContract):
    @pytest.fixture
    def ledger(self, postgres_ledger: PostgresLedger) -> Ledger:
        return postgres_ledger


def test_a_text_becomes_a_token_for_each_han_character_and_for_runs_of_letters_and_digits() -> None:
    assert tokens("ＡＩ+具身智能2025年，Straße") == ["ai", "具", "身", "智", "能", "2025", "年", "strasse"]


@pytest.mark.parametrize(
    ("text", "term", "expected"),
    [
        ("智能，能智能", ("智", "能"), [("智能", True), ("，能", False), ("智能", True)]),
        ("大模型（港口）", ("型", "港"), [("大模", False), ("型（港", True), ("口）", False)]),
        ("ROBOTS 与 robot", ("robo",), [("ROBO", True), ("TS 与 ", False), ("robo", True), ("t", False)]),
        ("㎡规模", ("m",), [("㎡", True), ("规模", False)]),
        ("", ("智",), []),
    ],
)
def test_what_was_found_is_marked_in_the_text_as_it_is_written(
    text: str, term: tuple[str, ...], expected: list[tuple[str, bool]]
) -> None:
    assert spans(text, [Term(term)]) == expected

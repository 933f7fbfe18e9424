"""What every ledger promises of the office's queue: filters, orders, pages both ways, and search by Chinese words."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest

from tests.contracts.ledger import applications, rows_by_fold
from tests.drive import F1, World, world
from workflow.desk import SORTED, By, Mark, Wanted, mark_of, queued, wanted_of
from workflow.ports import Ledger
from workflow.projection import NEVER, Row
from workflow.search import Term, asked, mark, words

TITLES = (
    "智能机器人示范应用", "人工智能大模型（港口）", "能智慧园区", "机器学习平台 AI 具身", "100% “引号” 项目_甲", "ＡＩ算力", "语料库",
)  # fmt: skip
FOUND = {
    "智能": (0, 1), "能智": (2,), "机器": (0, 3), "机器人": (0,), "人示": (0,), "AI": (3, 5), "ai 具身": (3,), "a": (3, 5), "100%": (4,),
    "“引号”": (4,), '" OR title:*': (), "%": (), "_": (), "项目_甲": (4,), "项目 甲": (4,), "港口": (1,), "大模型港口": (1,), "机 智能": (0,),
    "00002": (1,), "SHAI2025-00002": (1,), "shai2025": (0, 1, 2, 3, 4), "单位3": (2,), "FAKE0004": (3,), "语料": (6,), "型港": (1,), "用人": (),
}  # fmt: skip


def terms(text: str, *marks: str) -> tuple[Term, ...]:
    return tuple(Term(pieces, marks) for pieces in asked(text))


def row_of(ledger: Ledger, name: str) -> Row:
    found = ledger.row(name)
    assert found is not None
    return found


class QueueContract:
    """Inherit, and give a fixture `ledger` with a new, empty one."""

    @pytest.fixture
    def place(self, ledger: Ledger) -> World:
        """Seven applications that differ in all that a queue is sorted and narrowed by."""
        made = world(ledger=ledger)
        for n, title in enumerate(TITLES):
            made.now += timedelta(minutes=n)
            (made.submitted if n < 5 else made.draft)(title=title, requested_minor=300_000_000 + n % 3 * 1_000_000)
        made.do("ClaimFormatCheck", F1, "app-0001")
        made.do("ReturnForCorrection", F1, "app-0003", items=made.items("title"))
        return made

    def model(self, ledger: Ledger, wanted: Wanted) -> list[Row]:
        """The rows wanted, as the stored events alone make them."""
        by_id = applications(ledger)
        return wanted_of(((row, words(by_id[row.id])) for row in rows_by_fold(ledger)), wanted)

    def test_a_search_finds_what_stands_side_by_side_in_one_field_and_no_sign_means_anything(
        self, place: World
    ) -> None:
        found = {}
        for text in FOUND:
            given = terms(text)
            rows = place.ledger.queue(Wanted(terms=given), (), None) if given else []
            found[text] = tuple(int(row.id[-4:]) - 1 for row in rows)
        assert found == FOUND

    def test_a_search_follows_what_an_application_says(self, place: World) -> None:
        place.do("EditDraft", place.unit("app-0006"), "app-0006", form={"title": "海洋观测"})
        found = {
            text: [row.id for row in place.ledger.queue(Wanted(terms=terms(text)), (), None)]
            for text in ("算力", "海洋")
        }
        assert found == {"算力": [], "海洋": ["app-0006"]}

    def test_a_word_is_found_by_the_marks_that_it_stands_for_too(self, place: World) -> None:
        wanted = Wanted(terms=terms("语料库", mark("topic", "ai_lead.foundations.corpus")))
        assert len(place.ledger.queue(wanted, (), None)) == len(TITLES)
        assert place.ledger.queue(Wanted(terms=terms("别的", mark("topic", "else"))), (), None) == []

    @pytest.mark.parametrize("column", SORTED)
    def test_every_order_is_walked_through_page_by_page_both_ways(self, place: World, column: str) -> None:
        for second, down, other in product(("", "updated_at"), (False, True), (False, True)):
            order = (By(column, down), *([By(second, other)] if second and second != column else []))
            whole = queued(self.model(place.ledger, Wanted()), order, None)
            assert place.ledger.queue(Wanted(), order, None) == whole
            past: Mark | None = None
            for i in range(0, len(whole), 3):
                page = place.ledger.queue(Wanted(), order, 3, past)
                assert page == whole[i : i + 3]
                past = mark_of(page[-1], order)
            assert place.ledger.queue(Wanted(), order, 3, mark_of(whole[5], order), back=True) == whole[2:5]
            assert place.ledger.queue(Wanted(), order, 3, mark_of(whole[0], order), back=True) == []

    def test_each_filter_narrows_to_what_fits_and_counts_what_it_finds(self, place: World) -> None:
        due, one = row_of(place.ledger, "app-0001").due_at, "ai_lead.foundations.corpus"
        asked_for = (
            Wanted(states=("submitted",)), Wanted(states=("submitted", "draft")), Wanted(phases=("checking",)), Wanted(topics=(one,)),
            Wanted(topics=()), Wanted(call_id=place.call_id), Wanted(call_id="x"), Wanted(flags=("late",)), Wanted(findings_open=False),
            Wanted(findings_open=True), Wanted(claimed=True), Wanted(claimed=False), Wanted(claimed_by=F1.id), Wanted(claimed_by="x"),
            Wanted(due_before=due), Wanted(due_from=due), Wanted(due_from=due, due_before=NEVER), Wanted(requested_from=301_000_000),
            Wanted(requested_from=301_000_000, requested_upto=301_000_000), Wanted(terms=terms("智能"), states=("submitted",)),
            Wanted(terms=terms("智能"), requested_from=301_000_000), Wanted(states=("returned",), requested_upto=1),
        )  # fmt: skip
        sizes = []
        for wanted in asked_for:
            expected = self.model(place.ledger, wanted)
            for order in ((), (By("due_at"),), (By("title", descending=True),)):
                assert place.ledger.queue(wanted, order, None) == queued(expected, order, None), wanted
            counts = place.ledger.queue_counts(wanted)
            assert (sum(counts.values()), counts.keys()) == (
                len(expected),
                dict.fromkeys(row.state for row in expected).keys(),
            )
            sizes.append(len(expected))
        assert sizes == [4, 6, 1, 7, 0, 7, 0, 0, 7, 0, 1, 6, 1, 0, 3, 4, 4, 4, 2, 2, 1, 0]

    def test_a_row_says_who_took_it_on_and_what_falls_due_next(self, place: World) -> None:
        row, armed = row_of(place.ledger, "app-0001"), place.application("app-0001").deadlines
        assert (row.claimed_by, row.open_findings) == (F1.id, 0)
        assert row.due_at == min(at for name, at in armed.items() if "~" not in name)
        place.do("PassFormatCheck", F1, "app-0001")
        assert row_of(place.ledger, "app-0001").claimed_by == ""

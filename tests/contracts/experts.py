"""What every registry of experts promises."""

from __future__ import annotations

from datetime import date

from states.experts import Cooperation, Expert, Span
from workflow.registry import Experts

ONE = Expert("e1", "UNIT1", ("a.one", "b"), 3, "王某", "wang@zixu.example")
TWO = Expert(
    "e2",
    "UNIT2",
    ("c",),
    5,
    away=(Span(date(2026, 1, 1), date(2026, 1, 9)),),
    declared=("UNIT7",),
    past=(Cooperation("UNIT8", date(2026, 6, 30)),),
)


class ExpertsContract:
    """Subclassed for each registry, with a fixture `experts` that gives an empty one."""

    def test_an_empty_registry_knows_nobody(self, experts: Experts) -> None:
        assert (experts.registered(), experts.everyone(), experts.named(["e1"])) == (0, [], {})
        assert experts.groups(["UNIT1"]) == {}

    def test_experts_are_given_back_whole_and_by_id(self, experts: Experts) -> None:
        assert experts.replace([TWO, ONE]) == 2
        assert (experts.registered(), experts.everyone()) == (2, [ONE, TWO])
        assert experts.named(["e2", "e9"]) == {"e2": TWO}

    def test_an_import_takes_the_place_of_the_one_before(self, experts: Experts) -> None:
        experts.replace([ONE])
        experts.replace([TWO])
        assert experts.everyone() == [TWO]

    def test_units_of_a_group_belong_together_whatever_groups_they_share(self, experts: Experts) -> None:
        assert experts.replace_groups([("g", "UNIT1"), ("g", "UNIT2"), ("h", "UNIT2"), ("h", "UNIT3")]) == 4
        assert experts.groups(["UNIT1", "UNIT2", "UNIT9"]) == {
            "UNIT1": frozenset({"UNIT2"}), "UNIT2": frozenset({"UNIT1", "UNIT3"}),
        }  # fmt: skip
        assert experts.replace_groups([("g", "UNIT1"), ("g", "UNIT3")]) == 2
        assert experts.groups(["UNIT1", "UNIT2"]) == {"UNIT1": frozenset({"UNIT3"})}

    def test_many_are_found_at_once(self, experts: Experts) -> None:
        many = [ONE._replace(id=f"m{n:04d}") for n in range(1_200)]
        experts.replace(many)
        assert len(experts.named([one.id for one in many])) == 1_200

"""What counts towards the targets of a call: verified in projects that stand closed as accepted, and nothing else."""

from tests.drive import A1, A2, ACCEPTORS, C1, C2, World, world
from workflow.queries import progress


def counted(w: World) -> dict[str, tuple[int, int, int]]:
    return {p.target: (p.at_least, p.supported, p.verified) for p in progress(w.ledger, w.call)}


def test_nothing_is_reached_before_anything_is_supported() -> None:
    w = world()
    w.published()
    assert [found[1:] for found in counted(w).values()] == [(0, 0)] * len(w.call.targets)


def test_a_project_is_supported_from_its_approval_and_verified_once_accepted() -> None:
    w = world()
    a = w.in_acceptance()
    target = w.call.topics[w.application(a).topic].contributes
    assert counted(w)[target][1:] == (1, 0)
    w.do(
        "ProposeOutcome",
        C1,
        a,
        outcome="accepted",
        verified={target: 2},
        grounds="验收意见",
        recover_minor=0,
        experts=ACCEPTORS,
    )
    w.do("ConfirmOutcome", C2, a)
    assert counted(w)[target][1:] == (1, 2)


def test_what_failed_counts_no_more() -> None:
    w = world()
    w.closed("failed")
    assert [found[1:] for found in counted(w).values()] == [(0, 0)] * len(w.call.targets)


def test_what_was_undone_counts_no_more() -> None:
    w = world()
    a = w.closed()
    w.do("ProposeRevocation", A1, a, grounds="重复获得财政资金")
    w.do("SubmitDefence", w.unit(a), a, text="陈述意见")
    w.do("ConfirmRevocation", A2, a)
    assert [found[1:] for found in counted(w).values()] == [(0, 0)] * len(w.call.targets)

"""Hostile and broken files: each is told for what it is, and none harms the process that asks."""

from collections.abc import Callable, Iterator

import pytest

from fundcall.documents.examiner import Examiner
from fundcall.documents.report import Report
from tests.documents import forged, hostile
from tests.documents.making import UNIT, pdf, root, seal, stamper


def test_there_are_more_than_two_hundred_bad_files_of_different_names() -> None:
    bad = [name for name, _, found in hostile.every_case() if found] + [
        name for name, _, seals, _ in forged.every_case() if set(seals) != {"valid"}
    ]
    assert len(bad) > 300
    assert len(bad) == len(set(bad))


@pytest.mark.parametrize("kind", hostile.KINDS, ids=lambda kind: kind.__name__)
def test_a_hostile_file_has_exactly_these_findings(
    examiner: Examiner, kind: Callable[[], Iterator[hostile.Case]]
) -> None:
    cases = list(kind())
    reports = {name: examiner.examine(content) for name, content, _ in cases}
    assert {name: report.findings for name, report in reports.items()} == {name: found for name, _, found in cases}
    assert {report.seal for report in reports.values()} <= {"none", "unreadable"}


@pytest.mark.parametrize("kind", forged.KINDS, ids=lambda kind: kind.__name__)
def test_each_seal_gets_exactly_this_verdict(examiner: Examiner, kind: Callable[[], Iterator[forged.Case]]) -> None:
    cases = list(kind())
    reports = {name: examiner.examine(content) for name, content, _, _ in cases}
    told = {name: (tuple(seal.verdict for seal in found.seals), found.findings) for name, found in reports.items()}
    assert told == {name: (verdicts, findings) for name, _, verdicts, findings in cases}


@pytest.mark.parametrize(
    ("size", "findings"), [(5 << 20, ()), ((5 << 20) + 1, ()), (16 << 20, ()), ((16 << 20) + 1, ("too_large",))]
)
def test_a_file_is_examined_up_to_16_mib(examiner: Examiner, size: int, findings: tuple[str, ...]) -> None:
    report = examiner.examine(pdf(size))
    assert (report.size_bytes, report.findings, report.pages) == (size, findings, 0 if findings else 1)


def test_a_seal_tells_its_subject_and_the_time_that_its_sealer_claims(examiner: Examiner) -> None:
    (found,) = examiner.examine(forged.sealed()).seals
    assert (found.verdict, found.subject, found.time_source, found.signed_at[-6:]) == (
        "valid",
        UNIT,
        "claimed",
        "+00:00",
    )


def test_a_stamped_seal_tells_the_time_of_the_stamp(examiner: Examiner) -> None:
    (found,) = examiner.examine(seal(forged.plain(), stamps=stamper(), chain=(root(),))).seals
    assert (found.verdict, found.subject, found.time_source) == ("valid", UNIT, "timestamp")


def test_the_worst_seal_is_the_verdict_on_all(examiner: Examiner) -> None:
    cases = {
        name: content for name, content, _, _ in (*forged.good(), *forged.changed_afterwards(), *forged.two_seals())
    }
    found = {name: examiner.examine(cases[name]).seal for name in (
        "sealed, changed, sealed", "broken, then sealed", "two seals", "a stranger's seal on top", "no seal",
    )}  # fmt: skip
    assert found == {"sealed, changed, sealed": "changed", "broken, then sealed": "broken", "two seals": "valid",
                     "a stranger's seal on top": "untrusted", "no seal": "none"}  # fmt: skip


def test_the_same_bytes_give_the_same_report(examiner: Examiner) -> None:
    reports: set[Report] = {examiner.examine(forged.sealed()) for _ in range(3)}
    assert len(reports) == 1

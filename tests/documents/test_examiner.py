"""The pool of child processes: a file that brings one down is told so, and the next file is none the worse."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from fundcall.documents import examiner as module
from fundcall.documents.anchors import AnchorFault, Anchors, read_anchors
from fundcall.documents.examiner import Examiner
from fundcall.documents.report import Report
from tests.documents.forged import sealed
from tests.documents.making import party, pdf, root

GOOD = pdf()


@pytest.fixture
def doomed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Examiner]:
    """An examiner whose one child does what files say."""
    monkeypatch.setattr(module, "_CHILD", "tests.documents.aborting")
    made = Examiner(workers=1)
    yield made
    made.close()


@pytest.mark.parametrize("before", [(), (GOOD,)], ids=["a fresh child", "a used child"])
@pytest.mark.parametrize(
    ("content", "finding"), [(b"ABORT!", "crash"), (b"EXIT!!", "crash"), (b"SPIN!!", "timeout"), (b"EATS!!", "memory")]
)
def test_a_file_that_brings_its_child_down_is_told_so_and_the_next_is_examined(
    doomed: Examiner, content: bytes, finding: str, before: tuple[bytes, ...]
) -> None:
    for other in before:
        doomed.examine(other)
    assert doomed.examine(content).findings == (finding,)
    assert doomed.examine(GOOD).findings == ()


def test_a_child_that_only_waits_is_ended(doomed: Examiner, monkeypatch: pytest.MonkeyPatch) -> None:
    doomed.examine(GOOD)
    monkeypatch.setattr(module, "WALL_SECONDS", 0.5)
    assert doomed.examine(b"SLEEP!").findings == ("timeout",)


def test_a_child_killed_from_outside_costs_nobody_anything(doomed: Examiner) -> None:
    doomed.examine(GOOD)
    child = doomed._children.get()
    assert child is not None
    os.kill(child._process.pid, signal.SIGKILL)
    doomed._children.put(child)
    assert doomed.examine(GOOD).findings == ()


def test_a_child_has_some_256_mib_for_a_file(doomed: Examiner) -> None:
    assert 200 <= int(doomed.examine(b"EATS!!").format) <= 256


def test_a_child_writes_no_files(doomed: Examiner) -> None:
    assert doomed.examine(b"FILES!").format.startswith("No usable temporary directory found")


def test_a_child_knows_no_secrets(doomed: Examiner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUNDCALL_SECRET_KEY", "x")
    assert set(doomed.examine(b"SECRET").format.split(",")) <= {*module._PASSED_ON, "PYTHONPATH", "LC_CTYPE", "PWD"}


def test_many_threads_share_the_children(examiner: Examiner) -> None:
    expected = examiner.examine(sealed())
    found: list[Report] = []
    threads = [threading.Thread(target=lambda: found.append(examiner.examine(sealed()))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 8


def test_reports_come_in_the_order_of_the_files(examiner: Examiner) -> None:
    files = [sealed(), GOOD, b"", sealed(), b"x"]
    assert list(examiner.examine_all(files)) == [examiner.examine(file) for file in files]


def test_a_path_is_examined_as_its_bytes(examiner: Examiner, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(sealed())
    assert examiner.examine(tmp_path / "a.txt") == examiner.examine(sealed())


def test_nothing_is_read_of_a_file_beyond_what_is_examined(examiner: Examiner, tmp_path: Path) -> None:
    with (tmp_path / "big").open("wb") as file:
        file.truncate(300 << 20)
    assert examiner.examine(tmp_path / "big").findings == ("too_large",)


def test_closing_ends_the_children() -> None:
    made = Examiner(workers=1)
    made.examine(GOOD)
    child = made._children.get()
    assert child is not None
    made._children.put(child)
    made.close()
    assert child._process.returncode in (0, -signal.SIGKILL)  # it may see the closed channel first


# --- anchors ----------------------------------------------------------------------------------------------------------


def test_anchors_are_the_certificates_of_a_folder(tmp_path: Path) -> None:
    other = party({"CN": "另一根证书"}, ca=True)
    (tmp_path / "both.pem").write_bytes(root().pem + other.pem)
    (tmp_path / "again.CRT").write_bytes(root().pem)
    (tmp_path / "README.txt").write_text("not a certificate")
    assert read_anchors(tmp_path) == Anchors(tuple(sorted([root().der, other.der])))


def test_no_folder_means_no_anchors_and_every_seal_untrusted(tmp_path: Path) -> None:
    assert read_anchors(tmp_path / "none") == Anchors()
    made = Examiner(workers=1)
    assert [seal.verdict for seal in made.examine(sealed()).seals] == ["untrusted"]
    made.close()


def test_a_file_that_is_no_certificate_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.pem").write_text("hello")
    with pytest.raises(AnchorFault, match=r"a\.pem: 不是PEM格式的证书 / not a certificate in PEM"):
        read_anchors(tmp_path)


def test_other_anchors_are_another_version() -> None:
    versions = {Anchors().version, Anchors((root().der,)).version, Anchors((b"x",)).version}
    assert len(versions) == 3


@pytest.mark.parametrize("wrong", [AnchorFault("no certificate"), KeyboardInterrupt()], ids=["faulty", "interrupted"])
@pytest.mark.timeout(20)
def test_one_that_was_ended_while_it_began_can_still_be_closed_and_begun_again(wrong: BaseException) -> None:
    faults = [wrong]

    def anchors() -> Anchors:
        if faults:
            raise faults.pop()
        return Anchors(())

    examiner = Examiner(anchors, workers=2)
    with pytest.raises(type(wrong)):
        examiner.start()
    assert examiner.children() == {"busy": 0, "all": 2}
    examiner.close()
    examiner.start()
    assert examiner.examine(pdf()).pages == 1
    examiner.close()

"""The folder of documents: whole or not at all, durable before it is acknowledged, with the report beside it."""

import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fundcall.documents.anchors import Anchors
from fundcall.documents.examiner import Examiner
from fundcall.documents.shelf import BYTES_MAX, TooLarge
from fundcall.documents.store import DocumentStore
from states.checks import DocumentFacts
from tests.documents.forged import plain, sealed
from tests.documents.making import UNIT, pdf, root

SHA = hashlib.sha256(b"content").hexdigest()


@pytest.fixture
def store(tmp_path: Path, examiner: Examiner) -> DocumentStore:
    return DocumentStore(tmp_path / "documents", examiner)


def files(folder: Path) -> list[str]:
    """Everything in the folder but reports, relative to it."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".json")
    return sorted(path.relative_to(folder).as_posix() for path in found)


def test_a_document_comes_back_under_its_digest(store: DocumentStore) -> None:
    assert store.put(b"content") == SHA
    assert store.get(SHA) == b"content"


def test_pieces_make_the_same_document(store: DocumentStore, tmp_path: Path) -> None:
    assert store.put(iter([b"con", b"", b"tent"])) == store.put(b"content") == SHA
    assert files(tmp_path / "documents") == [f"{SHA[:2]}/{SHA}"]


@pytest.mark.parametrize("size", [0, 1, BYTES_MAX - 1, BYTES_MAX])
def test_a_document_up_to_the_limit_is_kept(store: DocumentStore, size: int) -> None:
    assert len(store.get(store.put(bytes(size))) or b"") == size


def test_a_byte_too_many_is_refused_and_nothing_stays(store: DocumentStore, tmp_path: Path) -> None:
    with pytest.raises(TooLarge, match="文件超过5242880字节 / the file is larger than 5242880 bytes"):
        store.put(bytes(BYTES_MAX + 1))
    assert files(tmp_path / "documents") == []


def test_an_endless_document_is_refused_while_it_comes(store: DocumentStore, tmp_path: Path) -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield bytes(1000)

    with pytest.raises(TooLarge):
        store.put(endless(), bytes_max=10_000)
    assert taken == 11
    assert files(tmp_path / "documents") == []


def test_an_upload_that_breaks_off_leaves_nothing(store: DocumentStore, tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        store.put(broken())
    assert files(tmp_path / "documents") == []


def test_the_sweep_removes_what_dead_processes_left_and_nothing_else(store: DocumentStore, tmp_path: Path) -> None:
    store.put(b"content")
    alive, dead = store.receive(), store.receive()
    dead._file.close()
    now = datetime.now(UTC)
    long_ago = (now - timedelta(days=2)).timestamp()
    os.utime(dead._path, (long_ago, long_ago))
    assert store.sweep(now - timedelta(days=1)) == 1
    assert store.sweep(now - timedelta(days=1)) == 0
    alive.write(b"x")
    kept = alive.keep()
    assert files(tmp_path / "documents") == sorted([f"{SHA[:2]}/{SHA}", f"{kept[:2]}/{kept}"])


def test_sweeping_an_empty_place_finds_nothing(store: DocumentStore) -> None:
    assert store.sweep(datetime.now(UTC)) == 0


def test_file_and_folders_are_on_the_disk_before_the_digest_is_told(
    store: DocumentStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    real_sync, real_replace = os.fsync, os.rename

    def sync(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        done.append(f"sync {(path if path.is_dir() else path.parent).relative_to(tmp_path).as_posix()}")
        real_sync(descriptor)

    def replace(source: Any, target: Any) -> None:
        done.append("rename")
        real_replace(source, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "replace", replace)
    store.put(b"content")
    shelves, kept = ["sync documents", "sync ."], ["sync documents/incoming", "rename", f"sync documents/{SHA[:2]}"]
    assert done == [*shelves, *kept]
    store.put(b"content")
    assert done == [*shelves, *kept, *kept]


def test_an_altered_document_is_never_handed_out(store: DocumentStore, tmp_path: Path) -> None:
    store.put(b"content")
    (tmp_path / "documents" / SHA[:2] / SHA).write_bytes(b"CONTENT")
    with pytest.raises(OSError, match="is not what was stored"):
        store.get(SHA)
    with pytest.raises(OSError, match="is not what was stored"):
        store.report(SHA)
    assert store.put(b"content") == SHA
    assert store.get(SHA) == b"content"


@pytest.mark.parametrize("name", ["", "x", SHA[:-1], SHA + "0", "../" + SHA[3:], "a/" * 32, "é" * 64, "\0" * 64])
def test_what_is_no_digest_finds_nothing(store: DocumentStore, name: str) -> None:
    store.put(b"content")
    assert (store.get(name), store.report(name), store.facts(name, "m", "n")) == (None, None, None)


def test_an_unknown_document_has_no_facts(store: DocumentStore) -> None:
    assert store.facts("0" * 64, "m", "n") is None


def test_the_facts_of_a_sealed_document_are_its_true_ones(store: DocumentStore) -> None:
    digest = store.put(sealed())
    facts = store.facts(digest.upper(), "application_form", "申报书.pdf")
    expected = DocumentFacts(digest, "application_form", "申报书.pdf", len(sealed()), "pdf", "valid", UNIT)
    assert facts == expected


def test_the_facts_name_what_is_inside(store: DocumentStore) -> None:
    digest = store.put(sealed() + b"x")
    facts = store.facts(digest, "m", "n")
    assert facts is not None
    assert (facts.seal, facts.findings) == ("changed", ("polyglot",))


def test_a_report_is_made_once_for_each_version(tmp_path: Path, examiner: Examiner) -> None:
    folder = tmp_path / "documents"
    digest = DocumentStore(folder, examiner).put(sealed())
    other = Examiner(Anchors(), workers=1)
    first, second = (
        DocumentStore(folder, examiner).facts(digest, "m", "n"),
        DocumentStore(folder, other).facts(digest, "m", "n"),
    )
    assert [facts.seal for facts in (first, second) if facts is not None] == ["valid", "untrusted"]
    assert len(list(folder.rglob("*.json"))) == 2
    other.close()


def test_facts_need_no_examination_once_there_is_a_report(tmp_path: Path, examiner: Examiner) -> None:
    folder = tmp_path / "documents"
    first = DocumentStore(folder, examiner)
    digest = first.put(sealed())
    found = first.report(digest)
    closed = Examiner(Anchors((root().der,)), workers=0)  # whoever asked it would wait for ever
    assert DocumentStore(folder, closed).report(digest) == found


@pytest.mark.parametrize("spoilt", [b"", b"{", b"[]", b"{}", b'{"seals": [], "findings": []}'])
def test_a_spoilt_report_is_made_anew(store: DocumentStore, tmp_path: Path, spoilt: bytes) -> None:
    digest = store.put(plain())
    found = store.report(digest)
    (path,) = (tmp_path / "documents").rglob("*.json")
    path.write_bytes(spoilt)
    assert store.report(digest) == found


def test_a_full_document_of_5_mib_is_stored_and_examined(store: DocumentStore) -> None:
    facts = store.facts(store.put(pdf(BYTES_MAX)), "m", "n")
    assert facts is not None
    assert (facts.size_bytes, facts.format, facts.seal, facts.findings) == (BYTES_MAX, "pdf", "none", ())

"""Witnesses keep our checkpoints: a folder, a mailbox, and a second server that signs only what goes on from the last."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from gmssl_pyx import sm3_hash

from fundcall.audit.checkpoint import Signer
from fundcall.audit.journal import notes_in
from fundcall.audit.merkle import Tree, root_of
from fundcall.audit.statutory import line_of
from fundcall.audit.witness import Book, Drop, Server, book, cosigned_at, cosigner_of, opened_by, request
from fundcall.bootstrap import Proofs, System, open_system, settings_for
from fundcall.cli.witness import WitnessServer
from fundcall.mailsink import MailSink
from fundcall.watch import Watch
from fundcall.witnessing import Told, witnesses_of
from tests.by_hand import by_hand, rewritten, tamper
from tests.databases import copied
from tests.lived import CLIMATE, lived
from workflow.asof import position_at
from workflow.record import leaf_hash

NOW = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lived(tmp_path_factory, CLIMATE)


def opened(made: Path, folder: Path, **values: str) -> System:
    return open_system(settings_for(copied(made, folder), database_url="", **values))


@pytest.fixture
def served(made: Path, tmp_path: Path) -> Iterator[tuple[System, WitnessServer]]:
    """An installation and the server of a witness that it names."""
    with closing(opened(made, tmp_path / "first")) as first:
        verifier = Proofs(first).signer.verifier
    with WitnessServer(book(tmp_path / "witness", "w.example", [verifier]), 0) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        asked = f"{server.book.by} http://127.0.0.1:{server.server_port},file:{tmp_path / 'drop'}"
        system = open_system(settings_for(tmp_path / "first", database_url="", witnesses=asked))
        yield system, server
        system.close()
        server.shutdown()
        thread.join()


def test_each_beat_gives_witnesses_what_is_new_and_keeps_what_they_signed(
    served: tuple[System, WitnessServer], tmp_path: Path
) -> None:
    system, server = served
    watch = Watch(system)
    assert (watch.beat(), watch.beat()) == ([], [])
    proofs, head = Proofs(system), system.ledger.head()
    dropped = sorted(path.name for path in (tmp_path / "drop").iterdir())
    assert f"checkpoint-{head}.txt" in dropped
    kept = notes_in(proofs.witnessed.path(f"{server.book.by.name} http://127.0.0.1:{server.server_port}"))
    assert [int(note.split("\n")[1]) for note in kept][-1] == head
    for note in kept:
        assert cosigned_at(note, note.splitlines()[-1], server.book.by) > 0
    assert proofs.checkpoints() == []


def test_the_close_of_the_window_has_a_checkpoint_over_just_what_was_recorded_by_then(
    made: Path, tmp_path: Path
) -> None:
    with closing(opened(made, tmp_path / "data")) as system:
        Watch(system).beat()
        call = system.calls[CLIMATE].call
        named = {line_of(note, "statutory"): int(note.split("\n")[1]) for note in Proofs(system).journal.notes()}
        closes = next(name for name in named if " closes " in name)
        assert named[closes] == position_at(system.ledger, call.closes_at).position > 0


def test_a_witness_shown_another_history_refuses_and_its_checkpoint_shows_the_fork(
    served: tuple[System, WitnessServer],
) -> None:
    system, server = served
    Watch(system).beat()
    with by_hand(system.settings) as connection:
        rewritten(connection, 9)
    (system.settings.data_dir / "checkpoints.txt").unlink()  # who rewrites history rewrites what lies beside it
    forged = Proofs(system)
    assert "witnessed" not in {d.what for d in forged.checkpoints()}
    assert "history was rewritten" in forged.checkpoints()[0].found
    note, size = forged.checkpoint(), system.ledger.head()
    assert server.book.add(request(size, [], note), NOW)[0] == 422


def test_a_witness_that_cannot_be_reached_is_told_the_next_time(made: Path, tmp_path: Path) -> None:
    with closing(opened(made, tmp_path / "data")) as system:
        proofs, note, size = Proofs(system), Proofs(system).checkpoint(), system.ledger.head()
        by = book(tmp_path / "w", "w.example", [proofs.signer.verifier]).by
        told = Told(proofs.witnessed, [Server("http://127.0.0.1:9", by), Drop(tmp_path / "drop")])
        assert [told.tell(note, size, proofs.consistency_path) for _ in range(2)] == [1, 0]


def test_a_mailbox_is_sent_one_a_day_and_each_statutory_one(tmp_path: Path) -> None:
    sink = MailSink()
    port = sink.start(tmp_path / "mbox")
    settings = settings_for(tmp_path, smtp_url=f"smtp://127.0.0.1:{port}", witnesses="mailto:notary@example.org")
    (post,) = witnesses_of(settings, lambda: NOW)
    for note in ("o\n1\nr\n\n— o x\n", "o\n2\nr\n\n— o x\n", "o\n3\nr\nstatutory c closes\n\n— o x\n"):
        assert post.take(note, 1, 0, lambda *_: []) == ""
    sink.stop()
    assert (tmp_path / "mbox").read_bytes().count(b"\nTo: notary@example.org") == 2


@pytest.mark.parametrize("asked", ["x", "k https://w.example", "w+00000000+AAAA https://w.example"])
def test_a_witness_that_is_none_is_told(tmp_path: Path, asked: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        witnesses_of(settings_for(tmp_path, witnesses=asked), lambda: NOW)


def test_a_book_answers_as_the_protocol_says(tmp_path: Path) -> None:
    signer = Signer("log.example/ledger", Ed25519PrivateKey.generate())
    other = Signer("log.example/ledger", Ed25519PrivateKey.generate())
    mine = book(tmp_path, "w.example", [signer.verifier])
    leaves = [leaf_hash(bytes([n])) for n in range(8)]
    notes = [signer.sign(n, root_of(leaves[:n])) for n in range(9)]
    assert mine.add(b"nonsense", NOW)[0] == 400
    for size in ("٤", "+4", " 4", "04", "0_4", "-0", "4.0"):
        assert mine.add(request(0, [], notes[0]).replace(b"old 0", f"old {size}".encode()), NOW)[0] == 400
        assert (
            opened_by(signer.sign_lines(size, base64.b64encode(root_of(leaves[:4])).decode()), signer.verifier) is None
        )
    assert mine.add(request(0, [], Signer("else", Ed25519PrivateKey.generate()).sign(0, b"")), NOW)[0] == 404
    assert mine.add(request(0, [], other.sign(4, root_of(leaves[:4]))), NOW)[0] == 403
    status, line = mine.add(request(0, [], notes[4]), NOW)
    assert (status, cosigned_at(notes[4], line.strip(), cosigner_of(str(mine.by)))) == (200, int(NOW.timestamp()))
    assert mine.add(request(0, [], notes[8]), NOW) == (409, "4\n")
    assert mine.add(request(9, [], notes[8]), NOW)[0] == 400
    assert mine.add(request(4, [root_of(leaves[:4])], notes[8]), NOW)[0] == 422
    again = Book(tmp_path, "w.example", mine._key, [signer.verifier])
    assert again.add(request(4, [root_of(leaves[4:])], notes[8]), NOW)[0] == 200


def test_checkpoints_have_a_second_digest_where_it_is_asked_for(made: Path, tmp_path: Path) -> None:
    with closing(opened(made, tmp_path / "data", sm3="true")) as system:
        proofs = Proofs(system)
        proofs.keep()
        (note,) = proofs.journal.notes()
        tree = Tree(sm3)
        for stored in system.ledger.stored():
            tree.append(sm3(b"\x00" + stored.body))
        assert (base64.b64decode(line_of(note, "sm3")), proofs.checkpoints()) == (tree.root(), [])
        tamper(
            system.settings, "UPDATE events SET body = (SELECT body FROM events WHERE position = 8) WHERE position = 9"
        )
        assert [d.what for d in Proofs(system).checkpoints()] == ["SM3 digest of a checkpoint"]


def sm3(content: bytes) -> bytes:
    """By another library than the ledger's."""
    return bytes(sm3_hash(content))

"""A bundle is verified by its own script, which needs nothing else, and whatever is changed in it is found and named."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from fundcall.audit import verify_bundle
from fundcall.audit.checkpoint import Signer
from fundcall.bootstrap import Proofs, open_system, settings_for
from tests.audit.conftest import Check
from tests.audit.other_verifier import verify
from tests.by_hand import by_hand, rewritten
from tests.databases import copied
from tests.lived import CLIMATE, lived


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lived(tmp_path_factory, CLIMATE)


def exported(data: Path, out: Path, *, application: bool = False, redact: bool = False) -> Path:
    system = open_system(settings_for(data, database_url=""))
    named = system.ledger.rows()[0].id if application else None
    Proofs(system).export(out, named, redact=redact)
    system.close()
    return out


@pytest.fixture(scope="module")
def whole(demo: Path) -> Path:
    return exported(demo, demo.parent / "whole")


@pytest.fixture(scope="module")
def one(demo: Path) -> Path:
    return exported(demo, demo.parent / "one", application=True)


def again(bundle: Path, folder: Path) -> Path:
    return Path(shutil.copytree(bundle, folder / "copy"))


@pytest.mark.parametrize("application", [False, True])
@pytest.mark.parametrize("redact", [False, True])
def test_a_bundle_verifies_where_nothing_is_installed(
    demo: Path, tmp_path: Path, application: bool, redact: bool
) -> None:
    bundle = exported(demo, tmp_path / "b", application=application, redact=redact)
    command = [sys.executable, "-I", "-S", str(bundle / "verify_bundle.py"), str(bundle)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    assert (ran.returncode, ran.stderr) == (0, "")
    (bundle / "events.jsonl").write_bytes(
        (bundle / "events.jsonl").read_bytes().replace(b"DraftCreated", b"DraftCreatad", 1)
    )
    assert subprocess.run(command, capture_output=True, check=False, cwd="/").returncode == 1


def test_a_verifier_written_from_the_format_alone_agrees(whole: Path, one: Path, tmp_path: Path) -> None:
    for number, bundle in enumerate((whole, one)):
        verify(bundle)
        changed = Path(shutil.copytree(bundle, tmp_path / str(number)))
        with (changed / "events.jsonl").open("r+b") as file:
            file.seek(100)
            file.write(b"x")
        with pytest.raises(AssertionError):
            verify(changed)


def test_the_script_needs_three_hundred_lines_and_the_standard_library_alone(whole: Path) -> None:
    text = (whole / "verify_bundle.py").read_text()
    imported = {
        line.split()[1].partition(".")[0] for line in text.splitlines() if line.startswith(("import ", "from "))
    }
    assert len(text.splitlines()) <= 300
    assert imported <= {*sys.stdlib_module_names}


def holding(bundle: Path, texts: set[str]) -> set[str]:
    """The files that hold any of these texts."""
    files = (path for path in bundle.rglob("*") if path.is_file())
    return {path.name for path in files if any(text.encode() in path.read_bytes() for text in texts)}


def test_a_redacted_bundle_holds_nobody(demo: Path, tmp_path: Path, check: Check) -> None:
    system = open_system(settings_for(demo, database_url=""))
    values = [json.loads(value) for (value,) in system.ledger.query("SELECT value FROM personal")]
    system.close()
    texts = {text for value in values for text in (value["name"], value["email"], value["phone"]) if text}
    open_, closed = exported(demo, tmp_path / "open"), exported(demo, tmp_path / "closed", redact=True)
    assert "personal.json" in holding(open_, texts)
    assert holding(closed, texts) == set()
    assert check(closed)[0] == 0


def test_every_file_changed_cut_short_or_taken_out_is_named(one: Path, tmp_path: Path, check: Check) -> None:
    bundle = again(one, tmp_path)
    for path in sorted(p for p in bundle.rglob("*") if p.is_file()):
        content = path.read_bytes()
        changes = [
            content[:-1],
            content[: len(content) // 2],
            bytes([content[0] ^ 1]) + content[1:],
            content + b"\n",
            b"",
        ]
        for changed in changes if content else [b"x"]:
            path.write_bytes(changed)
            code, said = check(bundle)
            assert (code, path.name.split(".")[0] in said) == (1, True), (path, said)
        path.unlink()
        assert check(bundle)[0] == 1
        path.write_bytes(content)
    assert check(bundle)[0] == 0
    (bundle / "notices" / "999.eml").write_bytes(b"")
    assert "does not belong" in check(bundle)[1]


def test_every_byte_of_the_signed_texts_counts(one: Path, tmp_path: Path, check: Check) -> None:
    bundle = again(one, tmp_path)
    key = (bundle / "key.txt").read_text().strip()
    for name in ("checkpoint.txt", "manifest.sig"):
        content = (bundle / name).read_bytes()
        for i in range(len(content)):
            (bundle / name).write_bytes(content[:i] + bytes([content[i] ^ 1]) + content[i + 1 :])
            assert check(bundle, "--key", key)[0] == 1, (name, i)
        (bundle / name).write_bytes(content)


def resigned(bundle: Path, signer: Signer, change: Callable[[Path], None]) -> Path:
    """A bundle changed by somebody who signs it anew, hashes and all."""
    change(bundle)
    said = json.loads((bundle / "manifest.json").read_bytes())
    said["files"] = {name: hashlib.sha256((bundle / name).read_bytes()).hexdigest() for name in said["files"]}
    manifest = json.dumps(said)
    (bundle / "manifest.json").write_text(manifest)
    (bundle / "manifest.sig").write_text(
        signer.sign_lines("fundcall-bundle-1", hashlib.sha256(manifest.encode()).hexdigest())
    )
    return bundle


def own_signer(demo: Path) -> Signer:
    system = open_system(settings_for(demo, database_url=""))
    system.close()
    return Proofs(system).signer


def edit(name: str, old: bytes, new: bytes) -> Callable[[Path], None]:
    def change(bundle: Path) -> None:
        content = (bundle / name).read_bytes()
        assert old in content
        (bundle / name).write_bytes(content.replace(old, new, 1))

    return change


def without(line: int) -> Callable[[Path], None]:
    def change(bundle: Path) -> None:
        lines = (bundle / "events.jsonl").read_bytes().splitlines(keepends=True)
        del lines[line]
        (bundle / "events.jsonl").write_bytes(b"".join(lines))

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (edit("events.jsonl", b'"applicant"', b'"approving"'), "do not give the checkpoint"),
        (edit("events.jsonl", b'","', b'", "'), "not canonical"),
        (without(0), "stands where event 1 should"),
        (without(-1), "signed for"),
        (edit("personal.json", b"@", b"%"), "not what was committed to"),
        (edit("notices/1.eml", b"Subject", b"Subjekt"), "not the bytes that were recorded"),
    ],
    ids=["an event", "its spaces", "the first out", "the last out", "a contact", "a mail"],
)  # fmt: skip
def test_the_key_alone_does_not_make_it_true(
    demo: Path, whole: Path, tmp_path: Path, check: Check, change: Callable[[Path], None], said: str
) -> None:
    code, told = check(resigned(again(whole, tmp_path), own_signer(demo), change))
    assert (code, said in told) == (1, True), told


def test_another_key_is_another_ledger(whole: Path, tmp_path: Path, check: Check) -> None:
    key = (whole / "key.txt").read_text().strip()
    stranger = Signer(key.split("+")[0], Ed25519PrivateKey.generate())
    forged = resigned(again(whole, tmp_path), stranger, lambda _: None)
    (forged / "key.txt").write_text(stranger.verifier)
    assert check(forged, "--key", key) == (1, f"✗ {forged}: manifest.sig: signed with another key than {key}\n")


def test_two_auditors_who_were_shown_two_histories_find_out(
    demo: Path, whole: Path, tmp_path: Path, check: Check
) -> None:
    forked = copied(demo, tmp_path / "forked")
    with by_hand(settings_for(forked, database_url="")) as connection:
        rewritten(connection, 3)
    shown = exported(forked, tmp_path / "shown")
    assert (check(whole)[0], check(shown)[0]) == (0, 0)
    code, told = check(whole, shown)
    assert (code, "forked" in told) == (1, True)
    kept = tmp_path / "kept.txt"
    kept.write_text((shown / "checkpoint.txt").read_text())
    assert check(whole, "--checkpoint", kept)[0] == 1


def test_an_earlier_checkpoint_of_the_same_history_agrees_and_another_ledgers_does_not(
    demo: Path, whole: Path, tmp_path: Path, check: Check
) -> None:
    system = open_system(settings_for(demo, database_url=""))
    proofs = Proofs(system)
    earlier = tmp_path / "earlier.txt"
    earlier.write_text(proofs.signer.sign(17, proofs._roots.at(17)))
    assert check(whole, "--checkpoint", earlier)[0] == 0
    earlier.write_text(proofs.signer.sign(17, proofs._roots.at(18)))
    assert "forked: over 17 events" in check(whole, "--checkpoint", earlier)[1]
    system.close()


@given(st.binary(max_size=40), st.integers(0, 63), st.integers(1, 255))
def test_its_signatures_are_those_of_the_library(message: bytes, at: int, bits: int) -> None:
    key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(message).digest())
    public, signature = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw), key.sign(message)
    changed = bytes([*signature[:at], signature[at] ^ bits, *signature[at + 1 :]])
    assert verify_bundle._signed(public, message, signature)
    assert not verify_bundle._signed(public, message, changed)
    assert not verify_bundle._signed(public, message + b"x", signature)

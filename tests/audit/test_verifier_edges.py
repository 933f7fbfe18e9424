"""What seldom comes, said by the script beside a bundle word for word: files of another form, keys, forks, its own help."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fundcall.audit.checkpoint import Signer
from fundcall.audit.roots import Roots
from tests.audit.conftest import Check
from tests.audit.small_bundles import (
    EVENTS,
    OLD,
    OTHER,
    changed,
    digest,
    exported,
    lines_of,
    no,
    root,
    signed,
    with_lines,
    yes,
)
from tests.drive import World, world
from tests.filings import CLIMATE


def test_its_help_says_what_it_does_and_what_each_option_is(
    check: Check, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit) as ended:
        check("--help")
    said = " ".join(capsys.readouterr().out.split())
    what = "Verify an evidence bundle of a funding call: `python verify_bundle.py BUNDLE…`. Needs Python 3.9 and nothing else."
    assert (ended.value.code, said.partition(" positional arguments: ")[0].partition("[bundles ...] ")[2]) == (0, what)
    key, kept = "the ledger's key, known from elsewhere (name+hash+base64)", "a checkpoint kept from elsewhere"
    assert said.rpartition(" --key KEY ")[2] == f"{key} --checkpoint CHECKPOINT {kept}"


def test_a_bundle_without_a_key_is_not_signed_by_any(whole: Path, tmp_path: Path, check: Check) -> None:
    copy = Path(shutil.copytree(whole, tmp_path / "copy"))
    (copy / "key.txt").unlink()
    said = "manifest.sig: not a note signed by the key (not enough values to unpack (expected 3, got 1))"
    assert check(copy) == (1, f"✗ {copy}: {said}\n")


def test_a_key_may_hold_a_plus_sign_and_nothing_that_is_no_base64(ledger: World, tmp_path: Path, check: Check) -> None:
    keys = (Signer("call.example", Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32)) for n in range(9, 99))
    plus = next(one for one in keys if "+" in one.verifier.split("+", 2)[2])
    bundle = exported(ledger, tmp_path / "b", plus)
    assert check(bundle) == (0, yes(bundle, EVENTS, plus))
    (bundle / "key.txt").write_text(f"{plus.verifier[:-4]}*{plus.verifier[-4:]}")
    said = "manifest.sig: not a note signed by the key (Only base64 data is allowed)"
    assert check(bundle) == (1, f"✗ {bundle}: {said}\n")


def test_a_manifest_may_be_signed_with_more_said(whole: Path, tmp_path: Path, check: Check) -> None:
    copy = Path(shutil.copytree(whole, tmp_path / "copy"))
    manifest = (copy / "manifest.json").read_bytes()
    (copy / "manifest.sig").write_text(OLD.sign_lines("fundcall-bundle-1", digest(manifest), "more"))
    assert check(copy) == (0, yes(copy, EVENTS, OLD))


@pytest.mark.parametrize("text", [b'{"x": "\x9e",', "{".encode("utf-16")], ids=["half a character", "UTF-16"])
def test_a_manifest_that_is_no_utf_8_is_none_whoever_signed_it(
    whole: Path, tmp_path: Path, check: Check, text: bytes
) -> None:
    copy = Path(shutil.copytree(whole, tmp_path / "copy"))
    manifest = (copy / "manifest.json").read_bytes().replace(b"{", text, 1)
    (copy / "manifest.json").write_bytes(manifest)
    (copy / "manifest.sig").write_text(OLD.sign_lines("fundcall-bundle-1", digest(manifest)))
    code, said = check(copy)
    assert (code, said.partition("decode")[0]) == (1, "✗ malformed: UnicodeDecodeError: 'utf-8' codec can't ")


def test_files_that_are_no_text_or_hold_something_else_are_told(whole: Path, tmp_path: Path, check: Check) -> None:
    copy = Path(shutil.copytree(whole, tmp_path / "bytes"))
    (copy / "manifest.json").write_bytes(b"\xff")
    assert check(copy) == (1, f"✗ {copy}: manifest.json is not what was signed\n")
    copy = Path(shutil.copytree(whole, tmp_path / "list"))
    (copy / "manifest.json").write_text("[]")
    (copy / "manifest.sig").write_text(OLD.sign_lines("fundcall-bundle-1", digest(b"[]")))
    assert check(copy) == (1, "✗ malformed: TypeError: list indices must be integers or slices, not str\n")
    copy = changed(whole, tmp_path / "personal", personal__json=b"{")
    told = "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"
    assert check(copy) == (1, f"✗ malformed: JSONDecodeError: {told}\n")


def test_an_event_whose_keys_are_not_in_order_is_told(whole: Path, tmp_path: Path, check: Check) -> None:
    lines = lines_of(whole)
    turned = dict(reversed(json.loads(lines[0]).items()))
    other = [json.dumps(turned, separators=(",", ":"), ensure_ascii=False).encode(), *lines[1:]]
    copy = with_lines(whole, tmp_path, other)
    given = f"the events do not give the checkpoint: 7 of 7, root {root(other)}"
    assert check(copy) == no(copy, "event 1: its bytes are not canonical", given)


def test_an_application_that_does_not_begin_with_its_first_version_is_told(
    whole: Path, tmp_path: Path, check: Check
) -> None:
    copy = with_lines(whole, tmp_path, lines_of(whole)[1:])
    code, said = check(copy)
    assert (code, said.splitlines()[0]) == (1, f"✗ {copy}: event 2: version 2 of app-0001 follows version 0")


def test_bundles_signed_with_two_keys_are_not_of_one_ledger(
    ledger: World, whole: Path, tmp_path: Path, check: Check
) -> None:
    other = exported(ledger, tmp_path / "b", OTHER)
    assert check(whole, other) == (1, f"✗ {other}: manifest.sig: signed with another key than {OLD.verifier}\n")


def test_two_histories_shown_to_two_auditors_are_told_of_both_at_the_shorter_ones_size(
    ledger: World, whole: Path, tmp_path: Path, check: Check
) -> None:
    elsewhere = world(CLIMATE.call)
    elsewhere.after(seconds=1)
    elsewhere.submitted()
    short = exported(elsewhere, tmp_path / "short", OLD)
    size = elsewhere.ledger.head()
    here, there = (Roots(one.ledger).at(size).hex() for one in (ledger, elsewhere))
    assert (size < EVENTS, here != there) == (True, True)
    told = f"over {size} events its root is"
    assert check(whole, short) == (1, f"✗ {whole}: forked: {told} {here}, elsewhere {there}\n")
    assert check(short, whole) == (1, f"✗ {whole}: forked: {told} {here}, elsewhere {there}\n")
    twin = exported(elsewhere, tmp_path / "twin", OLD)
    assert check(short, twin) == (0, yes(short, size, OLD) + yes(twin, size, OLD))


def test_two_histories_of_one_length_are_told_of_both(whole: Path, tmp_path: Path, check: Check) -> None:
    elsewhere = world(CLIMATE.call)
    elsewhere.after(seconds=1)
    elsewhere.submitted()
    elsewhere.draft()
    other = exported(elsewhere, tmp_path / "other", OLD)
    here, there = root(lines_of(whole)), root(lines_of(other))
    told = f"over {EVENTS} events its root is"
    first = f"✗ {whole}: forked: {told} {here}, elsewhere {there}\n"
    assert check(whole, other) == (1, f"{first}✗ {other}: forked: {told} {there}, elsewhere {here}\n")


def test_a_manifest_signed_anew_says_how_many_events_there_are(whole: Path, tmp_path: Path, check: Check) -> None:
    copy = Path(shutil.copytree(whole, tmp_path / "copy"))
    said = json.loads((copy / "manifest.json").read_bytes())
    signed(copy, {**said, "events": 6})
    assert check(copy) == no(copy, "there are 7 events where 6 were signed for")

"""Everything that the script beside a bundle says of it, word for word, over a ledger of a few events made in memory."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path

import pytest

from fundcall.audit.checkpoint import Signer
from fundcall.audit.roots import Roots
from tests.audit.conftest import Check
from tests.audit.small_bundles import (
    EVENTS,
    NEW,
    OLD,
    OTHER,
    ROTATION,
    another,
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
from tests.drive import World


@pytest.fixture(scope="module")
def one(ledger: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(ledger, tmp_path_factory.mktemp("one") / "b", OLD, application="app-0001")


@pytest.fixture(scope="module")
def rotated(ledger: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(ledger, tmp_path_factory.mktemp("rotated") / "b", NEW, ROTATION)


def test_a_bundle_that_holds_is_told_with_its_checkpoint_and_its_key(whole: Path, one: Path, check: Check) -> None:
    assert check(whole) == (0, yes(whole, EVENTS, OLD))
    assert check(one) == (0, yes(one, 4, OLD))
    assert check(one, whole) == (0, yes(one, 4, OLD) + yes(whole, EVENTS, OLD))
    assert check(whole, "--key", OLD.verifier) == (0, yes(whole, EVENTS, OLD, known=True))


def test_a_file_that_was_changed_taken_away_or_added_is_told(whole: Path, tmp_path: Path, check: Check) -> None:
    copy = Path(shutil.copytree(whole, tmp_path / "copy"))
    (copy / "FORMAT.md").write_bytes(b"")
    (copy / "personal.json").unlink()
    (copy / "notices" / "x").mkdir()
    (copy / "notices" / "x" / "9.eml").write_bytes(b"")
    assert check(copy) == no(
        copy, "FORMAT.md was changed", "personal.json is missing", "notices/x/9.eml does not belong to the bundle"
    )


def test_an_event_that_is_none_is_told_by_its_line(whole: Path, tmp_path: Path, check: Check) -> None:
    lines = lines_of(whole)
    for number, wrong in enumerate((b"{", b"{}", b"[]", b"\xff")):
        copy = with_lines(whole, tmp_path / str(number), [lines[0], wrong, *lines[2:]])
        assert check(copy) == no(
            copy,
            "events.jsonl line 2: not an event",
            "event 3: version 3 of app-0001 follows version 1",
            *(f"event {n} stands where event {n - 1} should" for n in range(3, EVENTS + 1)),
            "there are 6 events where 7 were signed for",
            f"the events do not give the checkpoint: 6 of 7, root {root([lines[0], *lines[2:]])}",
            "notice notices/1.eml: its event 2 is not in the bundle",
            "notice : its event 2 is not in the bundle",
        )


def test_what_no_console_can_print_is_told_all_the_same(whole: Path, tmp_path: Path, check: Check) -> None:
    lines = lines_of(whole)
    half = json.dumps({**json.loads(lines[0]), "application": "\ud800"}).encode()
    code, said = check(with_lines(whole, tmp_path / "half", [half, *lines[1:]]))
    assert (code, "malformed: UnicodeEncodeError: " in said) == (1, True)
    named = changed(whole, tmp_path / "named")
    manifest = json.loads((named / "manifest.json").read_bytes())
    signed(named, manifest | {"notices": [{"position": 99, "file": "\ud800"}]})
    assert check(named) == no(named, "notice \\ud800: its event 99 is not in the bundle")


def test_an_event_nested_without_end_is_none(whole: Path, tmp_path: Path, check: Check) -> None:
    copy = with_lines(whole, tmp_path, [b"[" * 100_000, *lines_of(whole)[1:]])
    assert f"✗ {copy}: events.jsonl line 1: not an event" in check(copy)[1].splitlines()


def test_an_event_that_is_not_canonical_or_was_changed_is_told(whole: Path, tmp_path: Path, check: Check) -> None:
    lines = lines_of(whole)
    spaced = [lines[0].replace(b",", b", ", 1), *lines[1:]]
    copy = with_lines(whole, tmp_path / "spaced", spaced)
    wrong = "the events do not give the checkpoint: 7 of 7, root"
    assert check(copy) == no(copy, "event 1: its bytes are not canonical", f"{wrong} {root(spaced)}")
    other = [*lines[:3], another(lines[3], actor="单位"), *lines[4:]]
    copy = with_lines(whole, tmp_path / "other", other)
    assert check(copy) == no(copy, f"{wrong} {root(other)}")


def test_an_event_of_one_application_is_held_against_its_proof(one: Path, tmp_path: Path, check: Check) -> None:
    lines = lines_of(one)
    copy = with_lines(one, tmp_path / "other", [another(lines[0], actor="x"), *lines[1:]])
    assert check(copy) == no(copy, "event 1: not covered by the checkpoint")
    copy = with_lines(one, tmp_path / "less", lines[:3])
    assert check(copy) == no(copy, "there are 3 events where 4 were signed for")
    copy = changed(one, tmp_path / "none", proofs__json=None)
    assert check(copy) == no(copy, *(f"event {n}: not covered by the checkpoint" for n in (1, 2, 3, 4)))


def test_rules_that_are_not_those_of_the_events_are_told(whole: Path, tmp_path: Path, check: Check) -> None:
    (rules,) = (whole / "rules").iterdir()
    copy = changed(whole, tmp_path, **{f"rules___{rules.stem}__json": b"{}"})
    assert check(copy) == no(copy, f"rules/{rules.name}: the rules of that hash are not there")


def test_a_personal_value_is_behind_a_commitment_of_an_event(whole: Path, tmp_path: Path, check: Check) -> None:
    values = json.loads((whole / "personal.json").read_bytes())
    first = min(values)
    unsaid = "sha256:" + digest(bytes.fromhex("00ff") + "张".encode())
    told = {**values, first: [values[first][0], "x"], unsaid: ["00ff", "张"]}
    copy = changed(whole, tmp_path, personal__json=json.dumps(told).encode())
    assert check(copy) == no(
        copy,
        f"personal value {first}: not what was committed to",
        f"personal value {unsaid}: no event commits to it",
    )


def test_a_notice_is_the_bytes_that_were_recorded(whole: Path, tmp_path: Path, check: Check) -> None:
    copy = changed(whole, tmp_path, notices___1__eml=b"x")
    assert check(copy) == no(copy, "notice notices/1.eml: not the bytes that were recorded")


def test_a_manifest_that_was_not_signed_is_told(whole: Path, tmp_path: Path, check: Check) -> None:
    copy = Path(shutil.copytree(whole, tmp_path / "copy"))
    (copy / "manifest.json").write_bytes((whole / "manifest.json").read_bytes() + b" ")
    assert check(copy) == (1, f"✗ {copy}: manifest.json is not what was signed\n")
    manifest = (whole / "manifest.json").read_bytes()
    (copy / "manifest.json").write_bytes(manifest)
    (copy / "manifest.sig").write_text(OLD.sign_lines("fundcall-bundle-2", digest(manifest)))
    assert check(copy) == (1, f"✗ {copy}: manifest.json is not what was signed\n")


def test_a_manifest_or_checkpoint_of_another_form_is_told(whole: Path, tmp_path: Path, check: Check) -> None:
    copy = Path(shutil.copytree(whole, tmp_path / "copy"))
    signed(copy, {"application": None})
    assert check(copy) == (1, "✗ malformed: KeyError: 'origin'\n")
    signed(copy, {"application": None, "origin": "other.example"})
    assert check(copy) == (1, f"✗ {copy}: manifest.json: of another ledger than checkpoint.txt\n")
    signed(copy, {"application": None, "origin": "call.example"})
    assert check(copy) == (1, "✗ malformed: KeyError: 'files'\n")
    signed(copy, {"application": None, "origin": "call.example", "files": [], "notices": []})
    assert check(copy) == (1, "✗ malformed: AttributeError: 'list' object has no attribute 'items'\n")
    for lines, said in (
        (("5",), "list index out of range"),
        (("x", "AA=="), "invalid literal for int() with base 10: 'x'"),
        (
            ("5", "A"),
            "Invalid base64-encoded string: number of data characters (1) cannot be 1 more than a multiple of 4",
        ),
        (("5", "A\x00A=="), "Only base64 data is allowed"),
    ):
        (copy / "checkpoint.txt").write_text(OLD.sign_lines(*lines))
        assert check(copy) == (1, f"✗ {copy}: checkpoint.txt: not a checkpoint ({said})\n")


def test_a_note_that_the_key_did_not_sign_is_told(whole: Path, tmp_path: Path, check: Check) -> None:
    copy = Path(shutil.copytree(whole, tmp_path / "copy"))
    note, what = (whole / "manifest.sig").read_text(), f"✗ {copy}: manifest.sig:"
    body, _, line = note.partition("\n\n")
    _, name, text = line.rstrip("\n").split(" ")
    raw = base64.b64decode(text)
    unsigned = f"{what} not signed by the key {OLD.verifier}\n"
    broken = f"{what} the signature of call.example does not hold\n"
    for given, said in (
        (f"{body}\n", unsigned),
        (f"{body}\n\n— other.example {text}\n", unsigned),
        (f"{body}\n\n- {name} {text}\n", unsigned),
        (f"{body}\n\n— {name} {text}", unsigned),
        (f"{body}\n\n— {name} {text}\nx", unsigned),
        (f"{body}\n\n— {name} {base64.b64encode(bytes(4) + raw[4:]).decode()}\n", unsigned),
        (f"{body}x\n\n— {name} {text}\n", broken),
        (f"{body}\n\n— {name} {base64.b64encode(raw[:-1]).decode()}\n", broken),
        (f"{body}\n\n— {name} {base64.b64encode(raw[:4]).decode()}\n", broken),
        (
            f"{body}\n\n— {name}\n",
            f"{what} not a note signed by the key (not enough values to unpack (expected 3, got 2))\n",
        ),
        (f"{body}\n\n— {name} A\x00==\n", f"{what} not a note signed by the key (Only base64 data is allowed)\n"),
    ):
        (copy / "manifest.sig").write_text(given)
        assert check(copy) == (1, said), given
    (copy / "manifest.sig").write_text(f"{body}\n\n— other.example {text}\n— {name} {text}\n")
    assert check(copy)[0] == 0


def test_a_key_of_another_kind_or_name_is_none(whole: Path, tmp_path: Path, check: Check) -> None:
    copy = Path(shutil.copytree(whole, tmp_path / "copy"))
    name, identity, encoded = OLD.verifier.split("+", 2)
    two = b"\x02" + base64.b64decode(encoded)[1:]
    hint = digest(name.encode() + b"\n" + two)[:8]
    for key in (
        f"{name}+00000000+{encoded}",
        f"other+{identity}+{encoded}",
        f"{name}+{hint}+{base64.b64encode(two).decode()}",
        OTHER.verifier,
    ):
        (copy / "key.txt").write_text(f"{key}\n")
        assert check(copy) == (1, f"✗ {copy}: manifest.sig: not signed by the key {key}\n")
    (copy / "key.txt").write_text(f"{name}+{identity}\n")
    assert check(copy) == (
        1,
        f"✗ {copy}: manifest.sig: not a note signed by the key (not enough values to unpack (expected 3, got 2))\n",
    )


def test_a_changed_key_is_followed_by_what_both_keys_signed(rotated: Path, whole: Path, check: Check) -> None:
    assert check(rotated, "--key", OLD.verifier) == (0, yes(rotated, EVENTS, NEW, known=True))
    assert check(rotated, "--key", NEW.verifier) == (0, yes(rotated, EVENTS, NEW, known=True))
    assert check(rotated, whole)[0] == 0
    assert check(rotated, "--key", OTHER.verifier) == (
        1,
        f"✗ {rotated}: manifest.sig: signed with another key than {OTHER.verifier}\n",
    )
    assert check(rotated, "--checkpoint", whole / "checkpoint.txt")[0] == 0


def test_a_change_of_the_key_that_one_of_both_did_not_sign_is_told(ledger: World, tmp_path: Path, check: Check) -> None:
    def note(first: Signer, last: Signer, *lines: str) -> str:
        return last.cosign(first.sign_lines(*lines))

    wrong = "keys.txt: a change of the key that both keys did not sign"
    of_old, to_new = f"rotated-from {OLD.verifier}", f"rotated-to {NEW.verifier}"
    for number, (rotation, said) in enumerate(
        (
            (note(OTHER, NEW, of_old, to_new), f"keys.txt: not signed by the key {OLD.verifier}"),
            (note(OLD, OTHER, of_old, to_new), f"keys.txt: not signed by the key {NEW.verifier}"),
            (note(OLD, NEW, of_old, f"rotated-to {OTHER.verifier}"), wrong),
            (note(OLD, NEW, of_old, to_new, "x"), wrong),
            (
                note(OLD, NEW, to_new),
                "keys.txt: not a note signed by the key (not enough values to unpack (expected 3, got 1))",
            ),
        )
    ):
        bundle = exported(ledger, tmp_path / str(number), NEW, rotation)
        assert check(bundle) == (1, f"✗ {said}\n")


def test_every_change_of_the_key_is_followed_back_to_the_first(ledger: World, tmp_path: Path, check: Check) -> None:
    again = OTHER.cosign(NEW.sign_lines(f"rotated-from {NEW.verifier}", f"rotated-to {OTHER.verifier}"))
    bundle = exported(ledger, tmp_path / "b", OTHER, ROTATION, again)
    assert [check(bundle, "--key", key.verifier)[0] for key in (OLD, NEW, OTHER)] == [0, 0, 0]
    kept = tmp_path / "kept.txt"
    for key in (OLD, NEW, OTHER):
        kept.write_text(key.sign(2, Roots(ledger.ledger).at(2)))
        assert check(bundle, "--checkpoint", kept) == (0, yes(bundle, EVENTS, OTHER))


def test_a_checkpoint_kept_from_elsewhere_is_held_against_the_ledger(
    ledger: World, whole: Path, one: Path, tmp_path: Path, check: Check
) -> None:
    kept, at = tmp_path / "kept.txt", Roots(ledger.ledger).at
    for size in range(1, EVENTS + 1):
        kept.write_text(OLD.sign(size, at(size)))
        assert check(whole, "--checkpoint", kept)[0] == 0
        kept.write_text(OLD.sign(size, bytes(32)))
        assert check(whole, "--checkpoint", kept) == no(
            whole, f"forked: over {size} events its root is {at(size).hex()}, elsewhere {bytes(32).hex()}"
        )
    assert check(one, "--checkpoint", kept)[0] == 1
    kept.write_text(OLD.sign(3, bytes(32)))
    assert check(one, "--checkpoint", kept)[0] == 0
    kept.write_text(OTHER.sign(3, at(3)))
    assert check(whole, "--checkpoint", kept) == (1, f"✗ {kept}: not signed by the key {OLD.verifier}\n")
    assert check(whole, "--checkpoint", tmp_path / "none") == (
        1,
        f"✗ [Errno 2] No such file or directory: '{tmp_path / 'none'}'\n",
    )


def test_a_checkpoint_of_another_ledger_under_the_same_key_is_told(whole: Path, tmp_path: Path, check: Check) -> None:
    body = (whole / "checkpoint.txt").read_text().partition("\n\n")[0].replace("call.example", "other.example")
    kept = tmp_path / "kept.txt"
    kept.write_text(OLD._note(f"{body}\n"))
    assert check(whole, "--checkpoint", kept) == no(
        whole, "of another ledger (call.example) than the checkpoint of other.example"
    )


def test_what_holds_is_not_said_where_another_does_not(whole: Path, one: Path, tmp_path: Path, check: Check) -> None:
    copy = changed(whole, tmp_path, notices___1__eml=b"x")
    assert check(one, copy) == no(copy, "notice notices/1.eml: not the bytes that were recorded")

"""The key is changed by an entry that both keys sign: what the old one signed still holds, and bundles carry the change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fundcall.audit.checkpoint import BadNote, opened
from fundcall.audit.proof import proved
from fundcall.auditing import verify
from fundcall.bootstrap import Proofs, System, open_system, settings_for
from fundcall.cli import app
from tests.audit.conftest import Check
from tests.databases import copied
from tests.lived import CLIMATE, lived


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lived(tmp_path_factory, CLIMATE)


@pytest.fixture
def system(made: Path, tmp_path: Path) -> Iterator[System]:
    found = open_system(settings_for(copied(made, tmp_path / "data"), database_url=""))
    yield found
    found.close()


def rotate(system: System) -> Proofs:
    ran = CliRunner().invoke(app, ["audit", "rotate-key", "--data", str(system.settings.data_dir)])
    assert ran.exit_code == 0, ran.output
    return Proofs(system)


def test_what_the_old_key_signed_holds_after_two_changes(system: System) -> None:
    old = Proofs(system)
    old.keep()
    row = system.ledger.rows()[0]
    (kept, *_) = old.proof(row.id)["events"]
    old_note = old.checkpoint()
    second = rotate(system)
    third = rotate(system)
    keys = [one.signer.verifier for one in (third, second, old)]
    assert (list(third.verifiers), len(set(keys))) == (keys, 3)
    assert (third.checkpoints(), third.tail()) == ([], [])
    assert opened(old_note, third.verifiers[-1]).size == system.ledger.head()
    assert proved(kept["proof"], bytes.fromhex(kept["leaf"]), third.verifiers[-1]).position == kept["position"]
    with pytest.raises(BadNote, match="not signed by"):
        opened(old_note, keys[0])
    assert verify(system, 3).divergences == ()  # receipts of then were signed with the key of then


def test_a_process_that_still_holds_the_old_key_keeps_nothing_more(system: System) -> None:
    old = Proofs(system)
    old.keep()
    rotate(system)
    with pytest.raises(BadNote, match="the signing key was changed"):
        old.keep()


def test_a_change_that_the_old_key_did_not_sign_shows(system: System) -> None:
    proofs = Proofs(system)
    proofs.keep()
    changed = rotate(system)
    file = system.settings.data_dir / "checkpoints.txt"
    first, rotation, _ = file.read_text().split("\n\n\n")
    body, _, lines = rotation.partition("\n\n")
    file.write_text("\n\n\n".join([first, f"{body}\n\n{lines.splitlines()[1]}", ""]))
    assert changed.verifiers == (changed.signer.verifier,)
    assert [d.what for d in changed.checkpoints()] == ["checkpoint"]


def test_a_bundle_carries_the_changes_and_verifies_under_the_first_key_too(
    system: System, tmp_path: Path, check: Check
) -> None:
    old = Proofs(system)
    receipt = tmp_path / "kept.txt"
    receipt.write_text(old.checkpoint())
    old.export(tmp_path / "before", None, redact=True)
    new = rotate(system)
    new.export(tmp_path / "after", None, redact=True)
    after = tmp_path / "after"
    assert check(after)[0] == 0
    for key in (old.signer.verifier, new.signer.verifier):
        assert check(after, "--key", key, "--checkpoint", receipt)[0] == 0
    assert check(after, tmp_path / "before")[0] == 0
    (after / "keys.txt").write_text((after / "keys.txt").read_text().replace("rotated-from ", "rotated-from x"))
    code, said = check(after, "--key", old.signer.verifier)
    assert (code, "keys.txt" in said) == (1, True)

"""A cut of the power loses nothing acknowledged, and whoever forgets a sync is found out: the short campaign."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.campaign import NO_STRACE
from tests.faults.disk import Disk
from tests.faults.losses import MODELS, ORDERED, STRICT, Cut
from tests.faults.planted import NORMAL, POWER_PLANTS, UNFLUSHED, UNLISTED
from tests.faults.trace import read

ROOT = Path(__file__).parents[2]


@pytest.mark.faults
@pytest.mark.timeout(300)  # strace stops at every call, which takes long on a busy machine
@pytest.mark.skipif(shutil.which("strace") is None and "CI" not in os.environ, reason=NO_STRACE)
@pytest.mark.sqlite
def test_a_cut_of_the_power_loses_nothing_acknowledged_and_planted_faults_are_found() -> None:
    options = ["--proof", "--json", "--units", "2", "--states", "100", "--each", "1"]
    command = [sys.executable, "-m", "tests.faults.power", *options]
    ended = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    found = json.loads(ended.stdout)
    assert list(found) == ["", *POWER_PLANTS]
    assert (found[""]["wrong"], found[""]["distinct"] >= 100, set(found[""]["states"])) == ([], True, set(MODELS))
    lost = {plant: "".join(found[plant]["wrong"]) for plant in POWER_PLANTS}
    assert "lost: command" in lost[NORMAL]
    assert "not what was stored" in lost[UNFLUSHED]
    assert "strict: lost: document" in lost[UNLISTED]


def disk_of(*lines: str) -> Disk:
    """What lines of a record say, in which paths and contents stand for themselves."""

    def hexed(text: str) -> str:
        return "".join(f"\\x{byte:02x}" for byte in text.encode())

    made = []
    for line in lines:
        parts = line.split("|")
        made.append("".join(hexed(part) if n % 2 else part for n, part in enumerate(parts)))
    return Disk.of(read(made), "/r", "/acks")


KEPT = (
    '7 openat(AT_FDCWD<|/|>, "|/r/new|", O_WRONLY+O_CREAT, 0600) = 3<|/r/new|>',
    '7 write(3<|/r/new|>, "|hello|", 5) = 5',
    "7 fsync(3<|/r/new|> <unfinished ...>",
    '8 write(9<|/acks|>, "|early|", 5) = 5',
    "7 <... fsync resumed>) = 0",
    '7 rename("|/r/new|", "|/r/kept|") = 0',
    '7 openat(AT_FDCWD<|/|>, "|/r|", O_RDONLY) = 4<|/r|>',
    "7 fsync(4<|/r|>) = 0",
    '7 write(9<|/acks|>, "|kept|", 4) = 4',
)  # fmt: skip


def left(disk: Disk, model: str, at: int) -> set[tuple[tuple[str, bytes], ...]]:
    """Everything that may be left after a line."""
    chance = random.Random(1)
    states = [state for _ in range(40) for state in Cut(disk, model, at, {}).states(20, chance)]
    return {tuple(sorted(state.files.items())) for state in states}


@pytest.mark.parametrize("model", MODELS)
def test_what_was_synced_and_listed_is_all_that_may_be_left(model: str) -> None:
    disk = disk_of(*KEPT)
    assert left(disk, model, 8) == {(("/r/kept", b"hello"),)}
    assert (disk.acknowledged(2), disk.acknowledged(3), disk.acknowledged(8)) == ([], ["early"], ["early", "kept"])


def test_before_its_sync_ends_a_file_may_be_torn_empty_or_not_there() -> None:
    found = left(disk_of(*KEPT), STRICT, 3)
    assert {(), (("/r/new", b""),), (("/r/new", b"hello"),)} <= found
    assert {files[0][0] for files in found if files} == {"/r/new"}


@pytest.mark.parametrize(
    ("model", "names"),
    [
        (ORDERED, {("/r/new",), ("/r/kept",)}),
        (STRICT, {(), ("/r/new",), ("/r/kept",), ("/r/kept", "/r/new")}),
    ],
)
def test_a_renaming_is_whole_where_names_are_kept_in_order_and_in_two_parts_where_not(
    model: str, names: set[tuple[str, ...]]
) -> None:
    found = left(disk_of(*KEPT), model, 6)
    assert {tuple(name for name, _ in files) for files in found} == names
    assert {content for files in found for _, content in files} == {b"hello"}


def test_a_write_that_the_model_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="not modelled: symlink"):
        disk_of('7 symlink("|/r/a|", "|/r/b|") = 0')
    with pytest.raises(ValueError, match="written through memory: /r/a"):
        disk_of("7 mmap(NULL, 4096, PROT_READ+PROT_WRITE, MAP_SHARED, 3<|/r/a|>, 0) = 0x7f00")

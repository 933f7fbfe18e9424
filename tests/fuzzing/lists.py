"""Lists that somebody imports: experts, groups and registers as CSV; what a backup says of itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from fundcall.backup.manifest import MANIFEST, SUM, BadBackup, faults, read_manifest
from fundcall.cli.csv_files import Faulty, read_experts, read_groups, read_register
from tests.filings import uscc
from tests.fuzzing.target import Target

_TOPICS = ("ai_lead.foundations.corpus", "gardens")
_EXPERTS = (
    f"\ufeffid,unit,topics,load_max,name,email,away,declared,cooperation\n"
    f"e9,employer9,ai_lead.foundations;gardens,3,王某,w@u9.example,2026-01-01/2026-01-31;2026-03-01,{uscc(1)},{uscc(2)}/2026-12-31\n"
    f'e10,UNIT-10,"gardens",0,"Li ""X""",,,,\n'
)
_MANIFEST = (
    '{"format":1,"made_at":"2026-03-01T00:00:00Z","version":"0.1.0","database":"sqlite","revision":"0007","events":7,"root":"00",'
    '"verifier":"","files":{"fundcall.db":[3,"' + "ab" * 32 + '"],"trust/root.pem":[1,"' + "00" * 32 + '"]},"documents":{"'
    + "cd" * 32 + '":5},"missing":["' + "ef" * 32 + '"],"broken":[]}'
)  # fmt: skip


@cache
def _folder() -> TemporaryDirectory[str]:
    """A folder for as long as this process lasts."""
    return TemporaryDirectory(prefix="fundcall-fuzzing-")


def folder() -> Path:
    """The same as a path."""
    return Path(_folder().name)


def _of_file(read: Callable[[Path], object]) -> Callable[[bytes], object]:
    def parse(content: bytes) -> object:
        file = folder() / "list.csv"
        file.write_bytes(content)
        return read(file)

    return parse


def _experts(file: Path) -> None:
    """What is taken can be stored and shown."""
    for expert in read_experts(file, _TOPICS):
        assert "\0" not in f"{expert.id}{expert.unit}{expert.name}{expert.email}"


def _groups(file: Path) -> None:
    assert all("\0" not in name and unit.isascii() for name, unit in read_groups(file))


def _register(file: Path) -> None:
    assert all(code.isascii() and 0 < len(code) <= 18 for code in read_register(file))


def _manifest(content: bytes) -> None:
    """Its sum is made anew, as by whoever changes both."""
    (folder() / MANIFEST).write_bytes(content)
    (folder() / SUM).write_text(f"{hashlib.sha256(content).hexdigest()}  {MANIFEST}\n", encoding="ascii")
    said = read_manifest(folder())
    list(faults(folder(), said, lambda _done, _whole: None))


def _samples(*texts: str) -> Callable[[], Sequence[bytes]]:
    return lambda: [text.encode() for text in texts]


TARGETS = (
    Target("experts", "the registry of experts as CSV", _of_file(_experts), _samples(_EXPERTS), (Faulty,)),
    Target("groups", "groups of units as CSV", _of_file(_groups), _samples(f"group,unit\n某集团,{uscc(2)}\n甲,EMPLOYER5\n"), (Faulty,)),
    Target("registers", "lists of units as CSV", _of_file(_register), _samples(f"\ufeffunit_code,name\n{uscc(1).lower()},子虚\n {uscc(2)} ,\n"), (Faulty,)),
    Target("backups", "what a backup says of itself", _manifest, _samples(_MANIFEST), (BadBackup,)),
)  # fmt: skip

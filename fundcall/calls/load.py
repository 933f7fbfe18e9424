"""Call files: which ship, reading one, and what is wrong with one, line by line."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fundcall.calls.read import read_call
from fundcall.calls.shape import CallFaults, Fault
from states.funding_call import FundingCall

FOLDER = Path(__file__).parent
_TABLE = re.compile(r"^\s*\[(\[)?\s*([A-Za-z0-9_.-]+)\s*\]")
_KEY = re.compile(r'^\s*"?([A-Za-z0-9_-]+)"?\s*=')


@dataclass(frozen=True, slots=True)
class LocatedFault:
    """A fault of a call file with its line (from 1; None where the file as a whole is meant)."""

    line: int | None
    path: str
    zh: str
    en: str


def shipped() -> tuple[str, ...]:
    """The ids of the calls that come with the product."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))


def file_of(name: str) -> Path:
    """The file of a shipped call's id, or of a path. Raises FileNotFoundError with what there is."""
    for path in (Path(name), FOLDER / f"{name}.toml"):
        if path.is_file():
            return path
    raise FileNotFoundError(
        f"没有通知“{name}”；随附：{'、'.join(shipped())} / no call {name!r}; shipped: {', '.join(shipped())}"
    )


@cache
def load(name: str) -> FundingCall:
    """The call of a shipped id or a path. Raises FileNotFoundError, TOMLDecodeError, CallFaults."""
    path = file_of(name)
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return read_call(data, _notice(path, data))


def _notice(path: Path, data: dict[str, Any]) -> str | None:
    """The notice that the call names, where its text lies beside it."""
    name = data.get("notice")
    file = path.parent / "notices" / Path(str(name)).name if name else None
    return file.read_text(encoding="utf-8") if file is not None and file.is_file() else None


def check_file(path: Path) -> tuple[LocatedFault, ...]:
    """Every fault of a call file, in the order of its lines; empty for a good one."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as wrong:
        return (LocatedFault(None, "", "文件不是UTF-8编码", f"not UTF-8: {wrong.reason}"),)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        line = re.search(r"line (\d+)", str(wrong))
        return (LocatedFault(int(line[1]) if line else None, "", "TOML语法有误", str(wrong)),)
    try:
        read_call(data, _notice(path, data))
    except CallFaults as wrong:
        lines = _lines(text)
        located = [_located(fault, lines) for fault in wrong.faults]
        return tuple(sorted(located, key=lambda fault: fault.line or 0))
    return ()


def _located(fault: Fault, lines: dict[tuple[str | int, ...], int]) -> LocatedFault:
    path = fault.path
    while path and path not in lines:
        path = path[:-1]
    return LocatedFault(lines.get(path), ".".join(map(str, fault.path)), fault.zh, fault.en)


def _lines(text: str) -> dict[tuple[str | int, ...], int]:
    """Where each table and key of a TOML text stands, by its path; enough for files written a key a line."""
    found: dict[tuple[str | int, ...], int] = {}
    at: tuple[str | int, ...] = ()
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if table := _TABLE.match(line):
            name = table[2]
            at = (name,)
            if table[1]:
                at = (name, counts.get(name, 0))
                counts[name] = counts.get(name, 0) + 1
                found.setdefault((name,), number)
            found[at] = number
        elif key := _KEY.match(line):
            found[(*at, key[1])] = number
    return found

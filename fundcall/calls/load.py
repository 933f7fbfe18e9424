"""Call files: which ship, reading one, and what is wrong with one, line by line."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fundcall.calls.lines import lines_of
from fundcall.calls.read import examined, read_call
from fundcall.calls.shape import CallFaults, Fault
from fundcall.calls.shape import Path as Keys
from states.funding_call import FundingCall

FOLDER = Path(__file__).parent
_NAME_BYTES_MAX = 255
_LINE = re.compile(r"line (\d+)")
_PLACE = re.compile(r"\(at line \d+, column (\d+)\)")


@dataclass(frozen=True, slots=True)
class LocatedFault:
    """A fault of a call file with its line (from 1; None where the file as a whole is meant).

    `path` is dotted, with indices from 0 (rule.3.severity). A `warning` does not keep the call from being used.
    """

    line: int | None
    path: str
    zh: str
    en: str
    warning: bool = False


_DEEP = LocatedFault(None, "", "嵌套过深", "nested too deeply")


class FaultyFile(ValueError):
    """A file is no call; carries it and every fault in it, as `check_file` tells them."""

    def __init__(self, file: Path, faults: tuple[LocatedFault, ...]) -> None:
        super().__init__(f"{file}: " + "; ".join(f"{f.line or '-'}: {f.path}: {f.zh} / {f.en}" for f in faults))
        self.file = file
        self.faults = faults


def shipped() -> tuple[str, ...]:
    """The ids of the calls that come with the product."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))


def file_of(name: str) -> Path:
    """The file of a shipped call's id, or of a path. Raises FileNotFoundError with what there is."""
    for path in (Path(name), FOLDER / f"{name}.toml"):
        if path.is_file():
            return path
    looked = Path(name).absolute() if Path(name).name != name or name.endswith(".toml") else None
    zh, en = (f"，没有文件 {looked}", f", no file {looked}") if looked else ("", "")
    raise FileNotFoundError(
        f"没有通知“{name}”{zh}；随附：{'、'.join(shipped())} / no call {name!r}{en}; shipped: {', '.join(shipped())}"
    )


@cache
def load(name: str) -> FundingCall:
    """The call of a shipped id or a path. Raises FileNotFoundError, FaultyFile."""
    path = file_of(name)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return read_call(data, notice_of(path, data))
    except (CallFaults, ValueError, RecursionError) as wrong:
        raise FaultyFile(path, check_file(path)) from wrong


def notice_of(path: Path, data: dict[str, Any]) -> str | None:
    """The text of the notice that a call file names; None where there is none."""
    return next((file.read_text(encoding="utf-8") for file in notice_places(path, data) if file.is_file()), None)


def notice_places(path: Path, data: dict[str, Any]) -> tuple[Path, ...]:
    """Where the notice that a call file names may stand: in the folder `notices` beside the file, or beside it."""
    given = data.get("notice")
    name = Path(given).name if isinstance(given, str) else ""
    if not 0 < len(name.encode()) <= _NAME_BYTES_MAX:
        return ()
    folder = path.resolve().parent
    return (folder / "notices" / name, folder / name)


def check_file(path: Path) -> tuple[LocatedFault, ...]:
    """Everything wrong with a call file, in the order of its lines; empty for a good one. Raises OSError."""
    try:
        return _checked(path.read_text(encoding="utf-8"), path)
    except UnicodeDecodeError as wrong:
        return (LocatedFault(None, "", "文件不是UTF-8编码", f"not UTF-8: {wrong.reason}"),)


def read_text(text: str) -> tuple[FundingCall | None, tuple[LocatedFault, ...]]:
    """The call of a text that stands in no file, with the notices of the shipped calls at hand; None where it is none,
    with everything that is wrong.
    """
    place = FOLDER / "given.toml"
    faults = _checked(text, place)
    if any(not fault.warning for fault in faults):
        return None, faults
    data = tomllib.loads(text)
    return read_call(data, notice_of(place, data)), faults


def _checked(text: str, path: Path) -> tuple[LocatedFault, ...]:
    """Everything wrong with the text of a call file that stands, or would stand, there."""
    try:
        data = tomllib.loads(text)
    except ValueError as wrong:  # a number too long for Python is one that tomllib does not tell itself
        return (_syntax(text, str(wrong)),)
    except RecursionError:
        return (_DEEP,)
    try:
        lines = lines_of(text)
        _, faults = examined(data, notice_of(path, data), tuple(map(str, notice_places(path, data))))
    except RecursionError:
        return (_DEEP,)
    return tuple(sorted((_located(fault, lines) for fault in faults), key=lambda fault: fault.line or 0))


def _syntax(text: str, message: str) -> LocatedFault:
    """A text that is no TOML; the parser stops at the first place where it is none."""
    line = _LINE.search(message)
    last = text.rstrip().count("\n") + 1
    message = _PLACE.sub(r"(column \1)", message)
    return LocatedFault(int(line[1]) if line else last, "", f"TOML语法有误：{message}", f"not TOML: {message}")


def _located(fault: Fault, lines: dict[Keys, int]) -> LocatedFault:
    """The fault with the line of its key, or of the nearest table around it."""
    path = fault.path
    while path and path not in lines:
        path = path[:-1]
    return LocatedFault(lines.get(path), ".".join(map(str, fault.path)), fault.zh, fault.en, fault.warning)
